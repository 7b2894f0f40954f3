# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph: add and remove an app's secrets and certificates."""

from __future__ import annotations

import base64
import binascii
import datetime
import secrets
import string
import typing as t
import uuid

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.app_management_policy import check_certificate, check_secret
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.graph_api import (
    Entity,
    GraphError,
    bad_request,
    caller,
    complex_answer,
    denied,
    json_object,
    parse_time,
)
from powerbi_emulator.graph_applications import (
    app_of,
    app_routes,
    key_credential,
    may_change,
    password_credential,
    require_change,
    text_or_none,
)
from powerbi_emulator.key_proofs import ProofError, verify_proof
from powerbi_emulator.routing import RouteGroup
from powerbi_emulator.state.credential_replication import CredentialReplication
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import App, Certificate, Secret

_DEFAULT_LIFETIME: t.Final = 2 * 365 * 86400.0  # seconds
_PAST: t.Final = 300.0  # seconds by which a start may lie in the past
_ALPHABET: t.Final = string.ascii_letters + string.digits


async def add_password(request: Request) -> Response:
    """addPassword: the only response that contains a secret's value."""
    who, app, emulated = caller(request), app_of(request), emulated_of(request)
    require_change(who, app)
    requested = (await json_object(request)).get("passwordCredential") or {}
    if not isinstance(requested, dict):
        raise bad_request("The value of 'passwordCredential' is not an object.")
    starts = parse_time(requested["startDateTime"]) if requested.get("startDateTime") else emulated.now()
    ends = parse_time(requested["endDateTime"]) if requested.get("endDateTime") else starts + _DEFAULT_LIFETIME
    if starts < emulated.now() - _PAST:
        raise GraphError(400, "KeyCredentialsInvalidStartDate", "Key credential start date is invalid.")
    if ends <= max(starts, emulated.now()):
        raise GraphError(400, "KeyCredentialsInvalidEndDate", "Key credential end date is invalid.")
    check_secret(emulated, starts, ends)
    secret = Secret(
        key_id=str(uuid.uuid4()),
        display_name=text_or_none(requested, "displayName"),
        value=_new_value(),
        starts=starts,
        ends=ends,
        replication=CredentialReplication.start(emulated),
    )
    _remember(request, app)
    app.secrets.append(secret)
    exchange_of(request).note(key_id=secret.key_id)
    return complex_answer(request, password_credential(secret, text=secret.value), "passwordCredential")


async def remove_password(request: Request) -> Response:
    who, app = caller(request), app_of(request)
    require_change(who, app)
    key_id = _key_id(await json_object(request))
    exchange_of(request).note(key_id=key_id)
    kept = [secret for secret in app.secrets if secret.key_id != key_id]
    if len(kept) == len(app.secrets):
        raise bad_request("No credentials found to be removed.")
    _remember(request, app)
    app.secrets = kept
    return Response(status_code=204)


async def add_key(request: Request) -> Response:
    app, emulated = app_of(request), emulated_of(request)
    body = await _with_proof(request, app)
    if body.get("passwordCredential") is not None:
        raise bad_request("A passwordCredential goes only with a key of type 'X509CertAndPassword'.")
    requested = body.get("keyCredential")
    if not isinstance(requested, dict):
        raise bad_request("The value of 'keyCredential' is missing.")
    registered = _new_certificate(emulated, requested)
    _remember(request, app)
    app.certificates.append(registered)
    exchange_of(request).note(key_id=registered.key_id)
    return complex_answer(request, key_credential(registered), "keyCredential")


async def remove_key(request: Request) -> Response:
    app = app_of(request)
    key_id = _key_id(await _with_proof(request, app))
    exchange_of(request).note(key_id=key_id)
    kept = [registered for registered in app.certificates if registered.key_id != key_id]
    if len(kept) == len(app.certificates):
        raise bad_request("No credentials found to be removed.")
    _remember(request, app)
    app.certificates = kept
    return Response(status_code=204)


async def update_application(request: Request) -> Response:
    """``keyCredentials`` replaces the whole list: certificates that are not in it are removed."""
    who, app, emulated = caller(request), app_of(request), emulated_of(request)
    require_change(who, app)
    body = await json_object(request)
    unknown = set(body) - {"keyCredentials", "displayName"}
    if unknown:
        raise bad_request(f"The property '{min(unknown)}' can't be updated here.")
    if "keyCredentials" in body:
        requested = _whole_list(emulated, app, body["keyCredentials"])
        _remember(request, app)
        app.certificates = requested
    name = text_or_none(body, "displayName")
    if name:
        app.display_name = name
    return Response(status_code=204)


