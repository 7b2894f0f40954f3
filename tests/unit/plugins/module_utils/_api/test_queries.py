# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a query is to return, and how a result that differs is described."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.queries import Queries, QueryResult
from ansible_collections.community.powerbi.plugins.module_utils._api.query_expectations import (
    Expectation,
    expectations,
    problems,
    same,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_models import SemanticModel
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ConfigError,
    ForbiddenError,
    TransportError,
)
from fakes.wire import reply, wire

ROWS: t.Final = [{"Orders[Region]": "Asia", "[n]": 7}, {"Orders[Region]": "Europe", "[n]": None}]
MODEL: t.Final = SemanticModel("m", "Sales")


def found(rows: list[dict[str, t.Any]] = ROWS, /, **expected: t.Any) -> list[str]:
    return problems(Expectation("EVALUATE Orders", "orders", **expected), QueryResult(rows, "", 140))


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"rows": 2},
        {"min_rows": 2, "max_rows": 2},
        {"max_ms": 140},
        {"expect": [{"region": "Asia", "n": 7}, {"Orders[Region]": "Europe", "[N]": None}]},
        {"expect": [{"n": "7.0"}, {}]},
    ],
)
def test_a_result_that_is_as_expected(expected: dict[str, t.Any]) -> None:
    assert found(**expected) == []


@pytest.mark.parametrize(
    ("expected", "problem"),
    [
        ({"rows": 1}, "it returned 2 rows, and 1 is expected"),
        ({"min_rows": 3}, "it returned 2 rows, and at least 3 are expected"),
        ({"max_rows": 1}, "it returned 2 rows, and at most 1 is expected"),
        ({"max_ms": 100}, "it took 140 ms, and at most 100 ms are expected"),
        ({"expect": []}, "it returned 2 rows, and 0 are expected"),
        ({"expect": {"n": 7}}, "it returned 2 rows, and 1 is expected"),
        ({"expect": [{"n": 8}, {"n": None}]}, "row 1: n is 7 instead of 8"),
        ({"expect": [{"n": 7}, {"n": 0}]}, "row 2: n is blank instead of 0"),
        ({"expect": [{"n": 7}, {"m": 0}]}, "row 2: it has no column m; its columns are: Orders[Region], [n]"),
    ],
)
def test_a_difference_is_a_sentence(expected: dict[str, t.Any], problem: str) -> None:
    assert problem in found(**expected)


def test_values_of_one_column() -> None:
    rows = [{"[a]": "x"}, {"[a]": "y"}]
    assert found(rows, expect=["x", "y"]) == []
    assert found(rows[:1], expect="x") == []
    assert found(rows, expect=["x", "z"]) == ["row 2: [a] is 'y' instead of 'z'"]
    assert found([{"[a]": None}], expect=5) == ["row 1: [a] is blank instead of 5"]


@pytest.mark.parametrize("expect", ["North", [7, 8], [None], [{"n": 7}, 8]])
def test_a_value_needs_one_column(expect: t.Any) -> None:
    [problem] = found(expect=expect)
    assert problem.startswith(
        "it returned 2 columns, and expect has a value, which needs a query that returns one column"
    )


def test_two_columns_of_one_name_need_their_table() -> None:
    rows = [{"A[Key]": 1, "B[Key]": 2}]
    assert found(rows, expect={"b[key]": 2}) == []
    assert found(rows, expect={"Key": 2}) == ["row 1: it has 2 columns Key; its columns are: A[Key], B[Key]"]


def test_only_the_first_differences_are_listed() -> None:
    rows = [{"[a]": number} for number in range(10)]
    assert found(rows, expect=["x"] * 10)[5:] == ["5 more differences"]


def test_an_incomplete_result_is_no_success() -> None:
    result = QueryResult(ROWS, "More than 100000 rows in a query result")
    assert problems(Expectation("q", "q"), result) == ["More than 100000 rows in a query result"]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("[Amount [EUR]]]", "Amount [EUR]"),
        ("[Amount [EUR]]]", "[Amount [EUR]]]"),
        ("Dim Date[Year]", "'Dim Date'[year]"),
        ("Dim Date[Year]", "Dim Date[Year]"),
        ("Dim Date[Year]", "[Year]"),
        ("Dim Date[Year]", "year"),
        ("[Year]", "Dim Date[Year]"),
    ],
)
def test_columns_are_found_as_dax_writes_them(column: str, name: str) -> None:
    assert found([{column: 5}], expect={name: 5}) == []
    assert found([{column: 5, "Other[Year]": 5}], expect={"Dim Date[Years]": 5}) != []


