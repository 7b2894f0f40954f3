# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the services change by themselves, what others change without a REST path, and what they refuse to destroy."""

from __future__ import annotations

import datetime
import itertools
import json
import typing as t

import pytest

import samples
from conftest import MEGAN, Emulator
from powerbi_emulator.refresh_policies import Policy, ranges
from powerbi_emulator.report_conversion import converted
from test_fabric_items import FINANCE, finished, result

ITEMS = f"/workspaces/{FINANCE}/items"
POLICY = (
    "table Sales\n\n\trefreshPolicy\n\t\tpolicyType: basic\n\t\trollingWindowGranularity: year\n"
    "\t\trollingWindowPeriods: 2\n\t\tincrementalGranularity: month\n\t\tincrementalPeriods: 3\n"
    "\t\tsourceExpression = Source\n\n\tcolumn Day\n\t\tdataType: dateTime\n\t\tsourceColumn: Day\n\n"
    "\tpartition Sales = m\n\t\tmode: import\n\t\tsource =\n\t\t\tlet\n\t\t\t\tSource = 1\n\t\t\tin\n\t\t\t\tSource\n\n"
    "\tannotation After = kept\n"
)
ROLE = "role Reader\n\tmodelPermission: read\n\n\ttablePermission Orders = [Amount] > 0\n"
MODEL = {
    **samples.MODEL,
    "definition/tables/Sales.tmdl": POLICY,
    "definition/roles/Reader.tmdl": ROLE,
    "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Orders\nref table Sales\nref role Reader\n",
}
ORDERS = "definition/tables/Orders.tmdl"
SALES = "definition/tables/Sales.tmdl"


@pytest.fixture
def model(emulator: Emulator) -> str:
    body = {"displayName": "Sales", "type": "SemanticModel", "definition": samples.definition(MODEL)}
    return str(result(emulator, emulator.fabric("POST", ITEMS, json=body))["id"])


def parts_of(emulator: Emulator, item_id: str, form: str = "") -> samples.Parts:
    query = f"?format={form}" if form else ""
    return samples.decoded(result(emulator, emulator.fabric("POST", f"{ITEMS}/{item_id}/getDefinition{query}")))


def refresh(emulator: Emulator, item_id: str, **options: t.Any) -> None:
    answer = emulator.api("POST", f"/groups/{FINANCE}/datasets/{item_id}/refreshes", json=options)
    assert answer.status_code == 202, answer.text
    emulator.advance()


def update(emulator: Emulator, item_id: str, parts: samples.Parts) -> dict[str, t.Any]:
    body = {"definition": samples.definition(parts)}
    return finished(emulator, emulator.fabric("POST", f"{ITEMS}/{item_id}/updateDefinition", json=body))


def test_ranges_of_a_policy_cover_its_window_without_a_gap() -> None:
    found = ranges(Policy("year", 2, "month", 3), datetime.date(2026, 5, 20))
    names = ["2024", "2025", "2026Q101", "2026Q102", "2026Q103", "2026Q204", "2026Q205"]
    assert [one.name for one in found] == names
    assert all(one.end == other.start for one, other in itertools.pairwise(found))
    days = ranges(Policy("month", 1, "day", 2), datetime.date(2026, 3, 2))
    assert [days[0].name, days[-1].name] == ["2026Q102", "2026Q10302"]


def test_a_refresh_makes_the_partitions_of_a_policy(emulator: Emulator, model: str) -> None:
    refresh(emulator, model, type="full", effectiveDate="2026-05-20T00:00:00Z")
    text = parts_of(emulator, model)[SALES]
    assert "partition Sales = m" not in text
    assert "\tpartition 2024 = policyRange\r\n" in text
    assert "\t\t\tstart: 2024-01-01\r\n" in text
    assert "annotation After = kept" in text
    assert "sourceExpression = Source" in text
    assert "partition Orders = m" in parts_of(emulator, model)[ORDERS]
    table = next(
        one
        for one in json.loads(parts_of(emulator, model, "TMSL")["model.bim"])["model"]["tables"]
        if one["name"] == "Sales"
    )
    assert table["partitions"][0]["source"] == {
        "type": "policyRange",
        "start": "2024-01-01",
        "end": "2025-01-01",
        "granularity": "year",
    }
    refresh(emulator, model, type="full", effectiveDate="2027-01-02T00:00:00Z")
    assert "partition 2024 = policyRange" not in parts_of(emulator, model)[SALES]
    assert "partition 2025 = policyRange" in parts_of(emulator, model)[SALES]


