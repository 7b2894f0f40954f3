# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files to import, made for tests: packages that are no more than what the service looks at."""

from __future__ import annotations

import json
import typing as t
import zipfile
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


def pbix(path: Path, page: str = "Overview", *, model: bool = True, shows: str = "", padding: int = 0) -> Path:
    """A .pbix with one page; with a semantic model of its own, or a live connection to the model with the id ``shows``.

    ``padding``: bytes of zeros in it, which take no space on disk where the file system allows that.
    """
    layout = {"id": 0, "sections": [{"name": "p1", "displayName": page, "ordinal": 0, "visualContainers": []}]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Version", "1.28".encode("utf-16-le"))
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("Report/Layout", json.dumps(layout).encode("utf-16-le"))
        if model:
            archive.writestr("DataModel", b"\x00" * 64)
        if shows:
            connections = {"Version": 3, "RemoteArtifacts": [{"DatasetId": shows, "ReportId": shows}]}
            archive.writestr("Connections", json.dumps(connections))
        if padding:
            with archive.open("Report/StaticResources/padding.bin", "w", force_zip64=True) as member:
                block = bytes(1 << 20)
                for start in range(0, padding, len(block)):
                    member.write(block[: min(len(block), padding - start)])
    return path


def rdl(path: Path, text: str = "Invoices") -> Path:
    path.write_text(_RDL.format(text=text), encoding="utf-8")
    return path


def xlsx(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return path
