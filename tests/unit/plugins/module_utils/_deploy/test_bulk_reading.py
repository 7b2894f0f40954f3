# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk exports, in the shape that Fabric's specification shows: folders, references by path, and what is not believed."""

from __future__ import annotations

import base64
import json
import types
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.items import Item, exported_of
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._deploy import bulk_reading
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConfigError,
    PowerBIError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation

MODEL = "2bddf79a-fbc2-4aa5-ab88-a0d18e551fa1"
REPORT = "69358294-7b93-4f5b-bb26-780239eaa5e3"
TMDL = {"definition.pbism": b"{}", "definition/model.tmdl": b"model Model\n"}


def _pbir(path: str) -> bytes:
    return json.dumps({"version": "4.0", "datasetReference": {"byPath": {"path": path}}}).encode()


def _answer(items: dict[str, tuple[str, dict[str, bytes]]], *, slash: str = "") -> dict[str, t.Any]:
    """A response: id -> root path and parts. ``slash`` ends the root paths."""
    return {
        "itemDefinitionsIndex": [
            {"id": identity, "rootPath": root + slash} for identity, (root, _parts) in items.items()
        ],
        "definitionParts": [
            {"path": f"{root}/{path}", "payload": base64.b64encode(data).decode(), "payloadType": "InlineBase64"}
            for root, parts in items.values()
            for path, data in parts.items()
        ],
    }


def _both(path: str) -> dict[str, tuple[str, dict[str, bytes]]]:
    report = {"definition.pbir": _pbir(path), "definition/report.json": b"{}"}
    return {MODEL: ("/One/Sales.SemanticModel", TMDL), REPORT: ("/One/Two/Sales.Report", report)}


LOCAL = (
    LocalItem("SemanticModel", "Sales", "definition", "", "", parts=TMDL),
    LocalItem("Report", "Sales", "definition", "", "", parts={"definition/report.json": b"", "definition.pbir": b""}),
)
LIVE = {"SemanticModel": Item(MODEL, "SemanticModel", "Sales"), "Report": Item(REPORT, "Report", "Sales")}


def _read(answer: t.Any, bulk_api: str = "auto") -> dict[str, dict[str, bytes]]:
    """What is read when the service answers so: with a body, or with an exception."""

    def export(_items: t.Any) -> Operation:
        if isinstance(answer, PowerBIError):
            raise answer
        return Operation.finished(answer, name="export")

    live = t.cast("t.Any", types.SimpleNamespace(items=types.SimpleNamespace(export=export)))
    return bulk_reading.read_parts(live, [(item, LIVE[item.type]) for item in LOCAL], bulk_api)


@pytest.mark.parametrize("slash", ["", "/"])
def test_parts_go_to_the_items_whose_folder_they_are_in(slash: str) -> None:
    exported = exported_of(_answer(_both("../../Sales.SemanticModel"), slash=slash))
    assert exported[MODEL].root == "/One/Sales.SemanticModel"
    assert exported[MODEL].parts == TMDL
    assert set(exported[REPORT].parts) == {"definition.pbir", "definition/report.json"}


def test_an_item_whose_name_begins_with_that_of_another_keeps_its_own_parts() -> None:
    found = exported_of(_answer({MODEL: ("/A.Report", {"x": b"1"}), REPORT: ("/A.Report.Report", {"x": b"2"})}))
    assert (found[MODEL].parts, found[REPORT].parts) == ({"x": b"1"}, {"x": b"2"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        [],
        {"definitionParts": 1},
        {"definitionParts": [{"path": "/a/b", "payload": "=notbase64"}], "itemDefinitionsIndex": []},
    ],
)
def test_a_damaged_answer_is_an_error_and_nothing_is_read(body: t.Any) -> None:
    with pytest.raises(TransportError):
        exported_of(body)
    assert _read(body) == {}


def test_a_report_that_names_its_model_by_path_names_it_by_id() -> None:
    read = _read(_answer(_both("../../Sales.SemanticModel")))
    assert read[MODEL] == TMDL
    bound = json.loads(read[REPORT]["definition.pbir"])["datasetReference"]
    assert "byPath" not in bound and MODEL in json.dumps(bound)


@pytest.mark.parametrize(
    "path", ["../Sales.SemanticModel", "../../../../Sales.SemanticModel", "../../Other.SemanticModel"]
)
def test_a_report_whose_model_is_not_there_is_left_to_get_definition(path: str) -> None:
    assert set(_read(_answer(_both(path)))) == {MODEL}


def test_what_comes_in_another_format_is_left_to_get_definition() -> None:
    answer = _both("../../Sales.SemanticModel")
    answer[REPORT][1]["report.json"] = answer[REPORT][1].pop("definition/report.json")
    answer[MODEL] = (answer[MODEL][0], {"model.bim": b"{}"})
    assert _read(_answer(answer)) == {}


def test_a_refusal_is_no_error() -> None:
    assert _read(ApiError("no", status=403, code="FeatureNotAvailable")) == {}


def test_a_refusal_is_an_error_with_always() -> None:
    with pytest.raises(ConfigError, match=r"bulk_api is always.*FeatureOff") as caught:
        _read(ApiError("FeatureOff", status=403, code="FeatureNotAvailable"), "always")
    assert caught.value.option == "bulk_api" and "auto" in caught.value.remedy


def test_few_items_and_formats_that_git_does_not_have_are_not_read_together() -> None:
    model = (LOCAL[0], LIVE["SemanticModel"])
    legacy = (LocalItem("Report", "Old", "definition", "", "", parts={"report.json": b"{}"}), LIVE["Report"])
    assert bulk_reading.batches([model] * 8, "auto") == []
    assert bulk_reading.batches([legacy] * 20, "auto") == []
    assert [len(batch) for batch in bulk_reading.batches([*[model] * 850, legacy], "auto")] == [400, 400, 50]


@pytest.mark.parametrize(
    ("bulk_api", "number", "expected"),
    [("auto", 8, False), ("auto", 9, True), ("always", 1, True), ("always", 0, False), ("never", 900, False)],
)
def test_how_many_items_are_read_together(bulk_api: str, number: int, expected: bool) -> None:
    assert bool(bulk_reading.batches([(LOCAL[0], LIVE["SemanticModel"])] * number, bulk_api)) is expected
