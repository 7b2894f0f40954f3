# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imported files after what the service and API calls change: nothing is sent again, and nothing that can't come back is lost."""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.digest import definition_digest, file_digest
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity.description_annotation import short
from harness.conformance import DATA
from harness.emulator import Emulator
from harness.files import pbix
from harness.modules import Modules
from harness.portal import FINANCE, Portal
from test_import import import_, sent

MODEL: t.Final = "Sales.SemanticModel"
SALES: t.Final = "definition/tables/Sales.tmdl"
POLICY: t.Final = {
    "policyType": "basic",
    "rollingWindowGranularity": "year",
    "rollingWindowPeriods": 2,
    "incrementalGranularity": "month",
    "incrementalPeriods": 2,
    "sourceExpression": ["let", '    Source = Sql.Database("dev.contoso.example", "Sales")', "in", "    Source"],
}
PARAMETER: t.Final = '"dev" meta [IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]'


def schema(policy: bool = True) -> dict[str, t.Any]:
    """A model with a parameter, a role, a table with data of a SQL server, and another with a refresh policy."""
    plain = {
        "name": "Orders",
        "columns": [{"name": "Amount", "dataType": "double", "sourceColumn": "Amount"}],
        "measures": [{"name": "Total", "expression": "SUM(Orders[Amount])"}],
        "partitions": [
            {
                "name": "Orders",
                "mode": "import",
                "source": {"type": "m", "expression": 'Sql.Database("dev.contoso.example", "Sales")'},
            }
        ],
    }
    sales = {
        "name": "Sales",
        "columns": [{"name": "Day", "dataType": "dateTime", "sourceColumn": "Day"}],
        "partitions": [{"name": "Sales", "mode": "import", "source": {"type": "m", "expression": "1"}}],
        **({"refreshPolicy": POLICY} if policy else {}),
    }
    model = {
        "culture": "en-US",
        "tables": [plain, sales],
        "expressions": [{"name": "Environment", "kind": "m", "expression": PARAMETER}],
        "roles": [{"name": "Reader", "modelPermission": "read"}],
    }
    return {"compatibilityLevel": 1567, "model": model}


