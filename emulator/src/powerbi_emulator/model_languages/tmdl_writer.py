# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the JSON of TMSL as TMDL."""

from __future__ import annotations

import json
import typing as t

from powerbi_emulator.model_languages.vocabulary import (
    DEFAULTS,
    KEYWORDS,
    NAMES,
    PATHS,
    TRANSLATED,
    WRAPPED,
    Json,
    TranslationError,
    keyword_of,
    quoted,
)

_NAMES_IN_TRANSLATIONS: t.Final = {other: name for name, other in TRANSLATED.items()}


def written(keyword: str, found: Json, indent: int = 0) -> str:
    """An object with its descendants, with line feeds as line ends. Raises TranslationError."""
    found = dict(found)
    tabs = "\t" * indent
    text = "".join(f"{tabs}/// {line}\n" for line in str(_joined(found.pop("description", ""))).split("\n") if line)
    name = found.pop(NAMES.get(keyword, "name"), None)
    head = keyword if name is None else f"{keyword} {quoted(str(name))}"
    value = _default(keyword, found)
    text += f"{tabs}{head}\n" if value is None else _assignment(head, value, indent)
    return text + _members(keyword, found, indent + 1)


def _default(keyword: str, found: Json) -> str | None:
    """The text after the ``=`` of an object."""
    if keyword == "partition":
        source = dict(found.get("source") or {})
        kind = source.pop("type", "m")
        found["source"] = source
        return str(kind)
    if keyword not in DEFAULTS or DEFAULTS[keyword] not in found:
        return None
    value = found.pop(DEFAULTS[keyword])
    if keyword == "column":
        found.pop("type", None)
    if isinstance(value, (dict, list)) and keyword in ("extendedProperty", "linguisticMetadata"):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return str(_joined(value))


def _members(keyword: str, found: Json, indent: int) -> str:
    """Properties, then nested objects, then children, each of these after a blank line."""
    tabs, text, rest = "\t" * indent, "", ""
    if keyword in ("column", "extendedProperty", "expression"):
        found.pop("kind" if keyword == "expression" else "type", None)
    if keyword == "relationship":
        for end in ("from", "to"):
            table, column = found.pop(f"{end}Table", ""), found.pop(f"{end}Column", "")
            text += f"{tabs}{end}Column: {quoted(str(table))}.{quoted(str(column))}\n"
    for name, value in found.items():
        if isinstance(value, list) and name in KEYWORDS:
            for child in value:
                rest += "\n" + written(keyword_of(name, keyword), child, indent)
        elif name in WRAPPED and isinstance(value, dict):
            rest += "\n" + _assignment(name, str(_joined(value.get("expression", ""))), indent)
            rest += _members(name, {key: one for key, one in value.items() if key != "expression"}, indent + 1)
        elif name == "source" and isinstance(value, dict):
            rest += _source(value, indent)
        elif name in PATHS and isinstance(value, dict):
            text += f"{tabs}{name}: {quoted(value['table'])}.{quoted(value[PATHS[name]])}\n"
        elif name == "groupByColumns":
            text += "".join(f"{tabs}groupByColumn: {quoted(str(one['groupingColumn']))}\n" for one in value)
        elif isinstance(value, dict):
            rest += "\n" + written(name, value, indent)
        else:
            text += _property(name, value, indent)
    return text + rest


def _source(value: Json, indent: int) -> str:
    """The source of a partition: an expression, or the properties of an entity."""
    if not value:
        return ""
    if "expression" in value:
        return _assignment("source", str(_joined(value["expression"])), indent)
    return "\t" * indent + "source\n" + _members("source", dict(value), indent + 1)


def _property(name: str, value: t.Any, indent: int) -> str:
    tabs, name = "\t" * indent, _NAMES_IN_TRANSLATIONS.get(name, name)
    if value is True:
        return f"{tabs}{name}\n"
    if isinstance(value, bool):
        return f"{tabs}{name}: false\n"
    if isinstance(value, list):
        if not all(isinstance(line, str) for line in value):
            raise TranslationError(f"the list '{name}' can't be written in TMDL")
        return _assignment(name, str(_joined(value)), indent)
    text = str(value)
    if name in ("sortByColumn", "column", "expressionSource", "queryGroup", "relationship", "baseTable", "dataSource"):
        text = quoted(text)
    elif "\n" in text:
        return _assignment(name, text, indent)
    elif isinstance(value, str) and (
        text != text.strip() or text in ("", "true", "false") or text[0] == text[-1] == '"'
    ):
        text = '"' + text.replace('"', '""') + '"'
    return f"{tabs}{name}: {text}\n"


def _assignment(head: str, value: str, indent: int) -> str:
    """``head = value``; a value of several lines starts on the next line."""
    tabs = "\t" * indent
    if "\n" not in value:
        return f"{tabs}{head} = {value}\n"
    lines = "".join(f"{tabs}\t\t{line}\n" if line.strip() else "\n" for line in value.split("\n"))
    return f"{tabs}{head} =\n{lines}"


def _joined(value: t.Any) -> t.Any:
    return "\n".join(map(str, value)) if isinstance(value, list) else value
