# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files to import, made for tests: packages with no more than the parts that the service reads."""

from __future__ import annotations

import json
import os
import typing as t
import zipfile
import zlib
from pathlib import Path

_CONTENT_TYPES: t.Final = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
_RDL: t.Final = """<?xml version="1.0" encoding="utf-8"?>
<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition">
  <Description>{text}</Description>
  <ReportSections>
    <ReportSection>
      <Body><ReportItems/><Height>2in</Height></Body>
      <Width>6in</Width>
      <Page/>
    </ReportSection>
  </ReportSections>
</Report>
"""


def pbix(
    path: Path, page: str = "Overview", *, model: bool = True, shows: str = "", padding: int = 0, schema: t.Any = None
) -> Path:
    """A .pbix with one page; with a semantic model of its own, or a live connection to the model with the id ``shows``.

    ``padding``: bytes of zeros in it, which take no space on disk where the file system allows that. ``schema`` is the model
    in TMSL, as templates have it: the emulator takes it for the model of the file.
    """
    layout = {"id": 0, "sections": [{"name": "p1", "displayName": page, "ordinal": 0, "visualContainers": []}]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Version", "1.28".encode("utf-16-le"))
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("Report/Layout", json.dumps(layout).encode("utf-16-le"))
        if model:
            archive.writestr("DataModel", b"\x00" * 64)
        if schema is not None:
            archive.writestr("DataModelSchema", json.dumps(schema).encode("utf-16-le"))
        if shows:
            connections = {"Version": 3, "RemoteArtifacts": [{"DatasetId": shows, "ReportId": shows}]}
            archive.writestr("Connections", json.dumps(connections))
        if padding:
            with archive.open("Report/StaticResources/padding.bin", "w", force_zip64=True) as member:
                block = bytes(1 << 20)
                for start in range(0, padding, len(block)):
                    member.write(block[: min(len(block), padding - start)])
    return path


def sparse_pbix(path: Path, size: int) -> Path:
    """A whole .pbix with a stored member of ``size`` zeros, which are a hole in the file: no disk, no seconds."""
    pbix(path)
    with zipfile.ZipFile(path, "a", allowZip64=True) as archive:
        assert archive.fp is not None
        info = zipfile.ZipInfo("Report/StaticResources/padding.bin")
        info.file_size = info.compress_size = size
        info.CRC = _crc_of_zeros(size)
        info.header_offset = archive.start_dir
        archive.fp.seek(archive.start_dir)
        archive.fp.truncate()  # the old directory would be in the hole
        archive.fp.write(info.FileHeader(zip64=True))
        archive.fp.seek(size - 1, os.SEEK_CUR)
        archive.fp.write(b"\0")
        archive.start_dir = archive.fp.tell()
        archive.filelist.append(info)
        archive.NameToInfo[info.filename] = info
        archive._didModify = True  # type: ignore[attr-defined]
    return path


def _crc_of_zeros(size: int) -> int:
    crc, block = 0, bytes(1 << 24)
    while size:
        crc = zlib.crc32(block[: min(size, len(block))], crc)
        size -= min(size, len(block))
    return crc


def rdl(path: Path, text: str = "Invoices") -> Path:
    path.write_text(_RDL.format(text=text), encoding="utf-8")
    return path


def xlsx(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return path
