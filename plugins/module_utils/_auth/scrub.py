# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Redact secrets in a text of a server or another program, before it is shown.

In two ways, since neither is enough: by the known secrets, in the encodings in which a server may echo them, and by the
form of a secret. Ids, thumbprints, URLs and times stay, because Microsoft's support needs them.
"""

from __future__ import annotations

import html
import json
import re
import typing as t
import urllib.parse

from .._guid import GUID

MASK = "***"


_SECRET_NAMES = (
    "client_secret|client_assertion|assertion|password|passwd|secret|refresh_token|access_token|id_token|device_code|"
    "private_?key|authorization|pwd|account_?key|shared_?access_?(?:key|signature)|access_?key|api_?key|primary_?key|"
    "secondary_?key|secret_?text|secret_?value"
)
_PATTERNS = (
    re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL),
    # Of a connection string: up to the next semicolon, after any text
    re.compile(
        r"""(?P<keep>;\s*(?:password|pwd|account_?key|shared_?access_?key)\s*=\s*)(?:"[^"]*"?|'[^']*'?|[^;"'\r\n]+)""",
        re.IGNORECASE,
    ),
    re.compile(
        r"""(?P<keep>\b(?:password|pwd|account_?key|shared_?access_?key)\s*=\s*)[^;"'\r\n]+(?=;)""",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>(?<![A-Za-z0-9])sig(?:nature)?=)[^\s\"'&,;<>]+", re.IGNORECASE),  # of a signed URL
    re.compile(r"(?P<keep>[?&]code=)[^\s\"'&,;<>]+", re.IGNORECASE),
    # name=value, name: value, "name": "value"; an Authorization header has a scheme before the value
    re.compile(
        rf"""(?P<keep>(?:{_SECRET_NAMES})["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+)?"""
        r"""(?:"[^"]*"?|'[^']*'?|[^\s"'&,;}]+)""",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\b(?:bearer|basic)\s+)[A-Za-z0-9+/=_~.-]{20,}", re.IGNORECASE),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_=-]*)*"),  # a JWT, or the part of one that was quoted
    re.compile(r"(?P<keep>://)[^\s/@]+(?=@)"),  # user and password of a URL
)
_SHORTEST = 3
# What a terminal interprets: control sequences, operating system commands, other escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"
    r"|\x1b[ -/]*[0-~]?"
)
_RUN = re.compile(r"[A-Za-z0-9+/=_~.-]{24,}")
_THUMBPRINT = re.compile(r"(?:[0-9a-f]{40}|[0-9A-F]{40}|[0-9a-f]{64}|[0-9A-F]{64})\Z")


def tidy(text: str) -> str:
    """A foreign text in one line, without terminal escapes, control characters and others that can't be seen."""
    text = _ESCAPES.sub("", text)
    return " ".join("".join(c if c.isprintable() else " " if c.isspace() else "" for c in text).split())


def scrub(text: str, secrets: t.Iterable[str] = ()) -> str:
    """``text`` without the ``secrets`` (also URL-, JSON- and HTML-encoded) and without texts of that form.

    A secret of less than three characters is removed only as a whole word: otherwise texts would become unreadable.
    """
    forms = {form for secret in secrets if secret for form in (*_forms(secret), tidy(secret)) if form}
    if forms:
        longest_first = sorted(forms, key=len, reverse=True)
        text = re.sub("|".join(map(_pattern, longest_first)), MASK, text)
    for pattern in _PATTERNS:
        text = pattern.sub(_masked, text)
    return _RUN.sub(lambda run: MASK if may_be_secret(run[0]) else run[0], text)


def _pattern(form: str) -> str:
    return re.escape(form) if len(form) >= _SHORTEST else rf"(?<!\w){re.escape(form)}(?!\w)"


def may_be_secret(text: str) -> bool:
    """Whether a word has the form of a secret: long and random, and neither a GUID, a thumbprint, a host nor a path."""
    text = GUID.sub("", text)
    is_path = text.startswith("/") and not set("+=") & set(text)  # of a URL, mostly; else slashes are base64
    return any(_random(part) for part in (text.split("/") if is_path else (text,)))


def _masked(match: re.Match[str]) -> str:
    return match.groupdict().get("keep", "") + MASK


def _forms(secret: str) -> tuple[str, ...]:
    return (
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1],
        html.escape(secret),
    )


def _random(part: str) -> bool:
    if len(part) < 24 or _THUMBPRINT.match(part) or _is_identifier(part):
        return False
    mixed = bool(re.search("[a-z]", part)) and bool(re.search("[A-Z]", part))
    digits = bool(re.search("[0-9]", part))
    jumps = len(re.findall("[a-z][A-Z]", part))  # few in CamelCase, many in base64
    return (mixed and (digits or jumps * 8 >= len(part))) or (digits and len(part) >= 40)


def _is_identifier(part: str) -> bool:
    """Whether it is made of words, as the services' error codes are: WorkspaceRoleNotAllowedForServicePrincipal."""
    words = re.findall(r"[A-Z]*[a-z]*", part)
    plain = [word for word in words if re.fullmatch(r"[A-Z]?[a-z]+", word)]
    mostly = len(plain) * 10 >= len([word for word in words if word]) * 9
    return bool(re.fullmatch(r"[A-Za-z_.]+", part)) and mostly and sum(map(len, plain)) >= 4 * len(plain)
