# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The events of a task as JSON lines in a file, for dashboards. Tasks and forks may share the file."""

from __future__ import annotations

import json
import os
import stat
import typing as t

from .._clock import timestamp
from .._errors import ConfigError


class ProgressFile:
    """Appends to ``path``, which is created for its owner alone (0600). Raises ConfigError for a file that can't be written.

    ``fixed`` are values of each line. ``warn`` is called once if a line can't be written later; the task goes on.
    """

    def __init__(self, path: str, fixed: t.Mapping[str, t.Any], warn: t.Callable[[str], None]) -> None:
        self._path = path
        self._fixed = dict(fixed)
        self._warn = warn
        self._descriptor: int | None = _opened(path)

    def write(self, now: float, event: str, **values: t.Any) -> None:
        """One event, at ``now`` in seconds since the epoch."""
        if self._descriptor is None:
            return
        moment = f"{timestamp(now)[:-1]}.{int(now % 1 * 1000):03d}Z"
        entry = {"time": moment, **self._fixed, "event": event, **values}
        line = json.dumps(entry).encode("ascii") + b"\n"
        try:
            self._append(line)
        except OSError as error:
            self.close()
            self._warn(
                f"`progress_file` {self._path} is incomplete: a line could not be written ({error.strerror or error}). The "
                "task goes on"
            )

    def _append(self, line: bytes) -> None:
        """In one piece: with O_APPEND a write finds the end of the file and no other one comes between.

        A lock would let everybody who can read the file stop the task.
        """
        while line and self._descriptor is not None:
            line = line[os.write(self._descriptor, line) :]

    def close(self) -> None:
        """Close the file; later events are dropped."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _opened(path: str) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)  # a FIFO would block
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _unwritable(path, "it is not a regular file")
    return descriptor


def _unwritable(path: str, why: str) -> ConfigError:
    return ConfigError(
        f"`progress_file` {path} can't be written",
        option="progress_file",
        why=why[:1].upper() + why[1:],
        remedy="name a file in an existing folder that the user of the task may write to, or leave the option out",
    )
