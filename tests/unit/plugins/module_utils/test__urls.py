# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._urls import (
    is_https_base,
    is_local,
    is_loopback,
    may_carry_secrets,
    origin_of,
)


def test_what_is_local() -> None:
    assert is_loopback("LOCALHOST")
    assert not is_loopback("localhost.evil.test")
    assert not is_loopback("169.254.169.254")
    assert is_local("169.254.169.254")
    assert not is_local("10.0.0.1")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.powerbi.com/v1.0", ("https", "api.powerbi.com", 443)),
        ("http://127.0.0.1:8080?x", ("http", "127.0.0.1", 8080)),
        ("https://[::1]:8443/", ("https", "[::1]", 8443)),
        ("https://user@api.powerbi.com", None),
        ("https://api.powerbi.com\\@evil.test", None),
        ("https:///path", None),
        ("ftp://api.powerbi.com", None),
        ("api.powerbi.com", None),
    ],
)
def test_origins(url: str, origin: tuple[str, str, int] | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["https://api.powerbi.com", "HTTPS://api.test:8443/base", "https://[::1]/x"])
def test_what_requests_can_be_sent_below(url: str) -> None:
    assert is_https_base(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.test",
        "https://",
        "https://.test",
        "https://-x.test",
        "https://a:b:1",
        "https://api.test:",
        "https://api.test:port",
        "https://api.test/x?y",
        "https://api.test/#x",
        "https://api.test/{tenant}",
        "https://user:hunter2@api.test",
        "https://api.test/a b",
        "https://api.test/\n",
    ],
)
def test_what_they_can_t(url: str) -> None:
    assert not is_https_base(url)


@pytest.mark.parametrize(
    ("scheme", "host", "allowed"),
    [
        ("https", "api.test", True),
        ("http", "api.test", False),
        ("http", "localhost", True),
        ("http", "169.254.169.254", True),
        ("ftp", "localhost", False),
    ],
)
def test_where_a_secret_may_go(scheme: str, host: str, allowed: bool) -> None:
    assert may_carry_secrets(scheme, host) is allowed
