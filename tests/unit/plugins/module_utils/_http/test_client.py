# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: who sees the token, fresh tokens, redirects, answers, downloads."""

from __future__ import annotations

import io
import threading
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ConfigError,
    ForbiddenError,
    NotFoundError,
    ThrottledError,
    TransportError,
)
from fakes.wire import Sent, reply, wire

POWERBI = "https://api.powerbi.test/v1.0/myorg"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_request_carries_the_token_and_is_decoded() -> None:
    net = wire([reply(200, {"Value": [1]}, RequestId="r-1")])
    answer = net.client.request("POST", "/groups", query={"workspaceV2": True}, body={"name": "ü"})
    (sent,) = net.transport.sent
    assert (sent.method, sent.url) == ("POST", f"{POWERBI}/groups?workspaceV2=true")
    assert (sent.bearer, sent.json) == ("token-1", {"name": "ü"})
    assert (answer.status, answer.body, answer.request_id) == (200, {"Value": [1]}, "r-1")
    assert answer.get("value") == [1]
    assert answer.headers["requestid"] == "r-1"


def test_apis_have_their_own_base_and_scope() -> None:
    net = wire([reply(), reply(), reply()])
    net.client.request("GET", "/workspaces", api="fabric")
    net.client.request("GET", "/groups", api="admin")
    net.client.request("GET", "/applications", api="graph")
    graph = "https://graph.test/v1.0/applications"
    assert net.urls == ["https://api.fabric.test/v1/workspaces", f"{POWERBI}/admin/groups", graph]
    assert net.tokens.scopes == [None, "https://graph.test/.default"]
    with pytest.raises(ConfigError):
        net.client.request("GET", "/secrets", api="vault")


def test_a_token_does_not_follow_to_an_api_of_another_scope() -> None:
    net = wire([reply(307, Location="https://graph.test/v1.0/x")])
    with pytest.raises(TransportError, match="Refused"):
        net.client.request("GET", "/groups")
    assert len(net.transport.sent) == 1


def test_one_token_serves_until_shortly_before_its_end() -> None:
    net = wire(lambda _sent: reply(200, {}))
    net.clock.now = net.tokens.expires_on - 1000.0
    for dummy in range(3):
        net.client.request("GET", "/groups")
    assert len(net.tokens.scopes) == 1
    net.clock.now += 900
    net.tokens.expires_on += 3600
    for dummy in range(3):
        net.client.request("GET", "/groups")
    assert len(net.tokens.scopes) == 2


def test_signing_in_gets_the_token_that_requests_then_use() -> None:
    net = wire([reply(), reply()])
    net.client.sign_in()
    assert (net.tokens.scopes, net.urls) == ([None], [])
    net.client.request("GET", "/groups")
    net.client.request("GET", "/workspaces", api="fabric")
    assert net.tokens.scopes == [None]


def test_another_host_is_refused_before_anything_is_sent() -> None:
    net = wire([])
    with pytest.raises(TransportError, match=r"Refused to go to https://evil\.test"):
        net.client.request("GET", "https://evil.test/v1.0/myorg/groups")
    assert net.transport.sent == []


def test_statuses_that_the_caller_expects_are_answers() -> None:
    net = wire([reply(404, {"error": {"code": "X"}})])
    assert net.client.request("GET", "/groups/x", success=(200, 404)).status == 404


def test_errors_are_explained() -> None:
    body = {"error": {"code": "PowerBIEntityNotFound", "message": "no"}}
    net = wire([reply(404, body, RequestId="r-9")])
    with pytest.raises(NotFoundError) as caught:
        net.client.request("GET", f"/groups/{GUID}", query={"$filter": "secret"})
    assert str(caught.value).startswith(f"GET /groups/{GUID} failed with 404 PowerBIEntityNotFound: no. ")
    assert caught.value.request_id == "r-9"
    assert "secret" not in str(caught.value.to_dict())


def test_throttling_beyond_the_budget_is_reported() -> None:
    net = wire([reply(429, Retry_After="3392")])
    with pytest.raises(ThrottledError) as caught:
        net.client.request("GET", "/groups")
    assert caught.value.retry_after == 3392
    assert "requires a wait of 3392 s" in caught.value.why
    assert net.clock.slept == []


def test_throttling_counts_for_the_endpoint_whatever_the_ids() -> None:
    other = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    net = wire([reply(429, Retry_After="3392"), reply(200)])
    for group, expected in ((GUID, "429"), (other, "The service throttles GET /groups/{id}/reports")):
        with pytest.raises(ThrottledError, match=expected):
            net.client.request("GET", f"/groups/{group}/reports")
    net.client.request("GET", "/groups")
    assert len(net.transport.sent) == 2


# --- fresh tokens --------------------------------------------------------------------------------------------------

EXPIRED = {"error": {"code": "TokenExpired", "message": "Access token has expired"}}


