# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of a workspace: what a creation and a deletion send."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item, Items, item_of
from fakes.wire import reply, wire

WORKSPACE, ID = "f01de400-0000-4000-8000-000000000001", "5a1e0000-0000-4000-8000-000000000001"

PART: t.Final = {"path": "a.py", "payload": "eA==", "payloadType": "InlineBase64"}


@pytest.mark.parametrize(("hard", "query"), [(False, ""), (True, "?hardDelete=true")])
def test_a_deletion_is_for_good_only_where_that_is_said(hard: bool, query: str) -> None:
    net = wire([reply(200)])
    Items(net.client, WORKSPACE, timeout=1.0).delete(Item(ID, "Report", "A"), hard=hard)
    (sent,) = net.transport.sent
    assert (sent.method, sent.url.partition("/items/")[2]) == ("DELETE", f"{ID}{query}")


@pytest.mark.parametrize(
    ("parts", "payload", "expected"),
    [
        ({}, {}, {}),
        ({}, {"enableSchemas": True}, {"creationPayload": {"enableSchemas": True}}),
        ({"a.py": b"x"}, {}, {"definition": {"format": "f", "parts": [PART]}}),
    ],
)
def test_a_creation_has_a_definition_or_a_payload(
    parts: dict[str, bytes], payload: dict[str, t.Any], expected: dict[str, t.Any]
) -> None:
    net = wire([reply(201, {"id": ID})])
    Items(net.client, WORKSPACE, timeout=1.0).create("Lakehouse", "A", "", "", parts, "f" if parts else "", payload)
    (sent,) = net.transport.sent
    assert sent.json == {"displayName": "A", "type": "Lakehouse", **expected}


ACCEPTED: t.Final = reply(202, None, x_ms_operation_id=ID)
DONE: t.Final = reply(200, {"status": "Succeeded"}, Location=f"https://api.fabric.test/v1/operations/{ID}/result")
CREATED: t.Final = {"id": ID, "type": "Report", "displayName": "Sales"}


@pytest.mark.parametrize(
    ("operations", "listed", "read"),
    [
        (2, [], ["result"]),
        (100, [CREATED], ["items"]),
        (100, [], ["items", "result"]),
    ],
)
def test_where_many_are_created_they_are_found_in_a_list_instead_of_a_result_for_each(
    operations: int, listed: list[dict[str, str]], read: list[str]
) -> None:
    responses = {"items": reply(200, {"value": listed}), "result": reply(200, CREATED)}
    net = wire([ACCEPTED, DONE, *(responses[name] for name in read)])
    items = Items(net.client, WORKSPACE, timeout=60.0)
    items.expect(operations)
    created = item_of(items.create("Report", "Sales", "", "", {"a.py": b"x"}, "", {}).wait())
    assert created == Item(ID, "Report", "Sales")
    assert [sent.url.rpartition("/")[2] for sent in net.transport.sent[2:]] == read
