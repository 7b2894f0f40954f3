# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Items in the Power BI API: semantic models as datasets, reports of both kinds as reports."""

from __future__ import annotations

import typing as t

from starlette.requests import Request

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PowerBIError
from powerbi_emulator.state.items import Item, Items
from powerbi_emulator.state.workspaces import Workspace
from powerbi_emulator.workspace_access import check_capacity, workspace_of

PORTAL: t.Final = "https://app.powerbi.com"
REPORT_TYPES: t.Final = ("Report", "PaginatedReport")


def dataset_links(item: Item) -> dict[str, str]:
    """The URLs of a dataset in the portal."""
    place = f"groupId={item.workspace_id}"
    return {
        "webUrl": f"{PORTAL}/groups/{item.workspace_id}/datasets/{item.id}",
        "createReportEmbedURL": f"{PORTAL}/reportEmbed?{place}&datasetId={item.id}",
        "qnaEmbedURL": f"{PORTAL}/qnaEmbed?{place}&datasetId={item.id}",
    }


def report_links(item: Item) -> dict[str, str]:
    """The URLs of a report in the portal; paginated ones have a path of their own."""
    paginated = item.type == "PaginatedReport"
    embed = "rdlEmbed" if paginated else "reportEmbed"
    return {
        "webUrl": f"{PORTAL}/groups/{item.workspace_id}/{'rdlreports' if paginated else 'reports'}/{item.id}",
        "embedUrl": f"{PORTAL}/{embed}?reportId={item.id}&groupId={item.workspace_id}",
    }


def item_of(request: Request, key: str, types: tuple[str, ...], role: str) -> tuple[Item, Workspace, Caller]:
    """The item whose id is the path's ``key``. Raises PowerBIError 404 for other types than ``types``."""
    workspace, caller = workspace_of(request, role)
    item = emulated_of(request).store(Items).find(workspace.id, request.path_params[key], *types)
    if item is None:
        raise PowerBIError(404, "PowerBIEntityNotFound")
    check_capacity(request, workspace)
    return item, workspace, caller


def check_owner(item: Item, caller: Caller) -> None:
    """Raise PowerBIError unless the caller owns the item, for example after TakeOver."""
    if item.owner.object_id != caller.object_id:
        raise PowerBIError(403, "PowerBINotAuthorizedException", detail="The caller is not the owner of the dataset.")
