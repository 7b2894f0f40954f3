# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.names import (
    matching,
    odata_literal,
    similar_names,
    unique,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError

ID = "f01de400-0000-4000-8000-000000000001"


@pytest.mark.parametrize(("text", "literal"), [("a", "'a'"), ("it's", "'it''s'"), ("x' or 'y", "'x'' or ''y'")])
def test_texts_in_filters(text: str, literal: str) -> None:
    assert odata_literal(text) == literal


def test_a_name_that_is_not_unique_lists_the_ids() -> None:
    assert unique([], "workspace", "Sales", str, "name") is None
    assert unique(["b"], "workspace", "Sales", str, "name") == "b"
    with pytest.raises(
        ConfigError, match=r"2 workspaces are called 'Sales'\. Their ids: a, b\. Remedy: .* `name`"
    ) as caught:
        unique(["b", "a"], "workspace", "Sales", str, "name")
    assert caught.value.option == "name"


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("sale", ["Budget", "Sales"], "Similar: 'Sales'. Its semantic models: 'Budget', 'Sales'"),
        ("x", ["Budget"], "Its semantic models: 'Budget'"),
        ("x", [], "It has no semantic models"),
    ],
)
def test_a_name_that_is_not_there_lists_those_that_are(name: str, known: list[str], text: str) -> None:
    assert similar_names(name, known, "semantic models") == text


def test_only_the_first_names_are_listed() -> None:
    text = similar_names("x", [f"model {number:02}" for number in range(12)], "semantic models")
    assert text.endswith("'model 09' and 2 more")


class Thing(t.NamedTuple):
    id: str
    name: str


@pytest.mark.parametrize(
    ("desired", "found"),
    [
        (None, ["Other", "SALES", "Sales"]),
        ("", ["Other", "SALES", "Sales"]),
        ("sales", ["SALES", "Sales"]),
        (ID, ["Other"]),
        (ID.replace("0", "1"), []),
    ],
)
def test_matching(desired: str | None, found: list[str]) -> None:
    things = [Thing("1", "Sales"), Thing("2", "SALES"), Thing(ID, "Other")]
    assert [thing.name for thing in matching(things, desired)] == found
