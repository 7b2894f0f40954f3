# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a report's definition that the API returns: its pages, its model, a paginated one's sources."""

from __future__ import annotations

import base64
import json
import re
import typing as t
from xml.sax import saxutils

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.state.items import Parts

_SOURCE: t.Final = re.compile(r'<DataSource Name="([^"]*)">(.*?)</DataSource>', re.DOTALL)
_CONNECT: t.Final = re.compile(r"<ConnectString>(.*?)</ConnectString>", re.DOTALL)
_PROVIDER: t.Final = re.compile(r"<DataProvider>(.*?)</DataProvider>")
_PARAMETER: t.Final = re.compile(r'<ReportParameter Name="([^"]*)"')
_TYPES: t.Final = {"SQL": "Sql", "SQLAZURE": "Sql", "OLEDB-MD": "AnalysisServices", "PBIDATASET": "AnalysisServices"}


class Page(t.NamedTuple):
    """``visuals`` are the names of its visuals; ``hidden`` in the reading view."""

    name: str
    display_name: str
    order: int
    hidden: bool = False
    visuals: tuple[str, ...] = ()


class RdlSource(t.NamedTuple):
    """A data source that is embedded in a paginated report."""

    name: str
    type: str
    server: str
    database: str


def pages(parts: Parts) -> list[Page]:
    """The pages of a report in either format, in order; none of a paginated one."""
    if "report.json" in parts:
        sections = json.loads(text_of_part(parts, "report.json")).get("sections", [])
        sections.sort(key=lambda one: one.get("ordinal", 0))
        return [_legacy_page(section, number) for number, section in enumerate(sections)]
    order: list[str] = []
    if "definition/pages/pages.json" in parts:
        order = json.loads(text_of_part(parts, "definition/pages/pages.json")).get("pageOrder", [])
    found = [_page(parts, path) for path in parts if re.fullmatch(r"definition/pages/[^/]+/page\.json", path)]
    found.sort(key=lambda one: order.index(one.name) if one.name in order else len(order))
    return [page._replace(order=number) for number, page in enumerate(found)]


def bookmarks(parts: Parts) -> set[str]:
    """The names of a report's bookmarks."""
    if "report.json" in parts:
        config = _json_in(json.loads(text_of_part(parts, "report.json")).get("config"))
        return {str(one.get("name")) for one in config.get("bookmarks", [])}
    found = (path for path in parts if re.fullmatch(r"definition/bookmarks/[^/]+\.bookmark\.json", path))
    return {str(json.loads(text_of_part(parts, path)).get("name")) for path in found}


def rdl_parameters(parts: Parts) -> set[str]:
    """The names of a paginated report's parameters."""
    return {saxutils.unescape(name) for name in _PARAMETER.findall(rdl_of(parts)[1])}


def bound_to(parts: Parts, model_id: str | None) -> Parts:
    """The definition with another model; ``definition.pbir`` is otherwise unchanged."""
    content: dict[str, t.Any] = {"version": "4.0"}
    if "definition.pbir" in parts:
        content = json.loads(text_of_part(parts, "definition.pbir"))
    content["datasetReference"] = {"byConnection": {"connectionString": f"semanticmodelid={model_id}"}}
    return {**parts, "definition.pbir": encoded(json.dumps(content, indent=2))}


def rdl_of(parts: Parts) -> tuple[str, str]:
    """Path and text of a paginated report's only file."""
    path = next(one for one in parts if one.endswith(".rdl"))
    return path, text_of_part(parts, path)


def rdl_sources(parts: Parts) -> list[RdlSource]:
    """The embedded data sources."""
    found = []
    for name, body in _SOURCE.findall(rdl_of(parts)[1]):
        connect, provider = _CONNECT.search(body), _PROVIDER.search(body)
        if connect is None:
            continue
        fields = _fields(saxutils.unescape(connect[1]))
        kind = _TYPES.get(provider[1].upper(), provider[1]) if provider else "Sql"
        found.append(RdlSource(name, kind, fields.get("data source", ""), fields.get("initial catalog", "")))
    return found


def with_rdl_source(parts: Parts, name: str, server: str, database: str) -> Parts:
    """The definition with another server and database for one data source."""
    path, text = rdl_of(parts)
    connect = saxutils.escape(f"Data Source={server};Initial Catalog={database}")

    def replace(match: re.Match[str]) -> str:
        if match[1] != name:
            return match[0]
        return _CONNECT.sub(lambda _: f"<ConnectString>{connect}</ConnectString>", match[0])

    return {**parts, path: encoded(_SOURCE.sub(replace, text))}


def raw(parts: Parts, path: str) -> bytes:
    return base64.b64decode(parts[path])


def _fields(connect: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in connect.split(";") if "=" in part)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _page(parts: Parts, path: str) -> Page:
    page = json.loads(text_of_part(parts, path))
    folder = path.removesuffix("page.json")
    visuals = (one for one in parts if re.fullmatch(re.escape(folder) + r"visuals/[^/]+/visual\.json", one))
    return Page(
        str(page.get("name", "")),
        str(page.get("displayName", "")),
        0,
        page.get("visibility") == "HiddenInViewMode",
        tuple(str(json.loads(text_of_part(parts, one)).get("name", "")) for one in visuals),
    )


def _legacy_page(section: dict[str, t.Any], number: int) -> Page:
    """``config`` is JSON in a text; a visibility of 1 there means hidden."""
    containers = section.get("visualContainers", [])
    return Page(
        str(section.get("name", "")),
        str(section.get("displayName", "")),
        number,
        _json_in(section.get("config")).get("visibility") == 1,
        tuple(str(_json_in(one.get("config")).get("name", "")) for one in containers),
    )


def _json_in(text: t.Any) -> dict[str, t.Any]:
    found = json.loads(text) if isinstance(text, str) and text else {}
    return found if isinstance(found, dict) else {}
