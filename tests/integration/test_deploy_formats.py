# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders and files as tools write them: deployed, and unchanged in the second run."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.files import rdl
from harness.modules import Modules
from harness.portal import Portal

MODEL: t.Final = {
    "definition.pbism": '{"version": "4.0", "settings": {}}',
    "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
    "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Orders\n",
    "definition/tables/Orders.tmdl": (
        "/// All orders\n/// of the shop\ntable Orders\n\n\tmeasure Count = COUNTROWS(Orders)\n\n\tcolumn Id\n"
        "\t\tdataType: int64\n\t\tsourceColumn: Id\n\n\tpartition Orders = m\n\t\tmode: import\n\t\tsource = #table({}, {})\n"
    ),
}
REPORT: t.Final = {
    "definition.pbir": json.dumps(
        {"version": "4.0", "datasetReference": {"byPath": {"path": "../orders.semanticmodel"}}}
    ),
    "definition/report.json": "{}",
    "definition/version.json": '{"version": "2.0.0"}',
    "definition/pages/pages.json": '{"pageOrder": ["90c2e07d"], "activePageName": "90c2e07d"}',
    "definition/pages/Start/page.json": '{"name": "90c2e07d", "displayName": "Start"}',
    "definition/pages/Start/visuals/Card/visual.json": '{"name": "f1", "position": {"x": 1}}',
}


def write(folder: Path, parts: t.Mapping[str, str]) -> None:
    for path, text in parts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    write(tmp_path / "content" / "Orders.SemanticModel", MODEL)
    write(tmp_path / "content" / "Board.Report", REPORT)
    return tmp_path / "content"


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def deployed(modules: Modules, src: Path) -> dict[str, t.Any]:
    """Check mode, the run, and a second run without a change."""
    given = {"workspace": "Finance", "src": str(src)}
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    assert [one["changes"] for one in planned["plan"]] == [one["changes"] for one in done["plan"]]
    assert not modules("powerbi_deploy", **given)["changed"]
    return done


def test_renamed_folders_of_pages_and_a_path_in_another_case(modules: Modules, content: Path) -> None:
    assert deployed(modules, content)["created"] == ["Board.Report", "Orders.SemanticModel"]
    (content / "Board.Report/definition/pages/Start").rename(content / "Board.Report/definition/pages/90c2e07d")
    assert not modules("powerbi_deploy", workspace="Finance", src=str(content))["changed"]


def test_former_formats(modules: Modules, content: Path, fresh_emulator: Emulator) -> None:
    model = content / "Orders.SemanticModel"
    (model / "definition.pbism").rename(model / "definition.pbidataset")
    write(model, {"item.metadata.json": '{"type": "dataset", "displayName": "Turnover"}', "README.md": "for people"})
    write(
        model,
        {"definition/cultures/de-DE.tmdl": "culture de-DE\n\ttranslations\n\t\tmodel Model\n\t\t\ttable Orders\n"},
    )
    result = deployed(modules, content)

    assert result["created"] == ["Board.Report", "Turnover.SemanticModel"]
    assert any("README.md" in text for text in result["warnings"])
    parts = Portal(fresh_emulator).parts("Turnover.SemanticModel")
    assert "definition.pbism" in parts
    assert not {"README.md", "item.metadata.json", "definition.pbidataset"} & set(parts)


@pytest.mark.parametrize(
    ("path", "old", "new", "change"),
    [
        ("Count", "measure Count", "measure COUNT", "measure Orders[COUNT] changed (name)"),
        ("lines", "/// All orders\n/// of", "/// All orders of", "table Orders changed (description)"),
    ],
)
def test_differences_that_were_none(
    modules: Modules, content: Path, path: str, old: str, new: str, change: str
) -> None:
    deployed(modules, content)
    table = content / "Orders.SemanticModel/definition/tables/Orders.tmdl"
    table.write_text(table.read_text().replace(old, new))

    plan = deployed(modules, content)["plan"]
    assert [one["changes"] for one in plan if one["changes"]] == [[change]]


class TestPaginatedReports:
    """Report builders write byte order marks and the namespace `df`."""

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("name", ["Invoice.rdl", "Invoice.PaginatedReport/Invoice.rdl"])
    def test_encodings(self, modules: Modules, tmp_path: Path, name: str, encoding: str) -> None:
        file = tmp_path / "content" / name
        file.parent.mkdir(parents=True)
        text = (
            rdl(file)
            .read_text(encoding="utf-8")
            .replace('encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"')
        )
        file.write_bytes(text.encode(encoding))

        assert deployed(modules, tmp_path / "content")["created"] == ["Invoice.PaginatedReport"]

    def test_a_file_that_the_import_refuses_is_written_as_a_definition(
        self, modules: Modules, tmp_path: Path, fresh_emulator: Emulator
    ) -> None:
        fresh_emulator.tenant(imports_refuse_df=True)
        (tmp_path / "content" / "Monthly").mkdir(parents=True)
        file = rdl(tmp_path / "content" / "Monthly" / "Invoice.rdl")
        text = file.read_text().replace("<Report ", '<Report MustUnderstand="df" xmlns:df="urn:df" ', 1)
        file.write_text(text)
        done = deployed(modules, tmp_path / "content")

        assert done["created"] == ["Invoice.PaginatedReport"]
        assert any("the import refused Monthly/Invoice.rdl" in text for text in done["warnings"])
        portal = Portal(fresh_emulator)
        identity = portal.item("Invoice.PaginatedReport")["id"]
        assert portal.item("Invoice.PaginatedReport").get("folderId")
        file.write_text(text.replace("Invoices", "Bills"))
        assert deployed(modules, tmp_path / "content")["updated"] == ["Invoice.PaginatedReport"]
        assert portal.item("Invoice.PaginatedReport")["id"] == identity

    def test_a_definition_whose_response_is_lost_is_created_once(
        self, modules: Modules, tmp_path: Path, fresh_emulator: Emulator
    ) -> None:
        fresh_emulator.tenant(imports_refuse_df=True)
        fresh_emulator.fault(path=r"/v1/workspaces/[^/]+/items$", method="POST", status=500, acted=True, times=1)
        (tmp_path / "content").mkdir()
        file = rdl(tmp_path / "content" / "Invoice.rdl")
        file.write_text(file.read_text().replace("<Report ", '<Report MustUnderstand="df" xmlns:df="urn:df" ', 1))

        assert deployed(modules, tmp_path / "content")["created"] == ["Invoice.PaginatedReport"]
        assert Portal(fresh_emulator).names().count("Invoice.PaginatedReport") == 1
