# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports do not depend on their workspace: deployed to an empty one, nothing refers to the exported one."""

from __future__ import annotations

import json
import typing as t
import uuid
from pathlib import Path

import pytest

from harness import round_trip
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal
from harness.round_trip import live_parts, mentions, snapshot

OF_THE_SERVICE: t.Final = "the service creates it on its own, also in another workspace"
ZERO: t.Final = "00000000-0000-0000-0000-000000000000"


def logical_id(label: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, label))


def _notebook() -> str:
    lakehouse = {
        "default_lakehouse": logical_id("Raw.Lakehouse"),
        "default_lakehouse_name": "Raw",
        "default_lakehouse_workspace_id": ZERO,
        "known_lakehouses": [{"id": logical_id("Raw.Lakehouse")}],
    }
    environment = {"environmentId": logical_id("Spark.Environment"), "workspaceId": ZERO}
    meta = json.dumps({"dependencies": {"lakehouse": lakehouse, "environment": environment}}, indent=2)
    lines = "\n".join(f"# META {line}" for line in meta.splitlines())
    path = f"abfss://{ZERO}@onelake.dfs.fabric.microsoft.com/{logical_id('Raw.Lakehouse')}/Files"
    return f'# Fabric notebook source\n\n# METADATA **\n\n{lines}\n\n# CELL **\n\nunknown = "{ZERO}"\npath = "{path}"\n'


def _pipeline() -> str:
    notebook = {"notebookId": logical_id("Load.Notebook"), "workspaceId": ZERO}
    refresh = {"groupId": ZERO, "datasetId": logical_id("Sales.SemanticModel"), "operationType": "SemanticModelRefresh"}
    itself = {"pipelineId": logical_id("Daily.DataPipeline"), "workspaceId": ZERO, "waitOnCompletion": False}
    activities = [
        {"name": "Load", "type": "TridentNotebook", "typeProperties": notebook},
        {"name": "Refresh", "type": "PBISemanticModelRefresh", "typeProperties": refresh},
        {"name": "Again", "type": "InvokePipeline", "typeProperties": itself},
    ]
    return json.dumps({"properties": {"activities": activities}})


def _model() -> str:
    raw = logical_id("Raw.Lakehouse")
    source = f'Lakehouse.Contents(null){{[workspaceId = "{ZERO}"]}}[Data]{{[lakehouseId = "{raw}"]}}[Data]'
    column = "\tcolumn A\n\t\tdataType: string\n\t\tsourceColumn: A\n"
    return f"table T\n\tmeasure M = 1\n{column}\n\tpartition T = m\n\t\tmode: import\n\t\tsource = {source}\n"


