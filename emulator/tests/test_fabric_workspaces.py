# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: workspaces, roles, capacities, paging, error bodies."""

from __future__ import annotations

import typing as t

import pytest

from conftest import READER, READER_SECRET, Emulator

F64 = "ca900000-0000-4000-8000-00000000000f"
SALES = "f01de400-0000-4000-8000-000000000001"
FINANCE = "f01de400-0000-4000-8000-000000000002"
BOARD = "f01de400-0000-4000-8000-000000000003"
DEPLOYER_APP = "0b1ec700-0000-4000-8000-000000000001"
CERTIFIED_APP = "0b1ec700-0000-4000-8000-000000000002"


def test_create_read_rename_delete(emulator: Emulator) -> None:
    body = {"displayName": "Plant", "description": "for the plant", "capacityId": F64.upper()}
    created = emulator.fabric("POST", "/workspaces", json=body)
    assert created.status_code == 201
    workspace = created.json()
    assert created.headers["Location"] == f"{emulator.url}/v1/workspaces/{workspace['id']}"
    path = f"/workspaces/{workspace['id']}"
    info = emulator.fabric("GET", path).json()
    assert (info["capacityId"], info["capacityAssignmentProgress"]) == (F64, "Completed")
    changed = emulator.fabric("PATCH", path, json={"displayName": "Plant 2"}).json()
    assert (changed["displayName"], changed["description"]) == ("Plant 2", "for the plant")
    assert emulator.api("GET", f"/groups/{workspace['id']}").json()["name"] == "Plant 2"
    deleted = emulator.fabric("DELETE", path)
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert emulator.fabric("GET", path).status_code == 404


def test_error_body_and_headers(emulator: Emulator) -> None:
    answer = emulator.fabric("POST", "/workspaces", json={"displayName": "sales"})
    assert answer.status_code == 409
    error = answer.json()
    assert error["errorCode"] == answer.headers["x-ms-public-api-error-code"] == "WorkspaceNameAlreadyExists"
    assert error["requestId"] == answer.headers["RequestId"]
    assert error["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"displayName": "n" * 257}, "InvalidInput"),
        ({"displayName": " "}, "InvalidInput"),
        ({"displayName": "x", "description": "d" * 4001}, "InvalidInput"),
        ({"displayName": "x", "capacityId": "F64"}, "InvalidInput"),
        ([], "InvalidInput"),
    ],
)
def test_requests_outside_the_contract(emulator: Emulator, body: t.Any, code: str) -> None:
    answer = emulator.fabric("POST", "/workspaces", json=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
    assert answer.json()["moreDetails"][0]["message"]


def test_what_the_caller_may_not_see_is_not_there(emulator: Emulator) -> None:
    for missing in (BOARD, "f01de400-0000-4000-8000-00000000dead"):
        answer = emulator.fabric("GET", f"/workspaces/{missing}")
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "WorkspaceNotFound")
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    refused = emulator.fabric("PATCH", f"/workspaces/{SALES}", reader, json={"displayName": "Mine"})
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "InsufficientPrivileges")


@pytest.mark.parametrize(
    ("headers", "code"), [({}, "Unauthorized"), ({"Authorization": "Bearer x.y.z"}, "Unauthorized")]
)
def test_without_a_good_token(emulator: Emulator, headers: dict[str, str], code: str) -> None:
    answer = emulator.request("GET", "/v1/workspaces", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, code)


def test_an_expired_token(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.control("PATCH", "tenant", {"clock_skew": 7200})
    answer = emulator.fabric("GET", "/workspaces", token)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "TokenExpired")


