# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.app_credentials import (
    DesiredCredential,
    beginning_like,
    find_current,
    key_ids,
    reason_for_new,
    refuse_to_remove_the_last,
    refuse_to_remove_the_login,
    to_remove,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.applications import DAY, AppCredential
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError

NOW = 1_800_000_000.0


def credential(key_id: str, name: str = "ansible", days: float = 100, hint: str = "") -> AppCredential:
    return AppCredential(key_id, name, NOW - DAY, NOW + days * DAY, hint)


class TestInUse:
    def test_by_key_id(self) -> None:
        app = [credential("a"), credential("b")]
        assert find_current(app, "B", "") == app[1]
        assert find_current(app, "c", "") is None

    def test_by_its_beginning_if_no_other_begins_so(self) -> None:
        app = [credential("a", hint="Qj9"), credential("b", hint="idh")]
        assert find_current(app, "", "Qj98Q~k5") == app[0]
        assert find_current([*app, credential("c", hint="Qj9")], "", "Qj98Q~k5") is None
        assert find_current([credential("a")], "", "Qj9") is None


class TestReason:
    @pytest.mark.parametrize(
        ("current", "rotate_before", "reason"),
        [
            (credential("a", days=100), 30, ""),
            (credential("a", days=30.5), 30, ""),
            (credential("a", days=29.5), 30, "expires in 29 days"),
            (credential("a", days=-1), 30, "has expired"),
            (None, 30, "is not known"),
            (credential("a", days=100), None, "was requested"),
        ],
    )
    def test_rotated(self, current: AppCredential | None, rotate_before: int | None, reason: str) -> None:
        app = [current] if current else []
        found = reason_for_new(DesiredCredential("rotated", "ansible", "a", rotate_before), current, app, NOW)
        assert (reason in found) if reason else (found == "")

    def test_present_searches_by_name(self) -> None:
        desired = DesiredCredential("present", "ansible", "", None)
        assert reason_for_new(desired, None, [credential("a")], NOW) == ""
        assert "no valid one called 'ansible'" in reason_for_new(desired, None, [credential("a", "other")], NOW)
        assert "no valid one" in reason_for_new(desired, None, [credential("a", days=-1)], NOW)


def test_removed_is_what_has_the_name_or_is_named_but_not_what_is_kept() -> None:
    app = [credential("a"), credential("b"), credential("c", "by hand"), credential("d", "by hand")]
    assert to_remove(app, "ansible", ["c"], ["b"]) == [app[0], app[2]]
    assert to_remove(app, "", ["d", "unknown"], []) == [app[3]]
    assert to_remove(app, "ansible", ["a"], ["a", "b"]) == []


class TestKeyIds:
    def test_as_graph_shows_them(self) -> None:
        given = ["{5EC00000-0000-4000-8000-00000000000A}", " 5ec00000-0000-4000-8000-00000000000b "]
        assert key_ids("key_ids", given) == {
            "5ec00000-0000-4000-8000-00000000000a",
            "5ec00000-0000-4000-8000-00000000000b",
        }

    @pytest.mark.parametrize("value", ["", " ", None, "ansible", "5ec00000"])
    def test_what_is_none_is_an_error(self, value: str | None) -> None:
        with pytest.raises(ConfigError, match="keep_key_ids") as caught:
            key_ids("keep_key_ids", [value])
        assert "| select" in str(caught.value)


def test_what_the_task_logs_in_with_stays() -> None:
    app = [credential("a", hint="Qj9"), credential("b", hint="Qj9"), credential("c", hint="x7P")]
    assert beginning_like(app, "Qj98Q~k5") == app[:2]
    refuse_to_remove_the_login([app[2]], app[:2])
    with pytest.raises(ConfigError, match="this task logs in with") as caught:
        refuse_to_remove_the_login(app[1:], app[:2])
    assert caught.value.option == "allow_lockout"


class TestTheLastOne:
    def test_is_not_removed(self) -> None:
        app = [credential("a"), credential("b", days=-5)]
        with pytest.raises(ConfigError, match="last valid credential") as caught:
            refuse_to_remove_the_last(app, [], [app[0]], NOW)
        assert caught.value.option == "allow_lockout"

    def test_another_valid_one_is_enough(self) -> None:
        app = [credential("a"), credential("b")]
        refuse_to_remove_the_last(app, [], [app[0]], NOW)
        refuse_to_remove_the_last(app[:1], [credential("x")], [app[0]], NOW)

    def test_expired_ones_may_all_go(self) -> None:
        app = [credential("a", days=-5)]
        refuse_to_remove_the_last(app, [], app, NOW)
        refuse_to_remove_the_last([], [], [], NOW)
