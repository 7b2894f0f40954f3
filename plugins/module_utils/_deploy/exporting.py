# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Live items to a folder: definitions as git would have them, files as Power BI Desktop would, or rendered pages.

Nothing is rewritten that says the same already, so that version control shows only what has really changed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import posixpath
import re
import tempfile
import typing as t
import zipfile

from ansible_collections.community.powerbi.plugins.module_utils._content import export, json_text, normalise, rebind
from ansible_collections.community.powerbi.plugins.module_utils._content.item import (
    PAGINATED_REPORT,
    REPORT,
    SEMANTIC_MODEL,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.text import decode
from ansible_collections.community.powerbi.plugins.module_utils._deploy import ledger, marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.live import Live
from ansible_collections.community.powerbi.plugins.module_utils._deploy.rendering import Rendering
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item, parts_of
from ansible_collections.community.powerbi.plugins.module_utils._scheduler import Call, Job, Scheduler, Wait

DEFINITION = "definition"

_SUFFIXES = {REPORT: "pbix", PAGINATED_REPORT: "rdl"}


@dataclasses.dataclass
class Exported:
    """What became of an item. ``path`` is relative to the target folder; ``files`` that changed are so to ``path``.

    ``error``: why it could not be exported; ``skipped``: why there is nothing to export.
    """

    item: Item
    path: str = ""
    action: str = "unchanged"
    files: list[str] = dataclasses.field(default_factory=list)
    diffs: list[dict[str, str]] = dataclasses.field(default_factory=list)
    skipped: str = ""
    error: PowerBIError | None = None

    def to_dict(self) -> dict[str, t.Any]:
        item = self.item
        return {
            "type": item.type,
            "name": item.name,
            "id": item.id,
            "path": self.path,
            "action": self.action,
            "files": self.files,
        }


class Choices(t.NamedTuple):
    """``what`` is `DEFINITION`, "file" or one of the forms of ``rendering``, which else is None; ``formats`` of definitions
    by type; ``timeout`` seconds."""

    what: str
    formats: t.Mapping[str, str]
    check_mode: bool
    timeout: float
    rendering: Rendering | None = None


class Export:
    """One run, to the folder ``dest``."""

    def __init__(self, live: Live, dest: str, items: t.Sequence[Item], choices: Choices) -> None:
        self._live = live
        self._dest = os.path.abspath(dest)
        self._choices = choices
        self._items = list(items) if choices.what == DEFINITION else [one for one in items if one.type in _SUFFIXES]
        why_not = {item.id: choices.rendering.refusal(item) for item in self._items} if choices.rendering else {}
        self._refused = {item.id: Exported(item, skipped=why) for item in self._items if (why := why_not.get(item.id))}
        self._places = {item.id: self._place(item) for item in self._items if item.id not in self._refused}
        self._refuse_collisions()

    def run(self, scheduler: Scheduler) -> list[Exported]:
        """All of them; failures are in the results."""
        found = dict(self._refused)

        def done(item: Item) -> t.Callable[[t.Any, BaseException | None], None]:
            def take(result: t.Any, error: BaseException | None) -> None:
                if isinstance(error, OSError):
                    error = self._unwritable(error)
                if error is not None and not isinstance(error, PowerBIError):
                    raise error
                found[item.id] = result if error is None else Exported(item, self._places[item.id], error=error)

            return take

        for item in self._items:
            if item.id in self._places:
                scheduler.add(self._job(item), done(item))
        scheduler.run()
        return [found[item.id] for item in self._items]

    def _job(self, item: Item) -> Job:
        if self._choices.rendering is not None:
            return self._rendered(item, self._choices.rendering)
        return self._definition(item) if self._choices.what == DEFINITION else self._file(item)

    def _place(self, item: Item) -> str:
        folder = "/".join(export.file_stem(step) for step in self._live.path_of(item).split("/") if step)
        if self._choices.rendering is not None:
            name = f"{export.file_stem(item.name)}.{self._choices.rendering.form.suffix}"
        elif self._choices.what == DEFINITION:
            name = export.folder_name(item.name, item.type)
        else:
            name = export.single_file(item.name, _SUFFIXES[item.type])
        return f"{folder}/{name}" if folder else name

    def _refuse_collisions(self) -> None:
        """Two names may be one file, as they differ in case alone or in what no file system takes."""
        seen: dict[str, Item] = {}
        for item in self._items:
            if item.id in self._refused:
                continue
            first = seen.setdefault(self._places[item.id].casefold(), item)
            if first is not item:
                raise ConfigError(
                    f"{first.name!r} and {item.name!r} would both be exported to {self._places[item.id]}",
                    option="dest",
                    why=f"Their ids: {first.id}, {item.id}",
                    remedy="rename one of them in the service, or leave one out with exclude",
                )

    def _definition(self, item: Item) -> Job:
        try:
            operation = yield Call(lambda: self._live.items.definition(item, self._choices.formats.get(item.type, "")))
            answer = yield Wait(operation)
        except PowerBIError as error:
            if not (ledger.is_unreadable(error) and item.type not in (SEMANTIC_MODEL, *_SUFFIXES)):
                raise
            return Exported(item, self._places[item.id], skipped=f"the service gives no definition of it: {error.what}")
        return (yield Call(lambda: self._write(item, self._beside(item, parts_of(answer)))))

    def _beside(self, item: Item, parts: dict[str, bytes]) -> dict[str, bytes]:
        """A report that is bound to a model which is exported with it names that by its path, as in a repository."""
        if item.type != REPORT or rebind.PART not in parts:
            return parts
        bound, problem = rebind.read(parts[rebind.PART], rebind.PART)
        place = self._places.get(bound.model_id)
        if problem is not None or not place:
            return parts
        path = posixpath.relpath(place, self._places[item.id])
        text, _problem = json_text.parse(parts[rebind.PART].decode("utf-8-sig"), rebind.PART)
        reference = {**text, "datasetReference": {"byPath": {"path": path}}}
        return {**parts, rebind.PART: json_text.dump(reference, indent=2).encode()}

    def _write(self, item: Item, parts: t.Mapping[str, bytes]) -> Exported:
        marked = marker.read(item.description)
        told = {"description": marked.text, "logical_id": marked.logical_id or item.id}
        target = os.path.join(self._dest, *self._places[item.id].split("/"))
        existed = os.path.isdir(target)
        before = _texts(target)
        written = export.write(target, item.type, item.name, parts, **told, check_mode=self._choices.check_mode)
        result = Exported(item, self._places[item.id])
        result.files = sorted((*written.created, *written.updated, *written.removed))
        if written.changed:
            result.action = "update" if existed else "create"
        after = export.layout(item.type, item.name, parts, **told)
        for path in result.files:
            gone = path in written.removed
            result.diffs.append(_diff(f"{result.path}/{path}", before.get(path), None if gone else after.get(path)))
        return result

    def _file(self, item: Item) -> Job:
        def download(target: t.BinaryIO) -> str:
            self._live.reports.download(item.id, target)
            return ""

        return (yield Call(lambda: self._fetch(item, download)))

    def _rendered(self, item: Item, rendering: Rendering) -> Job:
        timeout = self._choices.timeout
        request = yield Call(lambda: rendering.request(item))
        operation = yield Call(lambda: self._live.reports.render(item.id, item.name, request, timeout=timeout))
        state = yield Wait(operation)
        return (
            yield Call(lambda: self._fetch(item, lambda to: self._live.reports.download_rendered(item.id, state, to)))
        )

    def _fetch(self, item: Item, download: t.Callable[[t.BinaryIO], str]) -> Exported:
        """Download beside the target, compare, and only then take its place.

        ``download`` returns the suffix that the service gives the file, empty if none.
        """
        result = Exported(item, self._places[item.id])
        target = os.path.join(self._dest, *result.path.split("/"))
        folder = os.path.dirname(target)
        place = tempfile.gettempdir() if self._choices.check_mode else folder
        os.makedirs(place, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".powerbi-", dir=place)
        try:
            with os.fdopen(handle, "w+b") as stream:
                suffix = download(stream)
            result.path, target = (_suffixed(path, suffix) for path in (result.path, target))
            existed = os.path.isfile(target)
            if existed and _same_file(target, temporary):
                return result
            result.action = "update" if existed else "create"
            result.files = [os.path.basename(target)]
            size = f"{os.path.getsize(temporary)} bytes\n"
            old = f"{os.path.getsize(target)} bytes\n" if existed else ""
            result.diffs = [{"before": old, "after": size, "before_header": result.path, "after_header": result.path}]
            if not self._choices.check_mode:
                export.take_place(temporary, target)
            return result
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"dest is {self._dest!r}, where {error.filename or 'a file'} can't be written: {error.strerror or error}",
            option="dest",
            remedy="give a folder that may be written to",
        )