FILES: t.Final[dict[str, dict[str, str]]] = {
    "Raw.Lakehouse": {"lakehouse.metadata.json": '{"defaultSchema": "dbo"}'},
    "Store.Warehouse": {},
    "Spark.Environment": {"Setting/Sparkcompute.yml": "driver_cores: 4\n"},
    "Work/Load.Notebook": {"notebook-content.py": _notebook()},
    "Work/Daily.DataPipeline": {"pipeline-content.json": _pipeline()},
    "Work/Job.SparkJobDefinition": {
        "SparkJobDefinitionV1.json": json.dumps(
            {
                "executableFile": f"abfss://{ZERO}@onelake.dfs.fabric.microsoft.com/{logical_id('Raw.Lakehouse')}/main.py",
                "defaultLakehouseArtifactId": logical_id("Raw.Lakehouse"),
                "additionalLakehouseIds": [],
                "environmentArtifactId": logical_id("Spark.Environment"),
            }
        )
    },
    "Copy.CopyJob": {
        "copyjob-content.json": json.dumps(
            {"properties": {"source": {"artifactId": logical_id("Raw.Lakehouse"), "workspaceId": ZERO}}}
        )
    },
    "Api.GraphQLApi": {
        "graphql-definition.json": json.dumps(
            {"datasources": [{"sourceItemId": logical_id("Store.Warehouse"), "sourceWorkspaceId": ZERO}]}
        )
    },
    "Events.Eventhouse": {"EventhouseProperties.json": "{}"},
    "Log.KQLDatabase": {
        "DatabaseProperties.json": json.dumps(
            {"databaseType": "ReadWrite", "parentEventhouseItemId": logical_id("Events.Eventhouse")}
        ),
        "DatabaseSchema.kql": ".create-merge table T (A:string)\n",
    },
    "Ask.KQLQueryset": {
        "RealTimeQueryset.json": json.dumps(
            {"queryset": {"dataSources": [{"databaseItemId": logical_id("Log.KQLDatabase")}]}}
        )
    },
    "Board.KQLDashboard": {
        "RealTimeDashboard.json": json.dumps(
            {"dataSources": [{"database": logical_id("Log.KQLDatabase"), "workspace": ZERO}]}
        )
    },
    "Stream.Eventstream": {
        "eventstream.json": json.dumps(
            {
                "destinations": [
                    {"type": "Lakehouse", "properties": {"workspaceId": ZERO, "itemId": logical_id("Raw.Lakehouse")}}
                ]
            }
        )
    },
    "Alert.Reflex": {
        "ReflexEntities.json": json.dumps(
            [{"payload": {"metadata": {"eventstreamArtifactId": logical_id("Stream.Eventstream")}}}]
        )
    },
    "Values.VariableLibrary": {
        "variables.json": json.dumps(
            {
                "variables": [
                    {
                        "name": "lakehouse",
                        "type": "ItemReference",
                        "value": {"itemId": logical_id("Raw.Lakehouse"), "workspaceId": ZERO},
                    }
                ]
            }
        ),
        "settings.json": '{"valueSetsOrder": []}',
    },
    "Prepare.Dataflow": {
        "mashup.pq": f'shared T = Lakehouse.Contents([]){{[workspaceId = "{ZERO}"]}}'
        f'[Data]{{[lakehouseId = "{logical_id("Raw.Lakehouse")}"]}}[Data];\n',
        "queryMetadata.json": "{}",
    },
    "Sales.SemanticModel": {
        "definition.pbism": '{"version": "4.2", "settings": {}}',
        "definition/model.tmdl": "model Model\n",
        "definition/tables/T.tmdl": _model(),
    },
    "Work/Sales.Report": {
        "definition.pbir": json.dumps(
            {
                "version": "4.0",
                "datasetReference": {"byPath": {"path": "../../Sales.SemanticModel"}},
            }
        ),
        "definition/version.json": '{"version": "2.0.0"}',
        "definition/report.json": '{"themeCollection": {}}',
        "definition/pages/pages.json": '{"pageOrder": ["one"], "activePageName": "one"}',
        "definition/pages/one/page.json": json.dumps(
            {"name": "one", "displayName": "One", "displayOption": "FitToPage"}
        ),
    },
}


def write(content: Path, files: t.Mapping[str, t.Mapping[str, str]] | None = None) -> Path:
    """The files, or all of ``FILES``."""
    for place, parts in (files or FILES).items():
        label = place.rpartition("/")[2]
        name, _dot, item_type = label.rpartition(".")
        platform = {
            "metadata": {"type": item_type, "displayName": name},
            "config": {"version": "2.0", "logicalId": logical_id(label)},
        }
        for path, text in {**parts, ".platform": json.dumps(platform)}.items():
            target = content / place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    return content


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


