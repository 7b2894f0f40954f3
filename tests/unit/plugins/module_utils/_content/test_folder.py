# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scanning a folder: what is an item, and that everything wrong is found at once, with its place."""

from __future__ import annotations

import io
import json
import os
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.folder import Scan, scan
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError, Problem

Tree = t.Callable[[t.Mapping[str, t.Any]], str]
Files = dict[str, t.Any]


def platform(
    name: str, item_type: str, logical_id: str = "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d01", **metadata: str
) -> str:
    value = {
        "metadata": {"type": item_type, "displayName": name, **metadata},
        "config": {"version": "2.0", "logicalId": logical_id},
    }
    return json.dumps(value)


def package(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


RDL = '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"/>'
PBIX = package("[Content_Types].xml", "Version", "Report/Layout")


def shown(result: Scan, severity: str = "error") -> list[str]:
    return [str(problem) for problem in result.problems if problem.severity == severity]


def only(result: Scan) -> str:
    (problem,) = shown(result)
    return problem


def test_the_sample_is_whole(sample: Path) -> None:
    result = scan(str(sample))

    assert result.problems == ()
    assert [(str(item), item.kind, item.path, item.folder) for item in result.items] == [
        ("Invoice.PaginatedReport", "definition", "Invoice.PaginatedReport", ""),
        ("Sales.Report", "definition", "Sales.Report", ""),
        ("Sales.SemanticModel", "definition", "Sales.SemanticModel", ""),
    ]
    model = result.items[2]
    assert model.description == "Orders by day, product and region"
    assert model.logical_id == "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d01"
    assert model.source == str(sample / "Sales.SemanticModel")
    assert model.parts["definition.pbism"] == (sample / "Sales.SemanticModel" / "definition.pbism").read_bytes()


def test_items_folders_and_files(tree: Tree, model_files: Files, report_files: Files) -> None:
    files = {f"Finance/Europe/{path}": text for path, text in {**model_files, **report_files}.items()}
    files |= {
        "Finance/Budget.pbix": PBIX,
        "Letters/Invoice.RDL": RDL,
        "Numbers.xlsx": package("[Content_Types].xml", "xl/workbook.xml"),
        "Any name/.platform": platform("Renamed", "Notebook", description="d"),
        "Any name/notebook-content.py": "print()",
        "README.md": "#",
        "Finance/Europe/Sales.pbip": "{}",
        "parameter.yml": "find_replace: []",
        ".git/config.Report/x": "",
        "docs/nothing here.txt": "",
        "~$Numbers.xlsx": "lock",
    }
    result = scan(tree(files))

    assert result.problems == ()
    assert {(str(item), item.kind, item.folder) for item in result.items} == {
        ("Sales.SemanticModel", "definition", "Finance/Europe"),
        ("Sales.Report", "definition", "Finance/Europe"),
        ("Budget.Report", "pbix", "Finance"),
        ("Invoice.PaginatedReport", "rdl", "Letters"),
        ("Numbers.SemanticModel", "xlsx", ""),
        ("Renamed.Notebook", "definition", ""),
    }
    budget = next(item for item in result.items if item.kind == "pbix")
    assert (budget.size, dict(budget.parts)) == (len(PBIX), {})


def test_a_users_own_files_are_no_parts(tree: Tree, model_files: Files) -> None:
    extra = {
        "Sales.SemanticModel/.pbi/localSettings.json": "{not json",
        "Sales.SemanticModel/.pbi/cache.abf": b"\0" * 10,
        "Sales.SemanticModel/.DS_Store": b"\0",
        "Sales.SemanticModel/.gitignore": "x",
    }
    result = scan(tree({**model_files, **extra}))

    assert result.problems == ()
    assert set(result.items[0].parts) == {path.partition("/")[2] for path in model_files}


def test_children_of_an_item_are_items_in_its_folder(tree: Tree) -> None:
    files = {
        "F/E.Eventhouse/.platform": platform("E", "Eventhouse"),
        "F/E.Eventhouse/.children/K.KQLDatabase/.platform": platform(
            "K", "KQLDatabase", "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d02"
        ),
        "F/E.Eventhouse/.children/K.KQLDatabase/DatabaseProperties.json": "{}",
    }
    result = scan(tree(files))

    assert result.problems == ()
    assert {(str(item), item.folder) for item in result.items} == {("E.Eventhouse", "F"), ("K.KQLDatabase", "F")}


@pytest.mark.parametrize(
    ("include", "exclude", "names"),
    [
        (["*.Report"], [], ["Other.Report", "Sales.Report"]),
        (["Sales.*"], ["*.SemanticModel"], ["Sales.Report"]),
        (["A/*"], [], ["Sales.Report", "Sales.SemanticModel"]),
        (["./A/"], [], ["Sales.Report", "Sales.SemanticModel"]),
        ([], ["A/"], ["Other.Report"]),
        (["*.pbix"], [], ["Other.Report"]),
    ],
)
def test_patterns(
    tree: Tree, model_files: Files, report_files: Files, include: list[str], exclude: list[str], names: list[str]
) -> None:
    files = {f"A/{path}": text for path, text in {**model_files, **report_files}.items()}
    result = scan(tree({**files, "Other.pbix": PBIX}), include, exclude)

    assert result.problems == ()
    assert sorted(map(str, result.items)) == names


def test_a_pattern_without_a_match_is_a_problem(tree: Tree, model_files: Files) -> None:
    found = scan(tree(model_files), ["Salez.*", "Sales.*"])
    assert only(found).startswith("include: 'Salez.*' matches no item of the folder. Remedy: Give a pattern")
    with pytest.raises(ContentError, match=r"nothing was written\. include: 'Salez") as caught:
        found.check()
    assert caught.value.option == "include"


def test_a_problem_without_a_place_has_no_colon_before_it() -> None:
    assert (
        str(Problem("", 0, 0, "the workspace is full", "Delete items"))
        == "the workspace is full. Remedy: Delete items."
    )


def test_what_is_left_out_need_not_be_whole(tree: Tree, model_files: Files, report_files: Files) -> None:
    broken = {"Broken.SemanticModel/definition.pbism": "{", "Broken.SemanticModel/.platform": "{"}
    result = scan(tree({**model_files, **report_files, **broken}), exclude=["Broken.*", "Sales.SemanticModel"])

    assert result.problems == ()
    assert [str(item) for item in result.items] == ["Sales.Report"]
    assert [str(item) for item in result.outside] == ["Broken.SemanticModel", "Sales.SemanticModel"]


def test_all_problems_are_reported_together(tree: Tree, model_files: Files, report_files: Files) -> None:
    tmdl = "Sales.SemanticModel/definition/tables/Sales.tmdl"
    files = {
        **model_files,
        **report_files,
        tmdl: model_files[tmdl].replace("measure Total", "mesure Total"),
        "Sales.Report/definition/report.json": '{"a": 1,\n  "b": }',
        "Sales.Report/definition.pbir": '{"datasetReference": {"byPath": {"path": "../Nope.SemanticModel"}}}',
        "Copy/Sales.SemanticModel/definition.pbism": "{}",
        "Budget.pbix": b"not a zip",
        "Letter.rdl": RDL.replace("/>", ">"),
    }
    result = scan(tree(files))
    texts = shown(result)

    assert [text for text in texts if f"{tmdl}:3:2: unknown object 'mesure'" in text]
    assert [text for text in texts if "Sales.Report/definition/report.json:2:8: invalid JSON: expecting value" in text]
    assert [
        text
        for text in texts
        if "definition.pbir:1:42: the report's model isn't there: '../Nope.SemanticModel'" in text
    ]
    assert [
        text
        for text in texts
        if "Copy/Sales.SemanticModel/definition/model.tmdl: this required part is missing" in text
    ]
    assert [text for text in texts if "has the name of the SemanticModel in" in text]
    assert [text for text in texts if "Budget.pbix: this isn't a .pbix: it is no ZIP package" in text]
    assert [text for text in texts if "Letter.rdl:1:" in text and "this isn't XML: no element found" in text]
    assert len(texts) == 7, texts
    with pytest.raises(ContentError) as caught:
        result.check()
    assert caught.value.problems == result.problems
    assert "7 problems were found in the content, nothing was written" in str(caught.value)
    assert len(caught.value.to_dict()["problems"]) == 7


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("Sales.SemanticModel/definition.pbism", "Sales.SemanticModel/definition.pbism: this required part is missing"),
        ("Sales.SemanticModel/definition/model.tmdl", "definition/model.tmdl: this required part is missing"),
        ("Sales.Report/definition.pbir", "Sales.Report/definition.pbir: this required part is missing"),
        ("Sales.Report/definition/report.json", "definition/report.json: this required part is missing"),
        ("Sales.Report/definition/version.json", "definition/version.json: this required part is missing"),
        ("Sales.Report/definition/pages/p1/page.json", "the page order names 'p1', which has no page.json"),
    ],
)
def test_a_missing_part(tree: Tree, model_files: Files, report_files: Files, gone: str, expected: str) -> None:
    files = {path: text for path, text in {**model_files, **report_files}.items() if path != gone}

    assert expected in only(scan(tree(files)))


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("Sales.SemanticModel/model.bim", '{"model": {}}', "there are two definitions of the model"),
        ("Sales.Report/report.json", "{}", "there are two definitions of the report"),
        (
            "Sales.SemanticModel/definition/tables/Two.tmdl",
            "table Two\n\tmeasure total = 2\n",
            "has the name of measure Sales[Total]",
        ),
        (
            "Sales.SemanticModel/definition/tables/Bad.tmdl",
            b"table T\n\xff\n",
            "Bad.tmdl:2:1: the file isn't UTF-8 text",
        ),
        ("Sales.SemanticModel/definition/tables/U.tmdl", "table U".encode("utf-16"), "the file is UTF-16 text"),
        ("Sales.Report/definition/pages/p1/x.json", '{"a": 1, "a": 2}', "x.json:1:10: the key 'a' is repeated"),
        ("Sales.Report/Definition/report.json", "{}", "differs from 'Definition/report.json' only in case"),
        ("Sales.Report/a\\b.json", "{}", "the file's name has a backslash"),
        ("Fold#er/x.pbix", PBIX, "the workspace folder's name has '#', which the service refuses"),
        ("x.pbix", package("[Content_Types].xml"), "the package has no 'Version'"),
        ("x.xlsx", package("xl/workbook.xml"), "the package has no '[Content_Types].xml'"),
        ("x.pbix", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the .pbix is encrypted"),
        ("x.rdl", "<Report", "this isn't XML"),
        ("x.rdl", "<html/>", "the root element is 'html'"),
        ("x.rdl", "<!DOCTYPE r [<!ENTITY a 'b'>]><Report/>", "the file has a document type declaration"),
        ("P.PaginatedReport/.platform", platform("P", "PaginatedReport"), "P.rdl: this required part is missing"),
        ("N.Notebook/.platform", platform("n" * 400, "Notebook"), "has 400 characters, the service takes 256"),
        ("N.Notebook/.platform", platform("n ", "Notebook"), "starts or ends with a blank"),
        (
            "N.Notebook/.platform",
            platform("N", "Report"),
            "but its .platform has the type Report. Remedy: Name the folder 'N.Report'",
        ),
        ("N.Notebook/.platform", platform("N", "Notebook", "zero"), "config.logicalId can't be 'zero'"),
        ("N.Notebook/.platform", '{"metadata": {"type": "Notebook"}}', "metadata.displayName is missing"),
        ("N.Notebook/.platform", "[]", "the .platform part isn't a JSON object"),
        (
            "N.Notebook/.platform",
            platform("N", "Notebook", description="d" * 257),
            "the description has 257 characters",
        ),
    ],
)
def test_what_is_wrong_with_one_file(
    tree: Tree, model_files: Files, report_files: Files, path: str, content: t.Any, expected: str
) -> None:
    texts = shown(scan(tree({**model_files, **report_files, path: content})))

    assert [text for text in texts if expected in text], texts


