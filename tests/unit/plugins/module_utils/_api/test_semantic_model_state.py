# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests a semantic model takes, and which options are refused before any write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.model_ownership import is_owner
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_model_state import (
    DesiredModel,
    ManagedSemanticModel,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_models import SemanticModel
from ansible_collections.community.powerbi.plugins.module_utils._api.workspace_access import Caller
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError, TransportError
from fakes.task import RecordedTask
from fakes.wire import Reply, Sent, Wire, reply, wire

MODEL: t.Final = SemanticModel("5a1e0000-0000-4000-8000-000000000001", "Sales")
APP: t.Final = Caller(("0b1ec700-0000-4000-8000-000000000001",), "0b1ec700-0000-4000-8000-000000000001", "a" * 8)
MEGAN: t.Final = "megan@contoso.example"
SQL: t.Final = {"type": "SQL", "path": "a;b"}
BOUND: t.Final = {"id": "c1", "connectivityType": "ShareableCloud", "connectionDetails": SQL}
PERSONAL: t.Final = {"connectivityType": "PersonalCloud", "connectionDetails": {"type": "Web", "path": "https://x"}}
NOT_BOUND: t.Final = {"connectivityType": "None", "connectionDetails": SQL}


class Service:
    """One semantic model, which loses its connections when it is taken over."""

    def __init__(self, owner: str = APP.object_id, storage: str = "Abf", replicas: int = 0, **faults: int) -> None:
        self.model = {"id": MODEL.id, "name": "Sales", "configuredBy": owner, "targetStorageMode": storage}
        self.scale_out = {"autoSyncReadOnlyReplicas": True, "maxReadOnlyReplicas": replicas}
        self.parameters = [
            {"name": "Server", "type": "Text", "isRequired": True, "currentValue": "old"},
            {"name": "Rows", "type": "Number", "isRequired": False, "currentValue": "100"},
        ]
        self.connections: list[dict[str, t.Any]] = []
        self.faults = faults
        self.new_owner = APP.object_id
        self.lost = ""  # the last part of the path whose response never arrives
        self.net: Wire = wire(self.answer)

    def answer(self, sent: Sent) -> Reply:
        last = sent.url.rpartition("/")[2]
        if last == self.lost:
            raise TransportError("connection reset")
        if last in self.faults:
            return reply(self.faults[last], {"error": {"code": "InvalidRequest", "message": "No."}})
        if last == "Default.TakeOver":
            self.model["configuredBy"] = self.new_owner
            self.connections = [NOT_BOUND if one is BOUND else one for one in self.connections]
        if last == "c1":
            return reply(200, {**BOUND, "displayName": "Warehouse"})
        lists = {"parameters": self.parameters, "connections": self.connections}
        if last in lists:
            return reply(200, {"value": lists[last]})
        return reply(200, {**self.model, "queryScaleOutSettings": self.scale_out} if sent.method == "GET" else None)

    @property
    def writes(self) -> list[tuple[str, t.Any]]:
        """The last part of the path, and the body, of each write."""
        return [(one.url.rpartition("/")[2], one.json) for one in self.net.transport.sent if one.method != "GET"]


def model_of(
    service: Service, *, capacity: str = "c", model: SemanticModel = MODEL, caller: Caller = APP, **options: t.Any
) -> ManagedSemanticModel:
    workspace = Workspace("w" if model.id else "", "Finance", capacity, "", "Workspace")
    return ManagedSemanticModel(service.net.client, workspace, model, DesiredModel(**options), caller)


def apply(service: Service, **options: t.Any) -> RecordedTask:
    resource, task = model_of(service, **options), RecordedTask()
    change = resource.plan(task)
    assert not service.writes
    if change.changed:
        resource.apply(change, task)
    assert task.writes == len(service.writes)
    return task


def test_only_what_differs_is_sent() -> None:
    service = Service()
    apply(service, parameters={"Server": "new", "Rows": 100.0}, storage_format="small", take_over=True)
    assert service.writes == [("Default.UpdateParameters", {"updateDetails": [{"name": "Server", "newValue": "new"}]})]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"parameters": {}},
        {"parameters": {"Server": "old", "Rows": "1e2"}},
        {"storage_format": "small", "query_scale_out": {"max_replicas": 0, "auto_sync": None}},
        {"take_over": True},
    ],
)
def test_what_is_so_already_is_no_change(options: dict[str, t.Any]) -> None:
    service = Service()
    apply(service, **options)
    assert service.writes == []


def test_parameters_are_read_only_if_they_are_managed() -> None:
    service = Service()
    apply(service, storage_format="small")
    assert [url.rpartition("/")[2] for url in service.net.urls] == [MODEL.id]


def test_replicas_after_the_large_format_and_before_the_small_one() -> None:
    service = Service()
    apply(service, storage_format="large", query_scale_out={"max_replicas": -1, "auto_sync": None})
    large, small = {"targetStorageMode": "PremiumFiles"}, {"targetStorageMode": "Abf"}
    settings = {"maxReadOnlyReplicas": -1, "autoSyncReadOnlyReplicas": True}
    assert [body for _path, body in service.writes] == [large, {"queryScaleOutSettings": settings}]
    service = Service(storage="PremiumFiles", replicas=-1)
    apply(service, storage_format="small", query_scale_out={"max_replicas": 0, "auto_sync": False})
    settings = {"maxReadOnlyReplicas": 0, "autoSyncReadOnlyReplicas": False}
    assert [body for _path, body in service.writes] == [{"queryScaleOutSettings": settings}, small]


