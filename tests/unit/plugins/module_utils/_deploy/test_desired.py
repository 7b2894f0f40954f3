# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be deployed from a folder: its order, what comes with files, and what is refused before any request."""

from __future__ import annotations

import json
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError
from ansible_collections.community.powerbi.plugins.module_utils._deploy import desired
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError

USED, USER = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"


def notebook(folder: Path, name: str, logical_id: str, text: str = "one") -> Path:
    path = folder / f"{name}.Notebook"
    path.mkdir(parents=True)
    about = {
        "metadata": {"type": "Notebook", "displayName": name},
        "config": {"version": "2.0", "logicalId": logical_id},
    }
    (path / ".platform").write_text(json.dumps(about))
    (path / "notebook-content.py").write_text(text)
    return path


def pbix(path: Path, *, model: bool = True) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Version", "1.28".encode("utf-16-le"))
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("Report/Layout", json.dumps({"sections": []}).encode("utf-16-le"))
        if model:
            archive.writestr("DataModel", b"")
    return path


def needs(found: desired.Desired) -> dict[str, list[str]]:
    return {str(item): [str(other) for other in found.graph.needed_by(item)] for item in found.items}


def read(folder: Path, **options: t.Any) -> desired.Desired:
    return desired.read(str(folder), environ={}, **options)


def test_an_item_that_names_another_by_its_logical_id_needs_it_first(tmp_path: Path) -> None:
    notebook(tmp_path, "A", USER, f"calls {USED}")
    notebook(tmp_path, "B", USED)
    assert needs(read(tmp_path)) == {"A.Notebook": ["B.Notebook"], "B.Notebook": []}


@pytest.mark.parametrize(
    ("value", "needed"),
    [
        ("$items.Notebook.b.$id", ["B.Notebook"]),
        ("$items.SemanticModel.Figures.$id", ["Figures.Report"]),  # the .pbix contains it
        ("$items.Report.Figures.$id", ["Figures.Report"]),
        ("$items.SemanticModel.Nothing.$id", []),
        ("$workspace.Other.$items.Notebook.B.$id", []),
    ],
)
def test_an_item_depends_on_the_items_whose_ids_its_parameters_use(
    tmp_path: Path, value: str, needed: list[str]
) -> None:
    notebook(tmp_path, "A", USER, "calls IT")
    notebook(tmp_path, "B", USED)
    pbix(tmp_path / "Figures.pbix")
    assert needs(read(tmp_path, parameters=[{"find": "IT", "replace": value}]))["A.Notebook"] == needed


def test_what_is_brought(tmp_path: Path) -> None:
    pbix(tmp_path / "Figures.pbix")
    pbix(tmp_path / "Thin.pbix", model=False)
    found = read(tmp_path)
    brought = [("Report", "figures"), ("SemanticModel", "FIGURES"), ("Report", "Thin"), ("SemanticModel", "Thin")]
    assert [found.provides(*one) for one in brought] == [True, True, True, False]


def test_a_duplicate_model_is_refused(tmp_path: Path) -> None:
    pbix(tmp_path / "Sales.pbix")
    model = tmp_path / "Sales.SemanticModel"
    model.mkdir()
    (model / "definition.pbism").write_text('{"version": "1.0"}')
    (model / "model.bim").write_text('{"name": "Sales", "compatibilityLevel": 1567, "model": {"culture": "en-US"}}')
    with pytest.raises(ContentError, match="contains a semantic model of the same name as"):
        read(tmp_path)
    assert [str(item) for item in read(tmp_path, exclude=["*.pbix"]).items] == ["Sales.SemanticModel"]


def test_items_that_need_each_other_are_refused(tmp_path: Path) -> None:
    notebook(tmp_path, "A", USER, f"calls {USED}")
    notebook(tmp_path, "B", USED, f"calls {USER}")
    with pytest.raises(ContentError, match=r"A\.Notebook -> B\.Notebook -> A\.Notebook"):
        read(tmp_path)


