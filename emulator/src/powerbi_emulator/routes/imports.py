# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: imports of .pbix, .xlsx and .rdl files."""

from __future__ import annotations

import json
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.callers import Caller
from powerbi_emulator.client_routing import redirection
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.in_thread import in_thread
from powerbi_emulator.multipart_upload import UploadError, received_part
from powerbi_emulator.packages import UnreadablePackageError, examine, kind_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, collection, entity, json_object
from powerbi_emulator.powerbi_items import dataset_links, report_links
from powerbi_emulator.received_file import ReceivedFile
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.blobs import Blobs
from powerbi_emulator.state.folders import Folders
from powerbi_emulator.state.imports import CONFLICTS, ConflictError, Import, Imports, Order
from powerbi_emulator.state.items import Items
from powerbi_emulator.state.workspaces import Workspace
from powerbi_emulator.timestamps import utc
from powerbi_emulator.workspace_access import check_capacity, workspace_of

_CORRUPTED: t.Final = "RequestedFileIsEncryptedOrCorrupted"


def _to_json(one: Import) -> dict[str, t.Any]:
    """An import; while it is being published, and when it has failed, its arrays are empty."""
    result: dict[str, t.Any] = {
        "id": one.id,
        "importState": one.state,
        "createdDateTime": utc(one.created),
        "updatedDateTime": utc(one.updated),
        "name": one.order.name,
        "connectionType": "import",
        "source": "Upload",
        "datasets": [],
        "reports": [],
    }
    for item in one.items:
        if item.type == "SemanticModel":
            links = {"id": item.id, "name": item.name, "webUrl": dataset_links(item)["webUrl"]}
            result["datasets"].append({**links, "targetStorageMode": "Abf"})
        else:
            kind = "PaginatedReport" if item.type == "PaginatedReport" else "PowerBIReport"
            result["reports"].append({"id": item.id, "reportType": kind, "name": item.name, **report_links(item)})
    if one.error:
        result["error"] = {"code": one.error, "details": []}
    return result


async def list_imports(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    return collection(
        [_to_json(one) for one in emulated_of(request).store(Imports).of_workspace(workspace.id)], "imports"
    )


async def get_import(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    one = emulated_of(request).store(Imports).find(workspace.id, request.path_params["import_id"])
    if one is None:
        raise PowerBIError(404, "ImportNotFound", detail="There is no such import.")
    return entity(_to_json(one), "imports/$entity")


async def post_import(request: Request) -> Response:
    """202 with the id: the file was received, and its import continues. 307 before the body is read, if requested."""
    workspace, caller = workspace_of(request, "Contributor")
    redirected = redirection(request)
    if redirected is not None:
        return redirected
    check_capacity(request, workspace)
    order = await _order(request, workspace, caller)
    try:
        one = emulated_of(request).store(Imports).begin(order)
    except ConflictError as error:
        raise PowerBIError(error.status, error.code, empty=error.code == "PbixAlreadyImported") from error
    exchange_of(request).note(import_id=one.id, sha256=order.file.sha256, size=order.file.size)
    return entity({"id": one.id}, "imports/$entity", 202)


async def create_temporary_upload_location(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Contributor")
    check_capacity(request, workspace)
    location = emulated_of(request).store(Blobs).make()
    content = {"Url": location.url, "ExpirationTime": utc(location.expires)}
    return entity(content, "Microsoft.PowerBI.ServiceContracts.Api.V1.TemporaryUploadLocation")


async def _order(request: Request, workspace: Workspace, caller: Caller) -> Order:
    query, emulated = request.query_params, emulated_of(request)
    display_name = query.get("datasetDisplayName", "").strip()
    if not display_name:
        raise PowerBIError(400, "InvalidRequest", "Parameter datasetDisplayName is missing or invalid")
    if display_name.lower() == "model.json":
        if caller.is_app:
            text = "Dataflows with service principal aren't supported."
            raise PowerBIError(403, "PowerBINotAuthorizedException", detail=text)
        raise PowerBIError(400, "InvalidRequest", "The emulator does not import dataflows.")
    kind = kind_of(display_name)
    conflict = query.get("nameConflict", "Ignore")
    if conflict not in CONFLICTS[kind]:
        text = f"Parameter nameConflict: '{conflict}' is not supported for a file of the kind {kind}"
        raise PowerBIError(400, "InvalidRequest", text)
    folder_id = query.get("subfolderObjectId")
    if folder_id is not None and emulated.store(Folders).find(workspace.id, folder_id) is None:
        raise PowerBIError(404, "FolderNotFound", detail="Could not find the requested folder.")
    file = await _file(request)
    try:
        package = examine(file, kind, refuse_df=emulated.switches.imports_refuse_df)
    except UnreadablePackageError as error:
        raise PowerBIError(400, _CORRUPTED, detail=str(error)) from error
    known = display_name.lower().endswith((".pbix", ".xlsx", ".xlsm", ".rdl"))
    return Order(
        workspace_id=workspace.id,
        name=display_name.rpartition(".")[0] if known else display_name,
        package=package,
        file=file,
        conflict=conflict,
        skip_report=query.get("skipReport", "").lower() == "true",
        folder_id=folder_id.lower() if folder_id else None,
        owner=caller.principal,
    )


async def _file(request: Request) -> ReceivedFile:
    """The uploaded file: in the body, or at a temporary upload location in the body."""
    if request.headers.get("content-type", "").startswith("application/json"):
        url = (await json_object(request)).get("fileUrl")
        blobs = emulated_of(request).store(Blobs)
        received = await in_thread(blobs.received, url) if isinstance(url, str) else None
        if received is None:
            raise PowerBIError(
                400, "InvalidRequest", "fileUrl: expected a temporary upload location with a file in it."
            )
        return received
    limit, declared = emulated_of(request).switches.import_limit, request.headers.get("content-length", "0")
    if limit is not None and int(declared) > limit:
        raise PowerBIError(413, "RequestEntityTooLarge", f"The file is larger than {int(limit)} bytes.")
    try:
        return await received_part(request)
    except UploadError as error:
        raise PowerBIError(400, _CORRUPTED, detail=json.dumps(str(error))) from error


_IMPORTS: t.Final = f"{PREFIX}/groups/{{group_id}}/imports"

GROUP = RouteGroup(
    "imports",
    [
        route(_IMPORTS, "GET", list_imports),
        route(_IMPORTS, "POST", post_import),
        route(f"{_IMPORTS}/createTemporaryUploadLocation", "POST", create_temporary_upload_location),
        route(f"{_IMPORTS}/{{import_id}}", "GET", get_import),
    ],
    stores=(Folders, Items, Blobs, Imports),
)