@pytest.mark.parametrize(
    ("options", "option", "text"),
    [
        (
            {"query_scale_out": {"max_replicas": 65}},
            "query_scale_out",
            "query_scale_out.max_replicas is 65. The service allows 0 to 64",
        ),
        ({"query_scale_out": {"max_replicas": -2}}, "query_scale_out", "query_scale_out.max_replicas is -2"),
        ({"query_scale_out": {"max_replicas": 2}}, "query_scale_out", "replicas and the small storage format"),
        ({"query_scale_out": {"max_replicas": 2}, "capacity": ""}, "query_scale_out", "shared capacity"),
        ({"storage_format": "large", "capacity": ""}, "storage_format", "shared capacity"),
        ({"parameters": {"Nothing": 1}}, "parameters", "no parameter 'Nothing'"),
        ({"parameters": {"Rows": "many"}}, "parameters", "its type is Number"),
        ({"take_over": True, "caller": Caller()}, "take_over", "can't be known"),
    ],
)
def test_what_the_service_would_refuse_is_an_error_before_a_write(
    options: dict[str, t.Any], option: str, text: str
) -> None:
    service = Service()
    with pytest.raises(ConfigError, match=text) as caught:
        apply(service, **options)
    assert caught.value.details["option"] == option
    assert caught.value.remedy
    assert service.writes == []


def test_the_model_of_another_owner_is_not_changed_without_take_over() -> None:
    service = Service(owner=MEGAN)
    apply(service, parameters={"Rows": 100})  # no change
    with pytest.raises(ConfigError, match=f"owned by {MEGAN}, and only the owner can change parameters") as caught:
        apply(service, parameters={"Rows": 7})
    assert caught.value.details["option"] == "take_over"
    assert service.writes == []


def test_an_owner_in_an_unknown_form_is_left_to_the_service() -> None:
    service = Service(owner="Ansible Deploy")
    apply(service, parameters={"Rows": 7})
    assert len(service.writes) == 1


def test_take_over_restores_the_connections() -> None:
    service = Service(owner=MEGAN)
    service.connections = [BOUND]
    task = apply(service, take_over=True, parameters={"Rows": 7})
    assert [path for path, _body in service.writes] == [
        "Default.TakeOver",
        "bindConnection",
        "Default.UpdateParameters",
    ]
    assert service.writes[1][1]["connectionBinding"]["id"] == "c1"
    assert task.warnings == []


def test_what_take_over_drops_for_good_is_said_before_the_first_write() -> None:
    service = Service(owner=MEGAN, c1=404)
    service.connections = [BOUND, PERSONAL, NOT_BOUND]
    resource, task = model_of(service, take_over=True), RecordedTask(check_mode=True)
    change = resource.plan(task)
    assert (change.before or {})["owner"] == MEGAN
    assert resource.values(change)["semantic_model"]["owner"] == APP.object_id
    [warning] = task.warnings
    assert "SQL a;b (connection c1), Web https://x" in warning
    assert service.writes == []


def test_connections_that_were_not_restored_are_named() -> None:
    service = Service(owner=MEGAN, bindConnection=400)
    service.connections = [BOUND]
    resource, task = model_of(service, take_over=True), RecordedTask()
    change = resource.plan(task)
    with pytest.raises(ApiError, match="was taken over, but its connections were not restored") as caught:
        resource.apply(change, task)
    assert "SQL a;b to c1" in caught.value.remedy
    assert task.writes == 1


@pytest.mark.parametrize(
    ("path", "what"),
    [("bindConnection", "was taken over, but its"), ("Default.TakeOver", "may have been taken over, and then its")],
)
def test_a_lost_response_after_the_take_over_names_the_connections(path: str, what: str) -> None:
    service = Service(owner=MEGAN)
    service.connections = [BOUND]
    resource, task = model_of(service, take_over=True), RecordedTask()
    change = resource.plan(task)
    service.lost = path
    with pytest.raises(TransportError, match=what) as caught:
        resource.apply(change, task)
    assert "SQL a;b to c1" in caught.value.remedy


def test_an_owner_that_is_not_the_caller_after_take_over_is_a_warning() -> None:
    service = Service(owner=MEGAN)
    service.new_owner = "Ansible Deploy"
    [warning] = apply(service, take_over=True).warnings
    assert "names Ansible Deploy as its owner" in warning


def test_a_planned_model_is_owned_by_the_caller() -> None:
    service = Service()
    resource = model_of(service, model=SemanticModel("", "Sales"), take_over=True, parameters={"Rows": 7})
    change = resource.plan(RecordedTask(check_mode=True))
    assert change.changes == {"parameters": {"Rows": "7"}}
    assert service.net.transport.sent == []


@pytest.mark.parametrize("body", [None, {}, [], {"configuredBy": 7, "queryScaleOutSettings": "x"}])
def test_a_response_of_other_types_is_a_model_of_the_small_format(body: t.Any) -> None:
    service = Service()
    service.answer = lambda _sent: reply(200, body)  # type: ignore[method-assign]
    service.net = wire(lambda sent: service.answer(sent))
    before = model_of(service).plan(RecordedTask()).before or {}
    assert (before["storage_format"], before["query_scale_out"]["max_replicas"]) == ("small", 0)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (APP.object_id.upper(), True),
        (f"{{{APP.object_id}}}", True),
        (APP.app_id, True),
        (MEGAN, False),
        ("0b1ec700-0000-4000-8000-0000000000ff", False),
        ("Ansible Deploy", None),
        ("", None),
    ],
)
def test_who_the_owner_is(owner: str, expected: bool | None) -> None:
    assert is_owner(owner, APP) is expected
    assert is_owner(owner, Caller()) is None
    assert is_owner(MEGAN.upper(), Caller((MEGAN,))) is True