def test_a_plain_refresh_applies_the_policy_and_one_without_it_does_not(emulator: Emulator, model: str) -> None:
    refresh(emulator, model, type="full", applyRefreshPolicy=False)
    assert "policyRange" not in parts_of(emulator, model)[SALES]
    refresh(emulator, model)
    assert "policyRange" in parts_of(emulator, model)[SALES]


def test_an_imported_model_has_the_policy_too_and_loses_its_partitions_with_the_next_import(emulator: Emulator) -> None:
    schema = {
        "compatibilityLevel": 1567,
        "model": {
            "tables": [
                {
                    "name": "Sales",
                    "columns": [{"name": "Day", "dataType": "dateTime", "sourceColumn": "Day"}],
                    "refreshPolicy": {
                        "policyType": "basic",
                        "rollingWindowGranularity": "year",
                        "rollingWindowPeriods": 1,
                        "incrementalGranularity": "month",
                        "incrementalPeriods": 1,
                        "sourceExpression": "Source",
                    },
                    "partitions": [{"name": "Sales", "mode": "import", "source": {"type": "m", "expression": "1"}}],
                }
            ]
        },
    }
    url = f"/groups/{FINANCE}/imports?datasetDisplayName=Sales.pbix&nameConflict=CreateOrOverwrite"
    texts = []
    for _ in range(2):
        answer = emulator.api("POST", url, files={"file": samples.pbix(schema=schema)})
        assert answer.status_code == 202, answer.text
        emulator.advance()
        made = emulator.api("GET", f"/groups/{FINANCE}/imports/{answer.json()['id']}").json()["datasets"][0]["id"]
        texts.append(parts_of(emulator, made)[SALES])
        refresh(emulator, made)
        texts.append(parts_of(emulator, made)[SALES])
    assert ["policyRange" in text for text in texts] == [False, True, False, True]


def test_what_deletes_rows_is_refused_once_there_are_some(emulator: Emulator, model: str) -> None:
    text = MODEL[ORDERS]
    destructive = {
        "no column": {**MODEL, ORDERS: text.replace("column Amount", "column Sum").replace("[Amount]", "[Sum]")},
        "another type": {**MODEL, ORDERS: text.replace("double", "int64")},
        "no table": {
            path: part for path, part in MODEL.items() if path not in (ORDERS, "definition/roles/Reader.tmdl")
        },
        "no rows any more": {**MODEL, ORDERS: text.replace("mode: import", "mode: directQuery")},
    }
    assert update(emulator, model, destructive["another type"])["status"] == "Succeeded"
    assert update(emulator, model, MODEL)["status"] == "Succeeded"
    refresh(emulator, model, type="full", applyRefreshPolicy=False)
    assert update(emulator, model, {**MODEL, ORDERS: text.replace("SUM", "MAX")})["status"] == "Succeeded"
    for what, parts in destructive.items():
        error = update(emulator, model, parts)["error"]
        assert error["errorCode"] == "Alm_InvalidRequest_PurgeRequired", what
        assert error["message"] == f"Dataset {model} changes will cause data deletion.", what
    refresh(emulator, model, type="clearValues")
    assert update(emulator, model, destructive["no column"])["status"] == "Succeeded"


def test_the_loss_of_policy_partitions_is_refused_and_a_switch_allows_all(emulator: Emulator, model: str) -> None:
    refresh(emulator, model)
    kept = {path: part for path, part in parts_of(emulator, model).items() if path != ".platform"}
    assert update(emulator, model, kept)["status"] == "Succeeded"
    assert update(emulator, model, MODEL)["error"]["errorCode"] == "Alm_InvalidRequest_PurgeRequired"
    emulator.control("PATCH", "tenant", {"destructive_updates_refused": False})
    assert update(emulator, model, MODEL)["status"] == "Succeeded"


