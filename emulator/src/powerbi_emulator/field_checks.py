# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of single values that users of the emulator set. An error contains the field and the allowed values."""

from __future__ import annotations

import base64
import math
import re
import ssl
import typing as t

CENTURY: t.Final = (
    3_155_760_000  # seconds: the longest time; dates within a century of today can be parsed by all clients
)
MOST: t.Final = 1 << 40
_SHOWN: t.Final = 60  # characters of a wrong value in a message
_URL: t.Final = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_CONTROL: t.Final = re.compile(r"[\x00-\x1f\x7f]")


class FieldError(ValueError):
    """An invalid value. The text contains the field, the allowed values, and the value."""

    def __init__(self, name: str, allowed: str, value: t.Any) -> None:
        text = repr(value)
        super().__init__(f"`{name}`: expected {allowed}, got {text if len(text) <= _SHOWN else text[:_SHOWN] + '...'}")


class UnknownFieldError(FieldError):
    """An unknown field."""

    def __init__(self, name: str, known: t.Collection[str], *, what: str = "field") -> None:
        ValueError.__init__(self, f"unknown {what} `{name[:_SHOWN]}`; known: {', '.join(known) or 'none'}")


def mapping(name: str, value: t.Any, known: t.Collection[str] | None = None) -> dict[str, t.Any]:
    """A JSON object; with ``known`` other fields are an error."""
    if not isinstance(value, dict):
        raise FieldError(name, "a JSON object", value)
    unknown = [] if known is None else sorted(set(value) - set(known))
    if unknown:
        raise UnknownFieldError(unknown[0], known or ())
    return value


def number(name: str, value: t.Any, low: float, high: float) -> float:
    """A finite number from ``low`` to ``high``."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not low <= value <= high:
        raise FieldError(name, f"a number from {low:g} to {high:.12g}", value)
    return float(value)


def whole(name: str, value: t.Any, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``; 3.0 is accepted."""
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not is_whole or isinstance(value, bool) or not low <= value <= high:
        raise FieldError(name, f"a whole number from {low} to {high}", value)
    return int(value)


def flag(name: str, value: t.Any) -> bool:
    """true or false; neither 1 nor "true"."""
    if not isinstance(value, bool):
        raise FieldError(name, "true or false", value)
    return value


def text(name: str, value: t.Any, *, most: int = 10_000) -> str:
    """A non-empty text on one line."""
    if not isinstance(value, str) or not value.strip() or len(value) > most or _CONTROL.search(value):
        raise FieldError(name, f"a text of 1 to {most} characters without line breaks and control characters", value)
    return value


def texts(name: str, value: t.Any) -> list[str]:
    """A list of such texts."""
    if not isinstance(value, list):
        raise FieldError(name, "a list of texts", value)
    return [text(f"{name}[{index}]", item) for index, item in enumerate(value)]


def choice(name: str, value: t.Any, choices: t.Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise FieldError(name, f"one of {', '.join(choices)}", value)
    return value


def url(name: str, value: t.Any) -> str:
    """A base URL that is used in headers."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise FieldError(name, "a URL that begins with https:// or http://, without blanks and line breaks", value)
    return value


def connection_string(name: str, value: t.Any) -> str:
    """The connection string of a storage account, with its key, which the message does not contain."""
    found = text(name, value) if isinstance(value, str) and value.strip() else ""
    pairs = dict(one.partition("=")[::2] for one in found.split(";"))
    try:
        valid = bool(pairs.get("AccountName")) and bool(base64.b64decode(pairs.get("AccountKey", ""), validate=True))
    except ValueError:
        valid = False
    if not valid:
        raise FieldError(name, "a connection string with AccountName and AccountKey", "something else")
    return found


def ca_file(name: str, value: t.Any) -> str:
    """A readable PEM file of certificates."""
    path = text(name, value)
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        raise FieldError(name, "a PEM file of certificates that can be read", value) from None
    return path