@pytest.mark.parametrize(
    ("expected", "actual", "equal"),
    [
        (1, 1.0, True),
        ("1", 1, True),
        (0.1 + 0.2, 0.3, True),
        (1, 2, False),
        ("x", 1, False),
        (True, True, True),
        ("True", True, True),
        (1, True, False),
        (True, 1, False),
        (None, None, True),
        (None, 0, False),
        ("", None, False),
        ("a", "A", False),
        (2024, "2024", True),
        (dt.date(2026, 1, 31), "2026-01-31T00:00:00", True),
        ("2026-01-31", "2026-01-31T00:00:00", True),
        ("2026-01-31", "2026-01-31T08:00:00", False),
        ([1], 1, False),
        (5000000001, 5000000003, False),
        ("5000000003", 5000000003, True),
        (12345678901.23, 12345678901.99, False),
        ("1e999999999", 1, False),
    ],
)
def test_values_are_compared_by_their_meaning(expected: t.Any, actual: t.Any, equal: bool) -> None:
    assert same(expected, actual) is equal


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([], "no queries"),
        ([{"query": " "}], "'query 1' has no query"),
        ([{"query": "q", "rows": -1}], "has rows: -1"),
        ([{"query": "q", "max_ms": -5}], "has max_ms: -5"),
        ([{"query": "q", "rows": 1, "max_rows": 2}], "as well"),
        ([{"query": "q", "min_rows": 3, "max_rows": 2}], "more min_rows than max_rows"),
        ([{"query": "q", "rows": 2, "expect": 7}], "has 1 row in expect, and rows: 2"),
        ([{"query": "q", "rows": 1, "expect": []}], "has 0 rows in expect, and rows: 1"),
        ([{"query": "q", "min_rows": 3, "expect": [1, 2]}], "has 2 rows in expect, and min_rows: 3"),
        ([{"query": "q", "max_rows": 0, "expect": [1]}], "has 1 row in expect, and max_rows: 0"),
        ([{"query": "q"}, {"query": "q", "name": "n", "expect": [[1]]}], "'n' has a list in a list"),
    ],
)
def test_expectations_that_nothing_fulfils_are_an_error(entries: list[dict[str, t.Any]], text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        expectations(entries)
    assert caught.value.option == "queries"


def test_a_query_is_sent_once_and_blanks_are_requested() -> None:
    net = wire([reply(200, {"results": [{"tables": [{"rows": ROWS}]}]})])
    assert Queries(net.client, "w", MODEL).run("EVALUATE Orders", "megan@contoso.example").rows == ROWS
    [sent] = net.transport.sent
    assert sent.url.endswith("/groups/w/datasets/m/executeQueries")
    assert sent.json == {
        "queries": [{"query": "EVALUATE Orders"}],
        "serializerSettings": {"includeNulls": True},
        "impersonatedUserName": "megan@contoso.example",
    }


def test_the_time_of_a_throttled_query_is_that_of_the_last_request() -> None:
    net = wire([reply(429, None, Retry_After="30"), reply(200, {"results": [{"tables": [{"rows": []}]}]})])
    assert Queries(net.client, "w", MODEL).run("EVALUATE Orders").milliseconds == 0
    assert net.clock.monotonic() >= 30


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "X", "message": "More than one result table in a query"}},
        {"results": [{"error": {"message": "More than one result table in a query"}, "tables": [{"rows": []}]}]},
        {"results": [{"tables": [{"rows": [], "error": {"message": "More than one result table in a query"}}]}]},
        {"results": [{"error": {"details": [{"message": "More than one result table in a query"}]}}]},
    ],
)
def test_an_error_in_a_successful_response_is_an_error_of_the_result(body: dict[str, t.Any]) -> None:
    net = wire([reply(200, body)])
    assert "More than one result table" in Queries(net.client, "w", MODEL).run("EVALUATE Orders").error


def test_a_mistake_in_dax_is_an_error_of_the_result() -> None:
    details = [
        {"code": "DetailsMessage", "detail": {"type": 1, "value": "Cannot find table 'Oders'."}},
        {"code": "AnalysisServicesErrorCode", "detail": {"type": 1, "value": "3239575574"}},
    ]
    code = "DatasetExecuteQueriesError"
    net = wire([reply(400, {"error": {"code": code, "pbi.error": {"code": code, "details": details}}})])
    result = Queries(net.client, "w", MODEL).run("EVALUATE Oders")
    assert ("Cannot find table 'Oders'." in result.error, result.refused) == (True, True)


def test_what_concerns_the_caller_is_raised() -> None:
    net = wire([reply(403, {"error": {"code": "PowerBINotAuthorizedException"}})])
    with pytest.raises(ForbiddenError) as caught:
        Queries(net.client, "w", MODEL).run("EVALUATE Orders")
    assert "Dataset Execute Queries REST API" in caught.value.why


@pytest.mark.parametrize("body", [None, {}, [], {"results": 7}, {"results": [{"tables": [{"rows": {}}]}]}])
def test_a_response_of_another_form_is_no_empty_result(body: t.Any) -> None:
    net = wire([reply(200, body)])
    with pytest.raises(TransportError, match="no result"):
        Queries(net.client, "w", MODEL).run("EVALUATE Orders")
