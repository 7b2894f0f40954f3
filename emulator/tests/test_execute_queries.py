# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: executeQueries on rows that the control path sets, its limits, and its refusals."""

from __future__ import annotations

import typing as t

import pytest
import requests

import samples
from conftest import Emulator
from powerbi_emulator.dax import DaxError, evaluate
from test_items_datasets import SALES, made_model, megan

ROWS: t.Final = [{"Amount": 7, "Note": None}, {"Amount": 5, "Note": "x"}]


def query(emulator: Emulator, model: str, text: str, token: str | None = None, **more: t.Any) -> requests.Response:
    return emulator.api("POST", f"{model}/executeQueries", token, json={"queries": [{"query": text}], **more})


def put_rows(emulator: Emulator, model: str, rows: list[dict[str, t.Any]]) -> None:
    emulator.control("PUT", f"semantic-models/{model.rpartition('/')[2]}/rows", {"Orders": rows})


@pytest.fixture
def model(emulator: Emulator) -> str:
    found = made_model(emulator)
    put_rows(emulator, found, ROWS)
    return found


def test_rows_have_qualified_columns_and_no_nulls_unless_they_are_requested(emulator: Emulator, model: str) -> None:
    [result] = query(emulator, model, "EVALUATE Orders").json()["results"]
    assert result["tables"] == [{"rows": [{"Orders[Amount]": 7}, {"Orders[Amount]": 5, "Orders[Note]": "x"}]}]
    [result] = query(emulator, model, "EVALUATE 'orders'", serializerSettings={"includeNulls": True}).json()["results"]
    assert result["tables"][0]["rows"][0] == {"Orders[Amount]": 7, "Orders[Note]": None}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('EVALUATE ROW("n", COUNTROWS(Orders))', {"[n]": 2}),
        ('evaluate row ( "sum" , SUM ( Orders[Amount] ) , "low", MIN(\'Orders\'[Amount]) )', {"[sum]": 12, "[low]": 5}),
        ('EVALUATE ROW("t", "a ""b""", "f", 0.5, "y", TRUE())', {"[t]": 'a "b"', "[f]": 0.5, "[y]": True}),
        ('EVALUATE ROW("x", BLANK(), "y", 1)', {"[x]": None, "[y]": 1}),
        ("EVALUATE TOPN(1, Orders)", {"Orders[Amount]": 7, "Orders[Note]": None}),
    ],
)
def test_expressions(text: str, row: dict[str, t.Any]) -> None:
    assert evaluate(text, ["Orders"], {"orders": ROWS}) == ([row], "")


@pytest.mark.parametrize(
    "text",
    ["", "EVALUAT Orders", "EVALUATE Nothing", "EVALUATE ROW()", 'EVALUATE ROW("a", 1, )', 'EVALUATE ROW("a", X(Y))'],
)
def test_a_mistake_in_dax_is_400_in_the_form_of_the_service(emulator: Emulator, model: str, text: str) -> None:
    with pytest.raises(DaxError):
        evaluate(text, ["Orders"], {})
    answer = query(emulator, model, text)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "DatasetExecuteQueriesError")
    codes = [one["code"] for one in error["pbi.error"]["details"]]
    assert codes == ["DetailsMessage", "AnalysisServicesErrorCode"]


def test_more_than_the_limits_is_200_with_an_error(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"query_rows": 1})
    answer = query(emulator, model, "EVALUATE Orders")
    [result] = answer.json()["results"]
    assert answer.status_code == 200
    assert len(result["tables"][0]["rows"]) == 1
    assert result["error"]["message"] == "More than 1 rows in a query result"
    [result] = query(emulator, model, 'EVALUATE ROW("a", 1) EVALUATE ROW("b", 2)').json()["results"]
    assert result["error"]["message"] == "More than one result table in a query"


@pytest.mark.parametrize("queries", [None, [], [{"query": "EVALUATE Orders"}] * 2, ["EVALUATE Orders"]])
def test_a_request_has_one_query(emulator: Emulator, model: str, queries: t.Any) -> None:
    answer = emulator.api("POST", f"{model}/executeQueries", json={"queries": queries})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequest")


def test_the_tenant_setting(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"execute_queries": False})
    answer = query(emulator, model, "EVALUATE Orders")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "PowerBINotAuthorizedException")


def test_a_caller_has_a_quota(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"query_limit": 2})
    answers = [query(emulator, model, "EVALUATE Orders") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert query(emulator, model, "EVALUATE Orders", megan(emulator)).status_code == 200


def test_service_principals_do_not_query_models_with_roles(emulator: Emulator, model: str) -> None:
    parts = {**samples.MODEL, "definition/roles/Europe.tmdl": "role Europe\n\tmodelPermission: read\n"}
    item = model.rpartition("/")[2]
    path = f"/workspaces/{SALES}/items/{item}/updateDefinition"
    assert emulator.fabric("POST", path, json={"definition": samples.definition(parts)}).ok
    assert emulator.api("GET", model).json()["isEffectiveIdentityRequired"] is True
    assert query(emulator, model, "EVALUATE Orders").status_code == 401
    assert query(emulator, model, "EVALUATE Orders", megan(emulator)).status_code == 200


def test_service_principals_do_not_query_models_with_single_sign_on(emulator: Emulator, model: str) -> None:
    emulator.control("PATCH", "tenant", {"sso_models": ["Orders"]})
    assert query(emulator, model, "EVALUATE Orders").status_code == 401


@pytest.mark.parametrize("body", [{"Nothing": []}, {"Orders": {}}, {"Orders": [7]}])
def test_rows_of_other_forms_are_refused(emulator: Emulator, model: str, body: dict[str, t.Any]) -> None:
    with pytest.raises(AssertionError):
        emulator.control("PUT", f"semantic-models/{model.rpartition('/')[2]}/rows", body)
