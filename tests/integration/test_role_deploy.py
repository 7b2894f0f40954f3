# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role powerbi_deploy: plan, environment, report; what a failure leaves behind."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import AnsibleRunner, Run
from harness.content import sample
from harness.emulator import Emulator
from harness.portal import Portal

MEMBER: t.Final = {"principal": "megan.bowen@contoso.onmicrosoft.com", "role": "member"}


class Role:
    """One variable, played again and again."""

    def __init__(self, ansible: AnsibleRunner, emulator: Emulator, folder: Path) -> None:
        self._ansible = ansible
        self._emulator = emulator
        self.src = sample(folder / "content")
        self.reports = folder / "reports"
        self.workspaces: list[dict[str, t.Any]] = [
            {
                "name": "Sales (production)",
                "description": "Reports for the board",
                "capacity": "Contoso F64",
                "access": {"principals": [MEMBER]},
                "content": {"src": str(self.src), "parameters": str(self.src / "parameter.yml")},
            },
            {"name": "Empty", "capacity": "Contoso F64"},
        ]

    def play(self, *, check: bool = False, report: bool = False, **variables: t.Any) -> Run:
        """``report``: written, which takes a third of the run's time; ``report()`` reads it."""
        self._emulator.clear_requests()
        settings = {
            "powerbi_deploy_workspaces": self.workspaces,
            "powerbi_deploy_environment": "PROD",
            **({"powerbi_deploy_report_dir": str(self.reports)} if report else {}),
            **variables,
        }
        play = {"hosts": "localhost", "gather_facts": False, "roles": ["community.powerbi.powerbi_deploy"]}
        return self._ansible.playbook([play], env=self._emulator.env, extra_vars=settings, check=check, diff=True)

    def report(self, suffix: str = "md") -> str:
        return (self.reports / f"powerbi-deploy.{suffix}").read_text(encoding="utf-8")

    def workspace_id(self, name: str) -> str | None:
        groups = Portal(self._emulator).call("GET", "/v1.0/myorg/groups")["value"]
        return next((str(group["id"]) for group in groups if group["name"] == name), None)

    def portal(self) -> Portal:
        workspace_id = self.workspace_id("Sales (production)")
        assert workspace_id is not None
        return Portal(self._emulator, workspace_id)

    def writes(self) -> list[str]:
        return Portal(self._emulator).writes()


@pytest.fixture
def role(ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path) -> Role:
    return Role(ansible, fresh_emulator, tmp_path)


def _plan(run: Run) -> list[str]:
    """The plan's lines as the role shows them."""
    return [str(line) for line in run.result("Show the plan")["msg"]]


def _changes(run: Run) -> list[str]:
    return [result.task for result in run.results if result.changed and "report" not in result.task]


def _changed(run: Run) -> int:
    return sum(result.changed for result in run.results)


def test_an_environment_from_nothing_then_again(role: Role) -> None:
    first = role.play(report=True).ok()
    assert _plan(first) == [
        "Sales (production): new workspace",
        "  capacity: Contoso F64 (ca900000-0000-4000-8000-00000000000f)",
        "  storage_format: small",
        "  description: Reports for the board",
        "  access of megan.bowen@contoso.onmicrosoft.com: (none) -> member",
        "  create Invoice.PaginatedReport",
        "  create Sales.Report",
        "  create Sales.SemanticModel",
        "Empty: new workspace",
        "  capacity: Contoso F64 (ca900000-0000-4000-8000-00000000000f)",
        "  storage_format: small",
    ]
    assert role.portal().names() == ["Invoice.PaginatedReport", "Sales.Report", "Sales.SemanticModel"]
    live = "".join(data.decode() for data in role.portal().parts("Sales.SemanticModel").values())
    assert "warehouse.example.com" in live
    users = role.portal().call("GET", f"/v1.0/myorg/groups/{role.portal().workspace_id}/users")["value"]
    assert (MEMBER["principal"], "Member") in {(user["identifier"], user["groupUserAccessRight"]) for user in users}
    assert role.workspace_id("Empty") is not None
    assert "| Sales.SemanticModel |  | create | created |" in role.report()

    second = role.play(report=True).ok()
    assert (_changed(second), role.writes()) == (0, [])
    assert _plan(second) == [
        "Sales (production): workspace unchanged",
        "  3 items unchanged",
        "Empty: workspace unchanged",
    ]


