# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests a workspace takes, in which order, and when none may be sent."""

from __future__ import annotations

import typing as t
from urllib.parse import unquote

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_state import (
    DesiredWorkspace,
    ManagedWorkspace,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspaces
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
from fakes.task import RecordedTask
from fakes.wire import Reply, Sent, Wire, reply, wire

ID = "f01de400-0000-4000-8000-000000000001"
CAPACITY = "ca900000-0000-4000-8000-00000000000f"
BASE = "https://api.powerbi.test/v1.0/myorg"
FABRIC = "https://api.fabric.test/v1"


class Service:
    """A service with some groups and one capacity, which carries nothing out; ``refusals`` answer once, by method."""

    def __init__(self, *groups: dict[str, t.Any], refusals: t.Mapping[str, Reply] | None = None) -> None:
        self.groups = list(groups)
        self.refusals = dict(refusals or {})
        self.made: dict[str, t.Any] | None = None

    def __call__(self, sent: Sent) -> Reply:
        refusal = self.refusals.pop(sent.method, None)
        if sent.method == "POST" and sent.url.startswith(f"{BASE}/groups?"):
            if refusal is None or self.made is not None:
                self.groups.append(self.made or group(name=sent.json["name"]))
            return reply(200, self.groups[-1]) if refusal is None else refusal
        if refusal is not None:
            return refusal
        if sent.url.startswith(f"{BASE}/groups?"):
            return reply(200, {"value": self.groups if "skip=0" in sent.url else []})
        if sent.url == f"{BASE}/capacities":
            return reply(200, {"value": [{"id": CAPACITY.upper(), "displayName": "F64", "state": "Active"}]})
        if sent.url.endswith("/CapacityAssignmentStatus"):
            return reply(200, {"status": "CompletedSuccessfully"})
        return reply(200, {"id": ID, "description": "Old"} if sent.url.startswith(FABRIC) else None)


def group(name: str = "Sales", capacity: str = "", storage: str = "Small", **more: t.Any) -> dict[str, t.Any]:
    shown = {"id": ID.upper(), "name": name, "isOnDedicatedCapacity": bool(capacity), **more}
    return {**shown, "capacityId": capacity.upper(), "defaultDatasetStorageFormat": storage} if capacity else shown


def writes(net: Wire) -> list[tuple[str, str, t.Any]]:
    return [
        (sent.method, sent.url.removeprefix(BASE).removeprefix(FABRIC), sent.json)
        for sent in net.transport.sent
        if sent.method != "GET"
    ]


def plan_workspace(net: Wire, requested: DesiredWorkspace, *, present: bool) -> Plan:
    return ManagedWorkspace(net.client, requested, present=present).plan(RecordedTask(check_mode=True))


def apply(net: Wire, *, present: bool = True, wait: bool = True, **desired: t.Any) -> dict[str, t.Any]:
    """The return value `workspace` after the task."""
    task = RecordedTask()
    workspace = ManagedWorkspace(net.client, DesiredWorkspace(**desired), present=present, wait=wait, timeout=60.0)
    change = workspace.plan(task)
    if change.changed:
        workspace.apply(change, task)
    assert bool(task.writes) is change.changed
    return dict(workspace.values(change)["workspace"])


def test_the_fields_of_a_workspace() -> None:
    shared = {**group(), "capacityId": CAPACITY, "defaultDatasetStorageFormat": "Large"}  # left over from its capacity
    net = wire(Service(shared, group("Other", CAPACITY, "Large")))
    assert [tuple(workspace) for workspace in Workspaces(net.client).all()] == [
        (ID, "Sales", "", "", "Workspace"),
        (ID, "Other", CAPACITY, "large", "Workspace"),
    ]


def test_names_are_looked_for_in_any_case_and_quoted() -> None:
    net = wire(Service(group("It's ÄPFEL"), group("Other")))
    assert Workspaces(net.client).get("it's äpfel").name == "It's ÄPFEL"
    assert "$filter=tolower(name) eq 'it''s äpfel'" in unquote(net.urls[0])


def test_everything_at_once() -> None:
    net = wire(Service())
    state = apply(net, name="Sales", description="New", capacity="f64", storage_format="large")
    assert writes(net) == [
        ("POST", "/groups?workspaceV2=true", {"name": "Sales"}),
        ("PATCH", f"/workspaces/{ID}", {"description": "New"}),
        ("POST", f"/groups/{ID}/AssignToCapacity", {"capacityId": CAPACITY}),
        ("PATCH", f"/groups/{ID}", {"defaultDatasetStorageFormat": "Large"}),
    ]
    assert state == {
        "id": ID,
        "name": "Sales",
        "description": "New",
        "capacity_id": CAPACITY,
        "storage_format": "large",
    }


@pytest.mark.parametrize(
    ("there", "desired", "written"),
    [
        (group(), {"name": "SALES"}, []),
        (group(), {"name": "Sales", "storage_format": "small"}, []),
        (group(capacity=CAPACITY), {"name": "Sales", "capacity": CAPACITY.upper(), "storage_format": "small"}, []),
        (group(), {"name": "Sales", "description": "Old", "capacity": "none"}, []),
        (group(), {"id": ID, "name": "SALES"}, [("PATCH", f"/groups/{ID}", {"name": "SALES"})]),
        (group(), {"name": "Sales", "description": ""}, [("PATCH", f"/workspaces/{ID}", {"description": ""})]),
        (
            group(capacity=CAPACITY, storage="Large"),
            {"name": "Sales", "storage_format": "small"},
            [("PATCH", f"/groups/{ID}", {"defaultDatasetStorageFormat": "Small"})],
        ),
        (
            group(capacity=CAPACITY, storage="Large"),
            {"name": "Sales", "capacity": "none"},
            [("POST", f"/groups/{ID}/AssignToCapacity", {"capacityId": "00000000-0000-0000-0000-000000000000"})],
        ),
        (
            group(),
            {"name": "Sales", "capacity": "F64", "storage_format": "small"},
            [("POST", f"/groups/{ID}/AssignToCapacity", {"capacityId": CAPACITY})],
        ),
    ],
)
def test_only_what_differs_is_written(there: dict[str, t.Any], desired: dict[str, t.Any], written: t.Any) -> None:
    net = wire(Service(there))
    apply(net, **desired)
    assert writes(net) == written


def test_absent() -> None:
    net = wire(Service(group(), refusals={"DELETE": reply(404, {"error": {"code": "PowerBIEntityNotFound"}})}))
    assert apply(net, name="Sales", present=False) == {}
    assert writes(net) == [("DELETE", f"/groups/{ID}", None)]


LOST = {
    "connection": TransportError("broke off"),
    "500": reply(500, {"error": {"code": "InternalError"}}),
    "taken": reply(400, {"error": {"code": "PowerBIEntityAlreadyExists"}}),
}


@pytest.mark.parametrize("refusal", LOST.values(), ids=LOST.keys())
def test_a_creation_with_an_empty_response_is_read_back(refusal: Reply) -> None:
    service = Service(refusals={"POST": refusal})
    service.made = group()
    net = wire(service)
    assert apply(net, name="Sales")["id"] == ID
    assert [method for method, _path, _body in writes(net)] == ["POST"]


@pytest.mark.parametrize("refusal", LOST.values(), ids=LOST.keys())
def test_a_creation_that_left_nothing_is_an_error(refusal: Reply) -> None:
    net = wire(Service(refusals={"POST": refusal}))
    with pytest.raises((ApiError, TransportError)):
        apply(net, name="Sales")
    assert [method for method, _path, _body in writes(net)] == ["POST"]
    assert sum(net.clock.slept) == pytest.approx(4.0)


def test_a_creation_that_was_not_sent_is_not_looked_for() -> None:
    net = wire(Service(refusals={"POST": TransportError("no such host", sent=False, retryable=False)}))
    with pytest.raises(TransportError, match="no such host"):
        apply(net, name="Sales")
    assert len(net.urls) == 2


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        ({"name": "New", "storage_format": "large"}, "is on no capacity"),
        ({"name": "New", "capacity": "F128"}, "no capacity 'F128'"),
        ({"name": ""}, "name is ''"),
        ({"id": "Sales"}, "which is not a GUID"),
    ],
)
def test_what_can_not_be_is_not_begun(desired: dict[str, t.Any], message: str) -> None:
    net = wire(Service())
    with pytest.raises(ConfigError, match=message):
        plan_workspace(net, DesiredWorkspace(**desired), present=True)
    assert writes(net) == []


