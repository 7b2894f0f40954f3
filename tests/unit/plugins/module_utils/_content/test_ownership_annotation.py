# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ownership annotation: read back as written, no difference for comparisons, gone where it is removed."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import ownership_annotation
from ansible_collections.community.powerbi.plugins.module_utils._content.digest import definition_digest, model_digest
from ansible_collections.community.powerbi.plugins.module_utils._content.model.read import read_model
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare
from ansible_collections.community.powerbi.plugins.module_utils._content.ownership_annotation import (
    NAME,
    Ownership,
    has_place,
    is_damaged,
    read,
    remove,
    write,
)

LOGICAL_ID = "10000000-0000-4000-8000-000000000001"
ITEM_ID = "20000000-0000-4000-8000-000000000002"
OWNED = Ownership("default", LOGICAL_ID, ITEM_ID)
TMDL = {
    "definition/model.tmdl": (
        b"model Model\n\tculture: en-US\n\tdataAccessOptions\n\t\tlegacyRedirects\n\n"
        b'annotation PBI_QueryOrder = ["Orders"]\n\nref table Orders\n'
    ),
    "definition/tables/Orders.tmdl": b"table Orders\n\n\tmeasure Total = 1\n",
    "definition.pbism": b'{"version": "4.2"}',
}
DEFINITIONS = {
    "TMDL": TMDL,
    "TMDL, CR LF": {path: data.replace(b"\n", b"\r\n") for path, data in TMDL.items()},
    "TMDL, the model alone": {"definition/model.tmdl": b"model Model\n\tculture: en-US"},
    "TMDL, a quoted name": {"definition/model.tmdl": b"\xef\xbb\xbfmodel 'My model'\n"},
    "TMSL": {"model.bim": b'{"compatibilityLevel": 1567, "model": {"culture": "en-US", "tables": []}}'},
    "TMSL with annotations": {
        "model.bim": b'{\n  "model": {\n    "annotations": [{"name": "PBI_QueryOrder", "value": "x"}]\n  }\n}'
    },
    "PBIR": {"definition/report.json": b'{\n  "layoutOptimization": "None"\n}', "definition/version.json": b"{}"},
    "PBIR with annotations": {"definition/report.json": b'{"annotations": [{"name": "author", "value": "Megan"}]}'},
}
TYPES = {"TMDL": "SemanticModel", "TMSL": "SemanticModel", "PBIR": "Report"}


@pytest.mark.parametrize("what", DEFINITIONS)
def test_it_is_read_as_it_was_written_and_is_no_difference(what: str) -> None:
    parts, item_type = DEFINITIONS[what], TYPES[what[:4]]
    written = write(parts, OWNED)
    assert has_place(parts)
    assert read(parts) is None
    assert read(written) == OWNED
    assert compare(parts, written, item_type).equal
    assert compare(written, parts, item_type).equal
    assert definition_digest(parts, item_type) == definition_digest(written, item_type)
    assert compare(remove(written), parts, item_type).equal
    assert NAME.encode() not in b"".join(remove(written).values())
    again = write(written, Ownership("other"))
    assert read(again) == Ownership("other")
    assert b"".join(again.values()).count(NAME.encode()) == 1, "replaced, not added"


def test_a_model_keeps_its_own_lines() -> None:
    text = write(TMDL, OWNED)["definition/model.tmdl"].decode()
    value = f'{{"deployment":"default","logicalId":"{LOGICAL_ID}","itemId":"{ITEM_ID}"}}'
    assert f"legacyRedirects\n\nannotation {NAME} = {value}\n\nannotation PBI_QueryOrder" in text
    assert remove(write(TMDL, OWNED)) == TMDL
    windows = DEFINITIONS["TMDL, CR LF"]
    assert remove(write(windows, OWNED)) == windows
    assert b"\n" not in write(windows, OWNED)["definition/model.tmdl"].replace(b"\r\n", b"")
    root = read_model(write(TMDL, OWNED))
    assert root is not None
    assert NAME in {node.name for node in root.of_kind("annotation")}
    assert model_digest(TMDL) == model_digest(write(TMDL, OWNED))


def test_other_annotations_stay() -> None:
    report = remove(write(DEFINITIONS["PBIR with annotations"], OWNED))
    assert json.loads(report["definition/report.json"]) == {"annotations": [{"name": "author", "value": "Megan"}]}


@pytest.mark.parametrize("content", [[NAME], {"name": NAME}, {"annotations": {"name": NAME}}, {"annotations": NAME}])
def test_a_report_without_a_list_of_annotations_stays_as_it_is(content: object) -> None:
    parts = {"definition/report.json": json.dumps(content).encode()}
    assert read(parts) is None
    assert remove(parts) == parts


