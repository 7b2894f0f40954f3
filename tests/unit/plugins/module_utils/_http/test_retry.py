# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The retry policy: what is repeated, when, and when it stops."""

from __future__ import annotations

import email.utils
import random
import typing as t

import pytest
from requests.structures import CaseInsensitiveDict

from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConflictError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.retry import (
    Attempt,
    RetryPolicy,
    is_ambiguous_write,
    read_back,
    retry_after_seconds,
)
from fakes.clock import FakeClock

NOW = 1_790_000_000.0


def policy(**options: t.Any) -> RetryPolicy:
    return RetryPolicy(**{"budget": 100.0, "base": 1.0, "cap": 16.0, "jitter": lambda: 0.0, **options})


def attempt(method: str = "GET", **facts: t.Any) -> Attempt:
    return Attempt(**{"number": 1, "elapsed": 0.0, "method": method, **facts})


@pytest.mark.parametrize("status", [200, 202, 301, 400, 401, 403, 404, 409, 410, 501])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_answers_that_are_final(status: int, method: str) -> None:
    assert policy().decide(attempt(method, status=status, retry_after=1.0)).delay is None


@pytest.mark.parametrize(
    ("method", "idempotent", "facts", "again"),
    [
        ("GET", None, {"status": 500}, True),
        ("get", None, {"status": 502}, True),
        ("PUT", None, {"status": 504}, True),
        ("DELETE", None, {"status": 503}, True),
        ("POST", None, {"status": 500}, False),
        ("POST", None, {"status": 502}, False),
        ("PATCH", None, {"status": 504}, False),
        ("POST", True, {"status": 500}, True),
        ("GET", False, {"status": 500}, False),
        # proof that nothing happened
        ("POST", None, {"status": 429}, True),
        ("POST", None, {"status": 503, "retry_after": 1.0}, True),
        ("POST", None, {"status": 503, "retry_after": 0.0}, True),
        ("POST", None, {"status": 503}, False),
        ("POST", None, {"sent": False}, True),
        ("POST", None, {"sent": True}, False),
        ("PATCH", None, {"sent": True}, False),
        ("GET", None, {"sent": True}, True),
        # no use
        ("GET", None, {"sent": False, "permanent": True}, False),
        ("GET", None, {"status": 429, "replayable": False}, False),
    ],
)
def test_what_is_repeated(method: str, idempotent: bool | None, facts: dict[str, t.Any], again: bool) -> None:
    decision = policy().decide(attempt(method, idempotent=idempotent, **facts))
    assert (decision.delay is not None) is again


def test_back_off_doubles_up_to_its_cap() -> None:
    delays = [policy().decide(attempt(status=500, number=number)).delay for number in range(1, 8)]
    assert delays == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    delays = [policy(jitter=lambda: 1.0).decide(attempt(status=500, number=n)).delay for n in range(1, 8)]
    assert delays == [1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0]


def test_a_very_late_attempt_does_not_overflow() -> None:
    assert policy(budget=1e9).decide(attempt(status=500, number=100_000)).delay == 8.0


def test_no_connection_is_given_up_before_the_budget_is() -> None:
    assert policy(connect_attempts=3).decide(attempt(sent=False, number=2)).delay is not None
    stop = policy(connect_attempts=3).decide(attempt(sent=False, number=3, elapsed=4.2))
    assert stop.delay is None
    assert stop.reason == "tried 3 times within 4 s"


def test_a_retry_after_beyond_the_budget_stops_at_once_with_the_reason() -> None:
    stop = policy().decide(attempt(status=429, retry_after=3392.0, elapsed=10.0))
    assert stop.delay is None
    assert stop.reason == "the service requires a wait of 3392 s, and 90 s are left of `retry_timeout`"


def test_an_exhausted_budget_is_the_reason() -> None:
    stop = policy().decide(attempt(status=500, number=9, elapsed=99.9))
    assert stop.delay is None
    assert "9 times" in stop.reason
    assert "`retry_timeout` (100 s)" in stop.reason


def test_never_before_retry_after_and_never_beyond_the_budget() -> None:
    rng = random.Random(4)
    repeated = 0
    for dummy in range(5000):
        some = RetryPolicy(
            budget=rng.uniform(0, 500), base=rng.uniform(0, 5), cap=rng.uniform(0, 60), jitter=rng.random
        )
        facts = attempt(
            rng.choice(["GET", "POST", "PATCH", "DELETE"]),
            number=rng.randint(1, 50),
            elapsed=rng.uniform(0, 600),
            status=rng.choice([None, 408, 429, 500, 502, 503, 504]),
            retry_after=rng.choice([None, 0.0, rng.uniform(0, 400)]),
            sent=rng.random() < 0.5,
        )
        delay = some.decide(facts).delay
        if delay is not None:
            repeated += 1
            assert delay >= (facts.retry_after or 0.0), facts
            assert facts.elapsed + delay <= some.budget, facts
            assert facts.safe_to_retry, facts
    assert repeated > 500


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": email.utils.formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"Retry-After": email.utils.formatdate(NOW - 30, usegmt=True)}, 0.0),
        # the client's clock is 10 minutes late: the server's own date counts
        (
            {
                "Retry-After": email.utils.formatdate(NOW + 630, usegmt=True),
                "Date": email.utils.formatdate(NOW + 600, usegmt=True),
            },
            30.0,
        ),
        ({"Retry-After": "Wed, 99 Foo 2026 00:00:00 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(CaseInsensitiveDict(headers), NOW) == seconds


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
