# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays of an API response, and what must not."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.filter.powerbi_redacted import FilterModule

redacted = FilterModule().filters()["powerbi_redacted"]
GUID: t.Final = "f01de400-0000-4000-8000-000000000001"


def test_keys_structure_and_words_of_the_api_stay() -> None:
    response = {
        "status": 404,
        "json": {
            "errorCode": "ItemNotFound",
            "message": f"Item {GUID} of Contoso",
            "requestId": GUID,
            "isRetriable": False,
        },
        "headers": {"Retry-After": "20", "x-ms-operation-id": GUID},
        "count": 3,
    }
    assert redacted(response) == {
        "status": 404,
        "json": {"errorCode": "ItemNotFound", "message": "<text>", "requestId": "<id>", "isRetriable": False},
        "headers": {"Retry-After": "20", "x-ms-operation-id": "<id>"},
        "count": "<number>",
    }


def test_of_a_list_each_structure_is_given_once() -> None:
    entries = [{"name": "a", "type": "Report"}, {"name": "b", "type": "Report"}, {"name": "", "type": "Dashboard"}]
    assert redacted(entries) == [{"name": "<text>", "type": "Report"}, {"name": "", "type": "Dashboard"}]


@pytest.mark.parametrize("key", ["code", "state", "name"])
@pytest.mark.parametrize("text", [GUID, GUID.replace("-", ""), f"workspace_{GUID}", "two words", "megan@contoso.com"])
def test_no_id_and_no_text_stays_under_any_key(key: str, text: str) -> None:
    assert redacted({key: text})[key] in ("<id>", "<text>")


def test_a_key_that_is_an_id_is_replaced() -> None:
    assert redacted({GUID: "x"}) == {"<id>": "<text>"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(min_size=2), st.lists))
def test_any_value_is_redacted(value: t.Any) -> None:
    text = json.dumps(redacted({"name": value}))
    assert json.loads(text)["name"] == redacted(value)
