# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_export: what is live becomes a folder, and only what has really changed is written again."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.modules import Modules
from harness.portal import Portal

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
ORDERS: t.Final = "definition/tables/Orders.tmdl"


@pytest.fixture
def portal(fresh_emulator: Emulator) -> Portal:
    return Portal(fresh_emulator)


@pytest.fixture
def modules(fresh_emulator: Emulator, tmp_path: Path) -> Modules:
    """With the sample deployed, one report of it in a folder."""
    content = Path(shutil.copytree(SAMPLE, tmp_path / "content"))
    (content / "Monthly").mkdir()
    shutil.move(content / "Invoice.PaginatedReport", content / "Monthly")
    found = Modules(fresh_emulator)
    found("powerbi_deploy", workspace="Finance", src=str(content))
    fresh_emulator.clear_requests()
    return found


def export(modules: Modules, dest: Path, **options: t.Any) -> dict[str, t.Any]:
    """Check mode first, which has to say what the real run then does, and to write nothing."""
    before = snapshot(dest)
    planned = modules("powerbi_export", check=True, workspace="Finance", dest=str(dest), **options)
    assert snapshot(dest) == before
    done = modules("powerbi_export", workspace="Finance", dest=str(dest), **options)
    for key in ("changed", "exported", "skipped_items"):
        assert planned[key] == done[key]
    assert planned.get("diff") == done.get("diff")
    return done


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Inode and content of each file: a file that was written again has another inode."""
    return {str(path): (path.stat().st_ino, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_what_is_exported_deploys_without_a_change(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    dest = tmp_path / "export"
    result = export(modules, dest)
    assert [(one["action"], one["path"]) for one in result["exported"]] == [
        ("create", "Sales.Report"),
        ("create", "Sales.SemanticModel"),
        ("create", "Monthly/Invoice.PaginatedReport"),
    ]
    pbir = json.loads((dest / "Sales.Report" / "definition.pbir").read_text())
    assert pbir["datasetReference"] == {"byPath": {"path": "../Sales.SemanticModel"}}
    platform = json.loads((dest / "Sales.Report" / ".platform").read_text())
    original = json.loads((SAMPLE / "Sales.Report" / ".platform").read_text())
    assert platform["config"]["logicalId"] == original["config"]["logicalId"]
    assert "powerbi_deploy" not in (dest / "Sales.Report" / ".platform").read_text()
    assert not modules("powerbi_drift", workspace="Finance", src=str(dest), prune="all")["drifted"]
    assert portal.writes() == []


def test_a_second_export_writes_nothing(modules: Modules, tmp_path: Path) -> None:
    dest = tmp_path / "export"
    export(modules, dest)
    before = snapshot(dest)
    assert not export(modules, dest)["changed"]
    assert snapshot(dest) == before


def test_it_leaves_the_own_files_as_they_are(modules: Modules, tmp_path: Path) -> None:
    """Over the very folder that was deployed: the service writes the same in another hand."""
    content = tmp_path / "content"
    before = snapshot(content)
    result = export(modules, content)
    assert [(one["path"], one["files"]) for one in result["exported"] if one["files"]] == []
    assert snapshot(content) == before


def test_one_measure_is_one_file(modules: Modules, portal: Portal, tmp_path: Path) -> None:
    dest = tmp_path / "export"
    export(modules, dest)
    before = snapshot(dest)
    portal.edit("Sales.SemanticModel", ORDERS, "Orders[Quantity] * Orders[Price]", "Orders[Price]")
    result = export(modules, dest)
    changed = {path for path, content in snapshot(dest).items() if before.get(path) != content}
    assert changed == {str(dest / "Sales.SemanticModel" / ORDERS)}
    assert [one["files"] for one in result["exported"] if one["action"] == "update"] == [[ORDERS]]
    (diff,) = result["diff"]
    assert "Orders[Quantity] * Orders[Price]" in diff["before"] and "Orders[Quantity]" not in diff["after"]


def test_patterns_and_formats(fresh_emulator: Emulator, modules: Modules, tmp_path: Path) -> None:
    dest = tmp_path / "export"
    assert [one["path"] for one in export(modules, dest, include=["Monthly/"])["exported"]] == [
        "Monthly/Invoice.PaginatedReport"
    ]
    assert [one["name"] for one in export(modules, dest, exclude=["*.Report", "*.SemanticModel"])["exported"]] == [
        "Invoice"
    ]
    result = modules.fail("powerbi_export", workspace="Finance", dest=str(dest), include=["Nothing.*"])
    assert result["error"]["option"] == "include"
    export(modules, dest, include=["*.SemanticModel"], model_format="TMSL")
    assert (dest / "Sales.SemanticModel" / "model.bim").is_file()
    assert not (dest / "Sales.SemanticModel" / "definition").exists()


class TestFiles:
    @pytest.fixture
    def imported(self, fresh_emulator: Emulator, tmp_path: Path) -> tuple[Modules, list[Path]]:
        found, files = Modules(fresh_emulator), [pbix(tmp_path / "Sales.pbix"), rdl(tmp_path / "Invoice.rdl")]
        found("powerbi_import", workspace="Finance", src=[str(path) for path in files])
        return found, files

    def test_the_files_come_back(self, imported: tuple[Modules, list[Path]], tmp_path: Path) -> None:
        modules, files = imported
        dest = tmp_path / "export"
        result = export(modules, dest, content="file")
        assert [one["path"] for one in result["exported"]] == ["Invoice.rdl", "Sales.pbix"]
        assert [(dest / path.name).read_bytes() for path in files] == [path.read_bytes() for path in files]
        assert oct((dest / "Sales.pbix").stat().st_mode & 0o777) != "0o600", "as other files of this user"
        before = snapshot(dest)
        pbix(dest / "Sales.pbix")  # the same members with other times
        rewritten = snapshot(dest)
        assert rewritten.keys() == before.keys()
        assert not export(modules, dest, content="file")["changed"]
        assert snapshot(dest) == rewritten
        assert list(dest.rglob(".powerbi-*")) == []

    def test_a_report_without_a_file_is_told_and_the_rest_is_there(self, modules: Modules, tmp_path: Path) -> None:
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "x"), content="file")
        assert result["changed"] and "Sales.Report could not be exported" in result["msg"]
        assert [one["path"] for one in result["error"]["exported"]] == ["Monthly/Invoice.rdl"]
        assert (tmp_path / "x" / "Monthly" / "Invoice.rdl").exists()

    @pytest.mark.parametrize(("content", "files"), [("pdf", ["Sales.pdf"]), ("pptx", ["Sales.pptx"])])
    def test_rendered(
        self,
        fresh_emulator: Emulator,
        imported: tuple[Modules, list[Path]],
        tmp_path: Path,
        content: str,
        files: list[str],
    ) -> None:
        modules, _files = imported
        fresh_emulator.tenant(export_time=1.0)
        dest = tmp_path / "export"
        result = modules("powerbi_export", workspace="Finance", dest=str(dest), content=content, include=["*.Report"])
        assert sorted(path.name for path in dest.iterdir()) == files
        assert result["exported"][0]["action"] == "create"
        assert len(fresh_emulator.requests("/exports/[^/]+$", "GET")) > 1

    def test_a_failed_rendering_is_explained(
        self, fresh_emulator: Emulator, imported: tuple[Modules, list[Path]], tmp_path: Path
    ) -> None:
        modules, _files = imported
        fresh_emulator.tenant(failing_exports=["Sales"])
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "x"), content="pdf")
        assert "Sales.Report could not be exported" in result["msg"]
        assert (tmp_path / "x" / "Invoice.pdf").exists()


def test_a_folder_that_can_not_be_written_to(modules: Modules, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "file"))
    assert "dest is" in result["msg"]


@pytest.mark.everycore
def test_a_playbook(fresh_emulator: Emulator, modules: Modules, ansible: AnsibleRunner, tmp_path: Path) -> None:
    options = {"workspace": "Finance", "dest": str(tmp_path / "export")}
    task = {"name": "export", "community.powerbi.powerbi_export": options}
    assert ansible.playbook([task], env=fresh_emulator.env, diff=True).ok().result("export").result["changed"]
    assert not ansible.playbook([task], env=fresh_emulator.env, check=True).ok().result("export").result["changed"]
