# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports in PBIR: their objects are known by their names, not by those of their folders."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import diff
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare
from ansible_collections.community.powerbi.plugins.module_utils._content.report import pbir

Parts = dict[str, bytes]
PAGES = "definition/pages"


def part(**value: t.Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def report() -> Parts:
    return {
        "definition/report.json": b"{}",
        "definition/version.json": b'{"version": "2.0.0"}',
        f"{PAGES}/pages.json": part(pageOrder=["p1", "p2"], activePageName="p1"),
        f"{PAGES}/p1/page.json": part(name="p1", displayName="One"),
        f"{PAGES}/p1/visuals/v1/visual.json": part(name="v1", position={"x": 1}),
        f"{PAGES}/p1/visuals/v1/mobile.json": part(position={"x": 2}),
        f"{PAGES}/p2/page.json": part(name="p2", displayName="Two"),
        "definition/bookmarks/bookmarks.json": part(items=[{"name": "b1"}]),
        "definition/bookmarks/b1.bookmark.json": part(name="b1", displayName="Start"),
    }


RENAMED = {"/p1/": "/Overview/", "/v1/": "/Card of revenue/", "/b1.bookmark": "/Start.bookmark"}


def renamed(report: Parts) -> Parts:
    result = {}
    for path, data in report.items():
        for old, new in RENAMED.items():
            path = path.replace(old, new)
        result[path] = data
    return result


def test_folders_of_any_name_are_no_problem_and_no_difference(report: Parts) -> None:
    assert list(pbir.problems_of(renamed(report), "R.Report")) == []
    assert pbir.by_name(renamed(report)) == report
    assert compare(renamed(report), report, "Report").equal
    assert compare(report, renamed(report), "Report").equal


def test_a_change_below_renamed_folders_is_one_of_the_named_object(report: Parts) -> None:
    local = renamed(report)
    path = f"{PAGES}/Overview/visuals/Card of revenue/visual.json"
    local[path] = local[path].replace(b"1}", b"5}")

    assert diff.summary(compare(local, report, "Report")) == ["visual v1 of page 'One' changed"]


def test_another_name_is_a_difference(report: Parts) -> None:
    local = {**report, f"{PAGES}/p2/page.json": part(name="p3", displayName="Two")}

    assert compare(local, report, "Report").changed == (f"{PAGES}/p2/page.json", f"{PAGES}/p3/page.json")


def test_two_objects_of_one_name(report: Parts) -> None:
    copy = {**report, f"{PAGES}/copy/page.json": report[f"{PAGES}/p1/page.json"]}
    (problem,) = pbir.problems_of(copy, "R.Report")

    assert problem.what == "the page has the name 'p1' of definition/pages/copy/page.json"
    assert compare(copy, report, "Report").changed == (f"{PAGES}/copy/page.json",)


@pytest.mark.parametrize(
    ("path", "old", "new", "what", "severity"),
    [
        ("pages/pages.json", '"p2"', '"gone"', "the page order names 'gone', which has no page.json", "error"),
        ("pages/pages.json", ': "p1"', ': "gone"', "the active page is 'gone', which has no page.json", "warning"),
        ("bookmarks/bookmarks.json", '"b1"', '"gone"', "the order of bookmarks names 'gone'", "error"),
        (
            "bookmarks/bookmarks.json",
            '{"name": "b1"}',
            '{"children": ["x"]}',
            "the order of bookmarks names 'x'",
            "error",
        ),
    ],
)
def test_names_that_nothing_has(report: Parts, path: str, old: str, new: str, what: str, severity: str) -> None:
    full = f"definition/{path}"
    (problem,) = pbir.problems_of({**report, full: report[full].replace(old.encode(), new.encode())}, "R.Report")

    assert (problem.file, problem.severity, problem.line) == (f"R.Report/{full}", severity, 1)
    assert problem.column > 1
    assert what in problem.what


def test_a_report_without_pages() -> None:
    (problem,) = pbir.problems_of({"definition/report.json": b"{}"}, "R.Report")

    assert problem.what == "the report has no pages, so the service refuses it"
    assert list(pbir.problems_of({"report.json": b"{}"}, "R.Report")) == []


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'{"name": 1}', b'{"name": ""}', b'{"name": "a/b"}'])
def test_a_name_that_can_not_be_one_leaves_the_folder_s(report: Parts, data: bytes) -> None:
    parts = {**report, f"{PAGES}/p2/page.json": data}

    assert pbir.by_name(parts) == parts
