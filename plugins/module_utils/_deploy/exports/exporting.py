# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Exports items to a folder: definitions in the layout of git integration, files of Power BI Desktop, or renderings.

Files with equal content are not rewritten, so that version control shows only real changes.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import typing as t

from ..._api.items import Item
from ..._content import confined, export
from ..._content.export_manifest import Entry, Manifest
from ..._errors import ConfigError, PowerBIError
from ..._jobs import Jobs
from ..._progress.progress import Progress
from ..._progress.time_left import PlannedItem
from ..identity import description_annotation
from ..remote import RemoteWorkspace
from ..rendering import Rendering
from . import exported_files
from .exported_definitions import Definitions
from .exported_files import (
    SUFFIXES,
    Exported,
    ForeignFileError,
    may_exist,
    place_of,
    refuse_collisions,
    stale,
)

DEFINITION = "definition"
_SECONDS = 1.0  # that reading an item is expected to take, until one has been read


class ExportOptions(t.NamedTuple):
    """``what`` is `DEFINITION`, "file" or one of the forms of ``rendering``, which is None for the former; ``formats`` of
    definitions by type; ``timeout`` in seconds; ``on_write`` is called after each file that was written or removed;
    ``progress`` is that of the task."""

    what: str
    formats: t.Mapping[str, str]
    check_mode: bool
    timeout: float
    rendering: Rendering | None = None
    on_write: t.Callable[[], object] = lambda: None
    progress: Progress = Progress()


