# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The estimate of what a plan costs. tests/integration/test_deploy.py compares it with the calls that a run sends."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._deploy.changes import DeleteItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy.cost import estimate
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_plan import ItemPlan


def deletions(count: int) -> list[ItemPlan]:
    """One call each."""
    return [ItemPlan(None, changes=[t.cast("t.Any", object.__new__(DeleteItem))]) for _number in range(count)]


@pytest.mark.parametrize(
    ("count", "rate", "text"),
    [
        (0, 200, "no writes"),
        (200, 200, "about 200 calls, at least 1 s (quota of 200 calls a minute for each kind of API)"),
        (201, 200, "about 201 calls, at least 60 s (quota of 200 calls a minute for each kind of API)"),
        (201, 50, "about 201 calls, at least 240 s (quota of 50 calls a minute for each kind of API)"),
        (201, 0, "about 201 calls, at least 1 s"),
    ],
)
def test_calls_beyond_the_quota_wait_a_minute_for_each_quota(count: int, rate: int, text: str) -> None:
    assert estimate(deletions(count), rate)["text"] == text
