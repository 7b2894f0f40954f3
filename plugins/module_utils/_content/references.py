# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The dependencies of an item: the semantic model of a report, and items that it references by logical id."""

from __future__ import annotations

import dataclasses
import posixpath
import typing as t

from .._guid import GUID_IN_BYTES
from . import json_text, paginated, rebind
from .item import DEFINITION, PAGINATED_REPORT, REPORT, SEMANTIC_MODEL, LocalItem
from .problem import Problem
from .rebind import Binding
from .report import report_fields
from .text import decode, folded, position, suffix


@dataclasses.dataclass(frozen=True)
class Reference:
    """A dependency of an item. Either ``target`` is a local item, or ``binding`` identifies the model in the service.

    ``how`` is the kind of reference: "definition.pbir", "data source", "logical id" or "parameter".
    """

    how: str
    target: LocalItem | None = None
    binding: Binding = dataclasses.field(default_factory=Binding)


def references(item: LocalItem, items: t.Sequence[LocalItem]) -> tuple[Reference, ...]:
    """The dependencies of ``item``, each local target once. ``items`` are all local items, excluded ones as well."""
    found: list[Reference] = []
    if item.type == REPORT and rebind.PART in item.parts:
        bound, problem = rebind.read(item.parts[rebind.PART], rebind.PART)
        if bound and not bound.server and not problem:
            found.append(Reference("definition.pbir", _bound(item, bound, items), bound))
    found.extend(Reference("data source", _by_name(bound, items), bound) for bound in _paginated(item))
    ids = {other.logical_id.encode(): other for other in items if other.logical_id and other is not item}
    for data in item.parts.values() if ids else ():
        for match in GUID_IN_BYTES.findall(data):
            target = ids.get(match.lower())
            if target is not None:
                found.append(Reference("logical id", target))
    targets: set[int] = set()
    result = []
    for reference in found:
        if reference.target is None or id(reference.target) not in targets:
            result.append(reference)
            targets.add(id(reference.target))
    return tuple(result)


def _paginated(item: LocalItem) -> t.Iterator[Binding]:
    if item.type != PAGINATED_REPORT:
        return
    yield from item.models
    for path, data in item.parts.items():
        if suffix(path) == ".rdl":
            yield from paginated.read(data, path).models


def _bound(item: LocalItem, bound: Binding, items: t.Sequence[LocalItem]) -> LocalItem | None:
    if not bound.path:
        return _by_name(bound, items)
    desired = posixpath.normpath(posixpath.join(item.path, bound.path.replace("\\", "/")))
    definitions = [other for other in items if other.kind == DEFINITION]
    exact = [other for other in definitions if other.path == desired]
    # Power BI Desktop opens a path in another case, too, as Windows does.
    alike = exact or [other for other in definitions if folded(other.path) == folded(desired)]
    return alike[0] if len(alike) == 1 else None


def _by_name(bound: Binding, items: t.Sequence[LocalItem]) -> LocalItem | None:
    # A reference with a workspace's name may be to another one; only a name alone means the model in the same folder.
    if bound.workspace or bound.server or not bound.model:
        return None
    desired = (SEMANTIC_MODEL, bound.model.casefold())
    return next((other for other in items if other.key == desired), None)


def _place_of_path(part: bytes) -> tuple[int, int]:
    text = json_text.plain(decode(part) or "")
    found = next((one for one in json_text.members(text) if one.path == ("datasetReference", "byPath", "path")), None)
    return position(text, found.start) if found else (0, 0)


def problems_of(items: t.Sequence[LocalItem], outside: t.Sequence[LocalItem]) -> t.Iterator[Problem]:
    """Problems of reports without a model, with a model path that does not exist, or with fields that the model lacks."""
    everything = (*items, *outside)
    known: dict[int, report_fields.Fields | None] = {}  # by the model's identity: a model may have many reports
    for item in items:
        if item.type != REPORT or item.kind != DEFINITION or rebind.PART not in item.parts:
            continue
        file = f"{item.path}/{rebind.PART}"
        bound, problem = rebind.read(item.parts[rebind.PART], file)
        if problem:
            continue  # Reported by the part's own check.
        if not bound:
            what = "the report names no semantic model that can be read"
            yield Problem(
                file,
                0,
                0,
                what,
                "Give datasetReference a byPath or a byConnection with the model's id",
                code="missing-model",
            )
        elif bound.path:
            target = _bound(item, bound, everything)
            if target is None:
                what = f"the report's model isn't there: {bound.path!r} is no item of this folder"
                line, column = _place_of_path(item.parts[rebind.PART])
                remedy = "Correct the path, add the model, or bind the report by connection"
                yield Problem(file, line, column, what, remedy, code="missing-model")
            elif target.type != SEMANTIC_MODEL:
                what = f"the report is bound to {target}, which is no semantic model"
                yield Problem(file, 0, 0, what, "Bind it to a semantic model", code="missing-model")
            else:
                if id(target) not in known:
                    known[id(target)] = report_fields.fields_of(target)
                fields = known[id(target)]
                yield from report_fields.missing_fields(item, target, fields) if fields is not None else ()
