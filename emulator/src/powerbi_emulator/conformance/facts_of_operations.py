# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded facts about long-running operations, rejections and host names."""

from __future__ import annotations

import typing as t

from powerbi_emulator.conformance.facts_of_items import CLI, ITEMS, MODEL, NOTEBOOK, Fact
from powerbi_emulator.conformance.live_emulator import FINANCE, GRAPH, Answer, LiveEmulator

_HOSTS: t.Final = (
    *("api.powerbi.com", "api.fabric.microsoft.com", "login.microsoftonline.com", "graph.microsoft.com"),
    "contoso-kv.vault.azure.net",
)


def _headers(answer: Answer, *names: str) -> str:
    result = [f"{name} {answer.headers.get(name, '-').rpartition('/v1')[2]}" for name in names]
    return f"{answer.status}, {', '.join(result)}"


def _has_operation(answer: Answer) -> bool:
    return "x-ms-operation-id" in answer.headers


def _operation(emulator: LiveEmulator) -> tuple[str, bool]:
    answer = emulator.create("Notebook", NOTEBOOK)
    requested = {"location", "x-ms-operation-id", "retry-after"} <= set(answer.headers)
    return (
        f"{answer.status}, {answer.size} bytes, operation id {_has_operation(answer)}",
        requested and answer.size == 4,
    )


def _operation_state(emulator: LiveEmulator) -> tuple[str, bool]:
    made = emulator.create("Notebook", NOTEBOOK)
    state = emulator.fabric("GET", f"/operations/{made.headers['x-ms-operation-id']}")
    place = state.headers.get("location", "")
    fields = {"status": "Succeeded", "percentComplete": 100, "error": None}
    ok = place.endswith("/result") and state.body == {**state.body, **fields}
    return f"{state.body.get('status')}, Location ends with {place.rpartition('/')[2]}", ok


def _no_result(emulator: LiveEmulator) -> tuple[str, bool]:
    item = emulator.made(emulator.create("Notebook", NOTEBOOK))
    body = {"definition": emulator.made(emulator.fabric("POST", f"{ITEMS}/{item['id']}/getDefinition"))["definition"]}
    answer = emulator.fabric("POST", f"{ITEMS}/{item['id']}/updateDefinition", body)
    result = emulator.fabric("GET", f"/operations/{answer.headers['x-ms-operation-id']}/result")
    return f"{result.status} {result.body['errorCode']}", result.body["errorCode"] == "OperationHasNoResult"


def _job(emulator: LiveEmulator) -> tuple[str, bool]:
    item = emulator.made(emulator.create("Notebook", NOTEBOOK))["id"]
    answer = emulator.fabric("POST", f"{ITEMS}/{item}/jobs/instances?jobType=RunNotebook")
    place = f"/v1{ITEMS}/{item}/jobs/instances/" in answer.headers.get("location", "")
    ok = (answer.status, answer.size, answer.headers.get("retry-after")) == (202, 0, "60") and place
    return _headers(answer, "retry-after", "x-ms-operation-id"), ok and not _has_operation(answer)


def _job_state(emulator: LiveEmulator) -> tuple[str, bool]:
    emulator.control("PATCH", "tenant", {"job_time": 60})
    item = emulator.made(emulator.create("Notebook", NOTEBOOK))["id"]
    answer = emulator.fabric("POST", f"{ITEMS}/{item}/jobs/instances?jobType=RunNotebook")
    path = answer.headers["location"].partition("/v1")[2]
    running = emulator.fabric("GET", path)
    emulator.control("POST", "advance", {"seconds": 60})
    ended = emulator.fabric("GET", path)
    result = [(one.body["status"], "retry-after" in one.headers, one.body["failureReason"]) for one in (running, ended)]
    return str(result), result == [("NotStarted", True, None), ("Completed", False, None)]


def _cancelled_job(emulator: LiveEmulator) -> tuple[str, bool]:
    emulator.control("PATCH", "tenant", {"job_time": 60})
    item = emulator.made(emulator.create("Notebook", NOTEBOOK))["id"]
    started = emulator.fabric("POST", f"{ITEMS}/{item}/jobs/instances?jobType=RunNotebook")
    path = started.headers["location"].partition("/v1")[2]
    answer = emulator.fabric("POST", f"{path}/cancel")
    status = emulator.fabric("GET", path).body["status"]
    same = answer.headers.get("location") == started.headers["location"]
    return f"{answer.status}, then {status}", (answer.status, status) == (202, "Cancelled") and same


