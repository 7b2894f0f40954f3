# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""When something that must not be made twice may be asked for again: the state is read first."""

from __future__ import annotations

from .._errors import ApiError, ConflictError, TransportError

READBACK_DELAYS = (0.0, 1.0, 3.0)  # seconds: what was created takes a moment to appear in the lists
TRIES = 3  # of a request whose answers get lost, with a look in between


def is_ambiguous_write(error: ApiError | TransportError) -> bool:
    """Whether the service may have created it although its answer is an error, or says that it exists already."""
    if isinstance(error, TransportError):
        return error.sent
    return error.status >= 500 or isinstance(error, ConflictError)
