# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""App registrations in Microsoft Graph: their JSON, their lookup, and the permissions to change them."""

from __future__ import annotations

import base64
import typing as t

from cryptography.hazmat.primitives import hashes, serialization
from starlette.requests import Request

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.graph_api import Entity, bad_request, denied, has_role, not_found, timestamp
from powerbi_emulator.routing import Handler, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import App, Certificate, Secret

KIND: t.Final = "application"
_READ: t.Final = (
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",  # may list all apps as well, but change only the owned ones
    "Directory.Read.All",
)
_WRITE_ALL: t.Final = "Application.ReadWrite.All"
_WRITE_OWNED: t.Final = "Application.ReadWrite.OwnedBy"


def app_routes(suffix: str, methods: str, handler: Handler) -> list[t.Any]:
    """The two ways to name an app: ``applications/{object id}`` and ``applications(appId='{client id}')``."""
    names = ("/v1.0/applications(appId='{client_id}')", "/v1.0/applications/{object_id}")
    return [route(f"{name}{suffix}", methods, handler) for name in names]


def app_of(request: Request) -> App:
    """The app of the URL. Raises GraphError 404."""
    directory, named = emulated_of(request).store(Directory), request.path_params
    if "client_id" in named:
        found = directory.apps.get(named["client_id"].lower())
    else:
        requested = named["object_id"].lower()
        found = next((app for app in directory.apps.values() if app.object_id == requested), None)
    if found is None:
        raise not_found(named.get("client_id") or named["object_id"])
    return found


def require_read(caller: Caller) -> None:
    """Raises GraphError 403 for a caller without permission to read apps."""
    if not has_role(caller, *_READ):
        raise denied()


def may_change(caller: Caller, app: App) -> bool:
    """Whether the caller's permission covers this app: all apps, or owned ones."""
    return has_role(caller, _WRITE_ALL) or (has_role(caller, _WRITE_OWNED) and caller.object_id in app.owners)


def require_change(caller: Caller, app: App) -> None:
    """Raises GraphError 403."""
    if not may_change(caller, app):
        raise denied()


def application(emulated: EmulatorState, app: App, *, with_keys: bool = False) -> Entity:
    """The app's JSON. ``with_keys``: with the keys of certificates, as for ``$select=keyCredentials``."""
    domain = emulated.store(Directory).tenant.domains[0]
    secrets, certificates = app.visible_credentials(emulated.now())
    return {
        "id": app.object_id,
        "deletedDateTime": None,
        "appId": app.client_id,
        "displayName": app.display_name,
        "description": None,
        "identifierUris": [],
        "isFallbackPublicClient": app.public_client or None,
        "publisherDomain": domain,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "keyCredentials": [key_credential(one, with_key=with_keys) for one in certificates],
        "passwordCredentials": [password_credential(one) for one in secrets],
    }


def password_credential(secret: Secret, *, text: str | None = None) -> Entity:
    """A client secret; only the response to its creation contains its value (``text``)."""
    return {
        "customKeyIdentifier": None,
        "displayName": secret.display_name,
        "endDateTime": timestamp(secret.ends),
        "hint": secret.hint,
        "keyId": secret.key_id,
        "secretText": text,
        "startDateTime": timestamp(secret.starts),
    }


def key_credential(registered: Certificate, *, with_key: bool = False) -> Entity:
    """A client certificate; ``key`` is the base64 of its DER."""
    certificate = registered.certificate
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    # SHA-1 is Graph's default identifier, not a means of protection
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()
    return {
        "customKeyIdentifier": registered.custom_key_identifier or thumbprint,
        "displayName": registered.display_name,
        "endDateTime": timestamp(certificate.not_valid_after_utc.timestamp()),
        "key": der if with_key else None,
        "keyId": registered.key_id,
        "startDateTime": timestamp(certificate.not_valid_before_utc.timestamp()),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def text_or_none(body: Entity, name: str) -> str | None:
    """An optional text property. Raises GraphError for another type."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request("Cannot convert a primitive value to the expected type 'Edm.String'.")
    return value
