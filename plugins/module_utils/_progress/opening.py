# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Opens the progress of a task, by its options."""

from __future__ import annotations

import os
import typing as t

from .options import shows_progress
from .progress import Display, Progress
from .progress_file import ProgressFile

# Options of which one names what the task works on, the first that is set.
_SUBJECTS = ("workspace", "path")


class Task(t.Protocol):
    """What is needed of a module's context."""

    params: dict[str, t.Any]
    environ: t.Mapping[str, str]
    check_mode: bool
    warn: t.Callable[[str], None]

    def printable(self, text: str) -> str:
        """A text for display: one line, without secrets."""

    def api_calls(self) -> int:
        """The number of requests so far."""


def open_progress(task: Task, name: str, display: Display | None) -> Progress:
    """The progress of a task. ``name`` is that of the module; without a ``display`` the host is the machine.

    In check mode nothing is shown or written. Raises ConfigError for a file that can't be written, or for the variable
    POWERBI_PROGRESS.
    """
    shows = shows_progress(task.params, task.environ)
    path = task.params.get("progress_file") if "progress" in task.params else None
    if task.check_mode or not (path or (shows and display is not None)):
        return Progress()
    named = next((str(task.params[name]) for name in _SUBJECTS if task.params.get(name)), "")
    subject = named.partition("?")[0]  # of a path, without its query
    host = os.uname().nodename if display is None else display.host
    fixed = {"task": name, "host": host, "subject": task.printable(subject)}
    return Progress(
        subject=subject,
        display=display if shows else None,
        file=ProgressFile(path, fixed, task.warn) if path else None,
        redact=task.printable,
        calls=task.api_calls,
    )
