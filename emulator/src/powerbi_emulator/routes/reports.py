# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: reports of both kinds."""

from __future__ import annotations

import typing as t
import urllib.parse

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.client_routing import redirection
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, collection, empty, entity, json_object
from powerbi_emulator.powerbi_items import REPORT_TYPES, item_of, report_links
from powerbi_emulator.report_content import bound_to, pages, raw, rdl_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.workspaces import Workspace, Workspaces
from powerbi_emulator.workspace_access import workspace_of

INTERACTIVE: t.Final = ("Report",)
REPORTS: t.Final = f"{PREFIX}/groups/{{group_id}}/reports"
REPORT: t.Final = f"{REPORTS}/{{report_id}}"


def report_to_json(item: Item) -> dict[str, t.Any]:
    """A report; a paginated one has no dataset."""
    paginated = item.type == "PaginatedReport"
    result: dict[str, t.Any] = {
        "id": item.id,
        "reportType": "PaginatedReport" if paginated else "PowerBIReport",
        "name": item.name,
        "description": item.description or "",
        **report_links(item),
        "isFromPbix": item.content_hash is not None and not paginated,
        "isOwnedByMe": True,
    }
    if item.model_id and not paginated:
        result["datasetId"] = item.model_id
    return {**result, "users": [], "subscriptions": []}


async def list_reports(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    items = emulated_of(request).store(Items).all(workspace.id, *REPORT_TYPES)
    return collection([report_to_json(item) for item in items], "reports")


async def get_report(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", REPORT_TYPES, "Viewer")
    return entity(report_to_json(item), "reports/$entity")


async def delete_report(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", REPORT_TYPES, "Contributor")
    emulated_of(request).store(Items).delete(item)
    return empty()


async def clone_report(request: Request) -> Response:
    """A copy, in this or another workspace, on the same or another model; names need not be unique."""
    item, workspace, caller = item_of(request, "report_id", INTERACTIVE, "Contributor")
    emulated, body = emulated_of(request), await json_object(request)
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise PowerBIError(400, "InvalidRequest", "Parameter name is missing or invalid")
    target = _target(emulated, caller, workspace, body.get("targetWorkspaceId"))
    model_id = item.model_id
    if body.get("targetModelId"):
        model_id = _usable_model(emulated, caller, body["targetModelId"]).id
    copy = emulated.store(Items).create(
        target.id,
        item.type,
        name.strip(),
        caller.principal,
        description=item.description,
        format=item.format,
        parts=bound_to(item.parts, model_id),
        model_id=model_id,
        content_hash=item.content_hash,
        content=item.content,
    )
    return entity(report_to_json(copy), "reports/$entity")


async def rebind_report(request: Request) -> Response:
    item, _, caller = item_of(request, "report_id", REPORT_TYPES, "Contributor")
    if item.type not in INTERACTIVE:
        raise PowerBIError(400, "InvalidRequest", "A paginated report can't be rebound.")
    emulated, body = emulated_of(request), await json_object(request)
    model = _usable_model(emulated, caller, body.get("datasetId"))
    item.model_id, item.parts = model.id, bound_to(item.parts, model.id)
    item.touch(emulated)
    return empty()


async def update_content(request: Request) -> Response:
    """UpdateReportContent: the content of another report, with this report's model."""
    item, workspace, caller = item_of(request, "report_id", INTERACTIVE, "Contributor")
    emulated, body = emulated_of(request), await json_object(request)
    requested = body.get("sourceReport")
    if body.get("sourceType") != "ExistingReport" or not isinstance(requested, dict):
        raise PowerBIError(400, "InvalidRequest", "Parameter sourceReport is missing or invalid")
    origin = _target(emulated, caller, workspace, requested.get("sourceWorkspaceId"))
    source = emulated.store(Items).find(origin.id, str(requested.get("sourceReportId")), *INTERACTIVE)
    if source is None:
        raise PowerBIError(404, "PowerBIEntityNotFound")
    item.parts, item.format = bound_to(source.parts, item.model_id), source.format
    item.content, item.content_hash = source.content, source.content_hash
    item.touch(emulated)
    return entity(report_to_json(item), "reports/$entity")


async def export_report(request: Request) -> Response:
    """The file: as it was imported, or the current definition of a paginated report."""
    item, _, _ = item_of(request, "report_id", REPORT_TYPES, "Contributor")
    redirected = redirection(request)
    if redirected is not None:
        return redirected
    if item.type == "PaginatedReport":
        content: bytes | None = raw(item.parts, rdl_of(item.parts)[0])
    else:
        content = item.content
    if content is None:
        text = "The report was not made from a file, or from one that the emulator did not keep."
        raise PowerBIError(400, "ExportReportNotSupported", detail=text)
    name = f"{item.name}.{'rdl' if item.type == 'PaginatedReport' else 'pbix'}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{urllib.parse.quote(name)}"}
    return Response(content, headers=headers, media_type="application/octet-stream")


async def list_pages(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", INTERACTIVE, "Viewer")
    result = [{"name": one.name, "displayName": one.display_name, "order": one.order} for one in pages(item.parts)]
    return collection(result, "pages")


async def get_page(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", INTERACTIVE, "Viewer")
    for one in pages(item.parts):
        if one.name == request.path_params["page_name"]:
            result = {"name": one.name, "displayName": one.display_name, "order": one.order}
            return entity(result, "pages/$entity")
    raise PowerBIError(404, "PowerBIEntityNotFound")


def _target(emulated: EmulatorState, caller: Caller, workspace: Workspace, workspace_id: t.Any) -> Workspace:
    """The workspace in a body, or that of the path. Raises PowerBIError without write permission."""
    if workspace_id is None:
        return workspace
    found = emulated.store(Workspaces).find(str(workspace_id))
    if found is None or not found.allows(caller, "Contributor"):
        raise PowerBIError(404, "PowerBIFolderNotFound")
    return found


def _usable_model(emulated: EmulatorState, caller: Caller, model_id: t.Any) -> Item:
    """A semantic model with Build permission for the caller."""
    model = emulated.store(Items).anywhere(str(model_id), "SemanticModel")
    workspace = emulated.store(Workspaces).find(model.workspace_id) if model else None
    if model is None or workspace is None or not workspace.allows(caller, "Contributor"):
        raise PowerBIError(
            404, "PowerBIEntityNotFound", detail="There is no such dataset, or the caller may not use it."
        )
    return model


GROUP = RouteGroup(
    "reports",
    [
        route(REPORTS, "GET", list_reports),
        route(REPORT, "GET", get_report),
        route(REPORT, "DELETE", delete_report),
        route(f"{REPORT}/Clone", "POST", clone_report),
        route(f"{REPORT}/Rebind", "POST", rebind_report),
        route(f"{REPORT}/UpdateReportContent", "POST", update_content),
        route(f"{REPORT}/Export", "GET", export_report),
        route(f"{REPORT}/pages", "GET", list_pages),
        route(f"{REPORT}/pages/{{page_name}}", "GET", get_page),
    ],
    stores=(Workspaces, Items),
)
