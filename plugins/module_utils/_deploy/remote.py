# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The remote side: the items and folders of the workspace, and items of others."""

from __future__ import annotations

import threading
import typing as t

from .._api.connections import Connections
from .._api.folders import Folders
from .._api.imports import Imports
from .._api.items import Item, Items
from .._api.reports import Reports
from .._api.type_properties import TypeProperties
from .._api.workspaces import Workspace, Workspaces
from .._content import ownership_annotation
from .._content.item import PAGINATED_REPORT, REPORT, SEMANTIC_MODEL
from .._content.ownership_annotation import Ownership
from .._errors import ConfigError, listed
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .identity import description_annotation
from .listing import Listing
from .variable_values import VariableValues

# Whether an earlier task would create a resource (check mode): workspace (name or id), type and name of an item, or
# a workspace and two empty texts for the workspace itself.
Planned = t.Callable[[str, str, str], bool]


def nothing_planned(_workspace: str, _item_type: str, _name: str) -> bool:
    return False


class RemoteWorkspace:
    """One workspace's items and folders, updated when a deployment creates, changes or deletes items.

    Threads may share it. ``listing``: lists that were requested already.
    """

    def __init__(
        self,
        client: Client,
        workspace: Workspace,
        *,
        timeout: float,
        planned: Planned = nothing_planned,
        listing: Listing | None = None,
    ) -> None:
        self.client = client
        self.clock = client.sender.clock
        self.workspace = workspace
        self.items = Items(client, workspace.id, timeout=timeout)
        self.folders = Folders(client, workspace.id)
        self.reports = Reports(client, workspace.id)
        self.connections = Connections(client)
        self.properties = TypeProperties(client, workspace.id, timeout=timeout)
        self.imports = listing.imports if listing else Imports(client, workspace.id, timeout=timeout)
        self._listing = listing
        self._timeout = timeout
        self._planned = planned
        self._by_id: dict[str, Item] = {}
        self._by_key: dict[tuple[str, str], list[Item]] = {}
        self._owners: dict[str, Ownership | None] = {}  # by item id: the annotations of the definitions that were read
        self.damaged: set[str] = set()  # ids of items whose annotation can't be read
        self.folder_ids: dict[str, str] = {"": ""}
        self.values = VariableValues(client, timeout=timeout)
        self._elsewhere: dict[tuple[str, str, str], str] = {}
        self._bindings: dict[str, str] | None = None
        self._bindings_lock = threading.Lock()
        self._lock = threading.RLock()  # of the items

    def read(self) -> None:
        """Read all items and folders; a workspace without an id does not exist yet, and is empty.

        Raises what the client raises.
        """
        if not self.workspace.id:
            return
        listing = self._listing or Listing(self.client, self.workspace.id, timeout=self._timeout)
        self.replace(listing.items())
        self.folder_ids = {"": "", **listing.folders()}

    def read_without_fabric(self) -> None:
        """Read the items from the Power BI API, without descriptions and folders. Raises what the client raises."""
        reports = self.reports.all()
        self._bindings = {report.id: report.model_id for report in reports}
        types = {True: PAGINATED_REPORT, False: REPORT}
        models = self.client.pages(quoted_path("groups", self.workspace.id, "datasets"))
        self.replace(
            [
                *(
                    Item(normalise_guid(str(value_of(one, "id"))), SEMANTIC_MODEL, str(value_of(one, "name", "")))
                    for one in models
                ),
                *(Item(report.id, types[report.paginated], report.name) for report in reports),
            ]
        )

    def replace(self, items: t.Iterable[Item]) -> None:
        """Replace all items."""
        self._by_id, self._by_key = {}, {}
        for item in items:
            self.record(item)

    def all(self) -> list[Item]:
        with self._lock:
            return list(self._by_id.values())

    def with_id(self, identity: str) -> Item | None:
        return self._by_id.get(identity)

    def named(self, item_type: str, name: str) -> Item | None:
        """The item of that type and name. Raises ConfigError, with the ids, if there are several."""
        with self._lock:
            found = self._by_key.get((item_type, name.casefold()), [])
        if len(found) > 1:
            raise ConfigError(
                f"{len(found)} items of the type {item_type} are called {name!r} in the workspace",
                option="src",
                why="Their ids: " + listed(sorted(item.id for item in found)),
                remedy="delete or rename all but one: the service can't distinguish them",
            )
        return found[0] if found else None

    def only_named(self, item_type: str, name: str) -> Item | None:
        """As `named`, but None if there are several."""
        with self._lock:
            found = self._by_key.get((item_type, name.casefold()), [])
        return found[0] if len(found) == 1 else None

    def owner(self, item: Item) -> Ownership | None:
        """The owner of an item, as far as it was read from its definition (`record_owner_in`), or from its description.

        A copy, whose annotation has the id of another item, has no owner.
        """
        found = self._owners.get(item.id)
        if found is None:
            annotation = description_annotation.read(item.description).annotation
            damaged = description_annotation.is_damaged(item.description)
            found = annotation.ownership if annotation and not damaged else None
        return found if found is None or found.item_id in ("", item.id) else None

    def is_owner_known(self, item: Item) -> bool:
        """Whether its definition was read, or its description contains the owner."""
        return item.id in self._owners or description_annotation.read(item.description).annotation is not None

    def logical_id(self, item: Item) -> str:
        """The logical id of the `.platform` it was deployed from, empty if unknown."""
        owner = self.owner(item)
        return owner.logical_id if owner else ""

    def without_annotation(self, item: Item, parts: t.Mapping[str, bytes]) -> dict[str, bytes]:
        """The definition of an item without the ownership annotation; the owner in it is recorded."""
        self.record_owner_in(item.id, parts)
        return ownership_annotation.remove(parts)

    def record_owner_in(self, item_id: str, parts: t.Mapping[str, bytes]) -> None:
        """Record the owner from a definition."""
        (self.damaged.add if ownership_annotation.is_damaged(parts) else self.damaged.discard)(item_id)
        self.record_owner(item_id, ownership_annotation.read(parts))

    def record_owner(self, item_id: str, owner: Ownership | None) -> None:
        """Record the annotation of an item's definition, None for none."""
        self._owners[item_id] = owner

    def bindings(self) -> dict[str, str]:
        """The semantic model of each report, by their ids. The first call sends the request."""
        with self._bindings_lock:
            if self._bindings is None:
                self._bindings = {report.id: report.model_id for report in self.reports.all()}
            return self._bindings

    def record(self, item: Item) -> None:
        """Add or replace an item. A renamed one is removed from its old name."""
        with self._lock:
            self.remove(item)
            self._by_id[item.id] = item
            self._by_key[item.key] = [*self._by_key.get(item.key, ()), item]

    def remove(self, item: Item) -> None:
        with self._lock:
            known = self._by_id.pop(item.id, None)
            if known is not None:
                self._by_key[known.key] = [other for other in self._by_key[known.key] if other.id != known.id]

    def path_of(self, item: Item) -> str:
        """The path of an item's workspace folder."""
        return next((path for path, identity in self.folder_ids.items() if identity == item.folder_id), "")

    def is_planned(self, item_type: str, name: str) -> bool:
        """Whether an earlier task would create that item here (check mode)."""
        names = [known_as for known_as in (self.workspace.id, self.workspace.name) if known_as] or [""]
        return any(self._planned(known_as, item_type, name) for known_as in names)

    def workspace_named(self, name: str) -> Workspace | None:
        """The id of another workspace's item; None for one that an earlier task would create (check mode)."""
        if is_guid(name) and name.lower() == self.workspace.id:
            return self.workspace
        try:
            return Workspaces(self.client).get(name)
        except ConfigError:
            if self._planned(name, "", ""):
                return None
            raise

    def item_elsewhere(self, workspace: str, item_type: str, name: str) -> str | None:
        """The id of an item of another workspace. None for one that an earlier task would create (check mode).

        Raises ConfigError for one that does not exist.
        """
        key = (workspace.casefold(), item_type, name.casefold())
        if key not in self._elsewhere:
            found = self.workspace_named(workspace)
            items = Items(self.client, found.id, timeout=self._timeout).all(item_type) if found else []
            ids = [item.id for item in items if item.key == (item_type, name.casefold())]
            if not ids and self._planned(workspace, item_type, name):
                return None
            if not ids:
                raise no_such_item(name, workspace)
            self._elsewhere[key] = ids[0]
        return self._elsewhere[key]


def no_such_item(name: str, workspace: str) -> ConfigError:
    return ConfigError(
        f"there is no item {name!r} in the workspace {workspace!r} that this caller can see",
        option="src",
        remedy="deploy it first, correct the name, or give the service principal a role in that workspace",
    )