def _assignment(emulator: LiveEmulator) -> tuple[str, bool]:
    capacity = emulator.fabric("GET", "/capacities").body["value"][0]["id"]
    made = emulator.fabric("POST", "/workspaces", {"displayName": emulator.name()}).body["id"]
    answer = emulator.fabric("POST", f"/workspaces/{made}/assignToCapacity", {"capacityId": capacity})
    ok = (answer.status, answer.size) == (202, 0) and "location" not in answer.headers
    return _headers(answer, "location", "x-ms-operation-id"), ok and not _has_operation(answer)


def _refresh(emulator: LiveEmulator) -> tuple[str, bool]:
    model = emulator.made(emulator.create("SemanticModel", MODEL))["id"]
    answer = emulator.powerbi("POST", f"/groups/{FINANCE}/datasets/{model}/refreshes", {"type": "Full"})
    ok = answer.status == 202 and f"/datasets/{model}/refreshes/" in answer.headers.get("location", "")
    result = f"{answer.status}, Location {'location' in answer.headers}, operation id {_has_operation(answer)}"
    return result, ok and not _has_operation(answer)


def _throttled(emulator: LiveEmulator) -> tuple[str, bool]:
    emulator.fabric("GET", "/workspaces")
    emulator.control("PATCH", "tenant", {"throttle_requests": 0})
    answer = emulator.fabric("GET", "/workspaces")
    message = answer.body["message"]
    ok = "blocked by the upstream service until: " in message and message.endswith(" (UTC)")
    return f"{answer.status}, {message}", ok and answer.status == 429 and "retry-after" in answer.headers


def _not_emulated(emulator: LiveEmulator) -> tuple[str, bool]:
    fabric = emulator.fabric("GET", f"/workspaces/{FINANCE}/git/status")
    powerbi = emulator.powerbi("GET", "/admin/groups")
    graph = emulator.call("GET", "/v1.0/users", resource=GRAPH)
    codes = [fabric.body.get("errorCode"), *(one.body["error"]["code"] for one in (powerbi, graph))]
    statuses = [fabric.status, powerbi.status, graph.status]
    return f"{statuses}, {codes[0]}", statuses == [501] * 3 and set(codes) == {"NotEmulated"}


def _missing(emulator: LiveEmulator) -> tuple[str, bool]:
    answer = emulator.fabric("GET", f"{ITEMS}/0000000a-0000-4000-8000-000000000000")
    return f"{answer.status} {answer.body['errorCode']}", (answer.status, answer.body["errorCode"]) == (
        404,
        "ItemNotFound",
    )


def _doubled_slash(emulator: LiveEmulator) -> tuple[str, bool]:
    found = [emulator.call("GET", f"/v1.0/{path}", resource=GRAPH).status for path in ("/applications", "applications")]
    return f"//applications {found[0]}, /applications {found[1]}", found[0] == found[1] != 501


def _service_hosts(emulator: LiveEmulator) -> tuple[str, bool]:
    missing = [host for host in _HOSTS if not emulator.accepts_name(host)]
    return f"not in the certificate: {', '.join(missing)}" if missing else "all are in the certificate", not missing


FACTS: t.Final = (
    Fact("202: null, with Location, x-ms-operation-id and Retry-After", CLI, _operation),
    Fact("a finished operation: percentComplete 100, error null, Location of the result", CLI, _operation_state),
    Fact("an operation without a result: 400 OperationHasNoResult", CLI, _no_result),
    Fact("a job: 202, .../jobs/instances/ID, Retry-After 60, no x-ms-operation-id", f"{CLI} (test_jobs)", _job),
    Fact("a job: Retry-After while it runs, failureReason null", f"{CLI} (test_jobs)", _job_state),
    Fact("a cancelled job: 202 with its Location, then Cancelled", f"{CLI} (test_jobs)", _cancelled_job),
    Fact("assignToCapacity: 202 without Location and operation id", f"{CLI} (test_assign)", _assignment),
    Fact(
        "an enhanced refresh: 202 with Location, without operation id",
        "Learn, Enhanced refresh with the Power BI REST API",
        _refresh,
    ),
    Fact("429 RequestBlocked names the time, with Retry-After", f"{CLI} (69 times)", _throttled),
    Fact("paths that are not emulated: 501 in the service's form", "the emulator's own rule", _not_emulated),
    Fact("a missing item: 404 ItemNotFound", "Items - Get Item", _missing),
    Fact("msgraph-sdk: /v1.0//applications", "requests of msgraph-sdk", _doubled_slash),
    Fact("--service-hosts: the services' own names in the certificate", "clients with fixed hosts", _service_hosts),
)
