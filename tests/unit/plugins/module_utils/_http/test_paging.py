# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in pages, well-behaved and hostile."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import TransportError
from fakes.wire import Reply, Sent, reply, wire

FABRIC = "https://api.fabric.test/v1"


def entries(*numbers: int) -> list[dict[str, int]]:
    return [{"id": number} for number in numbers]


def query(sent: Sent) -> dict[str, list[str]]:
    return parse_qs(urlsplit(sent.url).query)


def ids(pages: t.Iterator[dict[str, t.Any]]) -> list[int]:
    return [entry["id"] for entry in pages]


def groups(total: int, most: int) -> t.Callable[[Sent], Reply]:
    """A service with so many groups, that gives at most so many at once."""

    def service(sent: Sent) -> Reply:
        top, skip = int(query(sent)["$top"][0]), int(query(sent)["$skip"][0])
        assert query(sent)["$filter"] == ["x"]
        return reply(200, {"value": entries(*range(total))[skip : skip + min(top, most)]})

    return service


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("most", [1, 2, 100])
def test_top_and_skip(total: int, most: int) -> None:
    net = wire(groups(total, most))
    assert ids(net.client.pages("/groups", query={"$filter": "x"}, top=3)) == list(range(total))
    assert len(net.transport.sent) == -(-total // min(most, 3)) + 1


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (2, 1), (3, 2), (4, 2)])
def test_a_short_page_may_be_taken_for_the_last(total: int, requests: int) -> None:
    net = wire(groups(total, 100))
    pages = net.client.pages("/groups", query={"$filter": "x"}, top=3, short_page_ends=True)
    assert ids(pages) == list(range(total))
    assert len(net.transport.sent) == requests


@pytest.mark.parametrize("end", [{}, {"continuationToken": None, "continuationUri": None}, {"continuationToken": ""}])
def test_fabrics_continuation(end: dict[str, t.Any]) -> None:
    uri = f"{FABRIC}/workspaces?roles=Admin&continuationToken=a%2Fb%3D"
    more = {"continuationToken": "a%2Fb%3D", "continuationUri": uri}
    net = wire([reply(200, {"value": entries(1), **more}), reply(200, {"value": entries(2), **end})])
    assert ids(net.client.pages("/workspaces", api="fabric", query={"roles": "Admin"})) == [1, 2]
    assert net.urls == [f"{FABRIC}/workspaces?roles=Admin", uri]


def test_a_token_alone_is_added_to_the_query() -> None:
    net = wire([reply(200, {"value": entries(1), "continuationToken": "a/b="}), reply(200, {"value": entries(2)})])
    assert ids(net.client.pages("/workspaces", api="fabric", query={"roles": "Admin"})) == [1, 2]
    assert net.urls[1] == f"{FABRIC}/workspaces?roles=Admin&continuationToken=a%2Fb%3D"


def test_the_audit_log() -> None:
    """Empty pages that continue, a regional host, a token that is quoted and encoded already."""
    regional = "https://wabi-north-redirect.analysis.windows.net/v1.0/myorg/admin/activityevents"
    more = {"continuationUri": f"{regional}?continuationToken='LDEs%3D'", "continuationToken": "LDEs%3D"}
    net = wire(
        [
            reply(200, {"activityEventEntities": entries(1), **more}),
            reply(200, {"activityEventEntities": [], "continuationToken": "zz%3D"}),
            reply(200, {"activityEventEntities": entries(2), "continuationToken": None, "lastResultSet": True}),
        ]
    )
    day = {"startDateTime": "'2026-11-24T00:00:00Z'", "endDateTime": "'2026-11-24T23:59:59Z'"}
    pages = net.client.pages("/activityevents", api="admin", query=day, key="activityEventEntities")
    assert ids(pages) == [1, 2]
    base = "https://api.powerbi.test/v1.0/myorg/admin/activityevents"
    assert net.urls[1:] == [f"{base}?continuationToken='LDEs%3D'", f"{base}?continuationToken='zz%3D'"]


