# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The times and the quota of the real services: ``service_profile.yaml``, read once.

A profile is a set of switches. With the switch ``recorded_times`` the work of the services takes the recorded duration
of its action and item type.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import random
import typing as t

import yaml

Action = t.Literal["create", "update", "read", "bulk", "deploy", "import", "refresh", "job", "export", "assign"]


@dataclasses.dataclass(frozen=True)
class Duration:
    """``least`` and ``median`` in seconds."""

    least: float
    median: float

    def sample(self, source: random.Random) -> float:
        return source.uniform(self.least, 2 * self.median - self.least)


def names() -> tuple[str, ...]:
    """The names of the profiles."""
    return tuple(_content()["profiles"])


def switches_of(profile: str) -> dict[str, t.Any]:
    """The switches that a profile sets. Raises KeyError for an unknown one."""
    return dict(_content()["profiles"][profile])


def duration_of(action: Action, item_type: str) -> Duration:
    """The recorded duration of an operation; that of other types where the type has none of its own."""
    durations = _durations()
    return durations.get((action, item_type)) or durations[action, "*"]


@functools.cache
def _durations() -> dict[tuple[str, str], Duration]:
    rows = _content()["durations"]
    return {(row["action"], row["type"]): Duration(row["least"], row["median"]) for row in rows}


@functools.cache
def _content() -> dict[str, t.Any]:
    text = importlib.resources.files(__package__).joinpath("service_profile.yaml").read_text(encoding="utf-8")
    content: dict[str, t.Any] = yaml.safe_load(text)
    return content