@pytest.mark.parametrize(
    ("folder", "named"),
    [("S.report", "'Report'"), ("S.Dataset", "'SemanticModel'"), ("S.semanticmodel", "'SemanticModel'")],
)
def test_a_folder_named_in_another_spelling_must_agree_with_its_platform(tree: Tree, folder: str, named: str) -> None:
    [text] = shown(scan(tree({f"{folder}/.platform": platform("S", "Notebook")})))

    assert f"the folder {folder!r} is named as a {folder[2:]}, but its .platform has the type Notebook" in text
    assert f"Name the folder 'S.Notebook', or set metadata.type in the .platform to {named}" in text


@pytest.mark.parametrize("folder", ["S", "S.notebook", "S.v2", "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d02", "Site.map"])
def test_the_platform_file_alone_identifies_a_folder_of_any_other_name(tree: Tree, folder: str) -> None:
    found = scan(tree({f"{folder}/.platform": platform("S", "Notebook")}))

    assert shown(found) == []
    assert [(item.type, item.display_name) for item in found.items] == [("Notebook", "S")]


def test_two_items_of_one_name_and_two_of_one_id(tree: Tree) -> None:
    files = {
        "a/N.Notebook/.platform": platform("N", "Notebook"),
        "b/M.Notebook/.platform": platform("n", "Notebook", "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d02"),
        "c/O.Notebook/.platform": platform("O", "Notebook"),
    }
    texts = shown(scan(tree(files)))

    assert len(texts) == 2
    assert "b/M.Notebook: n.Notebook has the name of the Notebook in a/N.Notebook" in texts[0]
    assert "O.Notebook has the logicalId of a/N.Notebook" in texts[1]


