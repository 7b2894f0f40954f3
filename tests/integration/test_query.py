# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_query on the emulator: expectations, mistakes in DAX, limits, and callers that the service refuses."""

from __future__ import annotations

import typing as t

import pytest

from harness import contoso
from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.modules import Modules
from harness.portal import Portal

SOURCE: t.Final = str(REPOSITORY / "playbooks" / "files" / "tenant_check" / "Check.SemanticModel")
MODEL: t.Final = {"workspace": "Finance", "semantic_model": "Check"}
COUNT: t.Final = {"name": "count", "query": 'EVALUATE ROW("n", COUNTROWS(Numbers))'}
ROLE: t.Final = b"role Europe\n\tmodelPermission: read\n\n\ttablePermission Numbers = FALSE()\n"


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    """With the semantic model Check in Finance, and three rows in its table Numbers."""
    found = Modules(fresh_emulator)
    found("powerbi_item", workspace="Finance", src=SOURCE)
    model = Portal(fresh_emulator).item("Check.SemanticModel")["id"]
    rows = [{"Region": region, "Amount": amount} for region, amount in (("Asia", 7), ("Europe", 5), ("Europe", None))]
    fresh_emulator.call("PUT", f"/_emulator/semantic-models/{model}/rows", json={"Numbers": rows})
    fresh_emulator.clear_requests()
    return found


def queries_of(emulator: Emulator) -> int:
    return len(emulator.requests(r"/executeQueries$", "POST"))


@pytest.mark.parametrize("check", [False, True])
def test_queries_that_return_what_is_expected(modules: Modules, fresh_emulator: Emulator, check: bool) -> None:
    queries = [
        {**COUNT, "expect": {"n": 3}, "max_ms": 60000},
        {"query": "EVALUATE Numbers", "rows": 3, "expect": [{"Region": "Asia"}, {"amount": "5"}, {"Amount": None}]},
    ]
    result = modules("powerbi_query", check=check, **MODEL, queries=queries)
    assert result["changed"] is False
    first, second = result["query_results"]
    assert (first["name"], first["rows"], first["problems"]) == ("count", [{"[n]": 3}], [])
    assert (second["name"], second["row_count"], second["truncated"]) == ("query 2", 3, False)
    assert second["rows"][2] == {"Numbers[Region]": "Europe", "Numbers[Amount]": None}
    assert queries_of(fresh_emulator) == 2


def test_all_queries_run_before_it_fails_in_words(modules: Modules) -> None:
    queries = [
        {**COUNT, "expect": 4},
        {"name": "typo", "query": "EVALUATE Oders"},
        {"name": "good", "query": "EVALUATE Numbers", "min_rows": 1},
        {"name": "two tables", "query": 'EVALUATE ROW("a", 1) EVALUATE ROW("b", 2)'},
    ]
    result = modules.fail("powerbi_query", **MODEL, queries=queries)
    assert "3 of 4 queries on the semantic model 'Check' failed" in result["msg"]
    assert "count: row 1: [n] is 3 instead of 4" in result["msg"]
    assert "typo: Cannot find table 'Oders'" in result["msg"]
    assert "two tables: More than one result table" in result["msg"]
    assert ".." not in result["msg"]
    assert result["error"]["remedy"].split("; ")[:2] == [
        "check the data (its last refresh, its parameters) and the queries",
        "query_results has the rows",
    ]
    assert "correct the DAX; refresh a new semantic model first" in result["error"]["remedy"]
    assert [len(one["problems"]) for one in result["query_results"]] == [1, 1, 0, 1]
    assert result["changed"] is False


def test_a_query_that_the_service_refuses_has_the_remedy_for_dax_alone(modules: Modules) -> None:
    result = modules.fail("powerbi_query", **MODEL, queries=[{"query": "EVALUTE Numbers"}])
    assert "the query on the semantic model 'Check' failed" in result["msg"]
    assert result["error"]["remedy"] == "correct the DAX; the position is (line, column)"


