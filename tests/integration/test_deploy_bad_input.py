# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content that can't be deployed: all of it is found before the first request, with file and line where there is one."""

from __future__ import annotations

import json
import os
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator
from harness.files import pbix
from harness.modules import Modules

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
MODEL: t.Final = "Sales.SemanticModel"
REPORT: t.Final = "Sales.Report"
ORDERS: t.Final = f"{MODEL}/definition/tables/Orders.tmdl"
PAGE: t.Final = f"{REPORT}/definition/pages/overview/page.json"


class Finding(t.NamedTuple):
    """``line`` 0: the problem has none."""

    file: str
    line: int
    message: str


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def platform(folder: Path, **changes: str) -> None:
    path = folder / ".platform"
    content = json.loads(path.read_text())
    content["metadata"].update({key: value for key, value in changes.items() if key != "logicalId"})
    content["config"].update({key: value for key, value in changes.items() if key == "logicalId"})
    path.write_text(json.dumps(content))


def broken_tmdl(content: Path) -> Finding:
    replace(content / ORDERS, "\tcolumn Quantity", "\tcolumn 'Quantity")
    line = (content / ORDERS).read_text().splitlines().index("\tcolumn 'Quantity") + 1
    return Finding(ORDERS, line, "")


def invalid_json(content: Path) -> Finding:
    path = content / PAGE
    lines = path.read_text().splitlines()
    lines[1] = lines[1].rstrip(",") + ",,"
    path.write_text("\n".join(lines))
    return Finding(PAGE, 2, "JSON")


def not_utf_8(content: Path) -> Finding:
    (content / PAGE).write_bytes('{"name": "Übersicht"}'.encode("latin-1"))
    return Finding(PAGE, 1, "UTF-8")


def missing_model(content: Path) -> Finding:
    shutil.rmtree(content / MODEL)
    return Finding(f"{REPORT}/definition.pbir", 0, "the report's model isn't there")


def missing_part(content: Path) -> Finding:
    (content / REPORT / "definition" / "report.json").unlink()
    return Finding(f"{REPORT}/definition/report.json", 0, "this required part is missing")


def duplicate_names(content: Path) -> Finding:
    copy = shutil.copytree(content / REPORT, content / "Other.Report")
    platform(Path(copy), logicalId="10000000-0000-4000-8000-00000000000f", displayName="SALES")
    return Finding(REPORT, 0, "has the name of the Report")


def duplicate_logical_ids(content: Path) -> Finding:
    copy = shutil.copytree(content / REPORT, content / "Other.Report")
    platform(Path(copy), displayName="Other")
    return Finding(f"{REPORT}/.platform", 0, "has the logicalId of Other.Report")


def cyclic_references(content: Path) -> Finding:
    own, other = "ca000000-0000-4000-8000-000000000001", "ca000000-0000-4000-8000-000000000002"
    for name, logical_id, needs in (("A", own, other), ("B", other, own)):
        folder = content / f"{name}.DataPipeline"
        folder.mkdir()
        shutil.copy(content / REPORT / ".platform", folder)
        platform(folder, type="DataPipeline", displayName=name, logicalId=logical_id)
        (folder / "pipeline-content.json").write_text(json.dumps({"properties": {"calls": needs}}))
    return Finding("A.DataPipeline", 0, "A.DataPipeline -> B.DataPipeline -> A.DataPipeline")


def link_out_of_the_folder(content: Path) -> Finding:
    (content / REPORT / "StaticResources").mkdir()
    (content / REPORT / "StaticResources" / "secret.json").symlink_to("/etc/hostname")
    return Finding(f"{REPORT}/StaticResources/secret.json", 0, "the link points out of the folder")


def link_that_leads_nowhere(content: Path) -> Finding:
    (content / "Lost.pbix").symlink_to(content / "nothing.pbix")
    return Finding("Lost.pbix", 0, "it can't be read")


def name_of_four_hundred_characters(content: Path) -> Finding:
    platform(content / REPORT, displayName="x" * 400)
    return Finding(f"{REPORT}/.platform", 0, "has 400 characters")


def pbix_that_is_no_zip(content: Path) -> Finding:
    (content / "Pointer.pbix").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    return Finding("Pointer.pbix", 0, "it is no ZIP package")


def encrypted_pbix(content: Path) -> Finding:
    (content / "Secret.pbix").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    return Finding("Secret.pbix", 0, "encrypted")


