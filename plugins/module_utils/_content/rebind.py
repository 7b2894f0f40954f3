# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""`definition.pbir`: the semantic model to which a report is bound, and binding it to another one.

The API accepts only ``byConnection``. Two forms of it are in use: schema 1 (and files without a schema) has the
model's id in ``pbiModelDatabaseName``, with four constants; schema 2 allows only a connection string.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
from urllib.parse import unquote

from .._guid import GUID
from . import json_text
from .problem import Problem
from .text import decode, undecodable

PART = "definition.pbir"

_SCHEMA_1 = re.compile(r"definitionProperties/1\.")
_SCHEMA_2 = re.compile(r"definitionProperties/(?!1\.)\d+\.")
_ID_IN_NAME = re.compile(rf"^(?:.* - )?({GUID.pattern})$", re.DOTALL | re.IGNORECASE)
_WORKSPACE_URL = re.compile(r"^powerbi://[^/]+/v1\.0/[^/]+/(.+)$", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Binding:
    """The model of a report: a relative path, a model's id, or the names of workspace and model; "" where unknown.

    ``workspace`` is an id where the connection has one: names that are not unique have it as "Name - GUID" in XMLA URLs.

    ``server`` is set for a model outside of Power BI (Analysis Services), to which no deployment can rebind.
    """

    path: str = ""
    model_id: str = ""
    workspace: str = ""
    model: str = ""
    server: str = ""

    def __bool__(self) -> bool:
        return bool(self.path or self.model_id or self.model)


def connection_string(text: str) -> dict[str, str]:
    """The members of a connection string, keys in lower case without blanks, values without their quotes."""
    result = {}
    for match in re.finditer(r"""\s*([^=;]+?)\s*=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*)\s*(?:;|$)""", text):
        value = match.group(2).strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1].replace(value[0] * 2, value[0])
        result[match.group(1).lower().replace(" ", "")] = value
    return result


def binding(value: t.Any) -> Binding:
    """The binding in a definition.pbir's JSON value; an empty one if it has none."""
    reference = value.get("datasetReference") if isinstance(value, dict) else None
    if not isinstance(reference, dict):
        return Binding()
    by_path, connection = reference.get("byPath"), reference.get("byConnection")
    if isinstance(by_path, dict) and isinstance(by_path.get("path"), str):
        return Binding(path=by_path["path"])
    if not isinstance(connection, dict):
        return Binding()
    members = connection_string(str(connection.get("connectionString") or ""))
    named = [str(connection.get("pbiModelDatabaseName") or ""), members.get("semanticmodelid", "")]
    catalog = members.get("initialcatalog", "")
    ids = [found.group().lower() for found in map(GUID.search, (*named, catalog)) if found]
    address = members.get("datasource", "")
    server = "" if not address or address.lower().startswith(("powerbi:", "pbiazure:")) else address
    model = "" if GUID.search(catalog) else catalog
    model_id = ids[0] if ids and not server else ""
    return Binding("", model_id, workspace_of(address), model, server)


def workspace_of(address: str) -> str:
    """The workspace in the URL of an XMLA connection, "" for another address."""
    match = _WORKSPACE_URL.match(address.rstrip("/"))
    name = unquote(match.group(1)) if match else ""
    return id_in(name) or name


def id_in(name: str) -> str:
    """The id in a name of an XMLA connection, alone or after a name that is not unique ("Sales - GUID"); "" for none."""
    match = _ID_IN_NAME.match(name)
    return match.group(1).lower() if match else ""


def read(data: bytes, file: str) -> tuple[Binding, Problem | None]:
    """The binding of a definition.pbir part, or the problem of its text."""
    text = decode(data)
    if text is None:
        return Binding(), undecodable(data, file)
    value, problem = json_text.parse(text, file)
    return (Binding(), problem) if problem else (binding(value), None)


def rebind(data: bytes, model_id: str) -> bytes:
    """The part with its report bound to the semantic model of this id; all other text is unchanged.

    A part that is bound to it already is returned unchanged. Raises ValueError for a part that isn't JSON, TypeError for
    one that isn't an object.
    """
    text = data.decode("utf-8-sig")
    plain = json_text.plain(text)
    value = json.loads(plain)
    if not isinstance(value, dict):
        raise TypeError("definition.pbir isn't a JSON object")
    found = binding(value)
    if found.model_id == model_id.lower() and not found.path:
        return data
    reference = {"byConnection": _by_connection(str(value.get("$schema", "")), model_id.lower())}
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = json_text.indent_of(text)
    body = json_text.dump(reference, indent=indent)
    lead = indent if isinstance(indent, str) else " " * (indent or 0)
    span = next((member for member in json_text.members(plain) if member.path == ("datasetReference",)), None)
    body = body.replace("\n", newline + lead)
    if span:
        return (text[: span.start] + body + text[span.end :]).encode()
    at = plain.rindex("}")
    before = text[:at].rstrip()
    comma = "" if plain[:at].rstrip().endswith("{") else ","
    gap = newline + lead if indent is not None else " "
    return f'{before}{comma}{gap}"datasetReference": {body}{newline if indent is not None else ""}{text[at:]}'.encode()


def _by_connection(schema: str, model_id: str) -> dict[str, t.Any]:
    if _SCHEMA_2.search(schema) and not _SCHEMA_1.search(schema):
        return {"connectionString": f"semanticmodelid={model_id}"}
    return {
        "connectionString": None,
        "pbiServiceModelId": None,
        "pbiModelVirtualServerName": "sobe_wowvirtualserver",
        "pbiModelDatabaseName": model_id,
        "name": "EntityDataSource",
        "connectionType": "pbiServiceXmlaStyleLive",
    }
