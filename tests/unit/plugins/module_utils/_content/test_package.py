# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a .pbix contains: real files, and damaged ones, which give a result and no exception."""

from __future__ import annotations

import json
import resource
import struct
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import file_checks
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.package import Package, read
from ansible_collections.community.powerbi.plugins.module_utils._content.zip_package import PackageError

MODEL = "5a1e0000-0000-4000-8000-00000000000f"
SHARED = Path("/work/shared/data/content")


def package(path: Path, members: t.Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("connections", "model_id"),
    [
        ({"RemoteArtifacts": [{"DatasetId": MODEL.upper()}]}, MODEL),
        ({"Connections": [{"PbiModelDatabaseName": f"sobe_wowvirtualserver-{MODEL}"}]}, MODEL),
        ({"RemoteArtifacts": [{"DatasetId": None}], "Connections": ["x", {"PbiModelDatabaseName": MODEL}]}, MODEL),
        ({"Connections": [{"ConnectionString": "Data Source=asazure://x"}]}, ""),
        ({"Connections": None}, ""),
        ([], ""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
def test_live_connections(tmp_path: Path, connections: t.Any, model_id: str, encoding: str) -> None:
    path = package(tmp_path / "x.pbix", {"Connections": json.dumps(connections).encode(encoding)})
    assert read(str(path), "pbix") == Package(False, model_id)


@pytest.mark.parametrize("member", ["DataModel", "DataModelSchema"])
def test_a_model_of_its_own(tmp_path: Path, member: str) -> None:
    path = package(
        tmp_path / "x.pbix", {member: b"", "Connections": b'{"RemoteArtifacts": [{"DatasetId": "' + MODEL.encode()}
    )
    assert read(str(path), "pbix") == Package(True)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=["empty", "half", "binary", "deep"])
def test_damaged_connections(tmp_path: Path, data: bytes) -> None:
    assert read(str(package(tmp_path / "x.pbix", {"Connections": data})), "pbix") == Package(False)


def test_what_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "x.pbix").write_bytes(b"no zip")
    with pytest.raises(PackageError, match=r"x\.pbix can't be read: it is no ZIP package"):
        read(str(tmp_path / "x.pbix"), "pbix")
    with pytest.raises(OSError, match="nothing"):
        read(str(tmp_path / "nothing.pbix"), "pbix")


def problems(path: Path) -> str:
    item = LocalItem("Report", "x", "pbix", str(path), "Team/x.pbix")
    return "; ".join(str(problem) for problem in file_checks.checked(item)[1])


def thin(path: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in ("[Content_Types].xml", "Version", "Connections"):
            archive.writestr(name, b'{"Connections": []}' * 20)
    return path


def changed(path: Path, at: bytes, offset: int, data: bytes) -> Path:
    content = bytearray(path.read_bytes())
    start = content.index(at) + offset
    content[start : start + len(data)] = data
    path.write_bytes(content)
    return path


def test_a_sound_package_has_no_problem(tmp_path: Path) -> None:
    assert problems(thin(tmp_path / "x.pbix")) == ""


@pytest.mark.parametrize("part", ["[Content_Types].xml", "Version", "Connections"])
def test_a_damaged_part_is_named(tmp_path: Path, part: str) -> None:
    path = changed(thin(tmp_path / "x.pbix"), part.encode(), len(part), b"\xff" * 8)
    assert f"Team/x.pbix: the part {part!r} can't be read: it is damaged" in problems(path)


def test_a_wrong_checksum_is_seen(tmp_path: Path) -> None:
    path = thin(tmp_path / "x.pbix", zipfile.ZIP_STORED)
    assert "the part 'Version' can't be read: it is damaged" in problems(changed(path, b"Version", 9, b"X"))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_compression_that_packages_do_not_have(tmp_path: Path, method: int) -> None:
    assert "compressed in a way that such packages don't have" in problems(thin(tmp_path / "x.pbix", method))


def test_an_encrypted_part_is_said(tmp_path: Path) -> None:
    path = changed(thin(tmp_path / "x.pbix"), b"PK\1\2", 8, b"\1")
    assert "the part '[Content_Types].xml' can't be read: it is encrypted" in problems(path)


def test_a_part_that_inflates_beyond_its_size_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.pbix"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"")
        archive.writestr("Version", b"")
        archive.writestr("Connections", b"\0" * 300_000_000)
    central = path.read_bytes().rindex(b"PK\1\2")
    content = bytearray(path.read_bytes())
    content[central + 24 : central + 28] = (500).to_bytes(4, "little")
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "the part 'Connections' can't be read: it is damaged" in problems(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_table_of_contents_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pbix"
    path.write_bytes(bytes(20_000_000) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 19_000_000, 0, 0))
    assert "its table of contents is too long" in problems(path)


def test_other_kinds() -> None:
    assert read("/nowhere", "rdl") == Package(False)
    assert read("/nowhere", "xlsx") == Package(True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="real files are not here")
def test_real_files() -> None:
    found = {path.name: read(str(path), "pbix") for path in SHARED.rglob("*.pbix")}
    assert {name: package.has_model for name, package in found.items()} == {
        "PerformanceAnalyzerExportReport.pbix": True,
        "Revenue Opportunities.pbix": True,
        "resource_pbix_report_only.pbix": False,
        "resource_pbix_test_sample2.pbix": True,
    }
    assert found["resource_pbix_report_only.pbix"].model_id
