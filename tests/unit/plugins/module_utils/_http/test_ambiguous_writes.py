# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failures leave open whether a write happened, and how its result is looked for."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConflictError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.ambiguous_writes import (
    is_ambiguous_write,
    read_back,
)
from fakes.clock import FakeClock


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (TransportError("no answer"), True),
        (TransportError("refused", sent=False), False),
        (ApiError("unavailable", status=503), True),
        (ConflictError("the name is taken", status=409), True),
        (ApiError("bad request", status=400), False),
        (ApiError("throttled", status=429), False),
    ],
)
def test_what_may_have_happened(error: ApiError | TransportError, ambiguous: bool) -> None:
    assert is_ambiguous_write(error) is ambiguous


def test_the_first_read_waits_for_nothing_and_later_ones_do() -> None:
    clock = FakeClock()
    reads = iter([None, None, "found"])
    assert read_back(lambda: next(reads), clock) == "found"
    assert clock.slept == [1.0, 3.0]


def test_what_does_not_appear_is_not_found() -> None:
    assert read_back(lambda: None, FakeClock()) is None
