# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions of items by type: their formats, and the service's validation.

Pure: no requests, no state.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from powerbi_emulator.definition_parts import PLATFORM, json_of_part, text_of_part, unreadable
from powerbi_emulator.fabric_api import FabricError
from powerbi_emulator.guids import GUID, is_guid
from powerbi_emulator.model_references import unresolved
from powerbi_emulator.state.items import Parts

# Keywords with which a line of TMDL without indentation may begin.
_TMDL_TOP_LEVEL: t.Final = frozenset(
    (
        *("model", "database", "table", "relationship", "role", "expression", "cultureInfo", "perspective", "function"),
        *("dataSource", "queryGroup", "annotation", "extendedProperty", "changedProperty", "ref"),
        *("linguisticMetadata", "bindingInfo"),
    )
)
_PAGES: t.Final = "definition/pages/pages.json"
_AT_THE_MARGIN: t.Final = re.compile(r"^(?!///)([^\s:=]+)[^\n]*", re.MULTILINE)
FORMATS: t.Final[dict[str, tuple[str, ...]]] = {
    "SemanticModel": ("TMDL", "TMSL"),
    "Report": ("PBIR", "PBIR-Legacy"),
    "PaginatedReport": ("PaginatedReportDefinition",),
    "SQLDatabase": ("dacpac", "sqlproj"),
    "Notebook": ("ipynb", "FabricGitSource"),
    "SparkJobDefinition": ("SparkJobDefinitionV1", "SparkJobDefinitionV2"),
}


class Definition(t.NamedTuple):
    """``format`` is the format of its parts; ``model_id`` the semantic model of a report."""

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


def examined(item_type: str, parts: Parts, *, name: str | None = None, format: str | None = None) -> Definition:  # noqa: A002
    """Validate the parts. Raises FabricError, the failure of the operation.

    ``name`` of the item, if its parts must contain it; ``format`` of the request, None for none.
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
        raise unreadable("Dataflow", "Required parts are missing: queryMetadata.json, mashup.pq.")
    return Definition(parts, None)


def platform_of(parts: Parts) -> tuple[str, str | None] | None:
    """Name and description in ``.platform``, None without one. Raises FabricError for an invalid one."""
    if PLATFORM not in parts:
        return None
    metadata = json_of_part(parts, PLATFORM).get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("displayName"), str):
        raise unreadable(PLATFORM, "metadata.displayName is missing.")
    description = metadata.get("description")
    return metadata["displayName"], description if isinstance(description, str) else None


def _semantic_model(parts: Parts) -> Definition:
    if "definition.pbism" not in parts:
        raise _import_failed("Dataset", "Required artifact is missing in the payload: definition.pbism")
    json_of_part(parts, "definition.pbism")
    if "model.bim" in parts:
        if not isinstance(json_of_part(parts, "model.bim").get("model"), dict):
            raise _import_failed("Dataset", "model.bim: the property 'model' is missing.")
        _check_references(parts)
        return Definition(parts, "TMSL")
    documents = [path for path in parts if path.startswith("definition/") and path.endswith(".tmdl")]
    if "definition/model.tmdl" not in documents:
        raise _import_failed("Dataset", "Required artifact is missing in the payload: definition/model.tmdl")
    for path in documents:
        _check_tmdl(path, text_of_part(parts, path))
    _check_references(parts)
    return Definition(parts, "TMDL")


def _check_references(parts: Parts) -> None:
    path = unresolved(parts)
    if path:
        text = f"Cannot resolve all paths while de-serializing Database. The object '{path}' does not exist."
        raise _import_failed("Dataset", text)


def _check_tmdl(path: str, text: str) -> None:
    """Check without a parser: lines without indentation begin with a TMDL keyword."""
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
    reference = json_of_part(parts, "definition.pbir").get("datasetReference")
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
        json_of_part(parts, "report.json")
        return Definition(parts, "PBIR-Legacy", model_id)
    if "definition/report.json" not in parts or "definition/version.json" not in parts:
        text = "Required artifacts are missing in the payload: report.json, or definition/report.json and version.json"
        raise _import_failed("Report", text)
    for path in parts:
        if path.startswith("definition/") and path.endswith(".json"):
            json_of_part(parts, path)
    _check_pages(parts)
    return Definition(parts, "PBIR", model_id)


def _check_pages(parts: Parts) -> None:
    """There are pages, and each name of the page order is one of theirs, whatever their folders are called."""
    found = [path for path in parts if re.fullmatch(r"definition/pages/[^/]+/page\.json", path)]
    if not found:
        raise _import_failed("Report", "Error while reading ReportDefinition. Definition contains no pages.")
    names = {str(json_of_part(parts, path).get("name", path.split("/")[2])) for path in found}
    order = json_of_part(parts, _PAGES).get("pageOrder", []) if _PAGES in parts else []
    for name in order if isinstance(order, list) else ():
        if name not in names:
            raise _import_failed("Report", f"Error while reading ReportDefinition. There is no page '{name}'.")


def _model_id(connection: dict[str, t.Any]) -> str | None:
    """The model's id in either form of a connection: as a separate key, or inside the connection string."""
    name = connection.get("pbiModelDatabaseName")
    if isinstance(name, str) and is_guid(name):
        return name.lower()
    text = connection.get("connectionString")
    match = re.search(rf"semanticmodelid=({GUID})", text, re.IGNORECASE) if isinstance(text, str) else None
    return match[1].lower() if match else None


def value_sets(parts: Parts) -> list[str]:
    """The names of a variable library's value sets."""
    if "settings.json" not in parts:
        return []
    return [str(name) for name in json_of_part(parts, "settings.json").get("valueSetsOrder", [])]


def _notebook(parts: Parts, given: str | None) -> Definition:
    """An .ipynb is accepted in the format ipynb only."""
    is_ipynb = any(path.endswith(".ipynb") for path in parts)
    if parts and is_ipynb != (given == "ipynb"):
        text = f"The parts do not fit the format {given or 'FabricGitSource'}."
        raise FabricError(400, "Workload_MissingFileFromDefinition", text)
    return Definition(parts, given or ("FabricGitSource" if parts else None))


def _spark_job(parts: Parts, given: str | None) -> Definition:
    """The first version of the format has no files in ``Main`` and ``Libs``."""
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
        raise unreadable("PaginatedReport", "The definition must have one .rdl part at its root.")
    if name is not None and documents[0] != f"{name}.rdl":
        text = f"The definition has no part '{name}.rdl': the .rdl file must bear the display name of the item."
        raise FabricError(400, "Workload_MissingFileFromDefinition", text)
    text = text_of_part(parts, documents[0])
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise unreadable(documents[0], str(error)) from error
    if root.tag.rpartition("}")[2] != "Report":
        raise unreadable(documents[0], "The root element is not Report.")
    return Definition(parts, "PaginatedReportDefinition")


def _import_failed(kind: str, text: str) -> FabricError:
    return FabricError(400, f"{kind}_Import_FailedToImport{kind}", text)
