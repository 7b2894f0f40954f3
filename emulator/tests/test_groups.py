# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI's workspaces, and how its API refuses tokens."""

from __future__ import annotations

import json
import typing as t

import jwt
import pytest

from conftest import FABRIKAM, MEGAN, MEGANS_PASSWORD, PUBLIC, READER, READER_SECRET, Emulator
from powerbi_emulator.keys import make_certified_key
from swagger import check_answer

SALES = "f01de400-0000-4000-8000-000000000001"
FINANCE = "f01de400-0000-4000-8000-000000000002"
BOARD = "f01de400-0000-4000-8000-000000000003"
NOWHERE = "f01de400-0000-4000-8000-00000000ffff"
PATH = "/v1.0/myorg/groups"


def user_token(emulator: Emulator, upn: str = MEGAN, password: str = MEGANS_PASSWORD) -> str:
    form: dict[str, str | None] = {"grant_type": "password", "username": upn, "password": password}
    return emulator.token(**form, client_id=PUBLIC, client_secret=None)


def names(emulator: Emulator, query: dict[str, str] | None = None, token: str | None = None) -> list[str]:
    response = emulator.api("GET", "/groups", token, params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["@odata.count"] == len(body["value"])
    return [group["name"] for group in body["value"]]


# the list


def test_list_shows_the_callers_own_workspaces(emulator: Emulator) -> None:
    response = emulator.api("GET", "/groups")
    check_answer(response, "GET", PATH)
    assert [group["name"] for group in response.json()["value"]] == ["Sales", "Finance"]
    assert response.json()["@odata.context"].endswith("/v1.0/myorg/$metadata#groups")
    assert response.headers["Content-Type"] == "application/json; odata.metadata=minimal; odata.streaming=true"
    assert response.headers["RequestId"]
    assert names(emulator, token=user_token(emulator)) == ["Sales", "Finance", "Board"]
    assert names(emulator, token=emulator.token(client_id=READER, client_secret=READER_SECRET)) == ["Sales"]


def test_capacity_id_is_in_upper_case(emulator: Emulator) -> None:
    sales, finance = emulator.api("GET", "/groups").json()["value"]
    assert (finance["isOnDedicatedCapacity"], finance["capacityId"]) == (True, "CA900000-0000-4000-8000-00000000000F")
    assert finance["defaultDatasetStorageFormat"] == "Large"
    assert sales["isOnDedicatedCapacity"] is False
    assert not {"capacityId", "defaultDatasetStorageFormat"} & set(sales)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name eq 'Sales'", ["Sales"]),
        ("name eq 'sales'", []),
        ("tolower(name) eq 'sales'", ["Sales"]),
        ("contains(name,'an')", ["Finance"]),
        (f"id eq '{FINANCE.upper()}'", ["Finance"]),
        ("name eq 'O''Neill'", []),
        ("isOnDedicatedCapacity eq true and contains(name, 'F')", ["Finance"]),
        ("startswith(name,'S') or endswith(name,'nce')", ["Sales", "Finance"]),
        ("not (name eq 'Sales')", ["Finance"]),
    ],
)
def test_filter(emulator: Emulator, expression: str, expected: list[str]) -> None:
    assert names(emulator, {"$filter": expression}) == expected


@pytest.mark.parametrize(
    "expression", ["name eq", "name is 'x'", "contains(name)", "name eq 'x' name", "=", "(name eq 'x'"]
)
def test_filter_that_cannot_be_read(emulator: Emulator, expression: str) -> None:
    response = emulator.api("GET", "/groups", params={"$filter": expression})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "InvalidRequest")


def test_pages(emulator: Emulator) -> None:
    assert names(emulator, {"$top": "1"}) == ["Sales"]
    assert names(emulator, {"$top": "1", "$skip": "1"}) == ["Finance"]
    assert names(emulator, {"$skip": "2"}) == []
    emulator.control("PATCH", "tenant", {"page_size": 1})
    assert names(emulator, {"$top": "100"}) == ["Sales"]
    assert emulator.api("GET", "/groups", params={"$top": "x"}).status_code == 400


