# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Key Vault: certificates that are imported with their keys. The vault does not issue certificates."""

from __future__ import annotations

import base64
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.certificate_bundle import PEM, PFX, CertificateBundle, ImportRefusedError
from powerbi_emulator.key_vault_api import (
    Json,
    KeyVaultError,
    Place,
    apply_attributes,
    attributes,
    authorize,
    bad_parameter,
    json_object,
    mapping,
    object_name,
)
from powerbi_emulator.key_vault_lifecycle import Kind
from powerbi_emulator.keys import thumbprint
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.key_vault_objects import CertificateVersion, Item
from powerbi_emulator.state.key_vaults import KeyVaults


def _listed(place: Place, item: Item[CertificateVersion], version: CertificateVersion) -> Json:  # noqa: ARG001
    result: Json = {
        "x5t": thumbprint(version.bundle.certificate),
        "attributes": attributes(place, version),
        "subject": version.bundle.certificate.subject.rfc4514_string(),
    }
    if version.tags is not None:
        result["tags"] = version.tags
    return result


def _to_json(place: Place, item: Item[CertificateVersion], version: CertificateVersion) -> Json:
    result: Json = {
        "kid": f"{place.base}/keys/{item.name}/{version.id}",
        "sid": f"{place.base}/secrets/{item.name}/{version.id}",
        "x5t": thumbprint(version.bundle.certificate),
        "cer": base64.b64encode(version.bundle.der).decode(),
        "attributes": attributes(place, version),
    }
    if version.tags is not None:
        result["tags"] = version.tags
    return {**result, "policy": _policy(place, item)}


def _policy(place: Place, item: Item[CertificateVersion]) -> Json:
    return {"id": f"{place.base}/certificates/{item.name}/policy", **(item.policy or {})}


CERTIFICATES: t.Final = Kind(
    "certificate",
    read="certificates/read",
    objects=lambda vault: vault.certificates,
    listed=_listed,
    to_json=_to_json,
    companions=lambda vault: vault.secrets,
)


async def import_certificate(request: Request) -> Response:
    """Import: key and certificate as base64 of a PFX or as PEM text; a new version of an existing certificate."""
    place = authorize(request, "certificates/import/action")
    name, body = object_name(request), await json_object(request)
    value, password, policy = body.get("value"), body.get("pwd"), mapping(body, "policy")
    if not isinstance(value, str) or not isinstance(password, (str, type(None))):
        raise bad_parameter("The request body must specify a certificate in 'value'.")
    requested = {**policy, **{part: mapping(policy, part) for part in ("key_props", "secret_props", "x509_props")}}
    CERTIFICATES.check_free(place, name)
    secret = place.vault.secrets.find(name)
    if secret is not None and secret.current.certificate is None:
        message = f"A secret with the name {name} exists already, and it does not belong to a certificate."
        raise KeyVaultError(409, "Conflict", message)
    content_type = requested["secret_props"].get("contentType")
    if content_type not in (None, PFX, PEM):
        raise bad_parameter(f"The content type '{content_type}' is not supported.")
    try:
        bundle = CertificateBundle.parse(value, password)
    except ImportRefusedError as error:
        raise bad_parameter(str(error)) from error
    now = place.emulated.now()
    version = CertificateVersion(bundle=bundle, created=now, updated=now)
    # the times are the certificate's
    apply_attributes(version, {**body, "attributes": {"enabled": mapping(body, "attributes").get("enabled")}}, now)
    item = place.vault.import_certificate(
        name, bundle, bundle.policy(requested, now), now, enabled=version.enabled, tags=version.tags
    )
    return _bundle(place, item, item.current)


async def get_certificate(request: Request) -> Response:
    """Get a certificate: the public part; the key is in the secret of the same name."""
    place = authorize(request, "certificates/read")
    item, version = CERTIFICATES.find_version(place, object_name(request), request.path_params.get("version", ""))
    return _bundle(place, item, version)


async def update_certificate(request: Request) -> Response:
    """Update ``enabled`` and tags; its secret is enabled and disabled with it."""
    place = authorize(request, "certificates/update/action")
    item, version = CERTIFICATES.find_version(place, object_name(request), request.path_params.get("version", ""))
    apply_attributes(version, await json_object(request), place.emulated.now())
    secret = place.vault.secrets.find(item.name)
    managed = secret.version(version.id) if secret else None
    if managed is not None:
        managed.enabled, managed.tags, managed.updated = version.enabled, version.tags, version.updated
    return _bundle(place, item, version)


async def get_policy(request: Request) -> Response:
    place = authorize(request, "certificates/read")
    return JSONResponse(_policy(place, CERTIFICATES.find(place, object_name(request))))


async def update_policy(request: Request) -> Response:
    """Update the policy for the next import; existing versions are unchanged."""
    place = authorize(request, "certificates/update/action")
    item = CERTIFICATES.find(place, object_name(request))
    requested = await json_object(request)
    present = item.policy or {}
    merged = {
        name: {**present.get(name, {}), **requested[name]}
        for name in ("key_props", "secret_props", "x509_props", "issuer")
        if isinstance(requested.get(name), dict)
    }
    if isinstance(requested.get("lifetime_actions"), list):
        merged["lifetime_actions"] = requested["lifetime_actions"]
    merged["attributes"] = {**present.get("attributes", {}), "updated": int(place.emulated.now())}
    item.policy = {**present, **merged}
    return JSONResponse(_policy(place, item))


def _bundle(place: Place, item: Item[CertificateVersion], version: CertificateVersion) -> Response:
    address = CERTIFICATES.address(place, item.name, version.id)
    return JSONResponse({"id": address, **_to_json(place, item, version)})


GROUP = RouteGroup(
    "key_vault_certificates",
    [
        *CERTIFICATES.routes(),
        route("/certificates/{name}/import", "POST", import_certificate),
        route("/certificates/{name}/policy", "GET", get_policy),
        route("/certificates/{name}/policy", "PATCH", update_policy),
        route("/certificates/{name}", "GET", get_certificate),
        route("/certificates/{name}", "PATCH", update_certificate),
        # the official libraries write the current version as an empty one
        route("/certificates/{name}/", "GET", get_certificate),
        route("/certificates/{name}/", "PATCH", update_certificate),
        route("/certificates/{name}/{version}", "GET", get_certificate),
        route("/certificates/{name}/{version}", "PATCH", update_certificate),
    ],
    stores=(Directory, KeyVaults),
)
