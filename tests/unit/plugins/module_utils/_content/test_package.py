# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a .pbix brings: real files, and damaged ones, which give an answer and no exception."""

from __future__ import annotations

import json
import typing as t
import zipfile
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.package import Package, read

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
    assert read(str(tmp_path / "x.pbix"), "pbix") == Package(False)
    with pytest.raises(OSError, match="nothing"):
        read(str(tmp_path / "nothing.pbix"), "pbix")


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
