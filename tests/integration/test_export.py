# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_export: what is live becomes a folder, and only what has really changed is written again."""

from __future__ import annotations

import json
import shutil
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import export as definitions
from ansible_collections.community.powerbi.plugins.module_utils._content.export_manifest import Manifest
from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.modules import Modules
from harness.portal import Portal

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
MANIFEST: t.Final = ".powerbi_export.json"
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
    """Check mode first, whose result must be that of the real run, and which writes nothing."""
    before = snapshot(dest)
    planned = modules("powerbi_export", check=True, workspace="Finance", dest=str(dest), **options)
    assert snapshot(dest) == before
    done = modules("powerbi_export", workspace="Finance", dest=str(dest), **options)
    for key in ("changed", "exported", "unsupported_items"):
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
    assert not modules("powerbi_drift_info", workspace="Finance", src=str(dest), prune="all")["drifted"]
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


class TestOwnFilesOnly:
    """An export removes and replaces what exports have written, and nothing else."""

    @pytest.mark.parametrize("place", ["Sales.Report", "Monthly", "Sales.SemanticModel/definition"])
    def test_a_link_is_not_followed(self, modules: Modules, tmp_path: Path, place: str) -> None:
        dest, victim = tmp_path / "export", tmp_path / "victim"
        victim.mkdir()
        (victim / "precious.txt").write_text("precious")
        (dest / place).parent.mkdir(parents=True)
        (dest / place).symlink_to(victim)
        for check in (True, False):
            result = modules.fail("powerbi_export", check=check, workspace="Finance", dest=str(dest))
            assert "links below dest are not followed" in result["msg"] and place in result["msg"]
        assert [path.name for path in victim.rglob("*")] == ["precious.txt"]
        assert (dest / place).is_symlink()

    def test_a_single_file_does_not_replace_a_link(self, modules: Modules, tmp_path: Path) -> None:
        dest, victim = tmp_path / "export", tmp_path / "victim.pdf"
        victim.write_text("precious")
        dest.mkdir()
        (dest / "Sales.pdf").symlink_to(victim)
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(dest), content="pdf")
        assert "links below dest are not followed" in result["msg"]
        assert victim.read_text() == "precious"

    def test_files_of_the_user_stay_and_are_named(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        dest = tmp_path / "export"
        export(modules, dest)
        (dest / "Sales.Report" / "README.md").write_text("mine")
        result = export(modules, dest)
        assert not result["changed"]
        assert [one["kept_files"] for one in result["exported"]] == [["README.md"], [], []]
        assert any("README.md" in text and "Sales.Report" in text for text in result["warnings"])
        assert (dest / "Sales.Report" / "README.md").read_text() == "mine"

    def test_another_workspace_does_not_overwrite_it(self, modules: Modules, tmp_path: Path) -> None:
        dest = tmp_path / "export"
        modules("powerbi_workspace", name="Test")
        modules("powerbi_deploy", workspace="Test", src=str(tmp_path / "content"))
        export(modules, dest)
        before = snapshot(dest)
        for check in (True, False):
            result = modules.fail("powerbi_export", check=check, workspace="Test", dest=str(dest))
            assert "was exported from another workspace" in result["msg"]
            assert result["error"]["option"] == "dest"
        assert snapshot(dest) == before
        shutil.rmtree(dest / "Monthly")
        modules("powerbi_export", workspace="Test", dest=str(dest), include=["Monthly/"])
        assert not export(modules, dest, exclude=["Monthly/"])["changed"]

    def test_a_file_where_a_folder_belongs(self, modules: Modules, tmp_path: Path) -> None:
        dest = tmp_path / "export"
        dest.mkdir()
        (dest / "Monthly").write_text("a file")
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(dest))
        assert "Invoice.PaginatedReport could not be exported" in result["msg"]
        assert "needs a folder where the file 'Monthly' is" in result["msg"]
        assert (dest / "Sales.Report" / "definition.pbir").is_file()

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{", '{"version": 1}', '{"version": 1, "items": {"x": 1}}', '{"version": 2, "items": {}}', "\0"],
    )
    def test_a_damaged_manifest_is_an_error(self, modules: Modules, tmp_path: Path, text: str) -> None:
        (tmp_path / MANIFEST).write_text(text)
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path))
        assert result["error"]["option"] == "dest" and MANIFEST in result["msg"]


