# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Variables without a value: the text that a template makes of one is never a name, and never means all or none."""

from __future__ import annotations

import re
import typing as t

from ._errors import ConfigError

NOUNS = (
    "workspace", "src", "dest", "path", "name", "id", "parent", "type", "capacity", "gateway", "app", "application", "vault_url",
    "parameters", "semantic_model",
)  # fmt: skip
PATTERNS = ("include", "exclude", "protect")

_EMPTIED = re.compile(
    r"|none|null|nil|undefined|ansibleundefined|__omit_place_holder__\w*|\[(?:''|\"\"|none)?\]|\{\}|''|\"\"",
    re.IGNORECASE,
)


def is_emptied(text: str) -> bool:
    """Whether a text is the form that a template or a script gives a variable without a value, such as "None"."""
    return bool(_EMPTIED.fullmatch(text.strip()))


def described(text: str) -> str:
    """A description of such a text, for a message that must not contain it."""
    return "what a template makes of a variable without a value" if text.strip() else "empty"


def is_emptied_field(text: str) -> bool:
    """The same for a field of unknown meaning, which may be the word "none" or "null"."""
    return is_emptied(text) and text not in ("none", "null", "nil", "undefined")


def refuse_emptied(params: t.Mapping[str, t.Any], *, planned: t.Collection[str] = ()) -> None:
    """Raises ConfigError for the first option of the module that contains a name and is empty.

    ``planned`` are options that may be empty: in check mode, a resource that an earlier task would create has no id yet.
    """
    for option in NOUNS:
        if option in planned:
            continue
        value = params.get(option)
        if isinstance(value, str) and not value.strip():
            raise ConfigError(
                f"`{option}` is empty",
                option=option,
                remedy=f"give `{option}` a value; a variable behind it may have none",
            )
    for option in PATTERNS:
        patterns = params.get(option)
        for pattern in patterns if isinstance(patterns, list) else ():
            if isinstance(pattern, str) and is_emptied(pattern):
                raise ConfigError(
                    f"`{option}` has the entry {pattern!r}, which may be a variable without a value",
                    option=option,
                    remedy=f"give patterns such as *.Report, or leave `{option}` out (`omit`)",
                )


def refuse_no_mappings(args: t.Mapping[str, t.Any], argument_spec: t.Mapping[str, t.Any]) -> None:
    """Raises ConfigError for an option that takes mappings and has an emptied variable or a text, before Ansible's own check.

    A text such as ``key=value`` or JSON is a mapping to Ansible.
    """
    for option, spec in argument_spec.items():
        value = args.get(option)
        if spec.get("elements") != "dict" or value is None:
            continue
        keys = ", ".join(spec.get("options", ()))
        entries = value if isinstance(value, list) else [value]
        for number, entry in enumerate(entries, start=1):
            if isinstance(entry, dict):
                _refuse_null(option, number, entry, spec.get("options", {}))
                continue
            if isinstance(entry, str) and ("=" in entry or "{" in entry) and entry != "{}":
                continue
            place = f"entry {number} of `{option}`" if isinstance(value, list) else f"`{option}`"
            emptied = entry is None or (isinstance(entry, str) and is_emptied(entry))
            why = "which may be a variable without a value" if emptied else "which is no mapping"
            omit = f"; or leave `{option}` out (`omit`)" if emptied else ""
            raise ConfigError(
                f"{place} is {str(entry)!r}, {why}",
                option=option,
                remedy=f"give a list of mappings, each with some of {keys}{omit}",
            )


def _refuse_null(
    option: str, number: int, entry: t.Mapping[str, t.Any], suboptions: t.Mapping[str, t.Mapping[str, t.Any]]
) -> None:
    """Raises ConfigError for a value of any type that is null: Ansible fills the same in where none is given."""
    for name, spec in suboptions.items():
        if spec.get("type") == "raw" and name in entry and entry[name] is None:
            raise ConfigError(
                f"`{name}` of entry {number} of `{option}` is null, which may be a variable without a value",
                option=option,
                remedy=f"give `{name}` a value, in a list ([null]) if that is blank, or leave it out (`omit`)",
            )
