# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against a server by others: oidc-provider, on TLS by a private CA, checks what this collection sends."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import typing as t
from pathlib import Path

import jwt
import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.credential_files import write_credentials
from harness.emulator import Emulator

NODE = REPOSITORY / "tests" / "integration" / "node"
TENANT = "third-party.example"
SECRET = "a secret of 40 characters, with % & + = /"
RESOURCE = "https://analysis.windows.net/powerbi/api"
SECRET_CLIENT, CERTIFICATE_CLIENT = "c1100000-0000-4000-8000-000000000001", "c1100000-0000-4000-8000-000000000002"


class Server(t.NamedTuple):
    """``url`` of the tenant; ``ca_path`` of the private CA; ``certificate``: PEM with the key that the client has."""

    authority: str
    ca_path: Path
    certificate: Path

    @property
    def connection(self) -> dict[str, str]:
        return {"authority": self.authority, "ca_path": str(self.ca_path), "tenant_id": TENANT}

    def verified(self, token: str) -> dict[str, t.Any]:
        """The claims of a token, after its signature, issuer, audience and times were checked with the server's keys."""
        url = f"{self.authority}/{TENANT}/discovery/v2.0/keys"
        keys = jwt.PyJWKSet.from_dict(requests.get(url, verify=str(self.ca_path), timeout=10).json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, t.Any] = jwt.decode(
            token, key, algorithms=["RS256"], audience=RESOURCE, issuer=f"{self.authority}/{TENANT}"
        )
        return claims


@pytest.fixture(scope="module")
def server(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Server]:
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("needs node and tests/integration/node/node_modules: run make node")
    files = tmp_path_factory.mktemp("third-party")
    write_credentials(files, emulator)  # for its RSA key pair
    ca = trustme.CA(organization_name="Third Party's CA")
    ca.cert_pem.write_to_path(files / "ca.pem")
    leaf = ca.issue_cert("localhost")
    leaf.private_key_pem.write_to_path(files / "server-key.pem")
    leaf.cert_chain_pems[0].write_to_path(files / "server.pem")
    config = {
        "tenant": TENANT,
        "key": str(files / "server-key.pem"),
        "certificate": str(files / "server.pem"),
        "resource": RESOURCE,
        "clients": [
            {
                "client_id": SECRET_CLIENT,
                "client_secret": SECRET,
                "token_endpoint_auth_method": "client_secret_post",
            },
            {
                "client_id": CERTIFICATE_CLIENT,
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": {"keys": [public_jwk(files / "client.pem")]},
            },
        ],
    }
    (files / "config.json").write_text(json.dumps(config))
    with (files / "log").open("w") as log:
        process = subprocess.Popen(
            [node, "oauth_server.mjs", str(files / "config.json")],
            cwd=NODE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin and process.stdout
    try:
        line = process.stdout.readline()
        assert line, (files / "log").read_text()
        yield Server(f"https://localhost:{json.loads(line)['port']}", files / "ca.pem", files / "client.pem")
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


def public_jwk(path: Path) -> dict[str, t.Any]:
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    jwk: dict[str, t.Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(certificate.public_key()))
    der = certificate.public_bytes(serialization.Encoding.DER)
    return {**jwk, "use": "sig", "x5c": [base64.b64encode(der).decode()]}


def test_tokens_verify_against_its_keys(server: Server, ansible: AnsibleRunner) -> None:
    """Client secret, and a certificate as private_key_jwt (RS256, and PS256 with its chain); by module and lookup."""
    ways: dict[str, dict[str, t.Any]] = {
        "client_secret": {"client_id": SECRET_CLIENT, "client_secret": SECRET},
        "certificate": {"client_id": CERTIFICATE_CLIENT, "certificate_path": str(server.certificate)},
        "certificate with its chain": {
            "client_id": CERTIFICATE_CLIENT,
            "certificate_path": str(server.certificate),
            "send_certificate_chain": True,
        },
    }
    tasks: list[dict[str, t.Any]] = []
    for name, options in ways.items():
        given = {**server.connection, **options, "cache": "none"}
        tasks += [
            {"name": name, "community.powerbi.powerbi_token": given, "register": "token"},
            {"name": f"module: {name}", "ansible.builtin.debug": {"msg": "{{ token }}"}},
            {
                "name": f"lookup: {name}",
                "ansible.builtin.debug": {"msg": "{{ lookup('community.powerbi.powerbi_token', **given) }}"},
                "vars": {"given": given},
            },
        ]
    run = ansible.playbook(tasks).ok()
    for name, options in ways.items():
        result = run.result(f"module: {name}")["msg"]
        for token in (result["access_token"], run.result(f"lookup: {name}")["msg"]):
            claims = server.verified(token)
            assert claims["client_id"] == claims["sub"] == options["client_id"]
            assert claims["scope"] == f"{RESOURCE}/.default"
        assert result["expires_in"] <= 1800
        assert result["source"] == "identity_provider"


def test_its_refusals_are_explained(server: Server, ansible: AnsibleRunner) -> None:
    """No AADSTS code in them, so the OAuth error alone must do."""
    wrong = {
        "wrong secret": {"client_id": SECRET_CLIENT, "client_secret": "another secret of 40 characters, with %"},
        "unknown app": {"client_id": "c1100000-0000-4000-8000-00000000dead", "client_secret": SECRET},
        "wrong kind": {"client_id": SECRET_CLIENT, "certificate_path": str(server.certificate)},
    }
    run = ansible.playbook(
        [
            {
                "name": name,
                "community.powerbi.powerbi_token": {**server.connection, **options},
                "ignore_errors": True,
            }
            for name, options in wrong.items()
        ],
        verbosity=3,
    )
    for name in ("wrong secret", "unknown app", "wrong kind"):
        message = run.result(name)["msg"]
        assert "refused to give a token: invalid_client" in message
        assert "Remedy: check client_id and " in message
    assert "client_secret" in run.result("wrong secret")["msg"].partition("Remedy")[2]
    assert "certificate_path" in run.result("wrong kind")["msg"].partition("Remedy")[2]
    assert SECRET not in run.output
    assert "Traceback" not in run.output
