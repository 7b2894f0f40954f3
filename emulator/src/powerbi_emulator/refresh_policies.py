# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Incremental refresh: a refresh replaces a table's partitions by those of its refresh policy.

Pure. The names and ranges are those of powerbi-docs, connect-data/incremental-refresh-xmla.md: long periods for the
history (2023, 2024Q1), short ones for the last periods, which each refresh reloads.
"""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.state.items import Parts

_UNITS: t.Final = ("year", "quarter", "month", "day")
_MOST: t.Final = 5000  # partitions of a table
_TABLE: t.Final = re.compile(r"(?m)^table[ \t]")
_PARTITION: t.Final = re.compile(r"(?m)^\tpartition [^\n]*\n(?:\t\t[^\n]*\n|[ \t\r]*\n(?=\t\t|[ \t\r]*\n))*")
_POLICY: t.Final = re.compile(r"(?m)^\trefreshPolicy[ \t\r]*\n((?:\t\t[^\n]*\n?|[ \t\r]*\n)*)")
_SETTING: t.Final = re.compile(r"(?m)^\t\t(\w+):[ \t]*(\w+)")


class Policy(t.NamedTuple):
    """``window`` periods of ``unit`` are kept; the last ``periods`` of ``short_unit`` are loaded by each refresh."""

    unit: str
    window: int
    short_unit: str
    periods: int


class Range(t.NamedTuple):
    """The range of a partition: from the day ``start`` to before the day ``end``."""

    unit: str
    start: datetime.date
    end: datetime.date

    @property
    def name(self) -> str:
        start = self.start
        quarter = f"{start.year}Q{(start.month + 2) // 3}"
        names = {"year": f"{start.year}", "quarter": quarter, "month": f"{quarter}{start.month:02}"}
        return names.get(self.unit, f"{quarter}{start.month:02}{start.day:02}")


def partitioned(parts: Parts, today: datetime.date) -> Parts:
    """The definition after a refresh on that day: tables with a policy have its partitions."""
    result = dict(parts)
    for path in parts:
        if path == "model.bim":
            result[path] = _bim(parts[path], text_of_part(parts, path), today)
        elif path.endswith(".tmdl"):
            text = text_of_part(parts, path)
            changed = _tmdl(text, today) if "refreshPolicy" in text else text
            if changed != text:
                result[path] = encoded(changed)
    return result


def ranges(policy: Policy, today: datetime.date) -> list[Range]:
    """The partitions of a policy, oldest first."""
    recent = _back(_beginning(today, policy.short_unit), policy.short_unit, policy.periods - 1)
    at = min(_back(_beginning(today, policy.unit), policy.unit, policy.window), recent)
    found: list[Range] = []
    while at < recent and len(found) < _MOST:
        unit = next(
            (
                one
                for one in _UNITS
                if _beginning(at, one) == at and _back(at, one, -1) <= recent and _fits(one, policy)
            ),
            policy.short_unit,
        )
        found.append(Range(unit, at, _back(at, unit, -1)))
        at = found[-1].end
    for _ in range(min(policy.periods, _MOST)):
        found.append(Range(policy.short_unit, at, _back(at, policy.short_unit, -1)))
        at = found[-1].end
    return found


def _fits(unit: str, policy: Policy) -> bool:
    return _UNITS.index(policy.unit) <= _UNITS.index(unit) <= _UNITS.index(policy.short_unit)


def _beginning(day: datetime.date, unit: str) -> datetime.date:
    if unit == "year":
        return day.replace(month=1, day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(day=1) if unit == "month" else day


def _back(day: datetime.date, unit: str, periods: int) -> datetime.date:
    if unit == "day":
        return day - datetime.timedelta(days=periods)
    months = day.year * 12 + day.month - 1 - periods * {"year": 12, "quarter": 3, "month": 1}[unit]
    return datetime.date(max(months // 12, 1), months % 12 + 1, 1)


def _policy(settings: t.Mapping[str, t.Any]) -> Policy | None:
    try:
        policy = Policy(
            str(settings["rollingWindowGranularity"]).lower(),
            int(settings["rollingWindowPeriods"]),
            str(settings["incrementalGranularity"]).lower(),
            int(settings["incrementalPeriods"]),
        )
    except (KeyError, ValueError):
        return None
    return policy if policy.unit in _UNITS and policy.short_unit in _UNITS and policy.periods > 0 else None


def _tmdl(text: str, today: datetime.date) -> str:
    """A TMDL document, table by table."""
    starts = [match.start() for match in _TABLE.finditer(text)]
    ends = [*starts[1:], len(text)]
    tables = [_tmdl_table(text[start:end], today) for start, end in zip(starts, ends, strict=True)]
    return text[: starts[0]] + "".join(tables) if starts else text


def _tmdl_table(text: str, today: datetime.date) -> str:
    found = _POLICY.search(text)
    policy = _policy(dict(_SETTING.findall(found[1]))) if found else None
    if policy is None:
        return text
    others = _PARTITION.sub("", text if text.endswith("\n") else f"{text}\n").rstrip("\r\n")
    blocks = (
        f"\tpartition {one.name} = policyRange\n\t\tmode: import\n\t\tsource\n\t\t\tstart: {one.start}\n"
        f"\t\t\tend: {one.end}\n\t\t\tgranularity: {one.unit}\n"
        for one in ranges(policy, today)
    )
    return "\n".join([f"{others}\n", *blocks])


def _bim(payload: str, text: str, today: datetime.date) -> str:
    document = json.loads(text)
    changed = False
    for table in document.get("model", {}).get("tables", []):
        policy = _policy(table.get("refreshPolicy") or {})
        if policy is None:
            continue
        changed = True
        table["partitions"] = [
            {
                "name": one.name,
                "mode": "import",
                "source": {
                    "type": "policyRange",
                    "start": f"{one.start}T00:00:00",
                    "end": f"{one.end}T00:00:00",
                    "granularity": one.unit,
                },
            }
            for one in ranges(policy, today)
        ]
    return encoded(json.dumps(document, indent=2, ensure_ascii=False)) if changed else payload
