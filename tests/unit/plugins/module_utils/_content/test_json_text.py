# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON with its places."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._content.json_text import (
    indent_of,
    members,
    parse,
    plain,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{\n// c\n"a": [1, 2,], /* d\n */ "b": "//x, }",}', {"a": [1, 2], "b": "//x, }"}),
        ('{"a": "\\"//"}', {"a": '"//'}),
    ],
)
def test_json_with_comments(text: str, value: t.Any) -> None:
    assert parse(text, "x") == (value, None)
    assert len(plain(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ('{"a": }', 1, 7, "invalid JSON: expecting value"),
        ('{\n  // c\n  "a" 1\n}', 3, 7, "invalid JSON: expecting ':' delimiter"),
        ("", 1, 1, "invalid JSON: expecting value"),
        ('{"a": 1} x', 1, 10, "invalid JSON: extra data"),
        ('{"a": {"b": 1,\n "c": 2, "b": 3}}', 2, 10, "the key 'b' is repeated"),
        ('{"a": 1,\n "b": ' + "9" * 5000 + "}", 2, 7, "invalid JSON: a number has too many digits"),
        ("[" * 100_000, 1, 1, "the JSON is nested too deeply to be read"),
    ],
)
def test_what_is_wrong_has_a_place(text: str, line: int, column: int, what: str) -> None:
    value, problem = parse(text, "x.json")

    assert value is None and problem is not None
    assert (problem.line, problem.column, problem.what) == (line, column, what)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def paths(value: t.Any, above: tuple[t.Any, ...] = ()) -> t.Iterator[tuple[tuple[t.Any, ...], t.Any]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from paths(inner, (*above, key))
        if isinstance(value, dict):
            yield (*above, key), inner


@given(JSON, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_every_member_is_found_in_its_text(value: t.Any, indent: t.Any, plain_ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain_ascii)

    assert [(found.path, json.loads(text[found.start : found.end])) for found in members(text)] == list(paths(value))
    assert all(text[found.key_start] == '"' for found in members(text))


def test_the_indentation_of_a_text() -> None:
    assert [indent_of(text) for text in ('{"a": 1}', '{\n   "a": 1}', '{\n\t"a": 1}')] == [None, 3, "\t"]
