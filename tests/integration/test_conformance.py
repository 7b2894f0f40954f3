# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules send and what the emulator returns, checked against the official documents.

All integration tests are judged at their end (harness/conformance.py). Here one run with every module of the services'
nouns checks that this is so, which operations they use, and that a wrong request would be found.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.conformance import DOCUMENTS, check_records, record_arguments, records
from harness.content import sample
from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.in_process import run_module

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason=f"no documents in {DOCUMENTS} (POWERBI_TEST_DATA)")

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
TASKS: t.Final[list[tuple[str, dict[str, t.Any]]]] = [
    ("workspace", {"name": "New", "description": "x", "capacity": "Contoso F64", "storage_format": "large"}),
    ("workspace_access", {"workspace": "New", "principals": [{"principal": contoso.MEGAN["upn"], "role": "admin"}]}),
    ("workspace_access", {"workspace": "New", "principals": [{"principal": contoso.MEGAN["upn"], "role": "viewer"}]}),
    ("workspace_access", {"workspace": "New", "state": "absent", "principals": [{"principal": contoso.MEGAN["upn"]}]}),
    ("workspace_info", {"details": True}),
    ("capacity_info", {}),
    ("gateway_info", {"sources": True}),
    ("workspace", {"name": "New", "state": "absent"}),
]


def of_content(folder: Path) -> list[tuple[str, dict[str, t.Any]]]:
    """The sample by definition, files by import, an export. The last one's result has the items."""
    source = sample(folder / "sample")
    files = [str(pbix(folder / "Board.pbix")), str(rdl(folder / "Paper.rdl"))]
    return [
        ("workspace", {"name": "Content", "capacity": "Contoso F64"}),
        ("deploy", {"workspace": "Content", "src": str(source)}),
        ("drift_info", {"workspace": "Content", "src": str(source)}),
        ("import", {"workspace": "Content", "src": files}),
        ("import", {"workspace": "Content", "src": files}),
        ("export", {"workspace": "Content", "dest": str(folder / "exported")}),
        ("item_info", {"workspace": "Content"}),
    ]


def refreshes(found: dict[str, t.Any]) -> list[tuple[str, dict[str, t.Any]]]:
    model = next(item for item in found["workspace_items"] if item["type"] == "SemanticModel")
    path = f"groups/{found['workspace_id']}/datasets/{model['id']}/refreshes"
    return [
        ("api", {"method": "POST", "path": path, "body": {"notifyOption": "NoNotification"}}),
        ("api", {"path": path, "query": {"$top": 5}}),
    ]


OPERATIONS: t.Final = {
    "powerbi Groups_GetGroups",
    "powerbi Groups_CreateGroup",
    "powerbi Groups_UpdateGroup",
    "powerbi Groups_DeleteGroup",
    "powerbi Groups_GetGroupUsers",
    "powerbi Groups_AddGroupUser",
    "powerbi Groups_UpdateGroupUser",
    "powerbi Groups_DeleteUserInGroup",
    "powerbi Groups_AssignToCapacity",
    "powerbi Capacities_GetCapacities",
    "powerbi Gateways_GetGateways",
    "powerbi Gateways_GetDatasources",
    "fabric Workspaces_GetWorkspace",
    "fabric Workspaces_UpdateWorkspace",
    "fabric Items_ListItems",
    "fabric Items_CreateItem",
    "fabric LongRunningOperations_GetOperationResult",
    "powerbi Imports_PostImportInGroup",
    "powerbi Imports_GetImportsInGroup",
    "powerbi Datasets_RefreshDatasetInGroup",
    "powerbi Datasets_GetRefreshHistoryInGroup",
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("conformance")
    folder = tmp_path / "emulator"
    folder.mkdir()
    emulator = Emulator(folder, arguments=record_arguments(folder))
    deploy = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY)}

    def run(tasks: list[tuple[str, dict[str, t.Any]]]) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {}
        for module, options in tasks:
            result = run_module(f"powerbi_{module}", {**deploy, **options}, tmp_path)
            assert not result.get("failed"), result.get("msg")
        return result

    try:
        run(refreshes(run([*TASKS, *of_content(tmp_path)])))
    finally:
        emulator.stop()
    return folder


def test_every_request_and_answer_is_as_documented(recorded: Path) -> None:
    report = check_records(records(recorded))
    assert report.violations == {}
    assert report.requests == report.answers > len(TASKS)
    assert report.operations >= OPERATIONS


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"request": {"name": 5}}, "body/name"),
        ({"query": [["workspaceV3", "true"]]}, "query workspaceV3"),
        ({"answer": {"id": 5, "name": "New"}}, "body/id"),
        ({"status": 299}, "status"),
    ],
)
def test_what_is_wrong_is_found(recorded: Path, change: dict[str, t.Any], where: str) -> None:
    (record,) = records(recorded)
    lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    made = next(line for line in lines if line["method"] == "POST" and line["path"].endswith("/groups"))
    tampered = recorded / "tampered.jsonl"  # a name that the end of the session does not read
    tampered.write_text(json.dumps({**made, **change}) + "\n", encoding="utf-8")
    assert [finding.where for finding, _count in check_records([tampered]).violations.values()] == [where]
