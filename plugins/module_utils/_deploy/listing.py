# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The lists of a workspace that a deployment needs, requested concurrently in the background."""

from __future__ import annotations

import concurrent.futures

from .._api.folders import Folders
from .._api.imports import Imports
from .._api.items import Item, Items
from .._http.client import Client

_LISTS = 3


class Listing:
    """Requests the lists when it is constructed; the errors are raised by the methods.

    ``timeout``  seconds for one import
    ``files``    whether files are about to be imported, for which earlier imports must be known
    ``threads``  number of threads for the requests
    """

    def __init__(
        self, client: Client, workspace_id: str, *, timeout: float, files: bool = False, threads: int = _LISTS
    ) -> None:
        self.imports = Imports(client, workspace_id, timeout=timeout)
        # Not a context manager: that would wait for lists that are not needed if the workspace does not exist.
        pool = concurrent.futures.ThreadPoolExecutor(max(1, min(threads, _LISTS)), thread_name_prefix="powerbi-list")
        self._items = pool.submit(Items(client, workspace_id, timeout=timeout).all)
        self._folders = pool.submit(Folders(client, workspace_id).all)
        if files:
            pool.submit(self.imports.known_before)  # a failed request is repeated before the first import
        pool.shutdown(wait=False)

    def items(self) -> list[Item]:
        """GET /workspaces/{id}/items, all pages. Raises what the client raises."""
        return self._items.result()

    def folders(self) -> dict[str, str]:
        """GET /workspaces/{id}/folders: id by path. Raises what the client raises."""
        return self._folders.result()
