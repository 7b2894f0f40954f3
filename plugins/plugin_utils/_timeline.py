# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time line of the items of a deployment, for the HTML report: bars in percent, made of what the module has measured.

Pure. What an item waited for during its own time is known by its sum, not by its moments: the parts of a bar have the right
lengths, and are drawn one after another.
"""

from __future__ import annotations

import typing as t

MOST_ROWS = 500
_BEFORE = ("dependency", "parallel")  # waits before the item began
_WORDS = {
    "parallel": "a free slot (option parallel)",
    "quota": "the quota",
    "retry": "a retry",
    "name": "its name, which the service had reserved",
    "operation": "the service",
}


def timeline(plan: t.Sequence[t.Mapping[str, t.Any]], failed: t.Container[str]) -> dict[str, t.Any]:
    """The rows of the written items in the order in which they began, and their number if some are left out.

    ``plan`` is that of a result of powerbi_deploy, ``failed`` has the labels of the items that failed. Each row has ``name``,
    ``begin``, ``end`` and ``seconds``, ``waited`` (a text), ``failed``, and ``parts``, each with ``kind``, ``left`` and ``width``
    in percent of the whole.
    """
    timed = sorted((entry for entry in plan if "begin" in entry), key=lambda entry: (entry["begin"], entry["name"]))
    whole = max((entry["begin"] + entry["seconds"] for entry in timed), default=0.0)
    rows = [_row(entry, whole, failed) for entry in timed[:MOST_ROWS]]
    return {"seconds": round(whole, 1), "rows": rows, "left_out": len(timed) - len(rows)}


def _row(entry: t.Mapping[str, t.Any], whole: float, failed: t.Container[str]) -> dict[str, t.Any]:
    name = f"{entry['name']}.{entry['type']}"
    label = "/".join(part for part in (entry.get("folder"), name) if part)
    begin, seconds = float(entry["begin"]), float(entry["seconds"])
    waits = list(entry.get("waits") or [])
    before = sum(wait["seconds"] for wait in waits if wait["kind"] in _BEFORE)
    parts = []
    place = max(begin - before, 0.0)
    for wait in sorted(waits, key=lambda wait: wait["kind"] not in _BEFORE):
        if wait["kind"] not in _BEFORE and place < begin:
            place = begin
        parts.append(_part(wait["kind"], place, wait["seconds"], whole))
        place += wait["seconds"]
    place = max(place, begin)
    parts.append(_part("work", place, begin + seconds - place, whole))
    return {
        "name": name,
        "begin": round(begin, 1),
        "end": round(begin + seconds, 1),
        "seconds": round(seconds, 1),
        "waited": ", ".join(_waited(wait) for wait in waits),
        "failed": label in failed or name in failed,
        "parts": [part for part in parts if part["width"] > 0],
    }


def _part(kind: str, left: float, seconds: float, whole: float) -> dict[str, t.Any]:
    share = 100 / whole if whole else 0.0
    left = min(max(left, 0.0), whole)
    seconds = min(max(seconds, 0.0), whole - left)
    return {
        "kind": kind if kind in (*_WORDS, "dependency") else "work",
        "left": round(left * share, 2),
        "width": round(seconds * share, 2),
    }


def _waited(wait: t.Mapping[str, t.Any]) -> str:
    what = wait["what"] if wait["kind"] == "dependency" else _WORDS.get(wait["kind"], "")
    return f"{wait['seconds']:.1f} s for {what or wait['what']}"
