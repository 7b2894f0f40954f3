# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tokens that Entra ID issues, and their validation by the APIs."""

from __future__ import annotations

import base64
import json
import secrets
import typing as t

import jwt

from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.resources import FEDERATION_AUDIENCES
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import App, ManagedIdentity, ServicePrincipal, Tenant, User

Claims = dict[str, t.Any]

MANAGED_IDENTITY_LIFETIME: t.Final = 86400.0
_BACKDATED: t.Final = 300  # seconds that `iat` and `nbf` are before the issue, as in Entra's tokens
_REMEMBERED: t.Final = 1000  # verified tokens
_verified: dict[tuple[str, str], dict[str, t.Any]] = {}
Rejection = t.Literal["missing", "malformed", "signature", "tenant", "expired", "audience"]


class TokenRejectedError(Exception):
    """An invalid bearer token, with its ``reason``; each API has its own response to it."""

    def __init__(self, reason: Rejection) -> None:
        super().__init__(reason)
        self.reason: Rejection = reason


class IssuedToken(t.NamedTuple):
    """A signed access token; ``lifetime`` in whole seconds, times in epoch seconds."""

    value: str
    lifetime: int
    expires_on: int
    not_before: int


def issuer_v1(emulated: EmulatorState, tenant: Tenant) -> str:
    """``iss`` of access tokens, in the form of https://sts.windows.net/{tenant}/: trailing slash included."""
    return f"{emulated.url}/{tenant.id}/"


def issuer_v2(emulated: EmulatorState, tenant: Tenant) -> str:
    return f"{emulated.url}/{tenant.id}/v2.0"


def app_token(
    emulated: EmulatorState,
    tenant: Tenant,
    app: App,
    principal: ServicePrincipal,
    audience: str,
    *,
    with_certificate: bool,
) -> IssuedToken:
    """An app-only token. ``with_certificate``: the client authenticated by a signed assertion, not by a secret."""
    claims: Claims = {
        "app_displayname": app.display_name,
        "appid": app.client_id,
        "appidacr": "2" if with_certificate else "1",
        "idtyp": "app",
        "oid": principal.object_id,
        "sub": principal.object_id,
    }
    if app.roles and "graph" in audience:  # absent without application permissions, and Power BI needs none
        claims["roles"] = app.roles
    lifetime = emulated.switches.token_lifetime if app.token_lifetime is None else app.token_lifetime
    return _issue(emulated, tenant, audience, lifetime, claims)


def managed_identity_token(emulated: EmulatorState, identity: ManagedIdentity, audience: str) -> IssuedToken:
    """A token for a managed identity of the home tenant."""
    lifetime = emulated.switches.token_lifetime
    claims: Claims = {
        "appid": identity.client_id,
        "appidacr": "2",
        "idtyp": "app",
        "oid": identity.object_id,
        "sub": identity.object_id,
        "xms_mirid": identity.resource_id,
    }
    if identity.roles and "graph" in audience:
        claims["roles"] = identity.roles
    tenant = emulated.store(Directory).tenant
    if audience in FEDERATION_AUDIENCES:  # as a client assertion of an app that trusts the identity: v2.0 format
        claims |= {"iss": issuer_v2(emulated, tenant), "azp": identity.client_id, "azpacr": "2", "ver": "2.0"}
    return _issue(emulated, tenant, audience, lifetime if lifetime < 3600 else MANAGED_IDENTITY_LIFETIME, claims)


def user_token(emulated: EmulatorState, app: App, user: User, audience: str, *, with_secret: bool) -> IssuedToken:
    """A delegated token of a user of the home tenant."""
    claims: Claims = {
        "acr": "1",
        "amr": ["pwd"],
        "appid": app.client_id,
        "appidacr": "1" if with_secret else "0",
        "idtyp": "user",
        "name": user.display_name,
        "oid": user.object_id,
        "scp": "Capacity.Read.All Dataset.ReadWrite.All Report.ReadWrite.All Workspace.ReadWrite.All",
        "sub": secrets.token_urlsafe(32),
        "unique_name": user.upn,
        "upn": user.upn,
    }
    lifetime = emulated.switches.token_lifetime if app.token_lifetime is None else app.token_lifetime
    return _issue(emulated, emulated.store(Directory).tenant, audience, lifetime, claims)


