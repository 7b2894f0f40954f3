# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in a request that a user wrote: what is masked, and what stays readable."""

from __future__ import annotations

import base64
import json
import time
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.raw.secrets import (
    concealed,
    returns_secret,
    secrets_of,
    secrets_of_response,
)
from ansible_collections.community.powerbi.plugins.modules import powerbi_api

NEEDLE = "n33dle-Hay"
SAS = "https://wabi.blob.core.windows.net/c/b?sv=2023&sr=b&sig=n33dle-Hay%3D&se=2026"
PEM = f"-----BEGIN PRIVATE KEY-----\nMIIE{NEEDLE}\n-----END PRIVATE KEY-----\n"
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
        {"secretText": NEEDLE},
        {"primaryKey": NEEDLE, "secondaryKey": NEEDLE},
        {"passwords": [NEEDLE, {"of": NEEDLE}], "secrets": {"a": {"b": NEEDLE}}, "tokens": [[NEEDLE]]},
        {"accessKeys": {"first": NEEDLE}},
        {"secretValue": NEEDLE},
        {"authorization": f"Basic {NEEDLE}"},
        {"clientSecretCredential": {"value": NEEDLE}},
        {"passwordCredentials": [{"displayName": "x", "secretText": NEEDLE}]},
        {"credentialData": json.dumps([{"name": "key", "value": NEEDLE}])},
        {"content": json.dumps({"settings": [{"clientSecret": NEEDLE}]})},
        {"content": json.dumps([json.dumps({"password": NEEDLE})])},
        {"source": f"Server=tcp:db;Uid=john;Password={NEEDLE} x;Encrypt=yes"},
        {"source": f"Pwd={NEEDLE};Server=db"},
        {"source": f"AccountName=a;AccountKey={NEEDLE}==;EndpointSuffix=core.windows.net"},
        {"source": f"Endpoint=sb://a/;SharedAccessKeyName=root;SharedAccessKey={NEEDLE}="},
        {"source": f"sig={NEEDLE}&sv=2023"},
        {"source": f"before {PEM}"},
        {"source": f"Authorization: Basic {NEEDLE}AAAAAAAAAAAAAAAA"},
        {"source": f"https://john:{NEEDLE}@git.example.com/repository"},
        {"updateDetails": [{"name": "PasswordProd", "newValue": NEEDLE}]},
        {"updateDetails": [{"Name": "SQL_PWD", "newValue": [NEEDLE]}]},
        {"parameters": [{"key": "apiToken", "value": NEEDLE}]},
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
        {"queries": [{"query": "EVALUATE FILTER(Users, Users[Password] = BLANK())"}]},
        {
            "keyValueReplace": "x",
            "sortKey": "Region",
            "partitionKey": "id",
            "keys": ["a"],
            "tokenId": "1",
            "pinned": "x",
        },
        {
            "secretName": "sql",
            "passwordReference": {"secretName": "sql"},
            "maxTokens": 4000,
            "code": "x",
            "author": "x",
        },
        {"updateDetails": [{"name": "Region", "newValue": "North"}, {"name": "SecretName", "newValue": "sql"}]},
        {"content": '{ "displayName":  "spaces stay" }', "url": "https://git.example.com/a@b?x=1"},
        {"source": "Server=tcp:db;Database=Sales;Authentication=ActiveDirectory"},
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


@pytest.mark.parametrize(
    "name", ["Ocp-Apim-Subscription-Key", "X-Functions-Key", "X-Auth", "X-Api-Key", "X-MS-Signature"]
)
def test_headers_with_secrets(name: str) -> None:
    given = {"headers": {name: NEEDLE, "X-PowerBI-Profile-Id": "1", "Idempotency-Key": "2"}}
    shown = {name: "********", "X-PowerBI-Profile-Id": "1", "Idempotency-Key": "2"}
    assert concealed(given) == {"headers": shown}
    assert secrets_of(given) == {NEEDLE}


@pytest.mark.parametrize("name", ["sig", "code", "sharedAccessSignature", "access_token"])
def test_queries_with_secrets_also_within_the_path(name: str) -> None:
    assert concealed({"query": {name: NEEDLE, "$filter": "x"}}) == {"query": {name: "********", "$filter": "x"}}
    given = {"path": f"/groups?$top=1&{name}=n33dle%2DHay&$skip=2"}
    assert concealed(given) == {"path": f"/groups?$top=1&{name}=********&$skip=2"}
    assert NEEDLE in secrets_of(given)
    innocent = {"path": "/groups?$filter=name eq 'code'&continuationToken=abc"}
    assert concealed(innocent) == innocent


