# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages, bookmarks, groups and filters that the parts of a report name."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.report import report_links


def action(kind: str, **names: str) -> dict[str, t.Any]:
    texts = {"type": kind, **names}
    properties = {name: {"expr": {"Literal": {"Value": f"'{text}'"}}} for name, text in texts.items()}
    return {"name": "v", "visual": {"visualContainerObjects": {"visualLink": [{"properties": properties}]}}}


def report(visual: t.Any = None, *, page: t.Any = None, bookmark: t.Any = None) -> dict[str, bytes]:
    parts = {
        "definition/pages/Start/page.json": {"name": "p1", **(page or {})},
        "definition/pages/p2/page.json": {"name": "p2"},
        "definition/pages/Start/visuals/a/visual.json": visual or {"name": "v"},
        "definition/pages/Start/visuals/g/visual.json": {"name": "group1", "visualGroup": {}},
        "definition/bookmarks/bookmarks.json": {"items": [{"name": "all", "children": ["b1"]}]},
        "definition/bookmarks/b1.bookmark.json": {"name": "b1", "explorationState": bookmark or {}},
    }
    return {path: json.dumps(value, indent=1).encode() for path, value in parts.items()}


def filters(bound: str) -> dict[str, t.Any]:
    parameters = [{"name": "P", "boundFilter": bound}]
    return {
        "pageBinding": {"type": "Drillthrough", "parameters": parameters},
        "filterConfig": {"filters": [{"name": "f"}]},
    }


@pytest.mark.parametrize(
    "parts",
    [
        report(),
        report(action("PageNavigation", navigationSection="p2")),
        report(action("Drillthrough", drillthroughSection="p1")),
        report(action("Bookmark", bookmark="b1")),
        report(action("Bookmark", bookmark="all")),
        report(action("Bookmark", bookmark="")),
        # What Power BI Desktop keeps of an action that had another type:
        report(action("Back", navigationSection="gone", bookmark="gone")),
        report({"name": "v", "parentGroupName": "group1"}),
        report(page=filters("f")),
        report(bookmark={"activeSection": "p1"}),
        report(page={**filters("f"), "filterConfig": {"filters": [{"name": "f"}, {"name": ["a"]}, 5]}}),
        {**report(), "definition/pages/p2/visuals/x/visual.json": b'{"visualLink": [1, {"properties": []}]'},
    ],
)
def test_names_that_the_report_has(parts: dict[str, bytes]) -> None:
    assert list(report_links.problems_of(parts, "R.Report")) == []


@pytest.mark.parametrize(
    ("parts", "place", "what"),
    [
        (report(action("PageNavigation", navigationSection="gone")), "Start/visuals/a/visual.json", "the page 'gone'"),
        (report(action("Drillthrough", drillthroughSection="gone")), "Start/visuals/a/visual.json", "the page 'gone'"),
        (report(action("Bookmark", bookmark="gone")), "Start/visuals/a/visual.json", "the bookmark 'gone'"),
        (report({"parentGroupName": "gone"}), "Start/visuals/a/visual.json", "the group 'gone'"),
        (report(page=filters("gone")), "Start/page.json", "the filter 'gone' of a drillthrough parameter"),
        (report(bookmark={"activeSection": "gone"}), "bookmarks/b1.bookmark.json", "the page 'gone'"),
    ],
)
def test_names_that_the_report_does_not_have(parts: dict[str, bytes], place: str, what: str) -> None:
    (problem,) = report_links.problems_of(parts, "R.Report")

    assert problem.what.startswith(what)
    assert (problem.file.endswith(place), problem.severity, problem.code) == (True, "warning", "reference")
    text = parts[problem.file.partition("/")[2]].decode()
    assert "gone" in text.split("\n")[problem.line - 1]


def test_a_name_that_many_visuals_use_is_one_warning() -> None:
    parts = report(action("Bookmark", bookmark="gone"))
    parts["definition/pages/p2/visuals/b/visual.json"] = parts["definition/pages/Start/visuals/a/visual.json"]

    (problem,) = report_links.problems_of(parts, "R.Report")

    assert problem.what == "the bookmark 'gone' that it names is not in the report (named in 2 files)"
