# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The limits that the services document: which quota a request counts in, and which limit its API has of its own.

Sources: "Throttling in Microsoft Fabric" (quotas by identity for the platform, job scheduler and long-running operation
APIs, 200 calls a minute each); the API reference of each operation (limits of its own). Power BI's REST API has no
documented quota: the same is assumed for it.
"""

from __future__ import annotations

import re
import typing as t

MINUTE = 60.0
HOUR = 3600.0

FABRIC, JOBS, OPERATIONS, POWERBI = "Fabric platform", "Fabric job scheduler", "Fabric operation", "Power BI"

_OPERATION = re.compile(r"/operations/", re.IGNORECASE)
_JOB = re.compile(r"/workspaces/[^/]+/items/[^/]+/jobs/", re.IGNORECASE)


class Limit(t.NamedTuple):
    """At most ``calls`` in any ``window`` of seconds."""

    calls: float
    window: float


class Endpoint(t.NamedTuple):
    """A key of requests that are throttled together, the kind of API in whose quota they count, and their own limit.

    ``kind`` is empty for APIs without a quota (Microsoft Graph, Azure Key Vault).
    """

    name: str
    kind: str = ""
    own: Limit | None = None


# Documented limits of single APIs, the first that matches: the API, the method, the path with {id} for each id.
_OWN: tuple[tuple[str, str, str, Limit], ...] = (
    ("powerbi", "POST", r"(/groups/\{id\})?/datasets/\{id\}/executeQueries", Limit(120, MINUTE)),
    ("powerbi", "POST", r"/RefreshUserPermissions", Limit(1, HOUR)),
    ("powerbi", "GET", r"/admin/(datasets|reports|dashboards)", Limit(5, MINUTE)),
    ("powerbi", "GET", r"/admin/groups", Limit(15, MINUTE)),
    ("powerbi", "GET", r"/admin/workspaces/modified", Limit(30, HOUR)),
    ("powerbi", "", r"/admin/workspaces/(getInfo|scanResult/.*)", Limit(500, HOUR)),
    ("powerbi", "", r"/admin/informationprotection/.*", Limit(25, HOUR)),
    ("powerbi", "POST", r"/admin/tenantKeys.*", Limit(600, HOUR)),
    ("powerbi", "", r"/admin/(?!workspaces/).*", Limit(200, HOUR)),
    ("fabric", "POST", r"/admin/items/bulk(Set|Remove)Labels", Limit(25, HOUR)),
    ("fabric", "", r"/admin/(workspaces/\{id\}/restore|.*[sS]haringLinks|.*externalDataShares.*)", Limit(10, MINUTE)),
    ("fabric", "", r"/admin/.*(tenant|TenantSetting|GitConnections|AdminTemporaryAccess).*", Limit(25, MINUTE)),
    ("fabric", "", r"/admin/(workspaces|items|users|workloads).*", Limit(200, HOUR)),
    ("fabric", "", r".*/externalDataShares.*", Limit(10, MINUTE)),
    # "Items - Bulk Import Item Definitions", throttling limits: 10 calls/min
    ("fabric", "POST", r"/workspaces/\{id\}/items/bulkImportDefinitions", Limit(10, MINUTE)),
)
_OWN_PATTERNS = tuple((api, method, re.compile(pattern, re.IGNORECASE), limit) for api, method, pattern, limit in _OWN)


def endpoint_of(api: str, method: str, path: str) -> Endpoint:
    """The endpoint of a request. ``path`` is below the base of ``api``, without a query, with {id} for each id."""
    for owner, own_method, pattern, limit in _OWN_PATTERNS:
        if owner == api and own_method in ("", method) and pattern.fullmatch(path):
            name = "executeQueries" if path.endswith("executeQueries") else f"{method} {path}"
            return Endpoint(name, _kind_of(api, path), limit)
    return Endpoint(f"{method} {path}", _kind_of(api, path))


def _kind_of(api: str, path: str) -> str:
    if api == "powerbi":
        return POWERBI
    if api != "fabric":
        return ""
    if _OPERATION.match(path):
        return OPERATIONS
    return JOBS if _JOB.match(path) else FABRIC
