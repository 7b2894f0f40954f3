# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Key Vault: secrets, including those with the keys of certificates."""

from __future__ import annotations

import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.certificate_bundle import PEM
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.key_vault_api import (
    Json,
    KeyVaultError,
    Place,
    apply_attributes,
    attributes,
    authorize,
    bad_parameter,
    json_object,
    object_name,
)
from powerbi_emulator.key_vault_lifecycle import Kind
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.key_vault_objects import Item, SecretVersion
from powerbi_emulator.state.key_vaults import KeyVaults

_LONGEST_VALUE: t.Final = 25 * 1024  # bytes


def _to_json(place: Place, item: Item[SecretVersion], version: SecretVersion) -> Json:
    result = _listed(place, item, version)
    if version.certificate is not None:
        result["kid"] = f"{place.base}/keys/{item.name}/{version.id}"
    return result


def _listed(place: Place, item: Item[SecretVersion], version: SecretVersion) -> Json:  # noqa: ARG001 - as Kind calls it
    result: Json = {}
    if version.content_type is not None:
        result["contentType"] = version.content_type
    result["attributes"] = attributes(place, version)
    if version.tags is not None:
        result["tags"] = version.tags
    if version.certificate is not None:
        result["managed"] = True
    return result


def _refuse_managed(item: Item[SecretVersion], operation: str) -> None:
    if item.current.certificate is not None:
        message = f'Operation "{operation}" is not allowed on this secret, since it is associated with a certificate.'
        raise KeyVaultError(403, "Forbidden", message)


SECRETS: t.Final = Kind(
    "secret",
    read="secrets/readMetadata/action",
    objects=lambda vault: vault.secrets,
    listed=_listed,
    to_json=_to_json,
    refuse=_refuse_managed,
)


async def set_secret(request: Request) -> Response:
    """Set a secret: always a new version."""
    place = authorize(request, "secrets/setSecret/action")
    name, body = object_name(request), await json_object(request)
    value, content_type = body.get("value"), body.get("contentType")
    if not isinstance(value, str):
        raise bad_parameter("The request body must specify a value.")
    if len(value.encode()) > _LONGEST_VALUE:
        raise bad_parameter("The value of the secret is longer than 25 KB.")
    if content_type is not None and not isinstance(content_type, str):
        raise bad_parameter("Property 'contentType' has an invalid value.")
    SECRETS.check_free(place, name)
    existing = place.vault.secrets.find(name)
    if existing is not None:
        _refuse_managed(existing, "set")
    now = place.emulated.now()
    version = SecretVersion(value=value, content_type=content_type, created=now, updated=now)
    apply_attributes(version, body, now)
    item = place.vault.secrets.add_version(name, version)
    return _bundle(place, item, version, value)


async def get_secret(request: Request) -> Response:
    """Get a secret: the current version, or the one in the URL."""
    place = authorize(request, "secrets/getSecret/action")
    item, version = SECRETS.find_version(place, object_name(request), request.path_params.get("version", ""))
    if not version.enabled:
        raise KeyVaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled")
    value = version.value
    if version.certificate is not None and request.query_params.get("outContentType") == PEM:
        value = version.certificate.secret_value(PEM)
    return _bundle(place, item, version, value)


async def update_secret(request: Request) -> Response:
    """Update attributes, tags and content type, never the value."""
    place = authorize(request, "secrets/update/action")
    item, version = SECRETS.find_version(place, object_name(request), request.path_params.get("version", ""))
    _refuse_managed(item, "update")
    body = await json_object(request)
    content_type = body.get("contentType", version.content_type)
    if content_type is not None and not isinstance(content_type, str):
        raise bad_parameter("Property 'contentType' has an invalid value.")
    apply_attributes(version, body, place.emulated.now())
    version.content_type = content_type
    return _bundle(place, item, version, None)


def _bundle(place: Place, item: Item[SecretVersion], version: SecretVersion, value: str | None) -> Response:
    result: Json = {} if value is None else {"value": value}
    result["id"] = SECRETS.address(place, item.name, version.id)
    return JSONResponse({**result, **_to_json(place, item, version)})


def environment(emulated: EmulatorState) -> dict[str, str]:
    """The variables of ``D/env``: the first vault of the seed is at the emulator's own address."""
    return {"POWERBI_KEY_VAULT_URL": emulated.url} if emulated.store(KeyVaults).vaults else {}


GROUP = RouteGroup(
    "key_vault_secrets",
    [
        *SECRETS.routes(),
        route("/secrets/{name}", "PUT", set_secret),
        route("/secrets/{name}", "GET", get_secret),
        route("/secrets/{name}", "PATCH", update_secret),
        # the official libraries write the current version as an empty one
        route("/secrets/{name}/", "GET", get_secret),
        route("/secrets/{name}/", "PATCH", update_secret),
        route("/secrets/{name}/{version}", "GET", get_secret),
        route("/secrets/{name}/{version}", "PATCH", update_secret),
    ],
    stores=(Directory, KeyVaults),
    environment=environment,
)