@pytest.mark.parametrize("name", ["Finance", "f01de400-0000-4000-8000-000000000002"])
def test_a_deletion_whose_id_and_name_are_of_two_workspaces_is_refused(name: str) -> None:
    net = wire(Service(group()))
    with pytest.raises(ConfigError, match="contradict"):
        plan_workspace(net, DesiredWorkspace(name=name, id=ID), present=False)
    assert writes(net) == []


def test_a_deletion_whose_id_is_gone_and_whose_name_is_another_ones_is_refused() -> None:
    net = wire(Service(group()))
    gone = "f01de400-0000-4000-8000-0000000000ff"
    with pytest.raises(ConfigError, match="contradict"):
        plan_workspace(net, DesiredWorkspace(name="sales", id=gone), present=False)
    assert not plan_workspace(net, DesiredWorkspace(name="other", id=gone), present=False).changed


def test_a_deletion_by_id_and_its_own_name() -> None:
    net = wire(Service(group()))
    assert plan_workspace(net, DesiredWorkspace(name="SALES", id=ID), present=False).action == "delete"


def test_a_guid_as_name_is_an_id() -> None:
    net = wire(Service(group()))
    assert not plan_workspace(net, DesiredWorkspace(name=ID.upper()), present=True).changed
    assert plan_workspace(net, DesiredWorkspace(name="{" + ID + "}"), present=False).action == "delete"
    with pytest.raises(ConfigError, match="no workspace with the id"):
        plan_workspace(net, DesiredWorkspace(name="f01de400-0000-4000-8000-0000000000ff"), present=True)
    with pytest.raises(ConfigError, match="which is an id"):
        plan_workspace(net, DesiredWorkspace(id=ID, name="f01de400-0000-4000-8000-0000000000ff"), present=True)


@pytest.mark.parametrize("capacity", ["", "None", "NONE", "null"])
def test_a_capacity_without_a_value_changes_nothing(capacity: str) -> None:
    net = wire(Service(group(capacity=CAPACITY)))
    with pytest.raises(ConfigError, match="capacity is"):
        plan_workspace(net, DesiredWorkspace(name="Sales", capacity=capacity), present=True)
    assert plan_workspace(net, DesiredWorkspace(name="Sales", capacity="none"), present=True).changed


@pytest.mark.parametrize("name", ["None", "[]", "['']", "null"])
def test_a_name_without_a_value_creates_no_workspace(name: str) -> None:
    net = wire(Service())
    with pytest.raises(ConfigError, match="a variable without a value"):
        plan_workspace(net, DesiredWorkspace(name=name), present=True)
    assert not plan_workspace(net, DesiredWorkspace(name=name), present=False).changed
