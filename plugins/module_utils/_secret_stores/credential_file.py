# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""A file with an app's credentials -> its fields. Errors contain line and column, never the text there. Pure."""

from __future__ import annotations

import configparser
import json
import re
import typing as t

from .._errors import ConfigError
from .._secret import may_be_name
from . import credential_yaml as yaml_reader
from . import environment_lines
from .credential_yaml import FileError

FORMATS = ("yaml", "json", "ini", "properties", "env")
Decrypt = t.Callable[[bytes], bytes]
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")
_HALF_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]|\\U0000[dD][89a-fA-F]"
)


class ParsedFile(t.NamedTuple):
    """``fields`` by their names in the file, with unchanged texts; ``options`` of environment files, by the names of this
    collection's options."""

    fields: dict[str, str]
    options: dict[str, str]


def parse(data: bytes, path: str, file_format: str, section: str, prefix: str, decrypt: Decrypt) -> ParsedFile:
    """The fields of a file. ``decrypt`` decrypts single values that Ansible Vault encrypts. Raises ConfigError."""
    try:
        text = data.decode("utf-8-sig")
        parsed = _parse_text(text, file_format, section, prefix, decrypt)
        _refuse_half_characters(text, parsed)
        return parsed
    except UnicodeDecodeError:
        raise problem(path, file_format, FileError("it is not UTF-8 text")) from None
    except FileError as error:
        raise problem(path, file_format, error) from None
    except RecursionError:
        raise problem(path, file_format, FileError("it is nested too deeply")) from None


def _parse_text(text: str, file_format: str, section: str, prefix: str, decrypt: Decrypt) -> ParsedFile:
    if file_format == "yaml":
        return ParsedFile(yaml_reader.fields(text, section, decrypt), {})
    if file_format == "json":
        return ParsedFile(_json(text, section, decrypt), {})
    if file_format == "env":
        return _environment(text, prefix)
    fields = _ini(text, "" if file_format == "properties" else section or "default")
    return ParsedFile(fields, _environment_names(fields, prefix, text) if file_format == "properties" else {})


def _refuse_half_characters(text: str, parsed: ParsedFile) -> None:
    """Raises FileError for an escape such as \\ud800: half of a character, which no request, file or output can contain."""
    if any(_HALF_CHARACTER.search(value) for pair in parsed.fields.items() for value in pair):
        escape = _HALF_ESCAPE.search(text)
        line = text.count("\n", 0, escape.start()) + 1 if escape else 0
        raise FileError("a \\u escape is half of a surrogate pair: write the character itself, or both halves", line)


def problem(path: str, file_format: str, error: FileError) -> ConfigError:
    """The error of a file as a ConfigError with the place."""
    place = f", line {error.line}" if error.line else ""
    place += f", column {error.column}" if error.column else ""
    return ConfigError(
        f"the file {path}{place} can't be read as {file_format}: {error.what}",
        option="path",
        remedy="correct the file there, or set the format, the section and the vault password that belong to it",
    )


def shown_keys(keys: t.Iterable[str]) -> list[str]:
    """The names of fields that a message may list."""
    return sorted(key for key in keys if may_be_name(key))


def _json(text: str, section: str, decrypt: Decrypt) -> dict[str, str]:
    def unique(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        if len({key for key, _value in pairs}) < len(pairs):
            raise FileError("a key is repeated in one object")
        return dict(pairs)

    try:
        # Numbers stay texts, unchanged: a secret may consist of digits.
        content = json.loads(text, object_pairs_hook=unique, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise FileError("it is not valid JSON", error.lineno, error.colno) from None
    if section:
        content = content.get(section, {}) if isinstance(content, dict) else content
    if not isinstance(content, dict):
        raise FileError("it holds no object with fields")
    fields: dict[str, str] = {}
    for key, value in content.items():
        if isinstance(value, dict) and list(value) == ["__ansible_vault"]:
            fields[key] = decrypt(str(value["__ansible_vault"]).encode()).decode()
        elif isinstance(value, (str, bool)) or value is None:
            fields[key] = "" if value is None else str(value).lower() if isinstance(value, bool) else value
    return fields


def _ini(text: str, section: str) -> dict[str, str]:
    """The keys of a section, in lower case and as written; an empty ``section``: the file has lines and no sections."""
    shift = 0 if section else 1
    name = section or "lines"
    parser = configparser.RawConfigParser(strict=True, delimiters=("=", ":"))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text if section else f"[{name}]\n{text}")
    except configparser.MissingSectionHeaderError as error:
        raise FileError("there is a line before the first [section]", error.lineno - shift) from None
    except (configparser.DuplicateOptionError, configparser.DuplicateSectionError) as error:
        raise FileError("a key or section is repeated", (error.lineno or shift) - shift) from None
    except configparser.ParsingError as error:
        line = next((number for number, _text in error.errors), shift)
        raise FileError("a line is neither key = value nor a comment", line - shift) from None
    except configparser.Error:
        raise FileError("it is not in that format") from None
    if not parser.has_section(name):
        sections = ", ".join(shown_keys(parser.sections())) or "none"
        raise FileError(f"it has no section [{section}]; its sections: {sections}")
    if not section and len(parser.sections()) > 1:
        raise FileError("it has [sections], which is the format ini")
    fields: dict[str, str] = {}
    for key, value in parser.items(name):
        fields.setdefault(key.lower(), value or "")
        fields[key] = value or ""
    return fields


def _environment(text: str, prefix: str) -> ParsedFile:
    values: dict[str, str] = {}
    for number, line, _is_open in environment_lines.entries(environment_lines.lines_of(text)):
        try:
            assignment = environment_lines.parse(line.rstrip("\r\n"))
        except environment_lines.QuoteError as error:
            raise FileError(error.what, number) from None
        except ValueError:
            raise FileError("the line is not NAME=value", number) from None
        if assignment is not None:
            values[assignment[0]] = assignment[1]  # the last one applies, as in shells and systemd
    return ParsedFile(values, environment_lines.options_of(values, prefix))


def _environment_names(fields: t.Mapping[str, str], prefix: str, text: str) -> dict[str, str]:
    """The options in lines of an environment file; the format properties can have them as well."""
    unquoted: dict[str, str] = {}
    for name, value in fields.items():
        if name.startswith(prefix):
            try:
                unquoted[name] = environment_lines.unquoted(value)
            except environment_lines.QuoteError as error:
                raise FileError(error.what, _line_of(text, name)) from None
    return environment_lines.options_of(unquoted, prefix)


def _line_of(text: str, key: str) -> int:
    """The line of a key, whose names are compared in any case; 0 if there is none."""
    numbers = (
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if line.partition("=")[0].partition(":")[0].strip().lower() == key.lower()
    )
    return next(numbers, 0)
