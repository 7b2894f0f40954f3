# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of YAML files, also where aliases make a short text large or deep."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.located_yaml import plain


def lists(depth: int, innermost: str = "") -> str:
    return "[" * depth + innermost + "]" * depth


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        (lists(100), False),
        (lists(101), True),
        (f"a: &a {lists(60)}\nb: {lists(40, '*a')}", True),
        (f"a: &a {lists(60)}\nb: {lists(39, '*a')}\nc: {lists(30)}", False),
        (f"a: {lists(60)}\nb: {lists(60)}", False),
    ],
    ids=["deep", "too deep", "too deep with an alias", "less deep with an alias", "beside each other"],
)
def test_the_depth_is_limited(text: str, is_refused: bool) -> None:
    value, problems = plain(text, "parameter.yml")
    assert bool(problems) is is_refused
    if is_refused:
        assert problems[0].what == "this is nested more than 100 deep"
        assert problems[0].file == "parameter.yml"
    else:
        assert value


def test_an_alias_to_its_own_container_is_refused() -> None:
    (problem,) = plain("a: &a\n  b: *a\n", "parameter.yml")[1]
    assert (problem.line, problem.what) == (1, "an alias here refers to its own container")


def test_aliases_that_expand_beyond_the_limit_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (problem,) = plain("\n".join(lines), "parameter.yml")[1]
    assert problem.what.startswith("with its aliases this has more than ")
    assert problem.remedy == "Use fewer aliases"


def test_a_deeply_nested_text_is_refused_before_all_of_it_is_composed() -> None:
    """The library needs minutes for it, and then ends with a RecursionError."""
    found, (problem,) = plain("a: " + "[" * 8000, "x.yml")

    assert (found, problem.what) == (None, "this is nested more than 100 deep")
    assert (problem.line, problem.column) == (1, 104)
