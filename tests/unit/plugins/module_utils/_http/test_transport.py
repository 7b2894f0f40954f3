# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport against real servers on this machine: TLS, proxies, netrc, the environment, and broken answers."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import typing as t
import warnings
from pathlib import Path

import pytest
import trustme

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ConfigError,
    MissingLibraryError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http import tls
from ansible_collections.community.powerbi.plugins.module_utils._http import transport as transport_module
from ansible_collections.community.powerbi.plugins.module_utils._http.transport import Transport
from fakes.servers import Connection, Server, echo, tunnel_to

MIB = 1024 * 1024


class Authority(t.NamedTuple):
    ca: trustme.CA
    path: str

    def context(self, *names: str, **options: t.Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("localhost",)), **options).configure_cert(context)
        return context


def _authority(folder: Path, name: str) -> Authority:
    ca = trustme.CA()
    path = folder / f"{name}.pem"
    ca.cert_pem.write_to_path(str(path))
    return Authority(ca, str(path))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return _authority(tmp_path_factory.mktemp("ca"), "ours")


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return _authority(tmp_path_factory.mktemp("ca"), "other")


@contextlib.contextmanager
def serving(
    authority: Authority, behave: t.Callable[[Server, Connection], None] = echo, *names: str, **options: t.Any
) -> t.Iterator[Server]:
    with Server(behave, authority.context(*names, **options)) as server:
        yield server


def connect(authority: Authority, **options: t.Any) -> Transport:
    options = {"ca_path": authority.path, "timeout": 5.0, "user_agent": "tests", "environ": {}, **options}
    return Transport(**options)


def failure(transport: Transport, url: str, **request: t.Any) -> TransportError:
    with pytest.raises(TransportError) as caught:
        transport.send("GET", url, **request)
    return caught.value


# --- ordinary requests ---------------------------------------------------------------------------------------------


def test_a_request_and_its_answer(authority: Authority) -> None:
    with serving(authority) as server, connect(authority) as transport:
        response = transport.send("POST", f"https://localhost:{server.port}/x", params={"a": "b c"}, json={"k": "ü"})
        assert response.json() == {}
        response.raise_for_status()
        (request,) = server.requests
        assert (request.method, request.target) == ("POST", "/x?a=b+c")
        assert request.headers["user-agent"] == "tests"
        assert request.body == b'{"k": "\\u00fc"}'