class Export:
    """One run, to the folder ``dest``."""

    def __init__(self, live: RemoteWorkspace, dest: str, items: t.Sequence[Item], options: ExportOptions) -> None:
        self._live = live
        self._dest = os.path.abspath(dest)
        self._options = options
        self._items = list(items) if options.what == DEFINITION else [one for one in items if one.type in SUFFIXES]
        why_not = {item.id: options.rendering.refusal(item) for item in self._items} if options.rendering else {}
        self._refused = {item.id: Exported(item, skipped=why) for item in self._items if (why := why_not.get(item.id))}
        self._places = {
            item.id: place_of(live, item, self._suffix(item)) for item in self._items if item.id not in self._refused
        }
        refuse_collisions(self._items, self._places)
        self._manifest = Manifest(self._dest, live.workspace.id)
        self._definitions = Definitions(live, self._dest, self._manifest, self._places, options.formats)
        self._writes = not options.check_mode
        self.stale = stale(live, self._manifest, self._dest)

    def run(self, jobs: Jobs) -> list[Exported]:
        """Export all items; failures are in the results. The progress counts an item once its definition or file is read.

        Raises ConfigError, before the first write, if an item's path has an export of another workspace, or a file that no
        export wrote and that differs from the service's.
        """
        found = dict(self._refused)
        reads = [item for item in self._items if item.id not in found]
        items = [PlannedItem(one.id, f"{one.name}.{one.type}", f"export {one.type}", _SECONDS) for one in reads]
        self._options.progress.begin(items, parallel=jobs.parallel)
        if self._places:
            self._manifest.claim(self._by_place(), write=False)
            self._read_first(jobs, found)
            self._claim()
        try:
            self._export_all([item for item in self._items if item.id not in found], found, jobs, self._export)
        finally:
            if self._places and not self._options.check_mode:
                self._record(found)
        return [found[item.id] for item in self._items]

    def _export_all(
        self,
        items: t.Iterable[Item],
        found: dict[str, Exported],
        jobs: Jobs,
        export_item: t.Callable[[Item], Exported | None],
    ) -> None:
        counts = self._options.what != DEFINITION or export_item == self._read

        def export_one(item: Item) -> None:
            try:
                with self._options.progress.item(item.id) if counts else contextlib.nullcontext():
                    result = export_item(item)
                if result is not None:
                    found[item.id] = result
            except OSError as error:
                found[item.id] = Exported(item, self._places[item.id], error=self._unwritable(error))
            except PowerBIError as error:
                found[item.id] = Exported(item, self._places[item.id], error=error)

        jobs.map(export_one, items)

    def _read_first(self, jobs: Jobs, found: dict[str, Exported]) -> None:
        """Read all definitions, which contain ids of each other. Of files, read those at whose paths no export wrote: the
        same content is accepted, any other is an error for all."""
        if self._options.what == DEFINITION:
            self._export_all(self._items, found, jobs, self._read)
            self._definitions.link()
            return
        places = {place: item for item, place in self._places.items() if may_exist(self._dest, place)}
        first = [item for item in self._items if item.id in places.values() and not self._is_own(self._places[item.id])]
        if not first:
            return
        self._writes = False
        self._export_all(first, found, jobs, self._export)
        self._writes = not self._options.check_mode
        for item in first:
            error = found[item.id].error
            if isinstance(error, ForeignFileError):
                raise error
            if self._writes and found[item.id].action != "unchanged":
                del found[item.id]  # not written yet

    def _is_own(self, path: str) -> bool:
        """Raises OSError for a file that can't be read."""
        return self._manifest.is_own(path, lambda: exported_files.digest(os.path.join(self._dest, *path.split("/"))))

    def _by_place(self) -> dict[str, str]:
        return {place: item for item, place in self._places.items()}

    def _claim(self) -> None:
        try:
            self._manifest.claim(self._by_place(), write=not self._options.check_mode)
        except OSError as error:
            raise self._unwritable(error) from error

    def _record(self, found: t.Mapping[str, Exported]) -> None:
        """Record the written files. A folder with equal content that no export wrote needs no manifest."""
        done: dict[str, Entry | None] = dict.fromkeys(self._places.values())
        for item, result in found.items():
            exported = result.path and result.error is None and not result.skipped
            if exported and (result.action != "unchanged" or self._manifest.has(result.path)):
                done[result.path] = Entry(self._live.workspace.id, item, result.own, result.digest)
        try:
            self._manifest.record(done)
        except OSError as error:
            raise self._unwritable(error) from error

    def _export(self, item: Item) -> Exported:
        if self._options.rendering is not None:
            return self._rendered(item, self._options.rendering)
        return self._write(item) if self._options.what == DEFINITION else self._file(item)

    def _suffix(self, item: Item) -> str:
        if self._options.rendering is not None:
            return self._options.rendering.form.suffix
        return "" if self._options.what == DEFINITION else SUFFIXES[item.type]

    def _read(self, item: Item) -> Exported | None:
        """Read a definition. Returns the result of an item without one."""
        skipped = self._definitions.read(item)
        return Exported(item, self._places[item.id], skipped=skipped) if skipped else None

    def _write(self, item: Item) -> Exported:
        found = self._definitions.definition(item, description_annotation.text_of(item.description))
        parts = found.parts
        properties = export.Properties(found.description, found.logical_id, found.payload)
        place = self._places[item.id]
        target = os.path.join(self._dest, *place.split("/"))
        self._refuse_obstacle(f"{place}/.platform")
        existed = os.path.isdir(target)
        before = export.read_folder(target)
        written = export.write(
            target,
            item.type,
            item.name,
            parts,
            properties,
            check_mode=self._options.check_mode,
            root=self._dest,
            known=self._manifest.known(place),
            on_write=self._options.on_write,
        )
        result = Exported(item, place, foreign=written.foreign, own=written.own)
        result.remaining = found.remaining
        result.files = sorted((*written.created, *written.updated, *written.removed))
        if written.changed:
            result.action = "update" if existed else "create"
        after = export.layout(item.type, item.name, parts, properties)
        for path in result.files:
            gone = path in written.removed
            result.diffs.append(
                exported_files.diff(f"{result.path}/{path}", before.get(path), None if gone else after.get(path))
            )
        return result

    def _file(self, item: Item) -> Exported:
        def download(target: t.BinaryIO) -> str:
            self._live.reports.download(item.id, target)
            return ""

        return self._fetch(item, download)

    def _rendered(self, item: Item, rendering: Rendering) -> Exported:
        request = rendering.request(item)
        state = self._live.reports.render(item.id, item.name, request, timeout=self._options.timeout).wait()
        return self._fetch(item, lambda to: self._live.reports.download_rendered(item.id, state, to))

    def _fetch(self, item: Item, download: t.Callable[[t.BinaryIO], str]) -> Exported:
        """Download to a temporary file beside the target, compare, and replace the target if it differs.

        ``download`` returns the file's suffix in the service's response, empty if none.
        """
        result = Exported(item, self._places[item.id])
        self._refuse_obstacle(result.path)
        target = os.path.join(self._dest, *result.path.split("/"))
        folder = os.path.dirname(target)
        place = tempfile.gettempdir() if self._options.check_mode else folder
        os.makedirs(place, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".powerbi-", dir=place)
        try:
            with os.fdopen(handle, "w+b") as stream:
                suffix = download(stream)
            result.path, target = (exported_files.suffixed(path, suffix) for path in (result.path, target))
            self._refuse_obstacle(result.path)
            existed = os.path.isfile(target)
            if existed and exported_files.same_file(target, temporary):
                result.digest = self._manifest.digest(result.path)
                return result
            if existed and not self._is_own(result.path):
                raise exported_files.foreign(target, f"{item.name}.{item.type}")
            result.action = "update" if existed else "create"
            result.files = [os.path.basename(target)]
            size = f"{os.path.getsize(temporary)} bytes\n"
            old = f"{os.path.getsize(target)} bytes\n" if existed else ""
            result.diffs = [{"before": old, "after": size, "before_header": result.path, "after_header": result.path}]
            result.digest = exported_files.digest(temporary, target)
            if self._writes:
                export.take_place(temporary, target)
                self._options.on_write()
            return result
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def _refuse_obstacle(self, path: str) -> None:
        obstacle = confined.obstacle(self._dest, path)
        if obstacle:
            raise ConfigError(
                f"{os.path.join(self._dest, *path.split('/'))} {obstacle}",
                option="dest",
                remedy="remove it, or give another folder",
            )

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"dest is {self._dest!r}, where {error.filename or 'a file'} can't be written: {error.strerror or error}",
            option="dest",
            remedy="give a folder that may be written to",
        )
