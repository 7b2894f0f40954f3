# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a change of a plan is: `changes` has the kinds of them."""

from __future__ import annotations

import abc
import typing as t

from .desired import Desired
from .files.file_import import FileImports
from .identity.matches import Items, Matches
from .item_writing import ItemWriter
from .remote import RemoteWorkspace

Diff = dict[str, str]

_SECONDS_OF_REQUEST = 1.0


class Run(t.NamedTuple):
    """What the changes of one run share. ``written`` is called after each write, ``warn`` with each warning."""

    desired: Desired
    live: RemoteWorkspace
    matches: Matches
    writer: ItemWriter
    imports: FileImports
    written: t.Callable[[], None]
    warn: t.Callable[[str], None]


class Change(abc.ABC):
    """One change of an item. ``texts`` describe it, ``diffs`` show it in Ansible's format; a change that only the run can
    know to be needed has none of both. ``label`` is what it writes, for the report of a run that failed half-way.
    """

    label: t.ClassVar[str]
    texts: t.Sequence[str]
    diffs: t.Sequence[Diff]

    def target_folder(self) -> str | None:
        """The path of the workspace folder that the items are in afterwards, None where it does not change."""
        return None

    def expected_seconds(self) -> float:
        """How long it is expected to take, without waiting for a slot or the quota."""
        return _SECONDS_OF_REQUEST

    def new_items(self) -> int:
        """The number of items that it creates."""
        return 0

    def losses(self) -> t.Sequence[str]:
        """Descriptions of the rows of a semantic model that it deletes."""
        return ()

    def begun(self) -> str:
        """What a change that has failed has written nevertheless, in words; "" if that is nothing, or not known."""
        return ""

    def begun_items(self, items: Items) -> Items:
        """The items after it has failed."""
        return items

    @abc.abstractmethod
    def apply(self, items: Items, run: Run) -> Items:
        """Write it to the items: none before their creation, or a semantic model and its report for a file with both.

        Returns the items afterwards. Raises PowerBIError; writes before the error count as done.
        """
