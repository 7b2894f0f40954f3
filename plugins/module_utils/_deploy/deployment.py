# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A deployment from folder to result: what the modules powerbi_deploy, powerbi_import and powerbi_drift_info call."""

from __future__ import annotations

import threading
import typing as t

from .._api.workspaces import Workspace
from .._clock import Clock
from .._content.diff import unified_text
from .._content.item import DEFINITION, SEMANTIC_MODEL
from .._content.problem import Problem
from .._errors import PowerBIError, listed
from .._failed_items import FailedItemsError, failed_items_error
from .._http.client import Client
from .._jobs import Jobs
from .._progress.progress import Progress
from .bulk_writing import BulkCreation
from .changes import ImportFile, UpdateProperties
from .deletions.pruning import unmatched_protect
from .desired import Desired
from .execution import Execution, Outcome
from .files import file_import
from .identity.matches import Matches
from .item_plan import CREATE, DELETE, UNCHANGED, UPDATE, ItemPlan
from .listing import Listing
from .options import DeployOptions
from .planned_items import planned_items
from .planning import check_limits, make
from .remote import Planned, RemoteWorkspace, nothing_planned
from .renaming import Rename, first_renames

_NOTIFY_INTERVAL = 0.5  # seconds
_LISTS = {CREATE: "created", UPDATE: "updated", UNCHANGED: "unchanged", DELETE: "deleted"}
_DRIFT = {CREATE: "missing", UPDATE: "changed", DELETE: "extra"}


