# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.propagation import (
    NotPropagatedError,
    wait_until_propagated,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import AuthError
from fakes.clock import FakeClock


def answers(codes: t.Iterable[str]) -> tuple[t.Callable[[], None], list[str]]:
    """A log-in that is answered with these codes in turn; an empty one is a success."""
    left, requested = iter(codes), list[str]()

    def log_in() -> None:
        code = next(left)
        requested.append(code)
        if code:
            raise AuthError("refused", code=code)

    return log_in, requested


def test_three_in_a_row_however_the_replicas_flap() -> None:
    log_in, requested = answers(["7000215", "", "", "7000215", "", "7000215", "", "", ""])
    seconds = wait_until_propagated(log_in, FakeClock(), 60)
    assert len(requested) == 9
    assert seconds == pytest.approx(0.5 + 0.5 + 0.5 + 0.75 + 0.5 + 1.125 + 0.5 + 0.5)


def test_at_once_where_all_know_it() -> None:
    log_in, requested = answers([""] * 3)
    assert wait_until_propagated(log_in, FakeClock(), 1) == 1.0
    assert len(requested) == 3


def test_time_is_up() -> None:
    clock = FakeClock()
    with pytest.raises(NotPropagatedError, match="not accepted 3 times in a row within 30 s") as caught:
        wait_until_propagated(answers(["", "7000215"] * 1000)[0], clock, 30)
    assert sum(clock.slept) <= 30
    assert caught.value.details["tries"] > 5
    assert "propagation_timeout" in caught.value.remedy


def test_another_refusal_is_final() -> None:
    log_in, requested = answers(["7000215", "7000222"])
    with pytest.raises(AuthError, match="refused"):
        wait_until_propagated(log_in, FakeClock(), 60)
    assert len(requested) == 2
