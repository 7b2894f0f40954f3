# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions of items: which requests are taken, what the service finds wrong in them, and how it gives them back.

Pure: nothing here knows of requests or of the state.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import typing as t
import uuid
import xml.etree.ElementTree as ET

from powerbi_emulator.fabric_api import FabricError, bad_request
from powerbi_emulator.json_text import load_json
from powerbi_emulator.state.items import Item, Parts

PLATFORM: t.Final = ".platform"
_PLATFORM_SCHEMA: t.Final = (
    "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json"
)
_NO_LOGICAL_ID: t.Final = "00000000-0000-0000-0000-000000000000"
_GUID: t.Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# What a line of TMDL that is not indented may begin with.
_TMDL_TOP_LEVEL: t.Final = frozenset(
    (
        *("model", "database", "table", "relationship", "role", "expression", "cultureInfo", "perspective", "function"),
        *("dataSource", "queryGroup", "annotation", "extendedProperty", "changedProperty", "ref", "createOrReplace"),
        *("linguisticMetadata", "bindingInfo"),
    )
)
_AT_THE_MARGIN: t.Final = re.compile(r"^(?!///)([^\s:=]+)[^\n]*", re.MULTILINE)
_JSON_SUFFIXES: t.Final = (".json", ".pbir", ".pbism", PLATFORM)
FORMATS: t.Final[dict[str, tuple[str, ...]]] = {
    "SemanticModel": ("TMDL", "TMSL"),
    "Report": ("PBIR", "PBIR-Legacy"),
    "PaginatedReport": ("PaginatedReportDefinition",),
    "SQLDatabase": ("dacpac", "sqlproj"),
    "Notebook": ("ipynb", "FabricGitSource"),
    "SparkJobDefinition": ("SparkJobDefinitionV1", "SparkJobDefinitionV2"),
}


class Definition(t.NamedTuple):
    """``format`` is what its parts are in; ``model_id`` the semantic model that a report names."""

    parts: Parts
    format: str | None
    model_id: str | None = None


def requested_format(item_type: str, definition: t.Any) -> str | None:
    """The format of a request's ``definition``. Raises FabricError for one that the type does not have."""
    given = definition.get("format") if isinstance(definition, dict) else None
    if given is None:
        return None
    known = {"fabricGitSource": "FabricGitSource"}.get(str(given), str(given))
    if known in FORMATS.get(item_type, ()):
        return known
    if item_type in FORMATS:
        raise FabricError(400, "InvalidDefinitionFormat", f"The format '{given}' is not known for {item_type}.")
    return None


def requested_parts(definition: t.Any) -> Parts:
    """The parts of a request's ``definition``. Raises FabricError for what the contract does not allow."""
    if not isinstance(definition, dict) or not isinstance(definition.get("parts"), list):
        raise bad_request("The definition field must have a list of parts.")
    parts: Parts = {}
    for part in definition["parts"]:
        if not isinstance(part, dict) or not isinstance(part.get("path"), str) or not part["path"]:
            raise bad_request("Each part of the definition must have a path.")
        path, payload = part["path"], part.get("payload")
        if part.get("payloadType") != "InlineBase64" or not isinstance(payload, str):
            raise bad_request(f"The part '{path}' must have a payload with the payloadType InlineBase64.")
        if path in parts or path.startswith("/") or "\\" in path or ".." in path.split("/"):
            raise FabricError(400, "CorruptedPayload", f"The path '{path}' is used twice or not valid.")
        try:
            binascii.a2b_base64(payload, strict_mode=bool(payload))
        except ValueError as error:
            raise FabricError(400, "CorruptedPayload", f"The payload of '{path}' is not base64.") from error
        parts[path] = payload
    if not set(parts) - {PLATFORM}:
        raise FabricError(400, "CorruptedPayload", "Definition parts cannot contain the .platform file only.")
    return parts


def examined(item_type: str, parts: Parts, *, name: str | None = None, format: str | None = None) -> Definition:  # noqa: A002
    """What the service makes of the parts. Raises FabricError as the reason why an operation fails.

    ``name`` of the item, where its parts have to bear it; ``format`` as the request states it, None for none.
    """
    if item_type == "SemanticModel":
        return _semantic_model(parts)
    if item_type == "Report":
        return _report(parts)
    if item_type == "PaginatedReport":
        return _paginated_report(parts, name)
    if item_type == "Notebook":
        return _notebook(parts, format)
    if item_type == "SparkJobDefinition":
        return _spark_job(parts, format)
    if item_type == "Dataflow" and parts and not {"queryMetadata.json", "mashup.pq"} <= set(parts):
        raise _unreadable("Dataflow", "Required parts are missing: queryMetadata.json, mashup.pq.")
    return Definition(parts, None)


