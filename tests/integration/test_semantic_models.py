# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_semantic_model and powerbi_semantic_model_info on the emulator."""

from __future__ import annotations

import typing as t

import pytest

from harness import contoso
from harness.content import SAMPLE
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import FINANCE, Portal

MODEL: t.Final = {"workspace": "Finance", "semantic_model": "Sales"}
READER: t.Final = "0b1ec700-0000-4000-8000-000000000008"
SOURCE: t.Final = {"type": "SQL", "path": "warehouse-dev.example.com;sales"}


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    """With the semantic model Sales and a report on it in Finance."""
    found = Modules(fresh_emulator)
    for name in ("Sales.SemanticModel", "Sales.Report"):
        found("powerbi_item", workspace="Finance", src=str(SAMPLE / name))
    fresh_emulator.clear_requests()
    return found


@pytest.fixture
def reader(modules: Modules, fresh_emulator: Emulator) -> Modules:
    """Another app, which is a contributor of Finance."""
    megan = {"username": contoso.MEGAN["upn"], "password": contoso.MEGAN["password"], "auth_method": "password"}
    principal = {"principal": READER, "type": "service_principal", "role": "contributor"}
    admin = Modules(fresh_emulator, **contoso.identity(contoso.PUBLIC_APP, **megan))
    admin("powerbi_workspace_access", workspace="Finance", principals=[principal])
    return Modules(fresh_emulator, **contoso.identity(contoso.READER))


def connect(emulator: Emulator, model: str, *, user: str | None = None) -> str:
    """Bind the data source of the model to a new connection, which ``user`` (an object id) may use as well."""
    portal = Portal(emulator)
    details = {"type": "SQL", "creationMethod": "SQL", "parameters": parameters_of(SOURCE["path"])}
    credentials = {"credentialType": "Basic", "username": "u", "password": "p" * 12}
    body = {
        "connectivityType": "ShareableCloud",
        "displayName": "Warehouse",
        "connectionDetails": details,
        "privacyLevel": "Organizational",
        "credentialDetails": {
            "singleSignOnType": "None",
            "connectionEncryption": "NotEncrypted",
            "skipTestConnection": False,
            "credentials": credentials,
        },
    }
    connection: str = portal.call("POST", "/v1/connections", json=body)["id"]
    if user is not None:
        role = {"principal": {"id": user, "type": "ServicePrincipal"}, "role": "User"}
        portal.call("POST", f"/v1/connections/{connection}/roleAssignments", json=role)
    binding = {"id": connection, "connectivityType": "ShareableCloud", "connectionDetails": SOURCE}
    portal.call("POST", f"/semanticModels/{model}/bindConnection", json={"connectionBinding": binding})
    return connection


def parameters_of(path: str) -> list[dict[str, str]]:
    server, database = path.split(";")
    values = {"server": server, "database": database}
    return [{"dataType": "Text", "name": name, "value": value} for name, value in values.items()]


def bound_to(emulator: Emulator, model: str) -> list[str]:
    return [one.get("id", "") for one in Portal(emulator).call("GET", f"/items/{model}/connections")["value"]]


def test_another_owner_takes_it_over_with_its_connections(
    modules: Modules, reader: Modules, fresh_emulator: Emulator
) -> None:
    model = Portal(fresh_emulator).item("Sales.SemanticModel")["id"]
    connection = connect(fresh_emulator, model, user=READER)
    refused = reader.fail("powerbi_semantic_model", **MODEL, parameters={"Database": "eu"})
    assert refused["error"]["option"] == "take_over"
    assert "only the owner can change parameters" in refused["msg"]
    options = {**MODEL, "take_over": True, "parameters": {"Database": "eu"}}
    planned = reader("powerbi_semantic_model", check=True, **options)
    fresh_emulator.clear_requests()
    done = reader("powerbi_semantic_model", **options)
    assert (planned["changed"], planned["semantic_model"]) == (True, done["semantic_model"])
    assert planned["diff"] == done["diff"]
    assert "warnings" not in done
    assert done["semantic_model"]["owner"] == READER
    writes = [entry["path"].rpartition("/")[2] for entry in fresh_emulator.requests(r"/v1", "POST")]
    assert writes == ["Default.TakeOver", "bindConnection", "Default.UpdateParameters"]
    assert not reader("powerbi_semantic_model", **options)["changed"]
    assert connection not in bound_to(fresh_emulator, model)  # the new database has another path
    modules("powerbi_semantic_model", **MODEL, take_over=True, parameters={"Database": "sales"})
    assert modules("powerbi_semantic_model", **MODEL)["semantic_model"]["owner"] != READER


def test_a_connection_that_the_new_owner_can_not_use_is_a_warning(
    modules: Modules, reader: Modules, fresh_emulator: Emulator
) -> None:
    model = Portal(fresh_emulator).item("Sales.SemanticModel")["id"]
    connection = connect(fresh_emulator, model)
    for check in (True, False):
        result = reader("powerbi_semantic_model", check=check, **MODEL, take_over=True)
        [warning] = result["warnings"]
        assert f"connection {connection}" in warning
    assert bound_to(fresh_emulator, model) == [""]
    assert modules("powerbi_semantic_model", **MODEL)["changed"] is False


