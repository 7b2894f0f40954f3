# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Whether the patterns of a deployment select a live item: what they leave out is neither deployed nor deleted."""

from __future__ import annotations

from ..._api.items import Item
from ..desired import Desired
from ..identity import description_annotation
from ..remote import RemoteWorkspace


def is_left_out(desired: Desired, live: RemoteWorkspace, item: Item) -> bool:
    """Whether ``include`` and ``exclude`` leave out a live item, by its name, its workspace folder, or that of its file."""
    return not desired.selection.takes_live(item.name, item.type, live.path_of(item), imported=is_from_file(item))


def is_from_file(item: Item) -> bool:
    """Whether a file was imported as this item, by the fingerprint in its description."""
    annotation = description_annotation.read(item.description).annotation
    return annotation is not None and bool(annotation.file)