def test_connections_are_kept_and_one_context_serves_all(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[object] = []
    load = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, *args: t.Any, **kwargs: t.Any) -> None:
        loads.append(args)
        load(self, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    with serving(authority) as server, connect(authority) as transport:
        barrier = threading.Barrier(4)

        def work() -> None:
            barrier.wait()
            for dummy in range(10):
                transport.send("GET", f"https://localhost:{server.port}/")

        threads = [threading.Thread(target=work) for dummy in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.requests) == 40
        assert server.connections <= 4
        assert len(loads) == 1


def test_redirects_are_answers(authority: Authority) -> None:
    def redirect(server: Server, connection: Connection) -> None:
        server.requests.append(t.cast("t.Any", connection.request()))
        connection.answer(302, Location="https://localhost/elsewhere")

    with serving(authority, redirect) as server, connect(authority) as transport:
        assert transport.send("GET", f"https://localhost:{server.port}/").status_code == 302
        assert len(server.requests) == 1


def test_cookies_are_not_kept(authority: Authority) -> None:
    def cookie(server: Server, connection: Connection) -> None:
        while request := connection.request():
            server.requests.append(request)
            connection.answer(Set_Cookie="session=1; Path=/")

    with serving(authority, cookie) as server, connect(authority) as transport:
        for dummy in range(2):
            transport.send("GET", f"https://localhost:{server.port}/")
        assert "cookie" not in server.requests[1].headers


def test_a_stream_is_read_in_pieces(authority: Authority) -> None:
    def big(server: Server, connection: Connection) -> None:
        connection.request()
        connection.answer(200, b"x" * (3 * MIB))

    with serving(authority, big) as server, connect(authority, max_body=MIB) as transport:
        response = transport.send("GET", f"https://localhost:{server.port}/", stream=True)
        sizes = [len(chunk) for chunk in transport.read_stream(response)]
        assert sum(sizes) == 3 * MIB
        assert max(sizes) <= MIB


# --- what must not win over the options ----------------------------------------------------------------------------


def test_netrc_is_not_read(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login someone password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(authority) as server, connect(authority, environ=os.environ) as transport:
        transport.send("POST", f"https://localhost:{server.port}/token", data={"client_id": "x"})
        assert "authorization" not in server.requests[0].headers


def test_ca_path_wins_over_the_environment(
    authority: Authority, other_authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, other_authority.path)
    with serving(authority) as server, connect(authority, environ=os.environ) as transport:
        assert transport.send("GET", f"https://localhost:{server.port}/").status_code == 200
    with serving(other_authority) as server, connect(authority, environ=os.environ) as transport:
        assert "is not a CA that is trusted" in failure(transport, f"https://localhost:{server.port}/").why


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_without_ca_path_the_environment_counts(authority: Authority, variable: str) -> None:
    with (
        serving(authority) as server,
        connect(authority, ca_path=None, environ={variable: authority.path}) as transport,
    ):
        assert transport.send("GET", f"https://localhost:{server.port}/").status_code == 200


def test_a_prepared_directory_is_a_ca_path(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(Path(authority.path).read_bytes())
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True)
    with serving(authority) as server, connect(authority, ca_path=str(tmp_path)) as transport:
        assert transport.send("GET", f"https://localhost:{server.port}/").status_code == 200


def test_the_emulator_is_never_reached_through_the_proxy(authority: Authority) -> None:
    proxy = "http://127.0.0.1:1"
    with serving(authority, echo, "localhost", "127.0.0.1") as server, connect(authority, proxy=proxy) as transport:
        for host in ("localhost", "127.0.0.1"):
            assert transport.send("GET", f"https://{host}:{server.port}/").status_code == 200


# --- proxies -------------------------------------------------------------------------------------------------------


def test_a_proxy_gets_its_password_and_only_the_host_name(authority: Authority) -> None:
    with serving(authority, echo, "api.powerbi.test") as server, Server(tunnel_to(server.port)) as proxy:
        url = f"http://someone:pass%40word@127.0.0.1:{proxy.port}"
        with connect(authority, proxy=url) as transport:
            transport.send("GET", "https://api.powerbi.test/secret/path?query", headers={"Authorization": "Bearer t"})
        (connection,) = proxy.requests
        assert (connection.method, connection.target) == ("CONNECT", "api.powerbi.test:443")
        assert connection.headers["proxy-authorization"] == "Basic c29tZW9uZTpwYXNzQHdvcmQ="
        assert "authorization" not in connection.headers
        assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environment_names_a_proxy(authority: Authority, variable: str) -> None:
    with serving(authority, echo, "api.powerbi.test") as server, Server(tunnel_to(server.port)) as proxy:
        with connect(authority, environ={variable: f"127.0.0.1:{proxy.port}"}) as transport:
            transport.send("GET", "https://api.powerbi.test/")
        assert len(proxy.requests) == 1


def test_the_option_wins_over_the_environment(authority: Authority) -> None:
    with serving(authority, echo, "api.powerbi.test") as server, Server(tunnel_to(server.port)) as proxy:
        environ = {"HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "*"}
        with connect(authority, proxy=f"http://127.0.0.1:{proxy.port}", environ=environ) as transport:
            transport.send("GET", "https://api.powerbi.test/")
        assert len(proxy.requests) == 1


def test_a_proxy_that_is_itself_reached_by_tls(authority: Authority, other_authority: Authority) -> None:
    with (
        serving(authority, echo, "api.powerbi.test") as server,
        serving(authority, tunnel_to(server.port), "127.0.0.1") as proxy,
        serving(other_authority, tunnel_to(server.port), "127.0.0.1") as untrusted,
    ):
        with connect(authority, proxy=f"https://127.0.0.1:{proxy.port}") as transport:
            assert transport.send("GET", "https://api.powerbi.test/").status_code == 200
        with connect(authority, proxy=f"https://127.0.0.1:{untrusted.port}") as transport:
            error = failure(transport, "https://api.powerbi.test/")
        with connect(authority, proxy=f"http://127.0.0.1:{proxy.port}") as transport:
            assert failure(transport, "https://api.powerbi.test/").sent is False
    assert (error.sent, error.retryable) == (False, False)
    assert "proxy's own certificate" in error.why
    assert "`ca_path`" in error.remedy


def _answering(status: bytes) -> t.Callable[[Server, Connection], None]:
    def behave(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    return behave


@pytest.mark.parametrize(
    ("status", "why", "retryable"),
    [
        (b"407 Proxy Authentication Required", "user and password", False),
        (b"403 Forbidden", "403 Forbidden", False),
        (b"503 Busy", "503 Busy", True),
    ],
)
def test_a_proxy_that_refuses(authority: Authority, status: bytes, why: str, retryable: bool) -> None:
    with Server(_answering(status)) as proxy:
        url = f"http://someone:hunter2@127.0.0.1:{proxy.port}"
        with connect(authority, proxy=url) as transport:
            error = failure(transport, "https://api.powerbi.test/")
    assert (error.sent, error.retryable) == (False, retryable)
    assert f"127.0.0.1:{proxy.port}" in error.what
    assert why in error.why
    assert "`proxy`" in error.remedy
    assert "hunter2" not in str(error.to_dict()) + repr(error.__cause__)


def test_a_proxy_that_returns_nothing(authority: Authority) -> None:
    def silent(server: Server, connection: Connection) -> None:
        connection.request()
        time.sleep(3)

    with Server(silent) as proxy, connect(authority, proxy=f"http://127.0.0.1:{proxy.port}", timeout=0.3) as transport:
        error, seconds = _timed(transport, "https://api.powerbi.test/")
    assert (error.sent, error.retryable) == (False, True)
    assert seconds < 2
    assert f"The proxy 127.0.0.1:{proxy.port}" in error.what


def test_a_proxy_that_is_not_there(authority: Authority) -> None:
    with connect(authority, environ={"HTTPS_PROXY": "http://127.0.0.1:1"}) as transport:
        error = failure(transport, "https://api.powerbi.test/")
    assert error.sent is False
    assert "refused" in error.why
    assert "HTTPS_PROXY" in error.remedy


def test_a_proxy_with_an_unknown_name(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_names(monkeypatch, socket.EAI_NONAME)
    with connect(authority, proxy="http://proxy.invalid:8080") as transport:
        error = failure(transport, "https://api.powerbi.test/")
    assert (error.sent, error.retryable) == (False, False)
    assert "proxy.invalid:8080" in error.what


# --- no connection -------------------------------------------------------------------------------------------------


def _no_names(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def getaddrinfo(*args: t.Any, **kwargs: t.Any) -> t.Any:
        raise socket.gaierror(code, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(("code", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
def test_an_unknown_name(authority: Authority, monkeypatch: pytest.MonkeyPatch, code: int, retryable: bool) -> None:
    _no_names(monkeypatch, code)
    with connect(authority) as transport:
        error = failure(transport, "https://api.powerbi.example/x?secret=1")
    assert (error.sent, error.retryable) == (False, retryable)
    assert "api.powerbi.example" in error.why
    assert "`api_url` or `authority`" in error.remedy
    assert "secret" not in str(error.to_dict())


def test_a_refused_connection(authority: Authority) -> None:
    with connect(authority) as transport:
        error = failure(transport, "https://localhost:1/")
    assert error.sent is False
    assert "refused" in error.why


def test_a_connection_that_does_not_come_about(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect_without_a_response(self: socket.socket, address: t.Any) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", connect_without_a_response)
    with connect(authority, timeout=0.2) as transport:
        error = failure(transport, "https://localhost:9/")
    assert error.sent is False
    assert "within 0.2 s" in error.why
    assert "firewall" in error.remedy


def test_only_tls_except_on_this_machine(authority: Authority) -> None:
    with Server(echo) as server, connect(authority) as transport:
        assert transport.send("GET", f"http://127.0.0.1:{server.port}/").status_code == 200
        for url in ("http://api.powerbi.com/", "ftp://localhost/", "http://", "https://[::1", "localhost:8000"):
            error = failure(transport, url)
            assert (error.sent, error.retryable) == (False, False)
        assert "hunter2" not in str(failure(transport, "https://someone:hunter2@localhost/"))
        assert len(server.requests) == 1


# --- certificates --------------------------------------------------------------------------------------------------


def test_a_common_name_alone_is_no_name_of_a_host(authority: Authority) -> None:
    with serving(authority, echo, "other.test", common_name="localhost") as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, False)
    with serving(authority, common_name="localhost") as server, connect(authority) as transport:
        transport.send("GET", f"https://localhost:{server.port}/")


def test_the_common_name_is_never_looked_at(authority: Authority) -> None:
    """OpenSSL compares it if there is no subjectAltName, unless that is switched off."""
    assert not tls.client_context(authority.path, {}, authority.path).hostname_checks_common_name


def test_an_untrusted_issuer_is_named(authority: Authority, other_authority: Authority) -> None:
    with serving(other_authority) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, False)
    assert "trustme" in error.why
    assert "`ca_path`" in error.remedy


def test_a_certificate_for_another_host(authority: Authority) -> None:
    with serving(authority, echo, "other.test") as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, False)
    assert "another host than localhost" in error.why


def test_an_expired_certificate(authority: Authority) -> None:
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    with (
        serving(authority, echo, not_before=past, not_after=past + dt.timedelta(days=1)) as server,
        connect(authority) as transport,
    ):
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, False)
    assert "expired" in error.why


def test_a_server_without_tls(authority: Authority) -> None:
    def plain(server: Server, connection: Connection) -> None:
        connection.answer(400)

    with Server(plain) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, False)
    assert "does not support TLS" in error.why


def test_a_server_that_dies_in_the_handshake(authority: Authority) -> None:
    def dies(server: Server, connection: Connection) -> None:
        connection.sock.recv(100)
        connection.reset()

    with Server(dies) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (False, True)
    assert "No TLS connection" in error.what


def test_a_server_that_is_silent_in_the_handshake(authority: Authority) -> None:
    def silent(server: Server, connection: Connection) -> None:
        time.sleep(3)

    with Server(silent) as server, connect(authority, timeout=0.3) as transport:
        error, seconds = _timed(transport, f"https://localhost:{server.port}/")
    assert error.sent is False
    assert seconds < 2


def test_a_server_with_old_tls_only(authority: Authority) -> None:
    context = authority.context()
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with Server(echo, context) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert error.sent is False
    assert "TLS 1.2" in error.why


@pytest.mark.parametrize(("content", "why"), [(None, "No such file"), ("not a certificate", "no PEM certificate")])
def test_an_unusable_ca_path(tmp_path: Path, content: str | None, why: str) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        Transport(ca_path=str(path), user_agent="tests", environ={})
    assert caught.value.option == "ca_path"
    assert why in caught.value.why
    assert str(path) in caught.value.what


def test_an_unusable_ca_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Transport(user_agent="tests", environ={"SSL_CERT_FILE": str(tmp_path / "nothing")})
    assert caught.value.option == "SSL_CERT_FILE"


def test_a_directory_that_is_not_prepared(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="openssl rehash"):
        Transport(ca_path=str(tmp_path), user_agent="tests", environ={})


# --- broken answers ------------------------------------------------------------------------------------------------


def _timed(transport: Transport, url: str, **request: t.Any) -> tuple[TransportError, float]:
    start = time.monotonic()
    return failure(transport, url, **request), time.monotonic() - start


def _drip(prefix: bytes) -> t.Callable[[Server, Connection], None]:
    def behave(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(prefix)
        for dummy in range(100):
            connection.send(b"x")
            time.sleep(0.05)

    return behave


@pytest.mark.parametrize(
    "prefix",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"],
    ids=["status line", "header", "body"],
)
def test_slow_bytes_do_not_hold_the_client(authority: Authority, prefix: bytes) -> None:
    with serving(authority, _drip(prefix)) as server, connect(authority, timeout=0.4) as transport:
        error, seconds = _timed(transport, f"https://localhost:{server.port}/")
    assert error.sent is True
    assert seconds < 2
    assert "within 0.4 s" in error.what
    assert "`timeout`" in error.remedy


def test_no_answer_at_all(authority: Authority) -> None:
    def silent(server: Server, connection: Connection) -> None:
        connection.request()
        time.sleep(3)

    with serving(authority, silent) as server, connect(authority) as transport:
        error, seconds = _timed(transport, f"https://localhost:{server.port}/", timeout=0.3)
    assert error.sent is True
    assert seconds < 2
    assert "within 0.3 s" in error.what


def test_a_reset_before_the_answer(authority: Authority) -> None:
    def reset(server: Server, connection: Connection) -> None:
        connection.request()
        connection.reset()

    with serving(authority, reset) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
    assert (error.sent, error.retryable) == (True, True)
    assert "closed the connection before it responded" in error.what


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nabcd",
    ],
    ids=["length", "chunks", "no chunks", "no gzip"],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_truncated_body(authority: Authority, answer: bytes, stream: bool) -> None:
    def cut(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(answer)

    with serving(authority, cut) as server, connect(authority) as transport, pytest.raises(TransportError) as caught:
        list(transport.read_stream(transport.send("GET", f"https://localhost:{server.port}/", stream=stream)))
    assert caught.value.sent is True
    assert "broke off" in caught.value.what


def failure_of(authority: Authority, answer: bytes) -> TransportError:
    def answering(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(answer)

    with (
        serving(authority, answering) as server,
        connect(authority) as transport,
        pytest.raises(TransportError) as caught,
    ):
        transport.send("GET", f"https://localhost:{server.port}/")
    return caught.value


def test_contradictory_lengths_are_no_fault_of_the_request(authority: Authority) -> None:
    error = failure_of(authority, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}")
    assert error.sent is True
    assert "contradictory headers" in error.what


@pytest.mark.parametrize("line", [b"\x1b]0;title\x07\x1b[2Jnonsense", b"HTTP/1.1 2\x1b[31m00 OK"])
def test_terminal_escapes_of_a_status_line_are_not_shown(authority: Authority, line: bytes) -> None:
    error = failure_of(authority, line + b"\r\n\r\n")
    assert str(error).isprintable()
    assert "title" not in str(error) and "[2J" not in str(error) and "[31m" not in str(error)


def test_what_is_no_http(authority: Authority) -> None:
    def nonsense(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(b"\x00\x01 hello there\r\n\r\n")

    with serving(authority, nonsense) as server, connect(authority) as transport:
        assert failure(transport, f"https://localhost:{server.port}/").sent is True


def test_a_body_beyond_the_limit(authority: Authority) -> None:
    def endless(server: Server, connection: Connection) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.send(b"x" * 65536)

    with serving(authority, endless) as server, connect(authority, max_body=2 * MIB) as transport:
        error = failure(transport, f"https://localhost:{server.port}/")
        assert "larger than 2 MiB" in error.what
        assert error.retryable is False


def test_a_bomb_is_counted_unpacked(authority: Authority) -> None:
    import gzip

    def bomb(server: Server, connection: Connection) -> None:
        connection.request()
        connection.answer(200, gzip.compress(bytes(20 * MIB)), Content_Encoding="gzip")

    with serving(authority, bomb) as server, connect(authority, max_body=2 * MIB) as transport:
        assert "larger than 2 MiB" in failure(transport, f"https://localhost:{server.port}/").what


def test_a_request_that_cannot_be_written(authority: Authority) -> None:
    with serving(authority) as server, connect(authority) as transport:
        error = failure(transport, f"https://localhost:{server.port}/", headers={"Authorization": "Bearer a\r\nb"})
        assert (error.sent, error.retryable) == (False, False)
        assert "Bearer" not in str(error)
        assert server.requests == []


# --- the library ---------------------------------------------------------------------------------------------------


def test_half_a_character_can_t_be_sent(authority: Authority) -> None:
    error = failure(connect(authority), "https://127.0.0.1:9/", data={"client_secret": "s3cr3t\ud800"})
    assert error.why == "A value in it is no text that can be sent"
    assert "half of a surrogate pair" in error.remedy
    assert "s3cr3t" not in str(error)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "REQUESTS_IMPORT_ERROR", ModuleNotFoundError("No module named 'requests'"))
    with pytest.raises(MissingLibraryError) as caught:
        Transport(user_agent="tests")
    assert caught.value.library == "requests"
    assert f'{sys.executable} -m pip install "requests>=2.28"' in str(caught.value)
    assert "No module named" in str(caught.value)


def test_a_socks_proxy_needs_a_library(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        MissingLibraryError, match=r"PySocks is missing.*needed to use a SOCKS proxy.*pip install PySocks"
    ):
        connect(authority, proxy="socks5h://127.0.0.1:1080")


def test_the_file_can_be_imported_without_requests() -> None:
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from ansible_collections.community.powerbi.plugins.module_utils._http.transport import Transport\n"
        "try:\n    Transport(user_agent='x')\nexcept Exception as exc:\n    print(type(exc).__name__)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "MissingLibraryError"


def test_a_response_whose_time_is_up_is_not_read_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly at the deadline as well: a timeout of 0 seconds would make the socket non-blocking."""
    now = [100.0]
    monkeypatch.setattr(tls.time, "monotonic", lambda: now[0])
    timeouts: list[float | None] = []
    monkeypatch.setattr(tls.ssl.SSLSocket, "recv_into", lambda *_args: 1)
    sock = tls._Socket.__new__(tls._Socket)
    monkeypatch.setattr(tls._Socket, "settimeout", lambda _self, seconds: timeouts.append(seconds))
    with tls.response_within(2.0):
        assert sock.recv_into(bytearray(1)) == 1
        now[0] += 1.5
        assert sock.recv_into(bytearray(1)) == 1
        now[0] += 0.5
        with pytest.raises(TimeoutError, match="the response came too slowly"):
            sock.recv_into(bytearray(1))
    assert timeouts == [2.0, 0.5]
    assert sock.recv_into(bytearray(1)) == 1, "without a limit"
