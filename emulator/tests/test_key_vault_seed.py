# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Key vaults and owners of apps in a seed: what they make, and errors that name file, key and expectation."""

from __future__ import annotations

import copy
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from azure.core.exceptions import HttpResponseError

from conftest import running
from graph_client import Graph
from key_vault_client import certificate_client, secret_client

SEED: dict[str, t.Any] = {
    "tenant": {
        "id": "5a1e0000-c0de-4000-8000-000000000001",
        "domain": "contoso.onmicrosoft.com",
        "display_name": "Contoso",
    },
    "apps": [
        {
            "client_id": "a9900000-0000-4000-8000-000000000001",
            "display_name": "Deployer",
            "service_principal": {"object_id": "0b1ec700-0000-4000-8000-000000000001"},
            "roles": ["Application.ReadWrite.OwnedBy"],
            "owners": [{"principal": "Rotators"}],
            "secrets": [{"value": "secret-of-the-deployer"}],
        },
        {"client_id": "a9900000-0000-4000-8000-000000000002", "display_name": "Rotated", "owners": []},
    ],
    "groups": [
        {
            "id": "69000000-0000-4000-8000-000000000001",
            "display_name": "Rotators",
            "members": [{"principal": "Deployer"}],
        }
    ],
    "key_vaults": [
        {
            "name": "team-kv",
            "retention": 7,
            "purge_protection": True,
            "roles": [{"principal": "Deployer", "role": "Key Vault Administrator"}],
            "secrets": [
                {"name": "dated", "value": "old", "ends": "2025-01-01"},
                {"name": "dated", "value": "new", "starts": "2026-01-01", "ends": "2031-01-01"},
            ],
            "certificates": [{"name": "client", "generated": True, "content_type": "application/x-pem-file"}],
        }
    ],
}


def seed_file(directory: Path, seed: dict[str, t.Any]) -> Path:
    path = directory / "seed.yaml"
    path.write_text(yaml.safe_dump(seed))
    return path


def test_a_vault_as_in_the_seed(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--seed", str(seed_file(tmp_path, SEED))) as emulator:
        client = secret_client(emulator)
        secret = client.get_secret("dated")
        assert secret.value == "new"
        assert secret.properties.expires_on is not None
        assert secret.properties.expires_on.year == 2031
        assert len(list(client.list_properties_of_secret_versions("dated"))) == 2
        assert secret.properties.recovery_level == "Recoverable"
        assert secret.properties.recoverable_days == 7
        pem = client.get_secret("client").value
        assert pem == (emulator.directory / "client.pem").read_text()
        assert certificate_client(emulator).get_certificate("client").cer
        client.begin_delete_secret("dated").result()
        with pytest.raises(HttpResponseError, match="purge protection is enabled"):
            client.purge_deleted_secret("dated")


def test_a_group_may_own_nothing_for_its_members(tmp_path: Path) -> None:
    """Ownership is direct: an app in an owning group is no owner."""
    with running(tmp_path / "data", "--seed", str(seed_file(tmp_path, SEED))) as emulator:
        response = Graph(emulator).post("applications(appId='a9900000-0000-4000-8000-000000000001')/addPassword")
        assert response.status_code == 403


def test_without_vaults_there_is_none(tmp_path: Path) -> None:
    seed = {name: value for name, value in SEED.items() if name != "key_vaults"}
    with running(tmp_path / "data", "--seed", str(seed_file(tmp_path, seed))) as emulator:
        assert "POWERBI_KEY_VAULT_URL" not in emulator.env
        assert emulator.request("GET", "/secrets?api-version=7.4").status_code == 404


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("key_vaults", 0, "name"), "no_underscores", "expected 3 to 24 letters, digits and single hyphens"),
        (("key_vaults", 0, "roles", 0, "role"), "Owner", "expected one of Key Vault Administrator"),
        (("key_vaults", 0, "roles", 0, "principal"), "Nobody", "is called 'Nobody'"),
        (("key_vaults", 0, "secrets", 0, "name"), "under_score", "expected letters, digits and hyphens"),
        (("key_vaults", 0, "secrets", 0, "valeu"), "x", "unknown key"),
        (("key_vaults", 0, "certificates", 0), {"name": "x", "pem": "no pem"}, "expected key and certificate in PEM"),
        (("apps", 1, "owners"), [{"principal": "Nobody"}], "apps[1].owners[0].principal"),
    ],
)
def test_errors_name_the_key(tmp_path: Path, path: tuple[t.Any, ...], value: t.Any, problem: str) -> None:
    seed: t.Any = copy.deepcopy(SEED)
    place = seed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    command = [sys.executable, "-m", "powerbi_emulator", "--port", "0", "--dir", str(tmp_path / "data")]
    ended = subprocess.run(
        [*command, "--seed", str(seed_file(tmp_path, seed))], capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode != 0
    assert problem in ended.stderr
    assert "Traceback" not in ended.stderr
