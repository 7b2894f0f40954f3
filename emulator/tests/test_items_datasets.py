# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: datasets, their parameters, sources, permissions, queries; the same items that Fabric shows."""

from __future__ import annotations

import typing as t

import pytest
import requests

import samples
from conftest import DEPLOYER, MEGAN, MEGANS_PASSWORD, PUBLIC, Emulator

SALES = "f01de400-0000-4000-8000-000000000001"
F64 = "ca900000-0000-4000-8000-00000000000f"
DEPLOYER_APP = "0b1ec700-0000-4000-8000-000000000001"
ALEX = "alex.wilber@contoso.onmicrosoft.com"
FINANCE = "f01de400-0000-4000-8000-000000000002"
DATASOURCE = "da7a0000-0000-4000-8000-000000000001"
GATEWAY = "9a7e0000-0000-4000-8000-000000000001"


def made_model(emulator: Emulator, workspace: str = SALES) -> str:
    """A semantic model by definition; the path of its dataset."""
    emulator.control("PATCH", "tenant", {"long_running": False, "definition_rewrite": False})
    body = {"displayName": "Orders", "definition": samples.definition(samples.MODEL)}
    made = emulator.fabric("POST", f"/workspaces/{workspace}/semanticModels", json=body)
    return f"/groups/{workspace}/datasets/{made.json()['id']}"


@pytest.fixture
def model(emulator: Emulator) -> str:
    return made_model(emulator)


def megan(emulator: Emulator) -> str:
    return emulator.token(
        client_id=PUBLIC, client_secret=None, grant_type="password", username=MEGAN, password=MEGANS_PASSWORD
    )


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-PowerBI-Error-Info", "")


def parameters(emulator: Emulator, model: str) -> dict[str, t.Any]:
    return {one["name"]: one for one in emulator.api("GET", f"{model}/parameters").json()["value"]}


def test_dataset_of_a_definition(emulator: Emulator, model: str) -> None:
    shown = emulator.api("GET", model).json()
    assert (shown["name"], shown["configuredBy"]) == ("Orders", DEPLOYER_APP)
    assert (shown["isRefreshable"], shown["isOnPremGatewayRequired"], shown["targetStorageMode"]) == (
        True,
        False,
        "Abf",
    )
    [listed] = emulator.api("GET", f"/groups/{SALES}/datasets").json()["value"]
    assert listed["id"] == shown["id"] == model.rpartition("/")[2]
    assert emulator.api("DELETE", model).status_code == 200
    assert code(emulator.api("GET", model)) == (404, "PowerBIEntityNotFound")
    assert emulator.fabric("GET", f"/workspaces/{SALES}/items").json()["value"] == []


def test_parameters_and_their_update(emulator: Emulator, model: str) -> None:
    assert parameters(emulator, model) == {
        "Server": {"name": "Server", "type": "Text", "isRequired": True, "currentValue": "sql.contoso.example"},
        "Rows": {"name": "Rows", "type": "Number", "isRequired": False, "currentValue": "100"},
    }
    body = {"updateDetails": [{"name": "Server", "newValue": 'sql"2'}, {"name": "Rows", "newValue": "7"}]}
    answer = emulator.api("POST", f"{model}/Default.UpdateParameters", json=body)
    assert (answer.status_code, answer.content) == (200, b"")
    assert [one["currentValue"] for one in parameters(emulator, model).values()] == ['sql"2', "7"]
    path = f"/workspaces/{SALES}/items/{model.rpartition('/')[2]}/getDefinition"
    text = samples.decoded(emulator.fabric("POST", path).json())["definition/expressions.tmdl"]
    assert 'expression Server = "sql""2" meta [IsParameterQuery=true' in text


@pytest.mark.parametrize(
    "change",
    [
        {"name": "server", "newValue": "x"},
        {"name": "Rows", "newValue": "many"},
        {"name": "Rows", "newValue": 7},
        {"name": "Rows"},
        {"name": "Server", "newValue": "once more"},
        {"name": "Server", "newValue": ""},
    ],
)
def test_parameter_updates_refused_change_nothing(emulator: Emulator, model: str, change: dict[str, t.Any]) -> None:
    body = {"updateDetails": [{"name": "Server", "newValue": "other"}, change]}
    assert emulator.api("POST", f"{model}/Default.UpdateParameters", json=body).status_code == 400
    assert parameters(emulator, model)["Server"]["currentValue"] == "sql.contoso.example"


def test_only_the_owner_changes_parameters(emulator: Emulator, model: str) -> None:
    token = megan(emulator)
    body = {"updateDetails": [{"name": "Rows", "newValue": "7"}]}
    path = f"{model}/Default.UpdateParameters"
    assert code(emulator.api("POST", path, token, json=body)) == (403, "PowerBINotAuthorizedException")
    assert emulator.api("POST", f"{model}/Default.TakeOver", token).status_code == 200
    assert emulator.api("GET", model).json()["configuredBy"] == MEGAN
    assert emulator.api("POST", path, token, json=body).status_code == 200
    assert code(emulator.api("POST", path, json=body)) == (403, "PowerBINotAuthorizedException")


