# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The patterns of `include`, `exclude` and `protect`, and problems for patterns that match nothing."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from .item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .problem import WARNING, Problem
from .text import folded

_SUFFIXES: t.Mapping[str, tuple[str, ...]] = {
    REPORT: (".pbix", ".xlsx"),
    SEMANTIC_MODEL: (".pbix", ".xlsx"),
    PAGINATED_REPORT: (".rdl",),
}
"""The files that an item may have been imported from, by its type."""

_REMEDY = "Give a pattern such as *.Report or Sales.*"


def fits(name: str, pattern: str) -> bool:
    """Names are compared case-insensitively, as in the service; a pattern also matches with its [ taken literally."""
    name, pattern = folded(name), folded(pattern)
    return name == pattern or any(fnmatch.fnmatchcase(name, one) for one in (pattern, pattern.replace("[", "[[]")))


def matches(item: LocalItem, patterns: t.Iterable[str]) -> bool:
    """Patterns as for `folder.scan`."""
    names = (_in_folder(item.folder, str(item)), str(item), item.path)
    return _match(names, item.folder, f"{item.path}/", patterns)


class Selection(t.NamedTuple):
    """The patterns ``include`` and ``exclude`` of a folder, for items of the workspace."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes_live(self, name: str, item_type: str, folder: str, *, imported: bool) -> bool:
        """Whether the patterns select a live item. ``folder`` is its path in the workspace.

        It may have come from a file, such as Sales.pbix: that is certain where it was ``imported``. Where it is not known,
        a pattern of files leaves the item out.
        """
        label = f"{name}.{item_type}"
        names = [_in_folder(folder, label), label]
        files = [f"{name}{suffix}" for suffix in _SUFFIXES.get(item_type, ())]
        files += [_in_folder(folder, file) for file in files]
        place = f"{names[0]}/"
        included = not self.include or _match([*names, *(files if imported else ())], folder, place, self.include)
        return included and not _match([*names, *files], folder, place, self.exclude)


def _match(names: t.Sequence[str], folder: str, place: str, patterns: t.Iterable[str]) -> bool:
    """Whether a pattern fits one of the names or, where it ends with /, the item's own folder or the one that it is in."""
    for given in patterns:
        pattern = re.sub(r"^(?:\./)+", "", given)
        if not pattern.endswith("/"):
            if any(fits(name, pattern) for name in names):
                return True
        elif folded(place).startswith(folded(pattern)) or (folder and fits(f"{folder}/", f"{pattern}*")):
            return True
    return False


def _in_folder(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def unmatched(items: t.Sequence[LocalItem], include: t.Iterable[str], exclude: t.Iterable[str]) -> t.Iterator[Problem]:
    """An error for each pattern of ``include`` that matches nothing, a warning for each of ``exclude``."""
    for pattern in include:
        if not any(matches(item, (pattern,)) for item in items):
            yield Problem("include", 0, 0, f"{pattern!r} matches no item of the folder", _REMEDY)
    for pattern in exclude if items else ():
        if not any(matches(item, (pattern,)) for item in items):
            what = f"{pattern!r} matches no item of the folder, so it leaves out nothing that is deployed"
            yield Problem("exclude", 0, 0, what, _REMEDY, WARNING)


def unmatched_protect(names: t.Collection[str], protect: t.Iterable[str]) -> t.Iterator[Problem]:
    """A warning for each pattern of ``protect`` that fits none of these names (Name.Type)."""
    for pattern in protect:
        if not any(fits(name, pattern) for name in names):
            remedy = "Write it as Name.Type without a folder, such as Board.Report or *.Dashboard"
            yield Problem("protect", 0, 0, f"{pattern!r} fits no item, so it protects nothing", remedy, WARNING)