def platform_of(parts: Parts) -> tuple[str, str | None] | None:
    """Name and description that ``.platform`` gives, None without one. Raises FabricError for a damaged one."""
    if PLATFORM not in parts:
        return None
    metadata = _json(parts, PLATFORM).get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("displayName"), str):
        raise _unreadable(PLATFORM, "metadata.displayName is missing.")
    description = metadata.get("description")
    return metadata["displayName"], description if isinstance(description, str) else None


def shown_parts(item: Item, parts: Parts, *, rewrite: bool) -> list[dict[str, t.Any]]:
    """The item's parts as the service returns them: sorted, with a ``.platform`` of its own.

    ``rewrite``: in the service's handwriting, too: JSON indented anew, TMDL with CRLF and a lineage tag for each table
    and column that had none.
    """
    shown = {path: payload for path, payload in parts.items() if path != PLATFORM}
    if rewrite:
        shown = {path: _rewritten(item, path, payload) for path, payload in shown.items()}
    shown[PLATFORM] = encoded(_platform_text(item))
    return [{"path": path, "payload": shown[path], "payloadType": "InlineBase64"} for path in sorted(shown)]


def text_of_part(parts: Parts, path: str) -> str:
    """A part's content as text. Raises FabricError for what is not UTF-8."""
    try:
        return base64.b64decode(parts[path]).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "The file is not UTF-8 text.") from error


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _semantic_model(parts: Parts) -> Definition:
    if "definition.pbism" not in parts:
        raise _import_failed("Dataset", "Required artifact is missing in the payload: definition.pbism")
    _json(parts, "definition.pbism")
    if "model.bim" in parts:
        if not isinstance(_json(parts, "model.bim").get("model"), dict):
            raise _import_failed("Dataset", "model.bim: the property 'model' is missing.")
        return Definition(parts, "TMSL")
    documents = [path for path in parts if path.startswith("definition/") and path.endswith(".tmdl")]
    if "definition/model.tmdl" not in documents:
        raise _import_failed("Dataset", "Required artifact is missing in the payload: definition/model.tmdl")
    for path in documents:
        _check_tmdl(path, text_of_part(parts, path))
    return Definition(parts, "TMDL")


def _check_tmdl(path: str, text: str) -> None:
    """Only what needs no parser: lines at the margin begin with a word that TMDL knows."""
    if "```" in text:  # blocks of M or DAX, whose lines may begin anywhere
        text = re.sub(r"```.*?(```|\Z)", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL)
    for match in _AT_THE_MARGIN.finditer(text):
        if match[1] not in _TMDL_TOP_LEVEL:
            document = path.removeprefix("definition").removesuffix(".tmdl")
            line = match[0].rstrip("\r")
            number = text.count("\n", 0, match.start()) + 1
            raise _import_failed(
                "Dataset",
                "TMDL Format Error:\r\n\tParsing error type - InvalidLineType\r\n\tDetailed error - Unexpected line "
                f"type: type = Other, line = {line}\r\n\tDocument - '.{document}'\r\n\tLine Number - {number}\r\n"
                f"\tLine - '{line}'",
            )


def _report(parts: Parts) -> Definition:
    if "definition.pbir" not in parts:
        raise _import_failed("Report", "Required artifact is missing in the payload: definition.pbir")
    reference = _json(parts, "definition.pbir").get("datasetReference")
    connection = reference.get("byConnection") if isinstance(reference, dict) else None
    if not isinstance(connection, dict):
        text = (
            "definition.pbir must have a datasetReference with the property 'byConnection'; 'byPath' is not supported."
        )
        raise _import_failed("Report", text)
    model_id = _model_id(connection)
    if model_id is None:
        raise _import_failed("Report", "definition.pbir: byConnection names no semantic model by its id.")
    if "report.json" in parts:
        _json(parts, "report.json")
        return Definition(parts, "PBIR-Legacy", model_id)
    if "definition/report.json" not in parts or "definition/version.json" not in parts:
        text = "Required artifacts are missing in the payload: report.json, or definition/report.json and version.json"
        raise _import_failed("Report", text)
    for path in parts:
        if path.startswith("definition/") and path.endswith(".json"):
            _json(parts, path)
    if not any(re.fullmatch(r"definition/pages/[^/]+/page\.json", path) for path in parts):
        raise _import_failed("Report", "Error while reading ReportDefinition. Definition contains no pages.")
    return Definition(parts, "PBIR", model_id)


def _model_id(connection: dict[str, t.Any]) -> str | None:
    """The id in either way to write a connection: as a key of its own, or inside the connection string."""
    name = connection.get("pbiModelDatabaseName")
    if isinstance(name, str) and re.fullmatch(_GUID, name):
        return name.lower()
    text = connection.get("connectionString")
    match = re.search(rf"semanticmodelid=({_GUID})", text, re.IGNORECASE) if isinstance(text, str) else None
    return match[1].lower() if match else None


