# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the APIs report a state: its names, Fabric's operations, the places of reasons."""

from __future__ import annotations

import typing as t

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    OperationFailedError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.response import ApiResponse
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation, Phase
from ansible_collections.community.powerbi.plugins.module_utils._polling import (
    fabric_operation,
    location_id,
    poll_state,
    state_name,
)
from fakes.clock import FakeClock
from fakes.wire import Wire, reply, wire

FABRIC = "https://api.fabric.test/v1"
REGIONAL = "https://wabi-north-redirect.analysis.windows.net/v1"


@pytest.mark.parametrize(
    ("thing", "phase"),
    [
        ({"importState": "Publishing"}, Phase.RUNNING),
        ({"importState": "Succeeded"}, Phase.SUCCEEDED),
        ({"importState": "Failed"}, Phase.FAILED),
        ({"status": "Unknown"}, Phase.RUNNING),  # a refresh that runs
        ({"status": "Completed"}, Phase.SUCCEEDED),
        ({"status": "Disabled"}, Phase.FAILED),
        ({"status": "Cancelled"}, Phase.CANCELLED),
        ({"Status": "executing"}, Phase.RUNNING),
        ({"status": "CompletedSuccessfully"}, Phase.SUCCEEDED),
        ({"status": "AssignmentFailed"}, Phase.FAILED),
        ({"capacityAssignmentProgress": "InProgress"}, Phase.RUNNING),
        ({"status": "Undefined"}, Phase.RUNNING),
        ({"status": "TimedOut"}, Phase.FAILED),
        ({"status": "Deduped"}, Phase.CANCELLED),
        ({"id": "x"}, Phase.RUNNING),
        (None, Phase.RUNNING),
    ],
)
def test_words(thing: t.Any, phase: Phase) -> None:
    assert poll_state(lambda: ApiResponse(200, CaseInsensitiveDict(), thing))().phase is phase


def test_a_poll_picks_its_entry_and_honours_retry_after() -> None:
    body = {"value": [{"requestId": "a", "status": "Completed"}, {"requestId": "b", "status": "Unknown"}]}
    answer = ApiResponse(200, CaseInsensitiveDict({"retry-after": "7"}), body)
    poll = poll_state(lambda: answer, lambda body: next((e for e in body["value"] if e["requestId"] == "b"), None))()
    assert (poll.phase, poll.result, poll.retry_after, poll.word) == (Phase.RUNNING, body["value"][1], 7.0, "Unknown")


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (
            {"serviceExceptionJson": '{"errorCode":"ModelRefreshFailed_CredentialsNotSpecified"}'},
            "failed with ModelRefreshFailed_CredentialsNotSpecified. The semantic model has no credentials",
        ),
        ({"serviceExceptionJson": "not {json"}, "failed: not {json."),
        ({"serviceExceptionJson": '{"errorCode":"X","errorDescription":"why"}'}, "failed with X: why."),
        ({"error": {"code": "FileIsCorrupted", "details": "no zip"}}, "failed with FileIsCorrupted: no zip."),
        ({"error": {"errorCode": "X", "message": "why"}}, "failed with X: why."),
        ({"error": {"errorCode": "X", "errorDetails": "why"}}, "failed with X: why."),
        ({"failureReason": {"errorCode": "X", "message": "why"}}, "failed with X: why."),
        ({"messages": [{"code": "0x1", "message": "one", "type": "Error"}, {"message": "two"}]}, "0x1: one. two."),
        ({"error": None}, "failed."),
        ({"error": {"message": "a\nb"}}, "failed: a b."),
    ],
)
def test_the_places_of_reasons(thing: dict[str, t.Any], text: str) -> None:
    poll = poll_state(lambda: ApiResponse(200, CaseInsensitiveDict(), {"status": "Failed", **thing}))
    with pytest.raises(OperationFailedError) as caught:
        Operation(poll, name="refresh", timeout=1.0, clock=FakeClock()).wait()
    assert str(caught.value).startswith("The refresh failed")
    assert text in str(caught.value)


def test_state_words() -> None:
    assert state_name({"status": "", "State": "Active"}) == "Active"
    assert state_name(["x"]) == ""


