# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with malformed files and tokens: each fails with a remedy, and nothing of the secret is shown, quietly or at -vvvv."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from harness.ansible_run import AnsibleRunner
from harness.fake_server import FakeServer, JsonHandler
from harness.leaks import forms

pytestmark = pytest.mark.slow

NEEDLE: t.Final = "NEEDLE7Q8Qkfj3Kdk93jd"
FILES: t.Final = {
    "nosec.ini": f"client_secret = {NEEDLE}\n",
    "nocolon.ini": f"[default]\ntenant_id = x\nclient_secret {NEEDLE}\n",
    "repeated.ini": f"[default]\nclient_secret = {NEEDLE}\nclient_secret = {NEEDLE}\n",
    "nosign.properties": f"client_secret {NEEDLE}\n",
    "repeated.yaml": f"client_secret: {NEEDLE}\nclient_secret: {NEEDLE}2\n",
    "plain.yaml": f"client_secret: !vault {NEEDLE}\n",
    "tag.yaml": f"client_secret: !{NEEDLE} x\n",
    "open.yaml": f'client_secret: "{NEEDLE}\n',
    "list.yaml": f"- client_secret\n- {NEEDLE}\n",
    "cut.json": f'{{"client_secret": "{NEEDLE}',
    "bare.json": f'{{"client_secret": {NEEDLE}}}',
    "open.env": f'POWERBI_CLIENT_SECRET="{NEEDLE}\n',
    "word.env": f"{NEEDLE}\n",
    "empty.yaml": f"client_secret: ''\nother: {NEEDLE}\n",
    "damaged.yaml": f"$ANSIBLE_VAULT;1.1;AES256\n{NEEDLE}\n",
    "field.yaml": f"secret: {NEEDLE}\n",
}
# (options of the vault, the first letter of of its errors)
VAULTS: t.Final[dict[str, dict[str, t.Any]]] = {
    "line break after the token": {"auth_method": "token", "token": f"hvs.{NEEDLE}\n"},
    "line break in the token": {"auth_method": "token", "token": f"hvs.{NEEDLE}\nX-Other: {NEEDLE}"},
    "CR in the token": {"auth_method": "token", "token": f"hvs.{NEEDLE}\rX"},
    "beyond ASCII": {"auth_method": "token", "token": f"hvs.{NEEDLE}\u20ac"},
    "password in the URL": {"auth_method": "token", "token": NEEDLE, "url": f"https://user:{NEEDLE}@127.0.0.1:1"},
    "odd URL": {"auth_method": "token", "token": NEEDLE, "url": f"https://user:{NEEDLE}@[::1:x"},
    "unknown option": {"auth_method": "token", "token": NEEDLE, "tocken": NEEDLE},
    "unknown method": {"auth_method": "aws_iam", "token": NEEDLE},
    "AppRole": {"auth_method": "approle", "role_id": "r", "secret_id": f"{NEEDLE}\n"},
    "AppRole, a line break": {"auth_method": "approle", "role_id": "r", "secret_id": f"{NEEDLE}\n{NEEDLE}"},
    "JWT": {"auth_method": "jwt", "role_id": "r", "jwt": f"{NEEDLE}\n"},
    "userpass": {"auth_method": "userpass", "username": "u", "password": f"{NEEDLE}\n"},
    "LDAP": {"auth_method": "ldap", "username": "u/../x", "password": NEEDLE},
    "no certificate": {"auth_method": "cert", "cert_auth_public_key": "/dev/null", "token": NEEDLE},
    "no verification": {"auth_method": "token", "token": NEEDLE, "validate_certs": False},
    "no listener": {"auth_method": "token", "token": NEEDLE, "url": "https://127.0.0.1:1"},
    "not TLS": {"auth_method": "token", "token": NEEDLE, "url": "http://vault.example.com"},
    "proxy": {"auth_method": "token", "token": NEEDLE, "proxies": f"http://user:{NEEDLE}@127.0.0.1:1"},
    "header of the namespace": {"auth_method": "token", "token": NEEDLE, "namespace": f"team\n{NEEDLE}"},
}


