# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seeds: other tenants than Contoso, and errors that name file, key and expectation."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from conftest import running
from powerbi_emulator.cli import main

TENANT = {"id": "11111111-1111-4111-8111-111111111111", "domain": "adatum.example", "display_name": "Adatum"}
APP: dict[str, t.Any] = {
    "client_id": "22222222-2222-4222-8222-222222222222",
    "display_name": "Builder",
    "service_principal": {"object_id": "33333333-3333-4333-8333-333333333333"},
    "secrets": [{"value": "adatum-secret"}],
}
WORKSPACE = {
    "id": "44444444-4444-4444-8444-444444444444",
    "name": "Plant",
    "members": [{"principal": "Builder", "role": "Member"}],
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that several starts share, so that only the first makes keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_seed_file_replaces_contoso(tmp_path: Path, suffix: str) -> None:
    seed = {"tenant": TENANT, "apps": [APP], "workspaces": [WORKSPACE], "switches": {"token_lifetime": 60}}
    path = tmp_path / f"seed.{suffix}"
    path.write_text(json.dumps(seed) if suffix == "json" else yaml.safe_dump(seed))
    with running(tmp_path / "data", "--seed", str(path)) as emulator:
        assert emulator.tenant_id == TENANT["id"]
        assert emulator.env["POWERBI_CLIENT_SECRET"] == "adatum-secret"
        assert emulator.token_request(tenant="adatum.example").json()["expires_in"] == 59
        assert [group["name"] for group in emulator.api("GET", "/groups").json()["value"]] == ["Plant"]


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        ({"apps": [APP]}, "tenant: missing: expected a mapping with id, domain and display_name"),
        ({"tenant": {**TENANT, "id": "adatum"}}, "tenant.id: expected a GUID"),
        ({"tenant": {"id": TENANT["id"], "display_name": "x"}}, "tenant.domain: missing, and it is required"),
        ({"tenant": TENANT, "apps": [{**APP, "secret": "x"}]}, "apps[0].secret: unknown key; known here: "),
        (
            {"tenant": TENANT, "apps": [APP, APP]},
            "apps[1].client_id: '22222222-2222-4222-8222-222222222222' is a duplicate",
        ),
        (
            {"tenant": TENANT, "apps": [{**APP, "secrets": [{"value": "x", "ends": "soon"}]}]},
            "apps[0].secrets[0].ends: expected an ISO 8601 time",
        ),
        (
            {"tenant": TENANT, "workspaces": [{**WORKSPACE, "members": [{"principal": "Nobody", "role": "Admin"}]}]},
            "members[0].principal: no app with a service principal, user, group or identity is called 'Nobody'",
        ),
        (
            {
                "tenant": TENANT,
                "apps": [APP],
                "workspaces": [{**WORKSPACE, "members": [{"principal": "Builder", "role": "Owner"}]}],
            },
            "workspaces[0].members[0].role: expected one of Viewer, Contributor, Member, Admin, got 'Owner'",
        ),
        (
            {"tenant": TENANT, "apps": [{**APP, "token_lifetime": float("inf")}]},
            "apps[0].token_lifetime: expected a finite number, got inf",
        ),
        ({"tenant": TENANT, "workspace": []}, "workspace: unknown key; known here: "),
        (
            {"tenant": TENANT, "switches": {"page_size": "two"}},
            "switches: `page_size`: expected a whole number from 1 to 1099511627776, got 'two'",
        ),
        ({"tenant": TENANT, "switches": {"pagesize": 2}}, "switches: unknown switch `pagesize`; known: "),
        ({"tenant": TENANT, "apps": "Builder"}, "apps: expected a list of mappings, got text"),
        ([TENANT], "the seed: expected a mapping, got a list"),
        (
            {"tenant": TENANT, "apps": [{**APP, "certificates": [{"pem": "x"}]}]},
            "certificates[0].pem: expected a certificate in PEM",
        ),
    ],
)
def test_a_wrong_seed_is_reported_with_place_and_problem(
    tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str], seed: t.Any, expected: str
) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text(yaml.safe_dump(seed))
    assert main(["--dir", str(keys), "--seed", str(path)]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"powerbi-emulator: {path}: ")
    assert expected in said.err
    assert said.out == ""


@pytest.mark.parametrize(("name", "text", "kind"), [("seed.yaml", "a: [", "YAML"), ("seed.json", "{", "JSON")])
def test_seed_that_cannot_be_parsed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, kind: str
) -> None:
    (tmp_path / name).write_text(text)
    assert main(["--dir", str(tmp_path / "data"), "--seed", str(tmp_path / name)]) == 1
    assert f"{name}: is not valid {kind}" in capsys.readouterr().err