def test_the_zero_logical_id_is_no_duplicate(tree: Tree) -> None:
    none = "00000000-0000-0000-0000-000000000000"
    files = {f"{name}.Notebook/.platform": platform(name, "Notebook", none) for name in ("A", "B")}

    assert scan(tree(files)).problems == ()


def test_links_may_not_leave_the_folder(tree: Tree, model_files: Files, tmp_path: Path) -> None:
    src = tree({**model_files, "inside.txt": "x"})
    (tmp_path / "secret.json").write_text("{}")
    os.symlink(tmp_path / "secret.json", f"{src}/Sales.SemanticModel/definition/x.json")
    os.symlink(tmp_path, f"{src}/Elsewhere")
    os.symlink(f"{src}/nowhere", f"{src}/Sales.SemanticModel/gone.json")
    os.symlink(f"{src}/Sales.SemanticModel", f"{src}/Sales.SemanticModel/loop")
    os.symlink(f"{src}/inside.txt", f"{src}/Sales.SemanticModel/inside.txt")
    os.symlink("/etc/hostname", f"{src}/README.md")
    result = scan(src)

    assert [text.partition(". Remedy")[0] for text in shown(result)] == [
        "Elsewhere: the link points out of the folder",
        "Sales.SemanticModel/definition/x.json: the link points out of the folder",
        "Sales.SemanticModel/gone.json: it can't be read: No such file or directory",
        "Sales.SemanticModel/loop: the link points to a folder that holds it",
    ]
    assert result.items[0].parts["inside.txt"] == b"x"
    assert "definition/x.json" not in result.items[0].parts


