# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""One rule about the services' errors, and the remedies that many rules share."""

from __future__ import annotations

import typing as t


class Rule(t.NamedTuple):
    """Applies if all fields that are set match: one of the statuses, codes and APIs, the patterns of text and path.

    ``path`` is searched in "METHOD /path", ``message`` in the service's text; all case-insensitively. ``apis``:
    powerbi, admin, fabric, graph, key_vault, storage; empty for all. A failed operation has no status: rules with
    statuses don't apply to it.
    """

    why: str
    remedy: str
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    message: str = ""
    path: str = ""
    apis: tuple[str, ...] = ()


REFUSED = (401, 403)
POWER_BI = ("powerbi", "admin", "fabric", "")
ADD_TO_WORKSPACE = (
    "give it a role in the workspace (powerbi_workspace_access), by the object id of its enterprise application, which "
    "is neither the client_id nor the id of the app registration; new access takes some minutes to work"
)
DEVELOPER_SETTING = (
    "a Fabric administrator enables 'Service principals can call Fabric public APIs' (to create workspaces: 'Service "
    "principals can create workspaces, connections, and deployment pipelines') in the tenant settings, for all or for "
    "a security group that the service principal is in; it takes up to 15 minutes to work"
)
ASSIGN_CAPACITY = (
    "assign the workspace to a Premium, Embedded or Fabric capacity (option `capacity` of powerbi_workspace)"
)
AS_USER = "log in as a user for this task (auth_method: device_code, or access_token of a user)"
