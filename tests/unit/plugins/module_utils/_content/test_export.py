# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions to folders: the same bytes for the same content, nothing outside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import export, platform
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError
from ansible_collections.community.powerbi.plugins.module_utils._guid import ZERO_GUID

PARTS = {
    "definition.pbism": b'{"version":"4.0","settings":{}}',
    "definition/model.tmdl": b"model Model\r\n\r\nref table S\r\n",
    "definition/tables/S.tmdl": b"table S\n\tlineageTag: 1\n\n\tmeasure M = 1\n",
    ".platform": b'{"metadata": {"type": "SemanticModel", "displayName": "Old"}, "config": {"version": "2.0", '
    b'"logicalId": "00000000-0000-0000-0000-000000000000"}}',
}
ID = "6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d01"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(target: Path, parts: dict[str, bytes], **options: object) -> export.Written:
    return export.write(str(target), "SemanticModel", "Sales", parts, export.Properties(logical_id=ID), **options)  # type: ignore[arg-type]


def test_an_export_is_content_again(tmp_path: Path) -> None:
    target = tmp_path / export.folder_name("Sales", "SemanticModel")
    done = write(target, PARTS)

    assert done.created == (".platform", "definition.pbism", "definition/model.tmdl", "definition/tables/S.tmdl")
    assert files(target)["definition.pbism"] == b'{\n  "version": "4.0",\n  "settings": {}\n}'
    assert files(target)["definition/model.tmdl"] == b"model Model\n\nref table S\n"
    (item,) = scan(str(tmp_path)).check()
    assert (str(item), item.logical_id) == ("Sales.SemanticModel", ID)
    assert (target / ".platform").stat().st_mode & 0o777 == 0o666 & ~export._UMASK


def test_a_second_export_changes_no_byte(tmp_path: Path) -> None:
    write(tmp_path / "x", PARTS)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "x").rglob("*") if path.is_file()}
    done = write(tmp_path / "x", PARTS)

    assert not done.changed
    assert len(done.unchanged) == 4
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "x").rglob("*") if path.is_file()} == before


def test_a_file_in_another_layout_stays_as_its_author_wrote_it(tmp_path: Path) -> None:
    write(tmp_path / "x", PARTS)
    own = b"table S\r\n    lineageTag: 1\r\n\r\n    measure M =\r\n            1\r\n"
    (tmp_path / "x/definition/tables/S.tmdl").write_bytes(own)

    assert not write(tmp_path / "x", PARTS).changed
    assert (tmp_path / "x/definition/tables/S.tmdl").read_bytes() == own
    changed = {**PARTS, "definition/tables/S.tmdl": b"table S\n\tlineageTag: 1\n\n\tmeasure M = 2\n"}
    assert write(tmp_path / "x", changed).updated == ("definition/tables/S.tmdl",)


def test_a_model_split_into_other_files_stays_split(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write(target, PARTS)
    (target / "definition/tables/S.tmdl").write_bytes(b"table S\n\tlineageTag: 1\n")
    (target / "definition/measures.tmdl").write_bytes(b"table S\n\tmeasure M = 1\n")
    before = normalise(files(target), "SemanticModel").model
    done = write(target, PARTS)

    assert normalise(files(target), "SemanticModel").model == before
    assert done.removed == ()


def test_what_the_service_no_longer_has_goes(tmp_path: Path) -> None:
    target = tmp_path / "x"
    known = write(target, {**PARTS, "DAXQueries/a/q.dax": b"EVALUATE S"}).own
    (target / ".pbi").mkdir()
    (target / ".pbi/localSettings.json").write_text("{}")
    done = write(target, PARTS, known=known)

    assert done.removed == ("DAXQueries/a/q.dax",)
    assert not (target / "DAXQueries").exists()
    assert (target / ".pbi/localSettings.json").exists()


def test_the_logical_id_of_the_folder_stays(tmp_path: Path) -> None:
    write(tmp_path / "x", PARTS)
    export.write(str(tmp_path / "x"), "SemanticModel", "Renamed", PARTS)
    found, dummy = platform.read((tmp_path / "x/.platform").read_bytes(), "x")

    assert found == platform.Platform("SemanticModel", "Renamed", None, ID)


def test_check_mode_writes_nothing_and_returns_the_same(tmp_path: Path) -> None:
    assert write(tmp_path / "x", PARTS, check_mode=True) == write(tmp_path / "y", PARTS)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/x", "C:/x", "c:x", "a\\b", "a//b", "./x", "", "a/\0", "a/\n", "a/..", "definition/"],
)
def test_a_hostile_path_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(ContentError, match="the part's path"):
        write(tmp_path / "x", {**PARTS, path: b"x"})
    assert not (tmp_path / "x").exists()
    assert files(tmp_path) == {}


