# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""An export from options to result: what the module powerbi_export calls."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._api.workspaces import Workspaces
from ..._content.item import REPORT, SEMANTIC_MODEL
from ..._errors import ConfigError, listed
from ..._failed_items import failed_items_error
from ..._http.client import Client
from ..._jobs import Jobs
from ..._progress.progress import Progress
from ..item_reading import matches
from ..remote import RemoteWorkspace
from ..rendering import FORMS, Rendering
from .exported_files import Exported, Stale
from .exporting import Export, ExportOptions


@dataclasses.dataclass
class ExportOutcome:
    workspace_id: str
    results: list[Exported]
    client: Client
    warnings: list[str] = dataclasses.field(default_factory=list)
    stale: list[Stale] = dataclasses.field(default_factory=list)

    @property
    def changed(self) -> bool:
        return any(result.action != "unchanged" for result in self.results)

    def values(self) -> dict[str, t.Any]:
        """The result values."""
        done = [result for result in self.results if not result.skipped and result.error is None]
        return {
            "workspace_id": self.workspace_id,
            "exported": [result.to_dict() for result in done],
            "unsupported_items": [
                {"item": _label(result), "why": result.skipped} for result in self.results if result.skipped
            ],
            "stale": [found._asdict() for found in self.stale],
            "remaining_references": [
                {"path": f"{result.path}/{one.file}", "what": one.what} for result in done for one in result.remaining
            ],
            "failed_items": [
                {"item": _label(result), **result.error.to_dict()} for result in self.results if result.error
            ],
            "api_calls": self.client.sender.counters.requests,
        }

    def diff(self) -> list[dict[str, str]]:
        return [diff for result in self.results for diff in result.diffs]

    def refuse_failures(self) -> None:
        """Raise FailedItemsError if an item could not be exported."""
        failed = [(result, result.error) for result in self.results if result.error is not None]
        if failed:
            result, error = failed[0]
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            rest = "the other items are exported; option exclude leaves an item out"
            raise failed_items_error(
                f"{_label(result)} could not be exported{more}", error, rest=rest, results=self.values()
            )


def run_export(
    client: Client,
    params: t.Mapping[str, t.Any],
    *,
    check_mode: bool,
    on_write: t.Callable[[], object],
    known: dict[str, t.Any],
    progress: Progress,
) -> ExportOutcome:
    """Export with the module's options. ``on_write`` is called after each file that was written or removed; return values
    are added to ``known`` as soon as they are known. ``progress`` is that of the task.

    Raises ConfigError for patterns that match nothing, names that collide, and as `Rendering`.
    """
    content = params["content"]
    if params["render"] and content not in FORMS:
        raise ConfigError(
            f"render is given, but a {content} is not rendered",
            option="render",
            remedy=f"leave it out, or choose as content one of {', '.join(FORMS)}",
        )
    workspace = Workspaces(client).get(params["workspace"])
    known["workspace_id"] = workspace.id
    progress.works_on(workspace.name)
    live = RemoteWorkspace(client, workspace, timeout=params["wait_timeout"])
    live.read()
    items = sorted(
        (item for item in live.all() if matches(item, live.path_of(item), params["include"], params["exclude"])),
        key=lambda item: (live.path_of(item), item.name.casefold(), item.type, item.id),
    )
    if params["include"] and not items:
        raise ConfigError(
            "no item of the workspace matches include",
            option="include",
            remedy="give patterns such as *.Report, Sales.* or Finance/",
        )
    formats = {SEMANTIC_MODEL: params["model_format"], REPORT: params["report_format"] or ""}
    rendering = Rendering(live, content, params["render"]) if content in FORMS else None
    options = ExportOptions(content, formats, check_mode, params["wait_timeout"], rendering, on_write, progress)
    export = Export(live, params["dest"], items, options)
    with Jobs(params["parallel"], client.sender.clock) as jobs:
        results = export.run(jobs)
    dest = params["dest"]
    warnings = [
        *_unmatched(live, params),
        *_stale(export.stale, dest),
        *_kept(results, dest),
        *_remaining(results, dest),
    ]
    return ExportOutcome(workspace.id, results, client, warnings, export.stale)


def _unmatched(live: RemoteWorkspace, params: t.Mapping[str, t.Any]) -> list[str]:
    """A warning for each pattern that matches no item of the workspace."""
    return [
        f"{option}: {pattern!r} matches no item of the workspace"
        for option in ("include", "exclude")
        for pattern in params[option]
        if not any(matches(item, live.path_of(item), (pattern,), ()) for item in live.all())
    ]


def _stale(found: t.Sequence[Stale], dest: str) -> list[str]:
    """A single warning: a deployment of the folder would create these items again, or as duplicates."""
    if not found:
        return []
    named = listed([f"{one.path} ({one.why})" for one in found], separator="; ")
    what = f"{dest}: earlier exports have written items that were deleted, renamed or moved since. Their files stay: {named}."
    return [f"{what} Remove these files; a deployment of the folder would create the items again."]


def _kept(results: t.Sequence[Exported], dest: str) -> list[str]:
    """Warnings for kept files that the service doesn't have: a deployment of the folder would send them."""
    return [
        f"{dest}/{result.path}: {len(result.foreign)} file{'s' if len(result.foreign) > 1 else ''} that the item in the "
        f"service does not have and that no export has written stayed: {listed(result.foreign)}. "
        "Remove what no longer belongs to the item."
        for result in results
        if result.foreign
    ]


def _remaining(results: t.Sequence[Exported], dest: str) -> list[str]:
    """A warning for each file that refers to the workspace or the tenant in a way that does not move with the export."""
    files: dict[str, list[str]] = {}
    for result in results:
        for one in result.remaining if result.error is None else ():
            files.setdefault(f"{dest}/{result.path}/{one.file}", []).append(one.what)
    return [
        f"{file} still refers to {listed(whats)}. A deployment to another workspace keeps that; replace it with parameters."
        for file, whats in files.items()
    ]


def _label(result: Exported) -> str:
    return f"{result.item.name}.{result.item.type}"