def test_what_can_not_be_read_is_an_error(tree: Tree, model_files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    src = tree({**model_files, "x.pbix": PBIX})
    os.mkfifo(f"{src}/Sales.SemanticModel/pipe.json")
    refused = {f"{src}/Sales.SemanticModel/definition.pbism", f"{src}/x.pbix"}
    real = open

    def guarded(path: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        if path in refused:  # A test that runs as root can't take its own rights away.
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **options)

    monkeypatch.setattr("builtins.open", guarded)
    texts = [text.partition(". Remedy")[0] for text in shown(scan(src))]

    assert "Sales.SemanticModel/definition.pbism: the file can't be read: Permission denied" in texts
    assert "Sales.SemanticModel/pipe.json: this is no regular file" in texts
    assert "x.pbix: the file can't be read: Permission denied" in texts


def test_no_such_folder() -> None:
    assert "this folder does not exist" in only(scan("/nowhere/at/all"))


def test_rdl_of_report_builder_goes_through_imports(tree: Tree) -> None:
    result = scan(tree({"x.rdl": RDL.replace("/>", ' MustUnderstand="df" xmlns:df="urn:df"/>')}))

    assert shown(result) == shown(result, "warning") == []
    assert result.check() == result.items


def test_comments_in_json_are_taken(tree: Tree, model_files: Files) -> None:
    files = {**model_files, "Sales.SemanticModel/definition.pbism": '{\n  // version\n  "version": "4.0",\n}'}

    assert scan(tree(files)).problems == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Sales.SemanticModel", "Sales.Semanticmodel", "Sales.Semanticmodel: the folder has a definition.pbism"),
        (
            "Sales.SemanticModel/definition.pbism",
            "Sales.Dataset/definition.pbidataset",
            "Sales.Dataset: the folder has a definition.pbidataset",
        ),
        ("Sales.SemanticModel/", "", ".: the folder has a definition.pbism"),
    ],
)
def test_an_item_in_a_folder_of_another_name_is_not_passed_over(
    tree: Tree, model_files: Files, old: str, new: str, expected: str
) -> None:
    assert expected in only(
        scan(tree({path.replace(old, new): text for path, text in model_files.items() if old in path}))
    )


@pytest.mark.parametrize("pattern", ["Finanse/", "Sales.Dashboard", "", "No such item"])
def test_an_exclude_that_matches_nothing_is_a_warning(tree: Tree, model_files: Files, pattern: str) -> None:
    result = scan(tree(model_files), exclude=["Other.*", pattern][1:])
    assert shown(result) == []
    assert f"exclude: {pattern!r} matches no item" in shown(result, "warning")[0]


def test_patterns_know_names_in_any_case_and_with_brackets(tree: Tree, model_files: Files) -> None:
    files = {path.replace("Sales.", "Sales [EU]."): text for path, text in model_files.items()}
    result = scan(tree(files), exclude=["sales [EU].semanticmodel"])
    assert [str(item) for item in result.outside] == ["Sales [EU].SemanticModel"]
    assert result.problems == ()


def test_a_folder_without_an_item_is_a_warning(tree: Tree) -> None:
    result = scan(tree({"README.md": "Nothing yet"}))
    assert result.items == ()
    assert "the folder holds no item" in shown(result, "warning")[0]


@pytest.mark.parametrize("folder", ["node_modules/xlsx/test", "venv/lib/python3.11/pandas", "Team/site-packages/x"])
def test_what_package_managers_installed_is_no_content(tree: Tree, folder: str) -> None:
    book = package("[Content_Types].xml", "xl/workbook.xml")
    found = scan(tree({f"{folder}/book.xlsx": book, "Team/own.xlsx": book, "venv/pyvenv.cfg": b""}))
    assert [item.path for item in found.items] == ["Team/own.xlsx"]
