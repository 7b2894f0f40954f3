# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: access to workspaces."""

from __future__ import annotations

import typing as t

import pytest

from conftest import DEPLOYER, MEGAN, MEGANS_PASSWORD, PUBLIC, READER, READER_SECRET, Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
BOARD = "f01de400-0000-4000-8000-000000000003"
USERS = f"/groups/{SALES}/users"
ALEX = "alex.wilber@contoso.onmicrosoft.com"
CERTIFIED_APP = "0b1ec700-0000-4000-8000-000000000002"
ANALYSTS = "69000000-0000-4000-8000-000000000002"


def listed(emulator: Emulator) -> dict[str, dict[str, t.Any]]:
    return {one["identifier"]: one for one in emulator.api("GET", USERS).json()["value"]}


def test_list_shows_upns_and_object_ids(emulator: Emulator) -> None:
    users = listed(emulator)
    assert users[MEGAN] == {
        "emailAddress": MEGAN,
        "groupUserAccessRight": "Admin",
        "displayName": "Megan Bowen",
        "identifier": MEGAN,
        "principalType": "User",
    }
    group = users["69000000-0000-4000-8000-000000000001"]
    assert (group["principalType"], group["displayName"]) == ("Group", "Power BI Deployers")
    assert "emailAddress" not in group
    assert users["0b1ec700-0000-4000-8000-000000000008"]["principalType"] == "App"


@pytest.mark.parametrize(
    "caller",
    [
        {"emailAddress": ALEX},
        {"identifier": ALEX, "principalType": "User"},
        {"identifier": CERTIFIED_APP.upper(), "principalType": "App"},
        {"identifier": ANALYSTS, "principalType": "Group"},
    ],
)
def test_grant_change_and_take_away(emulator: Emulator, caller: dict[str, str]) -> None:
    added = emulator.api("POST", USERS, json={**caller, "groupUserAccessRight": "Viewer"})
    assert (added.status_code, added.content) == (200, b"")
    identifier = next(iter(set(listed(emulator)) & {ALEX, CERTIFIED_APP, ANALYSTS}))
    again = emulator.api("POST", USERS, json={**caller, "groupUserAccessRight": "Member"})
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "AddingAlreadyExistsGroupUserNotSupportedError"
    assert emulator.api("PUT", USERS, json={**caller, "groupUserAccessRight": "Member"}).status_code == 200
    assert listed(emulator)[identifier]["groupUserAccessRight"] == "Member"
    assert emulator.api("DELETE", f"{USERS}/{identifier}").status_code == 200
    assert identifier not in listed(emulator)
    assert emulator.api("PUT", USERS, json={**caller, "groupUserAccessRight": "Viewer"}).status_code == 404
    assert emulator.api("DELETE", f"{USERS}/{identifier}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"identifier": DEPLOYER, "principalType": "App", "groupUserAccessRight": "Admin"}, "PrincipalNotFound"),
        ({"identifier": CERTIFIED_APP, "principalType": "Group", "groupUserAccessRight": "Admin"}, "PrincipalNotFound"),
        ({"emailAddress": "nobody@contoso.example", "groupUserAccessRight": "Admin"}, "PrincipalNotFound"),
        ({"identifier": CERTIFIED_APP, "groupUserAccessRight": "Admin"}, "InvalidRequest"),
        ({"emailAddress": ALEX, "groupUserAccessRight": "Owner"}, "InvalidRequest"),
        ({"emailAddress": ALEX}, "InvalidRequest"),
    ],
)
def test_grants_refused(emulator: Emulator, body: dict[str, str], code: str) -> None:
    answer = emulator.api("POST", USERS, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_the_last_admin_stays(emulator: Emulator) -> None:
    token = emulator.token(
        client_id=PUBLIC, client_secret=None, grant_type="password", username=MEGAN, password=MEGANS_PASSWORD
    )
    users = f"/groups/{BOARD}/users"
    removed = emulator.api("DELETE", f"{users}/{MEGAN}", token)
    assert (removed.status_code, removed.json()["error"]["code"]) == (400, "InvalidRequest")
    demoted = emulator.api("PUT", users, token, json={"emailAddress": MEGAN, "groupUserAccessRight": "Viewer"})
    assert demoted.status_code == 400
    assert emulator.api("POST", users, token, json={"emailAddress": ALEX, "groupUserAccessRight": "Admin"}).ok
    assert emulator.api("DELETE", f"{users}/{MEGAN}", token).status_code == 200


def test_a_viewer_may_read_but_not_write(emulator: Emulator) -> None:
    token = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.api("GET", USERS, token).status_code == 200
    body = {"emailAddress": ALEX, "groupUserAccessRight": "Viewer"}
    assert emulator.api("POST", USERS, token, json=body).status_code == 403
    assert emulator.api("POST", "/RefreshUserPermissions", token).status_code == 200