@pytest.mark.parametrize("refusal", [(401, None), (403, EXPIRED), (401, EXPIRED)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_token_is_replaced_once(refusal: tuple[int, t.Any], method: str) -> None:
    net = wire([reply(*refusal), reply(200, {})])
    net.client.request(method, "/groups", body={"name": "x"})
    assert [sent.bearer for sent in net.transport.sent] == ["token-1", "token-2"]
    assert [sent.json for sent in net.transport.sent] == [{"name": "x"}] * 2
    assert net.tokens.fresh == 1


def test_a_second_refusal_is_the_error() -> None:
    net = wire(lambda _sent: reply(403, EXPIRED))
    with pytest.raises(ForbiddenError, match="expired or for another API"):
        net.client.request("GET", "/groups")
    assert (len(net.transport.sent), net.tokens.fresh) == (2, 1)


@pytest.mark.parametrize("code", ["GroupNotAccessible", "PowerBINotAuthorizedException", "PowerBINotLicensedException"])
def test_a_missing_right_costs_no_token(code: str) -> None:
    net = wire([reply(401, X_PowerBI_Error_Info=code)])
    with pytest.raises(ForbiddenError):
        net.client.request("GET", "/groups")
    assert (len(net.transport.sent), net.tokens.fresh) == (1, 0)


def test_a_plain_403_costs_no_token() -> None:
    net = wire([reply(403)])
    with pytest.raises(ForbiddenError):
        net.client.request("GET", "/groups")
    assert net.tokens.fresh == 0


def test_without_another_token_the_refusal_is_the_error() -> None:
    net = wire([reply(401)], supply=1)
    with pytest.raises(ForbiddenError):
        net.client.request("GET", "/groups")
    assert len(net.transport.sent) == 1


def test_threads_whose_token_ran_out_get_one_new_one() -> None:
    barrier = threading.Barrier(8)

    def service(sent: Sent) -> t.Any:
        return reply(401) if sent.bearer == "token-1" else reply(200, {})

    net = wire(service)

    def work() -> None:
        barrier.wait()
        net.client.request("GET", "/groups")

    threads = [threading.Thread(target=work) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert net.tokens.fresh == 1


def test_a_stream_that_was_sent_is_not_sent_empty_with_a_fresh_token() -> None:
    net = wire([reply(401), reply(200)])
    with pytest.raises(ForbiddenError):
        net.client.request("POST", "/imports", data=io.BytesIO(b"content"))
    assert len(net.transport.sent) == 1


# --- redirects -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [307, 308])
def test_a_write_follows_on_its_own_hosts_with_body_and_token(status: int) -> None:
    net = wire([reply(status, Location="https://api.fabric.test/v1/imports?x=1"), reply(202, {"id": "1"})])
    bodies = iter([io.BytesIO(b"content"), io.BytesIO(b"content")])
    net.client.request("POST", "/imports", data=lambda: next(bodies), query={"nameConflict": "Abort"})
    first, second = net.transport.sent
    assert second.url == "https://api.fabric.test/v1/imports?x=1"
    assert (second.method, second.data, second.bearer) == ("POST", first.data, "token-1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://evil.test/", "http://api.powerbi.test/", "//evil.test/x", "https://["])
def test_an_answer_from_elsewhere_is_refused(status: int, location: str) -> None:
    net = wire([reply(status, Location=location)])
    with pytest.raises(TransportError):
        net.client.request("GET", "/groups")
    assert len(net.transport.sent) == 1


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_write_is_not_turned_into_a_read(status: int) -> None:
    net = wire([reply(status, Location="/v1.0/myorg/groups")])
    with pytest.raises(TransportError, match=f"redirected with {status}"):
        net.client.request("POST", "/groups", body={})
    assert len(net.transport.sent) == 1


def test_a_read_follows_on_its_own_hosts() -> None:
    net = wire([reply(302, Location="/v1.0/myorg/groups2"), reply(200, {"value": []})])
    net.client.request("GET", "/groups")
    assert net.urls[1] == f"{POWERBI}/groups2"


def test_redirects_without_end() -> None:
    net = wire(lambda _sent: reply(307, Location="/v1.0/myorg/groups"))
    with pytest.raises(TransportError, match="again and again"):
        net.client.request("GET", "/groups")
    assert len(net.transport.sent) < 10


def test_a_redirect_without_a_location_is_an_error() -> None:
    net = wire([reply(302)])
    with pytest.raises(Exception, match="302"):
        net.client.request("GET", "/groups")


# --- downloads -----------------------------------------------------------------------------------------------------


def test_a_download_follows_elsewhere_without_the_token() -> None:
    net = wire([reply(302, Location="https://blob.test/file?sig=secret"), reply(200, content=b"content")])
    target = io.BytesIO()
    answer = net.client.download("/reports/x/Export", target)
    assert (target.getvalue(), answer.body) == (b"content", 7)
    assert [sent.bearer for sent in net.transport.sent] == ["token-1", ""]
    assert not any("token-1" in str(value) for value in net.transport.sent[1].headers.values())


def test_a_download_does_not_leave_tls() -> None:
    net = wire([reply(302, Location="http://blob.test/file")])
    with pytest.raises(TransportError):
        net.client.download("/reports/x/Export", io.BytesIO())
    assert len(net.transport.sent) == 1


def test_a_download_that_breaks_off_starts_again() -> None:
    net = wire([reply(200, content=b"half of it", X_Breaks_Off="1"), reply(200, content=b"all")])
    target = io.BytesIO(b"head")
    target.seek(4)
    net.client.download("/reports/x/Export", target)
    assert target.getvalue() == b"headall"


def test_a_download_that_always_breaks_off_ends() -> None:
    net = wire(lambda _sent: reply(200, content=b"half", X_Breaks_Off="1"))
    with pytest.raises(TransportError, match="broke off"):
        net.client.download("/reports/x/Export", io.BytesIO())
    assert len(net.transport.sent) == 3


def test_the_error_of_a_download_is_explained() -> None:
    net = wire([reply(404, {"error": {"code": "PowerBIEntityNotFound"}})])
    target = io.BytesIO()
    with pytest.raises(NotFoundError, match="PowerBIEntityNotFound"):
        net.client.download("/reports/x/Export", target)
    assert target.getvalue() == b""


def test_the_error_of_elsewhere_shows_no_signature() -> None:
    net = wire([reply(302, Location="https://blob.test/file?sig=secret"), reply(403, content=b"<Error/>")])
    with pytest.raises(ForbiddenError) as caught:
        net.client.download("/reports/x/Export", io.BytesIO())
    assert "https://blob.test" in caught.value.what
    assert "secret" not in str(caught.value.to_dict())
