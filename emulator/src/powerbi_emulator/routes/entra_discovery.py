# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra ID: OpenID Connect discovery, keys, instance discovery, and the realm of a user."""

from __future__ import annotations

import typing as t
import urllib.parse

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.routes.entra_token import find_tenant
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.directory import Directory

_CACHED: t.Final = {"Cache-Control": "max-age=86400, private"}
_CLAIMS: t.Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "name", "preferred_username", "oid", "tid", "ver")
_ALIASES: t.Final = ("common", "organizations", "consumers")
_LOGIN_HOSTS: t.Final = (
    *("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
    *("login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "login.microsoftonline.us"),
    "login.usgovcloudapi.net",
)


async def configuration_v2(request: Request) -> Response:
    return JSONResponse(_configuration(request, version=2), headers=_CACHED)


async def configuration_v1(request: Request) -> Response:
    return JSONResponse(_configuration(request, version=1), headers=_CACHED)


def _configuration(request: Request, version: t.Literal[1, 2]) -> dict[str, t.Any]:
    """The metadata of a tenant: always in its GUID form, or with the literal ``{tenantid}`` for /common."""
    emulated = emulated_of(request)
    name = request.path_params["tenant"]
    if name.lower() in _ALIASES:
        tenant_id, segment, region = "{tenantid}", name.lower(), None
    else:
        tenant = find_tenant(emulated, name)
        tenant_id, segment, region = tenant.id, tenant.id, tenant.region
    base, oauth = f"{emulated.url}/{segment}", "oauth2/v2.0" if version == 2 else "oauth2"
    scopes = {"scopes_supported": ["openid", "profile", "email", "offline_access"]} if version == 2 else {}
    return {
        "token_endpoint": f"{base}/{oauth}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/{'v2.0/' if version == 2 else ''}keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        **scopes,
        "issuer": f"{emulated.url}/{tenant_id}/{'v2.0' if version == 2 else ''}",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{base}/{oauth}/authorize",
        "device_authorization_endpoint": f"{base}/{oauth}/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{base}/{oauth}/logout",
        "claims_supported": list(_CLAIMS),
        "kerberos_endpoint": f"{base}/kerberos",
        "tenant_region_scope": region,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }


async def keys(request: Request) -> Response:
    emulated = emulated_of(request)
    name = request.path_params["tenant"]
    tenant_id = "{tenantid}" if name.lower() in _ALIASES else find_tenant(emulated, name).id
    return JSONResponse({"keys": [emulated.keys.entra.jwk(f"{emulated.url}/{tenant_id}/v2.0")]}, headers=_CACHED)


async def instance(request: Request) -> Response:
    """Whether an authority's host is one of Entra ID's or the emulator."""
    emulated = emulated_of(request)
    endpoint = request.query_params.get("authorization_endpoint")
    if not endpoint:
        raise EntraError(900144, parameter="authorization_endpoint")
    url = urllib.parse.urlsplit(endpoint)
    own = urllib.parse.urlsplit(emulated.url).netloc
    if url.netloc.lower() not in (*_LOGIN_HOSTS, own):
        raise EntraError(50049)
    tenant = url.path.strip("/").partition("/")[0] or "common"
    return JSONResponse(
        {
            "tenant_discovery_endpoint": f"https://{url.netloc}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [
                {"preferred_network": own, "preferred_cache": own, "aliases": [own]},
                {
                    "preferred_network": "login.microsoftonline.com",
                    "preferred_cache": "login.windows.net",
                    "aliases": list(_LOGIN_HOSTS[:4]),
                },
                {
                    "preferred_network": "login.partner.microsoftonline.cn",
                    "preferred_cache": "login.partner.microsoftonline.cn",
                    "aliases": list(_LOGIN_HOSTS[4:6]),
                },
                {
                    "preferred_network": "login.microsoftonline.us",
                    "preferred_cache": "login.microsoftonline.us",
                    "aliases": list(_LOGIN_HOSTS[6:]),
                },
            ],
        },
        headers=_CACHED,
    )


async def user_realm(request: Request) -> Response:
    """User realm: all users of the home tenant are managed, those of other domains unknown."""
    emulated = emulated_of(request)
    user = request.path_params["user"]
    domain = user.rpartition("@")[2].lower()
    known = domain in emulated.store(Directory).tenant.domains
    realm = {"ver": "1.0", "account_type": "Managed" if known else "Unknown", "domain_name": domain}
    cloud = {"cloud_instance_name": "microsoftonline.com", "cloud_audience_urn": "urn:federation:MicrosoftOnline"}
    return JSONResponse({**realm, **cloud})


GROUP = RouteGroup(
    "entra_discovery",
    [
        route("/{tenant}/v2.0/.well-known/openid-configuration", "GET", configuration_v2),
        route("/{tenant}/.well-known/openid-configuration", "GET", configuration_v1),
        route("/{tenant}/discovery/v2.0/keys", "GET", keys),
        route("/{tenant}/discovery/keys", "GET", keys),
        route("/{tenant}/discovery/instance", "GET", instance),
        route("/common/userrealm/{user}", "GET", user_realm),
    ],
    stores=(Directory,),
)
