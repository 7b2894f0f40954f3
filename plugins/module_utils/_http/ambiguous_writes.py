# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Ambiguous writes: failed requests that may have been applied. The state is read before such a write is repeated."""

from __future__ import annotations

import typing as t

from .._clock import Clock
from .._errors import ApiError, ConflictError, TransportError

READBACK_DELAYS = (0.0, 1.0, 3.0)  # seconds: lists may show a new resource late
TRIES = 3  # of a request whose response is lost; the state is read after each

T = t.TypeVar("T")


def is_ambiguous_write(error: ApiError | TransportError) -> bool:
    """Whether a failed write may have been applied: a lost response, a server error, or an error that it exists already."""
    if isinstance(error, TransportError):
        return error.sent
    return error.status >= 500 or isinstance(error, ConflictError)


def read_back(find: t.Callable[[], T | None], clock: Clock) -> T | None:
    """The result of an ambiguous write, as ``find`` returns it; None if it returns None after all delays."""
    for delay in READBACK_DELAYS:
        clock.sleep(delay)
        found = find()
        if found is not None:
            return found
    return None