def test_a_model_in_use_is_deleted_only_if_that_is_allowed(modules: Modules, fresh_emulator: Emulator) -> None:
    refused = modules.fail("powerbi_semantic_model", **MODEL, state="absent")
    assert refused["error"]["option"] == "allow_data_loss"
    assert "Sales.Report" in refused["msg"]
    portal = Portal(fresh_emulator)
    assert "Sales.SemanticModel" in portal.names()
    result = modules("powerbi_semantic_model", **MODEL, state="absent", allow_data_loss=True)
    assert (result["changed"], len(result["changes"])) == (True, 2)
    assert portal.names() == []


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"semantic_model": "None such"}, "semantic_model"),
        ({"semantic_model": ""}, "semantic_model"),
        ({"workspace": "None such"}, "workspace"),
        ({"parameters": {"Nothing": 1}}, "parameters"),
        ({"parameters": {"Server": True}}, "parameters"),
        ({"query_scale_out": {"max_replicas": 100}}, "query_scale_out"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
@pytest.mark.parametrize("check", [False, True])
def test_errors_in_options_are_found_first(
    modules: Modules, fresh_emulator: Emulator, options: dict[str, t.Any], option: str, check: bool
) -> None:
    result = modules.fail("powerbi_semantic_model", check=check, **{**MODEL, **options})
    assert (result["changed"], result["error"]["option"]) == (False, option)
    assert Portal(fresh_emulator).writes() == []


def test_what_the_service_refuses_has_its_cause(modules: Modules, fresh_emulator: Emulator) -> None:
    text = "Dataset parameter at position 1 is invalid in 7. Reason: ActionNotSupported"
    body = {"error": {"code": "InvalidRequest", "message": text}}
    fresh_emulator.fault(path=r"UpdateParameters$", status=400, body=body, times=1)
    result = modules.fail("powerbi_semantic_model", **MODEL, parameters={"Server": "x"})
    assert "XMLA" in result["error"]["why"]
    assert result["semantic_model"]["parameters"]["Server"] == "warehouse-dev.example.com"


def test_a_model_of_which_there_are_two(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.fault(
        path=rf"/groups/{FINANCE}/datasets$",
        method=["GET"],
        status=200,
        body={"value": [{"id": f"5a1e0000-0000-4000-8000-00000000000{n}", "name": "Sales"} for n in (1, 2)]},
    )
    result = modules.fail("powerbi_semantic_model", **MODEL)
    assert "2 semantic models are called 'Sales'" in result["msg"]
    assert "5a1e0000-0000-4000-8000-000000000002" in result["msg"]


def test_info_lists_all_models_or_one(modules: Modules, fresh_emulator: Emulator) -> None:
    modules("powerbi_item", workspace="Finance", name="Another", src=str(SAMPLE / "Sales.SemanticModel"))
    fresh_emulator.clear_requests()
    found = modules("powerbi_semantic_model_info", workspace="finance")["semantic_models"]
    assert [(one["name"], one["storage_format"], one["refreshable"]) for one in found] == [
        ("Another", "small", True),
        ("Sales", "small", True),
    ]
    assert "parameters" not in found[0]
    assert len(fresh_emulator.requests("/v1.0/myorg/")) == 2
    assert modules("powerbi_semantic_model_info", workspace="Finance", semantic_model="None")["semantic_models"] == []
    assert modules.fail("powerbi_semantic_model_info", workspace="Finance", semantic_model=" ")["error"]["option"] == (
        "semantic_model"
    )


def test_info_with_details(modules: Modules) -> None:
    before = modules("powerbi_semantic_model_info", **MODEL, details=True)["semantic_models"][0]
    assert before["last_refresh"] == {}
    refresh = modules("powerbi_refresh", **MODEL)["refresh"]
    modules("powerbi_semantic_model", **MODEL, storage_format="large", query_scale_out={"max_replicas": 3})
    [found] = modules("powerbi_semantic_model_info", **MODEL, details=True)["semantic_models"]
    assert found["last_refresh"] == {key: refresh[key] for key in ("id", "status", "started", "ended")}
    assert (found["storage_format"], found["query_scale_out"]) == ("large", {"max_replicas": 3, "auto_sync": True})
    assert {one["name"]: (one["type"], one["required"], one["value"]) for one in found["parameters"]} == {
        "Server": ("Text", True, "warehouse-dev.example.com"),
        "Database": ("Text", True, "sales"),
    }
    [source] = found["data_sources"]
    assert (source["type"], source["connection_details"]["database"]) == ("Sql", "sales")


def test_info_warns_of_what_the_service_does_not_list(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.fault(path=r"/parameters$", status=400, body={"error": {"code": "InvalidRequest"}})
    result = modules("powerbi_semantic_model_info", **MODEL, details=True)
    [warning] = result["warnings"]
    assert "the parameters of the semantic model Sales are not listed" in warning
    assert result["semantic_models"][0]["parameters"] == []
    assert result["semantic_models"][0]["data_sources"]
