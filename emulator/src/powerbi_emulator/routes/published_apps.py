# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI: apps (for users only), and the features of the tenant."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.powerbi_api import PREFIX, PowerBIError, caller, collection, entity
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.published_apps import PublishedApp, PublishedApps
from powerbi_emulator.timestamps import utc

_FEATURES: t.Final = ({"name": "embedTrial", "state": "Enabled", "extendedState": "Enabled", "usage": 0},)


def _to_json(app: PublishedApp) -> dict[str, t.Any]:
    return {
        "id": app.id,
        "name": app.name,
        "description": app.description,
        "lastUpdate": utc(app.last_update),
        "publishedBy": app.published_by,
    }


def _apps_of(request: Request) -> dict[str, PublishedApp]:
    if caller(request).is_app:
        raise PowerBIError(403, "PowerBINotAuthorizedException", detail="Service principals are not supported.")
    return emulated_of(request).store(PublishedApps).apps


async def list_apps(request: Request) -> Response:
    return collection([_to_json(app) for app in _apps_of(request).values()], "apps")


async def get_app(request: Request) -> Response:
    app = _apps_of(request).get(request.path_params["app_id"].lower())
    if app is None:
        raise PowerBIError(404, "PowerBIEntityNotFound")
    return entity(_to_json(app), "apps/$entity")


def _feature(entry: dict[str, t.Any]) -> dict[str, t.Any]:
    result = {key: value for key, value in entry.items() if key != "usage"}
    return {**result, "additionalInfo": {"usage": entry["usage"]}}


async def available_features(request: Request) -> Response:
    caller(request)
    return entity({"features": [_feature(entry) for entry in _FEATURES]}, "availableFeatures")


async def available_feature(request: Request) -> Response:
    caller(request)
    name = request.path_params["name"]
    found = next((entry for entry in _FEATURES if entry["name"] == name), None)
    if found is None:
        raise PowerBIError(404, "PowerBIEntityNotFound", detail=f"There is no feature '{name}'.")
    return entity(_feature(found), "availableFeatures/$entity")


GROUP = RouteGroup(
    "published_apps",
    [
        route(f"{PREFIX}/apps", "GET", list_apps),
        route(f"{PREFIX}/apps/{{app_id}}", "GET", get_app),
        route(f"{PREFIX}/availableFeatures", "GET", available_features),
        route(f"{PREFIX}/availableFeatures(featureName='{{name}}')", "GET", available_feature),
    ],
    stores=(PublishedApps,),
)
