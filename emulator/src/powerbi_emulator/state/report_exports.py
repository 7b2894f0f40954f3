# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports of reports to other formats: jobs with a file as result, which is kept for a day."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import secrets
import typing as t
import zipfile

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.durations import Durations
from powerbi_emulator.state.items import Item

Status = t.Literal["Running", "Succeeded", "Failed"]
LIFETIME: t.Final = 86400.0
OF_REPORTS: t.Final = ("PPTX", "PDF", "PNG")  # the formats of a report with pages
IMAGES: t.Final = ("TIFF", "BMP", "EMF", "GIF", "JPEG", "PNG")
# format -> extension
FORMATS: t.Final = {
    "PPTX": ".pptx",
    "PDF": ".pdf",
    "PNG": ".png",
    "IMAGE": ".tiff",
    "XLSX": ".xlsx",
    "DOCX": ".docx",
    "CSV": ".csv",
    "XML": ".xml",
    "MHTML": ".mhtml",
    "ACCESSIBLEPDF": ".pdf",
}

_FIRST_BYTES: t.Final = {".pdf": b"%PDF-1.7\n%", ".png": b"\x89PNG\r\n\x1a\n", ".tiff": b"II*\x00"}


@dataclasses.dataclass
class ReportExport:
    """``extension`` with its dot. ``options``: pages and configuration, written to the file. Times in epoch seconds."""

    id: str
    report_id: str
    report_name: str
    format: str
    extension: str
    options: dict[str, t.Any]
    created: float
    updated: float
    status: Status = "Running"
    polls: int = 0

    @property
    def file(self) -> bytes:
        """A file with the signature of that format; the rest are two lines of text: format and options."""
        options = json.dumps(self.options, sort_keys=True)
        text = f"{self.report_name} as {self.format}, by powerbi-emulator\n{options}\n".encode()
        if self.extension in (".zip", ".pptx", ".xlsx", ".docx"):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr(zipfile.ZipInfo("content.txt", (2026, 1, 1, 0, 0, 0)), text)
            return buffer.getvalue()
        return _FIRST_BYTES.get(self.extension, b"") + text


class ReportExports(Store):
    """``export_time`` is the duration of an export; those of reports in ``failing_exports`` fail at its end."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self._exports: dict[str, ReportExport] = {}

    def begin(self, report: Item, form: str, extension: str, options: dict[str, t.Any]) -> ReportExport:
        now = self._emulated.now()
        # opaque, and with characters that must be encoded in a path
        export_id = base64.b64encode(secrets.token_bytes(31), altchars=b"-_").decode()
        export = ReportExport(export_id, report.id, report.name, form, extension, options, now, now)
        self._exports[export.id] = export

        def finish() -> None:
            export.updated = self._emulated.now()
            failing = self._emulated.switches.failing_exports or ()
            export.status = "Failed" if report.name in failing else "Succeeded"

        seconds = self._emulated.store(Durations).next("export", "Report", self._emulated.switches.export_time)
        self._emulated.timers.later(seconds, finish)
        return export

    def find(self, report: Item, export_id: str) -> ReportExport | None:
        export = self._exports.get(export_id)
        return export if export and export.report_id == report.id else None
