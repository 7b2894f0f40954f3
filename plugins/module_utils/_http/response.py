# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A decoded response, and the decoding of bodies and texts that may be invalid."""

from __future__ import annotations

import json
import typing as t

from .._auth.scrub import scrub, tidy
from .._errors import TransportError

_LONGEST_TEXT = 64 * 1024  # characters of a foreign text that are processed


class Origin(t.NamedTuple):
    """Where a response came from, to explain failures in it: the API, the caller, and the texts to redact."""

    api: str = ""
    caller: t.Callable[[], t.Mapping[str, str]] = dict
    secrets: t.Callable[[], t.Iterable[str]] = tuple


class ApiResponse(t.NamedTuple):
    """``body`` is the decoded JSON, None for an empty one. ``headers`` are case-insensitive."""

    status: int
    headers: t.Mapping[str, str]
    body: t.Any
    origin: Origin = Origin()

    @property
    def request_id(self) -> str:
        """The request id, for the service's support."""
        return request_id(self.headers)

    def get(self, key: str, default: t.Any = None) -> t.Any:
        """The value of a key of the body, case-insensitive: the service's spelling of keys varies."""
        return value_of(self.body, key, default)


def value_of(mapping: t.Any, key: str, default: t.Any = None) -> t.Any:
    """The value of a key, case-insensitive; ``default`` without it, or if it isn't a mapping. An exact match is preferred."""
    if not isinstance(mapping, dict):
        return default
    if key in mapping:
        return mapping[key]
    desired = key.lower()
    return next((value for name, value in mapping.items() if str(name).lower() == desired), default)


def objects_of(found: t.Any) -> list[dict[str, t.Any]]:
    """The JSON objects of a list in a response; none if it isn't a list."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def request_id(headers: t.Mapping[str, str]) -> str:
    """The request id in the headers of a response of any of the APIs, empty without one."""
    names = ("RequestId", "x-ms-request-id", "request-id", "x-ms-client-request-id")
    return printable(next((headers[name] for name in names if headers.get(name)), ""), 100)


def decode(content: bytes, content_type: str, whose: str) -> t.Any:
    """The JSON value of a body, None for an empty one. Raises TransportError; ``whose`` is the request in it."""
    if not content.strip():
        return None
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        why = "It is not UTF-8"
    except RecursionError:
        why = "It is nested too deeply"
    except ValueError:
        html = content.lstrip()[:1] == b"<" or "html" in content_type
        why = "It is a web page, as proxies and login pages send it" if html else "It is damaged or of another type"
    raise TransportError(
        f"The response to {whose} is not JSON",
        why=why,
        remedy="check `api_url` and `proxy`; a report or file is fetched with `dest`",
        retryable=False,
    )


def printable(text: str, limit: int = 600, secrets: t.Iterable[str] = ()) -> str:
    """Foreign text for a message: one line, without terminal escapes, redacted, and then cut at ``limit`` characters."""
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT].rpartition(" ")[
            0
        ]  # never cuts a secret in two, as half of it would not be redacted
    line = scrub(tidy(text), secrets)
    return line if len(line) <= limit else line[: limit - 3] + "..."