def test_odatas_next_link() -> None:
    link = "https://api.powerbi.test/v1.0/myorg/groups?$skiptoken=x"
    net = wire([reply(200, {"value": entries(1), "@odata.nextLink": link}), reply(200, {"value": entries(2)})])
    assert ids(net.client.pages("/groups")) == [1, 2]


def test_a_bare_list() -> None:
    assert ids(wire([reply(200, entries(1, 2))]).client.pages("/workspaces/modified", api="admin")) == [1, 2]


def test_keys_in_any_case_and_missing_ones() -> None:
    assert ids(wire([reply(200, {"Value": entries(1)})]).client.pages("/groups")) == [1]
    assert ids(wire([reply(200, {})]).client.pages("/groups")) == []


@pytest.mark.parametrize("body", ["text", 5, {"value": {}}, {"value": ["text"]}, None])
def test_what_is_not_a_list(body: t.Any) -> None:
    with pytest.raises(TransportError, match="not a list"):
        list(wire([reply(200, body)]).client.pages("/groups"))


def test_pages_are_fetched_when_they_are_taken() -> None:
    more = {"continuationToken": "x"}
    net = wire([reply(200, {"value": entries(1), **more})])
    assert next(net.client.pages("/workspaces", api="fabric"))["id"] == 1
    assert len(net.transport.sent) == 1


# --- hostile -------------------------------------------------------------------------------------------------------

HOSTILE = [
    "https://evil.test/v1/workspaces?continuationToken=next",
    "https://api.fabric.test@evil.test/v1/workspaces?continuationToken=next",
    "http://api.fabric.test/v1/workspaces?continuationToken=next",
    "//evil.test/?continuationToken=next",
    "https://evil.test\\@api.fabric.test/?continuationToken=next",
]


@pytest.mark.parametrize("link", HOSTILE)
@pytest.mark.parametrize("key", ["continuationUri", "@odata.nextLink"])
def test_no_link_leads_away(link: str, key: str) -> None:
    net = wire([reply(200, {"value": entries(1), key: link}), reply(200, {"value": entries(2)})])
    assert ids(net.client.pages("/workspaces", api="fabric")) == [1, 2]
    assert net.urls == [f"{FABRIC}/workspaces", f"{FABRIC}/workspaces?continuationToken=next"]


def test_a_link_cannot_break_out_of_the_query() -> None:
    link = "https://x.test/?continuationToken=a b\r\nX: y#\u00fc"
    net = wire([reply(200, {"value": [], "continuationUri": link}), reply(200, {"value": []})])
    assert ids(net.client.pages("/workspaces", api="fabric")) == []
    assert net.urls[1].isascii()
    assert all(char not in net.urls[1] for char in " \r\n")
    assert unquote(net.urls[1]).startswith(f"{FABRIC}/workspaces?continuationToken=a b")


def test_a_page_that_comes_again() -> None:
    net = wire(lambda _sent: reply(200, {"value": entries(1), "continuationToken": "same"}))
    with pytest.raises(TransportError, match="had before"):
        list(net.client.pages("/workspaces", api="fabric"))
    assert len(net.transport.sent) == 2


def test_a_service_that_ignores_skip() -> None:
    net = wire(lambda _sent: reply(200, {"value": entries(1, 2)}))
    with pytest.raises(TransportError, match="again and again"):
        list(net.client.pages("/groups", top=2))
    assert len(net.transport.sent) == 2


def _counting(entry_count: int) -> t.Callable[[Sent], Reply]:
    numbers = iter(range(1_000_000))

    def service(_sent: Sent) -> Reply:
        number = next(numbers)
        return reply(200, {"value": entries(number)[:entry_count], "continuationToken": f"t{number}"})

    return service


def test_pages_without_end() -> None:
    net = wire(_counting(1))
    with pytest.raises(TransportError, match="More than 30 pages"):
        list(net.client.pages("/workspaces", api="fabric", max_pages=30))
    assert len(net.transport.sent) == 30


def test_empty_pages_without_end() -> None:
    net = wire(_counting(0))
    with pytest.raises(TransportError, match="empty pages in a row"):
        list(net.client.pages("/workspaces", api="fabric"))
    assert len(net.transport.sent) < 300
