# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of logins as they happen in practice, and what the error message of each must contain."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t
from pathlib import Path

from harness import contoso
from harness.credential_files import write_credentials
from harness.emulator import Emulator
from harness.network import ConnectProxy, TlsFront


@dataclasses.dataclass(frozen=True)
class LoginSetup:
    """The emulator, files with and without keys, and proxies that refuse, and the options of a task with them."""

    emulator: Emulator
    files: Path
    refusing: ConnectProxy
    login: ConnectProxy
    tls_front: TlsFront
    tunnel: ConnectProxy

    def deploy_app(self, **more: t.Any) -> dict[str, t.Any]:
        return {**contoso.connection(self.emulator), **contoso.identity(contoso.DEPLOY), **more}

    def app(self, app: contoso.App, **more: t.Any) -> dict[str, t.Any]:
        return {**contoso.connection(self.emulator), **contoso.identity(app), **more}

    def certificate(self, file: str, **more: t.Any) -> dict[str, t.Any]:
        return self.app(contoso.CERTIFICATE_APP, certificate_path=str(self.files / file), **more)

    def authority(self, authority: str, **more: t.Any) -> dict[str, t.Any]:
        return self.deploy_app(authority=authority, retry_timeout=0.1, **more)

    def faulty_tenant(self, name: str, **more: t.Any) -> dict[str, t.Any]:
        return self.deploy_app(tenant_id=f"{name}.example", retry_timeout=0.1, **more)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """``messages``: regular expressions that the message must match; ``requests``: token requests that it may cause."""

    options: t.Callable[[LoginSetup], dict[str, t.Any]]
    messages: tuple[str, ...]
    requests: int = 0
    fault: t.Mapping[str, t.Any] | None = None
    environment: t.Callable[[LoginSetup], dict[str, str]] = lambda _setup: {}


def _fault(name: str, *messages: str, **rule: t.Any) -> Scenario:
    return Scenario(
        lambda setup: setup.faulty_tenant(name),
        messages,
        requests=1,
        fault={"path": f"^/{name}\\.example/oauth2", **rule},
    )


HTML = "<!DOCTYPE html><html><head><title>Sign in to the hotel's network</title></head><body>Welcome</body></html>"

