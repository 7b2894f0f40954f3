# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of each API for a fault's status. Entra's bodies are in ``entra_errors``."""

from __future__ import annotations

import datetime
import json
import typing as t

from powerbi_emulator.exchange import Exchange
from powerbi_emulator.services import BLOB, FABRIC, GRAPH, KEY_VAULT, Service
from powerbi_emulator.timestamps import utc_bare

# Microsoft Graph, Azure Key Vault, Fabric, blob storage
_GRAPH: t.Final[dict[int, tuple[str, str]]] = {
    429: ("TooManyRequests", "Please retry again later."),
    500: ("InternalServerError", "An internal server error occurred."),
    503: ("ServiceUnavailable", "The service is unavailable. Please retry again later."),
    504: ("GatewayTimeout", "The request timed out."),
}
_KEY_VAULT: t.Final[dict[int, tuple[str, str]]] = {
    429: (
        "Throttled",
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
    ),
    500: ("InternalServerError", "An error occurred. Please try again."),
    503: ("ServiceUnavailable", "The service is unavailable. Please try again."),
    504: ("GatewayTimeout", "The request timed out."),
}
_FABRIC: t.Final[dict[int, tuple[str, str]]] = {
    401: ("Unauthorized", "The caller is not authenticated to access this resource"),
    403: ("InsufficientPrivileges", "The caller does not have sufficient permissions."),
    404: ("EntityNotFound", "The requested resource could not be found."),
    429: ("RequestBlocked", "Request is blocked by the upstream service."),
    503: ("ServiceUnavailable", "The service is unavailable."),
}
_BLOB: t.Final[dict[int, tuple[str, str]]] = {
    403: ("AuthenticationFailed", "Server failed to authenticate the request."),
    404: ("BlobNotFound", "The specified blob does not exist."),
    500: ("InternalError", "The server encountered an internal error. Please retry the request."),
    503: ("ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
}


def api_body(service: Service, exchange: Exchange, now: float, status: int, headers: dict[str, str]) -> str:
    """The body of ``service`` for ``status``; empty where it has none."""
    if service is GRAPH and status in _GRAPH:
        code, message = _GRAPH[status]
        date = datetime.datetime.fromtimestamp(now, tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"code": str(status), "date": date, "request-id": exchange.request_id, "status": str(status)}
        return json.dumps({"error": {"code": code, "innerError": inner, "message": message}})
    if service is KEY_VAULT and status in _KEY_VAULT:
        code, message = _KEY_VAULT[status]
        return json.dumps({"error": {"code": code, "message": message}})
    if service is FABRIC and status >= 400:
        code, message = _FABRIC.get(status, ("UnknownError", "An error occurred."))
        retriable = {"isRetriable": status in (429, 503)} if status != 401 else {}
        return json.dumps({"requestId": exchange.request_id, "errorCode": code, "message": message, **retriable})
    if service is BLOB and status in _BLOB:
        code, message = _BLOB[status]
        return f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    if status == 429:
        seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "60")
        text = (
            "You have exceeded the amount of requests allowed in the current time frame and further requests "
            f"will fail. Retry in {seconds} seconds."
        )
        return json.dumps({"message": text})
    return json.dumps({"Message": "An error has occurred."}) if status >= 500 else ""


def coded_body(service: Service, exchange: Exchange, status: int, code: str) -> str:
    """The body of an error of that code, in the format of the service (Key Vault's inner codes where it has them)."""
    message = "A fault of the emulator rejects this request."
    if service is FABRIC:
        return json.dumps({"requestId": exchange.request_id, "errorCode": code, "message": message})
    if service is KEY_VAULT:
        outer = {401: "Unauthorized", 403: "Forbidden", 404: "SecretNotFound", 409: "Conflict"}.get(
            status, "BadParameter"
        )
        return json.dumps({"error": {"code": outer, "message": message, "innererror": {"code": code}}})
    if service is GRAPH:
        inner = {"request-id": exchange.request_id, "client-request-id": exchange.correlation_id}
        return json.dumps({"error": {"code": code, "message": message, "innerError": inner}})
    if service is BLOB:
        return f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    details = [{"code": "DetailsMessage", "detail": {"type": 1, "value": message}}]
    return json.dumps({"error": {"code": code, "pbi.error": {"code": code, "parameters": {}, "details": details}}})


def failed_operation(error: dict[str, t.Any], exchange: Exchange, now: float) -> str:
    """The state of a failed operation with that error; its response has the status 200."""
    time = utc_bare(now)
    return json.dumps(
        {
            "status": "Failed",
            "createdTimeUtc": time,
            "lastUpdatedTimeUtc": time,
            "percentComplete": None,
            "error": {"requestId": exchange.request_id, "message": "The operation failed.", **error},
        }
    )
