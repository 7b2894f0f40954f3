# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which URLs see a token, and how paths and queries are written."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.hosts import (
    Hosts,
    encoded_query,
    origin,
    quoted_path,
    target,
)

HOSTS = Hosts({"powerbi": "https://api.powerbi.test/v1.0/myorg/", "fabric": "https://Fabric.test:8443/v1"})


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://api.powerbi.test", True),
        ("https://api.powerbi.test/", True),
        ("https://API.powerbi.test:443/v1.0/x?a=b", True),
        ("https://api.powerbi.test./x", True),
        ("https://fabric.test:8443/v1", True),
        ("https://fabric.test/v1", False),
        ("http://api.powerbi.test/", False),
        ("https://api.powerbi.test:444/", False),
        ("https://api.powerbi.test.evil.test/", False),
        ("https://evil.test/api.powerbi.test", False),
        ("https://api.powerbi.test@evil.test/", False),
        ("https://someone:x@api.powerbi.test/", False),
        ("https://api.powerbi.test\\@evil.test/", False),
        ("https://api.powerbi.test\\.evil.test/", False),
        ("https://api.powerbi.test\t.evil.test/", False),
        ("https://api.powerbi.test%2eevil.test/", False),
        ("https:///api.powerbi.test/", False),
        ("https:/api.powerbi.test/", False),
        ("//api.powerbi.test/", False),
        (" https://api.powerbi.test/", False),
        ("https://аpi.powerbi.test/", False),  # a Cyrillic letter
        ("https://api.powerbi.test:443:80/", False),
        ("", False),
    ],
)
def test_own_hosts(url: str, own: bool) -> None:
    assert HOSTS.is_trusted(url, "powerbi") is own
    if own:
        assert HOSTS.require_trusted(url, "fabric") == url
    else:
        with pytest.raises(TransportError):
            HOSTS.require_trusted(url, "fabric")


def test_a_refusal_shows_the_host_and_nothing_else() -> None:
    with pytest.raises(TransportError) as caught:
        HOSTS.require_trusted("https://evil.test/path?token=secret", "powerbi")
    assert "https://evil.test" in caught.value.what
    assert "secret" not in str(caught.value.to_dict())
    assert (caught.value.sent, caught.value.retryable) == (False, False)


def test_a_token_is_for_the_hosts_of_its_scope() -> None:
    hosts = Hosts(
        {"powerbi": "https://p.test", "fabric": "https://f.test", "graph": "https://g.test"}, {"graph": "scope"}
    )
    assert [hosts.is_trusted(f"https://{name}.test/x", "powerbi") for name in "pfg"] == [True, True, False]
    assert [hosts.is_trusted(f"https://{name}.test/x", "graph") for name in "pfg"] == [False, False, True]
    with pytest.raises(TransportError):
        hosts.url("powerbi", "https://g.test/v1.0/users")


def test_urls_of_paths() -> None:
    assert HOSTS.url("powerbi", "/groups") == "https://api.powerbi.test/v1.0/myorg/groups"
    assert HOSTS.url("powerbi", "groups?$top=2", {"$skip": 4}) == (
        "https://api.powerbi.test/v1.0/myorg/groups?$top=2&$skip=4"
    )
    assert HOSTS.url("fabric", "//evil.test/x") == "https://Fabric.test:8443/v1/evil.test/x"
    assert HOSTS.url("powerbi", "https://fabric.test:8443/v1/x", {"a": 1}) == "https://fabric.test:8443/v1/x?a=1"


def test_an_api_without_a_host() -> None:
    with pytest.raises(ConfigError, match="api_url") as caught:
        Hosts({"powerbi": "https://api.powerbigov.us"}).url("fabric", "/workspaces")
    assert caught.value.option == "api_url"


@pytest.mark.parametrize("path", ["/groups/My Group", "/groups/\n", "/groups/ü"])
def test_paths_that_are_not_quoted(path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        HOSTS.url("powerbi", path)
    assert caught.value.option == "path"


@pytest.mark.parametrize("name", ["a/b", "..", "50%", "it's", '"', "ü ☃ 😀", "{{ x }}", "a?b#c", "2026Z@guid$1", "\\"])
def test_any_name_is_one_segment(name: str) -> None:
    path = quoted_path("groups", name, "users")
    assert path.count("/") == 3
    url = HOSTS.url("powerbi", path)
    assert HOSTS.is_trusted(url, "powerbi")
    assert url.isascii()


def test_queries() -> None:
    query = {"$filter": "name eq 'It''s & ü'", "flag": True, "none": None, "many": ["a", "b"], "n": 5}
    assert encoded_query(query) == "$filter=name%20eq%20'It''s%20%26%20%C3%BC'&flag=true&many=a&many=b&n=5"
    assert encoded_query({}) == encoded_query(None) == ""


def test_what_errors_call_a_request() -> None:
    hosts = Hosts(
        {
            "powerbi": "https://x.test/v1.0/myorg",
            "admin": "https://x.test/v1.0/myorg/admin",
            "fabric": "https://x.test/v1",
            "graph": "https://x.test/v1.0",
        }
    )
    assert hosts.redacted_path("https://x.test/v1/workspaces") == "/workspaces"
    assert hosts.redacted_path("https://x.test/v1.0/applications/1") == "/applications/1"
    assert hosts.redacted_path("https://x.test/v1.0/myorg/admin/groups?$filter=secret") == "/admin/groups"
    assert hosts.redacted_path("https://blob.test/container/x?sig=secret") == "https://blob.test"
    assert hosts.redacted_path("nonsense?secret") == "something that is not a URL with a host"


def test_locations() -> None:
    base = "https://api.powerbi.test/v1.0/myorg/groups"
    assert target(base, "/v1.0/x?a=1") == "https://api.powerbi.test/v1.0/x?a=1"
    assert target(base, "https://other.test/a b") == "https://other.test/a%20b"
    for location in ("javascript:alert(1)", "https://[", "https://a\\@b/"):
        with pytest.raises(TransportError):
            target(base, location)


def test_origins() -> None:
    assert origin("HTTPS://Example.TEST/") == ("https", "example.test", 443)
    assert origin("https://[::1]:8443") == ("https", "[::1]", 8443)
