# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of former formats, files of other tools, and names in the spellings of other file systems."""

from __future__ import annotations

import json
import typing as t
import unicodedata

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import folder, platform
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import Scan, scan
from ansible_collections.community.powerbi.plugins.module_utils._content.item_files import is_stray

Tree = t.Callable[[t.Mapping[str, t.Any]], str]
Files = dict[str, t.Any]
ID = "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d01"


def warnings(found: Scan) -> list[str]:
    return [str(problem) for problem in found.problems if problem.severity == "warning"]


@pytest.mark.parametrize(("given", "item_type"), [("dataset", "SemanticModel"), ("SemanticModel", "SemanticModel")])
def test_the_first_version_of_the_git_format(tree: Tree, model_files: Files, given: str, item_type: str) -> None:
    files = {path.replace("Sales.SemanticModel", "old one"): text for path, text in model_files.items()}
    files["old one/definition.pbidataset"] = files.pop("old one/definition.pbism")
    files["old one/item.metadata.json"] = json.dumps({"type": given, "displayName": "Sales", "description": "d"})
    files["old one/item.config.json"] = json.dumps({"version": "1.0", "logicalId": ID})
    found = scan(tree(files))

    assert found.problems == ()
    (item,) = found.items
    assert (item.type, item.display_name, item.description, item.logical_id) == (item_type, "Sales", "d", ID)
    assert sorted(item.parts) == [
        ".platform",
        "definition.pbism",
        "definition/model.tmdl",
        "definition/tables/Sales.tmdl",
    ]


@pytest.mark.parametrize(
    ("metadata", "config", "what"),
    [
        ("{", "{}", "item.metadata.json:1:2: invalid JSON"),
        ("[]", "{}", "item.metadata.json:1:1: this is no JSON object"),
        ('{"type": "report"}', "{}", "displayName is missing or no text"),
        ('{"type": 1, "displayName": "A"}', "{}", "type is missing or no text"),
        ('{"type": "report", "displayName": "A"}', "{", "item.config.json:1:2: invalid JSON"),
    ],
)
def test_a_damaged_first_version(tree: Tree, metadata: str, config: str, what: str) -> None:
    files = {"A.Report/item.metadata.json": metadata, "A.Report/item.config.json": config}

    assert any(what in str(problem) for problem in scan(tree(files)).problems)


def test_a_platform_wins_over_the_files_of_the_first_version(tree: Tree, model_files: Files) -> None:
    files = {
        **model_files,
        "Sales.SemanticModel/.platform": platform.write(platform.Platform("SemanticModel", "New", "", ID)),
        "Sales.SemanticModel/item.metadata.json": '{"type": "dataset", "displayName": "Old"}',
    }
    (item,) = scan(tree(files)).items

    assert item.display_name == "New"
    assert "item.metadata.json" not in item.parts


@pytest.mark.parametrize("config", ["", ', "config": {}', ', "config": {"version": "2.0"}'])
def test_a_platform_needs_no_config(tree: Tree, config: str) -> None:
    files = {"N.Notebook/.platform": f'{{"metadata": {{"type": "Notebook", "displayName": "Any"}}{config}}}'}
    found = scan(tree(files))

    assert found.problems == ()
    assert [(str(item), item.logical_id) for item in found.items] == [("Any.Notebook", "")]


def test_a_former_keyword_is_sent_as_the_current_one(tree: Tree, model_files: Files) -> None:
    files = {
        **model_files,
        "Sales.SemanticModel/definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Sales\nref culture fr-FR\n",
        "Sales.SemanticModel/definition/cultures/fr-FR.tmdl": "Culture fr-FR\r\n\tlinguisticMetadata = {}\r\n",
    }
    found = scan(tree(files))

    (item,) = found.items
    assert item.parts["definition/cultures/fr-FR.tmdl"] == b"cultureInfo fr-FR\r\n\tlinguisticMetadata = {}\r\n"
    assert item.parts["definition/model.tmdl"].endswith(b"\tculture: en-US\n\nref table Sales\nref cultureInfo fr-FR\n")
    assert found.problems == ()  # nothing is lost, so there is nothing to report


STRAY = [
    "README.md",
    "definition/.gitkeep",
    "definition/tables/Sales.tmdl.orig",
    "definition/tables/.Sales.tmdl.swp",
    "a~",
]


