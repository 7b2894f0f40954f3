# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Secrets by their form, anywhere in a text: signed URLs, tokens, connection strings, private keys."""

from __future__ import annotations

import re
import typing as t

MASK = "********"

_SIGNED = re.compile(r"(?:\A|[?&;\s\"'])(?:sig|X-Amz-Signature)=[^&\s\"']", re.IGNORECASE)
_NAME = r"(?:password|pwd|account_?key|shared_?access_?key|shared_?access_?signature|client_?secret|api_?key)"
# A pattern, and the texts that must occur for it, a fast check for files of megabytes, mostly base64.
_PARTS: t.Final = (
    (
        ("-----BEGIN ", "PRIVATE KEY-----"),
        re.compile(r"(?P<secret>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*KEY-----|\Z))", re.DOTALL),
    ),
    # The password of a URL
    (("://", "@"), re.compile(r"(?P<keep>://[^\s/?#:@\"'<>]*:)(?P<secret>[^\s/?#\"'<>]+)(?=@)")),
    # Of a connection string: up to the next semicolon, spaces included
    (
        ("=",),
        re.compile(rf"(?P<keep>{_NAME}\s*=\s*)(?!\*{{8}})(?P<secret>\"[^\"]+\"|'[^']+'|[^;\"'\s][^;\"'\r\n]*)", re.IGNORECASE),
    ),
    ((" ",), re.compile(r"(?P<keep>\b(?:Bearer|Basic)\s+)(?P<secret>[A-Za-z0-9+/=_~.-]{20,})", re.IGNORECASE)),
    (("eyJ", "."), re.compile(r"(?P<secret>\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*)")),  # a JWT
)  # fmt: skip


def is_signed(text: str) -> bool:
    """Whether it contains the signature of a signed URL, with or without the URL."""
    return _names_a_value(text) and bool(_SIGNED.search(text))


def without_parts(text: str, found: set[str]) -> str:
    """``text`` with its secret parts masked, which are added to ``found``."""

    def masked(match: re.Match[str]) -> str:
        found.add(match["secret"].strip("\"'"))
        return match.groupdict().get("keep", "") + MASK

    named = _names_a_value(text)
    for needed, pattern in _PARTS:
        if all(part in text for part in needed) and (named or "=" not in needed):
            text = pattern.sub(masked, text)
    return text


def _names_a_value(text: str) -> bool:
    """Whether it may contain a ``name=value``; the padding of base64 does not count."""
    return "=" in text.rstrip("=")
