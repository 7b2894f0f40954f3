# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a query is to return, and how a result differs from it. Pure."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import typing as t

from .._errors import ConfigError
from .._http.response import printable
from .queries import QueryResult

_MOST_PROBLEMS = 5  # of one query
_COLUMN = re.compile(r"(?P<table>'(?:[^']|'')*'|[^\[']*)\[(?P<column>.*)\]", re.DOTALL)
_NUMBERS = ("rows", "min_rows", "max_rows", "max_ms")


class Expectation(t.NamedTuple):
    """One query, and what it is to return; None is "not checked".

    ``expect`` is a row (a mapping), a list of rows, a value, or a list of values of one column.
    """

    query: str
    name: str
    expect: t.Any = None
    rows: int | None = None
    min_rows: int | None = None
    max_rows: int | None = None
    max_ms: int | None = None


def expectations(entries: t.Sequence[t.Mapping[str, t.Any]]) -> list[Expectation]:
    """The entries of the option ``queries``. Raises ConfigError for those that can't be fulfilled."""
    found = []
    for number, entry in enumerate(entries, start=1):
        one = Expectation(**{**entry, "name": entry.get("name") or f"query {number}"})
        if not one.query.strip():
            raise _refused(one, "has no query", "give a DAX query that begins with EVALUATE or DEFINE")
        negative = next((key for key in _NUMBERS if (getattr(one, key) or 0) < 0), "")
        if negative:
            raise _refused(one, f"has {negative}: {getattr(one, negative)}", f"give {negative} as 0 or more")
        if one.rows is not None and (one.min_rows is not None or one.max_rows is not None):
            raise _refused(one, "has rows, and min_rows or max_rows as well", "give the exact number, or its limits")
        if one.min_rows is not None and one.max_rows is not None and one.min_rows > one.max_rows:
            raise _refused(one, "has more min_rows than max_rows", "exchange them")
        if one.expect is not None:
            _check_counts(one, len(_rows_of(one)))
        found.append(one)
    if not found:
        raise ConfigError("there are no queries", option="queries", remedy="list at least one query")
    return found


def problems(expected: Expectation, result: QueryResult) -> list[str]:
    """How the result differs from the expectation, in sentences; empty if it does not."""
    if result.error:
        return [result.error]
    count, found = len(result.rows), []
    if expected.rows is not None and count != expected.rows:
        found.append(f"it returned {_counted(count)}, and {_expected(expected.rows)}")
    if expected.min_rows is not None and count < expected.min_rows:
        found.append(f"it returned {_counted(count)}, and at least {_expected(expected.min_rows)}")
    if expected.max_rows is not None and count > expected.max_rows:
        found.append(f"it returned {_counted(count)}, and at most {_expected(expected.max_rows)}")
    if expected.max_ms is not None and result.milliseconds > expected.max_ms:
        found.append(f"it took {result.milliseconds} ms, and at most {expected.max_ms} ms are expected")
    if expected.expect is not None:
        found += _differences(expected, result.rows)
    more = len(found) - _MOST_PROBLEMS
    return found[:_MOST_PROBLEMS] + ([f"{more} more differences"] if more > 0 else [])


