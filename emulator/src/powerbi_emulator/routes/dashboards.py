# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: dashboards, tiles and usage metrics. People pin and open these in the portal: here by control paths."""

from __future__ import annotations

import typing as t
import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.companion_items import create_usage_metrics
from powerbi_emulator.control_body import control_object
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.field_checks import FieldError, text
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, collection, empty, entity, json_object
from powerbi_emulator.powerbi_items import PORTAL, item_of
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item, Items, Tile
from powerbi_emulator.state.workspaces import Workspaces
from powerbi_emulator.workspace_access import workspace_of

DASHBOARD: t.Final = ("Dashboard",)
DASHBOARDS: t.Final = f"{PREFIX}/groups/{{group_id}}/dashboards"
ONE: t.Final = f"{DASHBOARDS}/{{dashboard_id}}"


def _to_json(item: Item) -> dict[str, t.Any]:
    place = f"dashboardId={item.id}&groupId={item.workspace_id}"
    return {
        "id": item.id,
        "displayName": item.name,
        "isReadOnly": False,
        "webUrl": f"{PORTAL}/groups/{item.workspace_id}/dashboards/{item.id}",
        "embedUrl": f"{PORTAL}/dashboardEmbed?{place}",
        "users": [],
        "subscriptions": [],
    }


def _tile_to_json(tile: Tile) -> dict[str, t.Any]:
    result = {"id": tile.id, "title": tile.title, "rowSpan": 0, "colSpan": 0}
    references = {"reportId": tile.report_id, "datasetId": tile.model_id}
    return {**result, **{name: value for name, value in references.items() if value}}


async def list_dashboards(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    items = emulated_of(request).store(Items).all(workspace.id, *DASHBOARD)
    return collection([_to_json(item) for item in items], "dashboards")


async def add_dashboard(request: Request) -> Response:
    workspace, caller = workspace_of(request, "Contributor")
    name = (await json_object(request)).get("name")
    if not isinstance(name, str) or not name.strip():
        raise PowerBIError(400, "InvalidRequest", "Parameter name is missing or invalid")
    item = emulated_of(request).store(Items).create(workspace.id, DASHBOARD[0], name.strip(), caller.principal)
    return entity(_to_json(item), "dashboards/$entity")


async def get_dashboard(request: Request) -> Response:
    item, _, _ = item_of(request, "dashboard_id", DASHBOARD, "Viewer")
    return entity(_to_json(item), "dashboards/$entity")


async def delete_dashboard(request: Request) -> Response:
    item, _, _ = item_of(request, "dashboard_id", DASHBOARD, "Contributor")
    emulated_of(request).store(Items).delete(item)
    return empty()


async def list_tiles(request: Request) -> Response:
    item, _, _ = item_of(request, "dashboard_id", DASHBOARD, "Viewer")
    return collection([_tile_to_json(tile) for tile in item.tiles], "tiles")


async def pin_tile(request: Request) -> Response:
    """``{"title": "Revenue", "report_id": "..."}``: a tile that a person pins from a report to the dashboard."""
    items, body = emulated_of(request).store(Items), await control_object(request, ("title", "report_id"))
    dashboard = items.anywhere(request.path_params["dashboard_id"], *DASHBOARD)
    report = items.anywhere(text("report_id", body.get("report_id")), "Report")
    if dashboard is None or report is None:
        raise FieldError("report_id", "the id of a report, at the path of a dashboard", body.get("report_id"))
    tile = Tile(str(uuid.uuid4()), text("title", body.get("title")), report.id, report.model_id or "")
    dashboard.tiles.append(tile)
    return JSONResponse(_tile_to_json(tile), 201)


async def open_usage_metrics(request: Request) -> Response:
    """``{}``: a person opens the usage metrics of a report, for which the service makes a model and a report."""
    await control_object(request, ())
    emulated = emulated_of(request)
    workspace = emulated.store(Workspaces).find(request.path_params["workspace_id"])
    if workspace is None:
        raise FieldError("workspace_id", "the id of a workspace", request.path_params["workspace_id"])
    made = create_usage_metrics(emulated, workspace.id, workspace.members[0].principal)
    return JSONResponse({one.type: one.id for one in made}, 201)


GROUP = RouteGroup(
    "dashboards",
    [
        route(DASHBOARDS, "GET", list_dashboards),
        route(DASHBOARDS, "POST", add_dashboard),
        route(ONE, "GET", get_dashboard),
        route(ONE, "DELETE", delete_dashboard),
        route(f"{ONE}/tiles", "GET", list_tiles),
        route("/_emulator/dashboards/{dashboard_id}/tiles", "POST", pin_tile),
        route("/_emulator/workspaces/{workspace_id}/usage-metrics", "POST", open_usage_metrics),
    ],
    stores=(Workspaces, Items),
)
