# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in a request that a user wrote: what is masked, and what stays readable."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._resources.raw_secrets import (
    concealed,
    secret_answers,
    secrets_of,
)

NEEDLE = "n33dle-Hay"
SAS = "https://wabi.blob.core.windows.net/c/b?sv=2023&sr=b&sig=n33dle-Hay%3D&se=2026"
INNER = json.dumps({"credentialData": [{"name": "username", "value": "john"}, {"name": "password", "value": NEEDLE}]})


@pytest.mark.parametrize(
    "body",
    [
        {"password": NEEDLE},
        {"Password": NEEDLE},
        {"credentialDetails": {"credentialType": "Basic", "credentials": NEEDLE}},
        {"credentialDetails": {"credentialType": "Basic", "credentials": INNER}},
        {"credentialDetails": {"credentials": {"credentialType": "Key", "key": NEEDLE}}},
        {"credentialDetails": {"credentials": {"servicePrincipalSecret": NEEDLE}}},
        {"clientSecret": NEEDLE},
        {"client_secret": NEEDLE},
        {"accessKey": NEEDLE},
        {"storageAccountKey": NEEDLE},
        {"sharedAccessSignatureToken": NEEDLE},
        {"updateDetails": [{"name": "ServerPassword", "newValue": NEEDLE}]},
        {"identities": [{"identityBlob": {"value": f"eyJ0eXAiOiJKV1Qi.{NEEDLE}.sig"}}]},
        {"fileUrl": SAS},
        [{"deep": [{"apiKey": NEEDLE}]}],
        {"connectionString": f"AccountKey={NEEDLE}"},
        {"secret": [NEEDLE, {"value": NEEDLE}]},
        json.dumps({"password": NEEDLE}),
        f"password={NEEDLE}",
        f'{{"password": "{NEEDLE}"',
    ],
)
def test_secrets_are_masked(body: t.Any) -> None:
    shown = concealed({"path": "/x", "body": body})
    assert NEEDLE not in json.dumps(shown)
    assert shown["path"] == "/x"


@pytest.mark.parametrize("option", ["query", "headers"])
def test_so_are_those_of_the_query_and_the_headers(option: str) -> None:
    given = {"x-api-key": NEEDLE, "$top": 5}
    assert concealed({option: given})[option] == {"x-api-key": "********", "$top": 5}
    assert secrets_of({option: given}) == {NEEDLE}


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        {},
        {"displayName": "Key figures", "type": "Report", "enabled": True, "none": None},
        {
            "credentialDetails": {
                "credentialType": "Basic",
                "encryptionAlgorithm": "None",
                "privacyLevel": "Organizational",
            }
        },
        {"continuationToken": "abc", "name": "password", "other": "x"},
        {"password": ""},
        {"queries": [{"query": "EVALUATE VALUES(Keys[Key])"}]},
    ],
)
def test_everything_else_stays_readable(body: t.Any) -> None:
    assert concealed({"body": body}) == {"body": body}
    assert secrets_of({"body": body}) == set()


def test_what_is_masked_wherever_it_occurs() -> None:
    assert secrets_of({"body": {"credentialDetails": {"credentials": INNER}}}) == {INNER, NEEDLE}
    assert secrets_of({"body": {"password": "short"}}) == set()  # masked where it stands only
    assert secrets_of({"body": {"key": "Region", "value": "North"}}) == set()  # a key of a dictionary
    assert concealed({"body": {"password": "short"}}) == {"body": {"password": "********"}}


def test_answers_that_must_not_be_shown() -> None:
    assert secret_answers("/groups/1/imports/createTemporaryUploadLocation", {"url": SAS}) == [SAS]
    assert secret_answers("/groups/1/reports/2/GenerateToken", {"token": NEEDLE, "tokenId": "1"}) == [NEEDLE]
    assert (
        secret_answers("/groups", {"value": [{"webUrl": "https://app.powerbi.com/groups/1?ctid=2", "token": "x"}]})
        == []
    )
    assert secret_answers("/x", None) == []