def test_members_of_roles_are_seen_in_definitions(emulator: Emulator, model: str) -> None:
    emulator.control("PUT", f"items/{model}/role-members", {"reader": ["megan.bowen@contoso.example"]})
    text = parts_of(emulator, model)["definition/roles/Reader.tmdl"]
    assert "\tmember megan.bowen@contoso.example\r\n" in text.replace("'", "")
    assert "tablePermission Orders = [Amount] > 0" in text
    emulator.control("PUT", f"items/{model}/role-members", {"Reader": []})
    assert "member" not in parts_of(emulator, model)["definition/roles/Reader.tmdl"]
    refused = emulator.request("PUT", f"/_emulator/items/{model}/role-members", json={"Nobody": []})
    assert refused.status_code == 400
    assert "there is no role Nobody" in refused.json()["error"]


def test_an_edit_in_the_portal_changes_the_owner(emulator: Emulator, model: str) -> None:
    emulator.control(
        "PATCH", f"items/{model}/definition", {"parts": {ORDERS: MODEL[ORDERS].replace("SUM", "MAX")}, "by": MEGAN}
    )
    assert "MAX(Orders[Amount])" in parts_of(emulator, model)[ORDERS]
    dataset = f"/groups/{FINANCE}/datasets/{model}"
    assert emulator.api("GET", dataset).json()["configuredBy"] == MEGAN
    assert update(emulator, model, MODEL)["status"] == "Succeeded"
    assert emulator.api("GET", dataset).json()["configuredBy"] != MEGAN


@pytest.mark.parametrize(
    "body", [{"parts": []}, {"parts": {"x": 1}}, {"by": "nobody@contoso.example"}, {"parts": {ORDERS: "tabel X\n"}}]
)
def test_an_edit_that_makes_no_sense_is_refused(emulator: Emulator, model: str, body: t.Any) -> None:
    refused = emulator.request("PATCH", f"/_emulator/items/{model}/definition", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]
    assert emulator.request("PATCH", "/_emulator/items/none/definition", json={}).status_code == 400


def test_an_edited_legacy_report_is_one_in_pbir(emulator: Emulator, model: str) -> None:
    reference = {"byConnection": {"connectionString": f"semanticmodelid={model}"}}
    single = {"visualType": "card", "projections": {"Values": [{"queryRef": "Orders.Total"}]}}
    visual = {"x": 1, "y": 2, "width": 3, "height": 4, "config": json.dumps({"name": "v1", "singleVisual": single})}
    legacy = {
        "definition.pbir": json.dumps({"version": "4.0", "datasetReference": reference}),
        "report.json": json.dumps({"sections": [{"name": "p1", "displayName": "One", "visualContainers": [visual]}]}),
    }
    body = {"displayName": "Sales", "type": "Report", "definition": samples.definition(legacy)}
    report = result(emulator, emulator.fabric("POST", ITEMS, json=body))["id"]
    emulator.control("PATCH", "tenant", {"report_conversion": False})
    emulator.control("PATCH", f"items/{report}/definition", {})
    assert "report.json" in parts_of(emulator, report)
    emulator.control("PATCH", "tenant", {"report_conversion": True})
    emulator.control("PATCH", f"items/{report}/definition", {})
    parts = parts_of(emulator, report)
    assert "report.json" not in parts
    assert json.loads(parts["definition/pages/pages.json"])["pageOrder"] == ["p1"]
    assert json.loads(parts["definition/pages/p1/visuals/v1/visual.json"])["visual"] == {
        "visualType": "card",
        "query": {"queryState": {"Values": {"projections": [{"queryRef": "Orders.Total"}]}}},
    }
    refused = emulator.fabric("POST", f"{ITEMS}/{report}/getDefinition?format=PBIR-Legacy")
    assert finished(emulator, refused)["status"] == "Failed"


def test_a_report_without_pages_is_converted_too() -> None:
    parts = converted({path: samples.base64_of(text) for path, text in {"report.json": "{}"}.items()})
    assert set(parts) == {"definition/version.json", "definition/report.json", "definition/pages/pages.json"}


def test_a_service_that_drops_descriptions(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"creation_drops_description": True})
    body = {
        "displayName": "Sales",
        "type": "SemanticModel",
        "definition": samples.definition(MODEL),
        "description": "gone",
    }
    made = result(emulator, emulator.fabric("POST", ITEMS, json=body))
    assert not made.get("description")
    assert emulator.fabric("PATCH", f"{ITEMS}/{made['id']}", json={"description": "here"}).json()["description"]
