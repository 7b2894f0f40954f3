# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The parameters of a semantic model: Power Query parameters, which the Power BI API reads and sets as texts."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import typing as t

from .._empty_values import is_emptied_field
from .._errors import ConfigError, listed
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of

OPTION = "parameters"
MOST_CHANGES = 100  # in a request

_NUMBERS = ("number", "decimalnumber", "fixeddecimalnumber", "currency", "wholenumber", "percentage")
_FIXED = ("any", "binary")  # types that the service does not update
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_TIMES = (
    *("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y"),
)


class Parameter(t.NamedTuple):
    """``type`` as in Power Query (Text, Number, Logical, DateTime, Any ...); ``value`` as the service writes it."""

    name: str
    type: str
    required: bool
    value: str
    suggested_values: tuple[str, ...] = ()


class ModelParameters:
    """The parameters of one semantic model."""

    def __init__(self, client: Client, workspace_id: str, model_id: str) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "datasets", model_id)

    def all(self) -> list[Parameter]:
        """GET .../parameters."""
        return [_parameter(entry) for entry in self._client.pages(f"{self._path}/parameters")]

    def update(self, values: t.Mapping[str, str], written: t.Callable[[], None]) -> None:
        """POST .../Default.UpdateParameters, for up to 100 parameters each. ``written`` is called after each request.

        Raises ApiError and its kinds; ForbiddenError for a caller who does not own the model.
        """
        details = [{"name": name, "newValue": value} for name, value in values.items()]
        for start in range(0, len(details), MOST_CHANGES):
            body = {"updateDetails": details[start : start + MOST_CHANGES]}
            self._client.request("POST", f"{self._path}/Default.UpdateParameters", body=body, idempotent=True)
            written()


def desired_values(requested: t.Mapping[str, t.Any], current: t.Sequence[Parameter], model: str) -> dict[str, str]:
    """The texts to set, by name. A value that is equal to the current one keeps the service's spelling.

    Raises ConfigError with all unknown names and all values that are not of the parameter's type, as the service would.
    """
    known = {one.name: one for one in current}
    unknown = sorted(str(name) for name in requested if name not in known)
    named = {name: value for name, value in requested.items() if name in known}
    return _all(
        named, lambda name, value: _desired(known[name], value), [_unknown(unknown, known, model)] if unknown else []
    )