@pytest.mark.parametrize(
    ("location", "found"),
    [
        (f"{REGIONAL}/operations/op-1", "op-1"),
        (f"{REGIONAL}/operations/op-1/?x=y", "op-1"),
        ("/v1/operations/a%2Fb", "a/b"),
        (f"{REGIONAL}/operations/op-1/result", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_ids_at_the_end_of_locations(location: str, found: str) -> None:
    assert location_id(CaseInsensitiveDict({"location": location}), "operations") == found


# --- Fabric's operations -------------------------------------------------------------------------------------------


def started(*script: t.Any, **headers: str) -> tuple[Operation, Wire]:
    net = wire([reply(202, content=b"null", **headers), *script])
    answer = net.client.request("POST", "/workspaces/w/items", api="fabric", body={})
    return fabric_operation(net.client, answer, name="creation of Sales", timeout=600.0), net


ACCEPTED = {"Location": f"{REGIONAL}/operations/op-1", "x_ms_operation_id": "op-1", "Retry_After": "20"}


def test_an_operation_with_a_result() -> None:
    subject, net = started(
        reply(200, {"status": "Running", "percentComplete": None}, Retry_After="20"),
        reply(200, {"status": "Succeeded"}, Location=f"{REGIONAL}/operations/op-1/result"),
        reply(200, {"id": "item"}),
        **ACCEPTED,
    )
    assert subject.wait() == {"id": "item"}
    assert net.urls[1:] == [f"{FABRIC}/operations/op-1"] * 2 + [f"{FABRIC}/operations/op-1/result"]
    assert net.clock.slept == [0.5, 20.0]


def test_an_operation_without_a_result() -> None:
    subject, net = started(reply(200, {"status": "Succeeded"}), **ACCEPTED)
    assert subject.wait() is None
    assert len(net.transport.sent) == 2


def test_an_operation_that_reports_only_at_its_end_that_it_has_no_result() -> None:
    subject, _net = started(
        reply(200, {"status": "Succeeded"}, Location=f"{REGIONAL}/operations/op-1/result"),
        reply(400, {"errorCode": "OperationHasNoResult"}),
        **ACCEPTED,
    )
    assert subject.wait() is None


def test_a_result_that_cannot_be_fetched_is_an_error() -> None:
    subject, _net = started(
        reply(200, {"status": "Succeeded"}, Location=f"{REGIONAL}/operations/op-1/result"),
        reply(400, {"errorCode": "Other"}),
        **ACCEPTED,
    )
    with pytest.raises(ApiError, match="Other"):
        subject.wait()


def test_a_failure_inside_of_an_ok() -> None:
    error = {"errorCode": "ItemDisplayNameAlreadyInUse", "message": "Taken"}
    subject, _net = started(reply(200, {"status": "Failed", "error": error}), **ACCEPTED)
    with pytest.raises(OperationFailedError, match=r"creation of Sales failed with ItemDisplayNameAlreadyInUse: Taken"):
        subject.wait()


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": "https://evil.test/v1/operations/op-1"},
        {"Location": "https://evil.test/steal", "x_ms_operation_id": "op-1"},
        {"x_ms_operation_id": "op-1"},
    ],
)
def test_no_location_leads_away(headers: dict[str, str]) -> None:
    subject, net = started(
        reply(200, {"status": "Succeeded"}, Location="https://evil.test/result"), reply(200, {}), **headers
    )
    subject.wait()
    assert net.urls[1:] == [f"{FABRIC}/operations/op-1", f"{FABRIC}/operations/op-1/result"]


def test_an_id_cannot_lead_away_either() -> None:
    subject, net = started(reply(200, {"status": "Succeeded"}), x_ms_operation_id="../../../evil?x=#y")
    subject.wait()
    assert net.urls[1] == f"{FABRIC}/operations/..%2F..%2F..%2Fevil%3Fx%3D%23y"


def test_an_answer_that_names_no_operation() -> None:
    with pytest.raises(TransportError, match="has no operation id"):
        started(Retry_After="20")


def test_an_answer_that_is_the_result_already() -> None:
    net = wire([reply(201, {"id": "item"})])
    answer = net.client.request("POST", "/workspaces/w/items", api="fabric", body={})
    assert fabric_operation(net.client, answer, name="creation", timeout=600.0).wait() == {"id": "item"}
    assert len(net.transport.sent) == 1


def test_a_token_that_runs_out_during_a_long_wait_is_replaced() -> None:
    running = reply(200, {"status": "Running"})
    subject, net = started(running, reply(401), reply(200, {"status": "Succeeded"}), **ACCEPTED)
    assert subject.wait() is None
    assert net.tokens.fresh == 1


def test_a_poll_does_not_wait_by_itself() -> None:
    subject, net = started(reply(429, Retry_After="30"), reply(503), reply(200, {"status": "Succeeded"}), **ACCEPTED)
    assert subject.poll() is False
    assert net.clock.slept == []
    assert subject.due == net.clock.now + 30
    assert subject.wait() is None
    assert len(net.transport.sent) == 4
