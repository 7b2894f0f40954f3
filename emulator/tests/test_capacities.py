# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: capacities, moving workspaces onto them, and what is slow or throttled on order."""

from __future__ import annotations

import pytest

from conftest import MEGAN, MEGANS_PASSWORD, PUBLIC, READER, READER_SECRET, Emulator

F64 = "ca900000-0000-4000-8000-00000000000f"
PAUSED = "ca900000-0000-4000-8000-00000000000e"
SALES = "f01de400-0000-4000-8000-000000000001"
ZERO_GUID = "00000000-0000-0000-0000-000000000000"


def megan(emulator: Emulator) -> str:
    return emulator.token(
        client_id=PUBLIC, client_secret=None, grant_type="password", username=MEGAN, password=MEGANS_PASSWORD
    )


def test_capacities_are_those_the_caller_may_use(emulator: Emulator) -> None:
    [shown] = emulator.api("GET", "/capacities").json()["value"]
    assert shown["id"] == F64.upper()
    assert shown["admins"] == [MEGAN, "0b1ec700-0000-4000-8000-000000000001"]
    assert (shown["capacityUserAccessRight"], shown["sku"], shown["state"]) == ("Admin", "F64", "Active")
    names = [one["displayName"] for one in emulator.api("GET", "/capacities", megan(emulator)).json()["value"]]
    assert names == ["Contoso F64", "Contoso F2 (paused)"]
    reader = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.api("GET", "/capacities", reader).json()["value"] == []


def test_assignment_is_pending_then_in_progress_then_done(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"capacity_assignment_time": 600})
    answer = emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64.upper()})
    assert (answer.status_code, answer.content) == (200, b"")
    status = f"/groups/{SALES}/CapacityAssignmentStatus"
    seen = [emulator.api("GET", status).json()]
    for _ in range(2):
        emulator.advance(301)
        assert emulator.api("GET", f"/groups/{SALES}").json()["isOnDedicatedCapacity"] is (len(seen) == 2)
        seen.append(emulator.api("GET", status).json())
    assert [one["status"] for one in seen] == ["Pending", "InProgress", "CompletedSuccessfully"]
    assert "endTime" not in seen[0]
    assert seen[-1]["endTime"] >= seen[-1]["startTime"]
    group = emulator.api("GET", f"/groups/{SALES}").json()
    assert (group["capacityId"], group["defaultDatasetStorageFormat"]) == (F64.upper(), "Small")


def test_zero_guid_takes_the_workspace_off(emulator: Emulator) -> None:
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    answer = emulator.api("PATCH", f"/groups/{SALES}", json={"defaultDatasetStorageFormat": "Large"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert emulator.api("GET", f"/groups/{SALES}").json()["defaultDatasetStorageFormat"] == "Large"
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": ZERO_GUID}).ok
    group = emulator.api("GET", f"/groups/{SALES}").json()
    assert group["isOnDedicatedCapacity"] is False
    assert not {"capacityId", "defaultDatasetStorageFormat"} & set(group)
    refused = emulator.api("PATCH", f"/groups/{SALES}", json={"defaultDatasetStorageFormat": "Small"})
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("capacity", "status", "code"),
    [
        (PAUSED, 400, "CapacityNotActive"),
        ("ca900000-0000-4000-8000-000000000000", 404, "PowerBIEntityNotFound"),
        (None, 400, "InvalidRequest"),
    ],
)
def test_assignments_refused(emulator: Emulator, capacity: str | None, status: int, code: str) -> None:
    token = megan(emulator)
    answer = emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", token, json={"capacityId": capacity})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_assignment_needs_a_right_on_the_capacity(emulator: Emulator) -> None:
    answer = emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": PAUSED})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PowerBINotAuthorizedException")


def test_a_new_workspace_is_unknown_for_so_many_reads(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"replication_reads": 2})
    created = emulator.api("POST", "/groups?workspaceV2=true", json={"name": "Fresh"}).json()
    missing = emulator.api("GET", f"/groups/{created['id']}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "PowerBIFolderNotFound")
    assert "Fresh" not in [one["name"] for one in emulator.api("GET", "/groups").json()["value"]]
    assert emulator.api("GET", f"/groups/{created['id']}").json()["name"] == "Fresh"
    taken = emulator.api("POST", "/groups?workspaceV2=true", json={"name": "Fresh"})
    assert taken.json()["error"]["code"] == "PowerBIEntityAlreadyExists"


def test_a_new_workspace_is_unknown_for_so_long(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"replication_time": 600})
    created = emulator.api("POST", "/groups?workspaceV2=true", json={"name": "Fresh"}).json()
    assert emulator.api("GET", f"/groups/{created['id']}").status_code == 404
    emulator.control("PATCH", "tenant", {"clock_skew": 601})
    assert emulator.api("GET", f"/groups/{created['id']}").status_code == 200


def test_a_caller_over_the_limit_gets_retry_after(emulator: Emulator) -> None:
    token = emulator.token()
    emulator.control("PATCH", "tenant", {"throttle_requests": 3, "throttle_window": 60})
    answers = [emulator.api("GET", "/groups", token) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    seconds = int(answers[3].headers["Retry-After"])
    assert 50 < seconds <= 60
    assert answers[3].json()["message"].endswith(f"Retry in {seconds} seconds.")
    other = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.api("GET", "/groups", other).status_code == 200
    emulator.control("PATCH", "tenant", {"clock_skew": 61})
    assert emulator.api("GET", "/groups", token).status_code == 200


def test_a_paused_capacity_stops_what_is_on_it(emulator: Emulator) -> None:
    assert emulator.control("PATCH", f"capacities/{F64}", {"state": "Suspended"})["state"] == "Suspended"
    finance = "f01de400-0000-4000-8000-000000000002"
    items = emulator.fabric("POST", f"/workspaces/{finance}/notebooks", json={"displayName": "N"})
    assert (items.status_code, items.json()["errorCode"]) == (404, "CapacityNotActive")
    imports = emulator.api("POST", f"/groups/{finance}/imports/createTemporaryUploadLocation")
    assert (imports.status_code, imports.json()["error"]["code"]) == (404, "CapacityNotActive")
    assert emulator.request("PATCH", f"/_emulator/capacities/{F64}", json={"state": "Tired"}).status_code == 400
