# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The items of a plan for the progress of the task: what is written, how long that is expected to take, and what precedes it."""

from __future__ import annotations

import typing as t

from .._progress.time_left import PlannedItem
from .desired import Desired
from .item_plan import DELETE, UNCHANGED, ItemPlan

_SECONDS_OF_DELETION = 1.0


def planned_items(desired: Desired, plans: t.Sequence[ItemPlan]) -> list[PlannedItem]:
    """The items to write, with those that come before them."""
    graph = desired.graph
    needs = dict(zip(graph.items, graph.needs))
    by_item = {plan.local: plan for plan in plans if plan.local is not None and plan.action != UNCHANGED}
    found = []
    for plan in plans:
        if plan.action == UNCHANGED:
            continue
        item_type = plan.before[0].type if plan.local is None else plan.local.type
        seconds = _SECONDS_OF_DELETION if plan.action == DELETE else plan.expected_seconds
        first = [graph.items[place] for place in needs.get(plan.local, ())] if plan.local is not None else []
        known = [by_item[item] for item in first if item in by_item]
        found.append(PlannedItem(plan, plan.label, f"{plan.action} {item_type}", seconds, known))
    return found