class Deployment:
    """One deployment. ``parallel`` requests at once; ``timeout`` seconds for each long-running operation of the service.

    ``planned``: resources that earlier tasks would create (check mode). ``listing``: lists of the workspace that were
    requested already. ``writes``: whether the plan may be applied. ``progress`` is that of the task.
    """

    def __init__(
        self,
        client: Client,
        workspace: Workspace,
        desired: Desired,
        options: DeployOptions,
        *,
        parallel: int,
        timeout: float,
        planned: Planned = nothing_planned,
        listing: Listing | None = None,
        writes: bool = True,
        progress: Progress | None = None,
    ) -> None:
        self._writes = writes
        self._client = client
        self._desired = desired
        self._options = options
        self._parallel = parallel
        self._timeout = timeout
        self._progress = progress or Progress(client.sender.clock)
        self.live = RemoteWorkspace(client, workspace, timeout=timeout, planned=planned, listing=listing)
        self.plans: list[ItemPlan] = []
        self._warnings: list[str] = []
        self._matches = Matches(desired, self.live)
        self._renames: list[Rename] = []
        self._bulk: BulkCreation | None = None

    def plan(self) -> list[ItemPlan]:
        """Read, compare and make the plan; writes nothing. Raises as `planning.make` and `planning.check_limits`."""
        self._progress.stage("compares the folder with the workspace")
        with self._jobs() as jobs:
            self.plans, self._warnings, self._matches = make(self._desired, self.live, self._options, jobs)
        if self._writes:
            check_limits(self.live, self.plans)
            self._renames = first_renames(self._desired, self.plans, self.live)
        return self.plans

    def set_plan(self, plans: list[ItemPlan], warnings: t.Iterable[str]) -> None:
        """Set a plan that was made elsewhere, and its warnings."""
        self.plans, self._warnings = plans, list(warnings)

    def plan_warnings(self) -> list[Problem | str]:
        """The warnings of the plan."""
        return [*self._warnings, *unmatched_protect(self._desired, self.live, self._options.pruning)]

    @property
    def changed(self) -> bool:
        return any(plan.action != UNCHANGED for plan in self.plans)

    def new_items(self) -> list[tuple[str, str]]:
        """Type and name of the items that exist only after the plan is applied: created, or renamed."""
        keys: list[tuple[str, str]] = []
        for plan in self.plans:
            renamed = any(isinstance(change, UpdateProperties) and change.names for change in plan.changes)
            if plan.local is not None and (plan.action == CREATE or renamed):
                package = self._desired.packages.get(plan.local)
                types = [plan.local.type, SEMANTIC_MODEL] if package and package.has_model else [plan.local.type]
                keys += ((item_type, plan.local.display_name) for item_type in types)
        return list(dict.fromkeys(keys))

    def diff(self) -> list[dict[str, str]]:
        """All differences, in Ansible's format."""
        shown = [part for plan in self.plans for part in plan.diffs]
        gone = [plan.label for plan in self.plans if plan.action == DELETE]
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
            self._matches,
            self._options,
            self.plans,
            self._renames,
            written=notifier.write,
            warn=warn,
            stop=stop,
            timeout=self._timeout,
            progress=self._progress,
        )
        self._bulk = run.bulk
        try:
            self._progress.begin(planned_items(self._desired, self.plans), parallel=self._parallel)
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
        lost = {plan for plan, _error in outcome.failed} | set(outcome.skipped) if outcome else set()
        for plan in self.plans:
            if plan not in lost:
                values[_LISTS[plan.action]].append(plan.label)
        return {
            **values,
            "failed_items": [
                {"item": plan.label, "written": plan.written, "missing": plan.missing, **error.to_dict()}
                for plan, error in outcome.failed
            ]
            if outcome
            else [],
            "skipped_items": [plan.label for plan in outcome.skipped] if outcome else [],
            "plan": [plan.to_dict() for plan in self.plans],
            "content_warnings": [str(problem) for problem in self._desired.warnings],
            **({"bulk_import": {"created": self._bulk.created, "reason": self._bulk.reason}} if self._bulk else {}),
            "api_calls": self._client.sender.counters.requests,
        }

    def imports(self) -> list[dict[str, t.Any]]:
        """The outcome of each file, as result values."""
        shown = []
        for plan in self.plans:
            if plan.local is not None and plan.local.kind != DEFINITION:
                sent = next((change for change in plan.changes if isinstance(change, ImportFile)), None)
                values = {
                    "src": plan.local.source,
                    "action": plan.action,
                    "name": plan.local.display_name,
                    "name_conflict": sent.file.conflict if sent else "",
                    "changes": plan.texts,
                    "import_id": sent.import_id if sent else "",
                }
                shown.append({**values, **file_import.ids_of(plan.items)})
        return shown

    def drift(self) -> list[dict[str, t.Any]]:
        """What differs, as result values: one for each item; ``diff`` goes from the service's definition to the folder's."""
        return [
            {
                **{key: value for key, value in plan.to_dict().items() if key != "action"},
                "drift": _DRIFT[plan.action],
                "changes": plan.texts if plan.action == UPDATE else [],
                "diff": unified_text(plan.diffs),
            }
            for plan in self.plans
            if plan.action != UNCHANGED
        ]

    def failure(self, outcome: Outcome) -> FailedItemsError:
        """The error of a run with failures: the first failed item, and the numbers of written and skipped ones."""
        plan, error = outcome.failed[0]
        count = len(outcome.failed)
        more = f" (and {count - 1} more)" if count > 1 else ""
        half = [found.half_written for found, _error in outcome.failed if found.half_written]
        counts = [
            f"{len(outcome.done)} written",
            *([f"{len(half)} half written: {listed(half, separator='; ')}"] if half else []),
        ]
        done = f"{', '.join(counts)}, {len(outcome.skipped)} not started; running the task again continues from there"
        results = {"workspace_id": self.live.workspace.id, **self.report(outcome)}
        return failed_items_error(
            f"{plan.label} could not be deployed{more}",
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


class DriftError(PowerBIError):
    """The workspace differs from the folder. ``drift`` in the details is the result of `Deployment.drift`."""

    kind = "drift"


def drift_failure(
    found: t.Sequence[t.Mapping[str, t.Any]], workspace: str, results: t.Mapping[str, t.Any]
) -> DriftError:
    """The error of a workspace that differs; ``results`` are the return values, which a failure has as well."""
    names = [f"{entry['name']}.{entry['type']} ({entry['drift']})" for entry in found]
    count = "1 item differs" if len(names) == 1 else f"{len(names)} items differ"
    error = DriftError(
        f"The workspace {workspace!r} has drifted: {count} from the folder",
        why=listed(names),
        remedy="deploy the folder again with powerbi_deploy, or export the changes of the service into the folder "
        "with powerbi_export",
    )
    error.results = dict(results)
    return error
