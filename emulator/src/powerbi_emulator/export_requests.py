# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates the body of ExportTo against the report: its pages, visuals, bookmarks, parameters, identities.

The documents contain the limits but no error codes for them: InvalidRequest is Power BI's code for other bodies.
"""

from __future__ import annotations

import typing as t

from powerbi_emulator.powerbi_api import PowerBIError
from powerbi_emulator.report_content import bookmarks, pages, rdl_parameters
from powerbi_emulator.state.items import Item
from powerbi_emulator.state.report_exports import FORMATS, IMAGES, OF_REPORTS

_MOST_PAGES: t.Final = 50
_MOST_ROLES: t.Final = 50

Json = dict[str, t.Any]


class ExportRequest(t.NamedTuple):
    """``format`` as in the API; ``extension`` of the resulting file, with its dot; ``pages`` by name, none for a
    paginated report; ``configuration`` as requested, without its secrets."""

    format: str
    extension: str
    pages: tuple[str, ...]
    configuration: Json


def export_request(item: Item, body: Json) -> ExportRequest:
    """Raises PowerBIError 400."""
    kind = str(body.get("format")).upper()
    known = OF_REPORTS if item.type == "Report" else tuple(one for one in FORMATS if one != "PNG")
    if kind not in known:
        raise _refused(f"format: one of {', '.join(known)}")
    if item.type == "Report":
        configuration = _object(body, "powerBIReportConfiguration")
        requested = _pages_of(item, configuration)
        _check_identities(configuration, item)
        extension = ".zip" if kind == "PNG" and len(requested) > 1 else FORMATS[kind]
    else:
        configuration, requested = _object(body, "paginatedReportConfiguration"), ()
        extension = _check_paginated(item, configuration, kind)
    return ExportRequest(kind, extension, requested, _without_secrets(configuration))


def _pages_of(item: Item, configuration: Json) -> tuple[str, ...]:
    known = {page.name: page for page in pages(item.parts)}
    _check_bookmark(item, configuration.get("defaultBookmark"), "defaultBookmark")
    if len(_objects(configuration, "reportLevelFilters")) > 1:
        raise _refused("reportLevelFilters: only one filter is supported")
    requested = _objects(configuration, "pages")
    for one in requested:
        page = known.get(str(one.get("pageName")))
        if page is None:
            raise _refused(f"pages: the report has no page '{one.get('pageName')}'")
        if one.get("visualName") is not None and one["visualName"] not in page.visuals:
            raise _refused(f"pages: the page '{page.name}' has no visual '{one['visualName']}'")
        _check_bookmark(item, one.get("bookmark"), "bookmark")
    hidden_too = _object(configuration, "settings").get("includeHiddenPages") is True
    visible = [page.name for page in known.values() if hidden_too or not page.hidden]
    # The pages of an imported file are unknown: the report has one.
    names = tuple(str(one["pageName"]) for one in requested) or tuple(visible) or ("ReportSection",)
    if len(names) > _MOST_PAGES:
        raise _refused(f"pages: {len(names)} of them, at most {_MOST_PAGES} can be exported")
    return names


def _check_bookmark(item: Item, bookmark: t.Any, where: str) -> None:
    if bookmark is None:
        return
    if not isinstance(bookmark, dict) or (bookmark.get("name") is None) == (bookmark.get("state") is None):
        raise _refused(f"{where}: name or state, but not both")
    if bookmark.get("name") is not None and bookmark["name"] not in bookmarks(item.parts):
        raise _refused(f"{where}: the report has no bookmark '{bookmark['name']}'")


def _check_identities(configuration: Json, item: Item) -> None:
    dataset_id = configuration.get("datasetToBind") or item.model_id
    identities = _objects(configuration, "identities")
    for one in identities:
        name, roles = one.get("username"), one.get("roles") or []
        if not isinstance(name, str) or not name or len(name) > 256 or " " in name:
            raise _refused("identities: username is missing or invalid")
        if len(roles) > _MOST_ROLES or any("," in str(role) for role in roles):
            raise _refused("identities: roles is invalid")
        if item.type == "Report" and not one.get("datasets"):
            raise _refused("identities: datasets is missing")
    named = {str(dataset).lower() for one in identities for dataset in one.get("datasets") or ()}
    if item.type == "Report" and identities and dataset_id and str(dataset_id).lower() not in named:
        raise _refused(f"identities: none of them is for the dataset {dataset_id}")


def _check_paginated(item: Item, configuration: Json, kind: str) -> str:
    """The suffix of the file."""
    _check_identities(configuration, item)
    if len(_objects(configuration, "identities")) > 1:
        raise _refused("identities: a paginated report takes a single one")
    known = rdl_parameters(item.parts)
    for one in _objects(configuration, "parameterValues"):
        if one.get("name") not in known:
            raise _refused(f"parameterValues: the report has no parameter '{one.get('name')}'")
    settings = _object(configuration, "formatSettings")
    if not all(isinstance(value, str) for value in settings.values()):
        raise _refused("formatSettings: all values are texts")
    if kind != "IMAGE":
        return FORMATS[kind]
    form = settings.get("OutputFormat", "TIFF").upper()
    if form not in IMAGES:
        raise _refused(f"formatSettings: OutputFormat is one of {', '.join(IMAGES)}")
    return f".{form.lower()}"


def _without_secrets(configuration: Json) -> Json:
    if "identities" not in configuration:
        return configuration
    identities = [{key: one[key] for key in one if key != "identityBlob"} for one in configuration["identities"]]
    return {**configuration, "identities": identities}


def _object(body: Json, key: str) -> Json:
    found = body.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _refused(f"{key}: an object")
    return found


def _objects(body: Json, key: str) -> list[Json]:
    found = body.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _refused(f"{key}: a list of objects")
    return found


def _refused(text: str) -> PowerBIError:
    return PowerBIError(400, "InvalidRequest", text)