def id_token(emulated: EmulatorState, app: App, user: User) -> str:
    """The OpenID Connect id_token (v2.0 format) that is issued with a user's access token."""
    tenant, now = emulated.store(Directory).tenant, int(emulated.now())
    claims = {
        "aud": app.client_id,
        "iss": issuer_v2(emulated, tenant),
        "iat": now - _BACKDATED,
        "nbf": now - _BACKDATED,
        "exp": now + 3600,
        "name": user.display_name,
        "oid": user.object_id,
        "preferred_username": user.upn,
        "sub": secrets.token_urlsafe(32),
        "tid": tenant.id,
        "ver": "2.0",
    }
    return _sign(emulated, claims)


def client_info(emulated: EmulatorState, user: User) -> str:
    """``client_info`` of a user's token response: the home account, base64url of JSON."""
    info = {"uid": user.object_id, "utid": emulated.store(Directory).tenant.id}
    return base64.urlsafe_b64encode(json.dumps(info).encode()).rstrip(b"=").decode()


def verify_bearer(emulated: EmulatorState, authorization: str | None, audiences: t.Container[str]) -> Claims:
    """The claims of the bearer token in an Authorization header.

    Checks signature, home tenant, times and audience, in that order. Raises TokenRejectedError.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRejectedError("missing")
    claims = _signed_claims(emulated, token.strip())
    tenant = emulated.store(Directory).tenant
    if claims.get("tid") != tenant.id or claims.get("iss") != issuer_v1(emulated, tenant):
        raise TokenRejectedError("tenant")
    if not claims.get("nbf", 0) <= emulated.now() < claims.get("exp", 0):
        raise TokenRejectedError("expired")
    if claims.get("aud") not in audiences:
        raise TokenRejectedError("audience")
    return claims


def _signed_claims(emulated: EmulatorState, token: str) -> Claims:
    """The claims of a token that Entra signed. Cached, as clients send the same token thousands of times."""
    key = emulated.keys.entra
    known = _verified.get((key.thumbprint, token))
    if known is not None:
        return known
    try:
        claims: Claims = jwt.decode(
            token,
            key.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
        )
    except jwt.InvalidSignatureError as error:
        raise TokenRejectedError("signature") from error
    except jwt.PyJWTError as error:
        raise TokenRejectedError("malformed") from error
    if len(_verified) >= _REMEMBERED:
        _verified.clear()
    _verified[key.thumbprint, token] = claims
    return claims


def _issue(emulated: EmulatorState, tenant: Tenant, audience: str, lifetime: float, claims: Claims) -> IssuedToken:
    now = int(emulated.now())
    issuer = issuer_v1(emulated, tenant)
    common: Claims = {
        "aud": audience,
        "iss": issuer,
        "iat": now - _BACKDATED,
        "nbf": now - _BACKDATED,
        "exp": now + int(lifetime),
        "aio": secrets.token_urlsafe(30),
        "idp": issuer,
        "rh": f"1.{secrets.token_urlsafe(24)}.",
        "tenant_region_scope": tenant.region,
        "tid": tenant.id,
        "uti": secrets.token_urlsafe(16),
        "ver": "1.0",
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
        "xms_tcdt": 1546300800,
    }
    value = _sign(emulated, {**common, **claims})
    return IssuedToken(value, max(int(lifetime) - 1, 0), common["exp"], common["nbf"])


def _sign(emulated: EmulatorState, claims: Claims) -> str:
    key = emulated.keys.entra
    return jwt.encode(claims, key.private_key, "RS256", headers={"x5t": key.thumbprint, "kid": key.thumbprint})
