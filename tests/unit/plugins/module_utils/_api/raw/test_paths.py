# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths with the prefix of the API or without, what reads by POST, and headers of the user's."""

from __future__ import annotations

import io
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.raw import headers as raw_headers
from ansible_collections.community.powerbi.plugins.module_utils._api.raw import paths
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.wire import reply, wire

PROFILE = "f01de400-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("api", "path", "below"),
    [
        ("powerbi", "/groups", "/groups"),
        ("powerbi", "/v1.0/myorg/groups", "/groups"),
        ("powerbi", "v1.0/myorg/groups?$top=1", "/groups?$top=1"),
        ("powerbi", "//V1.0/MyOrg/groups", "/groups"),
        ("powerbi", "/v1.0/myorg", "/"),
        ("powerbi", "/v1.0/myorganisation", "/v1.0/myorganisation"),
        ("powerbi", "/admin/groups", "/admin/groups"),
        ("admin", "/v1.0/myorg/admin/groups", "/groups"),
        ("admin", "/admin/groups", "/groups"),
        ("admin", "/groups", "/groups"),
        ("fabric", "/v1/workspaces", "/workspaces"),
        ("fabric", "/workspaces/v1/items", "/workspaces/v1/items"),
        ("powerbi", "https://api.powerbi.com/v1.0/myorg/groups", "https://api.powerbi.com/v1.0/myorg/groups"),
    ],
)
def test_a_prefix_is_not_doubled(api: str, path: str, below: str) -> None:
    assert paths.below_api(api, path) == below


@pytest.mark.parametrize(
    ("api", "path", "right"), [("fabric", "/v1.0/myorg/groups", "powerbi"), ("powerbi", "/v1/workspaces", "fabric")]
)
def test_the_prefix_of_another_api_is_an_error(api: str, path: str, right: str) -> None:
    with pytest.raises(ConfigError, match=f"set `api: {right}`"):
        paths.below_api(api, path)


@pytest.mark.parametrize(
    ("api", "method", "path", "reads"),
    [
        ("powerbi", "GET", "/groups", True),
        ("powerbi", "HEAD", "/groups", True),
        ("powerbi", "POST", "/groups/1/datasets/2/executeQueries", True),
        ("powerbi", "POST", "/datasets/2/ExecuteQueries?x=1", True),
        ("admin", "POST", "/admin/workspaces/getInfo", True),
        ("fabric", "POST", "/workspaces/1/items/2/getDefinition", True),
        ("fabric", "POST", "/catalog/search", True),
        ("powerbi", "POST", "/workspaces/getDefinitionOf", False),
        ("powerbi", "PUT", "/datasets/2/executeQueries", False),
        ("powerbi", "POST", "/groups/1/datasets/2/refreshes", False),
        ("fabric", "POST", "/workspaces/1/items/2/updateDefinition", False),
    ],
)
def test_what_reads(api: str, method: str, path: str, reads: bool) -> None:
    assert paths.only_reads(api, method, path) is reads


@pytest.mark.parametrize(
    "path",
    [
        "/groups//users",
        "/groups/1/users/",
        "//users",
        "/",
        "/groups/None/users",
        "/groups/null",
        "/groups/undefined?x=1",
        "groups/%20/users",
        "/groups/{{ workspace_id }}/users",
        "/groups/%7B%7Bid%7D%7D",
        "https://api.powerbi.com/v1.0/myorg/groups//users",
        "/groups/1/users/?$top=1",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_below_an_emptied_variable_is_an_error(method: str, path: str) -> None:
    with pytest.raises(ConfigError, match=f"{method} was not sent") as caught:
        paths.refuse_emptied(method, path)
    assert "give the variable a value" in str(caught.value.remedy)
    paths.refuse_emptied("GET", path)


@pytest.mark.parametrize(
    "path",
    [
        "/groups/1/users",
        "groups",
        "/groups/1/Default.TakeOver?x=//",
        "/groups/nonexistent/nullable",
        "https://a.test/b",
    ],
)
def test_any_other_path_may_be_written_to(path: str) -> None:
    paths.refuse_emptied("DELETE", path)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"AUTHORIZATION": "x"},
        {"Host": "evil.example.com"},
        {"Content-Length": "0"},
        {"Content-Type": "text/plain"},
        {"X Y": "1"},
        {"": "1"},
        {"X-Y": "a\r\nAuthorization: b"},
        {"X-Y": "ä"},
        {"X-Y": ""},
        {"X-Y": None},
        {"X-Y": ["a"]},
        {"X-Y": True},
    ],
)
def test_headers_that_are_refused(headers: dict[str, t.Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        raw_headers.checked(headers)
    assert caught.value.remedy


def test_headers_go_with_every_request_to_the_own_hosts_only() -> None:
    away = "https://storage.test/file?sig=x"
    answers = [
        reply(200, {"value": [{"id": "1"}], "continuationUri": "https://api.powerbi.test/v1.0/myorg/groups?$skip=1"}),
        reply(200, {"value": []}),
        reply(302, None, Location=away),
        reply(200, None, content=b"file"),
        reply(200, {}),
    ]
    given = wire(answers)
    client = given.client.with_headers(raw_headers.checked({"X-PowerBI-Profile-Id": PROFILE}))
    assert list(client.pages("/groups")) == [{"id": "1"}]
    client.download("/reports/1/Export", io.BytesIO())
    given.client.request("GET", "/groups")
    sent = [(one.url, one.headers.get("X-PowerBI-Profile-Id")) for one in given.transport.sent]
    assert [profile for _url, profile in sent] == [PROFILE, PROFILE, PROFILE, None, None]
    assert sent[3][0] == away
