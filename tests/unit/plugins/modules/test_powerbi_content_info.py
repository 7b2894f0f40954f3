# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_content_info: the problems that a deployment of the same folder has, as values, SARIF and JUnit; no connection."""

from __future__ import annotations

import json
import os
import socket
import sys
import typing as t
import urllib.parse
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.problem import WARNING, ContentError, Problem
from ansible_collections.community.powerbi.plugins.module_utils._content.problem_codes import CODES
from ansible_collections.community.powerbi.plugins.module_utils._content.problem_reports import junit, sarif
from ansible_collections.community.powerbi.plugins.module_utils._content.problem_reports.places import Paths
from ansible_collections.community.powerbi.plugins.module_utils._deploy import desired
from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process
from ansible_collections.community.powerbi.plugins.modules import powerbi_content_info

USED, USER = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
MODEL: t.Final = {
    "Sales.SemanticModel/definition.pbism": '{"version": "4.0", "settings": {}}',
    "Sales.SemanticModel/definition/model.tmdl": "model Model\n\nref table Sales\n",
    "Sales.SemanticModel/definition/tables/Sales.tmdl": (
        "table Sales\n\n\tcolumn Amount\n\t\tdataType: int64\n\t\tsourceColumn: Amount\n\n"
        '\tpartition Sales = m\n\t\tmode: import\n\t\tsource = Sql.Database("dev.example.com", "x")\n'
    ),
}
REPORT: t.Final = {
    "Board/Sales.Report/definition.pbir": json.dumps(
        {"version": "4.0", "datasetReference": {"byPath": {"path": "../../Sales.SemanticModel"}}}
    ),
    "Board/Sales.Report/definition/version.json": '{"version": "2.0.0"}',
    "Board/Sales.Report/definition/report.json": "{}",
    "Board/Sales.Report/definition/pages/pages.json": '{"pageOrder": ["p1"]}',
    "Board/Sales.Report/definition/pages/p1/page.json": '{"name": "p1", "displayName": "One", "displayOption": "FitToPage"}',
}