def value_sets(parts: Parts) -> list[str]:
    """The names of a variable library's value sets."""
    if "settings.json" not in parts:
        return []
    return [str(name) for name in _json(parts, "settings.json").get("valueSetsOrder", [])]


def _notebook(parts: Parts, given: str | None) -> Definition:
    """An .ipynb is taken in the format ipynb alone."""
    is_ipynb = any(path.endswith(".ipynb") for path in parts)
    if parts and is_ipynb != (given == "ipynb"):
        text = f"The parts do not fit the format {given or 'FabricGitSource'}."
        raise FabricError(400, "Workload_MissingFileFromDefinition", text)
    return Definition(parts, given or ("FabricGitSource" if parts else None))


def _spark_job(parts: Parts, given: str | None) -> Definition:
    """The first version of the format knows nothing of the files in ``Main`` and ``Libs``."""
    if parts and "SparkJobDefinitionV1.json" not in parts:
        text = "Required artifact is missing in the payload: SparkJobDefinitionV1.json"
        raise FabricError(400, "Workload_MissingFileFromDefinition", text)
    if given == "SparkJobDefinitionV2" or not parts:
        return Definition(parts, given)
    kept = {path: payload for path, payload in parts.items() if "/" not in path}
    return Definition(kept, "SparkJobDefinitionV1")


def _paginated_report(parts: Parts, name: str | None) -> Definition:
    documents = [path for path in parts if path.endswith(".rdl")]
    if len(documents) != 1 or "/" in documents[0]:
        raise _unreadable("PaginatedReport", "The definition must have one .rdl part at its root.")
    if name is not None and documents[0] != f"{name}.rdl":
        text = f"The definition has no part '{name}.rdl': the .rdl file must bear the display name of the item."
        raise FabricError(400, "Workload_MissingFileFromDefinition", text)
    text = text_of_part(parts, documents[0])
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise _unreadable(documents[0], str(error)) from error
    if root.tag.rpartition("}")[2] != "Report":
        raise _unreadable(documents[0], "The root element is not Report.")
    return Definition(parts, "PaginatedReportDefinition")


def _json(parts: Parts, path: str) -> dict[str, t.Any]:
    try:
        content = load_json(text_of_part(parts, path))
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(content, dict):
        raise _unreadable(path, "A JSON object was expected.")
    return content


def _import_failed(kind: str, text: str) -> FabricError:
    return FabricError(400, f"{kind}_Import_FailedToImport{kind}", text)


def _unreadable(path: str, text: str) -> FabricError:
    return FabricError(400, "Workload_FailedToParseFile", f"Failed to parse file '{path}'. {text}")


def _platform_text(item: Item) -> str:
    metadata = {"type": item.type, "displayName": item.name}
    if item.description:
        metadata["description"] = item.description
    content = {
        "$schema": _PLATFORM_SCHEMA,
        "metadata": metadata,
        "config": {"version": "2.0", "logicalId": _NO_LOGICAL_ID},
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _rewritten(item: Item, path: str, payload: str) -> str:
    if path.endswith(".tmdl"):
        lines = base64.b64decode(payload).decode("utf-8-sig").splitlines()
        return encoded("\r\n".join([*_with_lineage_tags(item.id, lines), ""]))
    if path.endswith(_JSON_SUFFIXES) and not path.startswith("StaticResources/"):
        try:
            content = load_json(base64.b64decode(payload).decode("utf-8-sig"))
        except ValueError:
            return payload
        return encoded(json.dumps(content, indent=2, ensure_ascii=False))
    return payload


def _with_lineage_tags(item_id: str, lines: list[str]) -> t.Iterator[str]:
    """The lines, with a tag under each table and plain column that has none; the same one each time."""
    table = ""
    for number, line in enumerate(lines):
        yield line
        if not line.startswith(("table ", "\tcolumn ")):
            continue
        match = re.fullmatch(r"(table|\tcolumn) (\S.*)", line)
        if match is None or "=" in line:
            continue
        table = line if match[1] == "table" else table
        indent = "\t" * (match[1].count("\t") + 1)
        own: list[str] = []
        for following in lines[number + 1 :]:
            if following.strip() and not following.startswith(indent):
                break
            if following.startswith(indent) and not following[len(indent) :].startswith(("\t", " ")):
                own.append(following.strip())
        if not any(one.startswith("lineageTag:") for one in own):
            yield f"{indent}lineageTag: {uuid.uuid5(uuid.UUID(item_id), table + line)}"
