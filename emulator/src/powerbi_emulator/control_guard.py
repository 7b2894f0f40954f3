# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access to the control paths: local programs over TLS are allowed, pages in a browser are not."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

_HOST: t.Final = re.compile(r"(localhost|127\.0\.0\.1)(:\d{1,5})?", re.IGNORECASE)


def refusal(scope: Scope) -> Response | None:
    """The response to a request that must not reach a control path, None for an allowed one.

    ``Host`` has to be the loopback address (against DNS rebinding), ``Origin`` the emulator itself if there is one, and
    a Content-Type has to be JSON, which no page can send to another origin without permission (CORS).
    """
    headers = Headers(scope=scope)
    if scope["scheme"] != "https":
        return _refused(404, "control paths are served over TLS only, at the address that the emulator prints")
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        return _refused(403, f"the host of a control path is localhost or 127.0.0.1, not '{host}'")
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"https://{host.lower()}":
        return _refused(403, f"control paths can't be used from a page of '{origin}'")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return _refused(403, "control paths can't be used from a page of another site")
    problem = _query_problem(scope)
    if problem:
        return _refused(400, problem)
    content_type = headers.get("content-type")
    if content_type is None:
        is_other = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    else:
        is_other = content_type.partition(";")[0].strip().lower() != "application/json"
    if is_other:
        text = f"a control path takes Content-Type: application/json, not {content_type or 'none'} (curl: use --json)"
        return _refused(415, text)
    return None


def _query_problem(scope: Scope) -> str:
    """The error of an unknown query parameter: a misspelt filter must not select all. Only the log has a query."""
    given = [
        name for name, _ in urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    ]
    known = ["path"] if (scope["method"], scope["path"]) == ("GET", "/_emulator/requests") else []
    unknown = [name for name in given if name not in known]
    if unknown:
        return f"unknown query parameter `{unknown[0][:60]}`; known: {', '.join(known) or 'none'}"
    return "`path`: expected once" if len(given) > 1 else ""


def _refused(status: int, problem: str) -> Response:
    return JSONResponse({"error": problem}, status)