def test_a_refused_parameter_is_named_by_its_position(emulator: Emulator, model: str) -> None:
    body = {"updateDetails": [{"name": "Server", "newValue": "other"}, {"name": "Nothing", "newValue": "x"}]}
    error = emulator.api("POST", f"{model}/Default.UpdateParameters", json=body).json()["error"]
    assert error["code"] == "InvalidRequest"
    assert error["message"].startswith("Dataset parameter at position 2 is invalid in ")


@pytest.mark.parametrize("drops", [True, False])
def test_take_over_by_another_drops_the_bindings(emulator: Emulator, model: str, drops: bool) -> None:
    emulator.control("PATCH", "tenant", {"take_over_drops_bindings": drops})
    body = {"gatewayObjectId": GATEWAY, "datasourceObjectIds": [DATASOURCE]}
    assert emulator.api("POST", f"{model}/Default.BindToGateway", json=body).status_code == 200
    bound = f"{model}/Default.GetBoundGatewayDatasources"
    assert emulator.api("POST", f"{model}/Default.TakeOver").status_code == 200
    assert len(emulator.api("GET", bound).json()["value"]) == 1  # by its own owner
    assert emulator.api("POST", f"{model}/Default.TakeOver", megan(emulator)).status_code == 200
    assert len(emulator.api("GET", bound).json()["value"]) == (0 if drops else 1)


@pytest.mark.parametrize(
    ("workspace", "mode", "refused"), [(SALES, "Abf", True), (FINANCE, "Abf", True), (FINANCE, "PremiumFiles", False)]
)
def test_replicas_need_a_capacity_and_the_large_format(
    emulator: Emulator, workspace: str, mode: str, refused: bool
) -> None:
    model = made_model(emulator, workspace)
    body = {"targetStorageMode": mode, "queryScaleOutSettings": {"maxReadOnlyReplicas": -1}}
    assert emulator.api("PATCH", model, json=body).status_code == (400 if refused else 200)
    shown = emulator.api("GET", model).json()
    assert shown["queryScaleOutSettings"]["maxReadOnlyReplicas"] == (0 if refused else -1)


@pytest.mark.parametrize("scale_out", [7, {"maxReadOnlyReplicas": True}, {"autoSyncReadOnlyReplicas": "yes"}])
def test_scale_out_of_other_types_is_refused(emulator: Emulator, model: str, scale_out: t.Any) -> None:
    assert code(emulator.api("PATCH", model, json={"queryScaleOutSettings": scale_out})) == (400, "InvalidRequest")


def test_data_sources(emulator: Emulator, model: str) -> None:
    [source] = emulator.api("GET", f"{model}/datasources").json()["value"]
    assert source["datasourceType"] == "Sql"
    assert source["connectionDetails"] == {"server": "sql.contoso.example", "database": "Sales"}
    assert {"gatewayId", "datasourceId"} <= set(source)
    body = {"updateDetails": [{"connectionDetails": {"server": "other"}}]}
    parameterized = emulator.api("POST", f"{model}/Default.UpdateDatasources", json=body)
    assert code(parameterized) == (400, "InvalidRequest")


def test_data_sources_written_out_and_a_gateway(emulator: Emulator, model: str) -> None:
    table = samples.MODEL["definition/tables/Orders.tmdl"].replace(
        "Sql.Database(Server,", 'Sql.Database("sql00.contoso.example",'
    )
    body = {"definition": samples.definition({**samples.MODEL, "definition/tables/Orders.tmdl": table})}
    item = model.rpartition("/")[2]
    assert emulator.fabric("POST", f"/workspaces/{SALES}/items/{item}/updateDefinition", json=body).ok
    assert emulator.api("GET", f"{model}/Default.DiscoverGateways").json()["value"] == []
    change = {
        "datasourceSelector": {
            "datasourceType": "Sql",
            "connectionDetails": {"server": "sql00.contoso.example", "database": "Sales"},
        },
        "connectionDetails": {"server": "sql01.contoso.example", "database": "Sales"},
    }
    assert emulator.api("POST", f"{model}/Default.UpdateDatasources", json={"updateDetails": [change]}).ok
    [source] = emulator.api("GET", f"{model}/datasources").json()["value"]
    assert source["connectionDetails"]["server"] == "sql01.contoso.example"
    [gateway] = emulator.api("GET", f"{model}/Default.DiscoverGateways").json()["value"]
    assert gateway["id"] == GATEWAY
    assert emulator.api("POST", f"{model}/Default.BindToGateway", json={"gatewayObjectId": GATEWAY}).status_code == 200
    [bound] = emulator.api("GET", f"{model}/Default.GetBoundGatewayDatasources").json()["value"]
    [source] = emulator.api("GET", f"{model}/datasources").json()["value"]
    assert (source["gatewayId"], source["datasourceId"]) == (GATEWAY, bound["id"])
    wrong = {"gatewayObjectId": GATEWAY, "datasourceObjectIds": [SALES]}
    assert emulator.api("POST", f"{model}/Default.BindToGateway", json=wrong).status_code == 400


