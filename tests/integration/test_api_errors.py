# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of the APIs as tasks show them: each code as an answer and as a failed operation, with the caller."""

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._http.error_table import RULES
from harness import contoso
from harness.emulator import Emulator
from harness.modules import Modules

SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"
RELATED: t.Final = {"resourceId": SALES, "resourceType": "Workspace"}
PART: t.Final = {
    "path": "notebook-content.py",
    "payload": base64.b64encode(b"# Fabric notebook source").decode(),
    "payloadType": "InlineBase64",
}
CODES: t.Final = sorted(
    {code for rule in RULES for code in rule.codes if not rule.apis or "fabric" in rule.apis}
    - {"TokenExpired", "RequestBlocked", "insufficient_claims"}
)


@pytest.fixture(scope="module")
def modules(emulator: Emulator) -> t.Iterator[Modules]:
    emulator.clean()
    yield Modules(emulator, retry_timeout=5.0)
    emulator.clean()


def explained(result: dict[str, t.Any], code: str) -> None:
    error, message = result["error"], result["msg"]
    assert error["code"] == code
    assert error["why"] and error["remedy"] and error["request_id"]
    for text in (code, error["why"], error["remedy"], error["request_id"], f"Caller: app {contoso.DEPLOY.client_id}"):
        assert message.count(text) == 1, text


@pytest.mark.parametrize("code", CODES)
def test_a_code_as_an_answer_and_as_a_failed_operation(code: str, emulator: Emulator, modules: Modules) -> None:
    emulator.clear_faults()
    emulator.fault(path=f"^/v1/workspaces/{SALES}/folders$", status=400, code=code)
    explained(modules.fail("powerbi_api", api="fabric", path=f"/workspaces/{SALES}/folders"), code)
    emulator.clear_faults()
    error = {"errorCode": "BadRequest", "moreDetails": [{"errorCode": code, "message": "A detail."}]}
    emulator.fault(path="^/v1/operations/", operation_error={**error, "relatedResource": RELATED})
    body = {"displayName": code, "definition": {"parts": [PART]}}
    path = f"/workspaces/{FINANCE}/notebooks"
    result = modules.fail("powerbi_api", api="fabric", method="POST", path=path, body=body, wait=True)
    explained(result, code)
    assert "A detail." in result["msg"]
    assert f"Related resource: Workspace {SALES}" in result["msg"]


def test_a_secret_that_a_service_repeats_is_not_shown(emulator: Emulator, modules: Modules) -> None:
    emulator.clear_faults()
    secret = contoso.DEPLOY.secret
    emulator.fault(
        path="^/v1/workspaces$",
        status=400,
        body={"errorCode": "BadRequest", "message": f"\u001b[31mYou sent {secret}; {'x ' * 280}{secret}"},
    )
    result = modules.fail("powerbi_api", api="fabric", path="/workspaces")
    assert secret[:6] not in str(result) and "\x1b" not in str(result)
    assert "You sent ***" in result["msg"]
