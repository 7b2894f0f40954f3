# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A deployment from folder to result: what the modules powerbi_deploy and powerbi_drift_info call."""

from __future__ import annotations

import threading
import typing as t

from .._api.workspaces import Workspace
from .._clock import Clock
from .._content.item import SEMANTIC_MODEL
from .._content.problem import Problem
from .._failed_items import FailedItemsError, failed_items_error
from .._http.client import Client
from .._jobs import Jobs
from . import workspace_limits
from .desired import Desired
from .entry import CREATE, DELETE, UNCHANGED, UPDATE, DeployOptions, Entry
from .execution import Execution, Outcome
from .listing import Listing
from .planning import make
from .pruning import unmatched_protect
from .remote import Planned, RemoteWorkspace, nothing_planned

_NOTIFY_INTERVAL = 0.5  # seconds
_LISTS = {CREATE: "created", UPDATE: "updated", UNCHANGED: "unchanged", DELETE: "deleted"}


class Deployment:
    """One deployment. ``parallel`` requests at once; ``timeout`` seconds for each long-running operation of the service.

    ``planned``: resources that earlier tasks would create (check mode). ``listing``: lists of the workspace that were
    requested already. ``writes``: whether the plan may be applied.
    """

    def __init__(
        self,
        client: Client,
        workspace: Workspace,
        desired: Desired,
        choices: DeployOptions,
        *,
        parallel: int,
        timeout: float,
        planned: Planned = nothing_planned,
        listing: Listing | None = None,
        writes: bool = True,
    ) -> None:
        self._writes = writes
        self._client = client
        self._desired = desired
        self._choices = choices
        self._parallel = parallel
        self._timeout = timeout
        self.live = RemoteWorkspace(client, workspace, timeout=timeout, planned=planned, listing=listing)
        self.entries: list[Entry] = []
        self._warnings: list[str] = []

    def plan(self) -> list[Entry]:
        """Read, compare and make the plan; writes nothing. Raises as `planning.make` and `workspace_limits.check`."""
        with self._jobs() as jobs:
            self.entries, self._warnings = make(self._desired, self.live, self._choices, jobs)
        if self._writes:
            workspace_limits.check(self.live, self.entries)
        return self.entries

    def plan_warnings(self) -> list[Problem | str]:
        """The warnings of the plan."""
        return [*self._warnings, *unmatched_protect(self._desired, self.live, self._choices)]

    @property
    def changed(self) -> bool:
        return any(entry.action != UNCHANGED for entry in self.entries)

    def new_items(self) -> list[tuple[str, str]]:
        """Type and name of the items that the plan creates."""
        made = [entry for entry in self.entries if entry.local is not None and (entry.action == CREATE or entry.name)]
        keys = [(entry.local.type, entry.local.display_name) for entry in made if entry.local is not None]
        keys += [
            (SEMANTIC_MODEL, entry.local.display_name)
            for entry in made
            if entry.local is not None and entry.file is not None and entry.file.package.has_model
        ]
        return list(dict.fromkeys(keys))

    def diff(self) -> list[dict[str, str]]:
        """All differences, in Ansible's format."""
        shown = [part for entry in self.entries for part in entry.diffs]
        gone = [entry.label for entry in self.entries if entry.action == DELETE]
        deleted = {
            "before": "".join(f"{name}\n" for name in gone),
            "after": "",
            "before_header": "items",
            "after_header": "items",
        }
        return [*shown, deleted] if gone else shown

    def execute(
        self, written: t.Callable[[], None], *, stop: bool, warn: t.Callable[[str], None] = lambda _text: None
    ) -> Outcome:
        """Apply the plan. Failures are in the outcome."""
        notifier = _WriteNotifier(written, self.live.clock)
        run = Execution(
            self._desired,
            self.live,
            self._choices,
            self.entries,
            written=notifier.write,
            warn=warn,
            stop=stop,
            timeout=self._timeout,
        )
        try:
            with self._jobs() as jobs:
                return run.run(jobs)
        finally:
            notifier.end()

    def apply(
        self, written: t.Callable[[], None], *, check_mode: bool, stop: bool, warn: t.Callable[[str], None]
    ) -> Outcome | None:
        """Apply the plan; None if it is empty, or in check mode. Raises `failure` if a write failed."""
        if check_mode or not self.changed:
            return None
        outcome = self.execute(written, stop=stop, warn=warn)
        if outcome.failed:
            raise self.failure(outcome)
        return outcome

    def report(self, outcome: Outcome | None) -> dict[str, t.Any]:
        """The result values; with ``outcome`` None (check mode) those of a successful run."""
        values: dict[str, t.Any] = {name: [] for name in _LISTS.values()}
        lost = {id(entry) for entry, _error in outcome.failed} | {id(e) for e in outcome.skipped} if outcome else set()
        for entry in self.entries:
            if id(entry) not in lost:
                values[_LISTS[entry.action]].append(entry.label)
        seconds = outcome.seconds if outcome else {}
        plan = [
            {**entry.to_dict(), **({"seconds": round(seconds[id(entry)], 3)} if id(entry) in seconds else {})}
            for entry in self.entries
        ]
        return {
            **values,
            "failed_items": [{"item": entry.label, **error.to_dict()} for entry, error in outcome.failed]
            if outcome
            else [],
            "skipped_items": [entry.label for entry in outcome.skipped] if outcome else [],
            "plan": plan,
            "content_warnings": [str(problem) for problem in self._desired.warnings],
            "api_calls": self._client.sender.counters.requests,
        }

    def imports(self) -> list[dict[str, t.Any]]:
        """The outcome of each file, as result values."""
        return [
            {
                "src": entry.local.source,
                "action": entry.action,
                "name": entry.local.display_name,
                "name_conflict": entry.file.conflict if entry.content else "",
                "changes": entry.changes,
                "import_id": entry.import_id,
                **entry.file.ids(),
            }
            for entry in self.entries
            if entry.file is not None and entry.local is not None
        ]

    def failure(self, outcome: Outcome) -> FailedItemsError:
        """The error of a run with failures: the first failed item, and the numbers of written and skipped ones."""
        entry, error = outcome.failed[0]
        count = len(outcome.failed)
        more = f" (and {count - 1} more)" if count > 1 else ""
        done = f"{len(outcome.done)} written, {len(outcome.skipped)} not started; running the task again continues from there"
        results = {"workspace_id": self.live.workspace.id, **self.report(outcome)}
        return failed_items_error(
            f"{entry.label} could not be deployed{more}",
            error,
            rest=done,
            results=results,
        )

    def _jobs(self) -> Jobs:
        return Jobs(self._parallel, self.live.clock)


class _WriteNotifier:
    """Calls ``written`` after the first write, then at most once in `_NOTIFY_INTERVAL`, and at the end."""

    def __init__(self, written: t.Callable[[], None], clock: Clock) -> None:
        self._written = written
        self._clock = clock
        self._last = float("-inf")
        self._due = False
        self._lock = threading.Lock()

    def write(self) -> None:
        with self._lock:
            self._due = True
            if self._clock.monotonic() - self._last >= _NOTIFY_INTERVAL:
                self._notify()

    def end(self) -> None:
        with self._lock:
            if self._due:
                self._notify()

    def _notify(self) -> None:
        self._due, self._last = False, self._clock.monotonic()
        self._written()
