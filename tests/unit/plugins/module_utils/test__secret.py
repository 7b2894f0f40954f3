# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import logging
import pickle
import traceback
import typing as t

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._secret import (
    PART,
    WHOLE,
    Secret,
    may_be_name,
    without_secrets,
)

TEXT = "hunter2-hunter2"


@dataclasses.dataclass
class Holder:
    secret: Secret


def raised() -> str:
    secret = Secret(TEXT)
    try:
        int(secret)  # type: ignore[call-overload]
    except TypeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        "{}".format,
        "{!r}".format,
        "{!s:}".format,
        "%s".__mod__,
        "%r".__mod__,
        lambda secret: f"{secret}",
        lambda secret: repr([secret]),
        lambda secret: repr({"key": secret}),
        lambda secret: repr((secret,)),
        lambda secret: repr(Holder(secret)),
        lambda secret: str(ValueError(secret)),
        lambda secret: json.dumps(secret, default=str),
        lambda secret: str(dir(secret)),
        lambda _secret: raised(),
    ],
)
def test_it_does_not_show_itself(show: t.Callable[[Secret], str]) -> None:
    assert "hunter2" not in show(Secret(TEXT))


@pytest.mark.parametrize(
    "leave",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        yaml.safe_dump,
        iter,
        len,
        bytes,
        vars,
        lambda secret: dataclasses.asdict(Holder(secret)),
        lambda secret: secret + "",
        lambda secret: format(secret, ">30"),
    ],
)
def test_it_does_not_leave_by_a_side_door(leave: t.Callable[[Secret], t.Any]) -> None:
    with pytest.raises((TypeError, yaml.YAMLError)) as caught:
        leave(Secret(TEXT))
    assert "hunter2" not in str(caught.value)


def test_logging(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("x").error("secret %s %r", Secret(TEXT), Secret(TEXT))
    assert "hunter2" not in caplog.text


def test_it_is_plain_text_inside() -> None:
    class Tagged(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "something else"

    assert Secret(Tagged(TEXT)).reveal().__class__ is str
    assert Secret(Tagged(TEXT)).reveal() == TEXT


def test_equality() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("ä\udcff") == Secret("ä\udcff"), "the environment gives bytes that are no UTF-8 as lone surrogates"


def test_truth() -> None:
    assert Secret("a")
    assert not Secret("")


@pytest.mark.parametrize(
    "name",
    ["client_id", "clientId", "CLIENT_SECRET_2", "oauth2_id", "default", "dev-1", "Sales EU", "prod.eu", "KeyID"],
)
def test_names_may_be_shown(name: str) -> None:
    assert may_be_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 41,
        "NeEdLe8Qkfj3Kdk93jd",
        "q8Q~pl",
        "5f4dcc3b5aa765d6",
        "aGVsbG8gd29ybGQ",
        "abc/def",
        "übung",
        "a\nb",
        "1abc",
    ],
)
def test_what_may_be_a_part_of_a_secret_is_not_shown(text: str) -> None:
    assert not may_be_name(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2", WHOLE),
        ("it was hunter2.", f"it was {PART}."),
        ("hunter22 and hunter2", f"{PART} and {PART}"),
        ("hunter", "hunter"),
        (["hunter2", ["x hunter2"]], [WHOLE, [f"x {PART}"]]),
        (("hunter2",), [WHOLE]),
        ({"client_secret": "hunter2", "deep": {"er": "hunter2"}}, {"client_secret": WHOLE, "deep": {"er": WHOLE}}),
        ({"hunter2": 1}, {"hunter2": 1}),
        (4711, WHOLE),
        (1.5, 1.5),
        (None, None),
        (True, True),
        (dt.date(2026, 11, 27), "2026-11-27"),
        (dt.datetime(2026, 11, 27, 12), "2026-11-27T12:00:00"),
    ],
)
def test_values(value: t.Any, expected: t.Any) -> None:
    found = without_secrets(value, ["hunter2", "hunter22", "4711"])
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", WHOLE),
        ("a plan has changed", "a plan has changed"),
        (["abc", "abcd"], [WHOLE, "abcd"]),
        (12, WHOLE),
        (4712, 4712),
        ({"a": "12"}, {"a": WHOLE}),
    ],
)
def test_a_short_secret_is_masked_only_as_a_whole(value: t.Any, expected: t.Any) -> None:
    assert without_secrets(value, ["a", "abc", "12"]) == expected


def test_an_empty_secret_is_in_everything_and_hides_nothing() -> None:
    assert without_secrets({"a": "b"}, [""]) == {"a": "b"}


def test_the_value_itself_is_left_alone() -> None:
    value = {"list": ["hunter2"]}
    without_secrets(value, ["hunter2"])
    assert value == {"list": ["hunter2"]}


def test_ansible_agrees_where_its_function_is_not_deprecated() -> None:
    core = pytest.importorskip("ansible.module_utils.common.parameters")
    if not hasattr(core, "remove_values") or "deprecate" in core.remove_values.__code__.co_names:
        pytest.skip("this ansible-core has deprecated it")
    value = {"a": ["hunter2", "x hunter2 y", 4711, 12, None, False, {"b": ("hunter22",)}]}
    secrets = {"hunter2", "hunter22", "4711"}
    assert without_secrets(value, secrets) == core.remove_values(value, secrets)
