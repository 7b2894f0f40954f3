# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client authentication at the token endpoint: by a secret, in the body or as HTTP Basic, or by an assertion."""

from __future__ import annotations

import base64
import binascii
import hmac
import typing as t
import urllib.parse

from starlette.requests import Request

from powerbi_emulator.assertions import ASSERTION_TYPE, verify_client_assertion
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import App, ServicePrincipal, Tenant

Form = t.Mapping[str, str]
Proof = t.Literal["secret", "assertion", "none"]


class Client(t.NamedTuple):
    """An app in a tenant, and its authentication method."""

    app: App
    principal: ServicePrincipal
    proof: Proof


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header, percent-decoded as in RFC 6749; None without one."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(password)


def find_app(emulated: EmulatorState, tenant: Tenant, client_id: str) -> tuple[App, ServicePrincipal]:
    """The app and its service principal in ``tenant``. Raises EntraError for those that can't get a token there."""
    directory = emulated.store(Directory)
    app = directory.apps.get(client_id.lower())
    facts = {"client_id": client_id, "tenant_id": tenant.id, "tenant_name": tenant.display_name}
    if app is None:
        raise EntraError(700016, **facts)
    principal = directory.service_principal(app, tenant)
    if principal is None:
        raise EntraError(7000229 if tenant is directory.tenant else 700016, **facts)
    if not principal.enabled:
        raise EntraError(7000112, app_name=app.display_name, **facts)
    return app, principal


def authenticate(
    emulated: EmulatorState, request: Request, form: Form, tenant: Tenant, *, required: bool, endpoint: str
) -> Client:
    """The client of a token request.

    ``required``: client credentials, which a public client can't use; user flows accept public clients without.
    ``endpoint`` is the URL that an assertion must be made for. Raises EntraError.
    """
    basic = basic_credentials(request)
    client_id = form.get("client_id") or (basic[0] if basic else "")
    if not client_id:
        raise EntraError(900144, parameter="client_id")
    app, principal = find_app(emulated, tenant, client_id)
    secret = form.get("client_secret") or (basic[1] if basic else "")
    assertion = form.get("client_assertion", "")
    if app.public_client and (secret or assertion):
        raise EntraError(700025, client_id=client_id)
    if assertion:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise EntraError(900144, parameter="client_assertion_type")
        verify_client_assertion(emulated, app, tenant, assertion, endpoint)
        return Client(app, principal, "assertion")
    if secret:
        _check_secret(emulated, app, secret)
        return Client(app, principal, "secret")
    if required:
        raise EntraError(7000216)
    if not app.public_client:
        raise EntraError(7000218)
    return Client(app, principal, "none")


def _check_secret(emulated: EmulatorState, app: App, given: str) -> None:
    now = emulated.now()
    for secret in app.secrets:
        if not hmac.compare_digest(secret.value.encode(), given.encode()):
            continue
        if now >= secret.ends:
            raise EntraError(7000222, client_id=app.client_id)
        if now < secret.starts or (secret.replication and not secret.replication.answers(now)):
            break
        return
    raise EntraError(7000215, client_id=app.client_id)
