# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A service's failure as an exception with a remedy: one table for responses and for failed operations.

Sources of the table: Microsoft Learn (troubleshooting the REST APIs, service principals, national clouds), the APIs'
OpenAPI documents, and reports of users; docs/api_errors.md is made from it.
"""

from __future__ import annotations

import typing as t

from .._errors import ApiError, ConflictError, ForbiddenError, NotFoundError, OperationFailedError, ThrottledError
from .error_rule import Rule
from .error_table import rule_for
from .failure import Failure
from .response import Origin

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


_NO_RULE = Rule("", "")


def to_error(
    failure: Failure,
    method: str,
    path: str,
    *,
    api: str = "",
    caller: t.Mapping[str, str] | None = None,
    stopped: str = "",
    retry_after: float | None = None,
) -> ApiError:
    """The exception for a failed request. ``path`` is the redacted URL, or a description of the request.

    ``stopped`` is the reason why it was not retried; ``retry_after`` in seconds.
    """
    request = f"{method} {path}".strip()
    rule = rule_for(failure.status, failure.code, failure.message, request, api) or _NO_RULE
    name = f"{failure.status} {failure.code}".strip()
    what = f"{request} failed with {name}"
    known: dict[str, t.Any] = {
        "status": failure.status,
        "why": "; ".join(part for part in (rule.why, stopped) if part),
        "remedy": rule.remedy,
        "method": method,
        "path": path,
        **_support(failure, caller),
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


def to_operation_error(
    name: str, failure: Failure, origin: Origin, result: t.Any, *, word: str
) -> OperationFailedError:
    """The exception for a failed operation: ``name`` describes it, ``word`` is how it ended (failed, was cancelled)."""
    rule = rule_for(0, failure.code, failure.message, "", origin.api) or _NO_RULE
    what = f"The {name} {word}" + (f" with {failure.code}" if failure.code else "")
    return OperationFailedError(
        what, why=rule.why, remedy=rule.remedy, result=result, **_support(failure, origin.caller())
    )


def _support(failure: Failure, caller: t.Mapping[str, str] | None) -> dict[str, t.Any]:
    """The details of an error for users and for Microsoft's support."""
    return {
        "code": failure.code,
        "message": failure.message,
        "request_id": failure.request_id,
        "retriable": failure.retriable,
        "related_resource": dict(failure.related) or None,
        "more_details": [detail.to_dict() for detail in failure.details] or None,
        "caller": dict(caller or {}) or None,
    }
