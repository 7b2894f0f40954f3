# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The estimate of the time that is left."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._progress.time_left import PlannedItem, TimeLeft


def items(count: int, *, seconds: float = 10.0, **needs: t.Sequence[int]) -> list[PlannedItem]:
    return [
        PlannedItem(number, f"item {number}", "create", seconds, needs.get(f"n{number}", ())) for number in range(count)
    ]


def test_before_the_first_item_ends_the_longest_chain_counts() -> None:
    left = TimeLeft(items(4, n1=[0], n2=[1]), parallel=4)
    assert left.seconds({}, 0, 0.0) == 30.0


def test_what_runs_has_only_its_rest_before_it() -> None:
    left = TimeLeft(items(2, n1=[0]), parallel=4)
    assert left.seconds({0: 4.0}, 0, 0.0) == 16.0


def test_durations_of_this_run_replace_expected_ones() -> None:
    left = TimeLeft(items(3, n2=[1]), parallel=4)
    left.ended(0, 2.0, 2.0)
    assert left.seconds({}, 0, 0.0) == 4.0


def test_work_is_divided_by_the_parallel_jobs() -> None:
    """Each of 7 ended items took 2 s of requests, so 93 further ones take 186 s, by 2 jobs."""
    left = TimeLeft(items(100, seconds=2.0), parallel=2)
    for number in range(7):
        left.ended(number, 2.0, 0.0)
    assert left.seconds({}, 0, 0.0) == 93.0


def test_requests_beyond_the_quota_take_their_time() -> None:
    """3 requests an item are 300, of which 100 have to wait for the second minute; 9 s of the first are over."""
    left = TimeLeft(items(100, seconds=2.0), parallel=50)
    for number in range(10):
        left.ended(number, 2.0, 2.0)
    assert left.seconds({}, 30, 9.0) == 30.0 - 9.0


def test_an_item_that_takes_much_longer_than_expected_leaves_no_estimate() -> None:
    left = TimeLeft(items(2), parallel=2)
    assert left.seconds({0: 12.0}, 0, 0.0) == 10.0
    assert left.seconds({0: 31.0}, 0, 0.0) is None


def test_a_chain_of_ten_thousand_items_is_estimated() -> None:
    needs = {f"n{number}": [number - 1] for number in range(1, 10_000)}
    assert TimeLeft(items(10_000, seconds=1.0, **needs), parallel=1).seconds({}, 0, 0.0) == 10_000.0
    backwards = {f"n{number}": [number + 1] for number in range(9_999)}
    assert TimeLeft(items(10_000, seconds=1.0, **backwards), parallel=1).seconds({}, 0, 0.0) == 10_000.0