def test_the_last_page_names_no_next_one(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"page_size": 2})
    assert emulator.fabric("POST", "/workspaces", json={"displayName": "Plant"}).status_code == 201
    first = emulator.fabric("GET", "/workspaces").json()
    assert [one["displayName"] for one in first["value"]] == ["Sales", "Finance"]
    assert first["continuationUri"].startswith(f"{emulator.url}/v1/workspaces?continuationToken=")
    last = emulator.fabric("GET", first["continuationUri"].removeprefix(f"{emulator.url}/v1")).json()
    assert [one["displayName"] for one in last["value"]] == ["Plant"]
    assert set(last) == {"value"}
    by_token = emulator.fabric("GET", "/workspaces", params={"continuationToken": first["continuationToken"]})
    assert by_token.json() == last
    wrong = emulator.fabric("GET", "/workspaces", params={"continuationToken": "nonsense"})
    assert (wrong.status_code, wrong.json()["errorCode"]) == (400, "InvalidParameter")


def test_list_by_role(emulator: Emulator) -> None:
    names = [one["displayName"] for one in emulator.fabric("GET", "/workspaces?roles=Member").json()["value"]]
    assert names == ["Finance"]
    assert emulator.fabric("GET", "/workspaces?roles=Owner").status_code == 400


def test_assign_to_capacity_is_accepted_without_location(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"capacity_assignment_time": 600})
    path = f"/workspaces/{SALES}"
    answer = emulator.fabric("POST", f"{path}/assignToCapacity", json={"capacityId": F64})
    assert (answer.status_code, answer.content, "Location" in answer.headers) == (202, b"", False)
    assert emulator.fabric("GET", path).json()["capacityAssignmentProgress"] == "InProgress"
    emulator.advance()
    assert emulator.fabric("GET", path).json()["capacityAssignmentProgress"] == "Completed"
    emulator.control("PATCH", "tenant", {"capacity_assignment_time": 0})
    assert emulator.fabric("POST", f"{path}/unassignFromCapacity").status_code == 202
    assert "capacityId" not in emulator.fabric("GET", path).json()
    again = emulator.fabric("POST", f"{path}/unassignFromCapacity")
    assert again.json()["errorCode"] == "WorkspaceHasNoCapacityAssigned"


def test_capacities(emulator: Emulator) -> None:
    [shown] = emulator.fabric("GET", "/capacities").json()["value"]
    expected = {"id": F64, "displayName": "Contoso F64", "sku": "F64", "region": "North Europe", "state": "Active"}
    assert shown == expected
    assert emulator.fabric("GET", f"/capacities/{F64}").json() == shown


def test_role_assignments(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"page_size": 2})
    path = f"/workspaces/{SALES}/roleAssignments"
    body = {"principal": {"id": CERTIFIED_APP, "type": "ServicePrincipal"}, "role": "Contributor"}
    added = emulator.fabric("POST", path, json=body)
    assert (added.status_code, added.json()["id"]) == (201, CERTIFIED_APP)
    assert added.json()["principal"]["servicePrincipalDetails"] == {"aadAppId": "a9900000-0000-4000-8000-000000000002"}
    assert added.headers["Location"].endswith(f"{path}/{CERTIFIED_APP}")
    repeated = emulator.fabric("POST", path, json=body)
    assert (repeated.status_code, repeated.json()["errorCode"]) == (409, "PrincipalAlreadyHasWorkspaceRolePermissions")
    changed = emulator.fabric("PATCH", f"{path}/{CERTIFIED_APP}", json={"role": "Member"})
    assert changed.json()["role"] == emulator.fabric("GET", f"{path}/{CERTIFIED_APP}").json()["role"] == "Member"
    first = emulator.fabric("GET", path).json()
    second = emulator.fabric("GET", path, params={"continuationToken": first["continuationToken"]}).json()
    types = [one["principal"]["type"] for one in [*first["value"], *second["value"]]]
    assert types == ["User", "Group", "ServicePrincipal", "ServicePrincipal"]
    assert emulator.fabric("DELETE", f"{path}/{CERTIFIED_APP}").status_code == 200
    assert emulator.fabric("GET", f"{path}/{CERTIFIED_APP}").status_code == 404