# One of each parser, and of each way that a value can be in an error of the vault's client.
SOME_FILES: t.Final = ["repeated.ini", "nosign.properties", "tag.yaml", "cut.json", "word.env", "damaged.yaml"]
SOME_VAULTS: t.Final = ["line break in the token", "password in the URL", "unknown option", "AppRole", "no listener"]


def extents(some: t.Sequence[str], everything: t.Iterable[str]) -> list[t.Any]:
    """What is shown quietly is shown at -vvvv, too."""
    names = list(everything)
    return [
        pytest.param(4, some, id="some"),
        pytest.param(4, names, id="all", marks=pytest.mark.more),
        pytest.param(0, names, id="all, quietly", marks=pytest.mark.full),
    ]


class Echo(JsonHandler):
    """Repeats in its errors what it was sent, as debugging proxies do."""

    def do_GET(self) -> None:  # noqa: N802
        length = int(self.headers.get("Content-Length") or 0)
        sent = f"{self.headers} {self.rfile.read(length).decode()} {self.path}"
        self.answer(500 if "sys" in self.path else 403, {"errors": [sent], "data": sent})

    do_POST = do_PUT = do_GET  # noqa: N815


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[FakeServer]:
    server = FakeServer(tmp_path_factory.mktemp("echo"), "echo", Echo)
    yield server
    server.stop()


def case(name: str, variables: dict[str, t.Any]) -> dict[str, t.Any]:
    """The role, and its last message; the play goes on."""
    return {
        "name": name,
        "block": [
            {"ansible.builtin.include_role": {"name": "community.powerbi.powerbi_credentials"}, "vars": variables}
        ],
        "rescue": [{"name": name, "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
    }


def assert_silent(ansible: AnsibleRunner, cases: dict[str, dict[str, t.Any]], verbosity: int) -> None:
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [case(*one) for one in cases.items()]}
    run = ansible.start([play], verbosity=verbosity, diff=True).wait(500).ok()
    recorded = json.dumps([{key: result.get(key) for key in ("msg", "exception", "results")} for result in run.results])
    for shape in forms(NEEDLE):
        assert shape not in run.output.encode(), f"{shape!r} is in the output"
        assert shape not in recorded.encode(), f"{shape!r} is in a result"
    for name in cases:
        message = " ".join(str(run.result(name)["msg"]).split())
        assert "profile default (source" in message, (name, message)
        assert "Remedy:" in message or "Unsupported parameters" in message or "must be one of" in message, (
            name,
            message,
        )
        assert "defect" not in message, (name, message)


@pytest.mark.parametrize(("verbosity", "names"), extents(SOME_FILES, FILES))
def test_malformed_files(verbosity: int, names: list[str], ansible: AnsibleRunner, tmp_path: Path) -> None:
    cases = {}
    for name, text in ((name, FILES[name]) for name in names):
        path = tmp_path / name
        path.write_text(text)
        cases[name] = {
            "powerbi_credentials_source": "file",
            "powerbi_credentials_path": str(path),
            "powerbi_credentials_file_format": path.suffix[1:],
            "powerbi_credentials_fields": {"client_secret": "password"} if name == "field.yaml" else {},
            "powerbi_credentials_file_vault_password": "not the one" if name == "damaged.yaml" else "",
        }
    assert_silent(ansible, cases, verbosity)


@pytest.mark.parametrize(("verbosity", "names"), extents(SOME_VAULTS, VAULTS))
def test_tokens_and_vaults(
    verbosity: int, names: list[str], ansible: AnsibleRunner, echo: FakeServer, tmp_path: Path
) -> None:
    given = tmp_path / "v"
    given.touch(mode=0o600)
    vaults = {name: {"url": echo.url, "ca_cert": str(echo.ca_path), **options} for name, options in VAULTS.items()}
    given.write_text(yaml.safe_dump(vaults))
    cases = {
        name: {
            "powerbi_credentials_source": "hashi_vault",
            "powerbi_credentials_path": "powerbi/prod",
            "powerbi_credentials_hashi_vault": f"{{{{ (lookup('ansible.builtin.file', '{given}') | from_yaml)['{name}'] }}}}",
        }
        for name in names
    }
    assert_silent(ansible, cases, verbosity)
