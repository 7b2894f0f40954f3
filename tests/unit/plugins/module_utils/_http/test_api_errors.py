# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every form of the services' errors, and what the table makes of it."""

from __future__ import annotations

import json
import typing as t

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ThrottledError,
    TransportError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.api_errors import to_error
from ansible_collections.community.powerbi.plugins.module_utils._http.error_table import RULES
from ansible_collections.community.powerbi.plugins.module_utils._http.failure import Failure, read_failure
from ansible_collections.community.powerbi.plugins.module_utils._http.response import decode, printable, value_of


def read(status: int, body: t.Any = None, /, content: bytes | None = None, **headers: str) -> Failure:
    given = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    if content is None:
        content = b"" if body is None else json.dumps(body).encode()
    return read_failure(status, given, content)


PBI_ERROR = {
    "error": {
        "code": "DatasetExecuteQueriesError",
        "pbi.error": {
            "code": "DatasetExecuteQueriesError",
            "parameters": {},
            "details": [
                {"code": "DetailsMessage", "detail": {"type": 1, "value": "Query (1, 1) is wrong"}},
                {"code": "AnalysisServicesErrorCode", "detail": {"type": 1, "value": "3239575574"}},
            ],
        },
    }
}
TOKEN_EXPIRED = {"error": {"code": "TokenExpired", "message": "Access token has expired, resubmit"}}
THROTTLED = {"message": "You have exceeded the amount of requests allowed. Retry in 3392 seconds."}
FABRIC = {
    "requestId": "r-1",
    "errorCode": "BadRequest",
    "message": "The request is wrong.",
    "moreDetails": [{"errorCode": "InvalidParameter", "message": "displayName is too long"}],
    "isRetriable": False,
}


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (read(400, PBI_ERROR), "DatasetExecuteQueriesError", "Query (1, 1) is wrong"),
        (read(403, TOKEN_EXPIRED), "TokenExpired", "Access token has expired, resubmit"),
        (read(403, {"Message": "API is not accessible for application"}), "", "API is not accessible for application"),
        (read(429, THROTTLED), "", THROTTLED["message"]),
        (read(400, X_PowerBI_Error_Info="PbixAlreadyImported"), "PbixAlreadyImported", ""),
        (
            read(
                400,
                X_PowerBI_Error_Info="X",
                X_PowerBI_Error_Details='{"error":{"pbi.error":{"details":[{"detail":{"value":"the detail"}}]}}}',
            ),
            "X",
            "the detail",
        ),
        (read(400, FABRIC), "InvalidParameter", "The request is wrong. displayName is too long"),
        (read(401, x_ms_public_api_error_code="TokenExpired"), "TokenExpired", ""),
        (
            read(404, {"error": {"code": "Request_ResourceNotFound", "message": "Graph"}}),
            "Request_ResourceNotFound",
            "Graph",
        ),
        (read(400, {"error": "invalid_request", "error_description": "Vault"}), "invalid_request", "Vault"),
        (
            read(403, content=b"<?xml version='1.0'?><Error/>", x_ms_error_code="AuthenticationFailed"),
            "AuthenticationFailed",
            "",
        ),
        (read(502, content=b"<html>Bad gateway</html>"), "", ""),
        (read(500, content=b"\xff\xfe"), "", ""),
        (read(500, content=b"[" * 100_000), "", ""),
        (read(500, ["not", "an", "object"]), "", ""),
        (read(500, {"error": {"code": 5, "message": {"odd": 1}}}), "", ""),
        (read(403), "", ""),
    ],
)
def test_shapes(failure: Failure, code: str, message: str) -> None:
    assert (failure.code, failure.message) == (code, message)


@pytest.mark.parametrize("header", ["RequestId", "requestid", "x-ms-request-id", "request-id"])
def test_request_ids(header: str) -> None:
    assert read_failure(400, CaseInsensitiveDict({header: "id-1"}), b"").request_id == "id-1"
    assert read(400, FABRIC).request_id == "r-1"


def error(status: int, method: str, path: str, code: str = "", message: str = "", **more: t.Any) -> ApiError:
    return to_error(Failure(status, code, message, "id-1"), method, path, **more)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "", "", ApiError),
        (400, "AddingAlreadyExistsGroupUserNotSupportedError", "", ConflictError),
        (
            400,
            "InvalidRequest",
            "Invalid dataset refresh request. Another refresh request is already executing",
            ConflictError,
        ),
        (400, "RequestBlocked", "", ThrottledError),
        (401, "GroupNotAccessible", "", ForbiddenError),
        (403, "", "", ForbiddenError),
        (404, "", "", NotFoundError),
        (409, "", "", ConflictError),
        (429, "", "", ThrottledError),
        (503, "", "", ThrottledError),
        (500, "", "", ApiError),
    ],
)
def test_kinds(status: int, code: str, message: str, kind: type[ApiError]) -> None:
    assert error(status, "POST", "/groups/{id}/x", code, message).__class__ is kind