@pytest.fixture
def finance(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def second(fresh_emulator: Emulator, modules: Modules) -> Portal:
    return round_trip.second_workspace(fresh_emulator, modules)


def test_an_export_deployed_to_another_workspace_refers_to_that(
    modules: Modules, finance: Portal, fresh_emulator: Emulator, tmp_path: Path
) -> None:
    content = write(tmp_path / "content")
    exported = round_trip.round_trip(modules, finance, fresh_emulator, content, tmp_path)
    assert {one["why"] for one in exported["unsupported_items"]} == {OF_THE_SERVICE}
    assert exported["remaining_references"] == []
    assert not exported.get("warnings")
    assert mentions(live_parts(finance), [finance.workspace_id])
    (workspace,) = modules("powerbi_workspace_info", workspace="Second")["workspaces"]
    second = Portal(fresh_emulator, workspace["id"])
    parts = live_parts(second)
    for path, label in {
        "Load.Notebook/notebook-content.py": "Raw.Lakehouse",
        "Daily.DataPipeline/pipeline-content.json": "Daily.DataPipeline",
        "Sales.Report/definition.pbir": "Sales.SemanticModel",
        "Log.KQLDatabase/DatabaseProperties.json": "Events.Eventhouse",
        "Alert.Reflex/ReflexEntities.json": "Stream.Eventstream",
        "Values.VariableLibrary/variables.json": "Raw.Lakehouse",
    }.items():
        assert second.item(label)["id"].encode() in parts[path], path
    assert f'unknown = "{ZERO}"' in parts["Load.Notebook/notebook-content.py"].decode()


def test_an_export_over_the_deployed_folder_changes_nothing(modules: Modules, finance: Portal, tmp_path: Path) -> None:
    content = write(tmp_path / "content")
    modules("powerbi_deploy", workspace="Finance", src=str(content))
    before = snapshot(content)
    result = modules("powerbi_export", workspace="Finance", dest=str(content))
    assert {one["path"]: one["files"] for one in result["exported"] if one["files"]} == {}
    assert snapshot(content) == before


PINNED: t.Final = {
    "Load.DataPipeline": {
        "pipeline-content.json": json.dumps(
            {
                "properties": {
                    "activities": [
                        {
                            "typeProperties": {
                                "workspaceId": "11111111-0000-4000-8000-00000000000b",
                                "notebookId": "11111111-0000-4000-8000-00000000000c",
                            },
                            "externalReferences": {"connection": "11111111-0000-4000-8000-00000000000a"},
                        }
                    ]
                }
            }
        )
    },
    "Pool.Environment": {
        "Setting/Sparkcompute.yml": "instance_pool_id: 11111111-0000-4000-8000-00000000000d\ndriver_cores: 4\n"
    },
    "Sales.SemanticModel": {
        "definition.pbism": '{"version": "4.2", "settings": {}}',
        "definition/model.tmdl": "model Model\n",
        "definition/expressions.tmdl": 'expression Lake = Sql.Database("abc.datawarehouse.fabric.microsoft.com", "Lake")\n',
        "definition/tables/T.tmdl": "table T\n\tmeasure M = 1\n\tpartition T = m\n\t\tsource = AnalysisServices.Database("
        '"powerbi://api.powerbi.com/v1.0/myorg/finance", "Base")\n',
    },
}


def test_what_does_not_move_is_a_warning_for_each_file(modules: Modules, finance: Portal, tmp_path: Path) -> None:
    modules("powerbi_deploy", workspace="Finance", src=str(write(tmp_path / "content", PINNED)))
    modules("powerbi_deploy", workspace="Finance", src=str(write(tmp_path / "other", {"Raw.Lakehouse": {}})))
    raw, workspace = finance.item("Raw.Lakehouse")["id"], finance.workspace_id
    modules("powerbi_deploy", workspace="Finance", src=str(write(tmp_path / "code", {
        "Use.Notebook": {"notebook-content.py": f'# Fabric notebook source\nlakehouse = "{raw}"\nrun(in_="{workspace}")\n'},
        "Binary.UserDataFunction": {"function_app.py": "1", "data.bin": f"\0{raw.upper()}"},
    })))  # fmt: skip
    dest = tmp_path / "export"
    result = modules("powerbi_export", workspace="Finance", dest=str(dest), exclude=["*.Lakehouse"])
    found = {(one["path"], one["what"]) for one in result["remaining_references"]}
    assert found == {
        ("Binary.UserDataFunction/data.bin", "ids of the exported workspace or its items, in a binary part"),
        ("Load.DataPipeline/pipeline-content.json", "the workspace 11111111-0000-4000-8000-00000000000b"),
        ("Load.DataPipeline/pipeline-content.json", "the connection 11111111-0000-4000-8000-00000000000a"),
        ("Pool.Environment/Setting/Sparkcompute.yml", "the Spark pool 11111111-0000-4000-8000-00000000000d"),
        ("Sales.SemanticModel/definition/expressions.tmdl", "the endpoint abc.datawarehouse.fabric.microsoft.com"),
        ("Sales.SemanticModel/definition/tables/T.tmdl", "the exported workspace, by its name 'finance'"),
        ("Use.Notebook/notebook-content.py", "the exported workspace, by its id"),
        ("Use.Notebook/notebook-content.py", "Raw.Lakehouse, which is not exported"),
    }
    warned = [text.partition(" still refers to ")[0] for text in result["warnings"]]
    assert warned == [f"{dest}/{path}" for path in sorted({path for path, _what in found})]

    result = modules("powerbi_export", workspace="Finance", dest=str(dest))
    assert "Raw.Lakehouse, which is not exported" not in str(result["remaining_references"])
    result = modules("powerbi_export", workspace="Finance", dest=str(dest), include=["Use.Notebook"])
    assert [one["what"] for one in result["remaining_references"]] == ["the exported workspace, by its id"]
    assert not result["changed"]  # the earlier export of the lakehouse has its logical id


def test_copies_get_logical_ids_of_their_own(modules: Modules, finance: Portal, tmp_path: Path) -> None:
    """A copy has the ownership annotation of its original."""
    modules(
        "powerbi_deploy",
        workspace="Finance",
        src=str(write(tmp_path / "content", {"A.Notebook": FILES["Work/Load.Notebook"]})),
    )
    description = finance.item("A.Notebook")["description"]
    modules(
        "powerbi_deploy",
        workspace="Finance",
        src=str(write(tmp_path / "copy", {"B.Notebook": FILES["Work/Load.Notebook"]})),
    )
    finance.change("B.Notebook", description=description)
    for dest in ("one", "two"):
        modules("powerbi_export", workspace="Finance", dest=str(tmp_path / dest))
    ids = [
        json.loads((tmp_path / "one" / f"{name}.Notebook" / ".platform").read_text())["config"]["logicalId"]
        for name in "AB"
    ]
    assert (
        len({*ids, logical_id("A.Notebook"), finance.item("A.Notebook")["id"], finance.item("B.Notebook")["id"]}) == 5
    )
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_one_item_of_an_export_finds_what_it_refers_to(
    modules: Modules, finance: Portal, second: Portal, tmp_path: Path
) -> None:
    """powerbi_item, and powerbi_deploy with include: the lakehouse is in the workspace, but not deployed with the notebook."""
    content = write(tmp_path / "content", {"Raw.Lakehouse": {}, "Load.Notebook": FILES["Work/Load.Notebook"]})
    write(tmp_path / "content", {"Spark.Environment": FILES["Spark.Environment"]})
    options = {"workspace": "Second", "src": str(content)}
    for check in (True, False):
        result = modules.fail("powerbi_deploy", check=check, **options, include=["*.Notebook"])
        assert "Load.Notebook refers to Raw.Lakehouse by its logical id" in result["msg"]
        result = modules.fail("powerbi_item", check=check, workspace="Second", src=str(content / "Load.Notebook"))
        assert "Load.Notebook refers to Raw.Lakehouse by its logical id" in result["msg"]
    assert second.items() == []
    modules("powerbi_deploy", **options, exclude=["*.Notebook"])
    modules("powerbi_item", workspace="Second", src=str(content / "Load.Notebook"))
    part = second.parts("Load.Notebook")["notebook-content.py"].decode()
    assert second.item("Raw.Lakehouse")["id"] in part and logical_id("Raw.Lakehouse") not in part
    assert not modules("powerbi_deploy", **options, include=["*.Notebook"])["changed"]
