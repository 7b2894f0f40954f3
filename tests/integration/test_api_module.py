# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_api: any call, with what the modules have."""

from __future__ import annotations

import json
import os
import stat
import typing as t
import zipfile
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.in_process import run_module

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"
FOLDERS: t.Final = f"/workspaces/{SALES}/folders"
WRITES: t.Final = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def call(fresh_emulator: Emulator, tmp_path: Path) -> t.Callable[..., dict[str, t.Any]]:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)

    def run(path: str, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        there = {**contoso.connection(fresh_emulator), **contoso.identity(contoso.DEPLOY), "retry_timeout": 5.0}
        result = run_module("powerbi_api", {**there, "path": path, **options}, cache, check=check)
        assert "defect" not in str(result.get("msg")), result["msg"]
        return result

    return run


Call = t.Callable[..., dict[str, t.Any]]


def written(emulator: Emulator) -> list[str]:
    return [entry["method"] for entry in emulator.requests("^/v1") if entry["method"] in WRITES]


def message_of(result: dict[str, t.Any]) -> str:
    assert result.get("failed"), result
    assert result["error"]["remedy"]
    return str(result["msg"])


def test_a_read(call: Call) -> None:
    result = call(f"/groups/{SALES}")
    assert (result["changed"], result["status"], result["json"]["name"]) == (False, 200, "Sales")
    assert result["request_id"]


def test_queries_are_encoded(call: Call) -> None:
    result = call("/groups", query={"$filter": "name eq 'Sales' or name eq 'it''s'", "$top": 5})
    assert [group["name"] for group in result["json"]["value"]] == ["Sales"]


@pytest.mark.parametrize("query", [{}, {"$top": 100}, {"$top": "1"}])
def test_all_pages(call: Call, fresh_emulator: Emulator, query: dict[str, t.Any]) -> None:
    fresh_emulator.tenant(page_size=1 if query else 5000)
    names = [entry["name"] for entry in call("/groups", query=query, paginate=True)["entries"]]
    assert sorted(names) == ["Finance", "Sales"]


def test_all_pages_of_fabric(call: Call, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(page_size=1)
    result = call("/workspaces", api="fabric", paginate=True)
    assert sorted(entry["displayName"] for entry in result["entries"]) == ["Finance", "Sales"]
    assert result["changed"] is False


@pytest.mark.parametrize("body", [{"displayName": "Monthly"}, '{"displayName": "Monthly"}'])
def test_a_write(call: Call, fresh_emulator: Emulator, body: t.Any) -> None:
    result = call(FOLDERS, api="fabric", method="POST", body=body)
    assert (result["changed"], result["status"]) == (True, 201)
    assert result["location"].endswith(f"/folders/{result['json']['id']}")
    assert written(fresh_emulator) == ["POST"]


@pytest.mark.parametrize("method", WRITES)
def test_check_mode_does_not_write(call: Call, fresh_emulator: Emulator, method: str) -> None:
    result = call(f"/groups/{SALES}", method=method, body={"name": "x"}, check=True)
    assert result["changed"] is True
    assert fresh_emulator.requests("^/v1") == []


def test_check_mode_reads(call: Call) -> None:
    assert call("/groups", check=True)["status"] == 200


def test_an_error_that_is_none(call: Call) -> None:
    path = f"/workspaces/{SALES}/folders/00000000-0000-0000-0000-00000000dead"
    assert "404" in message_of(call(path, api="fabric"))
    assert call(path, api="fabric", status_code=[200, 404])["status"] == 404


def test_an_operation_is_waited_for(call: Call, fresh_emulator: Emulator) -> None:
    fresh_emulator.tenant(operation_polls=1, operation_retry_after=0.1)
    parts = [
        {"path": "definition.pbism", "payload": "eyJ2ZXJzaW9uIjogIjQuMiJ9", "payloadType": "InlineBase64"},
        {"path": "definition/model.tmdl", "payload": "bW9kZWwgTW9kZWwK", "payloadType": "InlineBase64"},
    ]
    options = {"api": "fabric", "method": "POST"}
    path = f"/workspaces/{FINANCE}/semanticModels"
    made = call(path, **options, body={"displayName": "A", "definition": {"parts": parts}})
    assert (made["status"], made["json"]["displayName"]) == (202, "A")
    started = call(path, **options, wait=False, body={"displayName": "B", "definition": {"parts": parts}})
    assert (started["status"], started["json"]) == (202, None)
    assert "/operations/" in started["location"]


def test_an_operation_that_fails_has_changed_something(call: Call, fresh_emulator: Emulator) -> None:
    part = {"path": "definition.pbism", "payload": "eyJ2ZXJzaW9uIjogIjQuMiJ9", "payloadType": "InlineBase64"}
    body = {"displayName": "A", "definition": {"parts": [part]}}
    result = call(f"/workspaces/{FINANCE}/semanticModels", api="fabric", method="POST", body=body)
    assert result["failed"] and result["changed"] is True
    assert result["error"]["kind"] == "operation_failed"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "POST", "paginate": True}, "paginate is given with method POST"),
        ({"method": "POST", "dest": "x"}, "dest is given with method POST"),
        ({"method": "POST", "body": "name=x"}, "body is a text that is not JSON"),
        ({"method": "POST", "src": "/nonexistent/file"}, "`src` /nonexistent/file does not exist"),
        ({"path": "/groups/a b"}, "percent-encode it"),
        ({"path": "/groups/ä"}, "percent-encode it"),
    ],
)
def test_what_can_not_be(call: Call, fresh_emulator: Emulator, options: dict[str, t.Any], message: str) -> None:
    assert message in message_of(call(**{"path": "/groups", **options}))
    assert fresh_emulator.requests("^/v1") == []


