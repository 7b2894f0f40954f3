# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Properties that the service keeps otherwise than they were written: names, descriptions and folders of items.

Texts that differ only in line breaks, in blanks at line ends and in the composition of characters are equal. Any other
difference that is left after a write is recorded in the ownership annotation, as a digest of both sides: while neither side
changes, it is no difference.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing as t

from .._api.items import Item
from .._content import ownership_annotation, texts
from .._content.ownership_annotation import Ownership
from .._errors import listed
from .change import Change, Diff, Run
from .changes import UpdateDefinition
from .final_parts import final_parts
from .identity.description_annotation import LONGEST_DESCRIPTION, Annotation, shorter, text_of, write
from .identity.matches import Items

_SHOWN = 60  # characters of a text in a warning


class Properties(t.NamedTuple):
    """``description`` is without an annotation, ``folder`` the path of the workspace folder."""

    name: str
    description: str
    folder: str

    def equals(self, other: Properties) -> bool:
        return all(texts.canonical(mine) == texts.canonical(yours) for mine, yours in zip(self, other))


def digest(desired: Properties, live: Properties) -> str:
    """The record of a difference that stays."""
    both = [[texts.canonical(text) for text in side] for side in (desired, live)]
    return shorter(hashlib.sha256(json.dumps(both).encode()).hexdigest())


def is_kept(record: str, desired: Properties, live: Properties) -> bool:
    """Whether the service has kept the properties otherwise, and neither side has changed since."""
    return bool(record) and not desired.equals(live) and record == digest(desired, live)


@dataclasses.dataclass
class CheckProperties(Change):
    """Compare the properties in the service's responses with the desired ones, after all writes of an item. What differs is a
    warning, and recorded. ``update`` has what a definition needs that contains the record."""

    label = "the comparison with the response"
    update: UpdateDefinition
    desired: Properties
    texts: t.Sequence[str] = ()
    diffs: t.Sequence[Diff] = ()

    def apply(self, items: Items, run: Run) -> Items:
        if not items:
            return items
        item = items[-1]
        live = Properties(item.name, text_of(item.description), run.live.path_of(item))
        if self.update.local.description is None:  # the folder states none: that of the service stays
            self.desired = self.desired._replace(description=live.description)
        ownership = self.update.ownership
        if self.desired == live or (ownership is not None and is_kept(ownership.kept, self.desired, live)):
            return items
        what = (
            f"the service keeps {self.update.local} otherwise than it was written: {_differences(self.desired, live)}"
        )
        if self.desired.equals(live):
            run.warn(f"{what}. That is no difference for later runs")
            return items
        recorded = self._record(item, live, run) if ownership is not None else None
        if recorded is None:
            run.warn(
                f"{what}. It can't be recorded there, so each run writes it again; change {self.update.local.path}"
            )
            return items
        run.warn(f"{what}. That is no difference for later runs until one of both is changed")
        return (*items[:-1], recorded)

    def _record(self, item: Item, live: Properties, run: Run) -> Item | None:
        """Write the record. Returns the item afterwards, None if there is no place for it."""
        local, ownership = self.update.local, t.cast("Ownership", self.update.ownership)
        if ownership_annotation.has_place(local.parts):
            owned = ownership._replace(kept=digest(self.desired, live))
            update = self.update
            parts = final_parts(run.desired, run.live, run.matches, local, update.live_parts, update.preserve)
            parts = ownership_annotation.write(parts, owned)
            run.writer.update(item, local, parts)
            run.live.record_owner_in(item.id, parts)
            return item
        longest = len(item.description) if live.description != self.desired.description else LONGEST_DESCRIPTION
        written = self._described(live, ownership, longest)
        if written is None:
            return None
        described = run.writer.describe(item, None, written)
        return described if described.description == written else None

    def _described(self, live: Properties, ownership: Ownership, longest: int) -> str | None:
        """The description with the record, as far as the service keeps it: ``longest`` in characters."""
        empty = write("", Annotation().owned_by(ownership._replace(kept=digest(self.desired, live)))) or ""
        if not empty or len(empty) > longest:
            return None
        room = longest - len(empty) - 1
        shown = live._replace(description=live.description[: max(0, room)].strip())
        annotation = Annotation().owned_by(ownership._replace(kept=digest(self.desired, shown)))
        return write(shown.description, annotation)


def _differences(desired: Properties, live: Properties) -> str:
    return listed(
        [
            f"{name} {_shown(kept)} instead of {_shown(written)}"
            for name, written, kept in zip(Properties._fields, desired, live)
            if written != kept
        ]
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