def test_the_plan_alone_writes_nothing_and_is_what_then_happens(role: Role) -> None:
    role.play(report=True).ok()
    role.portal().edit("Sales.SemanticModel", "definition/tables/Orders.tmdl", "[Price])", "[Price] + 1)")
    line = "  update Sales.SemanticModel: measure Orders[Revenue] changed (expression)"

    planned = role.play(report=True, powerbi_deploy_plan_only=True).ok()
    assert (_changed(planned), role.writes()) == (0, [])
    assert line in _plan(planned)
    assert "# Power BI deployment (plan)" in role.report()
    row = r"| Sales.SemanticModel |  | update | measure Orders\[Revenue\] changed (expression) |"
    assert row in role.report()

    checked = role.play(check=True).ok()
    assert role.writes() == []
    assert _changed(checked) == 1

    done = role.play(report=True).ok()
    assert line in _plan(done)
    assert _changed(done) == 1 and len(role.writes()) == 1
    assert "(plan)" not in role.report() and row in role.report()


def test_check_mode_of_an_environment_that_is_not_there_writes_nothing(role: Role) -> None:
    run = role.play(check=True).ok()
    assert role.writes() == []
    assert role.workspace_id("Sales (production)") is None
    assert _plan(run)[0] == "Sales (production): new workspace"
    real = role.play().ok()
    assert _changes(run) == _changes(real)
    assert len(_changes(real)) == 4  # two workspaces, access, content


@pytest.mark.parametrize("workspace", ["Finance", "Yet to be made"])
def test_broken_content_stops_it_at_the_plan_with_its_place(role: Role, workspace: str) -> None:
    table = role.src / "Sales.SemanticModel" / "definition" / "tables" / "Orders.tmdl"
    table.write_text("table Orders\n\tmeasure = = =\n", encoding="utf-8")
    role.workspaces[0]["name"] = workspace
    del role.workspaces[0]["access"]
    run = role.play().failed()
    assert role.writes() == []
    assert "Sales.SemanticModel/definition/tables/Orders.tmdl:2" in run.output


def test_a_failure_is_in_the_report_and_the_next_run_goes_on(role: Role, fresh_emulator: Emulator) -> None:
    fresh_emulator.fault(path="/items$", method="POST", status=400, times=1, body={"errorCode": "CorruptedPayload"})
    role.play(report=True).failed()
    report = role.report()
    assert "**Failed**:" in report and "Sales.SemanticModel" in report
    assert "Not started: " in report
    assert 'class="failed"' in role.report("html")
    role.play().ok()
    assert role.portal().names() == ["Invoice.PaginatedReport", "Sales.Report", "Sales.SemanticModel"]
    assert _changed(role.play().ok()) == 0


def test_plan_and_report_have_access_capacity_and_diffs(role: Role) -> None:
    role.play().ok()
    role.portal().edit("Sales.SemanticModel", "definition/tables/Orders.tmdl", "[Price])", "[Price] + 1)")
    role.workspaces[0]["capacity"] = "none"
    role.workspaces[0]["access"] = {"principals": [{**MEMBER, "role": "viewer"}]}
    done = role.play(report=True).ok()
    assert "  capacity: ca900000-0000-4000-8000-00000000000f -> (none)" in _plan(done)
    assert "  access of megan.bowen@contoso.onmicrosoft.com: member -> viewer" in _plan(done)
    report = role.report()
    assert "| capacity | ca900000-0000-4000-8000-00000000000f | (none) |" in report
    assert "| megan.bowen@contoso.onmicrosoft.com | change | member | viewer |" in report
    assert "| unchanged | admin | admin |" in report, "the deploying app keeps its role"
    assert "```diff\n--- Sales.SemanticModel/definition/tables/Orders.tmdl" in report
    assert "\n-\tmeasure Revenue = SUMX(Orders, Orders[Quantity] * Orders[Price] + 1)\n" in report
    assert "<td>member</td><td>viewer</td>" in role.report("html")