def test_a_path_that_is_not_a_list(call: Call) -> None:
    assert "is not a list" in message_of(call(f"/groups/{SALES}", paginate=True))


def test_a_list_that_has_its_own_name(call: Call, fresh_emulator: Emulator) -> None:
    """As the audit log's has."""
    pages = [
        {
            "activityEventEntities": [{"Id": "1"}],
            "continuationUri": "https://x/a?continuationToken='b'",
            "lastResultSet": False,
        },
        {"activityEventEntities": [], "continuationUri": "https://x/a?continuationToken='c'", "lastResultSet": False},
        {"activityEventEntities": [{"Id": "2"}], "continuationUri": None, "lastResultSet": True},
    ]
    for page in pages:
        fresh_emulator.fault(path="/activityevents", status=200, body=page, times=1)
    result = call("/activityevents", api="admin", paginate=True)
    assert [entry["Id"] for entry in result["entries"]] == ["1", "2"]


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_has_the_usual_mode(call: Call, tmp_path: Path, mask: int) -> None:
    dest = tmp_path / "groups.json"
    before = os.umask(mask)
    try:
        result = call("/groups", dest=str(dest))
    finally:
        os.umask(before)
    assert (result["changed"], result["dest"], result["size"]) == (True, str(dest), dest.stat().st_size)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o666 & ~mask
    assert len(json.loads(dest.read_text())["value"]) == 2


def test_a_file_keeps_its_mode(call: Call, tmp_path: Path) -> None:
    dest = tmp_path / "groups.json"
    dest.write_text("old")
    dest.chmod(0o640)
    assert call("/groups", dest=str(dest))["changed"] is True
    assert stat.S_IMODE(dest.stat().st_mode) == 0o640
    inode = dest.stat().st_ino
    assert call("/groups", dest=str(dest))["changed"] is False
    assert dest.stat().st_ino == inode


def test_check_mode_leaves_the_file(call: Call, tmp_path: Path) -> None:
    dest = tmp_path / "groups.json"
    assert call("/groups", dest=str(dest), check=True)["changed"] is True
    assert not dest.exists()
    call("/groups", dest=str(dest))
    assert call("/groups", dest=str(dest), check=True)["changed"] is False


def test_a_download_that_fails_leaves_the_file(call: Call, fresh_emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "groups.json").write_text("old")
    fresh_emulator.fault(path="/groups", truncate=True)
    assert message_of(call("/groups", dest=str(folder / "groups.json")))
    assert [path.name for path in folder.iterdir()] == ["groups.json"]
    assert (folder / "groups.json").read_text() == "old"


@pytest.mark.parametrize(("dest", "message"), [("nowhere/x", "can't be written: No such file"), ("", "is a folder")])
def test_a_place_that_can_not_be(call: Call, tmp_path: Path, dest: str, message: str) -> None:
    assert message in message_of(call("/groups", dest=str(tmp_path / dest)))


def test_an_import(call: Call, tmp_path: Path) -> None:
    """A small synthetic package, as no real one is needed to see that it arrives as the service wants it."""
    package = tmp_path / "Sales.pbix"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("Version", "1.19".encode("utf-16-le"))
        archive.writestr("Report/Layout", "{}".encode("utf-16-le"))
    query = {"datasetDisplayName": "Sales.pbix", "nameConflict": "Abort"}
    result = call(f"/groups/{FINANCE}/imports", method="POST", query=query, src=str(package))
    assert (result["changed"], result["status"]) == (True, 202)
    assert result["json"]["id"]


