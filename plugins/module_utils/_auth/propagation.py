# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Wait until a new credential has propagated to all replicas of Entra ID. Until then, responses differ by replica."""

from __future__ import annotations

import typing as t

from .._errors import AuthError

if t.TYPE_CHECKING:
    from .._clock import Clock

# The error codes of a replica of Entra ID that a new credential or app has not reached yet.
NOT_PROPAGATED_CODES = frozenset(("7000215", "700027", "7000216", "700016"))
CONFIRMATIONS = 3
_PAUSE = 0.5  # seconds between logins that work
_FIRST_GAP, _GROWTH, _LONGEST_GAP = 0.5, 1.5, 10.0


class NotPropagatedError(AuthError):
    """The credential did not propagate in time. ``details`` has the seconds waited and the tries."""

    kind = "not_propagated"


def wait_until_propagated(log_in: t.Callable[[], object], clock: Clock, timeout: float) -> float:
    """Call ``log_in``, which makes a new client each time, until it works three times in a row. Returns the seconds waited.

    Raises NotPropagatedError after ``timeout`` seconds, and immediately what ``log_in`` raises for another reason.
    """
    start, gap = clock.monotonic(), _FIRST_GAP
    successes = tries = 0
    while True:
        tries += 1
        try:
            log_in()
            successes += 1
            pause = _PAUSE
        except AuthError as error:
            if error.code not in NOT_PROPAGATED_CODES:
                raise
            successes, pause, gap = 0, gap, min(gap * _GROWTH, _LONGEST_GAP)
        elapsed = clock.monotonic() - start
        if successes == CONFIRMATIONS:
            return elapsed
        if elapsed + pause > timeout:
            raise NotPropagatedError(
                f"the new credential was not accepted {CONFIRMATIONS} times in a row within {timeout:.0f} s",
                why="It propagates to Entra ID's replicas one after the other, which mostly takes seconds, sometimes minutes",
                remedy="run it again; raise propagation_timeout if that happens often",
                seconds=round(elapsed, 1),
                tries=tries,
            )
        clock.sleep(pause)
