# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports: their properties, rebinding, their pages and files."""

from __future__ import annotations

import io
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.reports import Page, Report, Reports
from ansible_collections.community.powerbi.plugins.module_utils._errors import NotFoundError
from fakes.wire import reply, wire

ID, MODEL, WORKSPACE = (f"{letter}0000000-0000-4000-8000-000000000001" for letter in "abc")
BASE = f"https://api.powerbi.test/v1.0/myorg/groups/{WORKSPACE}/reports"


def test_both_kinds() -> None:
    entries: list[dict[str, t.Any]] = [
        {"id": ID.upper(), "name": "Sales", "datasetId": MODEL.upper(), "reportType": "PowerBIReport"},
        {"id": MODEL, "name": "Invoice", "datasetId": None, "reportType": "PaginatedReport"},
        {"id": MODEL, "name": "Old"},
    ]
    net = wire([reply(200, {"value": entries})])
    assert Reports(net.client, WORKSPACE).all() == [
        Report(ID, "Sales", MODEL, paginated=False),
        Report(MODEL, "Invoice", "", paginated=True),
        Report(MODEL, "Old", "", paginated=False),
    ]
    assert net.urls == [BASE]


def test_rebinding_is_repeated_when_an_answer_is_lost() -> None:
    net = wire([reply(500), reply(200)])
    Reports(net.client, WORKSPACE).rebind(ID, MODEL)
    assert [(sent.method, sent.url, sent.json) for sent in net.transport.sent] == [
        ("POST", f"{BASE}/{ID}/Rebind", {"datasetId": MODEL})
    ] * 2


@pytest.mark.parametrize(("live_connection", "query"), [(False, ""), (True, "?downloadType=LiveConnect")])
def test_a_file_as_it_is_or_without_its_model(live_connection: bool, query: str) -> None:
    net = wire([reply(200, content=b"PK...")])
    target = io.BytesIO()
    assert Reports(net.client, WORKSPACE).download(ID, target, live_connection=live_connection) == 5
    assert target.getvalue() == b"PK..."
    assert net.urls == [f"{BASE}/{ID}/Export{query}"]


def test_a_report_that_is_not_there() -> None:
    net = wire([reply(404, {"error": {"code": "PowerBIEntityNotFound"}})])
    with pytest.raises(NotFoundError):
        Reports(net.client, WORKSPACE).rebind(ID, MODEL)


def test_pages_come_in_their_order() -> None:
    pages = [{"name": "b", "displayName": "Second", "order": 0}, {"name": "a", "displayName": None, "order": 1}]
    net = wire([reply(200, {"value": pages})])
    assert Reports(net.client, WORKSPACE).pages(ID) == [Page("b", "Second"), Page("a", "")]
    assert net.urls == [f"{BASE}/{ID}/pages"]