# --- in a playbook --------------------------------------------------------------------------------------------------


def test_in_a_playbook(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        f"""
        - name: body from a template
          community.powerbi.powerbi_api:
            api: fabric
            method: POST
            path: {FOLDERS}
            body: {{displayName: "Q{{{{ 1 + 1 }}}}"}}
          register: made
        - name: body from a text
          community.powerbi.powerbi_api:
            api: fabric
            method: PATCH
            path: "{FOLDERS}/{{{{ made.json.id }}}}"
            body: "{{{{ {{'displayName': 'Renamed'}} | to_json }}}}"
        - name: all
          community.powerbi.powerbi_api: {{api: fabric, path: {FOLDERS}, paginate: true}}
          register: all
        - name: names
          ansible.builtin.debug: {{msg: "{{{{ all.entries | map(attribute='displayName') }}}}"}}
        - name: said otherwise
          community.powerbi.powerbi_api: {{api: fabric, method: DELETE, path: "{FOLDERS}/{{{{ made.json.id }}}}"}}
          changed_when: false
        """,
        env=fresh_emulator.env,
    ).ok()
    assert run.result("names")["msg"] == ["Renamed"]
    assert run.result("body from a text").changed
    assert not run.result("said otherwise").changed


def test_a_post_in_check_mode_reports_that_it_has_no_response(call: Call) -> None:
    result = call(FOLDERS, api="fabric", method="POST", body={"displayName": "x"}, check=True)
    assert (result["changed"], result["json"]) == (True, None)
    assert "`json` is null" in result["warnings"][0]
    assert "warnings" not in call(f"/groups/{SALES}", method="DELETE", check=True)


@pytest.mark.parametrize("check", [False, True])
def test_what_reads_by_post_runs_in_check_mode(call: Call, fresh_emulator: Emulator, check: bool) -> None:
    path = f"/workspaces/{SALES}/items/00000000-0000-4000-8000-00000000dead/getDefinition"
    assert call(path, api="fabric", method="POST", check=check, status_code=[404])["changed"] is False
    assert written(fresh_emulator) == ["POST"]


def test_the_user_may_declare_what_is_safe(call: Call, fresh_emulator: Emulator) -> None:
    path = f"/groups/{SALES}/datasets/x/executeQueries"
    assert call(path, method="POST", check=True, check_mode_safe=False)["changed"] is True
    assert written(fresh_emulator) == []
    done = call(FOLDERS, api="fabric", method="POST", body={"displayName": "x"}, check=True, check_mode_safe=True)
    assert (done["changed"], done["status"]) == (False, 201)


@pytest.mark.parametrize(
    ("api", "path"),
    [
        ("powerbi", f"/v1.0/myorg/groups/{SALES}"),
        ("fabric", f"/v1/workspaces/{SALES}"),
        ("powerbi", f"v1.0/myorg/groups/{SALES}"),
    ],
)
def test_the_prefix_of_the_api_may_be_given(call: Call, api: str, path: str) -> None:
    assert call(path, api=api)["json"]["id"] == SALES


def test_the_prefix_of_another_api_is_an_error(call: Call) -> None:
    assert "set `api: fabric`" in message_of(call(f"/v1/workspaces/{SALES}"))


def test_a_secret_that_is_echoed_is_masked(call: Call) -> None:
    options = {"body": {"displayName": "Folder of n33dle-Hay"}, "headers": {"X-Api-Key": "n33dle-Hay"}}
    result = call(FOLDERS, api="fabric", method="POST", **options)
    assert result["json"]["displayName"] == "Folder of ********"


def test_headers_are_sent(call: Call, fresh_emulator: Emulator) -> None:
    assert call("/groups", headers={"X-PowerBI-Profile-Id": SALES})["status"] == 200
    assert "log in with the options" in message_of(call("/groups", headers={"authorization": "Bearer x"}))


@pytest.mark.parametrize("options", [{}, {"colour": "red"}, {"wait_timeout": "soon"}])
def test_secrets_of_the_body_are_masked_in_the_invocation(call: Call, options: dict[str, t.Any]) -> None:
    body = {"displayName": "x", "credentialDetails": {"credentials": {"password": "n33dle-Hay"}}}
    result = call(FOLDERS, api="fabric", method="POST", body=body, check=True, **options)
    assert "n33dle-Hay" not in str(result)
    assert result["invocation"]["module_args"]["body"]["credentialDetails"] == {"credentials": {"password": "********"}}
