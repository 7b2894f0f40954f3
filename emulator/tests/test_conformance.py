# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official documents check everything that the emulator answered in this run of tests."""

from __future__ import annotations

import copy
import json
import stat
import typing as t
from pathlib import Path

import pytest

from conftest import running
from powerbi_emulator.conformance.__main__ import main
from powerbi_emulator.conformance.checker import ConformanceChecker, Finding
from powerbi_emulator.conformance.documents import Documents
from powerbi_emulator.conformance.report import check_records
from powerbi_emulator.recorder import LEFT_OUT, without_secrets
from swagger import DATA

DOCUMENTS = DATA / "specs"
SALES = "f01de400-0000-4000-8000-000000000001"
pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason=f"no documents in {DOCUMENTS}")


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(DOCUMENTS)


@pytest.mark.usefixtures("shared_emulator")
def test_conformance_of_all_answers(documents: Documents, record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs last. Alone it has nothing to check."""
    report = check_records([record], documents, refused_requests=False)
    with capsys.disabled():
        print("", *report.lines(), sep="\n")
    assert set(report.violations) <= {_TOKEN_IN_THE_QUERY}


# test_control sends it, to see that the log keeps no values
_TOKEN_IN_THE_QUERY = ("request", "Groups_GetGroups", "query access_token", "not a parameter of the operation")
EXCHANGE: dict[str, t.Any] = {
    "method": "GET",
    "path": f"/v1/workspaces/{SALES}",
    "query": [],
    "content_type": "",
    "request": None,
    "status": 200,
    "headers": {"content-type": "application/json; charset=utf-8"},
    "answer": {"id": SALES, "displayName": "Sales", "description": "", "type": "Workspace"},
    "empty": False,
    "fault": False,
}
CONNECTION: dict[str, t.Any] = {
    "connectivityType": "ShareableCloud",
    "displayName": "x",
    "connectionDetails": {
        "type": "SQL",
        "creationMethod": "SQL",
        "parameters": [{"dataType": "Text", "name": "server", "value": "s"}],
    },
    "credentialDetails": {"credentials": {"credentialType": "Basic", "username": "u", "password": "p"}},
}


def findings(documents: Documents, **changes: t.Any) -> list[Finding]:
    return ConformanceChecker(documents).findings({**copy.deepcopy(EXCHANGE), **changes})


def test_a_right_answer(documents: Documents) -> None:
    assert findings(documents) == []


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        ({"id": "1", "displayName": "Sales", "description": "", "type": "Workspace"}, "body/id"),
        ({"id": SALES, "description": "", "type": "Workspace"}, "body"),
        ({"id": SALES, "displayName": "Sales", "description": "", "type": "Folder"}, "body/type"),
        ([], "body"),
    ],
)
def test_wrong_answers_are_found(documents: Documents, answer: t.Any, where: str) -> None:
    [finding] = findings(documents, answer=answer)
    assert (finding.part, finding.where) == ("answer", where)
    assert finding.operation == "Workspaces_GetWorkspace"


def test_wrong_statuses_headers_and_bodies_are_found(documents: Documents) -> None:
    powerbi = {"path": "/v1.0/myorg/groups", "answer": {"value": []}}
    assert findings(documents, **powerbi) == []
    [status] = findings(documents, **powerbi, status=204)
    assert (status.where, status.problem) == ("status", "204 is not among 200")
    [error] = findings(documents, **{**powerbi, "status": 400, "answer": {"code": "x"}})
    assert error.problem.startswith("none of Power BI's error bodies")
    assert findings(documents, **{**powerbi, "status": 403, "empty": True, "answer": None}) == []
    [fabric] = findings(documents, status=404, answer={"errorCode": "WorkspaceNotFound"})
    assert "'message' is a required property" in fabric.problem
    created = {"method": "POST", "path": "/v1/workspaces", "status": 201, "request": {"displayName": "Sales"}}
    [header] = findings(documents, **created, content_type="application/json")
    assert header.where == "header Location"
    assert findings(documents, status=418, fault=True) == []


def _without(key: str) -> dict[str, t.Any]:
    return {name: value for name, value in CONNECTION.items() if name != key}


@pytest.mark.parametrize(
    ("request_body", "wheres"),
    [
        (CONNECTION, set()),
        (_without("displayName"), {"body"}),
        (_without("credentialDetails"), {"body"}),  # demanded by the type that connectivityType names
        ({**CONNECTION, "gateway": "g"}, {"/gateway"}),
        ({**CONNECTION, "connectivityType": "Cloud"}, {"body/connectivityType", "/credentialDetails"}),
    ],
)
def test_requests_are_judged(documents: Documents, request_body: dict[str, t.Any], wheres: set[str]) -> None:
    exchange = {"method": "POST", "path": "/v1/connections", "status": 400, "content_type": "application/json"}
    answer = {"errorCode": "x", "message": "y"}
    found = findings(documents, **exchange, request=request_body, answer=answer)
    assert {finding.where for finding in found if finding.part == "request"} == wheres


@pytest.mark.parametrize(
    ("path", "query", "wheres"),
    [
        ("/v1.0/myorg/groups", [["$top", "1"], ["$filter", "name eq 'x'"]], set()),
        ("/v1.0/myorg/groups", [["$top", "x"]], {"query $top"}),
        ("/v1.0/myorg/groups", [["top", "1"]], {"query top"}),
        ("/v1/workspaces", [["continuationToken", "x"]], set()),
    ],
)
def test_queries_are_judged(documents: Documents, path: str, query: list[list[str]], wheres: set[str]) -> None:
    found = findings(documents, path=path, query=query, answer={"value": []})
    assert {finding.where for finding in found} == wheres


def test_unknown_operations_are_found_unless_refused(documents: Documents) -> None:
    [finding] = findings(documents, path="/v1/nonsense")
    assert (finding.part, finding.problem) == ("operation", "no document describes it")
    assert findings(documents, path="/v1/nonsense", status=404) == []


def test_the_record_has_no_secrets(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with running(tmp_path / "data", "--record", str(record)) as emulator:
        body = copy.deepcopy(CONNECTION)
        body["credentialDetails"]["credentials"]["password"] = "hunter2-hunter2"
        assert emulator.fabric("POST", "/connections", json=body).status_code == 201
        token = emulator.token()
    text = record.read_text()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert "hunter2" not in text
    assert token.partition(".")[0] not in text
    line = json.loads(text)
    assert line["request"]["credentialDetails"]["credentials"]["password"] == LEFT_OUT
    assert (line["status"], line["answer"]["displayName"]) == (201, "x")


def test_what_is_left_out() -> None:
    given = {"clientSecret": "a", "key": "b", "continuationToken": "c", "list": [{"accessToken": "d"}], "keyName": "e"}
    shown = without_secrets(given)
    assert shown == {**given, "clientSecret": LEFT_OUT, "key": LEFT_OUT, "list": [{"accessToken": LEFT_OUT}]}


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "record.jsonl"
    record.write_text(json.dumps(EXCHANGE) + "\n")
    assert main([str(record), "--documents", str(DOCUMENTS)]) == 0
    assert "requests checked: 1; answers checked: 1; operations: 1" in capsys.readouterr().out
    record.write_text(json.dumps({**EXCHANGE, "answer": {}}) + "\n")
    assert main([str(record), "--documents", str(DOCUMENTS)]) == 1
    assert "Workspaces_GetWorkspace (GET /v1/workspaces/" in capsys.readouterr().out
    assert main([str(record), "--documents", str(tmp_path)]) == 2
    assert "must name the directory with powerbi/ and fabric/" in capsys.readouterr().err
