# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services that share the emulator's port: their paths, and the headers of all their responses."""

from __future__ import annotations

import dataclasses
import email.utils
import typing as t

from powerbi_emulator.exchange import Exchange

Headers = list[tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class Service:
    """``prefixes``: the paths of the service. ``headers``: added to each response.

    ``latency`` names the switch that delays it.
    """

    name: str
    prefixes: tuple[str, ...]
    headers: t.Callable[[Exchange], Headers]
    latency: str


def _login_headers(exchange: Exchange) -> Headers:
    headers = [
        ("Cache-Control", "no-store, no-cache"),
        ("Pragma", "no-cache"),
        ("Expires", "-1"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("P3P", 'CP="DSP CUR OTPi IND OTRi ONL FIN"'),
        ("x-ms-request-id", exchange.request_id),
        ("x-ms-ests-server", "2.1.14167.14 - WUS2 ProdSlices"),
        ("x-ms-clitelem", f"1,{exchange.entry.get('aadsts', 0)},0,,"),
        ("x-ms-httpver", "1.1"),
        ("x-ms-srs", "1.P"),
        ("X-XSS-Protection", "0"),
        ("Set-Cookie", "fpc=emulator; expires=Thu, 31-Dec-2099 23:59:59 GMT; path=/; secure; HttpOnly; SameSite=None"),
        ("Set-Cookie", "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly"),
        ("Set-Cookie", "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly"),
    ]
    if exchange.client_request_id:
        headers.append(("client-request-id", exchange.client_request_id))
    return headers


def _powerbi_headers(exchange: Exchange) -> Headers:
    return [
        ("Cache-Control", "no-store, must-revalidate, no-cache"),
        ("Pragma", "no-cache"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "deny"),
        ("RequestId", exchange.request_id),
        ("Access-Control-Expose-Headers", "RequestId"),
        ("request-redirected", "true"),
        ("home-cluster-uri", "https://wabi-north-europe-redirect.analysis.windows.net/"),
    ]


def _graph_headers(exchange: Exchange) -> Headers:
    return [
        ("Cache-Control", "no-cache"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("request-id", exchange.request_id),
        ("client-request-id", exchange.correlation_id),
        ("OData-Version", "4.0"),
    ]


def _key_vault_headers(exchange: Exchange) -> Headers:
    return [
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("x-ms-keyvault-region", "northeurope"),
        ("x-ms-client-request-id", exchange.correlation_id),
        ("x-ms-request-id", exchange.request_id),
        ("x-ms-keyvault-service-version", "1.9.2000.1"),
    ]


def _blob_headers(exchange: Exchange) -> Headers:
    return [
        ("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"),
        ("x-ms-request-id", exchange.request_id),
        ("x-ms-version", "2021-08-06"),
    ]


def _plain_headers(exchange: Exchange) -> Headers:
    return [("x-request-id", exchange.request_id)]


POWERBI = Service("powerbi", ("/v1.0/myorg",), _powerbi_headers, "api_latency")
FABRIC = Service("fabric", ("/v1/",), _powerbi_headers, "api_latency")
GRAPH = Service("graph", ("/v1.0/", "/beta/"), _graph_headers, "api_latency")
KEY_VAULT = Service(
    "key_vault",
    ("/secrets", "/deletedsecrets", "/certificates", "/deletedcertificates"),
    _key_vault_headers,
    "api_latency",
)
BLOB = Service("blob", ("/upload-storage/",), _blob_headers, "api_latency")
IDENTITY = Service("identity", ("/metadata/", "/msi/", "/oidc/"), _plain_headers, "login_latency")
LOGIN = Service("login", ("/",), _login_headers, "login_latency")

# In order: the first service with a matching prefix serves the path.
SERVICES: t.Final = (POWERBI, FABRIC, GRAPH, KEY_VAULT, BLOB, IDENTITY, LOGIN)


def service_of(path: str) -> Service:
    """The service of ``path``; Entra ID has all paths that belong to no other service."""
    return next(service for service in SERVICES if path.startswith(service.prefixes))


def http_date(epoch: float) -> str:
    return email.utils.formatdate(epoch, usegmt=True)
