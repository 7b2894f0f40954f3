# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parses TMDL into the JSON of TMSL."""

from __future__ import annotations

import json
import re
import typing as t

from powerbi_emulator.model_languages.vocabulary import (
    COLLECTIONS,
    DEFAULTS,
    EXPRESSIONS,
    NAMES,
    NUMBERS,
    PATHS,
    TRANSLATED,
    WRAPPED,
    Json,
    TranslationError,
    split_path,
    unquoted,
)

_NAME: t.Final = r"'(?:[^']|'')*'|[^\s=:']+"
_OBJECT: t.Final = re.compile(rf"({'|'.join(COLLECTIONS)}|model|database)(?:\s+({_NAME}))?\s*(?:=\s?(.*))?")
_REFERENCE: t.Final = re.compile(rf"ref\s+(\w+)\s+({_NAME})")
_EXPRESSION: t.Final = re.compile(r"(\w+)\s*=\s?(.*)")
_SCALAR: t.Final = re.compile(r"(\w+):\s?(.*)")
_NESTED_OR_FLAG: t.Final = re.compile(r"\w+")

# properties that only TMSL states, as TMDL has a single kind
_KINDS: t.Final[dict[str, Json]] = {"extendedProperty": {"type": "json"}, "expression": {"kind": "m"}}
_NAMES_OF_OBJECTS: t.Final = ("sortByColumn", "column", "expressionSource", "queryGroup")


def read_object_file(text: str, database: Json, model: Json, order: dict[str, list[str]]) -> None:
    """Add a document's objects to ``database`` and ``model``; ``order`` is the order of names in ``ref`` lines."""
    lines = [(_indent(line), line.strip()) if line.strip() else (-1, "") for line in text.splitlines()]
    reader = _Reader(lines, text.splitlines())
    while not reader.at_end:
        description = reader.description()
        reference = _REFERENCE.fullmatch(reader.text)
        header = _OBJECT.fullmatch(reader.text)
        if reference:
            order.setdefault(COLLECTIONS.get(reference[1], ""), []).append(unquoted(reference[2]))
            reader.next()
        elif header is None:
            raise TranslationError(f"line {reader.line + 1}: '{reader.text}' is not understood")
        elif header[1] in ("model", "database"):
            target = model if header[1] == "model" else database
            if header[1] == "model" and header[2] is not None:
                target["name"] = unquoted(header[2])
            reader.next()
            reader.members(header[1], 0, target)
            target.update({"description": description} if description else {})
        else:
            reader.child(header, 0, model, description)