def test_a_link_in_the_folder_leads_nowhere_else(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "x").mkdir()
    os.symlink(outside, tmp_path / "x/definition")

    with pytest.raises(ContentError, match="leads through the link 'x/definition'"):
        write(tmp_path / "x", PARTS)
    assert files(outside) == {}


@pytest.mark.parametrize("place", ["Team", "Team/Sales.SemanticModel", "Team/Sales.SemanticModel/.platform"])
@pytest.mark.parametrize("inside", [True, False])
def test_no_link_below_the_folder_is_followed_or_replaced(tmp_path: Path, place: str, inside: bool) -> None:
    dest, elsewhere = tmp_path / "dest", tmp_path / ("dest/elsewhere" if inside else "elsewhere")
    (dest / place).parent.mkdir(parents=True)
    elsewhere.mkdir(parents=True)
    (elsewhere / "kept.txt").write_text("kept")
    (dest / place).symlink_to(elsewhere)

    with pytest.raises(ContentError, match="links below dest are not followed"):
        write(dest / "Team/Sales.SemanticModel", PARTS, root=str(dest), known=("kept.txt",))
    assert files(elsewhere) == {"kept.txt": b"kept"}
    assert (dest / place).is_symlink()


def test_the_folder_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    write(tmp_path / "link/Sales.SemanticModel", PARTS, root=str(tmp_path / "link"))
    assert (tmp_path / "real/Sales.SemanticModel/definition.pbism").is_file()


def test_what_no_export_wrote_stays(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write(target, PARTS)
    (target / "README.md").write_text("mine")
    (target / "definition/tables/Mine.txt").write_text("mine")
    done = write(target, PARTS, known=("definition.pbism",))

    assert done.foreign == ("README.md", "definition/tables/Mine.txt")
    assert (target / "README.md").read_text() == "mine"
    assert not done.changed


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a\ud800.json", "bytes that are no Unicode text"),
        ("é" * 128, "a name of 256 bytes"),
        ("definition/tables", "needs a file where the folder 'x/definition/tables' is"),
        ("definition.pbism/a.json", "needs a folder where"),
    ],
)
def test_what_a_file_system_can_not_hold_is_an_error_with_the_part(tmp_path: Path, path: str, message: str) -> None:
    write(tmp_path / "x", PARTS)
    path = path.replace("\\ud800", "\ud800")
    with pytest.raises(ContentError, match=message) as caught:
        write(tmp_path / "x", {"definition.pbism": b"{}", path: b"x"})
    str(caught.value).encode()
    assert caught.value.problems[0].file.startswith("x/")


def test_a_path_of_too_many_folders_is_an_error_with_the_part(tmp_path: Path) -> None:
    deep = "/".join(["folder" * 20] * 40) + "/a.json"
    with pytest.raises(ContentError, match=r"x/folderfolder.*path is too long"):
        write(tmp_path / "x", {deep: b"{}"})


def test_a_part_that_is_a_folder_of_another_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="needs a folder where 'a' is a part itself"):
        write(tmp_path / "x", {"a": b"", "a/b/c": b""})
    assert not (tmp_path / "x").exists()


def test_a_file_of_a_killed_export_is_no_part(tmp_path: Path) -> None:
    write(tmp_path / "x", PARTS)
    (tmp_path / "x/definition/.powerbi-abc12_xy").write_text("half")
    assert write(tmp_path / "x", PARTS).foreign == ()


def test_two_parts_for_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="differs from 'A.json' only in case".replace(".", r"\.")):
        write(tmp_path / "x", {"A.json": b"{}", "a.json": b"{}"})


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")

    def full(*dummy: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        export.write_file(str(file), b"new")
    assert files(tmp_path) == {"a": b"old"}


@pytest.mark.parametrize("name", ["漢" * 256, "a" * 199 + "é", "😀" * 128, "\ud800" * 3, "." * 300])
def test_every_name_becomes_one_that_a_file_system_takes(tmp_path: Path, name: str) -> None:
    folder = export.folder_name(name, "MirroredAzureDatabricksCatalog")
    assert len(folder.encode()) <= 255
    (tmp_path / folder).mkdir()


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Sales", "Sales"), ("A/B: C?", "A_B_ C_"), ("..", "_"), ("con", "con_"), (" a. ", "a"), ("Umsätze", "Umsätze")],
)
def test_names_of_folders(name: str, stem: str) -> None:
    assert export.folder_name(name, "Report") == f"{stem}.Report"
    assert export.file_stem(name) == stem


def test_json_keeps_the_order_of_its_keys() -> None:
    laid_out = export.layout("Report", "R", {"report.json": b'{"b": 1, "a": "\xc3\xa9"}', "x.png": b"\0\r\n"})

    assert laid_out["report.json"] == '{\n  "b": 1,\n  "a": "é"\n}'.encode()
    assert laid_out["x.png"] == b"\0\r\n"
    assert json.loads(laid_out[".platform"])["config"]["logicalId"] == ZERO_GUID