def _differences(expected: Expectation, rows: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    expected_rows = _rows_of(expected)
    columns = max((len(row) for row in rows), default=1)
    if columns != 1 and any(not isinstance(one, dict) for one in expected_rows):
        several = f"it returned {columns} columns, and expect has a value, which needs a query that returns one column"
        return [f"{several}: give each row as a mapping of columns to values"]
    if len(expected_rows) != len(rows):
        if expected.rows is not None:
            return []  # a problem already
        return [f"it returned {_counted(len(rows))}, and {_expected(len(expected_rows))}"]
    return [
        f"row {number}: {problem}"
        for number, (row, values) in enumerate(zip(rows, expected_rows), start=1)
        for problem in _row_differences(row, values)
    ]


def _row_differences(row: t.Mapping[str, t.Any], expected: t.Any) -> t.Iterator[str]:
    if not isinstance(expected, dict):
        for column, value in row.items():
            if not same(expected, value):
                yield f"{printable(column, 60)} is {_shown(value)} instead of {_shown(expected)}"
        return
    for name, value in expected.items():
        columns = _columns(row, str(name))
        if len(columns) != 1:
            there = ", ".join(printable(one, 60) for one in row) or "none"
            those = f"{len(columns)} columns" if columns else "no column"
            yield f"it has {those} {name}; its columns are: {there}"
        elif not same(value, row[columns[0]]):
            yield f"{name} is {_shown(row[columns[0]])} instead of {_shown(value)}"


def _columns(row: t.Mapping[str, t.Any], name: str) -> list[str]:
    """The columns of that name: Table[Column], [Column] or Column, in any case."""
    wanted = name.strip().lower()
    exact = [one for one in row if one.lower() == wanted] or [one for one in row if _parsed(one.lower())[1] == wanted]
    table, column = _parsed(wanted)
    found = ((one, *_parsed(one.lower())) for one in row)
    return exact or [one for one, own, name in found if name == column and (own == table or not own or not table)]


def _parsed(name: str) -> tuple[str, str]:
    """The table, "" without one, and the column of a name. A table may be in quotes, and ]] is a bracket of a column."""
    found = _COLUMN.fullmatch(name)
    if found is None:
        return "", name
    return found["table"].strip("'").replace("''", "'"), found["column"].replace("]]", "]")


def same(expected: t.Any, actual: t.Any) -> bool:
    """Whether a value of a playbook means a value of a result. Texts of numbers and of logical values are these."""
    if expected is None or actual is None:
        return expected is None and actual is None
    if isinstance(expected, (dt.date, dt.datetime)):
        expected = expected.isoformat()
    if isinstance(actual, bool) or isinstance(expected, bool):
        return str(expected).lower() == str(actual).lower()
    if isinstance(actual, (int, float)):
        return _same_number(expected, actual)
    text, found = str(expected), str(actual)
    return found in (text, f"{text}T00:00:00")


def _same_number(expected: t.Any, actual: float) -> bool:
    """Whole numbers are equal exactly, others as far as a double has digits."""
    try:
        number = decimal.Decimal(str(expected).strip())
        found = decimal.Decimal(repr(actual))
        if number == found:
            return True
        if number == number.to_integral_value() and found == found.to_integral_value():
            return False
        return math.isclose(float(number), actual, rel_tol=1e-12, abs_tol=1e-12)
    except (decimal.InvalidOperation, OverflowError, ValueError):
        return False


def _rows_of(expected: Expectation) -> list[t.Any]:
    value = expected.expect
    entries = value if isinstance(value, list) else [value]
    if any(isinstance(one, list) for one in entries):
        raise _refused(expected, "has a list in a list in expect", "give a row as a mapping of columns to values")
    return entries


def _check_counts(expected: Expectation, count: int) -> None:
    """Raise ConfigError if the rows of ``expect`` are not as many as the other keys require."""
    contradicts = {
        "rows": expected.rows is not None and expected.rows != count,
        "min_rows": expected.min_rows is not None and expected.min_rows > count,
        "max_rows": expected.max_rows is not None and expected.max_rows < count,
    }
    key = next((name for name, is_contrary in contradicts.items() if is_contrary), "")
    if key:
        raise _refused(
            expected,
            f"has {_counted(count)} in expect, and {key}: {getattr(expected, key)}",
            f"leave {key} out: the rows of expect are counted, too",
        )


def _expected(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'} expected"


def _counted(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _shown(value: t.Any) -> str:
    return "blank" if value is None else printable(repr(value), 100)


def _refused(expected: Expectation, what: str, remedy: str) -> ConfigError:
    return ConfigError(f"queries: {expected.name!r} {what}", option="queries", remedy=remedy)
