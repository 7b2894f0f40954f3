# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets taken out of results as ansible-core does it, so that shipped and in-process results are equal on each core."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._redact import PART, WHOLE, without_secrets


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2", WHOLE),
        ("it was hunter2.", f"it was {PART}."),
        ("hunter22 and hunter2", f"{PART} and {PART}"),
        ("hunter", "hunter"),
        (["hunter2", ["x hunter2"]], [WHOLE, [f"x {PART}"]]),
        (("hunter2",), [WHOLE]),
        ({"client_secret": "hunter2", "deep": {"er": "hunter2"}}, {"client_secret": WHOLE, "deep": {"er": WHOLE}}),
        ({"hunter2": 1}, {"hunter2": 1}),
        (4711, WHOLE),
        (1.5, 1.5),
        (None, None),
        (True, True),
        (dt.date(2026, 11, 27), "2026-11-27"),
        (dt.datetime(2026, 11, 27, 12), "2026-11-27T12:00:00"),
    ],
)
def test_values(value: t.Any, expected: t.Any) -> None:
    found = without_secrets(value, ["hunter2", "hunter22", "4711"])
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", WHOLE),
        ("a plan has changed", "a plan has changed"),
        (["abc", "abcd"], [WHOLE, "abcd"]),
        (12, WHOLE),
        (4712, 4712),
        ({"a": "12"}, {"a": WHOLE}),
    ],
)
def test_a_short_secret_is_masked_only_as_a_whole(value: t.Any, expected: t.Any) -> None:
    assert without_secrets(value, ["a", "abc", "12"]) == expected


def test_an_empty_secret_is_in_everything_and_hides_nothing() -> None:
    assert without_secrets({"a": "b"}, [""]) == {"a": "b"}


def test_the_value_itself_is_left_alone() -> None:
    value = {"list": ["hunter2"]}
    without_secrets(value, ["hunter2"])
    assert value == {"list": ["hunter2"]}


def test_ansible_says_the_same_where_its_function_is_not_deprecated() -> None:
    core = pytest.importorskip("ansible.module_utils.common.parameters")
    if not hasattr(core, "remove_values") or "deprecate" in core.remove_values.__code__.co_names:
        pytest.skip("this ansible-core has deprecated it")
    value = {"a": ["hunter2", "x hunter2 y", 4711, 12, None, False, {"b": ("hunter22",)}]}
    secrets = {"hunter2", "hunter22", "4711"}
    assert without_secrets(value, secrets) == core.remove_values(value, secrets)
