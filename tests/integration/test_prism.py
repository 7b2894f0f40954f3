# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole playbooks through ``prism proxy``, which judges each exchange by the official documents.

Our own judge (test_conformance.py) sees more: unknown parameters and properties, error bodies, statuses, the case of
names. This one was written by others, so it does not share its mistakes.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.conformance import DOCUMENTS
from harness.content import sample
from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.modules import Modules
from harness.prism import MENDED, PrismProxy
from harness.summary import TABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DOCUMENTS.is_dir(), reason=f"no documents in {DOCUMENTS} (POWERBI_TEST_DATA)"),
]

TITLE: t.Final = f"Prism proxy on the official documents ({len(MENDED)} faults of theirs are mended in its copy)"
MEGAN: t.Final[str] = contoso.MEGAN["upn"]
Tasks = list[dict[str, t.Any]]


class Judged:
    """Playbooks, and single tasks in this process, that reach the emulator through Prism."""

    def __init__(self, emulator: Emulator, proxy: PrismProxy, ca_path: Path, ansible: AnsibleRunner) -> None:
        self.emulator = emulator
        self.proxy = proxy
        self.modules = Modules(emulator, api_url=proxy.url, ca_path=str(ca_path))
        self._env = {**emulator.env, "POWERBI_API_URL": proxy.url, "POWERBI_CA_PATH": str(ca_path)}
        self._ansible = ansible

    def playbook(self, tasks: Tasks) -> Run:
        return self._ansible.playbook(tasks, env=self._env)


@pytest.fixture(scope="module")
def servers(
    start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory
) -> t.Iterator[tuple[Emulator, PrismProxy]]:
    emulator = start_emulator()
    try:
        proxy = PrismProxy(emulator, DOCUMENTS, tmp_path_factory.mktemp("prism"))
    except RuntimeError as error:
        pytest.skip(str(error))
    yield emulator, proxy
    proxy.stop()


@pytest.fixture
def judged(servers: tuple[Emulator, PrismProxy], ansible: AnsibleRunner, tmp_path: Path) -> Judged:
    emulator, proxy = servers
    emulator.clean()
    emulator.tenant(operation_url=proxy.url)  # operations are asked where the front is
    proxy.clear()
    ca_path = tmp_path / "both-cas.pem"
    ca_path.write_bytes(emulator.ca_path.read_bytes() + proxy.ca_path.read_bytes())
    return Judged(emulator, proxy, ca_path, ansible)


def module(noun: str, /, **options: t.Any) -> dict[str, t.Any]:
    return {f"community.powerbi.powerbi_{noun}": options}


def workspaces(_folder: Path) -> Tasks:
    """Workspaces, their roles, capacities, gateways."""
    new = {"name": "Judged", "description": "x", "capacity": "Contoso F64", "storage_format": "large"}
    return [
        module("workspace", **new),
        module("workspace", **new),
        module("workspace", **{**new, "description": "y", "capacity": "none", "storage_format": "small"}),
        module("workspace_access", workspace="Judged", principals=[{"principal": MEGAN, "role": "admin"}]),
        module("workspace_access", workspace="Judged", principals=[{"principal": MEGAN, "role": "viewer"}]),
        module("workspace_access", workspace="Judged", principals=[{"principal": MEGAN}], state="absent"),
        module("workspace_info", details=True),
        module("capacity_info"),
        module("gateway_info", sources=True),
        module("workspace", name="Judged", state="absent"),
    ]