# one workspace


def test_create_answers_flat_and_makes_the_caller_admin(emulator: Emulator) -> None:
    response = emulator.api("POST", "/groups?workspaceV2=true", json={"name": "O'Neill"})
    check_answer(response, "POST", PATH)
    body = response.json()
    assert body["name"] == "O'Neill"
    assert body["@odata.context"].endswith("$metadata#groups/$entity")
    assert names(emulator, {"$filter": "name eq 'O''Neill'"}) == ["O'Neill"]
    assert emulator.api("DELETE", f"/groups/{body['id']}").status_code == 200


def test_names_are_unique_even_where_the_caller_cannot_read(emulator: Emulator) -> None:
    for name in ("sales", "Board"):
        response = emulator.api("POST", "/groups", json={"name": name})
        error = {"code": "PowerBIEntityAlreadyExists", "parameters": {}, "details": []}
        assert (response.status_code, response.json()["error"]["pbi.error"]) == (400, error)


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": 1}, {"name": "x" * 257}, [], None])
def test_create_refuses(emulator: Emulator, body: t.Any) -> None:
    assert emulator.api("POST", "/groups", data=json.dumps(body)).status_code == 400


def test_get_update_delete(emulator: Emulator) -> None:
    response = emulator.api("GET", f"/groups/{SALES.upper()}")
    check_answer(response, "GET", f"{PATH}/{{groupId}}")
    assert (response.json()["id"], response.json()["name"]) == (SALES, "Sales")
    renamed = emulator.api("PATCH", f"/groups/{SALES}", json={"name": "Sales EMEA"})
    check_answer(renamed, "PATCH", f"{PATH}/{{groupId}}")
    assert names(emulator) == ["Sales EMEA", "Finance"]
    deleted = emulator.api("DELETE", f"/groups/{SALES}")
    check_answer(deleted, "DELETE", f"{PATH}/{{groupId}}")
    assert "content-type" not in deleted.headers
    assert names(emulator) == ["Finance"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "Finance"}, 400),
        ({"defaultDatasetStorageFormat": "Large"}, 400),  # in shared capacity only the name can change
        ({"defaultDatasetStorageFormat": "Huge"}, 400),
        ({"name": "Sales"}, 200),
    ],
)
def test_update_refuses(emulator: Emulator, body: dict[str, str], status: int) -> None:
    assert emulator.api("PATCH", f"/groups/{SALES}", json=body).status_code == status


def test_storage_on_a_dedicated_capacity(emulator: Emulator) -> None:
    token = user_token(emulator)
    body = {"defaultDatasetStorageFormat": "Small"}
    assert emulator.api("PATCH", f"/groups/{FINANCE}", token, json=body).status_code == 200
    assert emulator.api("GET", f"/groups/{FINANCE}", token).json()["defaultDatasetStorageFormat"] == "Small"


# access


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_workspace_that_does_not_exist(emulator: Emulator, method: str) -> None:
    for group_id in (NOWHERE, "nonsense"):
        response = emulator.api(method, f"/groups/{group_id}", json={"name": "x"})
        assert (response.status_code, response.json()["error"]["code"]) == (404, "PowerBIFolderNotFound")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_workspace_of_others(emulator: Emulator, method: str) -> None:
    response = emulator.api(method, f"/groups/{BOARD}", json={"name": "x"})
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["X-PowerBI-Error-Info"] == "GroupNotAccessible"


def test_role_that_is_too_weak(emulator: Emulator) -> None:
    token = emulator.token(client_id=READER, client_secret=READER_SECRET)
    assert emulator.api("GET", f"/groups/{SALES}", token).status_code == 200
    response = emulator.api("DELETE", f"/groups/{SALES}", token)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "PowerBINotAuthorizedException")


# tokens


