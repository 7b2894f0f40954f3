# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service answers is compared with what was written: mended in the same run, or a warning once and no change later."""

from __future__ import annotations

import json
import typing as t
import uuid
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

FILES: t.Final[dict[str, dict[str, str]]] = {
    "SemanticModel": {
        "definition.pbism": '{"version": "4.2", "settings": {}}',
        "definition/model.tmdl": "model Model\n",
        "definition/tables/T.tmdl": "table T\n\tmeasure M = 1\n\tpartition T = m\n\t\tsource = x\n",
    },
    "Notebook": {"notebook-content.py": "# Fabric notebook source\n\nprint(1)\n"},
    "PaginatedReport": {
        "Sales.rdl": '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"/>'
    },
}
LONG: t.Final = "Net sales by day, product and region, after returns. " * 3 + "Owner: finance"


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


def write(content: Path, item_type: str, description: str) -> Path:
    folder = content / "Area" / f"Sales.{item_type}"
    metadata = {"type": item_type, "displayName": "Sales", "description": description}
    config = {"version": "2.0", "logicalId": str(uuid.uuid5(uuid.NAMESPACE_URL, item_type))}
    for path, text in {**FILES[item_type], ".platform": json.dumps({"metadata": metadata, "config": config})}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return content


def settled(modules: Modules, portal: Portal, emulator: Emulator, content: Path) -> None:
    """Nothing is left to do: no write, no change in check mode, no drift, no warning."""
    given = {"workspace": "Finance", "src": str(content)}
    emulator.clear_requests()
    for check in (True, False):
        result = modules("powerbi_deploy", check=check, **given)
        assert not result["changed"], result["plan"]
        assert not result.get("warnings")
    assert portal.writes() == []
    assert modules("powerbi_drift_info", **given, prune="all")["drift"] == []


@pytest.mark.parametrize("item_type", FILES)
@pytest.mark.parametrize("switch", ["creation_drops_description", "creation_in_root", "creation_changes_name"])
def test_what_the_creation_did_not_keep_is_written_in_the_same_run(
    modules: Modules, portal: Portal, fresh_emulator: Emulator, tmp_path: Path, switch: str, item_type: str
) -> None:
    fresh_emulator.tenant(**{switch: True})
    content = write(tmp_path / "content", item_type, "About sales")
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    assert not result.get("warnings")
    item = portal.item(f"Sales.{item_type}")
    assert item["description"].startswith("About sales")
    (folder,) = portal.call("GET", "/folders")["value"]
    assert item["folderId"] == folder["id"]
    settled(modules, portal, fresh_emulator, content)


@pytest.mark.parametrize("item_type", FILES)
@pytest.mark.parametrize(
    ("switches", "description", "expected"),
    [
        ({"description_normalisation": True}, " Sales \r\nby day\n", "description"),
        ({"description_length": 120}, LONG, "description 'Net sales by day"),
    ],
    ids=["normalised", "cut"],
)
def test_what_the_service_keeps_otherwise_is_a_warning_once(
    modules: Modules,
    portal: Portal,
    fresh_emulator: Emulator,
    tmp_path: Path,
    switches: dict[str, t.Any],
    description: str,
    expected: str,
    item_type: str,
) -> None:
    fresh_emulator.tenant(**switches)
    content = write(tmp_path / "content", item_type, description)
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    (warning,) = result["warnings"]
    assert f"the service keeps Sales.{item_type} otherwise than it was written: " in warning and expected in warning
    assert "no difference for later runs" in warning
    settled(modules, portal, fresh_emulator, content)

    # Each side that changes is a difference again.
    write(content, item_type, f"New: {description}")
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    assert result["plan"][0]["changes"] == ["description"] and len(result["warnings"]) == 1
    settled(modules, portal, fresh_emulator, content)
    own = portal.item(f"Sales.{item_type}")["description"]
    portal.change(f"Sales.{item_type}", description=own.replace("New", "Old"))
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    assert result["plan"][0]["changes"] == ["description"]
    settled(modules, portal, fresh_emulator, content)


def test_a_type_that_keeps_no_description(
    modules: Modules, portal: Portal, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    """The definition of a semantic model has room for the record; that of a notebook has not."""
    fresh_emulator.tenant(types_without_description=["SemanticModel", "Notebook"])
    content = write(tmp_path / "content", "SemanticModel", "About sales")
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    (warning,) = result["warnings"]
    assert "description '' instead of 'About sales'. That is no difference for later runs" in warning
    settled(modules, portal, fresh_emulator, content)
    table = content / "Area" / "Sales.SemanticModel" / "definition" / "tables" / "T.tmdl"
    table.write_text(table.read_text().replace("M = 1", "M = 2"))
    result = modules("powerbi_deploy", workspace="Finance", src=str(content))
    assert "description" not in result["plan"][0]["changes"] and not result.get("warnings")
    settled(modules, portal, fresh_emulator, content)

    notebook = write(tmp_path / "notebook", "Notebook", "About sales")
    for _run in range(2):
        result = modules("powerbi_deploy", workspace="Finance", src=str(notebook))
        (warning,) = result["warnings"]
        assert "It can't be recorded there, so each run writes it again" in warning


def test_one_item(modules: Modules, portal: Portal, fresh_emulator: Emulator, tmp_path: Path) -> None:
    fresh_emulator.tenant(types_without_description=["SemanticModel"], creation_in_root=True)
    src = write(tmp_path / "content", "SemanticModel", "About sales") / "Area" / "Sales.SemanticModel"
    given = {"workspace": "Finance", "src": str(src), "folder": "Area"}
    result = modules("powerbi_item", **given)
    assert result["item"]["folder"] == "Area" and len(result["warnings"]) == 1
    assert not modules("powerbi_item", check=True, **given)["changed"]
    result = modules("powerbi_item", **given)
    assert not result["changed"] and not result.get("warnings")


@pytest.mark.parametrize(("switch", "value"), [("description_normalisation", True), ("description_length", 5)])
def test_a_workspace(modules: Modules, fresh_emulator: Emulator, switch: str, value: t.Any) -> None:
    fresh_emulator.tenant(**{switch: value})
    given = {"name": "Mine", "description": "Sales \r\nby day "}
    result = modules("powerbi_workspace", **given)
    (warning,) = result["warnings"]
    assert "the service keeps the description of the workspace 'Mine' otherwise" in warning
    again = modules("powerbi_workspace", **given)
    assert again["changed"] is (switch == "description_length")