class TestStale:
    """What became of an item since its export: its files stay, and that is said."""

    @pytest.fixture
    def dest(self, modules: Modules, tmp_path: Path) -> Path:
        export(modules, tmp_path / "export")
        return tmp_path / "export"

    def test_a_deleted_item_is_named_and_its_folder_stays(self, modules: Modules, portal: Portal, dest: Path) -> None:
        identity = portal.item("Sales.Report")["id"]
        portal.delete("Sales.Report")
        before = snapshot(dest)
        result = export(modules, dest)
        assert result["stale"] == [
            {"path": "Sales.Report", "item": identity, "why": "the item is not in the workspace any more"}
        ]
        (warning,) = result["warnings"]
        assert "Sales.Report (the item is not in the workspace any more)" in warning and str(dest) in warning
        assert snapshot(dest) == before
        shutil.rmtree(dest / "Sales.Report")
        assert export(modules, dest)["stale"] == []

    def test_a_renamed_item_is_in_two_places(self, modules: Modules, portal: Portal, dest: Path) -> None:
        portal.change("Sales.Report", displayName="Turnover")
        result = export(modules, dest)
        assert [(one["path"], one["why"]) for one in result["stale"]] == [
            ("Sales.Report", "the item is Turnover.Report now")
        ]
        assert (dest / "Turnover.Report").is_dir() and (dest / "Sales.Report").is_dir()

    def test_what_is_not_exported_now_is_not_stale(self, modules: Modules, dest: Path) -> None:
        result = modules("powerbi_export", workspace="Finance", dest=str(dest), include=["Sales.SemanticModel"])
        assert (result["stale"], result.get("warnings")) == ([], None)
        modules("powerbi_export", workspace="Finance", dest=str(dest), content="pdf")
        assert export(modules, dest)["stale"] == []

    def test_an_empty_workspace(self, modules: Modules, portal: Portal, dest: Path) -> None:
        for label in ("Sales.Report", "Sales.SemanticModel", "Invoice.PaginatedReport"):
            portal.delete(label)
        assert [one["path"] for one in export(modules, dest)["stale"]] == [
            "Monthly/Invoice.PaginatedReport",
            "Sales.Report",
            "Sales.SemanticModel",
        ]


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

    @pytest.mark.parametrize("check", [True, False])
    def test_a_file_of_the_user_is_not_overwritten(
        self, imported: tuple[Modules, list[Path]], tmp_path: Path, check: bool
    ) -> None:
        modules, _files = imported
        dest = tmp_path / "export"
        dest.mkdir()
        pbix(dest / "Sales.pbix", page="Of the user")
        before = snapshot(dest)
        result = modules.fail("powerbi_export", check=check, workspace="Finance", dest=str(dest), content="file")
        assert f"{dest}/Sales.pbix differs from Sales.Report in the service, and is not overwritten" in result["msg"]
        assert "move the file away or remove it" in result["msg"] and result["error"]["option"] == "dest"
        assert snapshot(dest) == before, "nothing was written, the other items and the manifest neither"

    def test_a_file_of_the_user_with_the_same_content_is_no_obstacle_and_stays_the_users(
        self, imported: tuple[Modules, list[Path]], tmp_path: Path
    ) -> None:
        modules, _files = imported
        dest = tmp_path / "export"
        dest.mkdir()
        pbix(dest / "Sales.pbix")
        assert [one["action"] for one in export(modules, dest, content="file")["exported"]] == ["create", "unchanged"]
        modules("powerbi_import", workspace="Finance", src=[str(pbix(tmp_path / "Sales.pbix", page="Newer"))])
        assert (
            "is not overwritten"
            in modules.fail("powerbi_export", workspace="Finance", dest=str(dest), content="file")["msg"]
        )
        (dest / "Sales.pbix").unlink()
        assert export(modules, dest, content="file")["changed"]

    def test_a_file_that_an_export_wrote_is_overwritten_unless_it_was_changed(
        self, imported: tuple[Modules, list[Path]], tmp_path: Path
    ) -> None:
        modules, _files = imported
        dest = tmp_path / "export"
        export(modules, dest, content="file")
        (dest / "Invoice.rdl").write_bytes((dest / "Invoice.rdl").read_bytes().replace(b"\n", b"\r\n"))  # as git may
        newer = [pbix(tmp_path / "Sales.pbix", page="Newer"), rdl(tmp_path / "Invoice.rdl", "Newer")]
        modules("powerbi_import", workspace="Finance", src=[str(path) for path in newer])
        assert [one["action"] for one in export(modules, dest, content="file")["exported"]] == ["update", "update"]
        pbix(dest / "Sales.pbix", page="Edited here")
        modules("powerbi_import", workspace="Finance", src=[str(pbix(tmp_path / "Sales.pbix", page="Newest"))])
        before = snapshot(dest)
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(dest), content="file")
        assert "or it was changed since" in result["msg"]
        assert snapshot(dest) == before

    def test_a_rendered_file_of_the_user_is_not_overwritten(
        self, imported: tuple[Modules, list[Path]], tmp_path: Path
    ) -> None:
        modules, _files = imported
        dest = tmp_path / "export"
        dest.mkdir()
        (dest / "Sales.pdf").write_text("of the user")
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(dest), content="pdf")
        assert "Sales.pdf differs from Sales.Report" in result["msg"]
        assert [path.name for path in dest.iterdir()] == ["Sales.pdf"]

    def test_a_report_without_a_file_is_reported_and_the_others_are_exported(
        self, modules: Modules, tmp_path: Path
    ) -> None:
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "x"), content="file")
        assert result["changed"] and "Sales.Report could not be exported" in result["msg"]
        assert [one["path"] for one in result["exported"]] == ["Monthly/Invoice.rdl"]
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
        assert sorted(path.name for path in dest.iterdir()) == [MANIFEST, *files]
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


