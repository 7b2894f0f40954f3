# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of writes: what heads the chain that takes longest is first. In simulated time, with few slots."""

from __future__ import annotations

import itertools
import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.imports import seconds_of_import
from ansible_collections.community.powerbi.plugins.module_utils._deploy.change import Run
from ansible_collections.community.powerbi.plugins.module_utils._deploy.item_plan import ItemPlan
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local

POST = 1.0  # seconds of each request, which occupies a slot
SECONDS = {"SemanticModel": 10.8, "Report": 0.8, "Notebook": 2.0}  # of the operation after it

NOTEBOOKS = [[local(f"{name}{place}.Notebook") for place in range(3)] for name in "abcdef"]  # each needs the one before
MODELS = [local(f"{name}.SemanticModel") for name in ("Purchases", "Sales")]
REPORTS = [[local(f"{model.display_name} {number}.Report") for number in range(2)] for model in MODELS]


def begun(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """When each item is begun, in seconds, and "end" with the end of the run. Writes take time and do nothing."""
    found: dict[str, float] = {}

    def apply(plan: ItemPlan, run: Run) -> None:
        assert plan.local is not None
        found[plan.label] = run.live.clock.monotonic() - start
        run.live.clock.sleep(POST, busy=True)
        run.live.clock.sleep(SECONDS[plan.local.type])

    monkeypatch.setattr(ItemPlan, "apply", apply)
    needs = {later: [sooner] for chain in NOTEBOOKS for sooner, later in itertools.pairwise(chain)}
    needs |= {report: [model] for model, reports in zip(MODELS, REPORTS, strict=True) for report in reports}
    items = [item for group in (*NOTEBOOKS, MODELS, *REPORTS) for item in group]
    deployed = Deployed(FakeWorkspace(), desired_of(*items, needs=needs), parallel=2)
    start = deployed.net.clock.monotonic()
    assert len(deployed.run().done) == len(items)
    found["end"] = deployed.net.clock.monotonic() - start
    return found


def test_models_with_reports_are_begun_before_chains_of_more_items(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = begun(monkeypatch)
    assert moments["Purchases.SemanticModel"] == moments["Sales.SemanticModel"] == 0.0


def test_a_report_is_begun_before_items_that_wait_for_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its model ends when all slots are occupied, so it gets the next one."""
    moments = begun(monkeypatch)
    ready = POST + SECONDS["SemanticModel"]
    assert ready <= moments["Sales 0.Report"] <= ready + POST + 0.01


def test_the_order_by_seconds_shortens_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    by_seconds = begun(monkeypatch)["end"]
    monkeypatch.setattr(ItemPlan, "expected_seconds", 1.0)
    by_number_of_items = begun(monkeypatch)["end"]
    chain = POST + SECONDS["SemanticModel"] + POST + SECONDS["Report"]
    assert by_seconds <= chain + POST + 0.01
    assert by_number_of_items >= by_seconds + 2 * POST - 0.01


def test_larger_files_are_imported_first(tmp_path: Path) -> None:
    sizes: t.Final = (1_000, 80_000_000, 3_000_000)
    for size in sizes:
        with (tmp_path / f"{size}.pbix").open("wb") as file:
            os.truncate(file.fileno(), size)
    ordered = sorted(sizes, key=lambda size: -seconds_of_import(str(tmp_path / f"{size}.pbix")))
    assert ordered == [80_000_000, 3_000_000, 1_000]
    assert seconds_of_import(str(tmp_path / "missing.pbix")) > 0
