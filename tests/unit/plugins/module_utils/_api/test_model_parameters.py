# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters of a semantic model: values of each type, what is no change, and what is refused before a write."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.model_parameters import (
    ModelParameters,
    Parameter,
    desired_values,
    texts_of,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.wire import reply, wire

CURRENT: t.Final = [
    Parameter("Server", "Text", True, "sql.example"),
    Parameter("Note", "Text", False, ""),
    Parameter("Rows", "Number", False, "100"),
    Parameter("Strict", "Logical", False, "TRUE"),
    Parameter("From", "DateTime", False, "2/8/2026 12:00:00 AM"),
    Parameter("Day", "Date", False, "2/8/2026"),
    Parameter("Loose", "Any", False, "as it is"),
    Parameter("Span", "Duration", False, "1.00:00:00"),
]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("Server", "other.example", "other.example"),
        ("Server", 5432, "5432"),
        ("Note", "", ""),
        ("Note", "none", "none"),
        ("Server", " ", " "),
        ("Rows", 7, "7"),
        ("Rows", 0.5, "0.5"),
        ("Rows", "1e3", "1e3"),
        ("Strict", False, "false"),
        ("Strict", "FALSE", "FALSE"),
        ("From", "2026-03-01T08:30:00", "2026-03-01T08:30:00"),
        ("From", dt.datetime(2026, 3, 1, 8, 30), "2026-03-01T08:30:00"),
        ("Day", dt.date(2026, 3, 1), "2026-03-01"),
        ("Day", "3/1/2026", "3/1/2026"),
        ("Span", "2.00:00:00", "2.00:00:00"),
    ],
)
def test_a_value_is_sent_as_the_text_of_its_type(name: str, value: t.Any, text: str) -> None:
    assert desired_values({name: value}, CURRENT, "Sales") == {name: text}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Rows", 100.0),
        ("Rows", "100.00"),
        ("Strict", True),
        ("Strict", "true"),
        ("From", "2026-02-08"),
        ("From", "2026-02-08T00:00:00Z"),
        ("From", "2026-02-08T00:00:00.0000000"),
        ("Day", "2026-02-08"),
        ("Loose", "as it is"),
    ],
)
def test_another_spelling_of_the_value_keeps_that_of_the_service(name: str, value: t.Any) -> None:
    current = next(one.value for one in CURRENT if one.name == name)
    assert desired_values({name: value}, CURRENT, "Sales") == {name: current}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"Nothing": "x"}, "no parameter 'Nothing'"),
        ({"server": "x"}, "no parameter 'server'"),
        ({"Server": ""}, "is empty, and is required"),
        ({"Server": None}, "has no value"),
        ({"Server": "None"}, "has no value"),
        ({"Server": True}, "is True, and its type is Text"),
        ({"Server": 1.1}, "is 1.1, which is no text, and its type is Text"),
        ({"Server": ["a"]}, "which is no text"),
        ({"Server": {"a": 1}}, "which is no text"),
        ({"Rows": "many"}, "'many', and its type is Number"),
        ({"Rows": "1\u0661"}, "its type is Number"),
        ({"Rows": float("nan")}, "nan"),
        ({"Rows": "1e99999999999999999999"}, "its type is Number"),
        ({"Rows": True}, "is True, and its type is Number"),
        ({"Strict": "yes"}, "'yes', and its type is Logical"),
        ({"Strict": 1}, "'1', and its type is Logical"),
        ({"From": "tomorrow"}, "'tomorrow', and its type is DateTime"),
        ({"From": "31.01.2026"}, "its type is DateTime"),
        ({"Loose": "another"}, "has the type Any, which the service does not update"),
    ],
)
def test_what_the_service_would_refuse_is_an_error(values: dict[str, t.Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        desired_values(values, CURRENT, "Sales")
    assert caught.value.details["option"] == "parameters"
    assert caught.value.remedy


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        desired_values({"rows": 1, "Sever": "x"}, CURRENT, "Sales")
    assert caught.value.why == "Its parameters are: Day, From, Loose, Note, Rows, Server, Span, Strict"
    assert "has no parameters 'Sever', 'rows'" in caught.value.what
    assert caught.value.remedy == "correct the names; names are case-sensitive: use Rows"
    with pytest.raises(ConfigError, match="no parameter 'Sever'") as caught:
        desired_values({"Sever": "x"}, CURRENT, "Sales")
    assert caught.value.remedy == "correct the name; names are case-sensitive"
    with pytest.raises(ConfigError, match="no parameter 'Rows'") as caught:
        desired_values({"Rows": 1}, [], "Sales")
    assert "XMLA" in caught.value.why


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(ConfigError, match="parameters has 3 errors") as caught:
        desired_values({"Rows": "many", "Server": "fine", "Strict": 1, "Nothing": 1}, CURRENT, "Sales")
    assert [text in caught.value.why for text in ("'Nothing'", "'Rows' is 'many'", "'Strict' is '1'", "Server is")] == [
        *(True, True, True, False)
    ]
    assert "(give true or false)" in caught.value.why
    assert caught.value.option == "parameters"


def test_values_of_a_model_that_does_not_exist_yet_may_be_of_any_type() -> None:
    assert texts_of({"Server": "x", "Rows": 0.5, "Strict": True}) == {"Server": "x", "Rows": "0.5", "Strict": "true"}
    with pytest.raises(ConfigError, match="parameters has 2 errors"):
        texts_of({"Server": None, "Rows": [1], "Strict": True})


def test_a_request_has_at_most_a_hundred_parameters() -> None:
    net, written = wire(lambda _sent: reply(200)), []
    values = {f"P{number}": str(number) for number in range(201)}
    ModelParameters(net.client, "w", "m").update(values, lambda: written.append(1))
    sizes = [len(sent.json["updateDetails"]) for sent in net.transport.sent]
    assert (sizes, len(written)) == ([100, 100, 1], 3)
    assert net.transport.sent[2].json == {"updateDetails": [{"name": "P200", "newValue": "200"}]}


def test_nothing_to_update_sends_nothing() -> None:
    net = wire([])
    ModelParameters(net.client, "w", "m").update({}, lambda: None)
    assert net.transport.sent == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, Parameter("", "Any", False, "")),
        (
            {"name": 7, "type": ["x"], "isRequired": "yes", "currentValue": 5, "suggestedValues": {}},
            Parameter("7", "['x']", False, "5"),
        ),
        ({"Name": "A", "TYPE": "Text", "suggestedValues": ["x", 1]}, Parameter("A", "Text", False, "", ("x", "1"))),
    ],
)
def test_a_response_of_other_types_is_read(entry: dict[str, t.Any], expected: Parameter) -> None:
    net = wire([reply(200, {"value": [entry]})])
    assert ModelParameters(net.client, "w", "m").all() == [expected]