class _Reader:
    """``line`` is the next one to read. Lines are (indentation in tabs, text); -1 for blank ones."""

    def __init__(self, lines: list[tuple[int, str]], raw: list[str]) -> None:
        self._lines, self._raw = lines, raw
        self.line = 0
        self._skip_blank()

    @property
    def at_end(self) -> bool:
        return self.line >= len(self._lines)

    @property
    def text(self) -> str:
        return self._lines[self.line][1]

    def next(self) -> None:
        self.line += 1
        self._skip_blank()

    def description(self) -> str:
        """The ``///`` lines before an object."""
        found = []
        while not self.at_end and self.text.startswith("///"):
            found.append(self.text[3:].strip())
            self.next()
        return "\n".join(found)

    def child(self, header: re.Match[str], indent: int, parent: Json, description: str) -> None:
        """Parse an object with its descendants, and add it to its parent."""
        keyword, name, value = header[1], header[2], header[3]
        found: Json = {}
        if name is not None:
            found[NAMES.get(keyword, "name")] = unquoted(name)
        if description:
            found["description"] = description
        self.next_after_header()
        if value is not None:
            self._default(keyword, found, self._value(value, indent + 2))
        self.members(keyword, indent, found)
        if keyword in _KINDS:
            found = {**_KINDS[keyword], **found}
        if keyword == "extendedProperty" and not isinstance(found.get("value"), (dict, list)):
            found["type"] = "string"
        parent.setdefault(COLLECTIONS[keyword], []).append(found)
        if keyword == "table":
            _set_column_types(found)

    def next_after_header(self) -> None:
        """Go to the next line, without skipping blank lines: an expression may begin with them."""
        self.line += 1

    def members(self, keyword: str, indent: int, target: Json) -> None:
        """Parse properties and children, which are indented by one level more than the object."""
        self._skip_blank()
        while not self.at_end and self._lines[self.line][0] > indent:
            inner = self._lines[self.line][0]
            description = self.description()
            header, expression = _OBJECT.fullmatch(self.text), _EXPRESSION.fullmatch(self.text)
            scalar = _SCALAR.fullmatch(self.text)
            if keyword == "translations" and header and header[1] == "model":
                self.next()
                translated: Json = {"name": unquoted(header[2] or "Model")}
                self.members("model", inner, translated)
                target["model"] = _translated(translated)
            elif header and (header[2] or header[1] == "changedProperty"):
                self.child(header, inner, target, description)
            elif scalar and not (expression and self.text.index("=") < self.text.index(":")):
                _put(keyword, target, scalar[1], _scalar(scalar[1], scalar[2]))
                self.next()
            elif expression:
                self.next_after_header()
                # An object's value is indented by two levels, as its properties follow at one; a property's by one.
                least = inner + 2 if expression[1] in DEFAULTS or expression[1] in WRAPPED else inner + 1
                self._expression_property(target, expression[1], self._value(expression[2], least), inner)
            elif _NESTED_OR_FLAG.fullmatch(self.text):
                self._nested_or_flag(target, inner)
            else:
                raise TranslationError(f"line {self.line + 1}: '{self.text}' is not understood")
            self._skip_blank()

    def _nested_or_flag(self, target: Json, indent: int) -> None:
        name = self.text
        self.next()
        if not self.at_end and self._lines[self.line][0] > indent:
            nested: Json = target.setdefault(name, {})
            self.members(name, indent, nested)
        else:
            target[name] = True

    def _expression_property(self, target: Json, name: str, value: str, indent: int) -> None:
        if name == "source":
            target.setdefault("source", {})["expression"] = _lines_of(value)
        elif name in WRAPPED:
            target[name] = {"expression": _lines_of(value)}
            self.members(name, indent, target[name])
        elif name in DEFAULTS:
            nested: Json = {}
            self._default(name, nested, value)
            self.members(name, indent, nested)
            target[name] = nested
        else:
            target[name] = _lines_of(value)

    def _default(self, keyword: str, target: Json, value: str) -> None:
        if keyword == "partition":
            target["source"] = {"type": value}
            return
        name = DEFAULTS[keyword]
        if keyword in ("extendedProperty", "linguisticMetadata"):
            try:
                target[name] = json.loads(value)
            except ValueError:
                target[name] = value
        else:
            target[name] = _lines_of(value) if name in EXPRESSIONS else value

    def _value(self, first: str, least: int) -> str:
        """The text after an ``=``: in the line, in lines indented by ``least`` or more, or between fences."""
        if first.strip() == "```":
            found = []
            while not self.at_end and self._raw[self.line].strip() != "```":
                found.append(self._raw[self.line])
                self.line += 1
            self.line += 1
            return "\n".join(_dedented(found))
        if first.strip():
            return first.strip()
        found = []
        while not self.at_end and (self._lines[self.line][0] == -1 or self._lines[self.line][0] >= least):
            found.append(self._raw[self.line])
            self.line += 1
        while found and not found[-1].strip():
            found.pop()
        return "\n".join(_dedented(found))

    def _skip_blank(self) -> None:
        while not self.at_end and self._lines[self.line][0] == -1:
            self.line += 1


def _put(keyword: str, target: Json, name: str, value: t.Any) -> None:
    """A property; a path to another object is several properties in TMSL."""
    if keyword == "relationship" and name in ("fromColumn", "toColumn"):
        table, column = split_path(value)
        target |= {name.replace("Column", "Table"): table, name: column}
    elif name in PATHS:
        table, other = split_path(value)
        target[name] = {"table": table, PATHS[name]: other}
    elif name == "groupByColumn":
        target.setdefault("groupByColumns", []).append({"groupingColumn": unquoted(value)})
    elif (keyword == "variation" and name == "relationship") or name in (
        "sortByColumn",
        "column",
        "expressionSource",
        "queryGroup",
        "baseTable",
        "dataSource",
    ):
        target[name] = unquoted(value)
    else:
        target[name] = value


def _translated(found: Json) -> Json:
    """The objects of a translation with the property names of TMSL."""
    result: Json = {}
    for name, value in found.items():
        entries = [_translated(entry) for entry in value] if isinstance(value, list) else value
        result[TRANSLATED.get(name, name)] = entries
    return result


def _scalar(name: str, text: str) -> t.Any:
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if name in NUMBERS and re.fullmatch(r"-?\d+", text):
        return int(text)
    inner = text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return text


def _set_column_types(table: Json) -> None:
    """Set the type of columns, which TMSL states: calculated, or of a calculated table."""
    kinds = {(one.get("source") or {}).get("type") for one in table.get("partitions", [])}
    for column in table.get("columns", []):
        if "expression" in column:
            column["type"] = "calculated"
        elif "calculated" in kinds:
            column["type"] = "calculatedTableColumn"


def _lines_of(text: str) -> str | list[str]:
    return text.split("\n") if "\n" in text else text


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))


def _dedented(lines: list[str]) -> list[str]:
    """The lines without their common leading tabs."""
    tabs = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line[tabs:] if line.strip() else "" for line in lines]