def _suffixed(path: str, suffix: str) -> str:
    """Several pages as PNG come as an archive; an image as one of many formats, of which TIFF is but the usual one."""
    if suffix == ".zip":
        return f"{path}.zip"
    return f"{os.path.splitext(path)[0]}{suffix}" if suffix and path.endswith(".tiff") else path


def _texts(target: str) -> dict[str, bytes]:
    """The files of an item's folder as they are, for the diff."""
    found: dict[str, bytes] = {}
    for folder, _folders, names in os.walk(target):
        for name in names:
            full = os.path.join(folder, name)
            if os.path.isfile(full):
                with open(full, "rb") as handle:
                    found[os.path.relpath(full, target).replace(os.sep, "/")] = handle.read()
    return found


def _diff(path: str, before: bytes | None, after: bytes | None) -> dict[str, str]:
    def shown(data: bytes | None) -> str:
        text = decode(data) if data is not None else ""
        return f"binary, {len(data or b'')} bytes\n" if text is None else text

    return {"before": shown(before), "after": shown(after), "before_header": path, "after_header": path}


def _same_file(first: str, second: str) -> bool:
    """Whether two files have the same content. Of packages, times and compression are none."""
    members = [_members(path) for path in (first, second)]
    if members[0] is not None or members[1] is not None:
        return members[0] == members[1]
    with open(first, "rb") as left, open(second, "rb") as right:
        data = left.read(), right.read()
    if data[0] != data[1] and re.search(r"\.rdl\Z", first):
        return normalise.compare({"r.rdl": data[0]}, {"r.rdl": data[1]}, PAGINATED_REPORT).equal
    return data[0] == data[1]


def _members(path: str) -> list[tuple[str, int, int]] | None:
    """Name, checksum and size of each member of a ZIP package, None for another file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted((member.filename, member.CRC, member.file_size) for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return None