def content(folder: Path) -> Tasks:
    """The sample by definition, an edit, files by import, export, a refresh."""
    source = str(sample(folder / "sample"))
    files = [str(pbix(folder / "Board.pbix")), str(rdl(folder / "Paper.rdl"))]
    model = "{{ (found.workspace_items | selectattr('type', 'eq', 'SemanticModel') | first).id }}"
    refreshes = f"groups/{{{{ made.workspace.id }}}}/datasets/{model}/refreshes"
    edit = {"path": f"{source}/Sales.SemanticModel/definition/tables/Orders.tmdl", "regexp": r"Orders\[Price\]\)"}
    return [
        {**module("workspace", name="Content", capacity="Contoso F64"), "register": "made"},
        module("deploy", workspace="Content", src=source),
        module("deploy", workspace="Content", src=source),
        {"ansible.builtin.replace": {**edit, "replace": "Orders[Price]) / 2"}},
        module("drift", workspace="Content", src=source),
        module("deploy", workspace="Content", src=source),
        module("import", workspace="Content", src=files),
        module("import", workspace="Content", src=files),
        module("export", workspace="Content", dest=str(folder / "exported")),
        {**module("item_info", workspace="Content"), "register": "found"},
        module("api", method="POST", path=refreshes, body={"notifyOption": "NoNotification"}),
        module("api", path=refreshes, query={"$top": 5}),
        module("workspace", name="Content", state="absent"),
    ]


def environment(folder: Path) -> Tasks:
    """The role, twice: plan, workspace, access and content from one variable."""
    source = sample(folder / "content")
    workspace = {
        "name": "Environment",
        "capacity": "Contoso F64",
        "access": {"principals": [{"principal": MEGAN, "role": "member"}]},
        "content": {"src": str(source), "parameters": str(source / "parameter.yml")},
    }
    variables = {
        "powerbi_deploy_workspaces": [workspace],
        "powerbi_deploy_environment": "PROD",
        "powerbi_deploy_report_dir": str(folder / "reports"),
    }
    role = {"ansible.builtin.include_role": {"name": "community.powerbi.powerbi_deploy"}, "vars": variables}
    return [role, role]


@pytest.mark.parametrize(
    ("tasks", "least", "operations"),
    [
        (
            workspaces,
            25,
            {"Groups_CreateGroup", "Groups_UpdateGroupUser", "Capacities_GetCapacities", "Gateways_GetDatasources"},
        ),
        (
            content,
            60,
            {
                "Items_UpdateItemDefinition",
                "LongRunningOperations_GetOperationResult",
                "Imports_PostImportInGroup",
                "Imports_GetImportsInGroup",
                "Datasets_RefreshDatasetInGroup",
                "Datasets_GetRefreshHistoryInGroup",
            },
        ),
        (environment, 40, {"Groups_AddGroupUser", "Groups_AssignToCapacity", "Items_CreateItem"}),
    ],
    ids=["workspaces", "content", "environment"],
)
def test_no_violation(
    judged: Judged,
    tmp_path: Path,
    tasks: t.Callable[[Path], Tasks],
    least: int,
    operations: set[str],
    record_property: t.Callable[[str, t.Any], None],
) -> None:
    judged.playbook(tasks(tmp_path)).ok()
    report = judged.proxy.report()
    lines = [f"{tasks.__name__}: {line}" for line in report.lines()]
    record_property(TABLE, "\n".join([TITLE, *lines]))
    assert report.violations == {}
    assert report.unknown == []
    assert report.exchanges >= least
    assert report.operations >= operations
    assert all(entry.endswith("/imports") for entry in report.past), "only a package goes past Prism"


def test_a_wrong_request_is_found(judged: Judged) -> None:
    judged.modules.fail("powerbi_api", method="POST", path="groups", body={"name": 5})
    (violation,) = judged.proxy.report().violations
    assert "Groups_CreateGroup" in violation
    assert violation.endswith("request body/name: Request body property name must be string")


def test_a_wrong_answer_is_found(judged: Judged) -> None:
    wrong = {"id": 5, "state": "Active", "capacityUserAccessRight": "Admin"}
    judged.emulator.fault(path="/capacities$", status=200, body={"value": [wrong]})
    judged.modules("powerbi_api", path="capacities")
    (violation,) = judged.proxy.report().violations
    assert "Capacities_GetCapacities" in violation
    assert violation.endswith("answer body/value/0/id: 5 is not of type 'string'")


def test_an_operation_of_no_document_is_known_as_such(judged: Judged) -> None:
    judged.emulator.fault(path="/noSuchThing$", status=404)  # its own answer is 501, which Prism takes for "mock this"
    judged.modules.fail("powerbi_api", path="noSuchThing")
    assert judged.proxy.report().unknown == ["GET /v1.0/myorg/noSuchThing"]
