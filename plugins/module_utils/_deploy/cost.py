# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a plan will cost: the calls that its writes need, and the time that the service and its quota take at least.

An estimate: polls depend on how long operations take, and retries are not counted. Items that bulk imports create cost less.
"""

from __future__ import annotations

import typing as t

from .._api.items import MANY
from .._content.item import PAGINATED_REPORT, SEMANTIC_MODEL
from .._http.limits import MINUTE
from .change import Change
from .changes import CreateItem, ImportFile, UpdateDefinition
from .item_plan import ItemPlan

_POLLS = 1.2  # of an operation or import, on average


class Calls(t.NamedTuple):
    """Calls for each kind of API."""

    fabric: float = 0.0
    operations: float = 0.0
    powerbi: float = 0.0

    def __add__(self, other: t.Any) -> Calls:
        return Calls(self.fabric + other.fabric, self.operations + other.operations, self.powerbi + other.powerbi)


def calls_of(change: Change) -> Calls:
    """The calls that a change needs. The result of a creation is another one, as long as there are few of them."""
    if isinstance(change, CreateItem):
        return Calls(fabric=1, operations=0 if change.local.type == PAGINATED_REPORT else _POLLS + 1)
    if isinstance(change, UpdateDefinition):
        return Calls(fabric=1, operations=_POLLS)
    if isinstance(change, ImportFile):
        return Calls(powerbi=1 + _POLLS)
    return Calls(fabric=1)


def estimate(plans: t.Iterable[ItemPlan], rate: int) -> dict[str, t.Any]:
    """``calls``, ``seconds`` and both as ``text``, for the writes of the plans at ``rate`` calls a minute (0: no quota)."""
    creations = 0
    total, longest = Calls(), {False: 0.0, True: 0.0}  # reports wait for their models
    for plan in plans:
        for change in plan.changes:
            total += calls_of(change)
        if plan.changes:
            is_model = plan.local is not None and plan.local.type == SEMANTIC_MODEL
            longest[is_model] = max(longest[is_model], plan.expected_seconds)
        creations += sum(isinstance(change, CreateItem) for change in plan.changes)
    if creations >= MANY:  # polled once, and found in lists
        total = total._replace(operations=total.operations - creations * _POLLS)
    calls = round(sum(total))
    waiting = MINUTE * ((round(max(total)) - 1) // rate) if rate and calls else 0.0
    seconds = round(max(sum(longest.values()), waiting))
    text = f"about {calls} calls, at least {seconds} s" if calls else "no writes"
    if rate and calls:
        text += f" (quota of {rate} calls a minute for each kind of API)"
    return {"calls": calls, "seconds": seconds, "text": text}