def test_a_result_beyond_the_limits_is_a_failure(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(query_rows=2)
    result = modules.fail("powerbi_query", **MODEL, queries=[{"query": "EVALUATE Numbers", "rows": 2}])
    assert "More than 2 rows in a query result" in result["msg"]


def test_the_causes_of_a_refusal(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(execute_queries=False)
    result = modules.fail("powerbi_query", **MODEL, queries=[COUNT])
    assert (result["error"]["kind"], result["query_results"]) == ("forbidden", [])
    assert "'Dataset Execute Queries REST API'" in result["error"]["why"]
    fresh_emulator.tenant(execute_queries=True)
    portal = Portal(fresh_emulator)
    portal.put("Check.SemanticModel", {**portal.parts("Check.SemanticModel"), "definition/roles/Europe.tmdl": ROLE})
    result = modules.fail("powerbi_query", **MODEL, queries=[COUNT])
    assert result["error"]["why"].startswith("The semantic model 'Check' has row-level security")
    assert "run this task as a user" in result["error"]["remedy"]


def test_a_viewer_needs_build_permission(modules: Modules, fresh_emulator: Emulator) -> None:
    modules("powerbi_item", workspace="Sales", src=SOURCE)
    reader = Modules(fresh_emulator, **contoso.identity(contoso.READER))
    result = reader.fail("powerbi_query", workspace="Sales", semantic_model="Check", queries=[COUNT])
    assert (result["error"]["kind"], "Build permission" in result["error"]["why"]) == ("not_found", True)


def test_the_quota_is_waited_for_or_named(modules: Modules, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(query_limit=1)
    result = modules.fail("powerbi_query", **MODEL, queries=[COUNT, COUNT], retry_timeout=1)
    assert (result["error"]["kind"], len(result["query_results"])) == ("throttled", 1)
    assert "120 queries a minute" in result["error"]["why"]


def test_impersonation_without_row_level_security_is_a_warning(modules: Modules, fresh_emulator: Emulator) -> None:
    result = modules("powerbi_query", **MODEL, queries=[COUNT], impersonate=contoso.MEGAN["upn"])
    [warning] = result["warnings"]
    assert "has no row-level security" in warning
    assert queries_of(fresh_emulator) == 1


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"semantic_model": "None such"}, "semantic_model"),
        ({"queries": []}, "queries"),
        ({"queries": [{"query": ""}]}, "queries"),
        ({"queries": [{**COUNT, "rows": -1}]}, "queries"),
        ({"queries": [{**COUNT, "expect": [[1]]}]}, "queries"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_errors_in_options_are_found_first(
    modules: Modules, fresh_emulator: Emulator, options: dict[str, t.Any], option: str
) -> None:
    result = modules.fail("powerbi_query", **{**MODEL, "queries": [COUNT], **options})
    assert result["error"]["option"] == option
    assert queries_of(fresh_emulator) == 0


@pytest.mark.parametrize("check", [False, True])
def test_a_wrong_name_lists_the_models_of_the_workspace(modules: Modules, check: bool) -> None:
    options = {**MODEL, "semantic_model": "Chek", "queries": [COUNT]}
    error = modules.fail("powerbi_query", check=check, **options)["error"]
    assert error["what"] == "there is no semantic model 'Chek' that this caller can see in the workspace 'Finance'"
    assert error["why"].startswith("Similar: 'Check'. Its semantic models: ")


def test_a_play_that_deploys_checks_and_fails(ansible: AnsibleRunner, fresh_emulator: Emulator) -> None:
    """The same in a real run, in check mode as well: a semantic model that does not exist yet is not queried."""
    play = f"""
    - name: Deploy
      community.powerbi.powerbi_item:
        workspace: Finance
        src: {SOURCE}
    - name: Query
      community.powerbi.powerbi_query:
        workspace: Finance
        semantic_model: Check
        queries:
          - query: EVALUATE Numbers
            min_rows: "{{{{ least }}}}"
    """
    planned = ansible.playbook(play, extra_vars={"least": 1}, check=True, env=fresh_emulator.env).ok()
    assert planned.result("Query")["query_results"] == []
    ansible.playbook(play, extra_vars={"least": 0}, env=fresh_emulator.env).ok()
    failed = ansible.playbook(play, extra_vars={"least": 1}, env=fresh_emulator.env).failed()
    assert "it returned 0 rows, and at least 1 is expected" in failed.result("Query")["msg"]
