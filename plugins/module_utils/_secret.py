# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Secrets: a type whose repr is masked, and their redaction in results as ansible-core did it up to 2.21."""

from __future__ import annotations

import collections.abc
import datetime as dt
import hmac
import re
import typing as t


class Secret:
    """Contains one secret text. Only ``reveal()`` returns it, so that every use can be found by searching for that word."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        # Ansible passes str subclasses with tags; libraries and JSON need a plain str.
        self._text = str.__str__(text)

    def reveal(self) -> str:
        """The secret text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self._text), _bytes(other._text))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> t.Any:
        raise TypeError("a Secret is not to be pickled")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # environment variables may contain bytes that are not UTF-8


_LONGEST_NAME = 40
_DIGIT_WITHIN = re.compile(r"\A[0-9]|[0-9][A-Za-z]")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+|[-_. ]+|.", re.DOTALL)


def may_be_name(text: str) -> bool:
    """Whether a message may show a key or a section of a file with secrets: it consists of words, like client_id.

    The second line of a secret that was written in two lines may be in that position. It almost always has a digit before a
    letter, single lower-case letters or other characters.
    """
    if not text or len(text) > _LONGEST_NAME or not text.isascii() or _DIGIT_WITHIN.search(text):
        return False
    words = _WORDS.findall(text)
    return all(word[0] in "-_. " or word.isdigit() or word.isupper() or len(word) > 1 for word in words)


WHOLE: t.Final = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART: t.Final = "********"
SHORTEST_PART: t.Final = (
    4  # characters; a shorter secret occurs in unrelated texts by chance, and masking it there would reveal it
)


def without_secrets(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
    """A copy of ``value`` in which a text that is a secret is replaced by WHOLE, a secret inside a text by PART.

    One of less than SHORTEST_PART characters is replaced only where it is the whole text.
    """
    whole = {secret for secret in secrets if secret}
    longest_first = sorted((secret for secret in whole if len(secret) >= SHORTEST_PART), key=len, reverse=True)
    return _copy(value, _Secrets(whole, longest_first))


class _Secrets(t.NamedTuple):
    whole: set[str]
    parts: list[str]


def _copy(value: t.Any, secrets: _Secrets) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, secrets)
    if isinstance(value, (int, float)):
        text = str(value)
        return WHOLE if text in secrets.whole or any(secret in text for secret in secrets.parts) else value
    if isinstance(value, collections.abc.Mapping):
        return {key: _copy(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copy(item, secrets) for item in value]
    # An option of type raw may hold a date of YAML.
    return _text(value.isoformat() if isinstance(value, dt.date) else str(value), secrets)


def _text(value: str, secrets: _Secrets) -> str:
    if value in secrets.whole:
        return WHOLE
    for secret in secrets.parts:
        value = value.replace(secret, PART)
    return value