def test_bind_connection(emulator: Emulator, model: str) -> None:
    item = f"/workspaces/{SALES}/semanticModels/{model.rpartition('/')[2]}"
    details = {"type": "SQL", "path": "sql.contoso.example;Sales"}
    [unbound] = emulator.fabric("GET", f"{item}/connections").json()["value"]
    assert unbound == {"connectivityType": "None", "connectionDetails": details}
    request = {
        "connectivityType": "ShareableCloud",
        "displayName": "Orders database",
        "connectionDetails": {
            "type": "SQL",
            "creationMethod": "SQL",
            "parameters": [
                {"dataType": "Text", "name": "server", "value": "sql.contoso.example"},
                {"dataType": "Text", "name": "database", "value": "Sales"},
            ],
        },
        "credentialDetails": {"credentials": {"credentialType": "Basic", "username": "u", "password": "p"}},
    }
    connection = emulator.fabric("POST", "/connections", json=request).json()["id"]
    binding = {"id": connection, "connectivityType": "ShareableCloud", "connectionDetails": details}
    assert emulator.fabric("POST", f"{item}/bindConnection", json={"connectionBinding": binding}).status_code == 200
    [bound] = emulator.fabric("GET", f"{item}/connections").json()["value"]
    assert (bound["id"], bound["displayName"]) == (connection, "Orders database")
    elsewhere = {**binding, "connectionDetails": {"type": "SQL", "path": "x;y"}}
    refused = emulator.fabric("POST", f"{item}/bindConnection", json={"connectionBinding": elsewhere})
    assert refused.json()["errorCode"] == "InvalidRequest"
    token = megan(emulator)
    stranger = emulator.fabric("POST", f"{item}/bindConnection", token, json={"connectionBinding": binding})
    assert stranger.status_code == 403
    nothing = {"connectivityType": "None", "connectionDetails": details}
    assert emulator.fabric("POST", f"{item}/bindConnection", json={"connectionBinding": nothing}).status_code == 200
    assert emulator.fabric("GET", f"{item}/connections").json()["value"] == [unbound]


def test_permissions(emulator: Emulator, model: str) -> None:
    users = f"{model}/users"
    rights = {one["identifier"]: one for one in emulator.api("GET", users).json()["value"]}
    assert rights[MEGAN]["datasetUserAccessRight"] == "ReadWriteReshareExplore"
    body = {"identifier": ALEX, "principalType": "User", "datasetUserAccessRight": "ReadExplore"}
    assert emulator.api("POST", users, json=body).status_code == 200
    assert emulator.api("PUT", users, json={**body, "datasetUserAccessRight": "Read"}).status_code == 200
    rights = {one["identifier"]: one for one in emulator.api("GET", users).json()["value"]}
    assert rights[ALEX]["datasetUserAccessRight"] == "Read"
    assert emulator.api("PUT", users, json={**body, "datasetUserAccessRight": "None"}).status_code == 200
    assert ALEX not in {one["identifier"] for one in emulator.api("GET", users).json()["value"]}
    app = {"identifier": DEPLOYER_APP, "principalType": "App", "datasetUserAccessRight": "Read"}
    for wrong in (app, {**body, "datasetUserAccessRight": "ReadWrite"}, {**body, "identifier": DEPLOYER}):
        assert emulator.api("POST", users, json=wrong).status_code == 400


def test_storage_mode_needs_a_capacity(emulator: Emulator, model: str) -> None:
    large = {"targetStorageMode": "PremiumFiles", "queryScaleOutSettings": {"maxReadOnlyReplicas": -1}}
    assert code(emulator.api("PATCH", model, json=large)) == (400, "InvalidRequest")
    assert emulator.api("POST", f"/groups/{SALES}/AssignToCapacity", json={"capacityId": F64}).ok
    assert emulator.api("PATCH", model, json=large).status_code == 200
    shown = emulator.api("GET", model).json()
    assert (shown["targetStorageMode"], shown["queryScaleOutSettings"]["maxReadOnlyReplicas"]) == ("PremiumFiles", -1)


# queries


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ('EVALUATE ROW("One", 1, "Text", "a""b", "Yes", TRUE())', [{"[One]": 1, "[Text]": 'a"b', "[Yes]": True}]),
        ("EVALUATE 'Orders'", []),
    ],
)
def test_queries(emulator: Emulator, model: str, query: str, rows: list[dict[str, t.Any]]) -> None:
    answer = emulator.api("POST", f"{model}/executeQueries", json={"queries": [{"query": query}]})
    assert answer.json()["results"][0]["tables"][0]["rows"] == rows


def test_a_wrong_query(emulator: Emulator, model: str) -> None:
    answer = emulator.api("POST", f"{model}/executeQueries", json={"queries": [{"query": "EVALUATE Nothing"}]})
    assert code(answer) == (400, "DatasetExecuteQueriesError")
    assert answer.json()["error"]["pbi.error"]["details"][0]["detail"]["value"] == "Cannot find table 'Nothing'."
