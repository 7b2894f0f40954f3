# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""External OpenID Connect issuers, and the token endpoints for jobs of GitHub Actions and Azure Pipelines."""

from __future__ import annotations

import hmac
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from powerbi_emulator.control_body import control_object
from powerbi_emulator.emulator_state import EmulatorState, emulated_of
from powerbi_emulator.field_checks import CENTURY, mapping, number, text
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.oidc_issuers import DEFAULT_AUDIENCE, OidcIssuer, OidcIssuers

_JOB: t.Final = (
    "/_apis/distributedtask/hubs/build/plans/0d0c0000-0000-4000-8000-000000000001"
    "/jobs/0d0c0000-0000-4000-8000-000000000002"
)


async def configuration(request: Request) -> Response:
    issuer = _issuer(request)
    if issuer is None:
        return Response(status_code=404)
    return JSONResponse(
        {
            "issuer": issuer.issuer,
            "jwks_uri": f"{emulated_of(request).url}/oidc/{issuer.name}/jwks",
            "subject_types_supported": ["public"],
            "response_types_supported": ["id_token"],
            "claims_supported": ["sub", "aud", "exp", "iat", "iss", "jti", "nbf"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        }
    )


async def keys(request: Request) -> Response:
    issuer = _issuer(request)
    if issuer is None:
        return Response(status_code=404)
    return JSONResponse({"keys": [emulated_of(request).keys.external.jwk(issuer.issuer)]})


async def github_token(request: Request) -> Response:
    """``GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=...`` with the job's request token."""
    issuer = _issuer(request)
    if issuer is None or issuer.kind != "github":
        return Response(status_code=404)
    if not _to_json(request, issuer):
        return JSONResponse({"message": "Unauthorized", "typeKey": "VssUnauthorizedException"}, 401)
    audience = request.query_params.get("audience") or "https://github.com/contoso"
    value = emulated_of(request).store(OidcIssuers).token(issuer, audience=audience)
    return JSONResponse({"count": len(value), "value": value})


async def azure_devops_token(request: Request) -> Response:
    """``POST $SYSTEM_OIDCREQUESTURI?api-version=7.1&serviceConnectionId=...`` with the job's access token."""
    issuer = _issuer(request)
    if issuer is None or issuer.kind != "azure_devops":
        return Response(status_code=404)
    if not _to_json(request, issuer):
        if request.headers.get("x-tfs-fedauthredirect", "").lower() == "suppress":
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return RedirectResponse("https://spsprodeus21.vssps.visualstudio.com/_signin", 302)
    if not request.query_params.get("api-version"):
        return _devops_error(400, "VssVersionNotSpecifiedException", "No api-version was supplied.")
    if request.query_params.get("serviceConnectionId", "").lower() != issuer.service_connection_id:
        return _devops_error(404, "ServiceEndpointNotFoundException", "The service connection was not found.")
    return JSONResponse({"oidcToken": emulated_of(request).store(OidcIssuers).token(issuer)})


async def mint(request: Request) -> Response:
    """``POST /_emulator/oidc/{issuer}``: any token of that issuer.

    ``{"subject", "audience", "lifetime", "claims"}``, all optional; returns ``{"value": "<jwt>"}``.
    """
    issuer = _issuer(request)
    if issuer is None:
        names = ", ".join(emulated_of(request).store(OidcIssuers).issuers)
        return JSONResponse({"error": f"no such issuer; known: {names}"}, 404)
    body = await control_object(request, ("subject", "audience", "lifetime", "claims"))
    subject, lifetime = body.get("subject"), body.get("lifetime")
    try:
        value = (
            emulated_of(request)
            .store(OidcIssuers)
            .token(
                issuer,
                audience=text("audience", body.get("audience", DEFAULT_AUDIENCE)),
                subject=None if subject is None else text("subject", subject),
                lifetime=None if lifetime is None else number("lifetime", lifetime, -CENTURY, CENTURY),
                claims=mapping("claims", body.get("claims") or {}),
            )
        )
    except TypeError as error:  # a registered claim has another type
        return JSONResponse({"error": f"`claims`: {error}"}, 400)
    return JSONResponse({"value": value})


def _issuer(request: Request) -> OidcIssuer | None:
    return emulated_of(request).store(OidcIssuers).issuers.get(request.path_params["issuer"])


def _to_json(request: Request, issuer: OidcIssuer) -> bool:
    """Whether the request has the job's token."""
    token = request.headers.get("authorization", "").partition(" ")[2]
    return bool(issuer.request_token) and hmac.compare_digest(token.encode(), issuer.request_token.encode())


def _devops_error(status: int, type_key: str, message: str) -> Response:
    return JSONResponse({"$id": "1", "message": message, "typeKey": type_key, "errorCode": 0, "eventId": 3000}, status)


def environment(emulated: EmulatorState) -> dict[str, dict[str, str]]:
    """The variables that a pipeline's job has."""
    groups: dict[str, dict[str, str]] = {}
    store = emulated.store(OidcIssuers)
    for issuer in store.of_kind("github")[:1]:
        groups["GitHub Actions, a job with `permissions: id-token: write`"] = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{emulated.url}/oidc/{issuer.name}/idtoken?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": issuer.request_token,
        }
    for issuer in store.of_kind("azure_devops")[:1]:
        groups["Azure Pipelines, a job with `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"] = {
            "SYSTEM_OIDCREQUESTURI": f"{emulated.url}/oidc/{issuer.name}{_JOB}/oidctoken",
            "SYSTEM_ACCESSTOKEN": issuer.request_token,
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": issuer.service_connection_id,
        }
    return groups


GROUP = RouteGroup(
    "oidc_issuers",
    [
        route("/oidc/{issuer}/.well-known/openid-configuration", "GET", configuration),
        route("/oidc/{issuer}/jwks", "GET", keys),
        route("/oidc/{issuer}/idtoken", "GET", github_token),
        route(f"/oidc/{{issuer}}{_JOB}/oidctoken", "POST", azure_devops_token),
        route("/_emulator/oidc/{issuer}", "POST", mint),
    ],
    stores=(OidcIssuers,),
    identity_environment=environment,
)