def truncated_pbix(content: Path) -> Finding:
    path = pbix(content / "Half.pbix", padding=1000)
    path.write_bytes(path.read_bytes()[:-100])
    return Finding("Half.pbix", 0, "it is no ZIP package")


def rdl_that_is_no_xml(content: Path) -> Finding:
    path = content / "Invoice.PaginatedReport" / "Invoice.rdl"
    replace(path, "</Body>", "")
    return Finding("Invoice.PaginatedReport/Invoice.rdl", 0, "this isn't XML")


CASES: t.Final = [
    broken_tmdl,
    invalid_json,
    not_utf_8,
    missing_model,
    missing_part,
    duplicate_names,
    duplicate_logical_ids,
    cyclic_references,
    link_out_of_the_folder,
    link_that_leads_nowhere,
    name_of_four_hundred_characters,
    pbix_that_is_no_zip,
    encrypted_pbix,
    truncated_pbix,
    rdl_that_is_no_xml,
]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "content"))


@pytest.mark.parametrize("check", [False, True], ids=["real", "check"])
@pytest.mark.parametrize("damage", CASES, ids=lambda case: case.__name__)
def test_it_is_found_before_the_first_request(
    fresh_emulator: Emulator, content: Path, damage: t.Callable[[Path], Finding], check: bool
) -> None:
    desired = damage(content)
    result = Modules(fresh_emulator).fail("powerbi_deploy", check=check, workspace="Finance", src=str(content))
    assert (result["changed"], result["error"]["kind"]) == (False, "content")
    problems = result["error"]["problems"]
    found = [one for one in problems if one["file"] == desired.file and desired.message in one["what"]]
    assert found, problems
    if desired.line:
        assert [one["line"] for one in found] == [desired.line]
    assert all(one["remedy"] for one in found)
    assert desired.file in result["msg"] and "nothing was written" in result["msg"]
    assert fresh_emulator.requests("/groups|/workspaces") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_an_unreadable_file(fresh_emulator: Emulator, content: Path) -> None:
    (content / PAGE).chmod(0)
    result = Modules(fresh_emulator).fail("powerbi_deploy", workspace="Finance", src=str(content))
    assert [one["file"] for one in result["error"]["problems"]] == [PAGE]


def test_an_unreadable_file_as_any_user(fresh_emulator: Emulator, content: Path) -> None:
    """What no user can open: a socket in the place of a file."""
    import socket

    path = content / REPORT / "definition" / "broken.json"
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the whole path is longer than an address may be
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)
        result = Modules(fresh_emulator).fail("powerbi_deploy", workspace="Finance", src=str(content))
    assert "this is no regular file" in result["msg"]


def test_all_problems_are_reported_together(fresh_emulator: Emulator, content: Path) -> None:
    desired = [damage(content) for damage in (broken_tmdl, invalid_json, pbix_that_is_no_zip)]
    result = Modules(fresh_emulator).fail("powerbi_deploy", workspace="Finance", src=str(content))
    files = {one["file"] for one in result["error"]["problems"]}
    assert files >= {finding.file for finding in desired}
    assert "3 problems were found" in result["msg"]


def test_what_the_patterns_leave_out_may_be_broken(fresh_emulator: Emulator, content: Path) -> None:
    pbix_that_is_no_zip(content)
    invalid_json(content)
    modules = Modules(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content), "include": ["*.SemanticModel"]}
    assert modules("powerbi_deploy", **options)["created"] == ["Sales.SemanticModel"]
    again = modules("powerbi_deploy", **options, prune="deployed")
    assert (again["changed"], again["deleted"]) == (False, [])


def test_too_many_deletions_and_what_is_protected(fresh_emulator: Emulator, content: Path) -> None:
    modules = Modules(fresh_emulator)
    options = {"workspace": "Finance", "src": str(content)}
    modules("powerbi_deploy", **options)
    shutil.rmtree(content / REPORT)
    shutil.rmtree(content / "Invoice.PaginatedReport")
    fresh_emulator.clear_requests()
    result = modules.fail("powerbi_deploy", **options, prune="deployed", max_deletions=1)
    assert result["error"]["option"] == "max_deletions" and "Invoice.PaginatedReport" in result["msg"]
    assert fresh_emulator.requests(method="DELETE") == []
    kept = modules("powerbi_deploy", **options, prune="deployed", max_deletions=1, protect=["*.PaginatedReport"])
    assert kept["deleted"] == ["Sales.Report"]
