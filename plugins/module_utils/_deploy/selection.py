# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Whether the patterns of a deployment select a live item: what they leave out is neither deployed nor deleted."""

from __future__ import annotations

from .._api.items import Item
from .._content import patterns
from .desired import Desired
from .identity.description_annotation import imported_file
from .options import PruneOptions
from .remote import RemoteWorkspace


def is_left_out(desired: Desired, live: RemoteWorkspace, item: Item) -> bool:
    """Whether ``include`` and ``exclude`` leave out a live item, by its name, its workspace folder, or that of its file."""
    imported = bool(imported_file(item.description))
    return not desired.selection.takes_live(item.name, item.type, live.path_of(item), imported=imported)


def is_protected(item: Item, pruning: PruneOptions) -> bool:
    """Whether a pattern of ``protect`` matches a live item."""
    return any(patterns.fits(f"{item.name}.{item.type}", pattern) for pattern in pruning.protect)
