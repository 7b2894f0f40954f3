# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads imported files: .pbix, .xlsx and .rdl, with the service's validation."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from xml.parsers import expat

from powerbi_emulator.archive_parts import DAMAGES, ArchiveLimitError, ArchiveParts
from powerbi_emulator.definition_parts import encoded
from powerbi_emulator.guids import GUID
from powerbi_emulator.model_languages import as_tmdl
from powerbi_emulator.model_languages.vocabulary import TranslationError
from powerbi_emulator.received_file import ReceivedFile
from powerbi_emulator.state.items import Parts

Kind = t.Literal["pbix", "xlsx", "rdl"]
_QUERY_HEAD: t.Final = re.compile(r'shared\s++(#"[^"]*+"|\w++)\s*+=\s*+')
_QUERY_END: t.Final = re.compile(r";\s*+(?=shared\s|\[|\Z)")
_MOST_VALUES: t.Final = 1_000_000  # of a JSON text: parsed, each takes many times its own size
_LARGEST_XML: t.Final = 64 << 20
_RESOURCE: t.Final = re.compile(r"Report/StaticResources/(?:RegisteredResources|SharedResources/BaseThemes)/[^/]+\Z")
_NOTHING_SEEN: t.Final[dict[str, t.Any]] = {"id": 0, "sections": []}


class UnreadablePackageError(ValueError):
    """The file has another format, or is encrypted or damaged: RequestedFileIsEncryptedOrCorrupted."""


class Package(t.NamedTuple):
    """``has_model``: it contains a semantic model; otherwise ``model_id`` is that of its live connection, if known.

    ``model_parts`` and ``report_parts`` are the definitions that the service would return after the import; the caller,
    which has the model's id, adds the report's ``definition.pbir``.
    """

    kind: Kind
    has_model: bool
    model_id: str | None
    model_parts: Parts
    report_parts: Parts


def kind_of(file_name: str) -> Kind:
    """The kind by the extension of the display name; .pbix for any other extension."""
    extension = file_name.rpartition(".")[2].lower()
    return "rdl" if extension == "rdl" else "xlsx" if extension in ("xlsx", "xlsm") else "pbix"


def examine(file: ReceivedFile, kind: Kind, *, refuse_df: bool = False) -> Package:
    """Read the file. Raises UnreadablePackageError.

    ``refuse_df``: reject an .rdl that requires the namespace `df`, as Power BI Report Builder writes it.
    """
    return _rdl(file, refuse_df=refuse_df) if kind == "rdl" else _archive(file, kind)


def _archive(file: ReceivedFile, kind: Kind) -> Package:
    try:
        with ArchiveParts(file.open()) as archive:
            names = archive.names
            if "[Content_Types].xml" not in names or (kind == "pbix" and "Version" not in names):
                raise UnreadablePackageError("a required part is missing")
            if kind == "xlsx":
                return Package(kind, True, None, _model_parts(""), _report_parts(_NOTHING_SEEN))
            has_model = "DataModel" in names
            whole = file.content is not None
            connections = _text(archive.read("Connections")) if whole else ""
            layout = (
                _json(_text(archive.read("Report/Layout"))) if whole and "Report/Layout" in names else _NOTHING_SEEN
            )
            schema = _text(archive.read("DataModelSchema")) if whole else ""
            mashup = archive.read("DataMashup") if whole else b""
            resources = {name: archive.read(name) for name in sorted(names) if whole and _RESOURCE.match(name)}
    except DAMAGES as error:
        raise UnreadablePackageError(str(error)) from error
    model_id = None if has_model else _remote_model(connections)
    model_parts = _schema_parts(schema) if schema else _model_parts(_section(mashup))
    files = {path.removeprefix("Report/"): base64.b64encode(data).decode() for path, data in resources.items()}
    return Package(kind, has_model, model_id, model_parts, {**_report_parts(layout), **files})


