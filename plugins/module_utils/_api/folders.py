# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The folders of a Fabric workspace, which hold items and other folders."""

from __future__ import annotations

import contextlib
import typing as t

from .._errors import ApiError, ConflictError, NotFoundError, TransportError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .._http.retry import TRIES, is_ambiguous_write, read_back


class Folders:
    """The folders of one workspace, by their path: "Monthly/Europe"."""

    def __init__(self, client: Client, workspace_id: str) -> None:
        self._client = client
        self._workspace = quoted_path("workspaces", workspace_id)
        self._path = f"{self._workspace}/folders"

    def all(self) -> dict[str, str]:
        """GET /workspaces/{id}/folders: id by path."""
        entries = {str(value_of(entry, "id")): entry for entry in self._client.pages(self._path, api="fabric")}
        return {_path_of(entry, entries): normalise_guid(identity) for identity, entry in entries.items()}

    def items(self, identity: str) -> list[str]:
        """GET /workspaces/{id}/items?rootFolderId={id}: the items in the folder itself, as name.type."""
        query = {"rootFolderId": identity, "recursive": "false"}
        found = self._client.pages(f"{self._workspace}/items", api="fabric", query=query)
        return [f"{value_of(entry, 'displayName')}.{value_of(entry, 'type')}" for entry in found]

    def create(self, path: str, parent_id: str) -> str:
        """POST /folders, at most once: after an ambiguous response, or if another process created it, the existing is used.

        Returns the id.
        """
        body = {"displayName": path.rpartition("/")[2], **({"parentFolderId": parent_id} if parent_id else {})}
        for _attempt in range(TRIES):
            try:
                return normalise_guid(str(self._client.request("POST", self._path, api="fabric", body=body).get("id")))
            except (ApiError, TransportError) as error:
                last = error
            if not is_ambiguous_write(last):
                break
            found = read_back(lambda: self._id_of(path), self._client.sender.clock)
            if found is not None:
                return found
            if isinstance(last, ConflictError):
                break
        raise last

    def rename(self, identity: str, name: str) -> None:
        """PATCH /folders/{id}."""
        self._write("PATCH", quoted_path(identity), {"displayName": name})

    def move(self, identity: str, parent_id: str) -> None:
        """POST /folders/{id}/move; to the root of the workspace for an empty ``parent_id``."""
        self._write("POST", f"{quoted_path(identity)}/move", {"targetFolderId": parent_id} if parent_id else {})

    def delete(self, identity: str) -> None:
        """DELETE /folders/{id}, which has to be empty; succeeds if it does not exist."""
        with contextlib.suppress(NotFoundError):
            self._write("DELETE", quoted_path(identity), None)

    def _id_of(self, path: str) -> str | None:
        ids = self.all()
        return ids.get(spelled(path, ids) or "")

    def _write(self, method: str, path: str, body: t.Any) -> None:
        self._client.request(method, f"{self._path}{path}", api="fabric", body=body, idempotent=True)


def spelled(path: str, paths: t.Iterable[str]) -> str | None:
    """The path as the service returns it, None if there is no such folder. Names are case-insensitive."""
    return next((one for one in paths if one.lower() == path.lower()), None)


def _path_of(entry: t.Any, entries: t.Mapping[str, t.Any]) -> str:
    names: list[str] = []
    seen: set[str] = set()
    while entry is not None:
        names.append(str(value_of(entry, "displayName", "")))
        parent = str(value_of(entry, "parentFolderId") or "")
        if parent in seen:
            break  # folders never form a loop; a malformed response must not hang the task
        seen.add(parent)
        entry = entries.get(parent)
    return "/".join(reversed(names))
