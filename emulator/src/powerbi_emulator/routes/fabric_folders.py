# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fabric: folders in a workspace."""

from __future__ import annotations

import re
import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.fabric_api import (
    PREFIX,
    FabricError,
    Related,
    answer,
    created,
    done,
    guid_of,
    json_object,
    new_id,
    page,
    text_of,
    workspace_of,
)
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.folders import DEEPEST, Folder, Folders
from powerbi_emulator.state.items import Items
from powerbi_emulator.state.workspaces import Workspace

LONGEST_NAME: t.Final = 255
_FORBIDDEN: t.Final = re.compile(r"[~\"#.&*:<>?/\\{|}\x00-\x1f\x7f-\x9f]")
_RESERVED: t.Final = ("$recycle.bin", "recycled", "recycler")


def _to_json(folder: Folder) -> dict[str, t.Any]:
    result = {"id": folder.id, "displayName": folder.name, "workspaceId": folder.workspace_id}
    return result | ({"parentFolderId": folder.parent_id} if folder.parent_id else {})


def folder_filter(request: Request, workspace: Workspace) -> t.Callable[[str | None], bool]:
    """The parent folders for ``rootFolderId`` and ``recursive``. Raises FabricError for an unknown root."""
    folders, root = emulated_of(request).store(Folders), request.query_params.get("rootFolderId")
    recursive = request.query_params.get("recursive", "true").lower() != "false"
    if root is not None:
        root = known_folder(folders, workspace, root)
    if not recursive:
        return lambda parent: parent == root
    if root is None:
        return lambda _: True
    inside = folders.below(root)
    return lambda parent: parent in inside


def known_folder(folders: Folders, workspace: Workspace, folder_id: str) -> str:
    """The folder's id. Raises FabricError 404 for one that is not in the workspace."""
    folder = folders.find(workspace.id, folder_id)
    if folder is None:
        raise FabricError(404, "FolderNotFound", "Could not find the requested folder.")
    return folder.id


async def list_folders(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    requested = folder_filter(request, workspace)
    folders = emulated_of(request).store(Folders).of_workspace(workspace.id)
    return page(request, [one for one in folders if requested(one.parent_id)], _to_json)


async def create_folder(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Contributor")
    folders, body = emulated_of(request).store(Folders), await json_object(request)
    name, parent = _name(body), guid_of(body, "parentFolderId")
    if parent is not None:
        parent = known_folder(folders, workspace, parent)
    _check_place(folders, workspace, parent, name, None)
    limit = emulated_of(request).switches.folder_limit
    if limit is not None and len(folders.of_workspace(workspace.id)) >= limit:
        raise FabricError(400, "TooManyFolders", "The workspace has reached the max count of folders.")
    folder = Folder(new_id(), workspace.id, name, parent)
    folders.folders[folder.id] = folder
    return created(request, _to_json(folder), f"/workspaces/{workspace.id}/folders/{folder.id}")


async def get_folder(request: Request) -> Response:
    workspace, _ = workspace_of(request)
    return answer(_to_json(_folder_of(request, workspace)))


async def update_folder(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Contributor")
    folder, name = _folder_of(request, workspace), _name(await json_object(request))
    _check_place(emulated_of(request).store(Folders), workspace, folder.parent_id, name, folder)
    folder.name = name
    return answer(_to_json(folder))


async def move_folder(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Contributor")
    folders, folder = emulated_of(request).store(Folders), _folder_of(request, workspace)
    target = guid_of(await json_object(request), "targetFolderId")
    if target is not None:
        target = known_folder(folders, workspace, target)
        if target in folders.below(folder.id):
            raise FabricError(400, "InfiniteFolderHierarchyLoop", "The folder can't be moved into any of its descents.")
    _check_place(folders, workspace, target, folder.name, folder)
    folder.parent_id = target
    return answer(_to_json(folder))


async def delete_folder(request: Request) -> Response:
    workspace, _ = workspace_of(request, "Contributor")
    emulated, folder = emulated_of(request), _folder_of(request, workspace)
    folders, items = emulated.store(Folders), emulated.store(Items)
    if len(folders.below(folder.id)) > 1 or any(
        item.folder_id == folder.id for item in [*items.all(workspace.id), *items.deleted(workspace.id)]
    ):
        text = "The requested folder was not empty."
        raise FabricError(400, "FolderNotEmpty", text, related=Related("Folder", folder.id))
    del folders.folders[folder.id]
    return done()


def _folder_of(request: Request, workspace: Workspace) -> Folder:
    folder = emulated_of(request).store(Folders).find(workspace.id, request.path_params["folder_id"])
    if folder is None:
        raise FabricError(404, "FolderNotFound", "Could not find the requested folder.")
    return folder


def _name(body: dict[str, t.Any]) -> str:
    name = text_of(body, "displayName", LONGEST_NAME, required=True) or ""
    if _FORBIDDEN.search(name) or name != name.strip() or name.lower() in _RESERVED:
        raise FabricError(400, "InvalidFolderDisplayName", "The folder display name is not valid.")
    return name


def _check_place(folders: Folders, workspace: Workspace, parent: str | None, name: str, folder: Folder | None) -> None:
    other = folders.named(workspace.id, parent, name)
    if other is not None and other is not folder:
        raise FabricError(409, "FolderDisplayNameAlreadyInUse", "Folder display name is already used.")
    if folders.depth(parent) >= DEEPEST:
        raise FabricError(400, "FolderDepthOutOfRange", "The parent folder has achieved max depth.")


_FOLDERS: t.Final = f"{PREFIX}/workspaces/{{workspace_id}}/folders"
_FOLDER: t.Final = f"{_FOLDERS}/{{folder_id}}"

GROUP = RouteGroup(
    "fabric_folders",
    [
        route(_FOLDERS, "GET", list_folders),
        route(_FOLDERS, "POST", create_folder),
        route(_FOLDER, "GET", get_folder),
        route(_FOLDER, "PATCH", update_folder),
        route(_FOLDER, "DELETE", delete_folder),
        route(f"{_FOLDER}/move", "POST", move_folder),
    ],
    stores=(Folders, Items),
)
