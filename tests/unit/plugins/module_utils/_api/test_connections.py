# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections: their properties, that each is requested once, and what binding sends."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.connections import (
    Connection,
    Connections,
    Reference,
    Source,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ForbiddenError, NotFoundError
from fakes.wire import reply, wire

ID, MODEL, WORKSPACE = (f"{letter}0000000-0000-4000-8000-000000000001" for letter in "abc")
FABRIC = "https://api.fabric.test/v1"
DETAILS = {"type": "SQL", "path": "a.example;b"}
WHOLE = {
    "id": ID.upper(),
    "displayName": "Warehouse",
    "connectivityType": "ShareableCloud",
    "connectionDetails": DETAILS,
}


def test_one_is_requested_once() -> None:
    net = wire([reply(200, WHOLE)])
    connections = Connections(net.client)
    assert connections.get(ID) == Connection(ID, "Warehouse", "ShareableCloud", Source("SQL", "a.example;b"))
    assert connections.get(ID) is connections.get(ID)
    assert net.urls == [f"{FABRIC}/connections/{ID}"]


@pytest.mark.parametrize("body", [{}, {"displayName": None, "connectionDetails": None}, {"connectionDetails": []}, []])
def test_an_answer_with_gaps_is_taken_as_it_is(body: t.Any) -> None:
    assert Connections(wire([reply(200, body)]).client).get(ID) == Connection(ID, ID, "", Source("", ""))


def test_a_missing_one_is_requested_again() -> None:
    missing = {"errorCode": "EntityNotFound", "message": "no"}
    connections = Connections(wire([reply(404, missing), reply(200, WHOLE)]).client)
    with pytest.raises(NotFoundError):
        connections.get(ID)
    assert connections.get(ID).name == "Warehouse"


def test_an_identifier_is_quoted() -> None:
    net = wire([reply(200, WHOLE)])
    Connections(net.client).get("../x?y")
    assert net.urls == [f"{FABRIC}/connections/..%2Fx%3Fy"]


def test_the_data_sources_of_a_model_on_all_pages() -> None:
    more = {"continuationToken": "n", "continuationUri": f"{FABRIC}/workspaces/x?continuationToken=n"}
    first = {"value": [{"id": ID.upper(), "connectionDetails": DETAILS}], **more}
    second = {"value": [{"id": None, "connectionDetails": {"type": "Web", "path": "https://x"}}]}
    net = wire([reply(200, first), reply(200, second)])
    assert Connections(net.client).of_model(WORKSPACE, MODEL) == [
        Reference(Source("SQL", "a.example;b"), ID),
        Reference(Source("Web", "https://x"), ""),
    ]
    assert net.urls[0] == f"{FABRIC}/workspaces/{WORKSPACE}/items/{MODEL}/connections"


def test_sources_are_the_same_in_any_case() -> None:
    assert Source("SQL", "A;b").key == Source("sql", "a;B").key != Source("sql", "a;c").key
    assert str(Source("SQL", "a;b")) == "SQL a;b"


def test_binding_is_for_the_source_that_the_connection_leads_to() -> None:
    net = wire([reply(200)])
    connection = Connection(ID, "Warehouse", "OnPremisesGateway", Source("SQL", "a.example;b"))
    Connections(net.client).bind(WORKSPACE, MODEL, connection)
    (sent,) = net.transport.sent
    assert (sent.method, sent.url) == (
        "POST",
        f"{FABRIC}/workspaces/{WORKSPACE}/semanticModels/{MODEL}/bindConnection",
    )
    assert sent.json == {
        "connectionBinding": {"id": ID, "connectivityType": "OnPremisesGateway", "connectionDetails": DETAILS}
    }


def test_binding_is_repeated_when_an_answer_is_lost_but_not_when_it_is_refused() -> None:
    connection = Connection(ID, "Warehouse", "ShareableCloud", Source("SQL", "a.example;b"))
    net = wire([reply(502), reply(200)])
    Connections(net.client).bind(WORKSPACE, MODEL, connection)
    assert len(net.urls) == 2
    refused = wire([reply(403, {"errorCode": "InsufficientPrivileges", "message": "no"})])
    with pytest.raises(ForbiddenError):
        Connections(refused.client).bind(WORKSPACE, MODEL, connection)
    assert len(refused.urls) == 1


def test_taking_over_is_a_request_of_the_power_bi_api() -> None:
    net = wire([reply(200)])
    Connections(net.client).take_over(WORKSPACE, MODEL)
    (sent,) = net.transport.sent
    assert sent.method == "POST"
    assert sent.url.endswith(f"/v1.0/myorg/groups/{WORKSPACE}/datasets/{MODEL}/Default.TakeOver")
