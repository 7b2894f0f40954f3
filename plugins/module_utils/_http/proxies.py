# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The proxy of a request: from the option, else from the environment, as in curl and requests."""

from __future__ import annotations

import ipaddress
import typing as t
from urllib.parse import urlsplit

from .._errors import ConfigError
from .._urls import address_of, is_local

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


class Proxies:
    """``proxy`` (the option) applies to every host, the variables' proxies to hosts that NO_PROXY does not name.

    Neither applies to loopback and link-local addresses: no proxy reaches the emulator or the managed identity endpoint.
    Raises ConfigError for an invalid proxy URL.
    """

    def __init__(self, proxy: str | None, environ: t.Mapping[str, str]) -> None:
        if proxy:
            self._url, self.source, self._exempt = _checked(proxy, "proxy"), "proxy", ""
            return
        self._url = self.source = self._exempt = ""
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            if environ.get(name):
                self._url, self.source = _checked(environ[name], name), name
                break
        self._exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""

    def url_for(self, host: str, port: int) -> str:
        """The proxy's URL, with its user and password if it has any: a secret. Empty for a direct connection."""
        return "" if not self._url or is_local(host) or _matches(host, port, self._exempt) else self._url

    @property
    def is_socks(self) -> bool:
        """Whether the option or a variable is a SOCKS URL, which needs PySocks."""
        return self._url.lower().startswith("socks")

    @property
    def display(self) -> str:
        """host:port of the proxy, for messages."""
        parts = urlsplit(self._url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _checked(text: str, option: str) -> str:
    url = text.strip() if "://" in text else f"http://{text.strip()}"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, usable = None, False
    if parts is None or not usable or parts.scheme.lower() not in SCHEMES:
        raise ConfigError(
            f"{option} is not the URL of a proxy",  # not the value: it may hold a password
            option=option,
            remedy="write it as http://host:port or http://user:password@host:port, special characters percent-encoded",
        )
    return url


def _matches(host: str, port: int, exempt: str) -> bool:
    """Whether NO_PROXY (names, suffixes, addresses, networks, any with :port, or *) names the host."""
    address, host = address_of(host), host.lower().rstrip(".")
    for entry in (part.strip().lower() for part in exempt.split(",")):
        if not entry:
            continue
        if entry == "*":
            return True
        if address:
            try:
                if address in ipaddress.ip_network(entry, strict=False):
                    return True
            except ValueError:
                pass
        name = entry.lstrip("*").lstrip(".")
        if name and any(name == own or own.endswith("." + name) for own in (host, f"{host}:{port}")):
            return True
    return False
