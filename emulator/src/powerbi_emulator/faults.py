# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test orders: statuses, delays, resets, truncated and slow answers, for the paths that match.

This file holds the rules and picks the one that applies; ``fault_player`` carries it out.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import typing as t

from powerbi_emulator.path_pattern import PathPattern, PatternError, compiled

RESETS: t.Final = ("before", "after")


@dataclasses.dataclass
class Fault:
    """One rule. ``path`` (an expression of `path_pattern`) is searched in the request's path; without ``methods`` all.

    ``status``, ``body``, ``aadsts``, ``code`` (of an API's error), ``operation_error`` (of an operation that failed:
    errorCode, message, moreDetails, relatedResource) or ``headers`` replace or complete the answer; with ``acted`` the
    emulator does the work first, as a server does whose answer is lost. ``delay`` in seconds, ``truncate`` in bytes
    that are still sent (-1: half), ``drip`` in bytes a second. ``skip`` requests pass first, then ``times`` requests
    are hit (None: all).
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
        """Whether the answer comes from this rule rather than from the emulator."""
        return self.status is not None or self.body is not None or self.aadsts is not None or self.named

    @property
    def named(self) -> bool:
        """Whether the answer is an error of an API by its code, or an operation that failed."""
        return self.code is not None or self.operation_error is not None

    def matches(self, method: str, path: str) -> bool:
        return (not self.methods or method in self.methods) and self._pattern.found_in(path)

    def to_dict(self) -> dict[str, t.Any]:
        """As it was given, with ``id`` and ``hits``."""
        plain = ("id", "path", "status", "headers", "body", "aadsts", "acted", "delay", "reset", "truncate", "drip")
        names = (*plain, "code", "operation_error")
        given = {name: getattr(self, name) for name in (*names, "times", "skip", "hits")}
        return {**given, "method": sorted(self.methods) or None}

    @classmethod
    def parse(cls, number: int, data: t.Any) -> Fault:
        """Check the JSON of a rule. Raises ValueError naming the key and what was expected."""
        if not isinstance(data, dict):
            raise ValueError("a fault is a JSON object with at least `path`")
        unknown = set(data) - _KEYS
        if unknown:
            raise ValueError(f"unknown key '{min(unknown)}'; known: {', '.join(sorted(_KEYS))}")
        path = data.get("path")
        if not isinstance(path, str):
            raise ValueError("`path`: expected a regular expression for the request's path")
        try:
            compiled(path)
        except PatternError as error:
            raise ValueError(f"`path`: '{path}' is no expression for a path: {error}") from error
        return cls(
            id=number,
            path=path,
            methods=_methods(data.get("method")),
            status=_whole(data, "status", 200, 599),
            headers=_headers(data.get("headers")),
            body=_body(data.get("body")),
            aadsts=_whole(data, "aadsts", 1, 99_999_999),
            code=_code(data.get("code")),
            operation_error=_operation_error(data.get("operation_error")),
            acted=_flag(data, "acted"),
            delay=_positive(data, "delay") or 0.0,
            reset=_reset(data.get("reset")),
            truncate=-1 if data.get("truncate") is True else _whole(data, "truncate", 0, 1 << 40),
            drip=_positive(data, "drip"),
            times=_whole(data, "times", 1, 1 << 40),
            skip=_whole(data, "skip", 0, 1 << 40) or 0,
        )


_KEYS: t.Final = frozenset(
    (
        *("path", "method", "status", "headers", "body", "aadsts", "code", "operation_error", "acted"),
        *("delay", "reset", "truncate", "drip", "times", "skip"),
    )
)


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, data: t.Any) -> list[Fault]:
        """Add a rule or a list of rules. Raises ValueError if one is wrong; then none is added."""
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
        """Those still in force and those used up, with their hits."""
        return list(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """The first rule that applies to this request, counted as hit; None when there is none."""
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
    names = [value] if isinstance(value, str) else value or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("`method`: expected an HTTP method or a list of them")
    return frozenset(name.upper() for name in names if name != "*")


def _whole(data: dict[str, t.Any], key: str, low: int, high: int) -> int | None:
    value = data.get(key)
    if value is None or value is False:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"`{key}`: expected a whole number from {low} to {high}, got {value!r}")
    return value


def _positive(data: dict[str, t.Any], key: str) -> float | None:
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < math.inf:
        if value == 0 and not isinstance(value, bool):
            return None
        raise ValueError(f"`{key}`: expected a positive number, got {value!r}")
    return float(value)


def _flag(data: dict[str, t.Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"`{key}`: expected true or false, got {value!r}")
    return value


def _headers(value: t.Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(item, (str, int, float)) for item in value.values()):
        raise ValueError("`headers`: expected an object of header names and values")
    return {str(name): str(item) for name, item in value.items()}


def _code(value: t.Any) -> str | None:
    if value is None or (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.]{1,100}", value)):
        return value
    raise ValueError(f"`code`: expected an API's error code, got {value!r}")


def _operation_error(value: t.Any) -> dict[str, t.Any] | None:
    known = {"errorCode", "message", "moreDetails", "relatedResource", "isRetriable", "requestId"}
    if value is None or (isinstance(value, dict) and isinstance(value.get("errorCode"), str) and set(value) <= known):
        return value
    raise ValueError(f"`operation_error`: expected an object with errorCode and, if wanted, {', '.join(sorted(known))}")


def _body(value: t.Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _reset(value: t.Any) -> str | None:
    if value is None or value is False:
        return None
    if value is True:
        return "before"
    if value not in RESETS:
        raise ValueError(f"`reset`: expected true, 'before' or 'after', got {value!r}")
    return str(value)
