# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong says which option is at fault and what to do, without a traceback and without trying again in vain."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from datetime import datetime
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from ansible_collections.community.powerbi.plugins.module_utils._auth.entra_codes import BY_CODE
from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.network import ConnectProxy, TlsFront

TRACEBACK = re.compile(r"Traceback \(most recent|^\s+File \"", re.MULTILINE)
DEFECT = "defect of its own"


def module_task(name: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {"name": name, "community.powerbi.powerbi_token": dict(options), "ignore_errors": True}


def lookup_task(name: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "name": name,
        "ansible.builtin.debug": {"msg": "{{ lookup('community.powerbi.powerbi_token', **options) | length }}"},
        "vars": {"options": dict(options)},
        "ignore_errors": True,
    }


EDGES = {"module": module_task, "lookup": lookup_task}


@pytest.fixture(scope="module", params=EDGES)
def edge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> AnsibleRunner:
    return AnsibleRunner(tmp_path_factory.mktemp("errors"))


# Each code of the table


@pytest.fixture(scope="module")
def refused(edge: str, emulator: Emulator, runner: AnsibleRunner) -> tuple[Run, dict[str, int]]:
    """A run in which Entra ID answers with each code in turn, and how many requests each caused."""
    emulator.clean()
    for code in BY_CODE:
        emulator.fault(path=f"^/code-{code}\\.example/", aadsts=int(code))
    options = {
        **contoso.connection(emulator),
        **contoso.identity(contoso.DEPLOY, tenant_id="code-{{ item }}.example"),
        "timeout": 0.1,
    }
    task = {**EDGES[edge]("Refused", options), "loop": list(BY_CODE)}
    run = runner.playbook([task], verbosity=1).ok()
    paths = [entry["path"] for entry in emulator.requests(contoso.TOKEN_PATH)]
    emulator.clean()
    return run, {code: sum(f"code-{code}." in path for path in paths) for code in BY_CODE}


@pytest.mark.parametrize("code", BY_CODE)
def test_each_code_says_what_and_what_to_do(code: str, refused: tuple[Run, dict[str, int]]) -> None:
    run, requests = refused
    entry = BY_CODE[code]
    result = next(item for item in run.items("Refused") if item["item"] == code)
    assert result.status == "failed"
    message = result["msg"]
    assert f"{entry.what} (AADSTS{code})." in message
    assert f"Remedy: {entry.remedy[:20]}" in message
    assert "CLIENT_ID" not in message and "TENANT_ID" not in message
    assert re.search(r"For support: correlation id [0-9a-f-]{36}, timestamp \d{4}-\d\d-\d\d", message)
    assert contoso.DEPLOY.secret not in message
    assert requests[code] == 1 or entry.retry.when == "yes"


def test_no_code_leaves_a_traceback(refused: tuple[Run, dict[str, int]]) -> None:
    run, _ = refused
    assert not TRACEBACK.search(run.output)
    assert DEFECT not in run.output


def test_the_result_of_a_module_has_the_facts(refused: tuple[Run, dict[str, int]], edge: str) -> None:
    if edge == "lookup":
        pytest.skip("a lookup has only its text")
    error = next(item for item in refused[0].items("Refused") if item["item"] == "7000215")["error"]
    assert error["kind"] == "auth"
    assert error["code"] == "7000215"
    assert error["status"] == 401
    assert error["retryable"] is False
    assert error["auth_source"] == "option"
    assert {"what", "why", "remedy", "correlation_id", "trace_id", "timestamp"} <= set(error)


# The real conditions


@dataclasses.dataclass(frozen=True)
class Place:
    """What scenarios need: the emulator, files with and without keys, and networks that are in the way."""

    emulator: Emulator
    files: Path
    refusing: ConnectProxy
    login: ConnectProxy
    front: TlsFront
    tunnel: ConnectProxy

    def deploy(self, **more: t.Any) -> dict[str, t.Any]:
        return {**contoso.connection(self.emulator), **contoso.identity(contoso.DEPLOY), **more}

    def app(self, app: contoso.App, **more: t.Any) -> dict[str, t.Any]:
        return {**contoso.connection(self.emulator), **contoso.identity(app), **more}

    def certificate(self, file: str, **more: t.Any) -> dict[str, t.Any]:
        return self.app(contoso.CERTIFICATE_APP, certificate_path=str(self.files / file), **more)

    def elsewhere(self, authority: str, **more: t.Any) -> dict[str, t.Any]:
        return self.deploy(authority=authority, timeout=0.1, **more)

    def faulty(self, name: str, **more: t.Any) -> dict[str, t.Any]:
        return self.deploy(tenant_id=f"{name}.example", timeout=0.1, **more)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """``says``: regular expressions that the message must match; ``requests``: token requests that it may cause."""

    options: t.Callable[[Place], dict[str, t.Any]]
    says: tuple[str, ...]
    requests: int = 0
    fault: t.Mapping[str, t.Any] | None = None


def fault(name: str, *says: str, **rule: t.Any) -> Scenario:
    return Scenario(
        lambda place: place.faulty(name), says, requests=1, fault={"path": f"^/{name}\\.example/oauth2", **rule}
    )


HTML = "<!DOCTYPE html><html><head><title>Sign in to the hotel's network</title></head><body>Welcome</body></html>"

SCENARIOS: dict[str, Scenario] = {
    # The secret
    "wrong secret": Scenario(
        lambda place: place.deploy(client_secret="wrong~secret.of-the-app_1234567890abcdef"),
        (r"AADSTS7000215", r"Remedy: give the Value, not the Secret ID.* client_secret or client_secret_file"),
        requests=1,
    ),
    "secret id instead of its value": Scenario(
        lambda place: place.deploy(client_secret="5ec00000-0000-4000-8000-000000000001"),
        (r"AADSTS7000215", r"GUID", r"client_secret"),
        requests=1,
    ),
    "expired secret": Scenario(
        lambda place: place.app(contoso.EXPIRED_APP),
        (r"has expired \(AADSTS7000222\)", r"Remedy: create a new secret.*client_secret"),
        requests=1,
    ),
    "empty secret": Scenario(
        lambda place: place.deploy(client_secret=""),
        (r"client_secret is given but empty", r"Remedy: "),
    ),
    "secret file that is not there": Scenario(
        lambda place: place.app(contoso.DEPLOY, client_secret="", client_secret_file=str(place.files / "missing")),
        (r"client_secret_file is '.*missing', which can't be read: No such file", r"Remedy: check the path"),
    ),
    "secret file that is a directory": Scenario(
        lambda place: place.app(contoso.DEPLOY, client_secret="", client_secret_file=str(place.files)),
        (r"client_secret_file is .*, which can't be read: Is a directory", r"Remedy: "),
    ),
    "secret file that is empty": Scenario(
        lambda place: place.app(contoso.DEPLOY, client_secret="", client_secret_file=str(place.files / "empty")),
        (r"client_secret_file is '.*empty', which is empty", r"Remedy: "),
    ),
    # The identity
    "wrong tenant": Scenario(
        lambda place: place.deploy(tenant_id="00000000-0000-0000-0000-00000000dead"),
        (
            r"does not know the tenant \(AADSTS90002\)",
            r"Remedy: set tenant_id",
            r"00000000-0000-0000-0000-00000000dead",
        ),
        requests=1,
    ),
    "tenant where the app is unknown": Scenario(
        lambda place: place.deploy(tenant_id=contoso.OTHER_TENANT),
        (r"AADSTS700016", r"Remedy: set client_id .* tenant_id"),
        requests=1,
    ),
    "tenant that is a template": Scenario(
        lambda place: place.deploy(tenant_id="<tenant>"),
        (r"tenant_id is '<tenant>'", r"Remedy: give the Directory \(tenant\) ID"),
    ),
    "tenant that is shared": Scenario(
        lambda place: place.deploy(tenant_id="common"), (r"tenant_id is 'common'", r"Remedy: give the tenant's GUID")
    ),
    "no tenant": Scenario(
        lambda place: place.deploy(tenant_id=""), (r"tenant_id is not set", r"Remedy: set tenant_id")
    ),
    "wrong app": Scenario(
        lambda place: place.deploy(client_id="00000000-0000-0000-0000-00000000beef"),
        (r"AADSTS700016", r"Remedy: set client_id"),
        requests=1,
    ),
    "disabled app": Scenario(
        lambda place: place.app(contoso.DISABLED_APP), (r"disabled .*\(AADSTS7000112\)", r"Remedy: have it enabled"), 1
    ),
    "app without service principal": Scenario(
        lambda place: place.app(contoso.NO_PRINCIPAL_APP),
        (r"AADSTS7000229", rf"Remedy: .*az ad sp create --id {contoso.NO_PRINCIPAL_APP.client_id}"),
        requests=1,
    ),
    "public app with a secret": Scenario(
        lambda place: place.app(contoso.PUBLIC_APP, client_secret="some~secret.of-nobody_1234567890abcdefg"),
        (r"AADSTS700025", r"Remedy: .*client_id"),
        requests=1,
    ),
    "two credentials": Scenario(
        lambda place: place.deploy(certificate_path="/etc/app.pem"),
        (r"client_secret and certificate_path are both given", r"Remedy: .*auth_method"),
    ),
    "no credential": Scenario(
        lambda place: contoso.connection(place.emulator),
        (r"no credential is set", r"Remedy: set tenant_id, client_id and one of client_secret,", r"managed identity"),
    ),
    # The scope and the cloud
    "scope without default": Scenario(
        lambda place: place.deploy(scope="https://analysis.windows.net/powerbi/api/Report.Read.All"),
        (r"option scope|scope is", r"/\.default"),
        requests=1,
    ),
    "resource that nobody knows": Scenario(
        lambda place: place.deploy(resource="https://analysis.example.net/powerbi/api"),
        (r"AADSTS500011", r"Remedy: drop option scope and option resource"),
        requests=1,
    ),
    "cloud that does not exist": Scenario(
        lambda place: place.deploy(cloud="mars"), (r"cloud is 'mars'", r"Remedy: use one of public, gcc")
    ),
    # The certificate
    "certificate without its key": Scenario(
        lambda place: place.certificate("certificate-only.pem"),
        (r"certificate_path holds a certificate, but no private key", r"Remedy: put key and certificate into one PEM"),
    ),
    "key without its certificate": Scenario(
        lambda place: place.certificate("key-only.pem"),
        (r"certificate_path holds a private key, but no certificate", r"Remedy: .*certificate_thumbprint"),
    ),
    "key and certificate that do not match": Scenario(
        lambda place: place.certificate("mismatch.pem"),
        (r"do not belong together", r"Remedy: put the key of this certificate"),
    ),
    "certificate of another app": Scenario(
        lambda place: place.certificate("stranger.pem"),
        (r"AADSTS700027", r"Remedy: upload the public part of certificate_path"),
        requests=1,
    ),
    "PFX with a wrong password": Scenario(
        lambda place: place.certificate("client.pfx", certificate_password="not-the-password"),
        (r"PFX file that can't be opened: certificate_password is wrong", r"Remedy: give the password"),
    ),
    "PFX without its password": Scenario(
        lambda place: place.certificate("client.pfx"),
        (r"PFX file that can't be opened: it needs a password", r"Remedy: .*certificate_password"),
    ),
    "encrypted key without its password": Scenario(
        lambda place: place.certificate("encrypted.pem"),
        (r"private key in certificate_path is encrypted", r"Remedy: give its password in certificate_password"),
    ),
    "encrypted key with a wrong password": Scenario(
        lambda place: place.certificate("encrypted.pem", certificate_password="not-the-password"),
        (r"certificate_password is wrong", r"Remedy: check certificate_password"),
    ),
    "truncated PEM": Scenario(
        lambda place: place.certificate("truncated.pem"),
        (r"private key in certificate_path can't be read: it is damaged or truncated", r"Remedy: export it again"),
    ),
    "neither PEM nor PFX": Scenario(
        lambda place: place.certificate("noise.bin"),
        (r"certificate_path is neither PEM nor PFX", r"Remedy: give a PEM file with key and certificate, or a PFX"),
    ),
    "certificate data that is neither": Scenario(
        lambda place: place.app(contoso.CERTIFICATE_APP, certificate_data="not a certificate, surely"),
        (r"certificate_data is neither PEM nor base64", r"Remedy: give the PEM text"),
    ),
    "elliptic key": Scenario(
        lambda place: place.certificate("elliptic.pem"), (r"certificate_path is not an RSA key", r"Remedy: .*RSA")
    ),
    # Federation
    "federated subject that nobody trusts": Scenario(
        lambda place: place.app(contoso.FEDERATED_APP, federated_token=minted(place.emulator, subject="repo:x:ref:y")),
        (r"AADSTS700213", r"repo:x:ref:y", r"/oidc/workload", r"Remedy: "),
        requests=1,
    ),
    "federated token that has expired": Scenario(
        lambda place: place.app(contoso.FEDERATED_APP, federated_token=minted(place.emulator, lifetime=-900)),
        (r"AADSTS700024", r"expired", r"Remedy: .*federated_token_file"),
        requests=1,
    ),
    "federated token that is no JWT": Scenario(
        lambda place: place.app(contoso.FEDERATED_APP, federated_token="no-jwt"),
        (r"federated_token is not a JWT", r"Remedy: give the OIDC token"),
    ),
    "federated token file that is not there": Scenario(
        lambda place: place.app(contoso.FEDERATED_APP, federated_token_file=str(place.files / "missing")),
        (r"federated_token_file is '.*missing', which can't be read", r"Remedy: "),
    ),
    # A token of somebody else
    "token that is no JWT": Scenario(
        lambda place: {**contoso.connection(place.emulator), "access_token": "opaque"},
        (r"access_token", r"JWT", r"Remedy: "),
    ),
    "token for another API": Scenario(
        lambda place: {
            **contoso.connection(place.emulator),
            "access_token": minted(place.emulator, audience="https://graph.microsoft.com"),
        },
        (r"the token in access_token is for https://graph\.microsoft\.com", r"Remedy: get it for the scope"),
    ),
    "token that has expired": Scenario(
        lambda place: {
            **contoso.connection(place.emulator),
            "access_token": minted(place.emulator, audience="https://analysis.windows.net/powerbi/api", lifetime=-90),
        },
        (r"the token in access_token expired \d+ s ago", r"Remedy: get a new one"),
    ),
    # The way there
    "nobody listens": Scenario(
        lambda place: place.elsewhere("https://localhost:1"),
        (r"Cannot reach localhost:1", r"connection refused", r"Remedy: check host and port in .*`authority`"),
    ),
    "host that does not exist": Scenario(
        lambda place: place.elsewhere("https://login.example.invalid"),
        (r"login\.example\.invalid can't be resolved", r"Remedy: check the spelling of the host", r"`proxy`"),
    ),
    "CA that is not trusted": Scenario(
        lambda place: place.deploy(ca_path=str(place.front.ca_path)),
        (r"TLS certificate of localhost:\d+ is refused", r"Remedy: .*set `ca_path`"),
    ),
    "CA file that is not there": Scenario(
        lambda place: place.deploy(ca_path=str(place.files / "missing")),
        (r"ca_path.*missing", r"Remedy: |remedy"),
    ),
    "host name mismatch": Scenario(
        lambda place: place.elsewhere(f"https://localhost:{place.front.port}", ca_path=str(place.front.ca_path)),
        (r"is for another host than localhost", r"Remedy: check the host in .*`authority`"),
    ),
    "plain http port": Scenario(
        lambda place: place.elsewhere(f"https://localhost:{place.refusing.port}"),
        (r"No TLS connection with localhost:\d+", r"Remedy: check"),
    ),
    "authority without TLS": Scenario(
        lambda place: place.elsewhere("http://localhost:8080"), (r"authority is 'http://localhost:8080'", r"https")
    ),
    "proxy that refuses": Scenario(
        lambda place: place.elsewhere("https://login.example.test", proxy=place.refusing.url),
        (r"The proxy 127\.0\.0\.1:\d+ gave no way to login\.example\.test:443", r"403", r"Remedy: .*`proxy`"),
    ),
    "proxy that wants a login": Scenario(
        lambda place: place.elsewhere("https://login.example.test", proxy=place.login.url),
        (r"wants a user and password \(407\)", r"Remedy: put them into `proxy`"),
    ),
    "proxy that is not there": Scenario(
        lambda place: place.elsewhere("https://login.example.test", proxy="http://127.0.0.1:1"),
        (r"The proxy 127\.0\.0\.1:1 gave no way", r"connection refused", r"Remedy: check host and port in `proxy`"),
    ),
    "proxy that is no URL": Scenario(
        lambda place: place.elsewhere("https://login.example.test", proxy="ftp://user:Pass-Word-1@proxy"),
        (r"proxy is not the URL of a proxy", r"Remedy: write it as http://host:port"),
    ),
    "proxy that inspects TLS": Scenario(
        lambda place: place.elsewhere("https://login.example.test", proxy=place.tunnel.url),
        (r"TLS certificate of login\.example\.test:443 is refused", r"A CA of one's own", r"`ca_path`"),
    ),
    # The answer
    "HTML with 200": fault("html", r"a proxy, a firewall or a login page answered", r"hotel", r"`?proxy", body=HTML),
    "HTML with 403": fault(
        "html403", r"answered instead of localhost:\d+ \(HTTP 403", r"Remedy: ", status=403, body=HTML
    ),
    "HTML with 503": fault(
        "html503", r"is not available \(HTTP 503\)", r"HTML page", r"Remedy: .*option timeout", status=503, body=HTML
    ),
    "plain text": fault("text", r"JSON", r"Remedy: ", body="Service ready", headers={"Content-Type": "text/plain"}),
    "damaged JSON": fault("damaged", r"JSON is cut off or damaged", r"Remedy: ", body='{"access_token": "eyJ'),
    "JSON that is something else": fault("list", r"JSON that is not an OAuth answer", r"Remedy: ", body="[1, 2]"),
    "empty answer": fault("empty", r"empty answer", r"Remedy: ", status=200, body=""),
    "truncated answer": fault(
        "cut", r"broke off before its end", r"Remedy: try again", body="{" + " " * 500, truncate=9
    ),
    "redirect": fault(
        "redirect", r"redirect", r"Remedy: ", status=302, headers={"Location": "https://evil.example/"}, body=""
    ),
    "throttled beyond the time budget": fault(
        "busy", r"HTTP 429|AADSTS90055", r"Remedy: run again", r"timeout", status=429, headers={"Retry-After": "600"}
    ),
    "throttled in plain text": fault(
        "busytext",
        r"\(HTTP 429\)",
        r"Remedy: run again in a minute",
        status=429,
        headers={"Retry-After": "600"},
        body="Too Many",
    ),
    "unavailable": fault("down", r"passing fault|not available", r"Remedy: run again", r"option timeout", status=503),
    "reset": fault(
        "reset", r"closed the connection before it answered|connection broke", r"Remedy: (try|check)", reset=True
    ),
    "hanging": Scenario(
        lambda place: place.faulty("slow", request_timeout=0.3),
        (r"No answer from localhost:\d+ within 0\.3 s", r"Remedy: .*`request_timeout`"),
        requests=1,
        fault={"path": r"^/slow\.example/", "delay": 3},
    ),
}


def minted(emulator: Emulator, **claims: t.Any) -> str:
    """A token of the emulator's foreign issuer."""
    return str(emulator.call("POST", "/_emulator/oidc/workload", json=claims).json()["value"])


@pytest.fixture(scope="module")
def place(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Place]:
    files = tmp_path_factory.mktemp("files")
    write_credentials(files, emulator)
    target = ("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    front = TlsFront(files, ["login.example.test"], target, emulator.ca_path)
    tunnel = ConnectProxy(target=("127.0.0.1", front.port))
    refusing, login = ConnectProxy(status=403), ConnectProxy(status=407)
    yield Place(emulator, files, refusing, login, front, tunnel)
    for listener in (refusing, login, tunnel, front):
        listener.stop()


def write_credentials(files: Path, emulator: Emulator) -> None:
    """The emulator's client certificate in the states in which people keep theirs."""
    own = Path(emulator.identity_env["EMULATOR_CERTIFICATE_PATH"]).read_bytes()
    start = own.index(b"-----BEGIN CERTIFICATE")
    key, certificate = own[:start], own[start:]
    if b"PRIVATE KEY" not in key:
        key, certificate = (
            own[own.index(b"-----BEGIN", start + 10) :],
            own[start : own.index(b"-----BEGIN", start + 10)],
        )
    loaded = serialization.load_pem_private_key(key, None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"the password of the key"),
    )
    stranger = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("stranger.example", key_type=trustme.KeyType.RSA)
    elliptic = trustme.CA().issue_cert("elliptic.example")
    stranger_certificate = stranger.cert_chain_pems[0].bytes()
    for name, content in {
        "certificate-only.pem": certificate,
        "key-only.pem": key,
        "mismatch.pem": key + stranger_certificate,
        "stranger.pem": stranger.private_key_pem.bytes() + stranger_certificate,
        "client.pfx": Path(emulator.identity_env["EMULATOR_CERTIFICATE_PFX_PATH"]).read_bytes(),
        "encrypted.pem": encrypted + certificate,
        "truncated.pem": key[: len(key) // 2],
        "noise.bin": bytes(range(256)),
        "elliptic.pem": elliptic.private_key_and_cert_chain_pem.bytes(),
        "empty": b"\n",
    }.items():
        (files / name).write_bytes(content)


# What the lookup adds is the same text in Ansible's frame: one scenario of each kind shows it.
OF_LOOKUP = ("wrong secret", "two credentials", "PFX with a wrong password", "nobody listens", "HTML with 200", "reset")
BOTH = [("module", name) for name in SCENARIOS] + [("lookup", name) for name in OF_LOOKUP]


@pytest.fixture(scope="module")
def happened(emulator: Emulator, place: Place, runner: AnsibleRunner) -> tuple[Run, dict[str, int]]:
    """A run of all scenarios, and the number of token requests of each task."""
    emulator.clean()
    for scenario in SCENARIOS.values():
        if scenario.fault:
            emulator.fault(**scenario.fault)
    tasks = [EDGES[edge](f"{edge}: {name}", SCENARIOS[name].options(place)) for edge, name in BOTH]
    run = runner.playbook(tasks, verbosity=3, timeout=200).ok()
    times = [datetime.fromisoformat(entry["time"]).timestamp() for entry in emulator.requests(contoso.TOKEN_PATH)]
    counts, before = {}, 0.0
    for result in run.results:
        counts[result.task] = sum(before < at <= result.time for at in times)
        before = result.time
    emulator.clean()
    return run, counts


@pytest.mark.parametrize(("edge", "name"), BOTH)
def test_the_message_names_the_option_and_the_remedy(
    edge: str, name: str, happened: tuple[Run, dict[str, int]]
) -> None:
    run, requests = happened
    task = f"{edge}: {name}"
    result = run.result(task)
    assert result.status == "failed"
    for pattern in SCENARIOS[name].says:
        assert re.search(pattern, result["msg"], re.DOTALL), f"{pattern!r} not in: {result['msg']}"
    assert requests[task] == SCENARIOS[name].requests


def test_no_failure_leaves_a_traceback(happened: tuple[Run, dict[str, int]]) -> None:
    run, _ = happened
    assert not TRACEBACK.search(run.output)
    assert DEFECT not in run.output


def test_a_wait_beyond_the_time_budget_is_not_begun(happened: tuple[Run, dict[str, int]]) -> None:
    run, _ = happened
    index = next(i for i, r in enumerate(run.results) if r.task == "module: throttled beyond the time budget")
    assert run.results[index].time - run.results[index - 1].time < 10  # of 60 s that the task may take


# What passes is waited for


PASSING: dict[str, dict[str, t.Any]] = {
    "unavailable twice": {"status": 503, "times": 2},
    "an HTML page": {"status": 502, "body": HTML, "times": 1},
    "throttled for a second": {"status": 429, "headers": {"Retry-After": "1"}, "times": 1},
    "reset": {"reset": True, "times": 1},
    "cut off": {"truncate": True, "times": 1},
    "a fault of Entra ID": {"aadsts": 90033, "times": 1},
}


def test_passing_faults_are_survived(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """One token after another in one task, so that the faults come in their order."""
    path = f"^/{contoso.DOMAIN}/oauth2"
    for rule in PASSING.values():
        fresh_emulator.fault(path=path, **rule)
        fresh_emulator.fault(path=path, delay=0.01, times=1)  # a success between them
    options = {
        **contoso.connection(fresh_emulator),
        **contoso.identity(contoso.DEPLOY, tenant_id=contoso.DOMAIN),
        "cache": "none",
        "timeout": 30,
    }
    run = ansible.playbook(
        [
            {**module_task("Module", options), "loop": list(PASSING)[:3]},
            {**lookup_task("Lookup", options), "loop": list(PASSING)[3:]},
        ]
    ).ok()
    assert [item.status for item in (*run.items("Module"), *run.items("Lookup"))] == ["ok"] * len(PASSING)
    tries = [entry["status"] for entry in fresh_emulator.requests(contoso.TOKEN_PATH)]
    assert len(tries) == sum(rule["times"] + 1 for rule in PASSING.values())
    assert [status for status in tries if status != 200] == [503, 503, 502, 429, None, 503]


# What machines have lying around


def test_netrc_and_ca_variables_change_nothing(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """requests would send netrc's password to the identity provider, and prefer the variables to `ca_path`."""
    netrc = ansible.workdir / "home" / ".netrc"
    netrc.write_text("machine localhost login somebody password Somebodys-Password\n")
    netrc.chmod(0o600)
    run = ansible.playbook(
        [module_task("Token", {}), lookup_task("Lookup", {"cache": "none"})],
        env={
            **fresh_emulator.env,
            "REQUESTS_CA_BUNDLE": "/nonexistent/bundle.pem",
            "CURL_CA_BUNDLE": "/nonexistent/bundle.pem",
            "SSL_CERT_FILE": "/nonexistent/bundle.pem",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "https_proxy": "http://127.0.0.1:1",
            "MSAL_FORCE_REGION": "westeurope",
        },
    ).ok()
    assert run.result("Token").status == run.result("Lookup").status == "ok"
    requests = fresh_emulator.requests()
    assert [entry["path"] for entry in requests] == [f"/{contoso.TENANT}/oauth2/v2.0/token"] * 2
    assert not [entry for entry in requests if "authorization" in entry]


def test_ways_through_proxies(place: Place, ansible: AnsibleRunner, fresh_emulator: Emulator) -> None:
    there = {
        **place.deploy(cache="none", timeout=10),
        "authority": "https://login.example.test",
        "ca_path": str(place.front.ca_path),
    }
    place.tunnel.asked.clear()
    address = place.tunnel.url.removeprefix("http://")
    run = ansible.playbook(
        [
            module_task("option", {**there, "proxy": f"http://me:S3cret%40Proxy@{address}"}),
            {**module_task("variable", there), "environment": {"HTTPS_PROXY": place.tunnel.url}},
            {
                **module_task("exempt", {**there, "timeout": 0.1}),
                "environment": {"HTTPS_PROXY": place.tunnel.url, "NO_PROXY": ".example.test"},
            },
        ],
        verbosity=3,
    ).ok()
    assert run.result("option").status == run.result("variable").status == "ok"
    assert "login.example.test can't be resolved" in run.result("exempt")["msg"]  # it was not asked by a proxy
    assert set(place.tunnel.asked) == {"login.example.test:443"}
    assert len(place.tunnel.logins) == 1
    assert [entry["status"] for entry in fresh_emulator.requests(contoso.TOKEN_PATH)] == [200, 200]
    assert "S3cret" not in run.output


def test_clocks_that_differ_are_told_in_seconds(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    fresh_emulator.tenant(clock_skew=3600)
    options = {
        **contoso.connection(fresh_emulator),
        **contoso.identity(contoso.CERTIFICATE_APP),
        "certificate_path": fresh_emulator.identity_env["EMULATOR_CERTIFICATE_PATH"],
    }
    run = ansible.playbook([module_task("Token", options), lookup_task("Lookup", options)]).ok()
    for task in ("Token", "Lookup"):
        message = run.result(task)["msg"]
        assert "AADSTS700024" in message
        assert re.search(r"clock .*\b3(59\d|60\d) s", message), message
        assert "Remedy: for clock skew, set the clock" in message
    assert abs(run.result("Token")["error"]["clock_skew"] + 3600) < 30
