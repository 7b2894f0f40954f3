# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bars of the time line in the HTML report."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.plugin_utils._timeline import MOST_ROWS, timeline


def entry(name: str, begin: float, seconds: float, *waits: tuple[str, str, float]) -> dict[str, t.Any]:
    shown = [{"kind": kind, "what": what, "seconds": length} for kind, what, length in waits]
    return {"name": name, "type": "Report", "folder": "", "begin": begin, "seconds": seconds, "waits": shown}


def parts(row: dict[str, t.Any]) -> list[tuple[str, float, float]]:
    return [(part["kind"], part["left"], part["width"]) for part in row["parts"]]


def test_waits_before_the_beginning_end_there_and_the_others_are_within_the_item() -> None:
    waits = [("operation", "creation of B.Report", 1.0), ("dependency", "A.Report", 4.0), ("parallel", "", 1.0)]
    found = timeline([entry("B", 5.0, 5.0, *waits), entry("A", 0.0, 4.0)], set())
    assert found["seconds"] == 10.0
    first, second = found["rows"]
    assert (first["name"], parts(first)) == ("A.Report", [("work", 0.0, 40.0)])
    assert parts(second) == [
        ("dependency", 0.0, 40.0),
        ("parallel", 40.0, 10.0),
        ("operation", 50.0, 10.0),
        ("work", 60.0, 40.0),
    ]
    assert second["waited"] == "1.0 s for the service, 4.0 s for A.Report, 1.0 s for a free slot (option parallel)"


def test_items_that_were_not_written_have_no_row() -> None:
    assert timeline([{"name": "A", "type": "Report", "folder": "", "action": "unchanged"}], set())["rows"] == []


def test_a_failed_item_is_found_in_its_folder() -> None:
    inside = {**entry("A", 0.0, 1.0), "folder": "Finance"}
    assert timeline([inside], {"Finance/A.Report"})["rows"][0]["failed"]
    assert not timeline([inside], {"B.Report"})["rows"][0]["failed"]


def test_a_kind_that_is_not_known_gets_no_class_of_its_own() -> None:
    row = timeline([entry("A", 0.0, 2.0, ('"><script>', "x", 1.0))], set())["rows"][0]
    assert {kind for kind, _left, _width in parts(row)} == {"work"}


def test_rows_that_are_left_out_are_counted() -> None:
    found = timeline([entry(str(number), number, 1.0) for number in range(MOST_ROWS + 3)], set())
    assert len(found["rows"]) == MOST_ROWS
    assert found["left_out"] == 3
