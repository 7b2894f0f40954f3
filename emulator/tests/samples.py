# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small pieces of content, written for these tests: definitions of items, and files to import."""

from __future__ import annotations

import base64
import io
import json
import typing as t
import zipfile

Parts = dict[str, str]

MODEL: Parts = {
    "definition.pbism": json.dumps({"version": "4.2", "settings": {}}),
    "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
    "definition/model.tmdl": "model Model\n\tculture: en-US\n\nref table Orders\n",
    "definition/expressions.tmdl": (
        'expression Server = "sql.contoso.example" meta '
        '[IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true]\n\n'
        'expression Rows = 100 meta [IsParameterQuery=true, Type="Number", IsParameterQueryRequired=false]\n'
    ),
    "definition/tables/Orders.tmdl": (
        "table Orders\n\n"
        "\tcolumn Amount\n\t\tdataType: double\n\t\tsourceColumn: Amount\n\n"
        "\tmeasure 'Total' = SUM(Orders[Amount])\n\n"
        "\tpartition Orders = m\n\t\tmode: import\n\t\tsource =\n"
        '\t\t\tlet Source = Sql.Database(Server, "Sales") in Source{[Item="Orders"]}[Data]\n'
    ),
}
RDL = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition">'
    "<Body><Height>1in</Height></Body><Width>1in</Width></Report>"
)


def report(model_id: str, **files: str) -> Parts:
    """A report in PBIR with one page, on the model of that id."""
    reference = {"byConnection": {"connectionString": f"Data Source=x;semanticmodelid={model_id}"}}
    return {
        "definition.pbir": json.dumps({"version": "4.0", "datasetReference": reference}),
        "definition/report.json": json.dumps({"layoutOptimization": "None", "themeCollection": {}}),
        "definition/version.json": json.dumps({"version": "2.0.0"}),
        "definition/pages/pages.json": json.dumps({"pageOrder": ["a1"], "activePageName": "a1"}),
        "definition/pages/a1/page.json": json.dumps({"name": "a1", "displayName": "Overview"}),
        **files,
    }


def definition(parts: Parts) -> dict[str, t.Any]:
    """The parts as a request has them."""
    encoded = {path: base64.b64encode(text.encode()).decode() for path, text in parts.items()}
    return {"parts": [{"path": path, "payload": text, "payloadType": "InlineBase64"} for path, text in encoded.items()]}


def decoded(answer: dict[str, t.Any]) -> Parts:
    """The parts of an answer as texts."""
    return {part["path"]: base64.b64decode(part["payload"]).decode() for part in answer["definition"]["parts"]}


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pbix(*, model: bool = True, text: str = "", schema: t.Any = None) -> bytes:
    """A synthetic .pbix: the parts that the service reads, and no data. ``text`` makes its content another.

    ``schema`` is the model in TMSL, which only templates have: the emulator takes it for the model of the file.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Version", "1.28".encode("utf-16-le"))
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        archive.writestr("Report/Layout", json.dumps({"id": 0, "sections": [], "config": text}).encode("utf-16-le"))
        if model:
            archive.writestr("DataModel", b"\x00" * 64 + text.encode())
            if schema is not None:
                archive.writestr("DataModelSchema", json.dumps(schema).encode("utf-16-le"))
        else:
            archive.writestr("Connections", json.dumps({"Version": 1, "Connections": []}))
    return buffer.getvalue()
