# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Soft deletion of items, and the refusals that settings and policies of a tenant cause."""

from __future__ import annotations

import pytest

from conftest import MEGAN, MEGANS_PASSWORD, POWERBI_SCOPE, PUBLIC, Emulator
from test_fabric_items import FINANCE

ITEMS = f"/workspaces/{FINANCE}/items"


@pytest.fixture
def own(emulator: Emulator) -> str:
    """The path of a workspace on a capacity in which the deployer is an admin."""
    capacity = emulator.fabric("GET", f"/workspaces/{FINANCE}").json()["capacityId"]
    made = emulator.fabric("POST", "/workspaces", json={"displayName": "Own", "capacityId": capacity})
    assert made.status_code == 201, made.text
    return f"/workspaces/{made.json()['id']}"


def lakehouse(emulator: Emulator, path: str, name: str, **more: str) -> str:
    answer = emulator.fabric("POST", f"{path}/items", json={"displayName": name, "type": "Lakehouse", **more})
    return str(answer.json()["id"]) if answer.ok else str(answer.json()["errorCode"])


def test_a_deleted_item_is_gone_but_counts_towards_the_limit(emulator: Emulator, own: str) -> None:
    emulator.control("PATCH", "tenant", {"item_limit": 1})
    item = f"{own}/items/{lakehouse(emulator, own, 'A')}"
    assert emulator.fabric("DELETE", item).status_code == 200
    assert emulator.fabric("GET", f"{own}/items").json()["value"] == []
    assert emulator.fabric("GET", item).json()["errorCode"] == "ItemNotFound"
    assert lakehouse(emulator, own, "A") == "WorkspaceItemsLimitExceeded"
    assert emulator.fabric("DELETE", f"{item}?hardDelete=true").status_code == 200
    assert len(lakehouse(emulator, own, "A")) == 36


def test_a_folder_with_deleted_items_can_not_be_deleted(emulator: Emulator, own: str) -> None:
    folders, items = f"{own}/folders", f"{own}/items"
    folder = emulator.fabric("POST", folders, json={"displayName": "F"}).json()["id"]
    soft, hard = (lakehouse(emulator, own, name, folderId=folder) for name in "AB")
    emulator.fabric("DELETE", f"{items}/{hard}", params={"hardDelete": "True"})
    emulator.fabric("DELETE", f"{items}/{soft}")
    refused = emulator.fabric("DELETE", f"{folders}/{folder}")
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "FolderNotEmpty")
    emulator.fabric("DELETE", f"{items}/{soft}?hardDelete=true")
    assert emulator.fabric("DELETE", f"{folders}/{folder}").status_code == 200


def test_only_admins_delete_for_good(emulator: Emulator) -> None:
    item = f"{ITEMS}/{lakehouse(emulator, f'/workspaces/{FINANCE}', 'A')}"  # there the deployer is not an admin
    refused = emulator.fabric("DELETE", f"{item}?hardDelete=true")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "InsufficientWorkspaceRole")
    assert emulator.fabric("DELETE", item).status_code == 200


def test_deletion_is_final_with_the_switch(emulator: Emulator, own: str) -> None:
    emulator.control("PATCH", "tenant", {"item_limit": 1, "soft_deletion": False})
    emulator.fabric("DELETE", f"{own}/items/{lakehouse(emulator, own, 'A')}")
    assert len(lakehouse(emulator, own, "A")) == 36


# settings and policies


@pytest.mark.parametrize(("switch", "powerbi", "fabric"), [("fabric", 200, 401), ("powerbi", 403, 200)])
def test_the_apis_have_settings_of_their_own(emulator: Emulator, switch: str, powerbi: int, fabric: int) -> None:
    emulator.control("PATCH", "tenant", {f"service_principals_{switch}": False})
    assert emulator.api("GET", "/groups").status_code == powerbi
    assert emulator.fabric("GET", "/workspaces").status_code == fabric


def test_an_inbound_policy(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"inbound_policy": True})
    fabric, powerbi = emulator.fabric("GET", ITEMS), emulator.api("GET", f"/groups/{FINANCE}/reports")
    assert (fabric.status_code, fabric.json()["errorCode"]) == (403, "RequestDeniedByInboundPolicy")
    assert (powerbi.status_code, powerbi.json()["error"]["code"]) == (403, "RequestDeniedByInboundPolicy")
    assert emulator.fabric("GET", "/workspaces").status_code == 200


def test_missing_scopes_of_a_user(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"insufficient_scopes": True})
    token = emulator.token(
        grant_type="password",
        client_id=PUBLIC,
        client_secret=None,
        username=MEGAN,
        password=MEGANS_PASSWORD,
        scope=POWERBI_SCOPE,
    )
    refused = emulator.fabric("GET", "/workspaces", token)
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "InsufficientScopes")
    assert emulator.fabric("GET", "/workspaces").status_code == 200  # apps have no scopes
