# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A type for secrets that is redacted in repr, str, format, tracebacks' locals, pickles and dataclass reprs.

And the check of names in files with secrets, before a message shows them.
"""

from __future__ import annotations

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


def looks_like_name(text: str) -> bool:
    """Whether a message may show a key or a section of a file with secrets: it consists of words, like client_id.

    The second line of a secret that was written in two lines may be in that position. It almost always has a digit before a
    letter, single lower-case letters or other characters.
    """
    if not text or len(text) > _LONGEST_NAME or not text.isascii() or _DIGIT_WITHIN.search(text):
        return False
    words = _WORDS.findall(text)
    return all(word[0] in "-_. " or word.isdigit() or word.isupper() or len(word) > 1 for word in words)
