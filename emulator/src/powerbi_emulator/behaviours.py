# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of emulated behaviours, each with its source: ``behaviours.yaml``."""

from __future__ import annotations

import dataclasses
import importlib.resources
import typing as t

import yaml

KINDS = ("documented", "recorded", "reported", "guess")


@dataclasses.dataclass(frozen=True)
class Behaviour:
    """One row. ``switch`` names the switch of ``PATCH /_emulator/tenant`` that turns it on or off, if there is one."""

    id: str
    area: str
    behaviour: str
    source: str
    kind: str
    switch: str | None = None


def read_behaviours() -> list[Behaviour]:
    """All rows, in the order of the file. Raises TypeError for an unknown key."""
    text = importlib.resources.files(__package__).joinpath("behaviours.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, t.Any]] = yaml.safe_load(text)["behaviours"]
    return [Behaviour(**row) for row in rows]


def table(behaviours: t.Iterable[Behaviour]) -> str:
    """The rows as a Markdown table, sorted by area."""
    lines = ["| Area | Behaviour | Known from | Switch |", "|---|---|---|---|"]
    for row in sorted(behaviours, key=lambda row: (row.area.lower(), row.id)):
        switch = f"`{row.switch}`" if row.switch else ""
        lines.append(f"| {row.area} | {row.behaviour} | {row.kind}: {row.source} | {switch} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"
