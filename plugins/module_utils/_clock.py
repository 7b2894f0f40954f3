# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The clock of everything that waits: one object, so that tests can set it; and how a time is written."""

from __future__ import annotations

import abc
import calendar
import threading
import time

from ._errors import ConfigError

thread = threading.local()  # ``job``: the job of `_jobs` that runs in this thread


class Clock(abc.ABC):
    """Seconds, as floats."""

    @abc.abstractmethod
    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back. For durations and deadlines."""

    @abc.abstractmethod
    def time(self) -> float:
        """Seconds since the epoch. For dates that others name, such as Retry-After."""

    def sleep(self, seconds: float, *, busy: bool = False) -> None:
        """Let that many seconds pass. A job (see `_jobs`) gives its slot to another meanwhile, unless it stays ``busy``."""
        job = getattr(thread, "job", None)
        if job is not None:
            job.sleep(seconds, busy=busy)
        elif seconds > 0:
            self._pass(seconds)

    @abc.abstractmethod
    def _pass(self, seconds: float) -> None:
        """Block for that many seconds, more than 0."""


class SystemClock(Clock):
    """The machine's own."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    def _pass(self, seconds: float) -> None:
        time.sleep(seconds)


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC, such as 2026-11-24T13:05:00Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def parse_timestamp(text: str) -> float:
    """ISO 8601 in UTC, with or without a fraction. Raises ConfigError."""
    try:
        return float(calendar.timegm(time.strptime(text.strip().rstrip("Z").partition(".")[0], "%Y-%m-%dT%H:%M:%S")))
    except ValueError:
        raise ConfigError(
            f"{text!r} is not a time", option="expires_on", remedy="give it as 2026-11-24T13:05:00Z, in UTC"
        ) from None