def _remember(request: Request, app: App) -> None:
    emulated = emulated_of(request)
    app.remember_credentials(emulated.now(), emulated.switches.graph_read_lag)


async def _with_proof(request: Request, app: App) -> Entity:
    """The body of a call that requires a proof of possession. An app needs no permission for its own keys."""
    who = caller(request)
    if who.client_id != app.client_id and not may_change(who, app):
        raise denied()
    body = await json_object(request)
    try:
        verify_proof(app, body.get("proof"), emulated_of(request).now())
    except ProofError as error:
        exchange_of(request).note(proof=str(error))
        raise GraphError(401, "Authentication_MissingOrMalformed", "Access Token missing or malformed.") from error
    return body


def _whole_list(emulated: EmulatorState, app: App, value: t.Any) -> list[Certificate]:
    """The certificates after a PATCH. Those named by ``keyId`` are kept; their ``key`` is unchanged or absent."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad_request("The value of 'keyCredentials' is not a list of objects.")
    present = {registered.key_id: registered for registered in app.certificates}
    requested: list[Certificate] = []
    for item in value:
        existing = present.get(str(item.get("keyId") or "").lower())
        if existing is None:
            requested.append(_new_certificate(emulated, item))
            continue
        if "key" in item and item["key"] is None:
            raise bad_request(f"The key of the credential with KeyId '{existing.key_id}' is null.")
        if item.get("key") and _certificate(item["key"]) != existing.certificate:
            raise bad_request(f"Update to existing credential with KeyId '{existing.key_id}' is not allowed.")
        requested.append(existing)
    return requested


def _new_certificate(emulated: EmulatorState, requested: Entity) -> Certificate:
    if requested.get("type") != "AsymmetricX509Cert" or requested.get("usage") != "Verify":
        raise bad_request("Only keys of type 'AsymmetricX509Cert' with the usage 'Verify' are supported.")
    certificate = _certificate(requested.get("key"))
    now = datetime.datetime.fromtimestamp(emulated.now(), tz=datetime.UTC)
    if certificate.not_valid_after_utc <= now:
        raise GraphError(400, "KeyCredentialsInvalidEndDate", "Key credential end date is invalid.")
    check_certificate(
        emulated, certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    )
    return Certificate(
        key_id=_guid(requested["keyId"]) if requested.get("keyId") else str(uuid.uuid4()),
        display_name=text_or_none(requested, "displayName") or certificate.subject.rfc4514_string(),
        certificate=certificate,
        custom_key_identifier=text_or_none(requested, "customKeyIdentifier") or "",
        replication=CredentialReplication.start(emulated),
    )


def _certificate(key: t.Any) -> x509.Certificate:
    """The certificate in an Edm.Binary: base64 of its DER, or of its PEM, which is accepted as well."""
    try:
        data = base64.b64decode(key, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise bad_request(
            "Cannot convert a primitive value to the expected type 'Edm.Binary'. See the inner exception for more "
            "details."
        ) from None
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        certificate = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except ValueError:
        raise bad_request("Key credential's value is not a valid certificate.") from None
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise bad_request("Key credential's certificate does not have an RSA key.")
    return certificate


def _key_id(body: Entity) -> str:
    return _guid(body.get("keyId"))


def _guid(value: t.Any) -> str:
    try:
        return str(uuid.UUID(value))
    except (AttributeError, TypeError, ValueError):
        raise bad_request("Cannot convert a primitive value to the expected type 'Edm.Guid'.") from None


def _new_value() -> str:
    """A secret in Entra's form: 40 characters, ``8Q~`` after the first three, which are the hint."""
    first = "".join(secrets.choice(_ALPHABET) for _ in range(3))
    rest = "".join(secrets.choice(f"{_ALPHABET}._~-") for _ in range(34))
    return f"{first}8Q~{rest}"


GROUP = RouteGroup(
    "graph_credentials",
    [
        *app_routes("", "PATCH", update_application),
        *app_routes("/addPassword", "POST", add_password),
        *app_routes("/removePassword", "POST", remove_password),
        *app_routes("/addKey", "POST", add_key),
        *app_routes("/removeKey", "POST", remove_key),
    ],
    stores=(Directory,),
)
