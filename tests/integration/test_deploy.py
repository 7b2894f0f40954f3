# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_deploy from a playbook, with a hundred items: what is written, what is shown, and that check mode is true."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import AnsibleRunner
from harness.content import many_items, sample
from harness.emulator import Emulator
from harness.portal import FINANCE, Portal
from harness.run_results import TaskResult

COUNT: t.Final = 100
ORDERS: t.Final = "definition/tables/Orders.tmdl"
BEFORE: t.Final = "SUMX(Orders, Orders[Quantity] * Orders[Price])"
AFTER: t.Final = "SUMX(Orders, Orders[Quantity] * Orders[Price] * 2)"


@dataclasses.dataclass
class Deployer:
    """One folder and one workspace; each ``run`` is a playbook in check mode, and the same playbook in earnest."""

    ansible: AnsibleRunner
    emulator: Emulator
    portal: Portal
    src: Path

    def run(self, **options: t.Any) -> tuple[TaskResult, list[str]]:
        """The result and the writes of the real run, after check mode has foretold the result and written nothing."""
        foretold, writes = self.once(check=True, **options)
        assert writes == []
        done, writes = self.once(check=False, **options)
        assert foretold.changed == done.changed == bool(writes)
        assert _without_luck(foretold) == _without_luck(done)
        return done, writes

    def once(self, *, check: bool, **options: t.Any) -> tuple[TaskResult, list[str]]:
        self.emulator.clear_requests()
        task = {
            "name": "deploy",
            "community.powerbi.powerbi_deploy": {"workspace": FINANCE, "src": str(self.src), **options},
        }
        run = self.ansible.playbook([task], env=self.emulator.env, check=check, diff=True).ok()
        return run.result("deploy"), self.portal.writes()

    def measure(self, old: str, new: str) -> None:
        path = self.src / "Sales 000.SemanticModel" / ORDERS
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


def _without_luck(result: TaskResult) -> dict[str, t.Any]:
    """What check mode has to foretell: all but times, counts of requests and the ids of what does not exist yet."""
    outcome = {name: result.result.get(name) for name in ("created", "updated", "unchanged", "deleted", "diff")}
    outcome["plan"] = [
        {k: v for k, v in line.items() if k not in ("id", "begin", "seconds", "waits")} for line in result["plan"]
    ]
    return outcome


