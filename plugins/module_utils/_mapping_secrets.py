# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Mappings that contain a secret, such as a vault's entry: which of their values ansible-core has to mask in all output.

ansible-core 2.22 masks all registered secrets in all output, however short. Of an option with ``no_log`` that is a mapping
it would register each value, so that the tenant, the app and the owner of an entry became unreadable for the rest of the
run.
"""

from __future__ import annotations

import re
import typing as t

from ._api.raw import secret_names as names
from ._guid import GUID
from ._secret import SHORTEST_PART
from ._settings.options import SECRET_OPTIONS, SHARED_OPTIONS

SHORTEST = 6  # characters; masking a shorter one would damage unrelated texts
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

_INNOCENT = frozenset(
    alias
    for name, spec in SHARED_OPTIONS.items()
    if name not in SECRET_OPTIONS
    for alias in (name, *spec.get("aliases", ()))
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_GENERATED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{16,}", re.DOTALL)


def secrets_of(mapping: t.Any, name: str = "") -> list[str]:
    """The texts in a mapping that are secrets, by their names; under names without a meaning, by their form."""
    if isinstance(mapping, dict):
        return [text for key, value in mapping.items() for text in secrets_of(value, str(key))]
    if isinstance(mapping, (list, tuple)):
        return [text for value in mapping for text in secrets_of(value, name)]
    return [mapping] if isinstance(mapping, str) and _is_secret(name, mapping) else []


def _is_secret(name: str, text: str) -> bool:
    plain = name.lower().removeprefix("powerbi_")
    if len(text) < SHORTEST or plain in _INNOCENT or _DATE.fullmatch(text):
        return False
    if GUID.fullmatch(text):
        return any(word in plain for word in ("secret", "token", "password"))
    return plain in SECRET_OPTIONS or names.anywhere(plain) or names.of_pair(name) or bool(_GENERATED.match(text))


class NoLogMappings:
    """A module's options with ``no_log`` that are mappings, of which ansible-core would mask all values in all output.

    ``register_secret`` is ansible-core's function for one value, None where it masks in the task's own result only.
    ``argument_spec`` is for ansible-core: without ``no_log`` for these options, which are redacted here instead.
    """

    def __init__(self, argument_spec: dict[str, t.Any], register_secret: t.Callable[[str], t.Any] | None) -> None:
        self._register_secret = register_secret
        self._names = [
            name
            for name, spec in argument_spec.items()
            if register_secret and spec.get("type") == "dict" and spec.get("no_log")
        ]
        self.argument_spec = {
            name: {**spec, "no_log": False} if name in self._names else spec for name, spec in argument_spec.items()
        }

    def without(self, params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The parameters without the values of these options."""
        return {name: HIDDEN if name in self._names and value else value for name, value in params.items()}

    def register(self, params: t.Mapping[str, t.Any]) -> set[str]:
        """Register their secrets for masking; returns all texts in them, to redact in the task's own result."""
        for secret in [text for name in self._names for text in secrets_of(params.get(name))]:
            if self._register_secret:
                self._register_secret(secret)
        return {text for name in self._names for text in _texts(params.get(name))}


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def warn_of_short_secrets(
    params: t.Mapping[str, t.Any], argument_spec: t.Mapping[str, t.Any], warn: t.Callable[[str], None]
) -> None:
    """Warn of secret options whose value is too short to be masked within texts."""
    for name, option in argument_spec.items():
        value = params.get(name)
        if option.get("no_log") and isinstance(value, str) and value.strip() and len(value) < SHORTEST_PART:
            warn(
                f"{name} has less than {SHORTEST_PART} characters. It is not masked within other texts of the result, which "
                "have it by chance. Check the variable that it comes from: an index into a text gives one character of it"
            )
