# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fingerprint is never "unchanged" unless file and definitions are what they were, but for what the service changes."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item
from ansible_collections.community.powerbi.plugins.module_utils._content.item import PAGINATED_REPORT
from ansible_collections.community.powerbi.plugins.module_utils._deploy.files.fingerprint import (
    Content,
    annotation_of,
    content_of,
    findings,
    is_known,
    is_the_file,
    is_unreadable,
)
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity.description_annotation import (
    Annotation,
    short,
    write,
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


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


MODEL, REPORT = Item("1", "SemanticModel", "Sales"), Item("2", "Report", "Sales")


def content(text: str) -> Content:
    return Content(PAGINATED_REPORT, {"Invoice.rdl": text.encode()}, "")


def of_model(text: str, partitions: str = "") -> Content:
    table = f"table Sales\n\n\tmeasure Total = {text}\n\n{partitions}"
    return Content("SemanticModel", {"definition/tables/Sales.tmdl": table.encode()}, "")


def imported(file: str, *contents: Content | None) -> list[Item]:
    """The items right after the import of a file."""
    description = write("Text", annotation_of(sha(file), contents)) or ""
    return [MODEL._replace(description=description), REPORT][: len(contents)]


def policy(*years: int) -> str:
    blocks = (
        f"\tpartition {year} = policyRange\n\t\tmode: import\n\t\tsource\n\t\t\tstart: {year}-01-01\n" for year in years
    )
    return "\n".join(blocks)


CONTENTS = [of_model("1"), content("report")]
EDITED = [of_model("2"), content("edited")]


def test_the_same_is_found() -> None:
    targets = imported("file", *CONTENTS)
    assert is_known(targets)
    assert findings(targets, sha("file"), None) == []
    assert findings(targets, sha("file"), CONTENTS) == []


def test_the_partitions_of_later_refreshes_are_no_edit() -> None:
    targets = imported("file", of_model("1", policy(2024)), CONTENTS[1])
    assert findings(targets, sha("file"), [of_model("1", policy(2024, 2025)), CONTENTS[1]]) == []
    assert findings(targets, sha("file"), [of_model("2", policy(2024, 2025)), CONTENTS[1]])


LEGACY = {"report.json": b'{"sections": [{"name": "p1", "displayName": "One"}]}'}
PBIR = {
    "definition/report.json": b"{}",
    "definition/pages/p1/page.json": b'{"name": "p1", "displayName": "One", "height": 720}',
}


def test_a_converted_report_is_compared_by_what_it_shows() -> None:
    legacy, pbir = (Content("Report", parts, "") for parts in (LEGACY, PBIR))
    edited = Content("Report", {**PBIR, "definition/pages/p2/page.json": b'{"name": "p2"}'}, "")
    targets = imported("file", CONTENTS[0], legacy)
    assert findings(targets, sha("file"), [CONTENTS[0], pbir]) == []
    assert findings(targets, sha("file"), [CONTENTS[0], edited])
    more = Content("Report", {"report.json": LEGACY["report.json"].replace(b"}]}", b', "width": 5}]}')}, "")
    assert findings(targets, sha("file"), [CONTENTS[0], more]), "in the same format each difference counts"
    in_pbir = imported("file", CONTENTS[0], pbir)
    other = Content("Report", {**PBIR, "definition/report.json": b'{"themeCollection": {}}'}, "")
    assert findings(in_pbir, sha("file"), [CONTENTS[0], other]), "it was in PBIR already when it was imported"


def test_a_fingerprint_of_an_earlier_version_is_compared_as_that_version_did() -> None:
    together = hashlib.sha256("".join(found.digest for found in CONTENTS).encode()).hexdigest()
    old = Annotation(file=short(sha("file")), definition=short(together))
    targets = [MODEL._replace(description=write("Text", old) or ""), REPORT]
    assert is_known(targets)
    assert findings(targets, sha("file"), CONTENTS) == []
    assert findings(targets, sha("file"), EDITED)


@pytest.mark.parametrize("places", list(itertools.product(range(2), repeat=2)))
def test_any_change_is_found(places: tuple[int, int]) -> None:
    contents = [(CONTENTS, EDITED)[place][number] for number, place in enumerate(places)]
    found = findings(imported("file", *CONTENTS), sha("file"), contents)
    assert bool(found) == any(places)


@pytest.mark.parametrize("description", ["", "Text", "[powerbi_deploy]", "[powerbi_deploy d:x]"])
def test_without_a_fingerprint_nothing_is_known(description: str) -> None:
    targets = [MODEL._replace(description=description)]
    assert not is_known(targets)
    (found,) = findings(targets, sha("file"), None)
    assert found.startswith("it is not known which file was imported before")
    assert ("the description was replaced in the service" in found) == (description in ("", "Text"))


@pytest.mark.parametrize("cut", [1, 30])
def test_a_damaged_fingerprint_is_named(cut: int) -> None:
    (model, _report) = imported("file", *CONTENTS)
    (found,) = findings([model._replace(description=model.description[:-cut])], sha("file"), None)
    assert found.endswith("the fingerprint in its description is damaged")


def test_another_file_needs_no_read_of_the_definitions() -> None:
    assert findings(imported("file", *CONTENTS), sha("other"), None) == ["another file than the one imported before"]


def test_an_import_that_was_not_finished() -> None:
    targets = imported("file", *CONTENTS)
    bound = write("", Annotation(bound="5a1e0000-0000-4000-8000-000000000001"))
    targets[1] = targets[1]._replace(description=bound or "")
    assert findings(targets, sha("file"), CONTENTS) == ["the last import was not finished"]


def test_what_can_not_be_read_is_not_believed() -> None:
    missing = [CONTENTS[0], None]
    assert findings(imported("file", *CONTENTS), sha("file"), missing)
    assert findings(imported("file", *missing), sha("file"), CONTENTS)
    assert findings(imported("file", *missing), sha("file"), missing)
    assert not is_known(imported("file", *missing))
    assert is_known([]) is False


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
def test_a_paginated_report_contains_its_fingerprint(tmp_path: Path, live: bytes, same: bool) -> None:
    file = tmp_path / "Invoice.rdl"
    file.write_bytes(b'<Report a="1" b="2"/>')
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert is_the_file(Content(PAGINATED_REPORT, {"Invoice.rdl": live}, ""), str(file), digest) is same


def test_what_can_not_be_read_has_no_claims(tmp_path: Path) -> None:
    assert not is_the_file(None, str(tmp_path / "Invoice.rdl"), "")
    assert not is_the_file(Content(PAGINATED_REPORT, {}, ""), str(tmp_path / "Invoice.rdl"), "")


def test_a_paginated_report_without_a_fingerprint_is_worth_reading() -> None:
    assert is_known([Item("3", PAGINATED_REPORT, "Invoice")])
    assert not is_known([MODEL])
    assert not is_known([])