# What a user has to hear in the cases that the project promises: a word of the cause, a word of the remedy.
PROMISED = [
    (
        401,
        "GET",
        "/groups",
        "",
        "API is not accessible for application",
        "does not let this service",
        "tenant settings",
    ),
    (403, "GET", "/groups", "TokenExpired", "", "expired or for another API", "`scope`"),
    (401, "GET", "/groups/x/reports", "GroupNotAccessible", "", "no role in the workspace", "powerbi_workspace_access"),
    (401, "GET", "/groups/x/reports", "PowerBINotAuthorizedException", "", "no role", "enterprise application"),
    (404, "GET", "/groups/x/reports", "PowerBIFolderNotFound", "", "no such workspace", "powerbi_workspace_access"),
    (401, "GET", "/admin/groups", "PowerBINotAuthorizedException", "", "admin API", "read-only admin APIs"),
    (403, "PATCH", "/admin/groups/x", "", "", "admin API that writes", "used for updates"),
    (400, "POST", "/groups/x/datasets/y/refreshes", "CapacityNotActive", "", "paused", "resume"),
    (400, "POST", "/x", "", "The capacity 'F2' is suspended", "paused", "resume"),
    (400, "POST", "/x", "WorkspaceHasNoCapacityAssigned", "", "on no capacity", "`capacity`"),
    (403, "POST", "/x", "", "This feature requires Premium", "on a capacity", "`capacity`"),
    (400, "POST", "/x", "PrincipalTypeNotSupported", "", "for users", "device_code"),
    (403, "POST", "/x", "", "Service principals are not supported here", "for users", "device_code"),
    (403, "GET", "/apps", "", "", "for users", "device_code"),
    (401, "GET", "/datasets", "", "", "My workspace", "/groups/"),
    (403, "POST", "/groups/x/datasets/y/Default.UpdateParameters", "", "", "owner", "take the semantic model over"),
    (403, "POST", "/groups", "", "", "create workspaces", "tenant settings"),
    (403, "POST", "/GenerateToken", "", "", "embed", "`capacity`"),
    (400, "POST", "/x", "PrincipalNotFound", "", "no such principal", "object id"),
    (404, "POST", "/groups/x/imports", "DuplicatePackageNotFoundError", "", "to overwrite", "CreateOrOverwrite"),
    (400, "POST", "/groups/x/imports", "RequestedFileIsEncryptedOrCorrupted", "", "can't read the file", "label"),
    (400, "POST", "/x", "InvalidRequest", "Another refresh request is already executing", "is running", "wait"),
    (429, "GET", "/x", "", "", "throttles", "`retry_timeout`"),
    (404, "GET", "/x", "", "", "may not see it", "role"),
    (500, "GET", "/x", "", "An error has occurred", "failed", "request id"),
    (403, "PUT", "https://blob.test", "AuthenticationFailed", "", "upload location", "again"),
]


@pytest.mark.parametrize(("status", "method", "path", "code", "message", "why", "remedy"), PROMISED)
def test_causes_and_remedies(
    status: int, method: str, path: str, code: str, message: str, why: str, remedy: str
) -> None:
    found = error(status, method, path, code, message)
    assert why in found.why
    assert remedy in found.remedy


def test_an_unrelated_text_is_no_hint() -> None:
    found = error(415, "POST", "/x", "", "The media type application/json is not supported")
    assert (found.why, found.remedy) == ("", "")


def test_what_an_error_holds() -> None:
    found = error(
        429, "POST", "/groups", "Busy", "Slow down", stopped="the service requires a wait of 99 s", retry_after=99.0
    )
    assert isinstance(found, ThrottledError)
    text = str(found)
    assert text.startswith("POST /groups failed with 429 Busy: Slow down. ")
    assert "requires a wait of 99 s" in text
    assert text.endswith("For support: request id id-1.")
    details = found.to_dict()
    assert (details["status"], details["code"], details["retry_after"], details["path"]) == (
        429,
        "Busy",
        99.0,
        "/groups",
    )
    json.dumps(details)


def test_every_rule_has_a_remedy_and_can_apply() -> None:
    for rule in RULES:
        assert rule.why and rule.remedy
        assert rule.why[0].isupper() and not rule.why.endswith(".")
        assert rule.codes or rule.statuses or rule.message or rule.path


def test_foreign_text_is_tamed() -> None:
    assert printable("a\n\x1b[31mb\u202e c\t{{ x }}") == "a b c {{ x }}"
    assert len(printable("x" * 10_000)) == 600


def test_keys_in_any_case() -> None:
    assert value_of({"Url": 1}, "url") == 1
    assert value_of({"URL": 1, "url": 2}, "url") == 2
    assert value_of(["url"], "url", 5) == 5


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"", None), (b"  \r\n", None), (b"null", None), (b'\xef\xbb\xbf{"a": 1}', {"a": 1}), ('"ü"'.encode(), "ü")],
)
def test_json(content: bytes, value: t.Any) -> None:
    assert decode(content, "application/json", "GET /x") == value


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": ', "damaged"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"[" * 200_000, "nested too deeply"),
        (b"9" * 100_000, "damaged"),
    ],
)
def test_what_is_not_json(content: bytes, why: str) -> None:
    with pytest.raises(TransportError) as caught:
        decode(content, "", "GET /x")
    assert "GET /x" in caught.value.what
    assert why in caught.value.why
