# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Runs imports: send a file at most once, keep the binding of a report, write the fingerprint."""

from __future__ import annotations

import functools
import threading
import typing as t

from ..._api.imports import imported_items
from ..._api.items import Item
from ..._content.item import RDL, REPORT, SEMANTIC_MODEL, XLSX, LocalItem
from ..._content.package import Package
from ..._errors import ApiError, ConfigError, ConflictError, OperationFailedError, PowerBIError, TransportError
from ..._guid import normalise_guid
from ..._http.response import value_of
from ..._http.retry import TRIES, is_ambiguous_write, read_back
from ..._jobs import Future, wait_for
from ..._polling import state_name
from ..bulk_reading import BatchReader
from ..identity.description_annotation import missing_room, read, text_of, write
from ..identity.owner import Owner
from ..item_writing import ItemWriter
from ..options import FileOptions
from ..remote import RemoteWorkspace
from ..report_bindings import ReportBindings, is_refused
from . import fingerprint, paginated_import

_MANY = 4  # files from which on the definitions are read together


class FileImport(t.NamedTuple):
    """The import of a file. ``digest`` is the file's SHA-256 (hex, "" without a fingerprint), ``conflict`` the nameConflict."""

    package: Package
    digest: str
    conflict: str


class FileImports:
    """The imports of one run. ``writer`` writes definitions; ``written`` is called after each write, ``warn`` with each warning.

    ``annotate``: whether descriptions may contain annotations; ``bulk_api``: whether definitions are read for several of the
    ``number`` imports in one operation: auto, where that is faster, always or never.
    """

    def __init__(
        self,
        live: RemoteWorkspace,
        options: FileOptions,
        owner: Owner,
        writer: ItemWriter,
        *,
        annotate: bool,
        bulk_api: str,
        number: int,
        written: t.Callable[[], None],
        warn: t.Callable[[str], None],
    ) -> None:
        self._live = live
        self._options = options
        self._owner = owner
        self._writer = writer
        self._imports = live.imports
        self._written = written
        self._warn = warn
        self._own_imports: set[str] = set()
        self._lock = threading.Lock()
        self._has_sample = False
        self._sample_is_file: Future[bool] = Future()  # the one new paginated report that is read as a sample
        self._reads_together = bulk_api == "always" or (bulk_api == "auto" and number > _MANY)
        self._is_bulk_required = bulk_api == "always"
        self._reader = BatchReader(live)
        # Descriptions have the fingerprint, and the original binding of a report during its import.
        self._remembers = options.fingerprint and annotate
        self._bindings = ReportBindings(live, self._describe, written=written, warn=warn, remembers=self._remembers)

    def execute(
        self,
        local: LocalItem,
        file: FileImport,
        targets: tuple[Item, ...],
        sent: t.Callable[[str], None],
        imported: t.Callable[[], None],
    ) -> tuple[Item, ...]:
        """Import a file that replaces ``targets``, semantic model first, and poll the import until its end with ``wait``.

        Calls ``sent`` with the import's id, and ``imported`` at its end. Returns the items afterwards. Raises PowerBIError.
        """
        bound = self._bindings.bind_to_file(file.package, targets)
        try:
            return self._import(local, file, targets, bound, sent, imported)
        except (PowerBIError, OSError) as error:
            if is_refused(error):
                self._bindings.restore(bound)
            raise

    def _import(
        self,
        local: LocalItem,
        file: FileImport,
        targets: tuple[Item, ...],
        bound: t.Mapping[str, str],
        sent: t.Callable[[str], None],
        imported: t.Callable[[], None],
    ) -> tuple[Item, ...]:
        """``bound`` is the result of `ReportBindings.bind_to_file`."""
        try:
            import_id = self._post(local, file, targets)
            sent(import_id)
            if not self._options.wait:
                return targets
            result = self._imports.wait(import_id, f"{local.display_name}.{local.kind}")
            imported()
            items = self._imported(local, targets, result, bound)
        except (ApiError, OperationFailedError) as error:
            if not paginated_import.may_be_a_definition(local, error):
                raise _explained(error) if isinstance(error, OperationFailedError) else error from None
            items = [self._as_definition(local, targets, error)]
        if items and self._remembers:
            covered = items[:1] if local.kind == XLSX else items
            items[0] = self._remember(local, covered, file, is_new=not targets)
        return tuple(items) or targets

    def _imported(
        self, local: LocalItem, targets: t.Sequence[Item], result: t.Any, bound: t.Mapping[str, str]
    ) -> list[Item]:
        """The items of an import's result, each report bound as before."""
        items: list[Item] = []
        for one in imported_items(result):
            known = next((target for target in targets if target.id == one.id), None)
            item = known or Item(one.id, one.type, one.name, "", self._live.folder_ids.get(local.folder, ""))
            if one.id in bound:
                item = self._bindings.restore_binding(item, bound[one.id])
            items.append(item)
        return items

    def _as_definition(self, local: LocalItem, targets: t.Sequence[Item], error: PowerBIError) -> Item:
        """Write a paginated report that the import refused as a definition."""
        folder_id = self._live.folder_ids.get(local.folder, "")
        item = paginated_import.write_definition(self._writer, local, targets[0] if targets else None, folder_id, error)
        self._warn(f"the import refused {local.path} ({error.what}), so it was written through the API of definitions")
        return item

    def _post(self, local: LocalItem, file: FileImport, targets: tuple[Item, ...]) -> str:
        """Send the file at most once: after a lost response, an import that the service has started nevertheless is used."""
        folder_id = "" if targets else self._live.folder_ids[local.folder]
        content = paginated_import.content_of(local) if local.kind == RDL else None
        before = self._imports.known_before()
        started = self._live.clock.monotonic()
        for attempt in range(1, TRIES + 1):
            try:
                import_id = self._imports.post(
                    local.source,
                    f"{local.display_name}.{local.kind}",
                    file.conflict,
                    skip_report=self._options.skip_report and file.package.has_model,
                    folder_id=folder_id,
                    large_file=self._options.large_file,
                    content=content,
                )
            except OSError as error:
                raise unreadable(local, error) from error
            except (ApiError, TransportError) as error:
                if not is_ambiguous_write(error):
                    raise
                found = read_back(functools.partial(self._find, local, started, before), self._live.clock)
                import_id = found or ""
                if not import_id and (attempt == TRIES or isinstance(error, ConflictError)):
                    raise
            if import_id:
                self._own_imports.add(import_id)
                self._written()
                return import_id
        raise AssertionError("unreachable")

    def _find(self, local: LocalItem, started: float, before: t.Container[str]) -> str | None:
        """The id of an import that this run has started although the response was lost.

        An import that existed ``before`` is excluded: it had another file, and the fingerprint would hide the difference.
        Times alone don't prove it, as the clocks agree only to a few seconds.
        """
        names = {local.display_name.casefold(), f"{local.display_name}.{local.kind}".casefold()}
        for one in self._imports.started_since(started):
            import_id = normalise_guid(str(value_of(one, "id", "")))
            named = str(value_of(one, "name", "")).casefold() in names
            new = import_id not in self._own_imports and import_id not in before
            if named and new and state_name(one).lower() != "failed":
                return import_id
        return None

    def _remember(self, local: LocalItem, items: t.Sequence[Item], file: FileImport, *, is_new: bool) -> Item:
        """Write the fingerprint to the first of the items, from its current state. A failure is a warning: it costs an upload.

        Of the new paginated reports of a run one is read as a sample: if its definition equals its file, the others are
        assumed to do so as well. One that does not is found to differ in the next run, in which it is not new.
        """
        first = items[0]
        is_optional = local.kind == RDL and not self._options.own
        is_sample = is_optional and is_new and self._is_first_sample()
        if is_optional and is_new and not is_sample and wait_for(self._sample_is_file):
            return first
        is_file = False
        try:
            contents = self._contents(items)
            content = contents[0]
            is_file = is_optional and fingerprint.is_the_file(content, local.source, file.digest)
        finally:
            if is_sample:
                self._sample_is_file.set_result(is_file)
        if is_file:
            return first
        description = content.description if content else first.description
        digests = fingerprint.annotation_of(file.digest, contents).owned_as(read(description).annotation)
        digests = self._owner.of_file(digests, local) if self._options.own else digests
        report = next((item for item in items[1:] if item.type == REPORT), None)
        annotation = fingerprint.imported_as(local, digests, report)
        text = text_of(description)
        written = write(text, annotation) or write(text, digests)  # a rename is not recognised by the second
        if written is None:
            what = (
                f"the description of {first.name}.{first.type} leaves no room for the fingerprint, so {local.path} is"
            )
            self._warn(f"{what} imported each time; shorten it by {missing_room(text, digests)} characters")
            return first
        return self._describe(first, written)

    def _is_first_sample(self) -> bool:
        with self._lock:
            is_first, self._has_sample = not self._has_sample, True
            return is_first

    def _contents(self, items: t.Sequence[Item]) -> list[fingerprint.Content | None]:
        """The items' definitions right after the import, None for those that the service does not return."""
        known: dict[str, fingerprint.Content] = {}
        if self._reads_together:
            known = self._reader.read(items)
            if not known and self._is_bulk_required:
                self._warn("bulk_api is always, but the service refused to read definitions in one operation")
        found: list[fingerprint.Content | None] = []
        for item in items:
            content = known.get(item.id)
            try:
                content = content or fingerprint.content(self._live, item)
            except PowerBIError as error:
                if not fingerprint.is_unreadable(error):
                    raise
                self._warn(
                    f"the service returns no definition of {item.name}.{item.type}, so it is imported each time: {error}"
                )
            found.append(content)
        return found

    def _describe(self, item: Item, description: str) -> Item:
        described = self._writer.describe(item, None, description)
        if read(described.description).annotation != read(description).annotation:
            what = f"the service keeps the description of {item.name}.{item.type} otherwise than it was written"
            self._warn(f"{what}: {described.description!r}. A file whose fingerprint is lost is imported each time")
        return described


def ids_of(items: t.Iterable[Item]) -> dict[str, str]:
    """Ids of the semantic model and of the report of a file, as far as they are known, as result values."""
    models = [item.id for item in items if item.type == SEMANTIC_MODEL]
    reports = [item.id for item in items if item.type != SEMANTIC_MODEL]
    return {"model_id": "".join(models[:1]), "report_id": "".join(reports[:1])}


def unreadable(item: LocalItem, error: OSError) -> ConfigError:
    """The error for a file that became unreadable after the checks."""
    return ConfigError(
        f"{item.path} can't be read: {error.strerror or error}",
        option="src",
        remedy="check that the file is there and may be read while the task runs",
    )


def _explained(error: OperationFailedError) -> OperationFailedError:
    """Set a remedy also for codes of failed imports that are in no rule."""
    if not error.remedy:
        error.remedy = (
            "open the file in Power BI Desktop; if that can publish it, open a support request with the import's id"
        )
    return error