def test_a_misspelt_option_is_masked_and_known_ones_stay() -> None:
    given = {
        "bodyy": {"password": NEEDLE},
        "Body": json.dumps({"password": NEEDLE}),
        "header": {"X-Functions-Key": NEEDLE},
        "querry": {"code": NEEDLE},
        "dest": {"password": NEEDLE},
        "path": {"password": NEEDLE},
        "method": "POST",
        "api": "fabric",
        "status_code": [200, 404],
    }
    shown = powerbi_api.RULES["conceal"](given)
    assert NEEDLE not in str(shown)
    assert (shown["bodyy"], shown["header"]) == ({"password": "********"}, {"X-Functions-Key": "********"})
    assert (shown["method"], shown["api"], shown["status_code"]) == ("POST", "fabric", [200, 404])


def test_large_files_are_searched_quickly() -> None:
    payload = base64.b64encode(bytes(range(256)) * 20_000).decode() + "=="
    started = time.process_time()
    for text in (payload, "eyJ" + "a" * 2_000_000, "://" * 500_000, "password" * 200_000):
        body = {"definition": {"payload": text}}
        assert concealed({"body": body}) == {"body": body}
        assert secrets_of_response("/x", body) == []
    assert time.process_time() - started < 3


def test_a_text_that_is_nested_too_deeply_to_be_read_is_masked() -> None:
    deep = "[" * 900 + json.dumps({"password": NEEDLE}) + "]" * 900
    assert NEEDLE not in str(concealed({"body": {"content": deep}}))


@pytest.mark.parametrize(
    "answer",
    [
        {"accessKeys": {"primaryKey": NEEDLE}},
        {"accessKeys": {"primaryConnectionString": NEEDLE}},
        {"password": NEEDLE},
        {"Token": NEEDLE},
        {"secrets": [NEEDLE]},
        {"query": f"sv=2023&sig={NEEDLE}"},
        {"query": f"sig={NEEDLE}&sv=2023"},
        {"source": f"Server=db;Password={NEEDLE}"},
        {"content": json.dumps({"password": NEEDLE})},
        {"value": [{"name": "PasswordProd", "currentValue": NEEDLE}]},
        [{"id": "1", "url": SAS.replace("n33dle-Hay", NEEDLE)}],
    ],
)
@pytest.mark.parametrize("key", ["json", "entries", "location"])
def test_results_that_must_not_be_shown(answer: t.Any, key: str) -> None:
    found = powerbi_api.secrets_in_result({"path": "/x"}, {key: answer})
    assert len(found) == 1
    assert NEEDLE in found[0]
    assert powerbi_api.secrets_in_result({"path": "/x", "show_secrets": True}, {key: answer}) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1.0/myorg/GenerateToken", True),
        ("groups/1/reports/2/generatetoken/?x=1", True),
        ("/groups/1/imports/createTemporaryUploadLocation", True),
        ("/workspaces/1/eventstreams/2/sources/3/connection", True),
        ("https://api.powerbi.com/v1.0/myorg/Generate%54oken", True),
        ("/groups/1/reports", False),
        ("/workspaces/1/git/connection", False),
        ("/groups?$filter=/GenerateToken", False),
    ],
)
def test_requests_whose_answer_holds_a_secret(path: str, expected: bool) -> None:
    assert returns_secret(path) is expected
    assert powerbi_api.secret_is_expected({"path": path}) is expected
    assert not powerbi_api.secret_is_expected({"path": path, "show_secrets": "yes"})


def test_answers_that_must_not_be_shown() -> None:
    assert secrets_of_response("/groups/1/imports/createTemporaryUploadLocation", {"url": SAS}) == [SAS]
    assert secrets_of_response("/groups/1/reports/2/GenerateToken", {"token": NEEDLE, "tokenId": "1"}) == [NEEDLE]
    innocent = {
        "webUrl": "https://app.powerbi.com/groups/1?ctid=2",
        "continuationToken": "x",
        "tokenId": "1",
        "key": "x",
    }
    assert (
        secrets_of_response("/groups", {"value": [innocent, {"connectionString": "Data Source=db;Initial Catalog=x"}]})
        == []
    )
    assert secrets_of_response("/x", None) == []
