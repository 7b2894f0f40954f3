# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a deployment has to know of a workspace, asked for in the background, all of it at once."""

from __future__ import annotations

import concurrent.futures

from .._api.imports import Imports
from .._api.items import Folders, Item, Items
from .._http.client import Client

_LISTS = 3


class Listing:
    """The requests begin when it is made; what they raise is raised by the methods, and by nothing if none is called.

    ``timeout``  seconds for one import
    ``files``    whether files are about to be imported, for which earlier imports must be known
    ``threads``  for the requests
    """

    def __init__(
        self, client: Client, workspace_id: str, *, timeout: float, files: bool = False, threads: int = _LISTS
    ) -> None:
        self.imports = Imports(client, workspace_id, timeout=timeout)
        # By hand and not as a context: that would wait for lists that nobody wants once the workspace is not there.
        pool = concurrent.futures.ThreadPoolExecutor(min(threads, _LISTS), thread_name_prefix="powerbi-list")
        self._items = pool.submit(Items(client, workspace_id, timeout=timeout).all)
        self._folders = pool.submit(Folders(client, workspace_id).all)
        if files:
            pool.submit(self.imports.known_before)  # one that fails is asked for again before the first import
        pool.shutdown(wait=False)

    def items(self) -> list[Item]:
        """GET /workspaces/{id}/items, all pages. Raises what the client raises."""
        return self._items.result()

    def folders(self) -> dict[str, str]:
        """GET /workspaces/{id}/folders: id by path. Raises what the client raises."""
        return self._folders.result()
