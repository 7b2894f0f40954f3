# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each code of the table, as an answer and as a failed operation: cause, remedy, request id, resource and caller."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
from ansible_collections.community.powerbi.plugins.module_utils._errors import (
    ApiError,
    OperationFailedError,
    ServiceError,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.error_table import RULES
from ansible_collections.community.powerbi.plugins.module_utils._http.failure import read_error
from ansible_collections.community.powerbi.plugins.module_utils._operation import Operation
from ansible_collections.community.powerbi.plugins.module_utils._polling import fabric_operation, poll_state
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from fakes.jwts import jwt
from fakes.wire import Wire, reply, wire

APP, OBJECT = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
CODES = sorted({code for rule in RULES for code in rule.codes if not rule.apis or "fabric" in rule.apis})

# What service-facts.md found without a rule, or with a wrong one: a word of the cause, a word of the remedy.
NAMED = {
    "Alm_InvalidRequest_PurgeRequired": ("delete data", "clear_values"),
    "Dataset_Import_FailedToImportDataset": ("semantic model's definition", "TMDL"),
    "Report_Import_FailedToImportReport": ("report's definition", "definition.pbir"),
    "Workload_FailedToParseFile": ("can't read a file", "text names"),
    "Workload_MissingFileFromDefinition": ("missing", "add the file"),
    "MissingDefinitionParts": ("missing", "add the file"),
    "RequiredOptionsMissing": ("lacks an option", "clear the data"),
    "CorruptedPayload": ("not what the service expects", "format"),
    "InvalidItemType": ("item type", ".platform"),
    "OperationNotSupportedForItem": ("does not exist for this item", "exclude"),
    "WorkspaceItemsLimitExceeded": ("full", "second workspace"),
    "FolderDisplayNameAlreadyInUse": ("folder of that name", "rename"),
    "FolderDepthOutOfRange": ("ten deep", "further up"),
    "InvalidFolderDisplayName": ("name for a folder", "255"),
    "TooManyFolders": ("as many folders", "fewer"),
    "TenantSwitchDisabled": ("tenant setting", "Fabric administrator"),
    "UnsupportedSku": ("SKU", "`capacity`"),
    "UserDoesNotBelongToCurrentCluster": ("region", "`cloud`"),
    "EnvironmentLibrariesNotFound": ("no libraries", "upload"),
    "UnknownError": ("without naming a cause", "request id"),
    "WorkspaceRoleNotAllowedForServicePrincipalProfile": ("profile", "owns the profile"),
    "GatewayInvalidPrincipalType": ("principal of that type", "security groups"),
    "RequestDeniedByInboundPolicy": ("network", "private endpoint"),
    "InsufficientScopes": ("scope", "consent"),
    "insufficient_claims": ("Conditional Access", "sign-in log"),
    "CapacityNotActive": ("paused", "resume"),
}
RELATED = {"resourceId": OBJECT, "resourceType": "SemanticModel"}


def fabric_error(code: str, **more: t.Any) -> dict[str, t.Any]:
    return {
        "requestId": "request-1",
        "errorCode": code,
        "message": "The service's text.",
        "relatedResource": RELATED,
        **more,
    }


def as_app(*script: t.Any) -> Wire:
    net = wire(list(script), supply=1)
    token = jwt(appid=APP, oid=OBJECT, tid="tenant-1", idtyp="app")
    net.tokens.token = lambda **_options: AccessToken(Secret(token), 2_000_000_000, 0, "")  # type: ignore[method-assign]
    return net


def synchronous(error: dict[str, t.Any], status: int = 400) -> ServiceError:
    net = as_app(reply(status, error))
    with pytest.raises(ApiError) as caught:
        net.client.request("POST", "/workspaces/w/items", api="fabric", body={}, budget=0)
    return caught.value


def failed_operation(error: dict[str, t.Any]) -> ServiceError:
    net = as_app(
        reply(202, content=b"null", x_ms_operation_id="op-1"), reply(200, {"status": "Failed", "error": error})
    )
    answer = net.client.request("POST", "/workspaces/w/items", api="fabric", body={})
    with pytest.raises(OperationFailedError) as caught:
        fabric_operation(net.client, answer, name="creation of Sales", timeout=60.0).wait()
    return caught.value


@pytest.mark.parametrize("happened", [synchronous, failed_operation])
@pytest.mark.parametrize("code", CODES)
def test_each_code_both_ways(happened: t.Callable[[dict[str, t.Any]], ServiceError], code: str) -> None:
    found = happened(fabric_error(code))
    assert (found.code, found.request_id) == (code, "request-1")
    assert found.why and found.remedy
    assert found.details["related_resource"] == {"id": OBJECT, "type": "SemanticModel"}
    text = str(found)
    for part in (
        code,
        "The service's text.",
        found.why,
        found.remedy,
        f"SemanticModel {OBJECT}",
        f"app {APP}",
        "request-1",
    ):
        assert text.count(part) >= 1, part
    cause, remedy = NAMED.get(code, ("", ""))
    assert cause in found.why and remedy in found.remedy


def test_all_named_codes_are_known() -> None:
    assert set(NAMED) <= set(CODES)


@pytest.mark.parametrize("happened", [synchronous, failed_operation])
def test_the_code_of_the_details_is_the_specific_one(happened: t.Callable[[dict[str, t.Any]], ServiceError]) -> None:
    more = [{"errorCode": "Workload_FailedToParseFile", "message": "Line 3 is wrong.", "relatedResource": RELATED}]
    found = happened({"requestId": "r", "errorCode": "BadRequest", "message": "Bad.", "moreDetails": more})
    assert found.code == "Workload_FailedToParseFile"
    assert found.details["message"] == "Bad. Line 3 is wrong."
    assert found.details["more_details"][0]["related_resource"]["type"] == "SemanticModel"
    assert f"SemanticModel {OBJECT}" in str(found)


@pytest.mark.parametrize("happened", [synchronous, failed_operation])
def test_an_unknown_code_in_the_details_does_not_hide_a_known_one(
    happened: t.Callable[[dict[str, t.Any]], ServiceError],
) -> None:
    found = happened(fabric_error("CapacityNotActive", moreDetails=[{"errorCode": "X", "message": "detail text"}]))
    assert found.code == "CapacityNotActive"
    assert "paused" in found.why
    assert "detail text (X)" in str(found)


@pytest.mark.parametrize(
    ("api", "path", "status", "code", "cause", "remedy"),
    [
        ("graph", "/applications", 403, "Authorization_RequestDenied", "permission of Microsoft Graph", "OwnedBy"),
        ("graph", "/applications", 403, "", "permission of Microsoft Graph", "OwnedBy"),
        ("graph", "/applications", 403, "Forbidden", "permission of Microsoft Graph", "OwnedBy"),
        ("graph", "/applications", 400, "CredentialInvalidLifetimeAsPerAppPolicy", "how long", "valid_for"),
        ("graph", "/applications", 400, "CredentialTypeNotAllowedAsPerAppPolicy", "type of credential", "certificate"),
        ("graph", "/applications", 401, "InvalidAuthenticationToken", "can't read the token", "`cloud`"),
        ("fabric", "/workspaces/w/items", 403, "", "may not do this", "powerbi_workspace_access"),
        (
            "powerbi",
            "/groups/g/reports/r",
            401,
            "PowerBINotAuthorizedException",
            "another workspace",
            "datasetWorkspaceId",
        ),
        ("powerbi", "/groups/g/imports", 401, "PowerBINotAuthorizedException", "XMLA", "PBIP"),
        (
            "powerbi",
            "/groups/g/imports",
            401,
            "GroupNotAccessible",
            "no role in the workspace",
            "powerbi_workspace_access",
        ),
    ],
)
def test_rules_of_each_api(api: str, path: str, status: int, code: str, cause: str, remedy: str) -> None:
    net = as_app(reply(status, {"error": {"code": code, "message": "text"}}))
    with pytest.raises(ApiError) as caught:
        net.client.request("POST", path, api=api, budget=0)
    assert cause in caught.value.why and remedy in caught.value.remedy
    if api == "graph":
        assert "workspace" not in str(caught.value)
    assert f"app {APP}" in str(caught.value)


def test_a_challenge_for_claims() -> None:
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    net = as_app(reply(401, {"error": {"code": "InvalidAuthenticationToken"}}, WWW_Authenticate=challenge))
    with pytest.raises(ApiError) as caught:
        net.client.request("GET", "/groups")
    assert caught.value.code == "insufficient_claims" and "Conditional Access" in caught.value.why


def test_a_header_with_a_plain_text_of_details() -> None:
    headers = {"X-PowerBI-Error-Info": "UserDoesNotBelongToCurrentCluster", "X-PowerBI-Error-Details": "cluster ''"}
    found = read_error(None, headers, status=401)
    assert (found.code, found.message) == ("UserDoesNotBelongToCurrentCluster", "cluster ''")


def ended(net: Wire) -> None:
    answer = net.client.request("GET", "/x", api="fabric", budget=0)
    Operation(poll_state(lambda: answer), name="thing", timeout=1.0).wait()


@pytest.mark.parametrize("secret", ["abc", "p w", "long-Secret-0123456789-abcdefghij", "x" * 700])
@pytest.mark.parametrize("happened", ["synchronous", "operation"])
def test_no_secret_of_the_run_is_shown(secret: str, happened: str) -> None:
    text = f"\x1b[31mThe header was {secret}, {'y ' * 290}{secret}"
    error = {"errorCode": "BadRequest", "message": text, "moreDetails": [{"errorCode": secret, "message": secret}]}
    script = [reply(400, error)] if happened == "synchronous" else [reply(200, {"status": "Failed", "error": error})]
    net = as_app(*script)
    net.client.secrets = lambda: (secret,)
    with pytest.raises(ServiceError) as caught:
        ended(net)
    shown = f"{caught.value}{caught.value.to_dict()}"
    assert secret not in shown and secret[:100] * 2 not in shown and "\x1b" not in shown
    assert "The header was ***" in shown


@pytest.mark.parametrize(
    "body",
    [None, 5, [], "x", {"error": 7}, {"error": {"moreDetails": "x", "details": 3}}, {"moreDetails": [1, None, {}]}],
)
def test_bad_input(body: t.Any) -> None:
    assert read_error(body, {}, status=400).request_id == ""


def test_an_error_nested_without_end() -> None:
    body: dict[str, t.Any] = {"code": "Deep"}
    for _level in range(500):
        body = {"error": body}
    assert read_error(body, {}).code == ""


def test_an_error_in_json_within_a_message_is_read() -> None:
    """As the messages of an enhanced refresh that failed are."""
    inner = '{"errorCode": "ModelRefreshFailed_CredentialsNotSpecified"}'
    found = read_error({"error": {"code": "0xC11C0012", "message": inner}}, {})
    assert found.code == "ModelRefreshFailed_CredentialsNotSpecified"
    assert inner not in found.message
    detail = {"error": {"code": "BadRequest", "details": [{"code": "0xC11C0012", "message": inner}]}}
    assert read_error(detail, {}).code == "ModelRefreshFailed_CredentialsNotSpecified"