class TestRendering:
    """The option render: the emulator's files contain what the request had."""

    def rendered(self, modules: Modules, dest: Path, item: str, content: str, **render: t.Any) -> tuple[str, t.Any]:
        """The name of the one file, and pages and configuration that it is of."""
        result = modules(
            "powerbi_export", workspace="Finance", dest=str(dest), include=[item], content=content, render=render
        )
        (one,) = result["exported"]
        path = dest / one["path"]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                text = archive.read("content.txt")
        else:
            text = path.read_bytes()
        return one["path"], json.loads(text.splitlines()[-1])

    def test_pages_visuals_filter_and_identity(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        name, outcome = self.rendered(
            modules,
            tmp_path / "x",
            "Sales.Report",
            "pptx",
            pages=[{"page": "Revenue by region", "visual": "byregion"}, {"page": "overview", "bookmark_state": "H4sI"}],
            bookmark_state="H4sJ",
            locale="de-DE",
            filter="Region/Name eq 'North'",
            identities=[{"username": "north@contoso.example", "roles": ["Region manager"], "custom_data": "7"}],
        )
        model = portal.item("Sales.SemanticModel")["id"]
        assert name == "Sales.pptx"
        assert outcome["pages"] == ["regions", "overview"]
        assert outcome["configuration"] == {
            "settings": {"locale": "de-DE"},
            "defaultBookmark": {"state": "H4sJ"},
            "reportLevelFilters": [{"filter": "Region/Name eq 'North'"}],
            "pages": [
                {"pageName": "regions", "visualName": "byregion"},
                {"pageName": "overview", "bookmark": {"state": "H4sI"}},
            ],
            "identities": [
                {
                    "username": "north@contoso.example",
                    "roles": ["Region manager"],
                    "customData": "7",
                    "datasets": [model],
                }
            ],
        }

    def test_another_semantic_model(self, modules: Modules, portal: Portal, tmp_path: Path) -> None:
        options = {"semantic_model": "sales", "hidden_pages": True, "identities": [{"username": "me"}]}
        _name, outcome = self.rendered(modules, tmp_path / "x", "Sales.Report", "pdf", **options)
        model = portal.item("Sales.SemanticModel")["id"]
        assert outcome["configuration"] == {
            "settings": {"includeHiddenPages": True},
            "datasetToBind": model,
            "identities": [{"username": "me", "datasets": [model]}],
        }

    def test_several_pages_as_png_are_an_archive(self, modules: Modules, tmp_path: Path) -> None:
        assert self.rendered(modules, tmp_path, "Sales.Report", "png")[0] == "Sales.png.zip"
        assert self.rendered(modules, tmp_path, "Sales.Report", "png", pages=[{"page": "Overview"}])[0] == "Sales.png"

    def test_parameters_and_settings_of_a_paginated_report(self, modules: Modules, tmp_path: Path) -> None:
        item = "Invoice.PaginatedReport"
        options = {
            "parameters": {"Invoice": [4711, 4712]},
            "format_settings": {"StartPage": 1, "UseReportPageSize": True},
            "identities": [{"username": "me@contoso.example"}],
        }
        name, outcome = self.rendered(modules, tmp_path, item, "xlsx", **options)
        assert name == "Monthly/Invoice.xlsx"
        assert outcome["configuration"] == {
            "parameterValues": [{"name": "Invoice", "value": "4711"}, {"name": "Invoice", "value": "4712"}],
            "formatSettings": {"StartPage": "1", "UseReportPageSize": "true"},
            "identities": [{"username": "me@contoso.example"}],
        }
        jpeg = {"format_settings": {"OutputFormat": "JPEG"}}
        assert self.rendered(modules, tmp_path, item, "image", **jpeg)[0] == "Monthly/Invoice.jpeg"
        assert self.rendered(modules, tmp_path, item, "image")[0] == "Monthly/Invoice.tiff"
        for content in ("csv", "docx", "mhtml", "xml"):
            assert self.rendered(modules, tmp_path, item, content)[0] == f"Monthly/Invoice.{content}"
        assert self.rendered(modules, tmp_path, item, "accessible_pdf")[0] == "Monthly/Invoice.pdf"

    def test_reports_of_the_other_kind_are_skipped(self, modules: Modules, tmp_path: Path) -> None:
        result = export(modules, tmp_path / "x", content="xlsx")
        assert [one["name"] for one in result["exported"]] == ["Invoice"]
        assert result["unsupported_items"] == [
            {"item": "Sales.Report", "why": "the service makes XLSX of paginated reports only"}
        ]

    @pytest.mark.parametrize(
        ("content", "render", "words"),
        [
            ("pdf", {"pages": [{"page": "Ovreview"}]}, "no page is called 'Ovreview' in Sales"),
            (
                "pdf",
                {"pages": [{"page": "overview", "visual": "pie"}]},
                "has no visual 'pie'",
            ),  # the service refuses it
            ("pdf", {"bookmark": "north"}, "no bookmark 'north'"),
            ("pdf", {"semantic_model": "Sails"}, "there is no semantic model 'Sails'"),
            ("pdf", {"bookmark": "a", "bookmark_state": "b"}, "mutually exclusive"),
            ("png", {"parameters": {"a": 1}}, "render.parameters is for paginated reports"),
            ("xlsx", {"locale": "de-DE"}, "render.locale is for Power BI reports"),
            ("xlsx", {"identities": [{"username": "a"}, {"username": "b"}]}, "more than one"),
            ("definition", {"locale": "de-DE"}, "a definition is not rendered"),
        ],
    )
    def test_what_can_not_be(
        self, modules: Modules, tmp_path: Path, content: str, render: dict[str, t.Any], words: str
    ) -> None:
        options = {"workspace": "Finance", "dest": str(tmp_path / "x"), "content": content, "render": render}
        result = modules.run("powerbi_export", include=["Sales.Report"], **options)
        assert result["failed"] and words in result["msg"]
        assert not list(tmp_path.glob("x/**/*.*"))

    def test_a_parameter_that_there_is_not(self, modules: Modules, tmp_path: Path) -> None:
        options = {"content": "csv", "render": {"parameters": {"Customer": "x"}}}
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path), **options)
        assert "no parameter 'Customer'" in result["msg"]

    def test_the_token_of_an_identity_is_not_shown(
        self, fresh_emulator: Emulator, modules: Modules, tmp_path: Path, ansible: AnsibleRunner
    ) -> None:
        options = {
            "workspace": "Finance",
            "dest": str(tmp_path / "x"),
            "include": ["Sales.Report"],
            "content": "pdf",
            "render": {"identities": [{"username": "me", "identity_blob": "eyJ.hunter2hunter2"}]},
        }
        task = {"name": "export", "community.powerbi.powerbi_export": options}
        run = ansible.playbook([task], env=fresh_emulator.env, verbosity=4)
        assert run.ok().result("export").result["changed"]
        assert "hunter2hunter2" not in run.stdout + run.stderr


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


class TestFailuresAfterTheFirstWrite:
    """The task reports `changed`, and lists what it has exported."""

    def test_of_the_manifest(self, modules: Modules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(_manifest: object, _done: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Manifest, "record", full)
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "export"))
        assert "No space left on device" in result["msg"]
        assert result["changed"] is True
        assert result["workspace_id"]
        assert (tmp_path / "export" / "Sales.SemanticModel" / ".platform").is_file()

    def test_of_a_file_of_an_item(self, modules: Modules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[str] = []
        write_part = definitions._write_part

        def full(root: str, path: str, data: bytes) -> None:
            if written:
                raise OSError(28, "No space left on device")
            written.append(path)
            write_part(root, path, data)

        monkeypatch.setattr(definitions, "_write_part", full)
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "export"), parallel=1)
        assert result["changed"] is True
        assert (tmp_path / "export" / written[0]).is_file()

    def test_nothing_was_written(self, modules: Modules, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        result = modules.fail("powerbi_export", workspace="Finance", dest=str(tmp_path / "file"))
        assert result["changed"] is False
        assert (result["exported"], result["failed_items"], result["unsupported_items"]) == ([], [], [])