def resigned(emulator: Emulator, **change: t.Any) -> str:
    """The deployer's token with other claims, signed by the emulator's own key."""
    key = (emulator.directory / "keys" / "entra-signing.pem").read_bytes()
    claims = jwt.decode(emulator.token(), options={"verify_signature": False})
    return jwt.encode({**claims, **change}, key, "RS256")


def test_no_token(emulator: Emulator) -> None:
    response = emulator.request("GET", PATH)
    assert (response.status_code, response.content) == (403, b"")
    assert "X-PowerBI-Error-Info" not in response.headers


@pytest.mark.parametrize("kind", ["garbage", "foreign signature", "tenant", "issuer"])
def test_token_that_is_no_token(emulator: Emulator, kind: str) -> None:
    claims = jwt.decode(emulator.token(), options={"verify_signature": False})
    token = {
        "garbage": "abc",
        "foreign signature": jwt.encode(claims, make_certified_key("stranger").private_key, "RS256"),
        "tenant": emulator.token_request(tenant=FABRIKAM, client_id=READER, client_secret=READER_SECRET)
        .json()
        .get("access_token"),
        "issuer": resigned(emulator, iss="https://sts.windows.net/other/"),
    }[kind]
    response = emulator.api("GET", "/groups", token)
    assert (response.status_code, response.content) == (403, b"")
    assert response.headers["X-PowerBI-Error-Info"] == "InvalidToken"


@pytest.mark.parametrize("kind", ["expired", "audience"])
def test_expired_token_and_wrong_audience_have_one_response(emulator: Emulator, kind: str) -> None:
    token = (
        resigned(emulator, exp=1) if kind == "expired" else emulator.token(scope="https://graph.microsoft.com/.default")
    )
    response = emulator.api("GET", "/groups", token)
    assert response.status_code == 403
    message = "Access token has expired, resubmit with a new access token"
    assert response.json() == {"error": {"code": "TokenExpired", "message": message}}
    assert emulator.log(PATH)[-1]["token"] == kind


def test_short_token_expires(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"token_lifetime": 60})
    token = emulator.token()
    assert emulator.api("GET", "/groups", token).status_code == 200
    emulator.control("PATCH", "tenant", {"clock_skew": 61})
    assert emulator.api("GET", "/groups", token).status_code == 403


@pytest.mark.parametrize("scope", ["https://api.fabric.microsoft.com", "https://analysis.chinacloudapi.cn/powerbi/api"])
def test_tokens_of_each_name_of_power_bi_are_taken(emulator: Emulator, scope: str) -> None:
    assert names(emulator, token=emulator.token(scope=f"{scope}/.default")) == ["Sales", "Finance"]


# tenant settings


@pytest.mark.parametrize(
    "switches", [{"service_principals_enabled": False}, {"service_principals_allowed": ["Sales Analysts"]}]
)
def test_service_principals_shut_out(emulator: Emulator, switches: dict[str, t.Any]) -> None:
    emulator.control("PATCH", "tenant", switches)
    response = emulator.api("GET", "/groups")
    assert (response.status_code, response.json()) == (403, {"Message": "API is not accessible for application"})
    assert names(emulator, token=user_token(emulator)) == ["Sales", "Finance", "Board"]


def test_service_principals_of_a_group_let_in(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"service_principals_allowed": ["Power BI Deployers"]})
    assert names(emulator) == ["Sales", "Finance"]


def test_service_principals_that_may_not_create(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"service_principals_can_create": False})
    assert emulator.api("POST", "/groups", json={"name": "x"}).status_code == 401
    assert emulator.api("POST", "/groups", user_token(emulator), json={"name": "x"}).status_code == 200


def test_user_without_a_licence(emulator: Emulator) -> None:
    token = user_token(emulator, "lynne.robbins@contoso.onmicrosoft.com", "No-Licence-Left")
    response = emulator.api("GET", "/groups", token)
    assert (response.status_code, response.headers["X-PowerBI-Error-Info"]) == (401, "PowerBINotLicensedException")
