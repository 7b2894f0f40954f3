# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that fails half-way reports what it has written, of which item only a part, and what has not been started."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

TABLE: t.Final = "table T\n\tmeasure M = 1\n\tpartition T = m\n\t\tsource = x\n"
LOGICAL: t.Final = "7e570000-0000-4000-8000-00000000000"


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A semantic model in a folder, a pipeline that needs it, and an environment."""
    files = {
        "Area/Sales.SemanticModel/definition.pbism": '{"version": "4.2", "settings": {}}',
        "Area/Sales.SemanticModel/definition/model.tmdl": "model Model\n",
        "Area/Sales.SemanticModel/definition/tables/T.tmdl": TABLE,
        "Load.DataPipeline/pipeline-content.json": json.dumps({"datasetId": f"{LOGICAL}0"}),
        "Spark.Environment/Setting/Sparkcompute.yml": "driver_cores: 4\n",
    }
    for number, label in enumerate(("Area/Sales.SemanticModel", "Load.DataPipeline", "Spark.Environment")):
        name, _dot, item_type = label.rpartition("/")[2].rpartition(".")
        metadata = {"type": item_type, "displayName": name, "description": f"About {name}"}
        config = {"version": "2.0", "logicalId": f"{LOGICAL}{number}"}
        files[f"{label}/.platform"] = json.dumps({"metadata": metadata, "config": config})
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_what_was_written_of_each_item(
    modules: Modules, portal: Portal, fresh_emulator: Emulator, content: Path
) -> None:
    fresh_emulator.tenant(creation_in_root=True, failing_publishes=["Spark"])
    fresh_emulator.fault(path="/move$", method="POST", status=400, body='{"errorCode": "InvalidInput"}')
    given = {"workspace": "Finance", "src": str(content), "on_error": "continue"}
    result = modules.fail("powerbi_deploy", **given)
    model, environment = portal.item("Sales.SemanticModel")["id"], portal.item("Spark.Environment")["id"]
    failed = {one["item"]: (one["written"], one["missing"]) for one in result["failed_items"]}
    assert failed == {
        "Sales.SemanticModel": ([f"the item (id {model}), not all of it"], []),
        "Spark.Environment": (["the item"], ["the publishing"]),
    }
    assert result["skipped_items"] == ["Load.DataPipeline"] and result["created"] == []
    assert "0 written, 2 half written: " in result["msg"] and "1 not started" in result["msg"]
    assert "Spark.Environment (written: the item; not the publishing)" in result["msg"]
    assert {line["name"]: line["id"] for line in result["plan"]} == {"Sales": model, "Load": "", "Spark": environment}

    fresh_emulator.clear_faults()
    fresh_emulator.tenant(creation_in_root=False, failing_publishes=None)
    modules("powerbi_deploy", **given)
    assert not modules("powerbi_deploy", **given)["changed"]


def test_nothing_was_written(modules: Modules, fresh_emulator: Emulator, content: Path) -> None:
    error = {"errorCode": "CapacityNotActive", "message": "The capacity is paused.", "moreDetails": [
        {"errorCode": "X", "message": "resume it first"}]}  # fmt: skip
    fresh_emulator.fault(path="^/v1/operations/[^/]+$", operation_error=error)
    result = modules.fail("powerbi_deploy", workspace="Finance", src=str(content), include=["*.SemanticModel"])
    (failed,) = result["failed_items"]
    assert (failed["written"], failed["missing"]) == ([], ["the item"])
    assert "0 written, 0 not started" in result["msg"] and "half written" not in result["msg"]
    assert "CapacityNotActive" in result["msg"] and "resume it first" in result["msg"]


def test_one_item(modules: Modules, portal: Portal, fresh_emulator: Emulator, content: Path) -> None:
    fresh_emulator.tenant(failing_publishes=["Spark"])
    result = modules.fail("powerbi_item", workspace="Finance", src=str(content / "Spark.Environment"))
    assert "Half written is Spark.Environment (written: the item; not the publishing)" in result["msg"]
    assert result["changed"] and portal.names() == ["Spark.Environment"]
