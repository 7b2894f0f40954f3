# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Secrets in the user's requests and in responses: passwords and keys by their names, signed URLs, tokens."""

from __future__ import annotations

import json
import re
import typing as t
from urllib.parse import unquote, unquote_plus

from ..._http.response import value_of
from . import secret_names as names
from .secret_texts import MASK, is_signed, without_parts

__all__ = ["MASK", "SHORTEST", "concealed", "returns_secret", "secrets_of", "secrets_of_response"]

SHORTEST = 6  # characters; a shorter value is masked only in its own place, and not where else it occurs

_NAMED: t.Final = {"query": names.in_query, "headers": names.in_header}
_PAIR = ("name", "key", "parametername")
_VALUES = ("value", "newvalue", "currentvalue", "defaultvalue")
_QUERY_VALUE = re.compile(r"(?P<keep>[?&;](?P<name>[^=&;?]+)=)(?P<value>[^&;#]+)")

# Operations whose response is or contains a secret, below the base of their API.
_SECRET_RESPONSES = re.compile(
    r"/(GenerateToken|createTemporaryUploadLocation|eventstreams/[^/]+/(sources|destinations)/[^/]+/connection)\Z",
    re.IGNORECASE,
)


def concealed(params: t.Mapping[str, t.Any], known: t.Container[str] = ()) -> dict[str, t.Any]:
    """A module's parameters for output: secrets of ``path``, ``body``, ``query`` and ``headers`` are masked.

    So are those of options that are not ``known``, as the error about a misspelt option contains its value.
    """
    shown = dict(params)
    for option, value in params.items():
        if option == "path" and isinstance(value, str):
            shown[option] = _of_path(value, set())
        elif option in ("body", "query", "headers"):
            masker = _Masker(_NAMED.get(option, names.in_body))
            shown[option] = _of_text(value, masker) if isinstance(value, str) else masker.masked(value)
        elif option not in known:
            shown[option] = _Masker(names.anywhere).masked(value, str(option))
        elif isinstance(value, (dict, list)):  # where a text or a number belongs
            shown[option] = _Masker(names.anywhere).masked(value)
    return shown


def secrets_of(params: t.Mapping[str, t.Any]) -> set[str]:
    """The values that `concealed` masks and that are long enough to be masked wherever they occur."""
    found: set[str] = set()
    if isinstance(params.get("path"), str):
        _of_path(params["path"], found)
    for option in ("body", "query", "headers"):
        value = params.get(option)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                continue
        masker = _Masker(_NAMED.get(option, names.in_body))
        masker.masked(value)
        found |= masker.found
    return {secret for secret in found if len(secret) >= SHORTEST}


def returns_secret(path: str) -> bool:
    """Whether the response to a request with this path is known to contain a secret."""
    bare = unquote(path.partition("?")[0].partition("#")[0])
    return bool(_SECRET_RESPONSES.search("/" + re.sub(r"/+", "/", bare).strip("/ ")))


def secrets_of_response(path: str, body: t.Any) -> list[str]:
    """Texts in a response that are or contain secrets: a result with them must not be displayed.

    They are signed URLs, keys, passwords and tokens by their names, and the token of GenerateToken.
    """
    found = list(_secret_texts(body, ""))
    if returns_secret(path):
        token = value_of(body, "token")
        found += [token] if isinstance(token, str) and token not in found else []
    return found


def _secret_texts(value: t.Any, name: str) -> t.Iterator[str]:
    if isinstance(value, str):
        if value and (names.in_response(name) or _holds_secret(value)):
            yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _secret_texts(item, name if names.in_response(name) else _name_in(value, str(key)))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _secret_texts(item, name)


def _holds_secret(text: str) -> bool:
    if is_signed(text) or without_parts(text, set()) != text:
        return True
    try:
        return any(_secret_texts(_decoded(text), ""))
    except RecursionError:  # nested too deeply to be parsed: treated as a secret
        return True


def _name_in(mapping: t.Mapping[t.Any, t.Any], key: str) -> str:
    """The name of a mapping's value: that of ``newValue`` in ``{name: PasswordProd, newValue: ...}`` is PasswordProd."""
    if key.lower() in _VALUES:
        for name, item in mapping.items():
            if str(name).lower() in _PAIR and isinstance(item, str) and names.of_pair(item):
                return "secret"
    return key


def _of_path(path: str, found: set[str]) -> str:
    """A path, or a URL, with the secrets of its query masked."""

    def masked(match: re.Match[str]) -> str:
        if not names.in_query(unquote(match["name"])):
            return match[0]
        found.update((match["value"], unquote_plus(match["value"])))
        return match["keep"] + MASK

    return without_parts(_QUERY_VALUE.sub(masked, path), found)


def _of_text(text: str, masker: _Masker) -> str:
    """A text body: JSON is masked as such, any other text as a whole."""
    if not text.strip():
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return MASK
    return json.dumps(masker.masked(value), ensure_ascii=False)


def _decoded(text: str) -> t.Any:
    """The value of a text that is JSON, None for any other."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class _Masker:
    """Masks secrets, and collects them in ``found``. ``is_secret`` returns whether a name is that of a secret."""

    def __init__(self, is_secret: t.Callable[[str], bool]) -> None:
        self.found: set[str] = set()
        self._is_secret = is_secret

    def masked(self, value: t.Any, name: str = "", credential: bool = False) -> t.Any:
        """``value`` with its secrets masked; ``name`` is its name. ``credential``: it is part of a credential."""
        inside = credential or "credential" in name.lower()
        if isinstance(value, dict):
            whole = self._is_secret(name) and not name.lower().startswith(("credential", "key"))
            called = {key: name if whole else self._called(value, str(key), inside) for key in value}
            return {key: self.masked(item, called[key], inside) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.masked(item, name, inside) for item in value]
        if isinstance(value, bool) or value is None or value == "":
            return value
        text = str(value)
        if self._is_secret(name) or is_signed(text):
            # "key" may also be a dictionary's key: only that of a credential is masked wherever it occurs.
            if inside or name.lower() != "key":
                self.found.add(text)
                self.masked(_decoded(text), "", True)
                without_parts(text, self.found)
            return MASK
        return self._within(text, inside) if isinstance(value, str) else value

    def _called(self, mapping: t.Mapping[t.Any, t.Any], key: str, credential: bool) -> str:
        name = _name_in(mapping, key)
        is_pair = any(str(other).lower() in _PAIR for other in mapping)
        return "secret" if credential and key.lower() == "value" and not is_pair else name

    def _within(self, text: str, credential: bool) -> str:
        """A text without a secret name, with the secrets inside it masked."""
        inside = _decoded(text)
        try:
            shown = self.masked(inside, "", credential)
        except RecursionError:  # nested too deeply to be parsed
            return MASK
        return without_parts(text if shown == inside else json.dumps(shown, ensure_ascii=False), self.found)
