# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What is a URL with a host, and which URLs a secret may be sent to."""

from __future__ import annotations

import ipaddress
import re

# Stricter than any URL library, so that none can parse another host from a URL that matches.
_ORIGIN = re.compile(r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?=[/?#]|\Z)", re.IGNORECASE)
DEFAULT_PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> tuple[str, str, int] | None:
    """(scheme, host, port) of a URL, lower case; None for another text, and for a URL with a user."""
    match = _ORIGIN.match(url)
    if not match:
        return None
    scheme, host = match.group(1).lower(), match.group(2).lower().rstrip(".")
    return scheme, host, int(match.group(3) or DEFAULT_PORTS[scheme])


def is_https_base(url: str) -> bool:
    """Whether requests can be sent below it: https, a host, no user, query or fragment, nothing that has to be quoted."""
    origin = origin_of(url)
    return (
        origin is not None
        and origin[0] == "https"
        and origin[1][:1] not in ("", ".", "-")
        and url.isprintable()
        and not set(" ?#{}@\\").intersection(url)
    )


def may_carry_secrets(scheme: str, host: str) -> bool:
    """Whether a token may go there: over TLS, or not beyond this machine and its metadata service."""
    return scheme == "https" or (scheme == "http" and is_local(host))


def is_loopback(host: str) -> bool:
    """Whether the host is localhost or a loopback address."""
    address = address_of(host)
    return address.is_loopback if address else host.lower() == "localhost" or host.lower().endswith(".localhost")


def is_local(host: str) -> bool:
    """Whether the host is loopback, or link-local like a cloud's metadata service."""
    address = address_of(host)
    return is_loopback(host) or bool(address and address.is_link_local)


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host is written as, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