def texts_of(requested: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The same for a model that does not exist yet, whose parameters are not known."""
    return _all({str(name): value for name, value in requested.items()}, _text_of, [])


def _all(
    requested: t.Mapping[str, t.Any], text: t.Callable[[str, t.Any], str], errors: list[ConfigError]
) -> dict[str, str]:
    texts = {}
    for name, value in requested.items():
        try:
            texts[name] = text(name, value)
        except ConfigError as error:  # noqa: PERF203 - all errors in one message
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ConfigError(
            f"{OPTION} has {len(errors)} errors",
            option=OPTION,
            why="; ".join(error.what.replace(f"{OPTION}: ", "", 1) + _in_brackets(error) for error in errors),
            remedy="correct all of them",
        )
    return texts


def _in_brackets(error: ConfigError) -> str:
    return f" ({'; '.join(text[:1].lower() + text[1:] for text in (error.why, error.remedy) if text)})"


def _text_of(name: str, value: t.Any, kind: str = "") -> str:
    """The text of a value of an option, as the service expects it; ``kind`` is empty if it is unknown. Raises ConfigError."""
    lower = kind.lower()
    if value is None or (isinstance(value, str) and value.strip() and is_emptied_field(value)):
        raise _refused(name, "has no value", "a variable behind it may be undefined; give it a value")
    if isinstance(value, (dt.date, dt.datetime)):
        value = value.isoformat()
    if isinstance(value, bool):
        if lower not in ("logical", ""):
            raise _refused(
                name, f"is {value}, and its type is {kind}", "YAML reads yes, no, on and off so: quote the value"
            )
        return str(value).lower()
    if isinstance(value, (int, float)) and lower in (*_NUMBERS, "") and math.isfinite(value):
        return str(value)
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        raise _refused(
            name,
            f"is {value!r}, which is no text" + (f", and its type is {kind}" if kind else ""),
            "give a text, in quotes",
        )
    return value


def _desired(parameter: Parameter, value: t.Any) -> str:
    text = _text_of(parameter.name, value, parameter.type)
    meaning = _meaning(parameter.type, text)
    if text == parameter.value or (meaning is not None and meaning == _meaning(parameter.type, parameter.value)):
        return parameter.value
    if parameter.type.lower() in _FIXED:
        raise _refused(
            parameter.name,
            f"has the type {parameter.type}, which the service does not update",
            "give the parameter another type in Power Query (Manage Parameters), and deploy the semantic model again",
        )
    if parameter.required and not text:
        raise _refused(parameter.name, "is empty, and is required", "give it a value")
    expected = _EXPECTED.get(_kind(parameter.type))
    if expected is not None and text and meaning is None:
        raise _refused(parameter.name, f"is {text!r}, and its type is {parameter.type}", f"give {expected}")
    return text


_MORE_DIGITS = re.compile(r"(?<=\.\d{6})\d+$")  # of a second than Python's dates have
_EXPECTED = {
    "number": "a number such as 7 or 0.5",
    "logical": "true or false",
    "date": "a date such as 2026-01-31, or 2026-01-31T08:00:00 for a time of that day",
}


def _kind(name: str) -> str:
    """number, logical, date, or another for a type that is compared as text."""
    name = name.lower()
    if name in _NUMBERS:
        return "number"
    return {"logical": "logical", "date": "date", "datetime": "date"}.get(name, name)


def _meaning(type_name: str, text: str) -> t.Any:
    """The value of a text of that type, None if it is not of the type or the type is compared as text."""
    kind, text = _kind(type_name), text.strip()
    if kind == "number":
        return _number(text)
    if kind == "logical":
        return {"true": True, "false": False}.get(text.lower())
    if kind == "date":
        return next((moment for moment in (_moment(text, one) for one in _TIMES) if moment is not None), None)
    return None


def _number(text: str) -> decimal.Decimal | None:
    try:
        return decimal.Decimal(text) if _NUMBER.match(text) else None
    except decimal.InvalidOperation:  # an exponent beyond all numbers
        return None


def _moment(text: str, pattern: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(_MORE_DIGITS.sub("", text.removesuffix("Z")), pattern)
    except ValueError:
        return None


def _unknown(unknown: t.Sequence[str], known: t.Mapping[str, Parameter], model: str) -> ConfigError:
    cases = {name.lower(): name for name in known}
    meant = [cases[name.lower()] for name in unknown if name.lower() in cases]
    hint = f": use {listed(meant)}" if meant else ""
    return ConfigError(
        f"the semantic model {model!r} has no parameter{'s' if len(unknown) > 1 else ''} "
        + listed(repr(name) for name in unknown),
        option=OPTION,
        why=f"Its parameters are: {listed(sorted(known))}"
        if known
        else "It has no parameters. Only parameters of Power Query count, and a model that was changed through the XMLA "
        "endpoint or that is a live connection shows none",
        remedy=f"correct the name{'s' if len(unknown) > 1 else ''}; names are case-sensitive{hint}"
        if known
        else f"leave {OPTION} out, or deploy a model that has parameters",
    )


def _refused(name: str, what: str, remedy: str) -> ConfigError:
    return ConfigError(f"{OPTION}: {name!r} {what}", option=OPTION, remedy=remedy)


def _parameter(entry: t.Mapping[str, t.Any]) -> Parameter:
    suggested = value_of(entry, "suggestedValues")
    value = value_of(entry, "currentValue")
    return Parameter(
        str(value_of(entry, "name", "")),
        str(value_of(entry, "type") or "Any"),
        value_of(entry, "isRequired") is True,
        "" if value is None else str(value),
        tuple(str(one) for one in suggested) if isinstance(suggested, list) else (),
    )
