# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxy a request takes, as curl would decide; the transport's tests have real ones."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._http.proxies import Proxies

PROXY = "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other.test"}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTPS_PROXY": PROXY, "ALL_PROXY": "http://other.test"}, PROXY),
        ({"HTTP_PROXY": PROXY}, ""),  # all that goes through a proxy is https
        ({"HTTPS_PROXY": "proxy.test:3128"}, PROXY),
        ({"HTTPS_PROXY": ""}, ""),
    ],
)
def test_the_environment(environ: dict[str, str], url: str) -> None:
    assert Proxies(None, environ).url_for("api.powerbi.com", 443) == url


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("powerbi.com", True),
        (".powerbi.com", True),
        ("*.powerbi.com", True),
        ("API.POWERBI.COM", True),
        ("other.test, powerbi.com", True),
        ("api.powerbi.com:443", True),
        ("powerbi.com:443", True),
        ("powerbi.com:8443", False),
        ("bi.com", False),
        ("api.powerbi.com.other.test", False),
        ("10.0.0.0/8", False),
    ],
)
def test_no_proxy(no_proxy: str, direct: bool) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        proxies = Proxies(None, {"HTTPS_PROXY": PROXY, name: no_proxy})
        assert proxies.url_for("api.powerbi.com", 443) == ("" if direct else PROXY)


@pytest.mark.parametrize(
    ("host", "no_proxy", "direct"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("fd00::1", "fd00::/8", True),
        ("fd00::1", "10.0.0.0/8", False),
    ],
)
def test_no_proxy_with_addresses(host: str, no_proxy: str, direct: bool) -> None:
    proxies = Proxies(None, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert proxies.url_for(host, 443) == ("" if direct else PROXY)


def test_the_option_is_for_all_but_local_hosts() -> None:
    proxies = Proxies(PROXY, {"HTTPS_PROXY": "http://other.test", "NO_PROXY": "*"})
    assert proxies.url_for("api.powerbi.com", 443) == PROXY
    for host in ("localhost", "emulator.localhost", "127.0.0.1", "127.1.2.3", "::1", "169.254.169.254", "fe80::1"):
        assert proxies.url_for(host, 443) == ""


def test_what_is_shown_has_no_password() -> None:
    proxies = Proxies("http://someone:hunter2@proxy.test:3128", {})
    assert proxies.display == "proxy.test:3128"
    assert "hunter2" in proxies.url_for("api.powerbi.com", 443)


@pytest.mark.parametrize(
    "url", ["ftp://proxy.test", "http://", "http://proxy.test:port", "http://[::1", "http://x:hunter2@"]
)
def test_what_is_no_proxy(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Proxies(url, {})
    assert caught.value.option == "proxy"
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigError) as caught:
        Proxies(None, {"ALL_PROXY": url})
    assert caught.value.option == "ALL_PROXY"