SCENARIOS: dict[str, Scenario] = {
    # The secret
    "wrong secret": Scenario(
        lambda setup: setup.deploy_app(client_secret="wrong~secret.of-the-app_1234567890abcdef"),
        (r"AADSTS7000215", r"Remedy: give the Value, not the Secret ID.* client_secret or client_secret_file"),
        requests=1,
    ),
    "secret id instead of its value": Scenario(
        lambda setup: setup.deploy_app(client_secret="5ec00000-0000-4000-8000-000000000001"),
        (r"AADSTS7000215", r"GUID", r"client_secret"),
        requests=1,
    ),
    "expired secret": Scenario(
        lambda setup: setup.app(contoso.EXPIRED_APP),
        (r"has expired \(AADSTS7000222\)", r"Remedy: create a new secret.*client_secret"),
        requests=1,
    ),
    "empty secret": Scenario(
        lambda setup: setup.deploy_app(client_secret=""),
        (r"client_secret is given but empty", r"Remedy: "),
    ),
    "secret file that is not there": Scenario(
        lambda setup: setup.app(contoso.DEPLOY, client_secret="", client_secret_file=str(setup.files / "missing")),
        (r"client_secret_file is '.*missing', which can't be read: No such file", r"Remedy: check the path"),
    ),
    "secret file that is a directory": Scenario(
        lambda setup: setup.app(contoso.DEPLOY, client_secret="", client_secret_file=str(setup.files)),
        (r"client_secret_file is .*, which can't be read: Is a directory", r"Remedy: "),
    ),
    "secret file that is empty": Scenario(
        lambda setup: setup.app(contoso.DEPLOY, client_secret="", client_secret_file=str(setup.files / "empty")),
        (r"client_secret_file is '.*empty', which is empty", r"Remedy: "),
    ),
    # The identity
    "wrong tenant": Scenario(
        lambda setup: setup.deploy_app(tenant_id="00000000-0000-0000-0000-00000000dead"),
        (
            r"does not know the tenant \(AADSTS90002\)",
            r"Remedy: set tenant_id",
            r"00000000-0000-0000-0000-00000000dead",
        ),
        requests=1,
    ),
    "tenant where the app is unknown": Scenario(
        lambda setup: setup.deploy_app(tenant_id=contoso.OTHER_TENANT),
        (r"AADSTS700016", r"Remedy: set client_id .* tenant_id"),
        requests=1,
    ),
    "tenant that is a template": Scenario(
        lambda setup: setup.deploy_app(tenant_id="<tenant>"),
        (r"tenant_id is '<tenant>'", r"Remedy: give the Directory \(tenant\) ID"),
    ),
    "tenant that is shared": Scenario(
        lambda setup: setup.deploy_app(tenant_id="common"),
        (r"tenant_id is 'common'", r"Remedy: give the tenant's GUID"),
    ),
    "no tenant": Scenario(
        lambda setup: setup.deploy_app(tenant_id=""), (r"tenant_id is not set", r"Remedy: give tenant_id")
    ),
    "wrong app": Scenario(
        lambda setup: setup.deploy_app(client_id="00000000-0000-0000-0000-00000000beef"),
        (r"AADSTS700016", r"Remedy: set client_id"),
        requests=1,
    ),
    "disabled app": Scenario(
        lambda setup: setup.app(contoso.DISABLED_APP), (r"disabled .*\(AADSTS7000112\)", r"Remedy: have it enabled"), 1
    ),
    "app without service principal": Scenario(
        lambda setup: setup.app(contoso.NO_PRINCIPAL_APP),
        (r"AADSTS7000229", rf"Remedy: .*az ad sp create --id {contoso.NO_PRINCIPAL_APP.client_id}"),
        requests=1,
    ),
    "public app with a secret": Scenario(
        lambda setup: setup.app(contoso.PUBLIC_APP, client_secret="some~secret.of-no-app_1234567890abcdefg"),
        (r"AADSTS700025", r"Remedy: .*client_id"),
        requests=1,
    ),
    "two credentials": Scenario(
        lambda setup: setup.deploy_app(certificate_path="/etc/app.pem"),
        (r"client_secret and certificate_path are both given", r"Remedy: .*auth_method"),
    ),
    "no credential": Scenario(
        lambda setup: contoso.connection(setup.emulator),
        (r"no credential is set", r"Remedy: set tenant_id, client_id and one of client_secret,", r"managed identity"),
    ),
    # The scope and the cloud
    "scope without .default": Scenario(
        lambda setup: setup.deploy_app(scope="https://analysis.windows.net/powerbi/api/Report.Read.All"),
        (r"option scope|scope is", r"/\.default"),
        requests=1,
    ),
    "unknown resource": Scenario(
        lambda setup: setup.deploy_app(resource="https://analysis.example.net/powerbi/api"),
        (r"AADSTS500011", r"Remedy: drop option scope and option resource"),
        requests=1,
    ),
    "cloud that does not exist": Scenario(
        lambda setup: setup.deploy_app(cloud="mars"), (r"cloud is 'mars'", r"Remedy: use one of public, gcc")
    ),
    # The certificate
    "certificate without its key": Scenario(
        lambda setup: setup.certificate("certificate-only.pem"),
        (r"certificate_path holds a certificate, but no private key", r"Remedy: put key and certificate into one PEM"),
    ),
    "key without its certificate": Scenario(
        lambda setup: setup.certificate("key-only.pem"),
        (r"certificate_path holds a private key, but no certificate", r"Remedy: .*certificate_thumbprint"),
    ),
    "key and certificate that do not match": Scenario(
        lambda setup: setup.certificate("mismatch.pem"),
        (r"do not belong together", r"Remedy: put the key of this certificate"),
    ),
    "certificate of another app": Scenario(
        lambda setup: setup.certificate("stranger.pem"),
        (r"AADSTS700027", r"Remedy: upload the public part of certificate_path"),
        requests=1,
    ),
    "PFX with a wrong password": Scenario(
        lambda setup: setup.certificate("client.pfx", certificate_password="not-the-password"),
        (r"PFX file that can't be opened: certificate_password is wrong", r"Remedy: give the password"),
    ),
    "PFX without its password": Scenario(
        lambda setup: setup.certificate("client.pfx"),
        (r"PFX file that can't be opened: it needs a password", r"Remedy: .*certificate_password"),
    ),
    "encrypted key without its password": Scenario(
        lambda setup: setup.certificate("encrypted.pem"),
        (r"private key in certificate_path is encrypted", r"Remedy: give its password in certificate_password"),
    ),
    "encrypted key with a wrong password": Scenario(
        lambda setup: setup.certificate("encrypted.pem", certificate_password="not-the-password"),
        (r"certificate_password is wrong", r"Remedy: check certificate_password"),
    ),
    "truncated PEM": Scenario(
        lambda setup: setup.certificate("truncated.pem"),
        (r"private key in certificate_path can't be read: it is damaged or truncated", r"Remedy: export it again"),
    ),
    "neither PEM nor PFX": Scenario(
        lambda setup: setup.certificate("noise.bin"),
        (r"certificate_path is neither PEM nor PFX", r"Remedy: give a PEM file with key and certificate, or a PFX"),
    ),
    "certificate data that is neither": Scenario(
        lambda setup: setup.app(contoso.CERTIFICATE_APP, certificate_data="not a certificate, surely"),
        (r"certificate_data is neither PEM nor base64", r"Remedy: give the PEM text"),
    ),
    "elliptic key": Scenario(
        lambda setup: setup.certificate("elliptic.pem"), (r"certificate_path is not an RSA key", r"Remedy: .*RSA")
    ),
    # Federation
    "untrusted federated subject": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_token=minted(setup.emulator, subject="repo:x:ref:y")),
        (r"AADSTS700213", r"repo:x:ref:y", r"/oidc/workload", r"Remedy: "),
        requests=1,
    ),
    "federated token that has expired": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_token=minted(setup.emulator, lifetime=-900)),
        (r"AADSTS700024", r"expired", r"Remedy: .*federated_token_file"),
        requests=1,
    ),
    "federated token that is no JWT": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_token="no-jwt"),
        (r"federated_token is not a JWT", r"Remedy: give the OIDC token"),
    ),
    "federated token file that is not there": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_token_file=str(setup.files / "missing")),
        (r"federated_token_file is '.*missing', which can't be read", r"Remedy: "),
    ),
    # What pipelines and machines give
    "GitHub job without the permission": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_provider="github"),
        (r"may not request an OIDC token", r"Remedy: give the job the permission id-token: write"),
    ),
    "GitHub that refuses the job's token": Scenario(
        lambda setup: setup.app(contoso.FEDERATED_APP, federated_provider="github"),
        (r"GitHub gave no OIDC token \(HTTP 401\)", r"Remedy: "),
        environment=lambda setup: {
            "ACTIONS_ID_TOKEN_REQUEST_URL": setup.emulator.identity_env["ACTIONS_ID_TOKEN_REQUEST_URL"],
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "Wrong-Token-Of-The-Job",
        },
    ),
    "Azure DevOps that refuses the job's token": Scenario(
        lambda setup: setup.app(
            contoso.FEDERATED_APP, federated_provider="azure_devops", service_connection_id="5c000000"
        ),
        (r"Azure DevOps gave no OIDC token \(HTTP 401\)", r"Remedy: map SYSTEM_ACCESSTOKEN"),
        environment=lambda setup: {
            "SYSTEM_OIDCREQUESTURI": setup.emulator.identity_env["SYSTEM_OIDCREQUESTURI"],
            "SYSTEM_ACCESSTOKEN": "Wrong-Token-Of-The-Job",
        },
    ),
    "machine without a managed identity": Scenario(
        lambda _setup: {"auth_method": "managed_identity", "retry_timeout": 0.1},
        (r"managed identity endpoint of this machine can't be reached", r"Remedy: .*auth_method"),
        environment=lambda _setup: {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"},
    ),
    "managed identity that is not assigned": Scenario(
        lambda _setup: {"auth_method": "managed_identity", "client_id": "00000000-0000-0000-0000-00000000dead"},
        (r"This machine has no such managed identity", r"Remedy: assign the identity to the machine"),
        environment=lambda setup: {
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": setup.emulator.identity_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"]
        },
    ),
    "managed identity endpoint of another start": Scenario(
        lambda _setup: {"auth_method": "managed_identity"},
        (r"endpoint of this machine refused the request", r"Remedy: let the platform set IDENTITY_ENDPOINT"),
        environment=lambda setup: {
            "IDENTITY_ENDPOINT": setup.emulator.identity_env["IDENTITY_ENDPOINT"],
            "IDENTITY_HEADER": "Wrong-Header-Of-The-App",
        },
    ),
    # A token from the user
    "token that is no JWT": Scenario(
        lambda setup: {**contoso.connection(setup.emulator), "access_token": "opaque"},
        (r"access_token", r"JWT", r"Remedy: "),
    ),
    "token for another API": Scenario(
        lambda setup: {
            **contoso.connection(setup.emulator),
            "access_token": minted(setup.emulator, audience="https://graph.microsoft.com"),
        },
        (r"the token in access_token is for https://graph\.microsoft\.com", r"Remedy: get it for the scope"),
    ),
    "token that has expired": Scenario(
        lambda setup: {
            **contoso.connection(setup.emulator),
            "access_token": minted(setup.emulator, audience="https://analysis.windows.net/powerbi/api", lifetime=-90),
        },
        (r"the token in access_token expired \d+ s ago", r"Remedy: get a new one"),
    ),
    # The network
    "connection refused": Scenario(
        lambda setup: setup.authority("https://localhost:1"),
        (r"Cannot reach localhost:1", r"connection refused", r"Remedy: check host and port in .*`authority`"),
    ),
    "host that does not exist": Scenario(
        lambda setup: setup.authority("https://login.example.invalid"),
        (r"login\.example\.invalid can't be resolved", r"Remedy: check the spelling of the host", r"`proxy`"),
    ),
    "CA that is not trusted": Scenario(
        lambda setup: setup.deploy_app(ca_path=str(setup.tls_front.ca_path)),
        (r"TLS certificate of localhost:\d+ is refused", r"Remedy: .*set `ca_path`"),
    ),
    "CA file that is not there": Scenario(
        lambda setup: setup.deploy_app(ca_path=str(setup.files / "missing")),
        (r"ca_path.*missing", r"Remedy: |remedy"),
    ),
    "host name mismatch": Scenario(
        lambda setup: setup.authority(
            f"https://localhost:{setup.tls_front.port}", ca_path=str(setup.tls_front.ca_path)
        ),
        (r"is for another host than localhost", r"Remedy: check the host in .*`authority`"),
    ),
    "plain http port": Scenario(
        lambda setup: setup.authority(f"https://localhost:{setup.refusing.port}"),
        (r"No TLS connection with localhost:\d+", r"Remedy: check"),
    ),
    "authority without TLS": Scenario(
        lambda setup: setup.authority("http://localhost:8080"), (r"authority is 'http://localhost:8080'", r"https")
    ),
    "proxy that refuses": Scenario(
        lambda setup: setup.authority("https://login.example.test", proxy=setup.refusing.url),
        (r"The proxy 127\.0\.0\.1:\d+ did not connect to login\.example\.test:443", r"403", r"Remedy: .*`proxy`"),
    ),
    "proxy that requires a login": Scenario(
        lambda setup: setup.authority("https://login.example.test", proxy=setup.login.url),
        (r"requires a user and password \(407\)", r"Remedy: put them into `proxy`"),
    ),
    "proxy that is not there": Scenario(
        lambda setup: setup.authority("https://login.example.test", proxy="http://127.0.0.1:1"),
        (
            r"The proxy 127\.0\.0\.1:1 did not connect to",
            r"connection refused",
            r"Remedy: check host and port in `proxy`",
        ),
    ),
    "proxy that is no URL": Scenario(
        lambda setup: setup.authority("https://login.example.test", proxy="ftp://user:Pass-Word-1@proxy"),
        (r"proxy is not the URL of a proxy", r"Remedy: write it as http://host:port"),
    ),
    "proxy that inspects TLS": Scenario(
        lambda setup: setup.authority("https://login.example.test", proxy=setup.tunnel.url),
        (r"TLS certificate of login\.example\.test:443 is refused", r"A CA of one's own", r"`ca_path`"),
    ),
    # The response
    "HTML with 200": _fault("html", r"a proxy, a firewall or a login page responded", r"hotel", r"`?proxy", body=HTML),
    "HTML with 403": _fault(
        "html403", r"responded instead of localhost:\d+ \(HTTP 403", r"Remedy: ", status=403, body=HTML
    ),
    "HTML with 503": _fault(
        "html503",
        r"is not available \(HTTP 503\)",
        r"HTML page",
        r"Remedy: .*option retry_timeout",
        status=503,
        body=HTML,
    ),
    "plain text": _fault("text", r"JSON", r"Remedy: ", body="Service ready", headers={"Content-Type": "text/plain"}),
    "damaged JSON": _fault("damaged", r"JSON is cut off or damaged", r"Remedy: ", body='{"access_token": "eyJ'),
    "JSON that is something else": _fault("list", r"JSON that is not an OAuth response", r"Remedy: ", body="[1, 2]"),
    "empty answer": _fault("empty", r"empty response", r"Remedy: ", status=200, body=""),
    "truncated answer": _fault(
        "cut", r"broke off before its end", r"Remedy: try again", body="{" + " " * 500, truncate=9
    ),
    "redirect": _fault(
        "redirect", r"redirect", r"Remedy: ", status=302, headers={"Location": "https://evil.example/"}, body=""
    ),
    "throttled beyond the time budget": _fault(
        "busy",
        r"HTTP 429|AADSTS90055",
        r"Remedy: run again",
        r"retry_timeout",
        status=429,
        headers={"Retry-After": "600"},
    ),
    "throttled in plain text": _fault(
        "busytext",
        r"\(HTTP 429\)",
        r"Remedy: run again in a minute",
        status=429,
        headers={"Retry-After": "600"},
        body="Too Many",
    ),
    "unavailable": _fault(
        "down", r"passing fault|not available", r"Remedy: run again", r"option retry_timeout", status=503
    ),
    "reset": _fault(
        "reset", r"closed the connection before it responded|connection broke", r"Remedy: (try|check)", reset=True
    ),
    "hanging": Scenario(
        lambda setup: setup.faulty_tenant("slow", timeout=0.3),
        (r"No response from localhost:\d+ within 0\.3 s", r"Remedy: .*`timeout`"),
        requests=1,
        fault={"path": r"^/slow\.example/", "delay": 3},
    ),
}


def minted(emulator: Emulator, **claims: t.Any) -> str:
    """A token of the emulator's foreign issuer."""
    return str(emulator.call("POST", "/_emulator/oidc/workload", json=claims).json()["value"])


@contextlib.contextmanager
def login_setup(emulator: Emulator, files: Path) -> t.Iterator[LoginSetup]:
    """Write the files, and start the proxies until the block ends."""
    write_credentials(files, emulator)
    with contextlib.ExitStack() as stack:

        def started(listener: t.Any) -> t.Any:
            stack.callback(listener.stop)
            return listener

        target = ("127.0.0.1", int(emulator.url.rpartition(":")[2]))
        tls_front = started(TlsFront(files, ["login.example.test"], target, emulator.ca_path))
        tunnel = started(ConnectProxy(target=("127.0.0.1", tls_front.port)))
        yield LoginSetup(
            emulator, files, started(ConnectProxy(status=403)), started(ConnectProxy(status=407)), tls_front, tunnel
        )
