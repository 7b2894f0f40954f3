# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What the service's errors mean: its many shapes read once, and a table of causes and remedies.

Sources of the table: Microsoft Learn (troubleshooting the REST APIs, service principals, national clouds), the APIs'
OpenAPI documents, and threads of users who met them; docs/api_errors.md lists it for readers.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ThrottledError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.answer import printable, request_id, value_of
from ansible_collections.community.powerbi.plugins.module_utils._http.error_table import RULES, Rule

_CONFLICT_CODES = frozenset(
    (
        "AddingAlreadyExistsGroupUserNotSupportedError",
        "DuplicateConnectionName",
        "DuplicateGatewayName",
        "ItemDisplayNameAlreadyInUse",
        "ItemDisplayNameNotAvailableYet",
        "PbixAlreadyImported",
        "PowerBIEntityAlreadyExists",
        "WorkspaceNameAlreadyExists",
        "WorkspacePreviousOperationInProgress",
    )
)
_ANOTHER_RUNS = "another refresh request is already executing"


class Failure(t.NamedTuple):
    """What an error answer says: the most specific code, the text for people, and what the retriable flag was."""

    status: int
    code: str
    message: str
    request_id: str
    retriable: bool | None = None


def read_failure(status: int, headers: t.Mapping[str, str], content: bytes) -> Failure:
    """Any of the shapes: Power BI's five, Fabric's, Graph's, Key Vault's, a blob's, an empty body, a web page."""
    try:
        body = json.loads(content.decode("utf-8-sig")) if content.strip() else None
    except (ValueError, RecursionError):
        body = None
    error = value_of(body, "error")
    inner = value_of(error, "pbi.error")
    code = (
        _text(value_of(inner, "code"))
        or _text(value_of(error, "code"))
        or _text(value_of(body, "errorCode"))
        or _text(value_of(body, "code"))
        or (error if isinstance(error, str) else "")
        or headers.get("x-ms-public-api-error-code", "")
        or headers.get("X-PowerBI-Error-Info", "")
        or headers.get("x-ms-error-code", "")
    )
    messages = [
        _text(value_of(error, "message")),
        *_details(inner),
        _text(value_of(body, "message")),
        _text(value_of(body, "error_description")),
        *(_text(value_of(detail, "message")) for detail in _list(value_of(body, "moreDetails"))),
        *_header_details(headers.get("X-PowerBI-Error-Details", "")),
    ]
    retriable = value_of(body, "isRetriable")
    return Failure(
        status,
        printable(code, 100),
        printable(" ".join(dict.fromkeys(text.strip() for text in messages if text.strip()))),
        printable(_text(value_of(body, "requestId")), 100) or request_id(headers),
        retriable if isinstance(retriable, bool) else None,
    )


def to_error(
    failure: Failure, method: str, path: str, *, stopped: str = "", retry_after: float | None = None
) -> ApiError:
    """The failure of a request as the exception that says what to do.

    ``path`` is what may be shown of the URL; ``stopped`` says why it was not tried again; ``retry_after`` in seconds.
    """
    rule = next((rule for rule in RULES if _applies(rule, failure, method, path)), Rule("", ""))
    name = f"{failure.status} {failure.code}".strip()
    what = f"{method} {path} was answered with {name}" + (f": {failure.message}" if failure.message else "")
    known: dict[str, t.Any] = {
        "status": failure.status,
        "code": failure.code,
        "request_id": failure.request_id,
        "why": "; ".join(part for part in (rule.why, stopped) if part),
        "remedy": rule.remedy,
        "message": failure.message,
        "retriable": failure.retriable,
        "method": method,
        "path": path,
    }
    if failure.status in (429, 503) or failure.code == "RequestBlocked":
        return ThrottledError(what, retry_after=retry_after, **known)
    if failure.status == 409 or failure.code in _CONFLICT_CODES or _ANOTHER_RUNS in failure.message.lower():
        return ConflictError(what, **known)
    if failure.status == 404:
        return NotFoundError(what, **known)
    if failure.status in (401, 403):
        return ForbiddenError(what, **known)
    return ApiError(what, **known)


def _applies(rule: Rule, failure: Failure, method: str, path: str) -> bool:
    return (
        (not rule.statuses or failure.status in rule.statuses)
        and (not rule.codes or failure.code.lower() in (code.lower() for code in rule.codes))
        and (not rule.message or bool(re.search(rule.message, failure.message, re.IGNORECASE)))
        and (not rule.path or bool(re.search(rule.path, f"{method} {path}", re.IGNORECASE)))
    )


def _details(inner: t.Any) -> list[str]:
    """The texts of pbi.error.details: {"code": ..., "detail": {"type": 1, "value": text}}, without bare numbers."""
    texts = (_text(value_of(value_of(entry, "detail"), "value")) for entry in _list(value_of(inner, "details")))
    return [text for text in texts if not text.isdigit()]


def _header_details(header: str) -> list[str]:
    try:
        details = json.loads(header) if header else None
    except (ValueError, RecursionError):
        return []
    inner = value_of(value_of(details, "error", details), "pbi.error", value_of(details, "error", details))
    return [*_details(inner), _text(value_of(inner, "message"))]


def _text(value: t.Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else []
