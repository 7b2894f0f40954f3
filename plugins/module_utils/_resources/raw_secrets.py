# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Secrets in a request that a user wrote, and in answers: passwords and keys by their names, signed URLs, tokens."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._http.answer import value_of

MASK = "********"
SHORTEST = 6  # characters; the value of a shorter one is masked where it stands, but not wherever else it occurs

_NAMES = frozenset(
    (
        "apikey", "connectionstring", "credential", "credentials", "identityblob", "key", "pat", "passphrase", "passwd",
        "pin", "privatekey", "pwd", "sas", "sasuri", "sasurl", "secret", "token",
    )
)  # fmt: skip
_ENDS = (
    "password",
    "secret",
    "accesskey",
    "accountkey",
    "sharedaccesskey",
    "apikey",
    "privatekey",
    "token",
    "passphrase",
)
_NO_SECRETS = frozenset(("continuationtoken", "skiptoken"))
_SIGNED = re.compile(r"[?&;](?:sig|X-Amz-Signature)=[^&\s\"']", re.IGNORECASE)
_SIGNED_URL = re.compile(r"https?://[^\s\"'<>]*[?&;](?:sig|X-Amz-Signature)=[^\s\"'<>]+", re.IGNORECASE)
_JWT = re.compile(r"(?:Bearer\s+)?eyJ[\w-]{8,}\.[\w-]+\.[\w-]*\Z")


def concealed(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A module's parameters as they may be shown: secrets of ``body``, ``query`` and ``headers`` are masked."""
    shown = dict(params)
    for option in ("body", "query", "headers"):
        if isinstance(shown.get(option), str):
            shown[option] = _of_text(shown[option])
        elif shown.get(option):
            shown[option] = _masked(shown[option], "", set(), False)
    return shown


def secrets_of(params: t.Mapping[str, t.Any]) -> set[str]:
    """The values that `concealed` masks, as far as they are long enough to be masked wherever they occur."""
    found: set[str] = set()
    for option in ("body", "query", "headers"):
        value = params.get(option)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                continue
        _masked(value, "", found, False)
    return {secret for secret in found if len(secret) >= SHORTEST}


def secret_answers(path: str, body: t.Any) -> list[str]:
    """Signed URLs in an answer, and the token of GenerateToken: a result that has one must not be shown."""
    found = [text for text in _texts(body) if _SIGNED_URL.search(text)]
    if path.partition("?")[0].rstrip("/").lower().endswith("/generatetoken"):
        found += [text for text in (value_of(body, "token"),) if isinstance(text, str)]
    return found


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _of_text(text: str) -> str:
    """A body that is a text: JSON is masked as such, anything else as a whole."""
    if not text.strip():
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return MASK
    return json.dumps(_masked(value, "", set(), False), ensure_ascii=False)


def _masked(value: t.Any, name: str, found: set[str], credential: bool) -> t.Any:
    """``value`` with its secrets masked, which are added to ``found``. ``credential``: it is part of a credential."""
    secret, inside = _is_secret(name), credential or "credential" in name.lower()
    if isinstance(value, dict):
        whole = secret and not name.lower().startswith(("credential", "key"))
        names = {key: name if whole else _named(value, str(key)) for key in value}
        return {key: _masked(item, names[key], found, inside) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, name, found, inside) for item in value]
    if isinstance(value, bool) or value is None or value == "":
        return value
    text = str(value)
    if secret or (isinstance(value, str) and (_SIGNED.search(text) or _JWT.match(text))):
        # A key may be one of a dictionary, too: only that of a credential is masked wherever it occurs.
        if inside or name.lower() != "key":
            found.add(text)
            _nested(text, found)
        return MASK
    return value


def _named(pair: t.Mapping[t.Any, t.Any], key: str) -> str:
    """What a key of a mapping is called: of ``{name: Password, value: ...}`` the value is called Password."""
    named = next((str(item) for name, item in pair.items() if str(name).lower() == "name"), "")
    return named if key.lower() in ("value", "newvalue") and _is_secret(named) else key


def _nested(text: str, found: set[str]) -> None:
    """Secrets in a text that is JSON again, as the credentials of Power BI's data sources are."""
    if text.lstrip().startswith("{"):
        try:
            _masked(json.loads(text), "", found, True)
        except (ValueError, RecursionError):
            return


def _is_secret(name: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain in _NAMES or (plain.endswith(_ENDS) and plain not in _NO_SECRETS)
