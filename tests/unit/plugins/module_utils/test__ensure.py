# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of all modules with `state`: what it calls, in which order, and what the result is."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan, State
from ansible_collections.community.powerbi.plugins.module_utils._resource import StateResource, Task


class Lamp(StateResource):
    """A resource that lists its calls. ``on_apply`` is called between its two writes."""

    label = "lamp Desk"
    immutable = ("socket",)

    def __init__(self, actual: State | None, desired: State | None) -> None:
        self.actual = actual
        self._desired = desired
        self.calls: list[str] = []
        self.on_apply: t.Callable[[], None] = lambda: None

    def known(self) -> dict[str, t.Any]:
        return {"name": "Desk"}

    @contextlib.contextmanager
    def opened(self) -> t.Iterator[None]:
        self.calls.append("open")
        yield
        self.calls.append("close")

    def read(self) -> State | None:
        self.calls.append("read")
        return self.actual

    def desired(self, current: State | None) -> State | None:
        return self._desired

    def apply(self, change: Plan, task: Task) -> None:
        self.calls.append(change.action)
        task.mark_changed()
        self.on_apply()
        self.actual = change.after

    def values(self, change: Plan) -> dict[str, t.Any]:
        return {"lamp": dict(change.after or {})}


def context(*, check_mode: bool = False) -> Context:
    return Context({}, check_mode=check_mode, environ={}, warn=lambda text: None)


def test_a_difference_is_written_within_the_lock() -> None:
    lamp = Lamp({"colour": "red", "socket": 1}, {"colour": "blue", "socket": None})
    result = ensure(context(), lamp)
    assert lamp.calls == ["open", "read", "update", "close"]
    assert (result.changed, result.values) == (True, {"lamp": {"colour": "blue", "socket": 1}})
    assert (result.diff["before"]["colour"], result.diff["after"]["colour"]) == ("red", "blue")
    assert result.diff["before_header"] == "lamp Desk"


def test_the_second_run_writes_nothing_and_has_the_same_values() -> None:
    lamp = Lamp(None, {"colour": "blue"})
    first, second = ensure(context(), lamp), ensure(context(), lamp)
    assert lamp.calls == ["open", "read", "create", "close", "open", "read", "close"]
    assert (first.changed, second.changed) == (True, False)
    assert first.values == second.values
    assert second.diff["before"] == second.diff["after"] == {"colour": "blue"}


@pytest.mark.parametrize(
    ("actual", "desired", "changed"),
    [(None, {"colour": "blue"}, True), ({"colour": "blue"}, None, True), (None, None, False)],
)
def test_check_mode_predicts_and_writes_nothing(actual: State | None, desired: State | None, changed: bool) -> None:
    recorded: list[str] = []
    lamp, real = Lamp(actual, desired), Lamp(actual, desired)
    result = ensure(context(check_mode=True), lamp, record=lambda change: recorded.append(change.action))
    assert lamp.calls == ["open", "read", "close"]
    assert result == ensure(context(), real)
    assert (result.changed, bool(recorded)) == (changed, changed)


def test_a_real_run_records_no_planned_resource() -> None:
    recorded: list[Plan] = []
    ensure(context(), Lamp(None, {"colour": "blue"}), record=recorded.append)
    assert recorded == []


def test_a_failed_write_reports_changed_and_the_values_that_were_read() -> None:
    lamp = Lamp({"colour": "red"}, {"colour": "blue"})

    def fail() -> None:
        raise ApiError("the fuse has blown", status=500)

    lamp.on_apply = fail
    task = context()
    with pytest.raises(ApiError):
        ensure(task, lamp)
    assert task.changed is True
    assert task.known == {"name": "Desk", "lamp": {"colour": "red"}}


def test_what_is_set_on_creation_only_is_an_error_before_the_first_write() -> None:
    lamp = Lamp({"socket": 1}, {"socket": 2})
    with pytest.raises(ConfigError, match="socket of lamp Desk is 1, and can't be changed to 2") as caught:
        ensure(context(check_mode=True), lamp)
    assert caught.value.details["option"] == "socket"
    assert lamp.calls == ["open", "read"]
    assert ensure(context(), Lamp(None, {"socket": 2})).changed
    assert not ensure(context(), Lamp({"socket": 1}, {"socket": 1})).changed
