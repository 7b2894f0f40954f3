# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared code of the routes of Azure Key Vault: the challenge, authorization, responses and errors."""

from __future__ import annotations

import base64
import binascii
import typing as t
import urllib.parse

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.callers import Caller, caller_of
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.json_text import load_json
from powerbi_emulator.resources import KEY_VAULT_AUDIENCES
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.key_vault_objects import Version
from powerbi_emulator.state.key_vaults import OBJECT_NAME, KeyVaults, Vault
from powerbi_emulator.tokens import Rejection, TokenRejectedError, issuer_v1

Json = dict[str, t.Any]

RESOURCE: t.Final = "https://vault.azure.net"
PAGE: t.Final = 25  # maximum number of entries in one response
_LATEST: t.Final = "2026-04-01"
_VERSIONS: t.Final = frozenset(("2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", _LATEST))
_DENIED: t.Final = (
    "Caller is not authorized to perform action on resource.\r\n"
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation "
    "time.\r\n"
    "Caller: {caller}\r\nAction: 'Microsoft.KeyVault/vaults/{action}'\r\nResource: '{resource}'\r\n"
    "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\n"
    "Vault: {vault};location={location}\r\n"
)
_BLOCKED: t.Final = (
    "Client address is not authorized and caller is not a trusted service.\r\n"
    "Client address: {address}\r\nCaller: {caller}\r\nVault: {vault};location={location}"
)


class KeyVaultError(ServiceError):
    """An error; ``inner`` is the code of its ``innererror``, which is more specific than ``code``."""

    def __init__(self, status: int, code: str, message: str, inner: str = "") -> None:
        super().__init__(f"{status} {code} {inner}")
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner

    def response(self, request: Request) -> Response:
        exchange_of(request).note(error=self.inner or self.code)
        error: Json = {"code": self.code, "message": self.message}
        if self.inner:
            error["innererror"] = {"code": self.inner}
        headers = {}
        if self.status == 401:
            emulated = emulated_of(request)
            tenant = f"{emulated.url}/{emulated.store(Directory).tenant.id}"
            headers["WWW-Authenticate"] = f'Bearer authorization="{tenant}", resource="{RESOURCE}"'
        return JSONResponse({"error": error}, self.status, headers)


def bad_parameter(message: str) -> KeyVaultError:
    return KeyVaultError(400, "BadParameter", message)


class Place(t.NamedTuple):
    """A vault and the URL of the request: ids of objects begin with ``base``."""

    vault: Vault
    base: str
    emulated: EmulatorState


def authorize(request: Request, action: str) -> Place:
    """The vault of the request, if the caller is authorized for ``action`` (``secrets/delete``) there.

    Raises KeyVaultError: 401 with the challenge, then 403 of the firewall, 400 for the version, 403 of the roles, in
    that order, as the service checks the token first.
    """
    emulated, host = emulated_of(request), request.headers.get("host", "")
    vault = emulated.store(KeyVaults).at(host)
    if vault is None:
        raise KeyVaultError(404, "VaultNotFound", f"No key vault of the emulator's seed is called as in '{host}'.")
    caller = _caller(request, emulated)
    facts = {"caller": _described(caller), "vault": vault.name, "location": vault.location}
    exchange_of(request).note(vault=vault.name)
    if emulated.switches.key_vault_firewall:
        address = request.client.host if request.client else "unknown"
        raise KeyVaultError(403, "Forbidden", _BLOCKED.format(address=address, **facts), "ForbiddenByFirewall")
    _check_version(request)
    if not emulated.switches.key_vault_roles or not vault.allows(caller, action):
        kind, name = request.url.path.split("/")[1].removeprefix("deleted"), _name(request)
        resource = f"{vault.resource_id}/{kind}" + (f"/{name}" if name else "")
        message = _DENIED.format(action=action, resource=resource, **facts)
        raise KeyVaultError(403, "Forbidden", message, "ForbiddenByRbac")
    return Place(vault, f"https://{host}", emulated)


