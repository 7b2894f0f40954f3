# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Reads a service's failure in all its shapes: error responses of every API, and operations that failed.

An error has the same parts in each shape: a code, a text, further codes with texts (`moreDetails`, `details`,
`innererror`, `pbi.error`), a request id, and the resource that it is about.
"""

from __future__ import annotations

import contextlib
import json
import re
import types
import typing as t

from .error_table import is_generic, is_known
from .response import printable, request_id, value_of

_LONGEST_CODE = 100
_MOST_DETAILS = 20
_DEEPEST = 8
_TEXTS = ("message", "error_description", "errorDescription", "errorDetails", "details", "detail")
# Keys under which an error may contain a more specific one; first those that replace the error itself.
_INNER = ("pbi.error", "innererror", "error", "failureReason", "serviceExceptionJson")
_DETAILS = ("moreDetails", "details", "messages")
_WORD = re.compile(r"[A-Za-z0-9_.]{1,100}\Z")
_CHALLENGE = re.compile(r"\berror=\"?(insufficient_claims)\b")


class Detail(t.NamedTuple):
    """One more code and text of an error; ``related`` is the resource that it is about: {"id": ..., "type": ...}."""

    code: str
    message: str
    related: t.Mapping[str, str] = types.MappingProxyType({})

    def to_dict(self) -> dict[str, t.Any]:
        """The detail as a JSON-ready value, without empty fields."""
        values = {"code": self.code, "message": self.message, "related_resource": dict(self.related)}
        return {name: value for name, value in values.items() if value}


class Failure(t.NamedTuple):
    """``code`` is the most specific one, ``message`` the text with the texts of the details, in one line.

    ``status`` is 0 for an operation. ``retriable`` is the service's ``isRetriable``. Contains no secrets.
    """

    status: int
    code: str
    message: str
    request_id: str = ""
    retriable: bool | None = None
    related: t.Mapping[str, str] = types.MappingProxyType({})
    details: tuple[Detail, ...] = ()


def read_failure(status: int, headers: t.Mapping[str, str], content: bytes, secrets: t.Iterable[str] = ()) -> Failure:
    """The failure in a response of any service; ``secrets`` are removed from its texts."""
    try:
        body = json.loads(content.decode("utf-8-sig")) if content.strip() else None
    except (ValueError, RecursionError):
        body = None
    return read_error(body, headers, status=status, secrets=secrets)


def read_error(
    thing: t.Any, headers: t.Mapping[str, str], *, status: int = 0, secrets: t.Iterable[str] = ()
) -> Failure:
    """The failure in a decoded body: an error, or an operation, import or refresh that failed."""
    parts = _Parts(tuple(secrets))
    parts.read(thing, 0)
    parts.read_headers(headers)
    retriable = value_of(thing, "isRetriable")
    return Failure(
        status,
        parts.code(),
        parts.message(),
        parts.request_id or request_id(headers),
        retriable if isinstance(retriable, bool) else None,
        parts.related,
        tuple(parts.details[:_MOST_DETAILS]),
    )


class _Parts:
    """The parts of an error, collected from all its levels. ``codes`` have the innermost last."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self.codes: list[str] = []
        self.texts: list[str] = []
        self.details: list[Detail] = []
        self.related: t.Mapping[str, str] = {}
        self.request_id = ""

    def code(self) -> str:
        """The most specific code: that of a detail if a rule names it, else the innermost that is not generic."""
        details = [detail.code for detail in self.details if detail.code]
        chain = self.codes[::-1]
        known = next((code for code in (*details, *chain) if is_known(code)), "")
        return known or next((code for code in chain if not is_generic(code)), "") or next(iter([*details, *chain]), "")

    def message(self) -> str:
        code = self.code()
        texts = list(self.texts)
        for detail in self.details:
            named = detail.code and detail.code != code and not is_generic(detail.code)
            texts.append(f"{detail.message} ({detail.code})" if named and detail.message else detail.message)
        whole = ""
        for text in dict.fromkeys(text for text in texts if text):
            if text not in whole:
                whole = f"{whole}{'' if whole.endswith(('.', '!', '?', ':')) else '.'} {text}" if whole else text
        return printable(whole, secrets=self._secrets)

    def read(self, node: t.Any, depth: int) -> None:
        """Read an error, or an object that contains one."""
        if depth > _DEEPEST:
            return
        node = _unpacked(node)
        if isinstance(node, str):
            self._take_word(node)
        if not isinstance(node, dict):
            return
        for key in ("errorCode", "code"):
            self._take_code(value_of(node, key))
        for key in _TEXTS:
            self._take_text(value_of(node, key))
        self.request_id = self._clean(value_of(node, "requestId"), _LONGEST_CODE) or self.request_id
        self.related = self._related(node) or self.related
        for key in _INNER:
            self.read(value_of(node, key), depth + 1)
        for key in _DETAILS:
            entries = value_of(node, key)
            for entry in entries if isinstance(entries, list) else ():
                self._take_detail(entry)

    def read_headers(self, headers: t.Mapping[str, str]) -> None:
        """Read codes and texts from headers: some error responses of Power BI have no body."""
        challenge = _CHALLENGE.search(headers.get("WWW-Authenticate", ""))
        if challenge:
            self._take_code(challenge[1])
        if not self.codes:
            names = ("x-ms-public-api-error-code", "X-PowerBI-Error-Info", "x-ms-error-code")
            self._take_code(next((headers[name] for name in names if headers.get(name)), ""))
        details = _unpacked(headers.get("X-PowerBI-Error-Details", ""))
        if isinstance(details, str):
            self._take_text(details)
        else:
            before = list(self.codes)
            self.read(details, 0)
            self.codes = before or self.codes

    def _take_word(self, text: str) -> None:
        """An error that is a plain text is a code if it is one word (as in OAuth), otherwise a message."""
        if _WORD.match(text):
            self._take_code(text)
        else:
            self._take_text(text)

    def _take_code(self, value: t.Any) -> None:
        code = self._clean(value, _LONGEST_CODE)
        if code and not code.isdigit():
            self.codes.append(code)

    def _take_text(self, value: t.Any) -> None:
        if isinstance(value, dict):  # {"type": 1, "value": text}
            value = value_of(value, "value")
        if self._take_nested(value):
            return
        text = self._clean(value)
        if text and not text.isdigit():
            self.texts.append(text)

    def _take_nested(self, text: t.Any) -> bool:
        """Read a text that is an error in JSON, such as messages of an enhanced refresh. Returns whether it was one."""
        inner = _unpacked(text) if isinstance(text, str) and text.lstrip().startswith("{") else None
        if not isinstance(inner, dict):
            return False
        self.read(inner, _DEEPEST - 1)
        return True

    def _take_detail(self, entry: t.Any) -> None:
        labelled = isinstance(value_of(entry, "detail"), dict)  # of pbi.error: the code is a label of the text
        if labelled or not isinstance(entry, dict):
            self._take_text(value_of(entry, "detail") if labelled else entry)
            return
        code = self._clean(value_of(entry, "errorCode") or value_of(entry, "code"), _LONGEST_CODE)
        if self._take_nested(value_of(entry, "message")):
            entry = {**entry, "message": ""}
        detail = Detail("" if code.isdigit() else code, self._clean(value_of(entry, "message")), self._related(entry))
        if any(detail):
            self.details.append(detail)
            self.related = self.related or detail.related

    def _related(self, node: t.Any) -> dict[str, str]:
        resource = value_of(node, "relatedResource")
        values = {
            "id": self._clean(value_of(resource, "resourceId"), _LONGEST_CODE),
            "type": self._clean(value_of(resource, "resourceType"), _LONGEST_CODE),
        }
        return {name: value for name, value in values.items() if value}

    def _clean(self, value: t.Any, limit: int = 600) -> str:
        return printable(value, limit, secrets=self._secrets).strip() if isinstance(value, str) else ""


def _unpacked(value: t.Any) -> t.Any:
    """The decoded value of a text that is JSON, such as the error of a failed refresh; other values unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(value)
    return value
