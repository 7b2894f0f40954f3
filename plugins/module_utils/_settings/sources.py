# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A configuration source has values of options, such as the task's options or a family of environment variables. Lists of
sources begin with the highest."""

from __future__ import annotations

import os
import typing as t

from .._errors import ConfigError
from .options import ENVIRONMENT, SHARED_OPTIONS

_TRUE = ("1", "true", "yes", "on", "y", "t")
_FALSE = ("0", "false", "no", "off", "n", "f")


class ConfigSource(t.NamedTuple):
    """A configuration source. ``name`` is shown in results and errors; ``explicit`` as in rule 1 of `resolve.py`."""

    name: str
    values: dict[str, t.Any]
    explicit: bool = False


def environment_sources(environ: t.Mapping[str, str]) -> list[ConfigSource]:
    """The families of environment variables that have anything set, highest first."""
    sources = []
    for family, variables in ENVIRONMENT.items():
        values = {}
        for option, names in variables.items():
            for name in names:
                if environ.get(name):
                    values[option] = environ[name]
                    break
        if values:
            sources.append(clean(ConfigSource(f"env:{family}_*", values)))
    return sources


def clean(source: ConfigSource) -> ConfigSource:
    """The source without values that are not set (rule 5), with all values as texts: variables may have any type.

    Booleans become true or false. Raises ConfigError for any other text there, and for a boolean, a list or a dictionary
    where a text belongs.
    """
    values = {}
    for name, value in source.values.items():
        if value is None or value == "":
            continue
        kind = SHARED_OPTIONS[name]["type"]
        if kind in ("str", "path") and not isinstance(value, str):
            value = _text(name, value, source.name)
        if kind == "bool":
            value = _boolean(name, value, source.name)
        if kind == "path" and value[0] == "~":
            value = os.path.expanduser(value)
        values[name] = value
    return source._replace(values=values)


def _boolean(name: str, value: t.Any, source: str) -> bool:
    """A boolean, or a text of a profile or the environment as one."""
    text = str(value).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ConfigError(
            f"{name} is {value!r} ({source})", option=name, remedy="use true or false (also yes, no, on, off, 1, 0)"
        )
    return text in _TRUE


def _text(name: str, value: t.Any, source: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    kind = "true or false" if isinstance(value, bool) else "a list or a dictionary"
    raise ConfigError(
        f"{name} is {kind} ({source})",
        option=name,
        why=f"the variable powerbi_{name} holds it" if source == "vars" else "",
        remedy=f"give {name} as a text, in quotes",
    )


def first_value(sources: t.Sequence[ConfigSource], option: str) -> t.Any:
    """The value of an option in the highest source that has it, or None."""
    return next((source.values[option] for source in sources if option in source.values), None)


def checked_choice(source: ConfigSource, option: str) -> str | None:
    """The value of an option with choices. Raises ConfigError for any other: only an argument spec has checked it before."""
    value = source.values.get(option)
    choices = SHARED_OPTIONS[option]["choices"]
    if value is not None and value not in choices:
        raise ConfigError(
            f"{option} is {value!r} ({source.name})", option=option, remedy="use one of " + ", ".join(choices)
        )
    return value
