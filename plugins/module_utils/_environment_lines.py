# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Lines of an environment file, as systemd, shells and `docker --env-file` read them, and a block of them with an owner. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._options import ENVIRONMENT

STYLES = ("systemd", "plain")
_VARIABLES = {option: names[0] for option, names in ENVIRONMENT["POWERBI"].items()}
_OWN_PREFIX = "POWERBI_"
_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)\Z", re.DOTALL)
_ESCAPED = '"\\$`'
# Where a reader may end a line, besides the line feed that a certificate has.
_BREAKS = ("\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0")


def line(option: str, value: str, style: str) -> str:
    """The line that stands for an option, line feeds as ``\\n``. Raises ValueError for a value that no line can hold."""
    text = value.replace("\r\n", "\n")
    if any(character in text for character in _BREAKS):
        raise ValueError(option)
    text = text.replace("\n", "\\n")
    if style == "systemd":
        # In double quotes, systemd and a shell take a backslash before these four alike.
        text = '"' + "".join(f"\\{character}" if character in _ESCAPED else character for character in text) + '"'
    return f"{_VARIABLES[option]}={text}\n"


def has_variable(option: str) -> bool:
    return option in _VARIABLES


def parse(text: str) -> tuple[str, str] | None:
    """Name and value of a line, None for an empty one and a comment. Raises ValueError for anything else."""
    if not text.strip() or text.lstrip()[0] in "#;":
        return None
    match = _LINE.match(text)
    if not match:
        raise ValueError("no line of an environment file")
    return match["name"], unquoted(match["value"])


def unquoted(value: str) -> str:
    """A value without its quotes, if it has some. Raises ValueError for quotes without an end."""
    text = value.strip()
    if text[:1] == "'":
        if len(text) < 2 or text[-1] != "'":
            raise ValueError("a quote has no end")
        return text[1:-1]
    if text[:1] != '"':
        return text
    result: list[str] = []
    index = 1
    while index < len(text):
        character = text[index]
        if character == '"':
            if text[index + 1 :].strip():
                raise ValueError("text after a quoted value")
            return "".join(result)
        if character == "\\" and index + 1 < len(text) and text[index + 1] in _ESCAPED:
            index += 1
            character = text[index]
        result.append(character)
        index += 1
    raise ValueError("a quote has no end")


def options_of(values: t.Mapping[str, str], prefix: str) -> dict[str, str]:
    """The options that variables stand for whose names begin with a prefix; empty ones are none."""
    found = {}
    for option, name in _VARIABLES.items():
        value = values.get(f"{prefix}{name[len(_OWN_PREFIX) :]}", "")
        if value:
            found[option] = value.replace("\\n", "\n") if option == "certificate_data" else value
    return found


# The block of one profile


def markers(name: str) -> tuple[str, str]:
    """The lines around the block of a name. Raises ConfigError for a name that is no single line."""
    if not name.strip() or not name.isprintable():
        raise ConfigError(
            f"name is {name!r}, which can't stand in a line", option="name", remedy="give a word, such as default"
        )
    return tuple(f"# {word} ANSIBLE MANAGED BLOCK community.powerbi {name}" for word in ("BEGIN", "END"))  # type: ignore[return-value]


def split(text: str, name: str) -> tuple[str, list[str] | None, str]:
    """What stands before the block of a name, the block's lines (None: there is no block), and what stands after it.

    Raises ValueError if its first or last line is missing, or there twice.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+\Z", text)
    begin, end = ([i for i, found in enumerate(lines) if found.rstrip() == mark] for mark in markers(name))
    if not begin and not end:
        return text, None, ""
    if len(begin) != 1 or len(end) != 1 or begin[0] > end[0]:
        raise ValueError("a damaged block")
    return "".join(lines[: begin[0]]), lines[begin[0] + 1 : end[0]], "".join(lines[end[0] + 1 :])


def with_block(text: str, name: str, block: t.Sequence[str] | None) -> str:
    """The text with that block, in its place or at the end; None removes it. Raises ValueError as ``split`` does."""
    before, _old, after = split(text, name)
    if block is None:
        return before + after
    if before and not before.endswith("\n"):
        before += "\n"
    first, last = markers(name)
    return f"{before}{first}\n{''.join(block)}{last}\n{after}"


def others(text: str, name: str, variables: t.Collection[str]) -> list[int]:
    """The numbers of lines outside of the block that set one of these variables."""
    found, inside = [], False
    first, last = markers(name)
    for number, one in enumerate(text.split("\n"), start=1):
        if one.rstrip() in (first, last):
            inside = one.rstrip() == first
        elif not inside:
            match = _LINE.match(one)
            if match and match["name"] in variables:
                found.append(number)
    return found