class Tenant:
    """What happens to a model that was imported, at the hands of the service, of API calls and of people."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.portal = Portal(emulator)

    @property
    def model(self) -> str:
        return str(self.portal.item(MODEL)["id"])

    def post(self, operation: str, body: t.Any) -> None:
        self.portal.call("POST", f"/v1.0/myorg/groups/{FINANCE}/datasets/{self.model}/{operation}", json=body)

    def refresh(self, day: str) -> None:
        self.post("refreshes", {"type": "full", "effectiveDate": f"{day}T00:00:00Z"})

    def edit(self, label: str, parts: t.Mapping[str, str | None]) -> None:
        identity = self.portal.item(label)["id"]
        self.emulator.call("PATCH", f"/_emulator/items/{identity}/definition", json={"parts": parts}).raise_for_status()

    def give_role(self, *people: str) -> None:
        path = f"/_emulator/items/{self.model}/role-members"
        self.emulator.call("PUT", path, json={"Reader": people}).raise_for_status()

    def set_parameter(self, name: str, value: str) -> None:
        self.post("Default.UpdateParameters", {"updateDetails": [{"name": name, "newValue": value}]})

    def move_source(self) -> None:
        details = {"server": "dev.contoso.example", "database": "Sales"}
        selector = {"datasourceType": "Sql", "connectionDetails": details}
        new = {"server": "prod.contoso.example", "database": "Sales"}
        self.post(
            "Default.UpdateDatasources",
            {"updateDetails": [{"datasourceSelector": selector, "connectionDetails": new}]},
        )


@pytest.fixture
def tenant(fresh_emulator: Emulator) -> Tenant:
    return Tenant(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def test_nothing_is_sent_again_after_what_the_service_and_the_api_change(
    tenant: Tenant, modules: Modules, tmp_path: Path
) -> None:
    file = pbix(tmp_path / "Sales.pbix", schema=schema())
    assert import_(modules, file)["changed"]
    tenant.emulator.clear_requests()
    steps: dict[str, t.Callable[[], None]] = {
        "the first refresh makes partitions": lambda: tenant.refresh("2026-05-20"),
        "a year later there are others": lambda: tenant.refresh("2027-05-20"),
        "a parameter is set": lambda: tenant.set_parameter("Environment", "prod"),
        "a source is moved": tenant.move_source,
        "people get a role": lambda: tenant.give_role("megan.bowen@contoso.onmicrosoft.com"),
        "the report is converted": lambda: tenant.edit("Sales.Report", {}),
    }
    for what, step in steps.items():
        before = (tenant.portal.parts(MODEL), set(tenant.portal.parts("Sales.Report")))
        step()
        assert (tenant.portal.parts(MODEL), set(tenant.portal.parts("Sales.Report"))) != before, what
        assert not import_(modules, file)["changed"], what
    assert sent(tenant.emulator) == 0
    live = tenant.portal.parts(MODEL)
    assert b"partition 2026 = policyRange" in live[SALES]
    assert b'"prod" meta' in live["definition/expressions.tmdl"]


@pytest.mark.parametrize("old", ["SUM(Orders[Amount])", "dataType: dateTime", "rollingWindowPeriods: 2"])
def test_an_edit_is_still_seen_and_not_overwritten_where_history_would_be_lost(
    tenant: Tenant, modules: Modules, tmp_path: Path, old: str
) -> None:
    file = pbix(tmp_path / "Sales.pbix", schema=schema())
    import_(modules, file)
    tenant.refresh("2026-05-20")
    path = next(path for path, data in tenant.portal.parts(MODEL).items() if old.encode() in data)
    text = tenant.portal.parts(MODEL)[path].decode()
    new = old.replace("SUM", "MAX").replace("dateTime", "string").replace("2", "3")
    tenant.edit(MODEL, {path: text.replace(old, new)})
    tenant.emulator.clear_requests()
    for check in (True, False):
        refused = modules.fail("powerbi_import", check=check, workspace="Finance", src=[str(file)])
        assert refused["error"]["option"] == "allow_data_loss"
        assert "table Sales: loses 5 partitions of its refresh policy" in refused["msg"]
    assert sent(tenant.emulator) == 0
    done = import_(modules, file, allow_data_loss=True)
    assert done["imports"][0]["changes"] == ["it was edited in the service since its import"]
    assert b"policyRange" not in tenant.portal.parts(MODEL)[SALES]


def test_another_file_does_not_take_the_history_either(tenant: Tenant, modules: Modules, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix", schema=schema())
    import_(modules, file)
    tenant.refresh("2026-05-20")
    before = tenant.portal.parts(MODEL)
    pbix(file, page="Another", schema=schema())
    refused = modules.fail("powerbi_import", workspace="Finance", src=[str(file)])
    assert refused["error"]["option"] == "allow_data_loss"
    refused = modules.fail("powerbi_import", workspace="Finance", src=[str(file)], fingerprint=False)
    assert refused["error"]["option"] == "allow_data_loss"
    deployed = modules.fail("powerbi_deploy", workspace="Finance", src=str(tmp_path))
    assert "loses 5 partitions" in deployed["msg"]
    assert tenant.portal.parts(MODEL) == before


def test_without_partitions_a_changed_file_goes_out_as_ever(tenant: Tenant, modules: Modules, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Sales.pbix", schema=schema(policy=False))
    import_(modules, file)
    tenant.refresh("2026-05-20")
    pbix(file, page="Another", schema=schema(policy=False))
    assert import_(modules, file)["changed"]


def test_a_report_that_is_edited_while_it_is_converted_is_imported_again(
    tenant: Tenant, modules: Modules, tmp_path: Path
) -> None:
    file = pbix(tmp_path / "Sales.pbix", schema=schema(policy=False))
    import_(modules, file)
    page = '{"name": "p2", "displayName": "Added"}'
    tenant.edit("Sales.Report", {"definition/pages/p2/page.json": page})
    assert import_(modules, file)["imports"][0]["changes"] == ["it was edited in the service since its import"]
    assert not import_(modules, file)["changed"]


def test_a_fingerprint_of_an_earlier_version_is_still_understood(
    tenant: Tenant, modules: Modules, tmp_path: Path
) -> None:
    """Written by version 0.1.0 for the emulator's model of a file without a data model."""
    file = pbix(tmp_path / "Sales.pbix")
    import_(modules, file)
    parts = {label: tenant.portal.parts(label) for label in (MODEL, "Sales.Report")}
    kept = {
        label: {path: data for path, data in found.items() if path not in (".platform", "definition.pbir")}
        for label, found in parts.items()
    }
    digests = [definition_digest(found, label.rpartition(".")[2]) for label, found in kept.items()]
    together = short(hashlib.sha256("".join(digests).encode()).hexdigest())
    old = f"Mine [powerbi_deploy f:{short(file_digest(str(file)))} d:{together}]"
    tenant.portal.change(MODEL, description=old)
    assert not import_(modules, file)["changed"]
    pbix(file, page="Another")
    import_(modules, file)
    text = tenant.portal.item(MODEL)["description"]
    assert text.startswith("Mine [powerbi_deploy f:")
    assert " d:" not in text


def test_a_real_file_whose_parameter_was_set_is_not_sent_again(
    tenant: Tenant, modules: Modules, tmp_path: Path
) -> None:
    real = DATA / "content" / "pbix-terraform" / "resource_pbix_test_sample2.pbix"
    if not real.is_file():
        pytest.skip(f"no {real} (POWERBI_TEST_DATA)")
    file = tmp_path / "Sales.pbix"
    file.write_bytes(real.read_bytes())
    import_(modules, file)
    tenant.set_parameter("ParamOne", "prod")
    assert not import_(modules, file)["changed"]
