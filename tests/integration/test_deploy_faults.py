# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes whose responses are errors, get lost or are wrong: a deployment ends with exactly the right items, no duplicates."""

from __future__ import annotations

import json
import random
import shutil
import typing as t
import uuid
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.modules import Modules
from harness.portal import FINANCE, Portal

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
SEEDS: t.Final = range(20)
# In these, each write of WRITES meets each of ANSWERS.
BRIEF_SEEDS: t.Final = (0, 6, 9, 13)
ORDERS: t.Final = "Sales.SemanticModel/definition/tables/Orders.tmdl"

# The writes of a deployment: method and path.
WRITES: t.Final = {
    "create": ("POST", r"/items$"),
    "content": ("POST", r"/updateDefinition$"),
    "describe": ("PATCH", r"/items/[^/]+$"),
    "move": ("POST", r"/move$"),
    "folder": ("POST", r"/folders$"),
    "import": ("POST", r"/imports$"),
    "rebind": ("POST", r"/Rebind$"),
    "delete": ("DELETE", r"/items/[^/]+$"),
}
# What may become of one: refused unseen, failed before or after it was done, or done without an answer.
ANSWERS: t.Final[list[dict[str, t.Any]]] = [
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 500},
    {"status": 500, "acted": True},
    {"reset": "after"},
]


def item(folder: Path, source: str, name: str) -> Path:
    """A copy of an item of the sample, as another item."""
    made = Path(shutil.copytree(SAMPLE / source, folder / f"{name}{Path(source).suffix}"))
    platform = json.loads((made / ".platform").read_text())
    platform["metadata"]["displayName"] = name
    platform["config"]["logicalId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}/{name}"))
    (made / ".platform").write_text(json.dumps(platform))
    return made


def first_state(content: Path) -> None:
    shutil.copytree(SAMPLE, content)
    item(content, "Invoice.PaginatedReport", "Old")
    item(content, "Invoice.PaginatedReport", "Renamed before")
    pbix(content / "Golden.pbix")
    pbix(content / "Rebound.pbix")


def second_state(content: Path) -> None:
    """Each kind of write: creations, an edit, a rename, a move, folders, files new and changed, a deletion."""
    orders = content / ORDERS
    orders.write_text(orders.read_text().replace("Orders[Quantity] * Orders[Price]", "Orders[Price]"))
    shutil.rmtree(content / "Old.PaginatedReport")
    platform = content / "Renamed before.PaginatedReport" / ".platform"
    platform.write_text(platform.read_text().replace("Renamed before", "Renamed"))
    (content / "Monthly" / "Europe").mkdir(parents=True)
    shutil.move(content / "Invoice.PaginatedReport", content / "Monthly")
    for number in range(3):
        item(content / "Monthly", "Sales.SemanticModel", f"New {number}")
        report = item(content / "Monthly", "Sales.Report", f"New {number}")
        pbir = report / "definition.pbir"
        pbir.write_text(pbir.read_text().replace("../Sales.SemanticModel", f"../New {number}.SemanticModel"))
    pbix(content / "Rebound.pbix", page="Another")
    pbix(content / "Monthly" / "Fresh.pbix")
    rdl(content / "Monthly" / "Europe" / "Orders.rdl")


NAMES: t.Final = sorted(
    [
        *(f"{name}.{kind}" for name in ("Golden", "Rebound", "Fresh", "Sales") for kind in ("Report", "SemanticModel")),
        *(f"New {number}.{kind}" for number in range(3) for kind in ("Report", "SemanticModel")),
        *(f"{name}.PaginatedReport" for name in ("Invoice", "Renamed", "Orders")),
    ]
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[] if seed in BRIEF_SEEDS else pytest.mark.more) for seed in SEEDS]
)
def test_lost_responses_create_no_duplicates(fresh_emulator: Emulator, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    modules, portal = Modules(fresh_emulator, retry_timeout=60), Portal(fresh_emulator)
    content = tmp_path / "content"
    options = {"workspace": "Finance", "src": str(content), "prune": "deployed"}
    first_state(content)
    modules("powerbi_deploy", **options)
    rebound, golden = portal.item("Rebound.Report")["id"], portal.item("Golden.SemanticModel")["id"]
    reports = f"/v1.0/myorg/groups/{FINANCE}/reports"
    portal.call("POST", f"{reports}/{rebound}/Rebind", json={"datasetId": golden})
    second_state(content)
    fresh_emulator.tenant(import_time=0.3, operation_time=0.1)
    for method, path in WRITES.values():
        for number in range(4):
            answer = chance.choice(ANSWERS)
            fresh_emulator.fault(method=method, path=path, skip=2 * number + chance.randrange(2), times=1, **answer)
    result = modules("powerbi_deploy", **options, on_error="continue")
    assert any(entry.get("fault") for entry in fresh_emulator.requests()), "something was to go wrong"
    fresh_emulator.clear_faults()
    assert result["failed_items"] == [] and portal.names() == NAMES
    bound = {one["name"]: one.get("datasetId") for one in portal.call("GET", reports)["value"]}
    assert bound["Rebound"] == golden
    assert bound["New 1"] == portal.item("New 1.SemanticModel")["id"]
    fresh_emulator.clear_requests()
    assert not modules("powerbi_deploy", **options)["changed"]
    assert portal.writes() == []


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "answer",
    [pytest.param(ANSWERS[0], id="429", marks=pytest.mark.more), pytest.param(ANSWERS[1], id="500")],
)
def test_each_write_that_fails_is_reported_and_the_next_run_ends_right(
    fresh_emulator: Emulator, tmp_path: Path, write: str, answer: dict[str, t.Any]
) -> None:
    """A service that never responds to such a write as it should: the run fails, lists what is done, and can be repeated."""
    modules, portal = Modules(fresh_emulator, retry_timeout=2), Portal(fresh_emulator)
    content = tmp_path / "content"
    options = {"workspace": "Finance", "src": str(content), "prune": "deployed", "on_error": "continue"}
    first_state(content)
    modules("powerbi_deploy", **options)
    golden = portal.item("Golden.SemanticModel")["id"]
    reports = f"/v1.0/myorg/groups/{FINANCE}/reports"
    portal.call("POST", f"{reports}/{portal.item('Rebound.Report')['id']}/Rebind", json={"datasetId": golden})
    second_state(content)
    method, path = WRITES[write]
    fresh_emulator.fault(method=method, path=path, **{**answer, "headers": {}})
    result = modules.fail("powerbi_deploy", **options)
    assert result["failed_items"] and result["error"]["remedy"]
    outcome = [entry["item"] for entry in result["failed_items"]] + result["skipped_items"]
    done = result["created"] + result["updated"] + result["deleted"]
    assert not set(outcome) & set(done)
    fresh_emulator.clear_faults()
    modules("powerbi_deploy", **options)
    assert portal.names() == NAMES
    assert not modules("powerbi_deploy", **options)["changed"]
