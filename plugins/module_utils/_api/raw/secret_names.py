# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Names of secrets: in bodies, queries, headers and responses, and in pairs of a name and a value."""

from __future__ import annotations

import re

_NAMES = frozenset(
    (
        "authorization", "connectionstring", "credential", "credentialdata", "credentials", "identityblob", "key", "pat",
        "pin", "sas", "sig",
    )
)  # fmt: skip
_ENDS = (
    "accesskey", "accesssignature", "accountkey", "apikey", "authorization", "clientassertion", "connectionstring",
    "functionkey", "functionskey", "passphrase", "passwd", "password", "primarykey", "privatekey", "pwd", "sastoken",
    "sasuri", "sasurl", "secondarykey", "secret", "secrettext", "secretvalue", "subscriptionkey", "token",
)  # fmt: skip
_NO_SECRETS = re.compile(r"(?:continuation|skip)tokens?\Z|(?:max|min|total|prompt|completion)\w*tokens\Z")
_OF_QUERIES = frozenset(("code", "signature", "xamzsignature"))
_OF_HEADERS = ("auth", "cookie", "key", "sig", "signature")
_INNOCENT_HEADERS = ("idempotencykey", "partitionkey", "sortkey")
# In a response these are usually not secrets: a key of a dictionary, the type of a credential.
_NOT_IN_RESPONSES = frozenset(("credential", "credentials", "key", "pat", "pin"))
_SOUNDS = re.compile(
    r"password|passwd|passphrase|secret|(?:api|access|account|private|primary|secondary|subscription)key|sharedaccess"
    r"|connectionstring"
)
_WORDS = frozenset(("pass", "pat", "pwd", "sas", "token", "tokens"))
_ABOUT = ("count", "expiration", "expiry", "id", "length", "name", "policy", "reference", "type")


def in_body(name: str) -> bool:
    plain = _plain(name)
    return plain in _NAMES or (_singular(plain).endswith(_ENDS) and not _NO_SECRETS.search(plain))


def in_query(name: str) -> bool:
    return in_body(name) or _plain(name) in _OF_QUERIES


def in_header(name: str) -> bool:
    plain = _plain(name)
    return in_body(name) or (plain.endswith(_OF_HEADERS) and not plain.endswith(_INNOCENT_HEADERS))


def anywhere(name: str) -> bool:
    """Whether the name is that of a secret in any of these places, for input of an unknown kind."""
    return in_query(name) or in_header(name)


def in_response(name: str) -> bool:
    """Whether a member of a response is a secret. Connection strings of Event Hubs are; a data source's has no password."""
    plain = _plain(name)
    if plain.endswith("connectionstring"):
        return plain.startswith(("primary", "secondary"))
    return in_body(name) and plain not in _NOT_IN_RESPONSES


def of_pair(name: str) -> bool:
    """Whether the value of a pair with this name is a secret: ``PasswordProd``, ``SQL_PWD``; not ``SecretName``."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    sounds = bool(_SOUNDS.search(_plain(name)) or _WORDS & {word.lower() for word in words})
    about = bool(words) and words[-1].lower() in _ABOUT
    return in_body(name) or (sounds and not about and not _NO_SECRETS.search(_plain(name)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _singular(plain: str) -> str:
    return plain.removesuffix("s")
