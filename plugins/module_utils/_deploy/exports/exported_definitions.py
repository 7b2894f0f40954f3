# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The definitions of an export: all are read before the first is written, because they contain ids of each other."""

from __future__ import annotations

import collections
import json
import os
import posixpath
import typing as t

from ..._api.items import Item, parts_of
from ..._content import confined, export, item_types, json_text, logical_ids, paginated, platform, portability, rebind
from ..._content.export_manifest import Manifest
from ..._content.item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL
from ..._errors import PowerBIError
from ..._guid import ZERO_GUID
from ..deletions import service_items
from ..files.fingerprint import is_unreadable
from ..remote import RemoteWorkspace
from .exported_files import SUFFIXES, place_of

_PAYLOAD = "creationPayload"


class Definition(t.NamedTuple):
    """A definition as it is written, in the git format: ``remaining`` are its references to the workspace or the tenant."""

    parts: dict[str, bytes]
    description: str
    logical_id: str
    payload: dict[str, t.Any]
    remaining: list[portability.Reference]


class Definitions:
    """The definitions of items. ``places`` are their paths in the folder ``dest``, by id; ``formats`` by type."""

    def __init__(
        self,
        live: RemoteWorkspace,
        dest: str,
        manifest: Manifest,
        places: t.Mapping[str, str],
        formats: t.Mapping[str, str],
    ) -> None:
        self._live = live
        self._dest = dest
        self._formats = formats
        self._places = places
        self._owners = manifest.items()
        self._parts: dict[str, dict[str, bytes]] = {}
        self._payloads: dict[str, dict[str, t.Any]] = {}
        self._logical_ids: dict[str, str] = {}
        self._linked: dict[str, str] = {}
        self._source = portability.Source(live.workspace.id, live.workspace.name, {}, (), ())

    def read(self, item: Item) -> str:
        """Read the definition. Returns why there is nothing to export, "" if it was read. Raises PowerBIError."""
        kind = item_types.of(item.type)
        if service_items.is_of_the_service(item):
            return "the service creates it on its own, also in another workspace"
        try:
            response = self._live.items.definition(item, self._formats.get(item.type, "")).wait()
            parts = self._live.without_annotation(item, parts_of(response))
        except PowerBIError as error:
            if not is_unreadable(error) or item.type in (SEMANTIC_MODEL, *SUFFIXES):
                raise
            if kind.has_definition or not kind.can_be_created:
                return f"the service has no definition of it: {error.what}"
            parts = {}
        payload = self._live.properties.creation_payload(item) if kind.payload else {}
        if kind.payload == item_types.LAKEHOUSE_PAYLOAD:
            parts.setdefault(kind.payload, json_text.dump(payload, indent=2).encode())
            payload = {}
        if item.type == PAGINATED_REPORT:  # the .rdl has the name of its report
            parts = paginated.named_after(parts, export.file_stem(item.name))
        self._payloads[item.id] = payload
        self._parts[item.id] = parts
        return ""

    def link(self) -> None:
        """Choose the logical ids: those in the folder, else those of the ownership annotations, else derived ones.

        Called after all definitions were read. Of an item that is not exported now, the logical id in the folder is used if
        an earlier export wrote it there.
        """
        exported = [item for item in self._live.all() if item.id in self._parts]
        found = {item.id: self._in_folder(item, self._places[item.id]) for item in exported}
        taken = collections.Counter(filter(None, found.values()))
        owners = {item.id: self._live.logical_id(item) for item in exported if not found[item.id]}
        taken.update(filter(None, owners.values()))  # a logical id that several items have identifies none of them
        for item in exported:
            own = owners.get(item.id, "")
            unique = own if own and taken[own] == 1 else logical_ids.derived(item.id)
            self._logical_ids[item.id] = found[item.id] or unique
            self._linked[item.id] = self._places[item.id]
        for item in self._live.all():
            place = place_of(self._live, item, "")
            if item.id not in self._parts and self._owners.get(place) == item.id:
                earlier = self._in_folder(item, place)
                if earlier:
                    self._logical_ids[item.id], self._linked[item.id] = earlier, place
        labels = {item.id: f"{item.name}.{item.type}" for item in self._live.all()}
        others = {identity: label for identity, label in labels.items() if identity not in self._logical_ids}
        known = frozenset((ZERO_GUID, *labels, *self._logical_ids.values()))
        self._source = self._source._replace(others=others, items=tuple(labels), known=known)

    def definition(self, item: Item, description: str) -> Definition:
        """The definition as it is written; ``description`` is the text of the item's."""
        source = self._source
        parts, foreign = self._beside(item, self._parts[item.id])
        payload = json.dumps(self._payloads[item.id]).encode()
        parts = logical_ids.in_git({**parts, _PAYLOAD: payload}, self._logical_ids, self._live.workspace.id)
        payload = parts.pop(_PAYLOAD)
        left = [*portability.remaining(parts, source), *portability.in_properties(description, source), *foreign]
        return Definition(parts, description, self._logical_ids[item.id], json.loads(payload), left)

    def _in_folder(self, item: Item, place: str) -> str:
        """The logical id in a `.platform` at an item's path, "" where there is none, or it is that of another item."""
        path = f"{place}/{platform.PART}"
        full = os.path.join(self._dest, *path.split("/"))
        known = self._owners.get(place, item.id) == item.id
        if not known or confined.obstacle(self._dest, path) or not os.path.isfile(full):
            return ""
        with open(full, "rb") as handle:
            described, _problems = platform.read(handle.read(), path)
        return described.logical_id if described is not None else ""

    def _beside(self, item: Item, parts: dict[str, bytes]) -> tuple[dict[str, bytes], list[portability.Reference]]:
        """The parts of a report with the path of its semantic model instead of the id, and what it is bound to otherwise."""
        if item.type != REPORT or rebind.PART not in parts:
            return parts, []
        bound, problem = rebind.read(parts[rebind.PART], rebind.PART)
        if problem is not None or not bound.model_id:
            return parts, []
        place = self._linked.get(bound.model_id)
        if not place:
            what = f"the semantic model {bound.model_id}, of another workspace"
            here = self._live.with_id(bound.model_id) is not None
            return parts, [] if here else [portability.Reference(rebind.PART, what)]
        path = posixpath.relpath(place, self._places[item.id])
        text, _problem = json_text.parse(parts[rebind.PART].decode("utf-8-sig"), rebind.PART)
        reference = {**text, "datasetReference": {"byPath": {"path": path}}}
        return {**parts, rebind.PART: json_text.dump(reference, indent=2).encode()}, []
