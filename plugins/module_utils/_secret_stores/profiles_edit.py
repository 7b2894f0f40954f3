# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Change one section of a profiles file; comments, order and all other sections are kept. Pure.

configparser reads such a file (`_settings/profiles.py`), but loses its comments when it writes.
"""

from __future__ import annotations

import re
import typing as t

from .._errors import ConfigError
from .._settings.profiles import option_of_key, parse_profiles

# As configparser parses them.
_HEADER = re.compile(r"\[(?P<name>.+)\]")
_KEY = re.compile(r"(?P<key>.*?)\s*[=:]")
_COMMENT = ("#", ";")
# Comments that this collection writes into a section: that it wrote the section, and the certificate's file.
WRITTEN = "; written by community.powerbi.powerbi_auth_profile\n"
_FILE = "; community.powerbi.powerbi_auth_profile wrote the certificate, SHA-256 "


def section_values(text: str, name: str, path: str) -> dict[str, str] | None:
    """The values of a section by option name, None where there is no such section. Raises ConfigError for no INI."""
    parser = parse_profiles(path, text.encode())
    if not parser.has_section(name):
        return None
    return {option_of_key(key) or key: value for key, value in parser.items(name)}


def with_section(text: str, name: str, values: t.Mapping[str, str], path: str) -> str:
    """The text with a section that has exactly these values. Lines whose value is right are not touched.

    Raises ConfigError for a name or a value that can't be written in one line.
    """
    _check(name, values)
    current = section_values(text, name, path)
    lines = _lines(text)
    if current is None:
        gap = [] if not text or text.endswith("\n\n") else ["\n"]
        new = [*lines, *gap, f"[{name}]\n", WRITTEN, *(_line(key, value) for key, value in values.items())]
        return _verified("".join(new), name, values, path)
    start, end = _extent(lines, name)
    body, missing = _changed_body(lines[start + 1 : end], current, values)
    last = max((index for index, line in enumerate(body) if line.strip()), default=-1)
    body[last + 1 : last + 1] = [_line(key, values[key]) for key in missing]
    return _verified("".join([*lines[: start + 1], *body, *lines[end:]]), name, values, path)


def is_written(text: str, name: str, path: str) -> bool:
    """Whether this collection wrote the section."""
    return WRITTEN.strip() in (line.strip() for line in _section_lines(text, name, path))


def file_digest(text: str, name: str, path: str) -> str:
    """The SHA-256 of the certificate's file that this collection wrote, empty if it wrote none."""
    comments = [line.strip() for line in _section_lines(text, name, path) if line.startswith(_FILE)]
    return comments[0][len(_FILE) :] if comments else ""


def with_file_digest(text: str, name: str, digest: str) -> str:
    """The text with that comment in the section, or without one for an empty ``digest``."""
    lines = _lines(text)
    start, end = _extent(lines, name)
    body = [line for line in lines[start + 1 : end] if not line.startswith(_FILE)]
    note = [f"{_FILE}{digest}\n"] if digest else []
    first = 1 if body[:1] == [WRITTEN] else 0
    return "".join([*lines[: start + 1], *body[:first], *note, *body[first:], *lines[end:]])


def _section_lines(text: str, name: str, path: str) -> list[str]:
    if section_values(text, name, path) is None:
        return []
    lines = _lines(text)
    start, end = _extent(lines, name)
    return lines[start + 1 : end]


def without_section(text: str, name: str, path: str) -> str:
    """The text without that section, its comments and the empty lines that set it off."""
    if section_values(text, name, path) is None:
        return text
    lines = _lines(text)
    start, end = _extent(lines, name)
    kept = lines[:start]
    while kept and end == len(lines) and not kept[-1].strip():
        kept.pop()
    return "".join([*kept, *lines[end:]])


def _verified(text: str, name: str, values: t.Mapping[str, str], path: str) -> str:
    """The text, if parsing it returns these values: an indented key, for example, continues another line.

    Raises ConfigError otherwise."""
    try:
        read = section_values(text, name, path)
    except ConfigError:
        read = None
    if read != dict(values):
        raise ConfigError(
            f"the section [{name}] of {path} is written in a way that can't be changed without losing something",
            option="path",
            remedy="write its lines as `key = value` from the first column, or remove the section, and run the task again",
        )
    return text


def _changed_body(
    body: t.Sequence[str], current: t.Mapping[str, str], values: t.Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """The lines of a section with other values, and the keys that still have no line."""
    changed: list[str] = []
    missing = dict.fromkeys(values)
    keeps = True  # whether continuation lines of the last key are kept
    for line in body:
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            changed.append(line)
            continue
        if line[0].isspace():
            if keeps:
                changed.append(line)
            continue
        match = _KEY.match(line.strip())
        option = option_of_key(match["key"].lower()) if match else None
        keeps = False
        if option in missing:
            del missing[option]
            keeps = current[option] == values[option]
            changed.append(line if keeps else _line(option, values[option]))
    return changed, list(missing)


def _extent(lines: t.Sequence[str], name: str) -> tuple[int, int]:
    """Index of the section's header, and of the line after its last. Comments directly above the next header belong to that."""
    headers = [(index, match["name"]) for index, line in enumerate(lines) if (match := _HEADER.match(line))]
    position = next(number for number, (_index, found) in enumerate(headers) if found == name)
    start = headers[position][0]
    if position + 1 == len(headers):
        return start, len(lines)
    end = headers[position + 1][0]
    while end > start + 1 and lines[end - 1].startswith(_COMMENT):
        end -= 1
    return start, end


def _lines(text: str) -> list[str]:
    if text and not text.endswith("\n"):
        text += "\n"
    return re.findall(r"[^\n]*\n", text)


def _line(key: str, value: str) -> str:
    return f"{key} = {value}\n"


def _check(name: str, values: t.Mapping[str, str]) -> None:
    if not name.strip() or name != name.strip() or any(character in name for character in "[]\r\n\0"):
        raise ConfigError(
            f"name is {name!r}, which can't name a section",
            option="name",
            remedy="use letters, digits, '.', '-' and '_'",
        )
    for key, value in values.items():
        if value != value.strip() or len(value.splitlines()) > 1 or "\0" in value:
            raise ConfigError(
                f"{key} has a line break in it, or blanks around it, which a profiles file can't hold",
                option=key,
                remedy="check where the value comes from; a certificate belongs into certificate_data, which is kept in "
                "a file of its own",
            )