def _rdl(file: ReceivedFile, *, refuse_df: bool) -> Package:
    """An .rdl: XML whose root is Report, without byte order mark."""
    content = file.content
    if content is None or len(content) > _LARGEST_XML or content.startswith(b"\xef\xbb\xbf"):
        raise UnreadablePackageError("too large, or it begins with a byte order mark")
    try:
        root = _root_of(content)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadablePackageError(str(error)) from error
    demands_df = re.search(r'MustUnderstand="[^"]*\bdf\b', content[:4096].decode("utf-8", "replace"))
    if root.rpartition("}")[2] != "Report" or (refuse_df and demands_df):
        raise UnreadablePackageError("not a report definition that can be imported")
    return Package("rdl", False, None, {}, {"report.rdl": encoded(content.decode("utf-8", "replace"))})


def _root_of(content: bytes) -> str:
    """The name of the root element of well-formed XML. Raises ExpatError, ValueError."""
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator="}")

    def begin(name: str, _: object) -> None:
        parser.StartElementHandler = None
        found.append(name)

    parser.StartElementHandler = begin
    parser.Parse(content, True)
    return found[0]


def _text(data: bytes) -> str:
    """A part's text: most are UTF-16, some UTF-8."""
    text = data.decode("utf-16-le" if b"\x00" in data[:4] else "utf-8-sig").lstrip("\ufeff")
    if sum(text.count(one) for one in "{[,") > _MOST_VALUES:
        raise ValueError(f"a part has more than {_MOST_VALUES} values, the limit")
    return text


def _json(text: str) -> dict[str, t.Any]:
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("a JSON object was expected")
    return content


def _remote_model(connections: str) -> str | None:
    """The model of a report with a live connection."""
    match = re.search(rf'"(?:PbiModelDatabaseName|DatasetId)"\s*:\s*"({GUID})"', connections)
    return match[1].lower() if match else None


def _section(mashup: bytes) -> str:
    """The M code of a DataMashup: four bytes of version, four of length, then an archive that contains it."""
    if len(mashup) < 8:
        return ""
    length = int.from_bytes(mashup[4:8], "little")
    try:
        with ArchiveParts.of_bytes(mashup[8 : 8 + length]) as archive:
            return archive.read("Formulas/Section1.m").decode("utf-8-sig")
    except ArchiveLimitError as error:
        raise UnreadablePackageError(f"DataMashup: {error}") from error
    except DAMAGES:
        return ""


def _model_parts(section: str) -> Parts:
    """A model that has only the queries of ``section``, with parameters and data sources."""
    parts = {
        "definition.pbism": json.dumps({"version": "4.2", "settings": {}}),
        "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
        "definition/model.tmdl": "model Model\n\tculture: en-US\n\tdefaultPowerBIDataSourceVersion: powerBI_V3\n",
    }
    expressions = []
    for name, text in _queries(section):
        if "\n" in text:
            text = "\n" + "\n".join(f"\t\t{line}" for line in text.splitlines())
        expressions.append("expression '{}' = {}\n".format(name.replace("'", "''"), text))
    if expressions:
        parts["definition/expressions.tmdl"] = "\n".join(expressions)
    return {path: encoded(text) for path, text in parts.items()}


def _queries(section: str) -> t.Iterator[tuple[str, str]]:
    """The shared queries of a section document, in one pass: a name, and the text up to the last semicolon."""
    place = 0
    while head := _QUERY_HEAD.search(section, place):
        end = _QUERY_END.search(section, head.end())
        if end is None:
            return
        name = head[1][2:-1] if head[1].startswith('#"') else head[1]
        yield name, section[head.end() : end.start()].strip()
        place = end.end()


def _schema_parts(schema: str) -> Parts:
    """The model of a DataModelSchema (TMSL), which templates have and synthetic files may have as well."""
    bim = {"definition.pbism": encoded(json.dumps({"version": "4.2", "settings": {}})), "model.bim": encoded(schema)}
    try:
        return as_tmdl(bim)
    except TranslationError as error:
        raise UnreadablePackageError(f"DataModelSchema: {error}") from error


def _report_parts(layout: dict[str, t.Any]) -> Parts:
    return {"report.json": encoded(json.dumps(layout, ensure_ascii=False))}
