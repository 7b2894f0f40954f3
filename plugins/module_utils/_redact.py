# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Secrets taken out of a result, as ansible-core did up to 2.21. From 2.22 on core's own function is deprecated."""

from __future__ import annotations

import collections.abc
import datetime as dt
import typing as t

WHOLE: t.Final = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PART: t.Final = "********"


def without_secrets(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
    """A copy of ``value`` in which a text that is a secret is replaced by WHOLE, a secret inside a text by PART."""
    longest_first = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    return _copy(value, longest_first)


def _copy(value: t.Any, secrets: list[str]) -> t.Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, secrets)
    if isinstance(value, (int, float)):
        return WHOLE if any(secret in str(value) for secret in secrets) else value
    if isinstance(value, collections.abc.Mapping):
        return {key: _copy(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copy(item, secrets) for item in value]
    # An option of type raw may hold a date of YAML.
    return _text(value.isoformat() if isinstance(value, dt.date) else str(value), secrets)


def _text(value: str, secrets: list[str]) -> str:
    if value in secrets:
        return WHOLE
    for secret in secrets:
        value = value.replace(secret, PART)
    return value
