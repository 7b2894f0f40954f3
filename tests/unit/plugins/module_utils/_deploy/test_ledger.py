# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger never says "unchanged" unless file and definitions are what they were."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.item import PAGINATED_REPORT
from ansible_collections.community.powerbi.plugins.module_utils._deploy import marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.ledger import (
    Content,
    content_of,
    findings,
    is_remembered,
    is_unreadable,
    mark_of,
    tells_itself,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    OperationFailedError,
    OperationTimeoutError,
    PowerBIError,
    ThrottledError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Item


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


MODEL, REPORT = Item("1", "SemanticModel", "Sales"), Item("2", "Report", "Sales")


def content(text: str) -> Content:
    return Content(PAGINATED_REPORT, {"Invoice.rdl": text.encode()}, "")


def remembered(file: str, *contents: Content | None) -> list[Item]:
    mark = mark_of(sha(file), contents)
    return [MODEL._replace(description=marker.write("Text", mark)), REPORT][: len(contents)]


CONTENTS = [content("model"), content("report")]


def test_the_same_is_found() -> None:
    targets = remembered("file", *CONTENTS)
    assert is_remembered(targets)
    assert findings(targets, sha("file"), None) == []
    assert findings(targets, sha("file"), CONTENTS) == []


@pytest.mark.parametrize("places", list(itertools.product(range(2), repeat=2)))
def test_any_change_is_found(places: tuple[int, int]) -> None:
    contents = [content("edited") if place else CONTENTS[number] for number, place in enumerate(places)]
    found = findings(remembered("file", *CONTENTS), sha("file"), contents)
    assert bool(found) == any(places)


def test_two_that_changed_places_are_a_change() -> None:
    assert findings(remembered("file", *CONTENTS), sha("file"), CONTENTS[::-1])


@pytest.mark.parametrize("description", ["", "Text", "[powerbi_deploy]", "[powerbi_deploy d:x]"])
def test_without_an_entry_nothing_is_known(description: str) -> None:
    targets = [MODEL._replace(description=description)]
    assert not is_remembered(targets)
    assert findings(targets, sha("file"), None) == ["it is not known which file was imported before"]


def test_another_file_needs_no_look_at_the_definitions() -> None:
    assert findings(remembered("file", *CONTENTS), sha("other"), None) == ["another file than the one imported before"]


def test_an_import_that_was_not_finished() -> None:
    targets = remembered("file", *CONTENTS)
    bound = marker.write("", marker.Mark(bound="5a1e0000-0000-4000-8000-000000000001"))
    targets[1] = targets[1]._replace(description=bound)
    assert findings(targets, sha("file"), CONTENTS) == ["the last import was not finished"]


def test_what_can_not_be_read_is_not_believed() -> None:
    missing = [CONTENTS[0], None]
    assert findings(remembered("file", *CONTENTS), sha("file"), missing)
    assert findings(remembered("file", *missing), sha("file"), CONTENTS)
    assert findings(remembered("file", *missing), sha("file"), missing)
    assert not is_remembered(remembered("file", *missing))
    assert is_remembered([]) is False


def test_binding_and_platform_do_not_count() -> None:
    parts = {"report.json": b'{"a": 1}', "definition.pbir": b"{}", ".platform": b"{}"}
    other = {**parts, "definition.pbir": b'{"b": 2}', ".platform": b'{"c": 3}'}
    assert content_of(REPORT, parts).digest == content_of(REPORT, other).digest
    assert content_of(REPORT, parts).digest != content_of(REPORT, {**parts, "report.json": b'{"a": 2}'}).digest
    assert content_of(REPORT, parts).digest == content_of(REPORT, {**parts, "report.json": b'{ "a": 1 }\r\n'}).digest


@pytest.mark.parametrize(
    ("error", "unreadable"),
    [
        (ApiError("x", status=400, code="OperationNotSupportedForItem"), True),
        (ForbiddenError("x", status=403), True),
        (OperationFailedError("x"), True),
        (OperationTimeoutError("x"), False),
        (NotFoundError("x", status=404), False),
        (ThrottledError("x", status=429), False),
        (ApiError("x", status=500), False),
        (TransportError("x"), False),
    ],
)
def test_only_what_stays_so_is_unreadable(error: PowerBIError, unreadable: bool) -> None:
    assert is_unreadable(error) is unreadable


@pytest.mark.parametrize(
    ("live", "same"),
    [
        (b'<Report a="1" b="2"/>', True),
        (b'<?xml version="1.0"?><Report b="2" a="1"/>', True),
        (b'<Report a="1" b="3"/>', False),
    ],
)
def test_a_paginated_report_tells_by_itself(tmp_path: Path, live: bytes, same: bool) -> None:
    file = tmp_path / "Invoice.rdl"
    file.write_bytes(b'<Report a="1" b="2"/>')
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert tells_itself(Content(PAGINATED_REPORT, {"Invoice.rdl": live}, ""), str(file), digest) is same


def test_what_can_not_be_read_tells_nothing(tmp_path: Path) -> None:
    assert not tells_itself(None, str(tmp_path / "Invoice.rdl"), "")
    assert not tells_itself(Content(PAGINATED_REPORT, {}, ""), str(tmp_path / "Invoice.rdl"), "")


def test_a_paginated_report_without_a_mark_is_worth_a_look() -> None:
    assert is_remembered([Item("3", PAGINATED_REPORT, "Invoice")])
    assert not is_remembered([MODEL])
    assert not is_remembered([])