@pytest.mark.parametrize(
    ("principal", "role", "code"),
    [
        ({"id": "a9900000-0000-4000-8000-000000000002", "type": "ServicePrincipal"}, "Viewer", "PrincipalNotFound"),
        ({"id": CERTIFIED_APP, "type": "User"}, "Viewer", "PrincipalNotFound"),
        ({"id": CERTIFIED_APP, "type": "ServicePrincipal"}, "Owner", "InvalidInput"),
        ({"id": CERTIFIED_APP, "type": "App"}, "Viewer", "InvalidInput"),
    ],
)
def test_role_assignments_refused(emulator: Emulator, principal: dict[str, str], role: str, code: str) -> None:
    answer = emulator.fabric(
        "POST", f"/workspaces/{SALES}/roleAssignments", json={"principal": principal, "role": role}
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_a_member_gives_no_more_than_it_has(emulator: Emulator) -> None:
    path = f"/workspaces/{FINANCE}/roleAssignments"
    principal = {"id": CERTIFIED_APP, "type": "ServicePrincipal"}
    assert emulator.fabric("POST", path, json={"principal": principal, "role": "Admin"}).status_code == 403
    assert emulator.fabric("POST", path, json={"principal": principal, "role": "Member"}).status_code == 201
    assert emulator.fabric("DELETE", f"{path}/{CERTIFIED_APP}").status_code == 403


def test_the_last_admin_stays(emulator: Emulator) -> None:
    workspace = emulator.fabric("POST", "/workspaces", json={"displayName": "Alone"}).json()
    path = f"/workspaces/{workspace['id']}/roleAssignments/{DEPLOYER_APP}"
    for answer in (emulator.fabric("PATCH", path, json={"role": "Viewer"}), emulator.fabric("DELETE", path)):
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "LastWorkspaceAdminCannotBeRemoved")


def test_throttled_as_fabric_does(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.control("PATCH", "tenant", {"throttle_requests": 0, "throttle_window": 5})
    answer = emulator.fabric("GET", "/workspaces", token)
    assert (answer.status_code, answer.json()["errorCode"]) == (429, "RequestBlocked")
    assert answer.json()["isRetriable"] is True
    assert answer.headers["Retry-After"] == "5"


def test_folders(emulator: Emulator) -> None:
    path = f"/workspaces/{SALES}/folders"
    outer = emulator.fabric("POST", path, json={"displayName": "Reports"})
    assert outer.status_code == 201
    body = {"displayName": "Monthly", "parentFolderId": outer.json()["id"]}
    inner = emulator.fabric("POST", path, json=body).json()
    assert inner["parentFolderId"] == outer.json()["id"]
    assert emulator.fabric("POST", path, json=body).json()["errorCode"] == "FolderDisplayNameAlreadyInUse"
    assert len(emulator.fabric("GET", path).json()["value"]) == 2
    assert len(emulator.fabric("GET", f"{path}?recursive=false").json()["value"]) == 1
    below = emulator.fabric("GET", path, params={"rootFolderId": outer.json()["id"]}).json()["value"]
    assert [one["displayName"] for one in below] == ["Monthly"]
    full = emulator.fabric("DELETE", f"{path}/{outer.json()['id']}")
    assert (full.status_code, full.json()["errorCode"]) == (400, "FolderNotEmpty")
    moved = emulator.fabric("POST", f"{path}/{inner['id']}/move", json={})
    assert "parentFolderId" not in moved.json()
    assert emulator.fabric("DELETE", f"{path}/{outer.json()['id']}").status_code == 200
    assert emulator.fabric("PATCH", f"{path}/{inner['id']}", json={"displayName": "a/b"}).status_code == 400
    renamed = emulator.fabric("PATCH", f"{path}/{inner['id']}", json={"displayName": "Weekly"}).json()
    assert emulator.fabric("GET", f"{path}/{inner['id']}").json() == renamed
