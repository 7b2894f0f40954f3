# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The progress of one task: lines for the user, and the same as JSON lines in a file.

`_module` opens it for each task. Nothing here displays: the action plugin gives the function that does, with the interval
between two lines. Without it, and without a file, only times are recorded, for the result.
"""

from __future__ import annotations

import contextlib
import threading
import typing as t

from .._clock import Clock, SystemClock
from . import lines
from .activity import DEPENDENCY, PARALLEL, QUOTA, Activity, working_on
from .progress_file import ProgressFile
from .time_left import PlannedItem, TimeLeft

_HEARTBEAT = 9.5  # seconds after which a line is shown although nothing has changed


class Display(t.NamedTuple):
    """How lines are shown: the function, the host of the task, and seconds until the first line and between the others."""

    show: t.Callable[[str], None]
    host: str
    first: float
    interval: float


def _as_it_is(text: str) -> str:
    return text


class Progress:
    """``subject`` is what the task works on, such as a workspace. ``redact`` makes a text fit for display; ``calls`` is the
    number of requests so far. Threads may share it.

    Usage: ``with progress: ...`` in the thread of the task; then `begin`, and `item` for each item.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        subject: str = "",
        display: Display | None = None,
        file: ProgressFile | None = None,
        redact: t.Callable[[str], str] = _as_it_is,
        calls: t.Callable[[], int] = lambda: 0,
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        self._display = display
        self._file = file
        self._redact = redact
        self._calls = calls
        self._subject = subject
        self._stage = ""
        self._lock = threading.RLock()
        self._task = Activity("", self._clock, self._report)
        self._planned: dict[t.Hashable, PlannedItem] = {}
        self._running: dict[t.Hashable, Activity] = {}
        self._done: set[t.Hashable] = set()
        self._failed: set[t.Hashable] = set()
        self._skipped: set[t.Hashable] = set()
        self._time_left = TimeLeft((), 1)
        self._began = self._task.began  # when the first item could begin
        self._calls_before = 0
        self._shown = ""
        self._shown_at = float("-inf")
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Progress:
        self._exit = contextlib.ExitStack()
        self._exit.enter_context(working_on(self._task))
        if self._display is not None:
            self._thread = threading.Thread(target=self._show_lines, name="powerbi-progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        self._exit.close()
        if self._display is not None and self._shown_at > float("-inf"):
            self._display.show(self.line(final=True))
        if self._file is not None:
            counts = self._counts()
            values = {**counts._asdict(), "seconds": round(self._task.seconds, 3), "calls": self._calls()}
            self._write("ended", **values)
            self._file.close()

    def works_on(self, subject: str) -> None:
        """The name of what the task works on is known."""
        self._subject = subject

    def stage(self, text: str) -> None:
        """What the task does now, for the time in which no item runs."""
        self._stage = text

    def begin(self, items: t.Iterable[PlannedItem], *, parallel: int) -> None:
        """The items of the plan, of which ``parallel`` run at once. From now on they can begin."""
        with self._lock:
            self._stage = ""
            self._planned = {item.key: item for item in items}
            self._time_left = TimeLeft(self._planned.values(), parallel)
            self._began, self._calls_before = self._clock.monotonic(), self._calls()
        self._write("planned", items=len(self._planned))

    def now(self) -> float:
        """Seconds since the items could begin."""
        return self._clock.monotonic() - self._began

    @contextlib.contextmanager
    def item(self, key: t.Hashable, *, ready: float = 0.0, after: str = "") -> t.Iterator[Activity]:
        """The work of this thread on an item of the plan during the block; an exception is its failure.

        ``ready`` is the moment (see `now`) at which it could begin, ``after`` the item on which it has waited until then.
        """
        activity = Activity(self._name(key), self._clock, self._report)
        if after and ready > 0:
            activity.add_wait(DEPENDENCY, after, ready)
        activity.add_wait(PARALLEL, "", self.now() - ready)
        with self._lock:
            self._running[key] = activity
            self._done.discard(key)  # an item may be worked on in two steps
        self._report("started", activity)
        try:
            with working_on(activity):
                yield activity
        except BaseException as error:
            self._end(key, activity, error)
            raise
        self._end(key, activity, None)

    def _end(self, key: t.Hashable, activity: Activity, error: BaseException | None) -> None:
        waits = activity.waits()
        with self._lock:
            self._running.pop(key, None)
            (self._done if error is None else self._failed).add(key)
            if key not in self._planned:
                pass
            elif error is None:
                own = [wait.seconds for wait in waits if wait.kind not in (DEPENDENCY, PARALLEL)]
                self._time_left.ended(key, activity.seconds, sum(own))
            else:
                self._time_left.dropped(key)
        values: dict[str, t.Any] = {"seconds": round(activity.seconds, 3), "waits": [wait.to_dict() for wait in waits]}
        if error is not None:
            values["reason"] = _reason(error)
        self._report("finished" if error is None else "failed", activity, **values)

    def failed(self, key: t.Hashable, error: Exception) -> None:
        """An item failed before it began."""
        with self._lock:
            self._failed.add(key)
            self._time_left.dropped(key)
        self._write("failed", item=self._name(key), reason=_reason(error))

    def skipped(self, keys: t.Iterable[t.Hashable]) -> None:
        """Items that will not be started."""
        for key in keys:
            with self._lock:
                self._skipped.add(key)
                self._time_left.dropped(key)
            self._write("skipped", item=self._name(key))

    def _name(self, key: t.Hashable) -> str:
        return self._planned[key].name if key in self._planned else ""

    def _report(self, event: str, activity: Activity, **values: t.Any) -> None:
        item = {} if activity is self._task else {"item": activity.name}
        self._write(event, **item, **values)

    def _fit(self, value: t.Any) -> t.Any:
        """The value with its texts redacted."""
        if isinstance(value, dict):
            return {self._fit(key): self._fit(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._fit(one) for one in value]
        return self._redact(value) if isinstance(value, str) else value

    def _write(self, event: str, **values: t.Any) -> None:
        if self._file is not None:
            fit = {key: self._fit(value) for key, value in values.items()}
            with self._lock:
                self._file.write(self._clock.time(), event, **fit)

    def _counts(self) -> lines.Counts:
        return lines.Counts(
            len(self._planned), len(self._done), len(self._running), len(self._failed), len(self._skipped)
        )

    def line(self, *, final: bool = False) -> str:
        """The line for this moment."""
        now = self._clock.monotonic()
        with self._lock:
            activities = dict(self._running)
            counts = self._counts()
            elapsed = {key: now - activity.began for key, activity in activities.items()}
            waiting = sum(one.state is not None and one.state[0] == QUOTA for one in activities.values())
            left = "" if final else self._left(counts, elapsed)
        if waiting:
            left = ", ".join([f"{waiting} wait for the quota", *([left] if left not in ("", lines.OVERDUE) else [])])
        subject = f"{self._subject}: " if self._subject else ""
        parts = [f"{now - self._task.began:.0f} s"]
        if counts.planned:
            parts += [counts.text(), *([left] if left else [])]
        elif not final:
            own = lines.what_it_does(self._task, now) or self._stage
            parts += [own] if own else []
            parts.append(f"{self._calls()} requests")
        text = f"{subject}{', '.join(parts)}"
        details = lines.running_items(list(activities.values()), now) or (self._stage if counts.planned else "")
        host = f"[{self._display.host}] " if self._display is not None else ""
        return f"progress: {host}{self._redact(f'{text} ({details})' if details and not final else text)}"

    def _left(self, counts: lines.Counts, elapsed: t.Mapping[t.Hashable, float]) -> str:
        if not counts.planned or counts.planned == counts.done + counts.failed + counts.skipped:
            return ""
        known = {key: seconds for key, seconds in elapsed.items() if key in self._planned}
        seconds = self._time_left.seconds(known, self._calls() - self._calls_before, self.now())
        return lines.time_left(seconds)

    def _show_lines(self) -> None:
        pause = self._display.first if self._display is not None else 0.0
        while self._display is not None and not self._over.wait(pause):
            pause = self._display.interval
            self.show_line()

    def show_line(self) -> None:
        """Show the line for this moment, if something has changed since the last one, and in long intervals anyway."""
        now, counts = self._clock.monotonic(), self._counts()
        uploads = [activity.sent for activity in (self._task, *list(self._running.values()))]
        changed = str((counts, uploads, self._task.state, self._task.tables, self._stage))
        if self._display is None or (changed == self._shown and now - self._shown_at < _HEARTBEAT):
            return
        self._shown, self._shown_at = changed, now
        self._display.show(self.line())


def _reason(error: BaseException) -> str:
    return str(getattr(error, "what", "") or type(error).__name__)
