# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import traceback
import typing as t

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret, looks_like_name

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
    assert looks_like_name(name)


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
    assert not looks_like_name(text)
