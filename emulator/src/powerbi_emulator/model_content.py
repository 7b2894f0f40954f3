# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a semantic model's definition that the API returns: parameters and data sources of its M code.

Pure. It matches the common forms with patterns; it is not a parser of M and TMDL.
"""

from __future__ import annotations

import datetime
import json
import re
import typing as t

from powerbi_emulator.definition_parts import encoded, text_of_part
from powerbi_emulator.state.items import Parts

_PARAMETER: t.Final = re.compile(
    r"(?P<head>(?:^|(?<=\n))expression[ \t]+(?P<name>'[^'\n]*'|[^\s='\"]+)[ \t]*=[ \t]*)"
    r"(?P<value>\"(?:[^\"\n]|\"\")*\"|#?\w[^\n]*?)"
    r"(?P<meta>[ \t]+meta[ \t]*\[[^\]\n]*IsParameterQuery[ \t]*=[ \t]*true[^\]\n]*\])",
)
_LITERAL: t.Final = r'"(?:[^"\n]|"")*"'
_ARGUMENT: t.Final = rf'(?:{_LITERAL}|#"[^"\n]*"|[A-Za-z_]\w*)'


class Parameter(t.NamedTuple):
    """``type`` as in M (Text, Number, Logical, DateTime, Any ...); ``value`` as in the API."""

    name: str
    type: str
    is_required: bool
    value: str


class Source(t.NamedTuple):
    """``type`` as in Power BI, ``details`` its connectionDetails; ``literal``: no parameter is used."""

    type: str
    details: dict[str, str]
    literal: bool

    @property
    def path(self) -> str:
        """The source's path in Fabric's connections."""
        return ";".join(self.details.values())


# M function -> data source type, and the names of its arguments
_FUNCTIONS: t.Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "Sql.Database": ("Sql", ("server", "database")),
    "Sql.Databases": ("Sql", ("server",)),
    "AnalysisServices.Database": ("AnalysisServices", ("server", "database")),
    "Oracle.Database": ("Oracle", ("server",)),
    "Teradata.Database": ("Teradata", ("server",)),
    "Web.Contents": ("Web", ("url",)),
    "OData.Feed": ("OData", ("url",)),
    "SharePoint.Tables": ("SharePointList", ("url",)),
    "SharePoint.Files": ("SharePointList", ("url",)),
    "File.Contents": ("File", ("path",)),
    "AzureStorage.Blobs": ("AzureBlobs", ("account",)),
}
_CALL: t.Final = re.compile(
    r"\b(" + "|".join(re.escape(name) for name in _FUNCTIONS) + rf")\(\s*({_ARGUMENT})(?:\s*,\s*({_ARGUMENT}))?"
)
# Power BI's types -> those of Fabric's connections.
FABRIC_TYPES: t.Final = {"Sql": "SQL", "SharePointList": "SharePoint"}
ON_PREMISES: t.Final = frozenset(("File", "Oracle", "Teradata"))


class ParameterError(ValueError):
    """The value is not of the parameter's type, or there is no such parameter. ``reason``: the service's word."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def parameters(parts: Parts) -> list[Parameter]:
    """The mashup parameters of a model, in the order of the definition."""
    texts = [text for text in _texts(parts).values() if "IsParameterQuery" in text]
    return [_parameter(match) for text in texts for match in _PARAMETER.finditer(text)]


def sources(parts: Parts) -> list[Source]:
    """The data sources in the M code, without duplicates."""
    values = {one.name: one.value for one in parameters(parts)}
    found: dict[tuple[str, str], Source] = {}
    for text in _texts(parts).values():
        if not any(f"{name}(" in text for name in _FUNCTIONS):
            continue
        for call in _CALL.finditer(text):
            kind, names = _FUNCTIONS[call[1]]
            given = [argument for argument in call.groups()[1:] if argument][: len(names)]
            details = {name: _value(argument, values) for name, argument in zip(names, given, strict=False)}
            literal = all(argument.startswith('"') for argument in given)
            source = Source(kind, details, literal)
            found.setdefault((kind, source.path.lower()), source)
    return list(found.values())


def tables(parts: Parts) -> list[str]:
    """The names of the tables."""
    if "model.bim" in parts:
        listed = json.loads(text_of_part(parts, "model.bim"))["model"].get("tables", [])
        return [str(table.get("name", "")) for table in listed]
    found: list[str] = []
    for path in parts:
        if path.endswith(".tmdl"):
            names = re.findall(r"^table (?:'((?:[^'\n]|'')+)'|(\S+))", text_of_part(parts, path), re.MULTILINE)
            found += [quoted.replace("''", "'") or bare for quoted, bare in names]
    return found


def with_parameters(parts: Parts, changes: t.Mapping[str, str]) -> Parts:
    """The definition with new parameter values. Raises ParameterError; then no value is changed."""
    known = {one.name: one for one in parameters(parts)}
    for name in changes:
        if name not in known:
            raise ParameterError("ParameterNotFound", f"there is no parameter '{name}'")

    def replace(match: re.Match[str]) -> str:
        parameter = _parameter(match)
        if parameter.name not in changes:
            return match[0]
        return match["head"] + _written(parameter, changes[parameter.name]) + match["meta"]

    return _rewritten(parts, lambda text: _PARAMETER.sub(replace, text))