def _caller(request: Request, emulated: EmulatorState) -> Caller:
    try:
        return caller_of(request, KEY_VAULT_AUDIENCES)
    except TokenRejectedError as rejected:
        exchange_of(request).note(token=rejected.reason)
        issuer = issuer_v1(emulated, emulated.store(Directory).tenant)
        messages: dict[Rejection, str] = {
            "missing": "AKV10000: Request is missing a Bearer or PoP token.",
            "malformed": "[BearerReadAccessTokenFailed] Error reading access token: 'S2S12005'.",
            "signature": "AKV10046: Unable to resolve the key used for signature validation.",
            "tenant": f"AKV10032: Invalid issuer. Expected one of {issuer}, found another.",
            "expired": "[TokenExpired] Error validating token: 'S2S12086'.",
            "audience": f"AKV10022: Invalid audience. Expected {RESOURCE}, found another.",
        }
        raise KeyVaultError(401, "Unauthorized", messages[rejected.reason]) from rejected


def _described(caller: Caller) -> str:
    resource_id = caller.claims.get("xms_mirid")
    mirid = f";xms_mirid={resource_id}" if resource_id else ""
    return f"appid={caller.client_id};oid={caller.object_id};iss={caller.claims['iss']}{mirid}"


def _check_version(request: Request) -> None:
    version = request.query_params.get("api-version")
    if not version:
        raise bad_parameter("api-version must be specified")
    if version not in _VERSIONS:
        raise bad_parameter(
            f"The specified version ({version}) is not recognized. Consider using the latest supported version "
            f"({_LATEST})."
        )


def _name(request: Request) -> str:
    return str(request.path_params.get("name", ""))


def object_name(request: Request) -> str:
    """The name in the URL. Raises KeyVaultError for an invalid one."""
    name = _name(request)
    if not OBJECT_NAME.fullmatch(name):
        raise bad_parameter(f"The request URI contains an invalid name: {name}")
    return name


async def json_object(request: Request) -> Json:
    """The request's JSON object. Raises KeyVaultError for anything else."""
    try:
        body = load_json(await request.body() or b"null")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_parameter("The request body could not be read: expected a JSON object.")
    return body


def mapping(body: Json, name: str) -> Json:
    """The object ``name`` of a body, empty when absent. Raises KeyVaultError for another type."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise bad_parameter(f"Property '{name}' has an invalid value.")
    return value or {}


def attributes(place: Place, version: Version) -> Json:
    """A version's attributes in the service's format: whole epoch seconds."""
    result: Json = {"enabled": version.enabled}
    if version.starts is not None:
        result["nbf"] = int(version.starts)
    if version.ends is not None:
        result["exp"] = int(version.ends)
    return {
        **result,
        "created": int(version.created),
        "updated": int(version.updated),
        "recoveryLevel": place.vault.recovery_level,
        "recoverableDays": place.vault.retention,
    }


def apply_attributes(version: Version, body: Json, now: float) -> None:
    """Set ``attributes`` and ``tags`` if the body has them. Raises KeyVaultError for other types."""
    given, tags = mapping(body, "attributes"), mapping(body, "tags")
    if not isinstance(given.get("enabled"), (bool, type(None))):
        raise bad_parameter("Property 'attributes.enabled' has an invalid value.")
    if not all(isinstance(value, str) for value in tags.values()):
        raise bad_parameter("Property 'tags' has an invalid value.")
    times: dict[str, float] = {}
    for name, attribute in (("nbf", "starts"), ("exp", "ends")):
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            raise bad_parameter(f"Property 'attributes.{name}' has an invalid value.")
        times[attribute] = float(value)
    for attribute, seconds in times.items():
        setattr(version, attribute, seconds)
    if given.get("enabled") is not None:
        version.enabled = given["enabled"]
    if body.get("tags") is not None:
        version.tags = dict(tags)
    version.updated = now


def page(request: Request, place: Place, entries: t.Sequence[Json]) -> Response:
    """At most ``maxresults`` entries, with the link to the next page."""
    text = request.query_params.get("maxresults", str(PAGE))
    if not text.isdecimal() or not 1 <= int(text) <= PAGE:
        raise bad_parameter(f"The value '{text}' of maxresults is not valid: expected 1 to {PAGE}.")
    size, first = int(text), _first(request)
    link = None
    if first + size < len(entries):
        token = base64.urlsafe_b64encode(str(first + size).encode()).decode().rstrip("=")
        query = {"api-version": request.query_params["api-version"], "$skiptoken": token, "maxresults": text}
        link = f"{place.base}{request.url.path}?{urllib.parse.urlencode(query, safe='$')}"
    return JSONResponse({"value": list(entries[first : first + size]), "nextLink": link})


def _first(request: Request) -> int:
    token = request.query_params.get("$skiptoken", "")
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))) if token else 0
    except (binascii.Error, ValueError):
        raise bad_parameter("The $skiptoken is not valid.") from None