def test_a_workspace_whose_access_fails_is_in_the_report(role: Role) -> None:
    role.workspaces[0]["access"] = {
        "principals": [{"principal": "no.such.person@contoso.onmicrosoft.com", "role": "member"}]
    }
    role.play(report=True).failed()
    assert role.workspace_id("Sales (production)") is not None
    report = role.report()
    assert "## Sales (production)" in report and "Workspace: create" in report
    assert "**Failed**:" in report and "no.such.person@contoso.onmicrosoft.com" in report


def test_a_misspelt_option_of_the_content_is_refused(role: Role) -> None:
    role.workspaces[0]["content"]["prun"] = "deployed"
    run = role.play().failed()
    assert "prun" in run.output
    assert role.writes() == []


def test_markup_in_names_stays_text_in_the_report(role: Role) -> None:
    role.workspaces[1]["name"] = "<b>Empty</b> & more"
    role.play(report=True).ok()
    page = role.report("html")
    assert "<h2>&lt;b&gt;Empty&lt;/b&gt; &amp; more</h2>" in page
    assert r"## \<b\>Empty\</b\> \& more" in role.report()


@pytest.mark.parametrize(
    ("workspaces", "named"),
    [
        ([], "powerbi_deploy_workspaces is empty"),
        ([{"description": "no name"}], "name"),
        ([{"name": "A", "storage_format": "huge"}], "storage_format"),
        ([{"name": "A", "access": {}}], "principals"),
    ],
)
def test_a_wrong_variable_is_refused_before_anything(role: Role, workspaces: list[t.Any], named: str) -> None:
    run = role.play(powerbi_deploy_workspaces=workspaces).failed()
    assert named in run.output
    assert role.writes() == []


def _reports_apart(role: Role, name: str = "Sales models") -> None:
    """The models in one workspace, in another the report, which names its model by workspace and name."""
    binding = {"datasetReference": {"byConnection": {"connectionString": None}}}
    binding["datasetReference"]["byConnection"]["connectionString"] = (
        f'Data Source=powerbi://api.powerbi.com/v1.0/myorg/{name};Initial Catalog="Sales"'
    )
    path = role.src / "Sales.Report" / "definition.pbir"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **binding}), encoding="utf-8")
    content = role.workspaces[0]["content"]
    role.workspaces = [
        {"name": name, "capacity": "Contoso F64", "content": {**content, "include": ["*.SemanticModel"]}},
        {"name": "Sales reports", "capacity": "Contoso F64", "content": {**content, "include": ["*.Report"]}},
    ]


def test_content_that_needs_items_of_an_earlier_workspace(role: Role) -> None:
    _reports_apart(role)
    checked = role.play(check=True).ok()
    assert role.writes() == []
    assert "  create Sales.Report" in _plan(checked)
    assert _changes(role.play().ok()) == _changes(checked)
    assert _changed(role.play().ok()) == 0


def test_content_with_a_missing_dependency_is_found_before_the_first_write(role: Role) -> None:
    _reports_apart(role)
    role.workspaces = role.workspaces[::-1]
    run = role.play().failed()
    assert role.writes() == []
    assert "Sales models" in run.output


NOWHERE: t.Final = {
    "$items.SemanticModel.Nothing.$id": "is neither in the workspace nor among what is deployed",
    "$workspace.Nowhere.$id": "there is no workspace 'Nowhere'",
    "$workspace.Sales.$items.SemanticModel.Nothing.$id": "there is no item 'Nothing' in the workspace 'Sales'",
}


@pytest.mark.parametrize(
    ("value", "workspace"),
    [
        pytest.param(
            value,
            workspace,
            marks=pytest.mark.full if number % 2 == (workspace == "Finance") else [],
        )
        for number, value in enumerate(NOWHERE)
        for workspace in ("Finance", "Yet to be made")
    ],
)
def test_a_reference_that_leads_nowhere_is_found_before_the_first_write(role: Role, value: str, workspace: str) -> None:
    role.workspaces[0]["name"] = workspace
    del role.workspaces[0]["access"]
    role.workspaces[0]["content"]["parameters"] = [{"find": "Revenue", "replace": value}]
    run = role.play().failed()
    assert role.writes() == []
    assert NOWHERE[value] in run.output