def with_source(parts: Parts, source: Source, details: t.Mapping[str, str]) -> Parts:
    """The definition with another server, database or URL of a source that is given as literals."""
    new = {**source.details, **{name: value for name, value in details.items() if name in source.details}}

    def replace(call: re.Match[str]) -> str:
        kind, names = _FUNCTIONS[call[1]]
        given = [argument for argument in call.groups()[1:] if argument]
        if kind != source.type or [_value(one, {}) for one in given[: len(names)]] != list(source.details.values()):
            return call[0]
        written = [_quoted(new[name]) for name, _ in zip(names, given, strict=False)] + given[len(names) :]
        return f"{call[1]}({', '.join(written)}"

    return _rewritten(parts, lambda text: _CALL.sub(replace, text))


def _texts(parts: Parts) -> dict[str, str]:
    """The texts that may contain M code, in the form of TMDL."""
    if "model.bim" in parts:
        return {"model.bim": _bim_as_tmdl(text_of_part(parts, "model.bim"))}
    return {path: text_of_part(parts, path) for path in parts if path.endswith(".tmdl")}


def _bim_as_tmdl(text: str) -> str:
    """The shared expressions of a TMSL model, and all other M code, line by line."""
    model = json.loads(text).get("model", {})
    lines = [f"expression '{one['name']}' = {_joined(one.get('expression'))}" for one in model.get("expressions", [])]
    for table in model.get("tables", []):
        lines += [_joined((one.get("source") or {}).get("expression")) for one in table.get("partitions", [])]
    return "\n".join(lines)


def _joined(expression: t.Any) -> str:
    return "\n".join(expression) if isinstance(expression, list) else str(expression or "")


def _rewritten(parts: Parts, change: t.Callable[[str], str]) -> Parts:
    result = dict(parts)
    for path in parts:
        if path == "model.bim":
            result[path] = encoded(_rewritten_bim(text_of_part(parts, path), change))
        elif path.endswith(".tmdl"):
            old = text_of_part(parts, path)
            new = change(old)
            if new != old:
                result[path] = encoded(new)
    return result


def _rewritten_bim(text: str, change: t.Callable[[str], str]) -> str:
    document = json.loads(text)
    model = document.get("model", {})
    for one in model.get("expressions", []):
        head = f"expression '{one['name']}' = "
        one["expression"] = change(head + _joined(one.get("expression"))).removeprefix(head)
    for table in model.get("tables", []):
        for partition in table.get("partitions", []):
            source = partition.get("source") or {}
            if "expression" in source:
                source["expression"] = change(_joined(source["expression"]))
    return json.dumps(document, indent=2, ensure_ascii=False)


def _parameter(match: re.Match[str]) -> Parameter:
    meta = match["meta"]
    kind = re.search(r'Type[ \t]*=[ \t]*"(\w+)"', meta)
    name = match["name"]
    name = name[1:-1].replace("''", "'") if name.startswith("'") else name
    required = re.search(r"IsParameterQueryRequired[ \t]*=[ \t]*true", meta) is not None
    return Parameter(name, kind[1] if kind else "Any", required, _to_json(match["value"]))


def _to_json(literal: str) -> str:
    """An M literal in the API's format: texts without quotes, logicals in capitals, dates in US format."""
    if literal.startswith('"'):
        return literal[1:-1].replace('""', '"')
    if literal in ("true", "false"):
        return literal.upper()
    numbers = re.fullmatch(r"#date(?:time)?\(([\d\s,]+)\)", literal)
    if numbers:
        moment = datetime.datetime(*[int(number) for number in numbers[1].split(",")])  # type: ignore[arg-type]
        hour = moment.hour % 12 or 12
        return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {'PM' if moment.hour >= 12 else 'AM'}"
    return literal


def _written(parameter: Parameter, value: str) -> str:
    """``value`` as an M literal of the parameter's type. Raises ParameterError."""
    kind = parameter.type
    if parameter.is_required and not value:
        raise ParameterError("InvalidValue", f"the parameter '{parameter.name}' needs a value")
    if kind == "Text":
        return _quoted(value)
    if kind == "Number":
        if not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value):
            raise ParameterError(
                "InvalidValue", f"'{value}' is not a number, which the parameter '{parameter.name}' needs"
            )
        return value
    if kind == "Logical":
        if value.lower() not in ("true", "false"):
            raise ParameterError(
                "InvalidValue", f"'{value}' is not true or false, which the parameter '{parameter.name}' needs"
            )
        return value.lower()
    if kind in ("Date", "DateTime"):
        return _date(parameter, value)
    raise ParameterError(
        "ActionNotSupported", f"the parameter '{parameter.name}' is of the type {kind}, which can't be updated"
    )


def _date(parameter: Parameter, value: str) -> str:
    for pattern in ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"):
        try:
            moment = datetime.datetime.strptime(value.removesuffix("Z"), pattern)
        except ValueError:
            continue
        day = f"{moment.year}, {moment.month}, {moment.day}"
        if parameter.type == "Date":
            return f"#date({day})"
        return f"#datetime({day}, {moment.hour}, {moment.minute}, {moment.second})"
    raise ParameterError("InvalidValue", f"'{value}' is not a date, which the parameter '{parameter.name}' needs")


def _value(argument: str, values: t.Mapping[str, str]) -> str:
    if argument.startswith('"'):
        return argument[1:-1].replace('""', '"')
    name = argument[2:-1] if argument.startswith('#"') else argument
    return values.get(name, name)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