def _changed_lines(result: TaskResult) -> list[tuple[str, str, str]]:
    """(header, line before, line after) of each line that a diff shows as different."""
    lines = []
    for part in result["diff"]:
        before, after = part["before"].splitlines(), part["after"].splitlines()
        assert len(before) == len(after)
        pairs = ((old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new)
        lines += [(part["after_header"], old, new) for old, new in pairs]
    return lines


@pytest.fixture
def hundred(ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path) -> Deployer:
    """A folder of a hundred items, nothing of which is deployed yet."""
    return Deployer(ansible, fresh_emulator, Portal(fresh_emulator), many_items(tmp_path / "content", COUNT))


@pytest.fixture
def deployed(hundred: Deployer) -> Deployer:
    hundred.once(check=False)
    return hundred


def test_the_first_run_creates_all_and_the_second_writes_nothing(hundred: Deployer) -> None:
    result, writes = hundred.run()
    assert len(result["created"]) == COUNT and not result["updated"] and not result["failed_items"]
    assert len(writes) == COUNT
    assert len(hundred.portal.names()) == COUNT
    assert sorted(result["created"]) == hundred.portal.names()

    result, writes = hundred.run()
    assert (result.changed, writes) == (False, [])
    assert sorted(result["unchanged"]) == hundred.portal.names()
    assert "diff" not in result or not result["diff"]


@pytest.mark.parametrize("content", ["three", "hundred"])
def test_the_cost_of_the_plan_is_known_beforehand(content: str, request: pytest.FixtureRequest) -> None:
    """The calls of the writes, within 40 %: the emulator counts them, and check mode sends those of the plan alone."""
    deployer: Deployer = request.getfixturevalue(content)
    foretold, _writes = deployer.once(check=True)
    of_the_plan = len(deployer.emulator.requests("^/v1"))
    deployer.once(check=False)
    of_the_writes = len(deployer.emulator.requests("^/v1")) - of_the_plan
    assert foretold["cost"]["calls"] == pytest.approx(of_the_writes, rel=0.4)
    assert deployer.once(check=True)[0]["cost"]["calls"] == 0


def test_one_edited_measure_is_one_write_and_the_diff_of_its_line(deployed: Deployer) -> None:
    deployed.measure(BEFORE, AFTER)
    result, writes = deployed.run()
    assert result["updated"] == ["Sales 000.SemanticModel"] and len(result["unchanged"]) == COUNT - 1
    (write,) = writes
    model = deployed.portal.item("Sales 000.SemanticModel")["id"]
    assert write == f"POST /v1/workspaces/{FINANCE}/items/{model}/updateDefinition"
    assert _changed_lines(result) == [
        (f"Sales 000.SemanticModel/{ORDERS}", f"measure Revenue = {BEFORE}", f"measure Revenue = {AFTER}")
    ]
    (line,) = [line for line in result["plan"] if line["action"] == "update"]
    assert line["changes"] == ["measure Orders[Revenue] changed (expression)"]
    assert AFTER in deployed.portal.parts("Sales 000.SemanticModel")[ORDERS].decode()
    assert deployed.run()[1] == []


def test_the_same_edit_made_live_is_found_and_put_back(deployed: Deployer) -> None:
    deployed.portal.edit("Sales 000.SemanticModel", ORDERS, BEFORE, AFTER)
    drift = {"workspace": FINANCE, "src": str(deployed.src)}
    task = {"name": "drift", "community.powerbi.powerbi_drift_info": drift}
    found = deployed.ansible.playbook([task], env=deployed.emulator.env).ok().result("drift")
    assert (found["drifted"], found.changed) == (True, False)
    assert [f"{item['name']}.{item['type']}" for item in found["drift"]] == ["Sales 000.SemanticModel"]
    assert f"-\tmeasure Revenue = {AFTER}" in found["drift"][0]["diff"]
    assert f"+\tmeasure Revenue = {BEFORE}" in found["drift"][0]["diff"]

    result, writes = deployed.run()
    assert len(writes) == 1
    assert _changed_lines(result) == [
        (f"Sales 000.SemanticModel/{ORDERS}", f"measure Revenue = {AFTER}", f"measure Revenue = {BEFORE}")
    ]
    live = deployed.portal.parts("Sales 000.SemanticModel")[ORDERS].decode()
    assert BEFORE in live and AFTER not in live
    assert not deployed.ansible.playbook([task], env=deployed.emulator.env).ok().result("drift")["drifted"]


@pytest.fixture
def three(ansible: AnsibleRunner, fresh_emulator: Emulator, tmp_path: Path) -> Deployer:
    """The sample: a model, its report and a paginated report."""
    return Deployer(ansible, fresh_emulator, Portal(fresh_emulator), sample(tmp_path / "content"))


@pytest.mark.everycore
def test_check_mode_is_true_for_each_kind_of_change(three: Deployer) -> None:
    created, dummy = three.run()
    assert len(created["created"]) == 3
    assert three.run()[1] == []

    shutil.move(three.src / "Sales.Report", three.src / "Monthly" / "Europe" / "Sales.Report")
    pbir = three.src / "Monthly" / "Europe" / "Sales.Report" / "definition.pbir"
    pbir.write_text(pbir.read_text(encoding="utf-8").replace("../Sales", "../../../Sales"), encoding="utf-8")
    moved, writes = three.run()
    assert moved["updated"] == ["Sales.Report"] and len(writes) == 3  # two folders, one move
    assert next(line["changes"] for line in moved["plan"] if line["name"] == "Sales" and line["type"] == "Report") == [
        "moved from the root to Monthly/Europe"
    ]

    platform = three.src / "Sales.SemanticModel" / ".platform"
    platform.write_text(
        platform.read_text(encoding="utf-8").replace("Orders by day", "Orders by the day"), encoding="utf-8"
    )
    described, writes = three.run()
    assert described["updated"] == ["Sales.SemanticModel"] and len(writes) == 1

    shutil.rmtree(three.src / "Invoice.PaginatedReport")
    assert three.run()[1] == []
    pruned, writes = three.run(prune="deployed")
    assert pruned["deleted"] == ["Invoice.PaginatedReport"] and len(writes) == 1
    assert three.portal.names() == ["Sales.Report", "Sales.SemanticModel"]


def test_renaming_in_the_folder_renames_in_the_service_and_keeps_the_id(three: Deployer) -> None:
    three.once(check=False)
    identity = three.portal.item("Invoice.PaginatedReport")["id"]
    platform = three.src / "Invoice.PaginatedReport" / ".platform"
    platform.write_text(platform.read_text(encoding="utf-8").replace('"Invoice"', '"Bill"'), encoding="utf-8")
    renamed, writes = three.run()
    assert renamed["updated"] == ["Bill.PaginatedReport"] and len(writes) == 1
    assert three.portal.item("Bill.PaginatedReport")["id"] == identity
    assert three.run()[1] == []


def test_the_parameters_of_the_environment_count_and_variables_are_resolved(three: Deployer) -> None:
    parameters = str(three.src / "parameter.yml")
    three.run(environment="PROD", parameters=parameters)
    live = "".join(data.decode() for data in three.portal.parts("Sales.SemanticModel").values())
    assert "warehouse.example.com" in live and "warehouse-dev" not in live
    assert three.run(environment="PROD", parameters=parameters)[1] == []
    switched, writes = three.run(environment="TEST", parameters=parameters)
    assert len(writes) == len(switched["updated"]) >= 1
    live = "".join(data.decode() for data in three.portal.parts("Sales.SemanticModel").values())
    assert "warehouse-test.example.com" in live


def _connection(portal: Portal, name: str, server: str) -> str:
    """The id of a new connection to the database of the sample's model."""
    body = {
        "connectivityType": "ShareableCloud",
        "displayName": name,
        "privacyLevel": "Organizational",
        "connectionDetails": {
            "type": "SQL",
            "creationMethod": "SQL",
            "parameters": [
                {"dataType": "Text", "name": "server", "value": server},
                {"dataType": "Text", "name": "database", "value": "Sales"},
            ],
        },
        "credentialDetails": {
            "singleSignOnType": "None",
            "connectionEncryption": "Encrypted",
            "skipTestConnection": True,
            "credentials": {"credentialType": "Basic", "username": "reader", "password": "never shown"},
        },
    }
    return str(portal.call("POST", "/v1/connections", json=body)["id"])


def _used(portal: Portal) -> list[str | None]:
    model = portal.item("Sales.SemanticModel")["id"]
    return [entry.get("id") for entry in portal.call("GET", f"/items/{model}/connections")["value"]]


def test_models_are_bound_to_the_connections_of_the_environment(three: Deployer) -> None:
    first, second = (_connection(three.portal, name, "warehouse-dev.example.com") for name in ("One", "Two"))
    rules = {"semantic_model_binding": {"models": [{"semantic_model_name": "Sales", "connection_id": {"PROD": first}}]}}
    options = {"environment": "PROD", "parameters": rules}
    created, writes = three.run(**options)
    (line,) = [line for line in created["plan"] if line["type"] == "SemanticModel"]
    assert line["changes"] == ["created", "SQL warehouse-dev.example.com;Sales bound to the connection One"]
    assert len(writes) == 4 and _used(three.portal) == [first]
    assert three.run(**options)[1] == []

    rules["semantic_model_binding"]["models"][0]["connection_id"] = {"PROD": second}
    moved, writes = three.run(**options)
    assert moved["updated"] == ["Sales.SemanticModel"]
    assert len(writes) == 1 and writes[0].endswith("/bindConnection")
    assert _used(three.portal) == [second]
    host = "warehouse-dev.example.com"
    rules["find_replace"] = [{"find_value": host, "replace_value": {"TEST": host}}]
    assert three.run(environment="TEST", parameters=rules)[1] == [], "a binding without a value for it is left alone"


def test_a_connection_to_somewhere_else_is_refused_before_the_first_write(three: Deployer) -> None:
    three.once(check=False)
    other = _connection(three.portal, "Elsewhere", "another.example.com")
    for identity, reason in (
        (other, "has no data source SQL another.example.com;Sales"),
        ("0badc0de-0000-4000-8000-000000000000", "is not there"),
    ):
        models = [{"semantic_model_name": "Sales", "connection_id": {"_ALL_": identity}}]
        options = {"environment": "PROD", "parameters": {"semantic_model_binding": {"models": models}}}
        task = {"community.powerbi.powerbi_deploy": {"workspace": FINANCE, "src": str(three.src), **options}}
        three.emulator.clear_requests()
        run = three.ansible.playbook([task], env=three.emulator.env).failed()
        assert reason in run.output
        assert three.portal.writes() == []


def test_ids_of_git_in_files_become_ids_of_the_workspace(three: Deployer) -> None:
    """As git integration writes them: another item by its logical id, the item's own workspace as zeros."""
    logical = re.search('"logicalId": "([^"]+)"', (three.src / "Sales.SemanticModel" / ".platform").read_text())
    assert logical is not None
    page = three.src / "Sales.Report" / "definition" / "pages" / "overview" / "page.json"
    content = json.loads(page.read_text(encoding="utf-8"))
    zeros = "00000000-0000-0000-0000-000000000000"
    content["annotations"] = [{"name": "source", "value": logical[1]}, {"name": "place", "workspaceId": zeros}]
    page.write_text(json.dumps(content), encoding="utf-8")
    three.run()
    live = json.loads(three.portal.parts("Sales.Report")["definition/pages/overview/page.json"])
    assert live["annotations"][0]["value"] == three.portal.item("Sales.SemanticModel")["id"]
    assert live["annotations"][1]["workspaceId"] == FINANCE
    assert three.run()[1] == []


def test_many_definitions_are_read_in_one_operation_where_the_tenant_can(hundred: Deployer) -> None:
    hundred.emulator.tenant(bulk_definitions=True)
    hundred.once(check=False)
    unchanged, writes = hundred.once(check=False)
    assert (unchanged.changed, writes) == (False, [])
    assert len(hundred.emulator.requests("/bulkExportDefinitions$")) == 1
    assert unchanged["api_calls"] <= 8
    assert hundred.emulator.requests("/getDefinition$") == []

    hundred.portal.edit("Sales 000.SemanticModel", ORDERS, BEFORE, AFTER)
    found, dummy = hundred.once(check=True)
    assert found["updated"] == ["Sales 000.SemanticModel"]
    assert len(hundred.emulator.requests("/getDefinition$")) == 1, "what differs is read again, with the API proper"

    hundred.once(check=True, bulk_api="never")
    assert hundred.emulator.requests("bulkExportDefinitions") == []
    assert len(hundred.emulator.requests("/getDefinition$")) == COUNT


def test_many_items_are_created_in_two_operations_where_the_tenant_can(hundred: Deployer) -> None:
    """The models, and the reports on them; paginated reports are created one by one."""
    hundred.emulator.tenant(bulk_definitions=True)
    created, dummy = hundred.once(check=False, bulk_import=True)
    assert created["bulk_import"] == {"created": COUNT - COUNT // 10, "reason": ""}
    assert len(created["created"]) == COUNT
    assert len(hundred.emulator.requests("/bulkImportDefinitions$")) == 2
    unchanged, writes = hundred.once(check=False, bulk_import=True)
    assert (unchanged.changed, writes) == (False, [])


def test_a_bulk_api_that_is_refused_costs_one_request(hundred: Deployer) -> None:
    hundred.once(check=False)
    hundred.emulator.tenant(bulk_definitions=False)
    unchanged, dummy = hundred.once(check=False)
    assert not unchanged.changed
    assert [entry["status"] for entry in hundred.emulator.requests("bulkExportDefinitions")] == [403]
    assert len(hundred.emulator.requests("/getDefinition$")) == COUNT


def test_with_bulk_api_always_few_items_are_read_together_and_a_refusal_is_an_error(three: Deployer) -> None:
    three.emulator.tenant(bulk_definitions=True)
    three.once(check=False)
    unchanged, dummy = three.once(check=True, bulk_api="always")
    assert not unchanged.changed
    assert len(three.emulator.requests("/bulkExportDefinitions$")) == 1

    three.emulator.tenant(bulk_definitions=False)
    three.portal.edit("Sales.SemanticModel", ORDERS, BEFORE, AFTER)
    three.emulator.clear_requests()
    options = {"workspace": FINANCE, "src": str(three.src), "bulk_api": "always"}
    run = three.ansible.playbook([{"community.powerbi.powerbi_deploy": options}], env=three.emulator.env).failed()
    assert "bulk_api is always" in run.output
    assert three.portal.writes() == []