def test_as_the_service_may_write_it() -> None:
    line = f"\tannotation {NAME} = " + '{"deployment":"sales","logicalId":"' + LOGICAL_ID.upper() + '","more":1}'
    parts = {"definition/model.tmdl": f"model Model\r\n\tculture: en-US\r\n\r\n{line}  \r\n".encode()}
    assert read(parts) == Ownership("sales", LOGICAL_ID)
    assert NAME.encode() not in remove(parts)["definition/model.tmdl"]


@pytest.mark.parametrize("value", ["", "{", "[]", "null", '"x"', "1", "[" * 5000])
def test_a_damaged_one_has_no_owner(value: str) -> None:
    parts = {"definition/model.tmdl": f"model Model\n\nannotation {NAME} = {value}\n".encode()}
    assert read(parts) is None
    assert NAME.encode() not in remove(parts)["definition/model.tmdl"]
    assert (
        read({"definition/report.json": json.dumps({"annotations": [{"name": NAME, "value": value}]}).encode()}) is None
    )


@pytest.mark.parametrize(
    "value",
    [
        '{"logicalId": 5, "deployment": []}',
        '{"logicalId": "x", "itemId": "../x"}',
        '{"deployment":"default","logicalId":"10000000-0000"}',
        '{"deployment":"default","logicalId":"10000000-0000-4000-8000-000000000001',
        "eyJkZXBsb3ltZW50IjoiZGVmYXVsdCJ9",
        "{}",
        '{"more": "x"}',
        "owned by Megan",
    ],
)
@pytest.mark.parametrize("what", ["TMDL", "TMDL, CR LF", "TMSL", "PBIR", "PBIR with annotations"])
def test_a_damaged_one_is_known_as_such_and_replaced_as_a_whole(what: str, value: str) -> None:
    written = write(DEFINITIONS[what], OWNED)
    ours = json.dumps({"deployment": "default", "logicalId": LOGICAL_ID, "itemId": ITEM_ID}, separators=(",", ":"))
    texts = {path: data.decode() for path, data in written.items()}
    damaged = {
        path: text.replace(json.dumps(ours), json.dumps(value)).replace(ours, value).encode()
        for path, text in texts.items()
    }
    assert damaged != written
    assert (read(damaged), is_damaged(damaged)) == (None, True)
    assert (is_damaged(written), is_damaged(DEFINITIONS[what])) == (False, False)
    assert write(damaged, OWNED) == written


@pytest.mark.parametrize(
    "lines",
    [
        f"annotation {NAME}",
        f"annotation {NAME} sales",
        f"annotation '{NAME}' =",
        f'annotation {NAME} = ```\n\t\t{{"deployment":\n\t\t```',
        f'annotation {NAME.upper()} =\n\t\t{{\n\t\t\t"deployment": 5\n\t\t}}',
    ],
)
def test_a_damaged_one_goes_with_all_its_lines(lines: str) -> None:
    others = "model Model\n\nannotation A = 1\n{}\nannotation B = 2\n\nref table Orders\n"
    parts = {"definition/model.tmdl": others.format(f"\n{lines}\n").encode()}
    assert is_damaged(parts)
    assert remove(parts) == {"definition/model.tmdl": others.format("").encode()}


def test_one_on_several_lines_is_read() -> None:
    value = '{"deployment": "default",\n\t\t\t"source": "x"}'
    text = f"model Model\n\n\tannotation {NAME} = ```\n\t\t\t{value}\n\t\t\t```\n\nref table T\n"
    parts = {"definition/model.tmdl": text.encode()}
    assert (read(parts), is_damaged(parts)) == (Ownership("default", source="x"), False)
    assert remove(parts)["definition/model.tmdl"] == b"model Model\n\nref table T\n"


@pytest.mark.parametrize(
    "parts",
    [
        {"Invoice.rdl": b"<Report/>"},
        {"report.json": b"{}", "definition.pbir": b"{}"},
        {"definition/model.tmdl": b"table Orders\n"},
        {"definition/model.tmdl": b"\xff\xfe"},
        {"model.bim": b"[]"},
        {"model.bim": b"{"},
        {"definition/report.json": b'{"annotations": {}}'},
    ],
)
def test_a_definition_without_a_place_stays_as_it_is(parts: dict[str, bytes]) -> None:
    assert write(parts, OWNED) == parts
    assert read(parts) is None
    assert remove(parts) == parts


def test_names_of_deployments_are_texts_only() -> None:
    for name in ('a "quoted" name', "two\nlines", "ref table X", "```", "Umsätze"):
        assert read(write(TMDL, Ownership(name))) == Ownership(name)


def test_the_parts_that_have_a_place() -> None:
    assert not has_place(["Invoice.rdl", ".platform"])
    assert not has_place(["report.json"])
    assert has_place([ownership_annotation.REPORT_PART])
