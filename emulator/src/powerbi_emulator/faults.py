# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that tests configure: statuses, delays, resets, truncated and slow responses, for matching paths.

This file contains the rules and selects the one that applies; ``fault_player`` applies it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t

from powerbi_emulator.field_checks import MOST, FieldError, choice, flag, mapping, number, text, whole
from powerbi_emulator.path_pattern import PathPattern, PatternError, compiled

RESETS: t.Final = ("before", "after")
METHODS: t.Final = ("*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LONGEST_DELAY: t.Final = 86_400  # seconds
_SLOWEST_DRIP: t.Final = 0.1  # bytes a second
_TOKEN: t.Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_HEADER_VALUE: t.Final = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,8000}")
_OF_THE_CONNECTION: t.Final = frozenset(("content-length", "transfer-encoding", "connection"))


@dataclasses.dataclass
class Fault:
    """One rule. ``path`` (an expression of `path_pattern`) is searched in the request's path; without ``methods`` all.

    ``status``, ``body``, ``aadsts``, ``code`` (of an API's error), ``operation_error`` (of an operation that failed:
    errorCode, message, moreDetails, relatedResource) or ``headers`` replace or complete the response; with ``acted``
    the emulator processes the request first, as a server whose response is lost. ``delay`` in seconds, ``truncate`` in
    bytes that are still sent (-1: half), ``drip`` in bytes per second. ``skip`` requests pass first, then the fault
    applies to ``times`` requests (None: all).
    """

    id: int
    path: str
    methods: frozenset[str]
    status: int | None = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: str | None = None
    aadsts: int | None = None
    code: str | None = None
    operation_error: dict[str, t.Any] | None = None
    acted: bool = False
    delay: float = 0.0
    reset: str | None = None
    truncate: int | None = None
    drip: float | None = None
    times: int | None = None
    skip: int = 0
    hits: int = 0
    _pattern: PathPattern = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pattern = compiled(self.path)

    @property
    def replaces(self) -> bool:
        """Whether this rule defines the response, rather than the emulator."""
        return self.status is not None or self.body is not None or self.aadsts is not None or self.named

    @property
    def named(self) -> bool:
        """Whether the response is an API's error by its code, or a failed operation."""
        return self.code is not None or self.operation_error is not None

    def matches(self, method: str, path: str) -> bool:
        return (not self.methods or method in self.methods) and self._pattern.found_in(path)

    def to_dict(self) -> dict[str, t.Any]:
        """The rule as in the request, with ``id`` and ``hits``."""
        plain = ("id", "path", "status", "headers", "body", "aadsts", "acted", "delay", "reset", "truncate", "drip")
        names = (*plain, "code", "operation_error")
        given = {name: getattr(self, name) for name in (*names, "times", "skip", "hits")}
        return {**given, "method": sorted(self.methods) or None}

    @classmethod
    def parse(cls, number_of_rule: int, data: t.Any) -> Fault:
        """Check the JSON of a rule. Raises ValueError with the key and the expected value."""
        data = mapping("a fault", data, _KEYS)
        path = data.get("path")
        if not isinstance(path, str):
            raise FieldError("path", "a regular expression for the request's path", path)
        try:
            compiled(path)
        except PatternError as error:
            raise ValueError(f"`path`: '{path}' is no expression for a path: {error}") from error

        def given(key: str, check: t.Callable[..., t.Any], *limits: float, default: t.Any = None) -> t.Any:
            return default if data.get(key) is None else check(key, data[key], *limits)

        truncate, drip = data.get("truncate"), data.get("drip")
        fault = cls(
            id=number_of_rule,
            path=path,
            methods=_methods(data.get("method")),
            status=given("status", whole, 200, 599),
            headers=_headers(data.get("headers")),
            body=_body(data.get("body")),
            aadsts=given("aadsts", whole, 1, 99_999_999),
            code=given("code", _code),
            operation_error=given("operation_error", _operation_error),
            acted=given("acted", flag, default=False),
            delay=given("delay", number, 0, _LONGEST_DELAY, default=0.0),
            reset=given("reset", _reset),
            truncate=-1 if truncate is True else None if truncate is False else given("truncate", whole, 0, MOST),
            drip=None if drip == 0 and drip is not False else given("drip", number, _SLOWEST_DRIP, MOST),
            times=given("times", whole, 1, MOST),
            skip=given("skip", whole, 0, MOST, default=0),
        )
        if fault.body and fault.status in (204, 205, 304):
            raise FieldError("body", f"none, as an answer with the status {fault.status} has none", data["body"])
        if fault.acted and not fault.replaces:
            raise FieldError(
                "acted", "beside status, body, aadsts, code or operation_error, which answer instead", True
            )
        return fault


_KEYS: t.Final = (
    *("path", "method", "status", "headers", "body", "aadsts", "code", "operation_error", "acted"),
    *("delay", "reset", "truncate", "drip", "times", "skip"),
)


class Faults:
    """The active rules, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, data: t.Any) -> list[Fault]:
        """Add a rule or a list of rules. Raises ValueError if one is invalid; then none is added."""
        parsed = [
            Fault.parse(self._last_id + number, item)
            for number, item in enumerate(data if isinstance(data, list) else [data], start=1)
        ]
        self._last_id += len(parsed)
        self._faults += parsed
        return parsed

    def clear(self) -> None:
        self._faults.clear()

    def all(self) -> list[Fault]:
        """The active and the used rules, with their hits."""
        return list(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """The first rule that applies to this request, whose hits are incremented; None if there is none."""
        for fault in self._faults:
            if not fault.matches(method, path) or (fault.times is not None and fault.hits >= fault.times):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.hits += 1
            return fault
        return None


def _methods(value: t.Any) -> frozenset[str]:
    names = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name.upper() in METHODS for name in names):
        raise FieldError("method", f"an HTTP method or a list of them ({', '.join(METHODS)})", value)
    return frozenset(name.upper() for name in names if name != "*")


def _headers(value: t.Any) -> dict[str, str]:
    """Check headers: valid in HTTP, and none that would break the connection, for which there are other keys."""
    headers: dict[str, str] = {}
    for name, item in ({} if value is None else mapping("headers", value)).items():
        if not _TOKEN.fullmatch(name):
            raise FieldError("headers", "names of letters, digits and hyphens", name)
        if name.lower() in _OF_THE_CONNECTION:
            raise FieldError(f"headers.{name}", "another header; for a broken answer use `truncate` or `reset`", item)
        header_value = item if isinstance(item, str) else str(item) if type(item) in (int, float) else None
        if header_value is None or not _HEADER_VALUE.fullmatch(header_value):
            allowed = "a number, or a text of at most 8000 Latin-1 characters without line breaks"
            raise FieldError(f"headers.{name}", allowed, item)
        headers[name] = header_value
    return headers


def _code(name: str, value: t.Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.]{1,100}", value):
        raise FieldError(name, "an API's error code", value)
    return value


def _operation_error(name: str, value: t.Any) -> dict[str, t.Any]:
    known = ("errorCode", "message", "moreDetails", "relatedResource", "isRetriable", "requestId")
    error = mapping(name, value, known)
    text(f"{name}.errorCode", error.get("errorCode"))
    return error


def _body(value: t.Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _reset(name: str, value: t.Any) -> str | None:
    if value is False:
        return None
    return "before" if value is True else choice(name, value, RESETS)
