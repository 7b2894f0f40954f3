# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Redacts secrets in a result, as ansible-core did up to 2.21. From 2.22 on core's own function is deprecated."""

from __future__ import annotations

import collections.abc
import datetime as dt
import typing as t

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
