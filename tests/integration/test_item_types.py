# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items of every kind through powerbi_deploy: created, unchanged, updated; check mode foretells each; bad input."""

from __future__ import annotations

import dataclasses
import json
import typing as t
import uuid
from pathlib import Path

import pytest

from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"  # the workspace of the seed without a capacity
RDL: t.Final = (
    '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition">'
    "<Description>{}</Description></Report>"
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """An item's ``files``; ``edit`` is the text in them that a change replaces. ``unsent``: files that are not sent.

    ``payload`` is what the creation has to send as creationPayload, ``format`` as the definition's format.
    """

    type: str
    files: t.Mapping[str, str]
    edit: str = ""
    name: str = "One"
    unsent: tuple[str, ...] = ()
    payload: dict[str, t.Any] | None = None
    format: str | None = None
    metadata: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    def write(self, content: Path, *, edited: bool = False) -> None:
        folder = content / f"{self.name}.{self.type}"
        description = "edited" if edited and not self.edit else "first"
        metadata = {"type": self.type, "displayName": self.name, "description": description, **self.metadata}
        config = {"version": "2.0", "logicalId": str(uuid.uuid5(uuid.NAMESPACE_URL, self.type))}
        files = {**self.files, ".platform": json.dumps({"metadata": metadata, "config": config})}
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = text.replace(self.edit, "edited") if edited and self.edit and path != ".platform" else text
            target.write_text(changed, encoding="utf-8")


COLLATION: t.Final = {"defaultCollation": "Latin1_General_100_CI_AS_KS_WS_SC_UTF8"}
MODEL: t.Final = {
    "definition.pbism": '{"version": "4.2", "settings": {}}',
    "definition/model.tmdl": "model Model\n",
    "definition/tables/T.tmdl": "table T\n\tmeasure M = 1\n\tpartition T = m\n\t\tsource = x\n",
}
NOTEBOOK: t.Final = json.dumps({"cells": [{"cell_type": "code", "source": "print(1)"}], "nbformat": 4})
KINDS: t.Final = [
    Kind("SemanticModel", MODEL, "M = 1", format="TMDL"),
    Kind("PaginatedReport", {"Another.rdl": RDL.format("one")}, "one", format="PaginatedReportDefinition"),
    Kind("Warehouse", {"One.sqlproj": "<Project/>"}, unsent=("One.sqlproj",), metadata={"creationPayload": COLLATION}),
    Kind("SQLDatabase", {"dbo/T.sql": "create table T"}, unsent=("dbo/T.sql",)),
    Kind("MLExperiment", {}),
    Kind("MLModel", {"notes.txt": "a"}, unsent=("notes.txt",)),
    Kind("Lakehouse", {"lakehouse.metadata.json": '{"defaultSchema": "dbo"}', "shortcuts.metadata.json": "[]"}),
    Kind(
        "Lakehouse", {"lakehouse.metadata.json": "{}", "alm.settings.json": '{"a": 1}'}, unsent=("alm.settings.json",)
    ),
    Kind("Notebook", {"notebook-content.py": "print(1)\n"}, "print(1)"),
    Kind("Notebook", {"notebook-content.ipynb": NOTEBOOK}, "print(1)", format="ipynb"),
    Kind(
        "SparkJobDefinition",
        {"SparkJobDefinitionV1.json": "{}", "Main/main.py": "print(1)"},
        "print(1)",
        format="SparkJobDefinitionV2",
    ),
    Kind("Environment", {"Setting/Sparkcompute.yml": "driver_cores: 4\n"}, "driver_cores: 4"),
    Kind("VariableLibrary", {"variables.json": '{"a": "one"}', "settings.json": '{"valueSetsOrder": []}'}, "one"),
    Kind("DataPipeline", {"pipeline-content.json": '{"a": "one"}'}, "one"),
    Kind("KQLQueryset", {"RealTimeQueryset.json": '{"a": "one"}'}, "one"),
    Kind("Reflex", {"ReflexEntities.json": '[{"a": "one"}]'}, "one"),
]


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def deploy(modules: Modules, content: Path, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, whose result must be that of the real run."""
    given = {"workspace": "Finance", "src": str(content), **options}
    planned = modules("powerbi_deploy", check=True, **given)
    done = modules("powerbi_deploy", **given)
    for key in ("changed", "created", "updated", "unchanged", "content_warnings", "diff"):
        assert planned.get(key) == done.get(key)
    assert [line["changes"] for line in planned["plan"]] == [line["changes"] for line in done["plan"]]
    return done


def sent(emulator: Emulator, pattern: str) -> list[dict[str, t.Any]]:
    return [one for one in emulator.requests(pattern) if one["method"] in ("POST", "PATCH")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.type}-{'-'.join(kind.files) or 'empty'}")
def test_each_kind_is_created_unchanged_updated_unchanged(
    modules: Modules, portal: Portal, tmp_path: Path, kind: Kind
) -> None:
    label = f"One.{kind.type}"
    kind.write(tmp_path / "Sub")
    first = deploy(modules, tmp_path)
    assert first["created"] == [label]
    assert "folderId" in portal.item(label)
    warned = " ".join(first["content_warnings"])
    assert ("takes no definition" in warned) is bool(kind.unsent)
    assert all(path in warned for path in kind.unsent)
    second = deploy(modules, tmp_path)
    assert (second["changed"], second["unchanged"]) == (False, [label])
    kind.write(tmp_path / "Sub", edited=True)
    third = deploy(modules, tmp_path)
    assert third["updated"] == [label]
    assert not deploy(modules, tmp_path)["changed"]


@pytest.mark.parametrize(
    ("kind", "collection", "properties"),
    [
        (KINDS[2], "warehouses", COLLATION),
        (KINDS[6], "lakehouses", {"defaultSchema": "dbo"}),
        (KINDS[7], "lakehouses", {}),
    ],
)
def test_what_an_item_is_created_with(
    modules: Modules, portal: Portal, tmp_path: Path, kind: Kind, collection: str, properties: t.Any
) -> None:
    kind.write(tmp_path)
    done = deploy(modules, tmp_path)
    item = portal.item(f"One.{kind.type}")
    found = portal.call("GET", f"/{collection}/{item['id']}")["properties"]
    assert {name: found.get(name) for name in (*COLLATION, "defaultSchema") if name in found} == properties
    shown = [part["after_header"] for part in done.get("diff") or []]
    assert any("creationPayload.json" in header for header in shown) is bool(properties)


@pytest.mark.parametrize("kind", [KINDS[9], KINDS[10]], ids=lambda kind: kind.type)
def test_the_format_of_the_folder_is_that_of_the_definition(
    modules: Modules, portal: Portal, tmp_path: Path, kind: Kind
) -> None:
    kind.write(tmp_path)
    deploy(modules, tmp_path)
    item = portal.item(f"One.{kind.type}")
    answer = portal.call("POST", f"/items/{item['id']}/getDefinition?format={kind.format}")
    assert {part["path"] for part in answer["definition"]["parts"]} == {*kind.files, ".platform"}


class TestPaginatedReports:
    kind = KINDS[1]

    def test_the_part_bears_the_name_of_the_item_after_a_rename_too(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        self.kind.write(tmp_path / "Sub")
        deploy(modules, tmp_path)
        assert set(portal.parts("One.PaginatedReport")) == {"One.rdl", ".platform"}
        dataclasses.replace(self.kind, name="Two").write(tmp_path / "Sub", edited=True)
        for path in sorted((tmp_path / "Sub" / "One.PaginatedReport").iterdir()):
            path.unlink()
        (tmp_path / "Sub" / "One.PaginatedReport").rmdir()
        renamed = deploy(modules, tmp_path)
        assert renamed["updated"] == ["Two.PaginatedReport"]
        assert set(portal.parts("Two.PaginatedReport")) == {"Two.rdl", ".platform"}
        assert not deploy(modules, tmp_path)["changed"]

    def test_an_export_has_the_name_of_the_item_and_deploys_unchanged(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        self.kind.write(tmp_path / "content" / "Sub")
        deploy(modules, tmp_path / "content")
        item = portal.item("One.PaginatedReport")
        portal.call("PATCH", f"/items/{item['id']}", json={"displayName": "Two"})
        modules("powerbi_export", workspace="Finance", dest=str(tmp_path / "out"))
        files = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.rdl")]
        assert files == [Path("Sub/Two.PaginatedReport/Two.rdl")]
        assert not deploy(modules, tmp_path / "out")["changed"]

    @pytest.mark.parametrize("live", [False, True])
    def test_one_that_fails_to_import_is_sent_again(
        self, modules: Modules, portal: Portal, fresh_emulator: Emulator, tmp_path: Path, live: bool
    ) -> None:
        self.kind.write(tmp_path / "Sub")
        if live:
            deploy(modules, tmp_path)
            self.kind.write(tmp_path / "Sub", edited=True)
        fresh_emulator.tenant(failing_paginated_imports=1)
        assert deploy(modules, tmp_path)["changed"]
        assert portal.names() == ["One.PaginatedReport"]
        assert not deploy(modules, tmp_path)["changed"]


class TestEnvironments:
    kind = KINDS[11]

    def state(self, portal: Portal) -> t.Any:
        item = portal.item("One.Environment")
        return portal.call("GET", f"/environments/{item['id']}").get("properties", {}).get("publishDetails")

    def test_one_is_published_when_its_definition_was_written(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        self.kind.write(tmp_path)
        first = deploy(modules, tmp_path)
        assert first["plan"][0]["changes"] == ["created", "published"]
        assert self.state(portal) == {"state": "Success"}

    def test_a_publishing_that_fails_is_an_error_and_done_again(
        self, modules: Modules, portal: Portal, fresh_emulator: Emulator, tmp_path: Path
    ) -> None:
        self.kind.write(tmp_path)
        fresh_emulator.tenant(failing_publishes=["One"])
        result = modules.fail("powerbi_deploy", workspace="Finance", src=str(tmp_path))
        assert "publishing of One.Environment" in result["msg"]
        assert self.state(portal) == {"state": "Failed"}
        fresh_emulator.tenant(failing_publishes=None)
        again = deploy(modules, tmp_path)
        assert again["plan"][0]["changes"] == ["published"]
        assert self.state(portal) == {"state": "Success"}
        assert not deploy(modules, tmp_path)["changed"]


class TestValueSets:
    kind = dataclasses.replace(
        KINDS[12], files={"variables.json": "{}", "settings.json": '{"valueSetsOrder": ["TEST", "PROD"]}'}
    )

    def active(self, portal: Portal) -> str:
        item = portal.item("One.VariableLibrary")
        return str(portal.call("GET", f"/variableLibraries/{item['id']}")["properties"]["activeValueSetName"])

    def test_the_one_of_the_environment_is_activated(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        self.kind.write(tmp_path)
        first = deploy(modules, tmp_path, environment="PROD")
        assert first["content_warnings"] == []
        assert self.active(portal) == "PROD"
        assert not deploy(modules, tmp_path, environment="PROD")["changed"]
        other = deploy(modules, tmp_path, environment="TEST")
        assert other["plan"][0]["changes"] == ["active value set changed from PROD to TEST"]
        assert not deploy(modules, tmp_path)["changed"]
        assert self.active(portal) == "TEST"

    def test_an_environment_without_one_is_a_warning(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        self.kind.write(tmp_path)
        first = deploy(modules, tmp_path, environment="Nowhere")
        assert any("no value set is called as the environment 'Nowhere'" in one for one in first["content_warnings"])
        assert self.active(portal) == "Default value set"


class TestUnknownTypes:
    kind = Kind("FutureThing", {"a.json": '{"a": "one"}'}, "one")

    @pytest.mark.parametrize("check", [True, False])
    def test_one_is_refused_before_the_first_write(
        self, modules: Modules, portal: Portal, tmp_path: Path, check: bool
    ) -> None:
        self.kind.write(tmp_path)
        KINDS[13].write(tmp_path)
        dataclasses.replace(self.kind, type="notebook", name="N").write(tmp_path)
        result = modules.fail("powerbi_deploy", check=check, workspace="Finance", src=str(tmp_path))
        assert "'FutureThing' is not an item type that this collection supports" in result["msg"]
        assert "One.FutureThing/.platform" in result["msg"]
        assert "Write 'Notebook'" in result["msg"]
        assert portal.names() == []

    def test_one_that_is_allowed_is_sent_as_it_is(
        self, modules: Modules, fresh_emulator: Emulator, tmp_path: Path
    ) -> None:
        self.kind.write(tmp_path)
        (tmp_path / "One.FutureThing" / ".platform").unlink()
        result = modules.fail(
            "powerbi_deploy", workspace="Finance", src=str(tmp_path), allow_unknown_types=["FutureThing"]
        )
        assert "FutureThing" in result["msg"]  # the emulator does not know it either
        (request,) = sent(fresh_emulator, f"^/v1/workspaces/{FINANCE}/items$")
        assert request["status"] == 400

    def test_powerbi_item_refuses_and_allows_the_same(self, modules: Modules, tmp_path: Path) -> None:
        self.kind.write(tmp_path)
        given = {"workspace": "Finance", "src": str(tmp_path / "One.FutureThing")}
        assert "allow_unknown_types" in modules.fail("powerbi_item", **given)["msg"]
        result = modules("powerbi_item", check=True, **given, allow_unknown_types=["FutureThing"])
        assert result["action"] == "create"


class TestLimits:
    def test_types_that_need_a_capacity_are_named_together(self, modules: Modules, tmp_path: Path) -> None:
        for kind in (KINDS[0], KINDS[2], KINDS[8]):
            kind.write(tmp_path)
        for check in (True, False):
            result = modules.fail("powerbi_deploy", check=check, workspace=SALES, src=str(tmp_path))
            assert "is on no capacity" in result["msg"]
            assert "One.Notebook, One.Warehouse" in result["msg"]
            assert "One.SemanticModel" not in result["msg"]
        assert modules("powerbi_deploy", workspace=SALES, src=str(tmp_path), include=["*.SemanticModel"])["changed"]

    def test_names_folders_and_descriptions_are_named_together(
        self, modules: Modules, portal: Portal, tmp_path: Path
    ) -> None:
        deep = tmp_path.joinpath(*[f"f{number}" for number in range(11)])
        KINDS[13].write(deep)
        dataclasses.replace(KINDS[6], name="my-lake").write(tmp_path / "recycled")
        dataclasses.replace(KINDS[4], name="Two", metadata={"description": "d" * 257}).write(tmp_path)
        dataclasses.replace(KINDS[4], type="Dashboard", name="Board").write(tmp_path)
        for check in (True, False):
            result = modules.fail("powerbi_deploy", check=check, workspace="Finance", src=str(tmp_path))
            for text in (
                "nested 11 deep, the service takes 10",
                "'recycled' is reserved",
                "the name 'my-lake' is none for a Lakehouse",
                "the description has 257 characters, the service takes 256",
                "creates no items of the type Dashboard",
            ):
                assert text in result["msg"]
        assert portal.call("GET", "/folders")["value"] == []

    @pytest.mark.parametrize(
        ("metadata", "files", "text"),
        [
            ({"creationPayload": "x"}, {}, "metadata.creationPayload is not an object"),
            ({"creationPayload": ["x"]}, {}, "metadata.creationPayload is not an object"),
            ({}, {"a.json": "{"}, "a.json"),
        ],
    )
    def test_a_bad_payload(
        self, modules: Modules, tmp_path: Path, metadata: dict[str, t.Any], files: dict[str, str], text: str
    ) -> None:
        Kind("Warehouse", files, metadata=metadata).write(tmp_path)
        assert text in modules.fail("powerbi_deploy", workspace="Finance", src=str(tmp_path))["msg"]

    def test_the_folder_and_the_name_of_an_option(self, modules: Modules, tmp_path: Path) -> None:
        KINDS[4].write(tmp_path)
        given = {"workspace": "Finance", "src": str(tmp_path / "One.MLExperiment")}
        deep = "/".join("abcdefghijk")
        assert "nested 11 deep" in modules.fail("powerbi_item", **given, folder=deep)["msg"]
        assert "300 characters" in modules.fail("powerbi_item", **given, name="n" * 300)["msg"]
        KINDS[6].write(tmp_path)
        given["src"] = str(tmp_path / "One.Lakehouse")
        assert "none for a Lakehouse" in modules.fail("powerbi_item", **given, name="a b")["msg"]