def write(folder: Path, files: t.Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def notebook(name: str, logical_id: str, text: str = "one") -> dict[str, str]:
    about = {
        "metadata": {"type": "Notebook", "displayName": name},
        "config": {"version": "2.0", "logicalId": logical_id},
    }
    return {f"{name}.Notebook/.platform": json.dumps(about), f"{name}.Notebook/notebook-content.py": text}


def run(folder: Path | str, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return run_in_process(
        powerbi_content_info.ARGUMENT_SPEC,
        powerbi_content_info.run,
        {"src": str(folder), **options},
        name="powerbi_content_info",
        check_mode=check,
        environ={},
        cache_directory="",
        notify=pytest.fail,
    )


def found(result: dict[str, t.Any]) -> list[tuple[str, str, int]]:
    return [(one["code"], one["file"], one["line"]) for one in result["problems"]]


def pbix(*, damaged: bool = False) -> bytes:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"content-info-{os.getpid()}.pbix"
    try:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("Version", "1.28".encode("utf-16-le"))
            archive.writestr("[Content_Types].xml", "<Types/>")
        data = path.read_bytes()
    finally:
        path.unlink()
    return data[: len(data) // 2] if damaged else data


class TestValues:
    def test_a_sound_folder(self, tmp_path: Path) -> None:
        rule = "find_replace:\n  - find_value: dev.example.com\n    replace_value: {PROD: $items.Lakehouse.Lake.$id}\n"
        folder = write(tmp_path, {**MODEL, **REPORT, "parameter.yml": rule})
        result = run(folder, environment="PROD", parameters=str(folder / "parameter.yml"))

        assert (result["changed"], result["valid"], result["problems"]) == (False, True, [])
        assert [(item["path"], item["folder"], item["type"]) for item in result["content_items"]] == [
            ("Board/Sales.Report", "Board", "Report"),
            ("Sales.SemanticModel", "", "SemanticModel"),
        ]
        assert [(one["source"], one["target"], one["kind"]) for one in result["references"]] == [
            ("Board/Sales.Report", "Sales.SemanticModel", "definition.pbir")
        ]
        assert result["rules"] == [
            {"kind": "find_replace", "file": "parameter.yml", "line": 2, "items": ["Sales.SemanticModel"]}
        ]
        assert result["variables"] == ["$items.Lakehouse.Lake.$id"]

    def test_references_out_of_the_folder_and_those_of_rules(self, tmp_path: Path) -> None:
        bound = {"byConnection": {"connectionString": f"semanticmodelid={USED}"}}
        pbir = json.dumps({"version": "4.0", "datasetReference": bound})
        folder = write(tmp_path, {**REPORT, "Board/Sales.Report/definition.pbir": pbir, **notebook("A", USER, "IT")})
        write(folder, notebook("B", USED))
        result = run(folder, parameters=[{"find": "IT", "replace": "$items.Notebook.B.$id"}])
        by_kind = {one["kind"]: one for one in result["references"] if one["kind"] in ("parameter", "definition.pbir")}

        assert by_kind["parameter"]["source"] == "A.Notebook"
        assert by_kind["parameter"]["target"] == "B.Notebook"
        assert (by_kind["definition.pbir"]["target"], by_kind["definition.pbir"]["model_id"]) == ("", USED)

    def test_values_of_environment_variables_are_not_shown(self, tmp_path: Path) -> None:
        rule = {"find": "dev.example.com", "replace": "$ENV:SECRET"}
        result = run_in_process(
            powerbi_content_info.ARGUMENT_SPEC,
            powerbi_content_info.run,
            {"src": str(write(tmp_path, MODEL)), "parameters": [rule]},
            name="powerbi_content_info",
            check_mode=False,
            environ={"SECRET": "s3cret-value"},
            cache_directory="",
            notify=pytest.fail,
        )
        assert result["valid"]
        assert "s3cret-value" not in json.dumps(result)


BAD: t.Final[dict[str, tuple[dict[str, str | bytes], dict[str, t.Any], tuple[str, str, int]]]] = {
    "broken JSON": (
        {**MODEL, **REPORT, "Board/Sales.Report/definition/report.json": "{\n"},
        {},
        ("json", "Board/Sales.Report/definition/report.json", 2),
    ),
    "broken TMDL": (
        {**MODEL, "Sales.SemanticModel/definition/model.tmdl": "model Model\n\t= 1\n"},
        {},
        ("tmdl", "Sales.SemanticModel/definition/model.tmdl", 2),
    ),
    "broken .platform": (
        {"A.Notebook/.platform": "{", "A.Notebook/notebook-content.py": "x"},
        {},
        ("platform", "A.Notebook/.platform", 1),
    ),
    "damaged .pbix": ({"Sales.pbix": pbix(damaged=True)}, {}, ("package", "Sales.pbix", 0)),
    "no .rdl": ({"Page.rdl": "<Report"}, {}, ("paginated-report", "Page.rdl", 1)),
    "same logical id": (
        {**notebook("A", USED), **notebook("B", USED)},
        {},
        ("duplicate-logical-id", "B.Notebook/.platform", 0),
    ),
    "same name in other case": (
        {**notebook("Sales", USED), **{f"x/{path}": text for path, text in notebook("SALES", USER).items()}},
        {},
        ("duplicate-name", "x/SALES.Notebook", 0),
    ),
    "report without its model": (REPORT, {}, ("missing-model", "Board/Sales.Report/definition.pbir", 1)),
    "cycle": ({**notebook("A", USED, USER), **notebook("B", USER, USED)}, {}, ("cycle", "A.Notebook", 0)),
    "part that is missing": (
        {**MODEL, "R.Report/report.json": "{}"},
        {},
        ("missing-part", "R.Report/definition.pbir", 0),
    ),
    "unknown type": (
        {
            "A.Notbook/.platform": json.dumps(
                {"metadata": {"type": "Notbook", "displayName": "A"}, "config": {"version": "2.0", "logicalId": USED}}
            )
        },
        {},
        ("item-type", "A.Notbook/.platform", 0),
    ),
    "pattern": (MODEL, {"include": ["*.Dashboard"]}, ("pattern", "include", 0)),
    "broken parameter file": (
        {**MODEL, "parameter.yml": "find_replace: [\n"},
        {"parameters": "parameter.yml"},
        ("parameters", "parameter.yml", 2),
    ),
    "environment that no rule names": (
        {**MODEL, "parameter.yml": "find_replace:\n  - {find_value: dev.example.com, replace_value: {NO: a}}\n"},
        {"parameters": "parameter.yml", "environment": "no"},
        ("environment", "parameter.yml", 2),
    ),
    "rule without effect": (
        {**MODEL, "parameter.yml": "find_replace:\n  - {find_value: nowhere, replace_value: {_ALL_: a}}\n"},
        {"parameters": "parameter.yml"},
        ("parameter-without-effect", "parameter.yml", 2),
    ),
    "environment without rules": (MODEL, {"environment": "PROD"}, ("environment", "environment", 0)),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_the_problems_are_those_of_a_deployment(tmp_path: Path, case: str, strict: bool) -> None:
    files, options, expected = BAD[case]
    folder = write(tmp_path / "content", files)
    given = dict(options)
    if "parameters" in given:
        given["parameters"] = str(folder / given["parameters"])
    result = run(folder, strict_parameters=strict, **given)
    assert result["failed"] is False if "failed" in result else True
    assert expected in found(result)
    assert all(one["remedy"] or one["what"] for one in result["problems"])

    try:
        deployed = desired.read(str(folder), environ={}, strict=strict, **given).warnings
    except ContentError as error:
        deployed = error.problems
    assert sorted(map(str, deployed)) == sorted(
        str(Problem(**{name: one[name] for name in ("file", "line", "column", "what", "remedy", "severity")}))
        for one in result["problems"]
    )
    assert result["valid"] is all(one.severity == WARNING for one in deployed)


class TestBadFolders:
    def test_a_folder_that_is_not_there_fails(self, tmp_path: Path) -> None:
        result = run(tmp_path / "none")
        assert result["failed"]
        assert "none does not exist" in result["msg"]

    def test_a_file_instead_of_a_folder_fails(self, tmp_path: Path) -> None:
        result = run(write(tmp_path, {"a.txt": ""}) / "a.txt")
        assert result["failed"]
        assert "is a file, not a folder" in result["msg"]

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = write(tmp_path, MODEL)
        scandir = os.scandir

        def refused(path: str) -> t.Any:
            if str(path).endswith("tables"):
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refused)
        assert ("unreadable", "Sales.SemanticModel/definition/tables", 0) in found(run(folder))

    def test_links_out_of_the_folder(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "content", {**MODEL, "Other.txt": ""})
        (tmp_path / "secret.tmdl").write_text("table Secret\n")
        (folder / "Sales.SemanticModel/definition/tables/Secret.tmdl").symlink_to(tmp_path / "secret.tmdl")
        result = run(folder)
        assert found(result) == [("link", "Sales.SemanticModel/definition/tables/Secret.tmdl", 0)]

    def test_an_empty_folder_is_a_warning(self, tmp_path: Path) -> None:
        result = run(tmp_path)
        assert (result["valid"], result["warning_count"], result["content_items"]) == (True, 1, [])

    def test_ten_thousand_files(self, tmp_path: Path) -> None:
        folder = write(tmp_path, MODEL)
        pages = folder / "Sales.SemanticModel/Copilot/notes"
        pages.mkdir(parents=True)
        for number in range(10_000):
            (pages / f"{number}.json").write_bytes(b"{}" if number else b"{")
        result = run(folder, sarif_path=str(tmp_path / "out.sarif"))
        assert found(result) == [("json", "Sales.SemanticModel/Copilot/notes/0.json", 1)]


class TestNoConnection:
    def test_neither_network_nor_libraries(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_args: t.Any, **_options: t.Any) -> t.NoReturn:
            raise AssertionError("powerbi_content_info opened a connection")

        monkeypatch.setattr(socket, "socket", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        for name in ("msal", "requests", "urllib3", "cryptography", "jwt"):
            monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.setenv("HTTPS_PROXY", "not a url")
        assert run(write(tmp_path, {**MODEL, **REPORT}))["valid"]

    def test_it_has_no_option_for_a_connection(self) -> None:
        assert not {"client_id", "workspace", "api_url", "auth_method"} & set(powerbi_content_info.ARGUMENT_SPEC)


class TestFailOn:
    @pytest.mark.parametrize(
        ("case", "fail_on", "failed"),
        [
            ("broken JSON", "never", False),
            ("broken JSON", "errors", True),
            ("broken JSON", "warnings", True),
            ("rule without effect", "errors", False),
            ("rule without effect", "warnings", True),
        ],
    )
    def test_only_with_the_option(self, tmp_path: Path, case: str, fail_on: str, failed: bool) -> None:
        files, options, _expected = BAD[case]
        folder = write(tmp_path / "content", files)
        if "parameters" in options:
            options = {**options, "parameters": str(folder / "parameter.yml")}
        report = tmp_path / "out.xml"
        result = run(folder, fail_on=fail_on, junit_path=str(report), **options)
        assert bool(result.get("failed")) is failed
        assert result["problems"], "the values are there in any case"
        assert report.is_file(), "the file is written before the task fails"
        assert result["changed"] is True
        if failed:
            assert "1 error" in result["msg"] or "1 warning" in result["msg"]


class TestFiles:
    def test_written_only_when_the_bytes_differ(self, tmp_path: Path) -> None:
        folder, out = write(tmp_path / "content", BAD["broken TMDL"][0]), tmp_path / "new" / "a.sarif"
        options = {"sarif_path": str(out), "junit_path": str(tmp_path / "a.xml")}
        planned = run(folder, check=True, **options)
        assert planned["changed"] is True
        assert not out.exists()
        first = run(folder, **options)
        assert [one["after_header"] for one in first["diff"]] == [str(out), str(tmp_path / "a.xml")]
        assert first["diff"][0]["after"] == out.read_text()
        before = out.stat().st_mtime_ns
        again = run(folder, **options)
        assert (again["changed"], "diff" in again, out.stat().st_mtime_ns) == (False, False, before)
        (folder / "Sales.SemanticModel/definition/model.tmdl").write_text(
            str(MODEL["Sales.SemanticModel/definition/model.tmdl"])
        )
        mended = run(folder, **options)
        assert mended["changed"] is True
        assert mended["diff"][0]["before"] == first["diff"][0]["after"]

    @pytest.mark.parametrize("place", ["content", "content/x.txt/a.sarif"])
    def test_a_path_that_can_not_be_written(self, tmp_path: Path, place: str) -> None:
        folder = write(tmp_path / "content", {**MODEL, "x.txt": ""})
        result = run(folder, sarif_path=str(tmp_path / place))
        assert result["failed"]
        assert result["error"]["option"] == "sarif_path"
        assert "can't be written" in result["msg"]


class TestSarif:
    """The structure that SARIF 2.1.0 requires, and what GitHub requires besides."""

    def log(self, folder: Path, **options: t.Any) -> dict[str, t.Any]:
        path = folder.parent / "out.sarif"
        run(folder, sarif_path=str(path), **options)
        log: dict[str, t.Any] = json.loads(path.read_text(encoding="utf-8"))
        return log

    @pytest.mark.parametrize("case", BAD)
    def test_structure(self, tmp_path: Path, case: str) -> None:
        files, options, (code, _file, line) = BAD[case]
        folder = write(tmp_path / "repository" / "con tent", files)
        (tmp_path / "repository" / ".git").mkdir()
        if "parameters" in options:
            options = {**options, "parameters": str(folder / "parameter.yml")}
        log = self.log(folder, **options)
        assert log["version"] == "2.1.0"
        assert log["$schema"].endswith("sarif-schema-2.1.0.json")
        (one_run,) = log["runs"]
        driver = one_run["tool"]["driver"]
        assert driver["name"]
        for rule in driver["rules"]:
            assert rule["id"] in CODES
            assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
        assert code in [result["ruleId"] for result in one_run["results"]]
        fingerprints = set()
        for result in one_run["results"]:
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning")
            assert result["message"]["text"]
            (location,) = result["locations"]
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert uri.startswith("con%20tent"), "relative to the root of the repository, and a valid URI"
            assert not urllib.parse.urlsplit(uri).scheme and ".." not in uri and "\\" not in uri
            region = location["physicalLocation"]["region"]
            assert region["startLine"] >= 1 and region.get("startColumn", 1) >= 1
            fingerprints.add(result["partialFingerprints"]["problem/v1"])
        assert len(fingerprints) == len(one_run["results"])
        if line:
            lines = {one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in one_run["results"]}
            assert line in lines

    def test_the_fingerprint_stays_where_only_the_line_moves(self, tmp_path: Path) -> None:
        prints = []
        for above in ("", "\n\n"):
            files = {**MODEL, "Sales.SemanticModel/definition/model.tmdl": f"{above}model Model\n\t= 1\n"}
            (result,) = self.log(write(tmp_path / "content", files))["runs"][0]["results"]
            prints.append(
                (result["partialFingerprints"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
            )
        assert prints[0][0] == prints[1][0]
        assert prints[0][1] + 2 == prints[1][1]

    def test_not_more_results_than_github_takes(self, tmp_path: Path) -> None:
        warnings = [Problem(f"a{number}.tmdl", 1, 1, "w", severity=WARNING) for number in range(sarif.MAX_RESULTS)]
        data = sarif.render([*warnings, Problem("z.tmdl", 9, 1, "e")], Paths(str(tmp_path), str(tmp_path)))
        results = json.loads(data)["runs"][0]["results"]
        assert len(results) == sarif.MAX_RESULTS == 5000
        assert results[0]["level"] == "error", "errors are not left out"

    def test_a_parameter_file_out_of_the_repository_has_no_path_there(self, tmp_path: Path) -> None:
        folder = write(tmp_path / "repository", MODEL)
        (tmp_path / "parameter.yml").write_text("find_replace: [\n")
        result = run(
            folder, parameters=str(tmp_path / "parameter.yml"), sarif_path=str(tmp_path / "o"), root=str(folder)
        )
        assert not result.get("failed")
        (problem,) = json.loads((tmp_path / "o").read_text())["runs"][0]["results"]
        assert problem["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."


class TestJunit:
    def suite(self, folder: Path, **options: t.Any) -> ET.Element:
        path = folder.parent / "out.xml"
        run(folder, junit_path=str(path), **options)
        return ET.fromstring(path.read_bytes())

    def test_a_case_for_each_item(self, tmp_path: Path) -> None:
        files = {**MODEL, **REPORT, "Board/Sales.Report/definition/report.json": "{", "R.Report/report.json": "{"}
        root = self.suite(write(tmp_path / "content", files))
        (suite,) = root
        cases = {case.get("name"): case for case in suite}
        assert root.tag == "testsuites"
        assert set(cases) == {"Sales.SemanticModel", "Board/Sales.Report", "R.Report"}
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "0")
        assert {case.get("classname") for case in suite} == {"SemanticModel", "Report"}
        assert len(cases["Sales.SemanticModel"]) == 0
        (failure,) = cases["R.Report"].findall("failure")  # CI servers read one of a case
        assert "(and 1 more)" in str(failure.get("message"))
        assert str(failure.text).count("error [") == 2
        assert failure.get("type") in CODES

    def test_a_warning_is_output_of_a_case_that_passes(self, tmp_path: Path) -> None:
        files = {
            **MODEL,
            "R.Report/report.json": "{}",
            "R.Report/definition.pbir": REPORT["Board/Sales.Report/definition.pbir"].replace("../../", "../"),
        }
        (suite,) = self.suite(write(tmp_path / "content", files))
        case = next(case for case in suite if case.get("name") == "R.Report")
        assert suite.get("failures") == "0"
        assert "warning [" in str(case.findtext("system-out"))

    def test_names_with_any_character_are_xml(self, tmp_path: Path) -> None:
        problem = Problem('a<b>&"\x01\ud800.tmdl', 1, 1, "]]> \x00 & <x>")
        root = ET.fromstring(junit.render([], [problem], Paths(str(tmp_path), str(tmp_path))))
        assert "]]>" in str(root.find(".//failure").text)  # type: ignore[union-attr]
