# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The live side: what is in the workspace, and what names and variables stand for in it and in others."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.community.powerbi.plugins.module_utils._content.dynamic_variable import Variable
from ansible_collections.community.powerbi.plugins.module_utils._content.item import SEMANTIC_MODEL, LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.rebind import Binding
from ansible_collections.community.powerbi.plugins.module_utils._deploy import marker
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._http.client import Client
from ansible_collections.community.powerbi.plugins.module_utils._resources.items import Folders, Item, Items
from ansible_collections.community.powerbi.plugins.module_utils._resources.names import is_guid
from ansible_collections.community.powerbi.plugins.module_utils._resources.workspaces import Workspace, Workspaces


class Live:
    """One workspace's items and folders. Items that come and go during a deployment are kept up to date here.

    Used from one thread at a time (the scheduler's caller), except ``model_elsewhere`` and ``value_elsewhere``.
    """

    def __init__(self, client: Client, workspace: Workspace, *, timeout: float) -> None:
        self.client = client
        self.workspace = workspace
        self.items = Items(client, workspace.id, timeout=timeout)
        self.folders = Folders(client, workspace.id)
        self._timeout = timeout
        self._by_key: dict[tuple[str, str], Item] = {}
        self.folder_ids: dict[str, str] = {"": ""}
        self._elsewhere: dict[tuple[str, str, str], str] = {}

    def read(self) -> None:
        """Ask for all items and folders. Raises what the client raises."""
        self._by_key = {item.key: item for item in self.items.all()}
        self.folder_ids = {"": "", **self.folders.all()}

    def all(self) -> list[Item]:
        return list(self._by_key.values())

    def of(self, item: LocalItem) -> Item | None:
        """The live item of a local one: by type and name, else one that was deployed from the same logical id."""
        found = self._by_key.get(item.key)
        if found is not None or not item.logical_id:
            return found
        return next(
            (
                live
                for live in self._by_key.values()
                if live.type == item.type and marker.read(live.description).logical_id == item.logical_id
            ),
            None,
        )

    def put(self, item: Item) -> None:
        """It was created or changed. A renamed one leaves its old name."""
        for key in [key for key, live in self._by_key.items() if live.id == item.id]:
            del self._by_key[key]
        self._by_key[item.key] = item

    def remove(self, item: Item) -> None:
        self._by_key.pop(item.key, None)

    def path_of(self, item: Item) -> str:
        """The workspace folder that an item is in."""
        return next((path for path, identity in self.folder_ids.items() if identity == item.folder_id), "")

    def model_id(self, target: LocalItem | None, binding: Binding) -> str | None:
        """The id of the semantic model that a report needs; None while it is not there yet.

        Raises ConfigError for a model of another workspace, or a name, that can't be found.
        """
        if target is not None:
            live = self.of(target)
            return live.id if live else None
        if binding.model_id:
            return binding.model_id
        if not binding.workspace:
            live = self._by_key.get((SEMANTIC_MODEL, binding.model.casefold()))
            if live is not None:
                return live.id
            raise _no_model(binding.model, self.workspace.name)
        return self._item_elsewhere(binding.workspace, SEMANTIC_MODEL, binding.model)

    def value(self, variable: Variable) -> str | None:
        """What a variable of the parameters stands for; None while its item is not there yet. Raises ConfigError."""
        if not variable.item_type:
            workspace = self._workspace(variable.workspace) if variable.workspace else self.workspace
            names = {"id": workspace.id, "name": workspace.name, "name_encoded": quote(workspace.name, safe="")}
            return names[variable.attribute]
        if variable.attribute != "id":
            raise ConfigError(
                f"{variable} can't be resolved",
                option="parameters",
                why="Power BI items have an id only; the other attributes are those of lakehouses and warehouses",
                remedy="give the value itself",
            )
        if variable.workspace:
            return self._item_elsewhere(variable.workspace, variable.item_type, variable.item_name)
        live = self._by_key.get((variable.item_type, variable.item_name.casefold()))
        return live.id if live else None

    def _workspace(self, name: str) -> Workspace:
        if is_guid(name) and name.lower() == self.workspace.id:
            return self.workspace
        return Workspaces(self.client).get(name)

    def _item_elsewhere(self, workspace: str, item_type: str, name: str) -> str:
        key = (workspace.casefold(), item_type, name.casefold())
        if key not in self._elsewhere:
            found = self._workspace(workspace)
            items = Items(self.client, found.id, timeout=self._timeout).all(item_type)
            ids = [item.id for item in items if item.key == (item_type, name.casefold())]
            if not ids:
                raise _no_model(name, workspace)
            self._elsewhere[key] = ids[0]
        return self._elsewhere[key]


def _no_model(name: str, workspace: str) -> ConfigError:
    return ConfigError(
        f"there is no item {name!r} in the workspace {workspace!r} that this caller can see",
        option="src",
        remedy="deploy it first, correct the name, or give the service principal a role in that workspace",
    )