def test_stray_files_are_no_parts_and_are_named_once(tree: Tree, model_files: Files) -> None:
    other = {path.replace("Sales.SemanticModel", "Other.SemanticModel"): text for path, text in model_files.items()}
    files = {**model_files, **other, "Other.SemanticModel/notes.bak": "x", "README.md": "outside of items"}
    found = scan(tree({**files, **{f"Sales.SemanticModel/{path}": "x" for path in STRAY}}))

    assert all(len(item.parts) == 3 for item in found.items)
    (warning,) = warnings(found)
    assert "6 files are no part of a definition and not sent: Other.SemanticModel/notes.bak, " in warning
    assert warning.count("Sales.SemanticModel/") == 4 and " and 1 more" in warning
    alone = scan(tree({}), exclude=["Sales.*"])
    assert "1 file is no part" in warnings(alone)[0]


@pytest.mark.parametrize("path", ["definition/tables/README.tmdl", "a/README.md", "Files/x.tmp.json", "license.json"])
def test_files_that_may_be_parts(path: str) -> None:
    assert not is_stray(path)


@pytest.mark.parametrize("path", ["../sales.semanticmodel", "..\\SALES.SemanticModel", "../Sales.SemanticModel"])
def test_a_model_path_in_another_case(tree: Tree, model_files: Files, report_files: Files, path: str) -> None:
    binding = json.dumps({"datasetReference": {"byPath": {"path": path}}})
    src = tree({**model_files, **report_files, "Sales.Report/definition.pbir": binding})

    assert scan(src).problems == ()
    alone = folder.scan_item(f"{src}/Sales.Report")
    assert (alone.problems, [str(item) for item in alone.outside]) == ((), ["Sales.SemanticModel"])


def test_a_model_path_that_fits_two_models_but_for_case(tree: Tree, model_files: Files, report_files: Files) -> None:
    both = {path.replace("Sales.", "SALES."): text for path, text in model_files.items()}
    binding = '{"datasetReference": {"byPath": {"path": "../sales.SemanticModel"}}}'
    found = scan(tree({**model_files, **both, **report_files, "Sales.Report/definition.pbir": binding}))

    assert any("the report's model isn't there: '../sales.SemanticModel'" in str(problem) for problem in found.problems)


def test_names_with_decomposed_characters(tree: Tree, model_files: Files, report_files: Files) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Größe") for form in ("NFC", "NFD"))
    files = {f"{decomposed}/{path}".replace("/Sales.", f"/{decomposed}."): text for path, text in model_files.items()}
    files |= {f"{decomposed}/{path}": text for path, text in report_files.items()}
    files[f"{decomposed}/Sales.Report/definition.pbir"] = json.dumps(
        {"datasetReference": {"byPath": {"path": f"../{composed}.SemanticModel"}}}
    )
    found = scan(tree(files), include=[f"{composed}/*"])

    assert found.problems == ()
    assert sorted((str(item), item.folder) for item in found.items) == [
        (f"{composed}.SemanticModel", composed),
        ("Sales.Report", composed),
    ]


def test_a_pbix_beside_its_project_names_the_pattern(tree: Tree, model_files: Files, report_files: Files) -> None:
    found = scan(tree({**model_files, **report_files, "Sales.pbix": b"no package"}))

    (problem,) = (one for one in found.problems if "has the name of" in one.what)
    assert problem.remedy == "Leave the file out: exclude: ['Sales.pbix']; or rename one of the two"
    assert scan(tree({}), exclude=["Sales.pbix"]).problems == ()


@pytest.mark.parametrize("command", ["createOrReplace", "CreateOrReplace", "delete"])
def test_a_tmdl_script_is_named_as_one(tree: Tree, model_files: Files, command: str) -> None:
    files = {
        **model_files,
        "Sales.SemanticModel/definition/change.tmdl": f"{command}\n\n\tref table Sales\n\t\tmeasure A = 1\n",
    }
    (problem,) = scan(tree(files)).problems

    assert (problem.severity, problem.line) == ("error", 1)
    assert f"this is a TMDL script ({command[0].lower()}{command[1:]}), not a part of a definition" in problem.what
