# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task or more of each module that sends requests, for tests that go through all of them."""

from __future__ import annotations

import dataclasses
import typing as t

from harness import contoso
from harness.content import SAMPLE

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
NEW_NAME: t.Final = "Made under fire"


@dataclasses.dataclass(frozen=True)
class ModuleTask:
    """``kind``: a ``read``, a ``create`` whose success can be looked up afterwards, a write that is ``repeatable``, or one
    that may be sent ``once`` only. ``is_complete``: whether the result of a task that succeeded has all it must have.
    ``setup``: options of powerbi_item, for an item that has to exist before.
    """

    module: str
    kind: str
    options: t.Mapping[str, t.Any]
    is_complete: t.Callable[[dict[str, t.Any]], bool] = bool
    setup: t.Mapping[str, t.Any] | None = None


MODULE_TASKS: t.Final = {
    "workspace create": ModuleTask("powerbi_workspace", "create", {"name": NEW_NAME}),
    "workspace change": ModuleTask(
        "powerbi_workspace",
        "repeatable",
        {"id": SALES, "name": "Sales 2", "description": "New", "capacity": "Contoso F64", "storage_format": "large"},
    ),
    "workspace delete": ModuleTask("powerbi_workspace", "repeatable", {"name": "Sales", "state": "absent"}),
    "access": ModuleTask(
        "powerbi_workspace_access",
        "repeatable",
        {
            "workspace": "Sales",
            "prune": True,
            "principals": [
                {"principal": contoso.MEGAN["upn"], "role": "admin"},
                {"client_id": contoso.DEPLOY.client_id, "role": "admin"},
                {"client_id": contoso.CERTIFICATE_APP.client_id, "role": "viewer"},
            ],
        },
    ),
    "workspace_info": ModuleTask(
        "powerbi_workspace_info", "read", {"details": True}, lambda result: len(result["workspaces"]) == 2
    ),
    "capacity_info": ModuleTask("powerbi_capacity_info", "read", {}, lambda result: len(result["capacities"]) == 1),
    "gateway_info": ModuleTask(
        "powerbi_gateway_info", "read", {"sources": True}, lambda result: len(result["gateways"]) == 2
    ),
    "app_info": ModuleTask("powerbi_app_info", "read", {}, lambda result: len(result["apps"]) == 1),
    "api GET": ModuleTask(
        "powerbi_api", "read", {"path": "/groups", "paginate": True}, lambda result: len(result["entries"]) == 2
    ),
    "api POST": ModuleTask(
        "powerbi_api",
        "once",
        {
            "api": "fabric",
            "method": "POST",
            "path": f"/workspaces/{SALES}/folders",
            "body": {"displayName": NEW_NAME},
        },
    ),
    "refresh schedule": ModuleTask(
        "powerbi_refresh_schedule",
        "repeatable",
        {"workspace": "Finance", "semantic_model": "Sales", "enabled": True, "days": ["Monday"], "times": ["07:00"]},
        setup={"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")},
    ),
    "folder": ModuleTask("powerbi_folder", "repeatable", {"workspace": "Sales", "name": "Daily"}),
    "refresh": ModuleTask(
        "powerbi_refresh",
        "create",
        {"workspace": "Finance", "semantic_model": "Sales", "skip_if_newer_than": 3600},
        lambda result: result["refresh"]["status"] == "completed",
        setup={"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")},
    ),
    "semantic model": ModuleTask(
        "powerbi_semantic_model",
        "repeatable",
        {
            "workspace": "Finance",
            "semantic_model": "Sales",
            "parameters": {"Server": "warehouse.example"},
            "storage_format": "large",
            "query_scale_out": {"max_replicas": 1},
        },
        setup={"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")},
    ),
    "semantic model delete": ModuleTask(
        "powerbi_semantic_model",
        "repeatable",
        {"workspace": "Finance", "semantic_model": "Sales", "state": "absent"},
        setup={"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")},
    ),
    "semantic_model_info": ModuleTask(
        "powerbi_semantic_model_info",
        "read",
        {"workspace": "Finance", "details": True},
        lambda result: len(result["semantic_models"]) == 1 and len(result["semantic_models"][0]["parameters"]) == 2,
        setup={"workspace": "Finance", "src": str(SAMPLE / "Sales.SemanticModel")},
    ),
    "query": ModuleTask(
        "powerbi_query",
        "read",
        {
            "workspace": "Finance",
            "semantic_model": "Check",
            "queries": [{"query": 'EVALUATE ROW("a", 1)', "expect": {"a": 1}}],
        },
        lambda result: len(result["query_results"]) == 1,
        setup={"workspace": "Finance", "src": str(SAMPLE.parent / "tenant_check" / "Check.SemanticModel")},
    ),
    # make resource: rows go above this line
}