def test_what_the_patterns_leave_out_is_known_as_outside(tmp_path: Path) -> None:
    notebook(tmp_path, "A", USER)
    notebook(tmp_path, "B", USED)
    found = read(tmp_path, include=["A.*"])
    assert ([str(item) for item in found.items], [str(item) for item in found.outside]) == (
        ["A.Notebook"],
        ["B.Notebook"],
    )


def test_a_rule_that_does_nothing_is_a_warning(tmp_path: Path) -> None:
    notebook(tmp_path, "A", USER)
    rule = {"find": "one", "replace": "two", "item_name": "Z"}
    (warning,) = read(tmp_path, parameters=[rule]).warnings
    assert "match no file" in warning.what


def test_one_item_takes_another_name_and_place(tmp_path: Path) -> None:
    path = notebook(tmp_path, "A", USER)
    options: dict[str, t.Any] = {"environment": "", "parameters": None, "environ": {}}
    found = desired.read_item(str(path), name="New", folder="X/Y", **options)
    (item,) = found.items
    assert (str(item), item.folder, item.logical_id) == ("New.Notebook", "X/Y", "")
    assert found.renamed, "it is not the item of the folder's logical id"
    (item,) = desired.read_item(str(path), name="a", folder="", **options).items
    assert (str(item), item.logical_id) == ("a.Notebook", USER)
    (own,) = desired.read_item(str(path), name="", folder="", **options).items
    assert str(own) == "A.Notebook"


class TestFiles:
    def test_files_and_folders_of_them(self, tmp_path: Path) -> None:
        one = pbix(tmp_path / "One.pbix")
        (tmp_path / "more" / "deep").mkdir(parents=True)
        pbix(tmp_path / "more" / "deep" / "Two.pbix")
        found = desired.read_files([str(one), str(tmp_path / "more")], folder="X")
        assert [(str(item), item.folder) for item in found.items] == [("One.Report", "X"), ("Two.Report", "X/deep")]
        assert all(found.packages[item].has_model for item in found.items)

    def test_a_single_one_may_have_another_name(self, tmp_path: Path) -> None:
        (item,) = desired.read_files([str(pbix(tmp_path / "One.pbix"))], name="Other").items
        assert str(item) == "Other.Report"
        for paths in ([str(tmp_path)], [str(tmp_path / "One.pbix")] * 2):
            with pytest.raises(ConfigError) as caught:
                desired.read_files(paths, name="Other")
            assert caught.value.option == "name"

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("Nothing.pbix", "there is no such file"),
            ("notes.txt", "this is no .pbix, .rdl or .xlsx file, and no folder"),
            ("empty", "there is no .pbix, .rdl or .xlsx file in it"),
            ("Broken.pbix", "it is no ZIP package"),
        ],
    )
    def test_what_is_no_file_to_import(self, tmp_path: Path, name: str, message: str) -> None:
        (tmp_path / "notes.txt").write_text("x")
        (tmp_path / "empty").mkdir()
        (tmp_path / "Broken.pbix").write_text("x")
        with pytest.raises(ContentError) as caught:
            desired.read_files([str(tmp_path / name)])
        assert message in caught.value.why

    def test_a_folder_with_a_name_that_the_service_refuses(self, tmp_path: Path) -> None:
        """A problem of the folders above a file is one of the import; a link beside it is not."""
        (tmp_path / "a:b" / "deep").mkdir(parents=True)
        pbix(tmp_path / "a:b" / "deep" / "One.pbix")
        (tmp_path / "link.Report").symlink_to("/")
        with pytest.raises(ContentError) as caught:
            desired.read_files([str(tmp_path)])
        assert "has ':', which the service refuses" in caught.value.why
        assert [problem.file for problem in caught.value.problems] == ["a:b"]

    def test_a_missing_file_has_no_line(self, tmp_path: Path) -> None:
        with pytest.raises(ContentError) as caught:
            desired.read_files([str(tmp_path / "Nothing.pbix")])
        (problem,) = caught.value.problems
        assert (problem.line, problem.column) == (0, 0)

    def test_two_of_a_name_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        paths = [str(pbix(tmp_path / "One.pbix")), str(pbix(tmp_path / "sub" / "ONE.pbix"))]
        with pytest.raises(ContentError, match="has the name of the Report in"):
            desired.read_files(paths)
