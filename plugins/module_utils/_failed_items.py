# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The error of a task that continued after some of its items had failed."""

from __future__ import annotations

import typing as t

from ._errors import OperationFailedError, PowerBIError, ServiceError


class FailedItemsError(OperationFailedError):
    """Some items of a task failed. The message contains the first item's error; the result's ``failed_items`` has all."""

    def __init__(self, what: str, first: PowerBIError, rest: str) -> None:
        support = first.support() if isinstance(first, ServiceError) else {}
        support.pop("message", None)
        remedy = "see failed_items of the result for each item's cause and remedy"
        super().__init__(what, remedy=remedy, **support)
        self._first = first
        self._rest = rest

    def __str__(self) -> str:
        return f"{self.what}: {self._first} {self._rest[:1].upper()}{self._rest[1:]}."


def failed_items_error(what: str, first: PowerBIError, *, rest: str, results: dict[str, t.Any]) -> FailedItemsError:
    """The error of a task of which items failed. ``rest`` is a sentence about the other items, ``results`` are return values."""
    error = FailedItemsError(what, first, rest)
    error.results = results
    return error
