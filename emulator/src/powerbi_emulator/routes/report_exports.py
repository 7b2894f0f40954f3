# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: ExportTo, which renders a report as PDF and other formats."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.export_requests import export_request
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, entity, json_object
from powerbi_emulator.powerbi_items import REPORT_TYPES, item_of
from powerbi_emulator.routes.reports import REPORT
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.report_exports import LIFETIME, ReportExport, ReportExports
from powerbi_emulator.timestamps import utc


async def export_to(request: Request) -> Response:
    item, workspace, _ = item_of(request, "report_id", REPORT_TYPES, "Viewer")
    if workspace.capacity_id is None:
        text = "Exporting a report to a file needs a workspace on a Premium, Embedded or Fabric capacity."
        raise PowerBIError(403, "FeatureNotAvailable", detail=text)
    emulated, requested = emulated_of(request), export_request(item, await json_object(request))
    dataset = requested.configuration.get("datasetToBind")
    if dataset and emulated.store(Items).anywhere(str(dataset), "SemanticModel") is None:
        raise PowerBIError(404, "PowerBIEntityNotFound")
    options = {"pages": list(requested.pages), "configuration": requested.configuration}
    export = emulated.store(ReportExports).begin(item, requested.format, requested.extension, options)
    return _answer(emulated, item, export, 202)


async def get_export(request: Request) -> Response:
    """202 while it runs, then 200, also for a failed export. The first response has Retry-After."""
    item, _, _ = item_of(request, "report_id", REPORT_TYPES, "Viewer")
    export = _export_of(request, item)
    export.polls += 1
    return _answer(emulated_of(request), item, export, 202 if export.status == "Running" else 200)


async def get_file(request: Request) -> Response:
    item, _, _ = item_of(request, "report_id", REPORT_TYPES, "Viewer")
    export = _export_of(request, item)
    if export.status != "Succeeded":
        raise PowerBIError(404, "ExportNotFound", detail="The export has no file.")
    return Response(export.file, media_type="application/octet-stream")


def _answer(emulated: EmulatorState, item: Item, export: ReportExport, status: int) -> Response:
    path = f"{PREFIX}/groups/{item.workspace_id}/reports/{item.id}/exports/{export.id}"
    result: dict[str, t.Any] = {
        "id": export.id,
        "createdDateTime": utc(export.created, 7),
        "lastActionDateTime": utc(export.updated, 7),
        "reportId": export.report_id,
        "reportName": export.report_name,
        "status": export.status,
        "percentComplete": 0 if export.status == "Running" else 100,
        "expirationTime": utc(export.created + LIFETIME, 7),
    }
    if export.status == "Succeeded":
        result |= {"resourceLocation": f"{emulated.url}{path}/file", "resourceFileExtension": export.extension}
    response = entity(result, "exports/$entity", status)
    if status == 202 and export.polls == 0:
        response.headers["Retry-After"] = str(int(emulated.switches.operation_retry_after))
    return response


def _export_of(request: Request, item: Item) -> ReportExport:
    export = emulated_of(request).store(ReportExports).find(item, request.path_params["export_id"])
    if export is None:
        raise PowerBIError(404, "ExportNotFound", detail="There is no such export.")
    return export


GROUP = RouteGroup(
    "report_exports",
    [
        route(f"{REPORT}/ExportTo", "POST", export_to),
        route(f"{REPORT}/exports/{{export_id}}", "GET", get_export),
        route(f"{REPORT}/exports/{{export_id}}/file", "GET", get_file),
    ],
    stores=(Items, ReportExports),
)
