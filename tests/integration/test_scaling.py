# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments to many workspaces on a virtual clock: a small version of what docs/scaling.md reports, and its tables."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
from bench import scaling

from harness.simulation import VirtualClock

WORKSPACES: t.Final = 5


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "bulk"])
def stages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[scaling.Measured]:
    """First deployment, nothing changed, one item changed: 50 items, with a quota that they exceed."""
    case = scaling.Case(bulk=request.param)
    return scaling.measure(tmp_path_factory.mktemp("scaling"), case, WORKSPACES, quota=60)


def test_minutes_of_the_services_take_seconds(stages: list[scaling.Measured]) -> None:
    assert stages[0].seconds > 60


def test_the_quota_is_never_exceeded(stages: list[scaling.Measured]) -> None:
    assert [one.throttled for one in stages] == [0, 0, 0]


def test_a_deployment_takes_little_longer_than_its_calls_need(stages: list[scaling.Measured]) -> None:
    """With so few calls the chain of one workspace counts as well; two kinds of API can each interrupt it for a window."""
    for one in stages:
        assert one.seconds <= 1.15 * one.bound + 2.2 * one.alone, one


def test_unchanged_items_cost_what_the_service_forces(stages: list[scaling.Measured]) -> None:
    first, unchanged, _changed = stages
    calls = sum(unchanged.calls.values()) / WORKSPACES
    assert calls <= (10 if "bulk" in first.case else 3 * scaling.ITEMS + 5), unchanged.calls


def test_only_the_changed_item_is_written(stages: list[scaling.Measured]) -> None:
    _first, unchanged, changed = stages
    more = sum(changed.calls.values()) - sum(unchanged.calls.values())
    assert 0 < more <= 15 * WORKSPACES, (unchanged.calls, changed.calls)


def test_the_tables_of_the_documentation_are_the_results() -> None:
    text, results = scaling.DOCS.read_text(encoding="utf-8"), scaling.load()
    assert scaling.with_tables(text, results) == text
    assert {one.case for one in results if one.workspaces == 100} == {str(case) for case in scaling.CASES}
    assert all(one.throttled == 0 for one in results)


def test_the_clock_goes_on_when_all_workers_wait() -> None:
    clock = VirtualClock()
    began, real = clock.time(), time.monotonic()
    order = _sleep_in_threads(clock, [7200.0, 3600.0, 3600.5])
    assert order == [3600.0, 3600.5, 7200.0]
    assert (clock.time() - began, time.monotonic() - real < 5) == (7200.0, True)


def _sleep_in_threads(clock: VirtualClock, seconds: list[float]) -> list[float]:
    """The order in which threads wake that sleep that long."""
    woken: list[float] = []

    def worker(number: float) -> None:
        clock.sleep(number)
        woken.append(number)
        clock.join(-1)

    clock.join(len(seconds))
    threads = [threading.Thread(target=worker, args=(number,)) for number in seconds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return woken
