# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sender: repetitions, counters, and what threads learn from each other about throttling."""

from __future__ import annotations

import io
import random
import threading
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._errors import ThrottledError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._http.retry import RetryPolicy
from ansible_collections.community.powerbi.plugins.module_utils._http.sender import Counters, RetryingSender
from ansible_collections.community.powerbi.plugins.module_utils._http.throttle import Throttle
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from fakes.clock import FakeClock
from fakes.wire import FakeTransport, Reply, reply

URL = "https://api.powerbi.test/v1.0/myorg/groups"


def sender(script: t.Any, budget: float = 60.0) -> tuple[RetryingSender, FakeTransport, FakeClock]:
    transport, clock = FakeTransport(script), FakeClock()
    policy = RetryPolicy(budget=budget, jitter=lambda: 0.0)
    return RetryingSender(t.cast("t.Any", transport), policy, clock), transport, clock


def unreachable(**facts: t.Any) -> TransportError:
    return TransportError("Cannot reach it", why="Refused", **{"sent": False, **facts})


def test_it_repeats_until_an_answer_is_final() -> None:
    subject, transport, clock = sender([unreachable(), reply(500), reply(429, Retry_After="7"), reply(200)])
    assert subject.send("GET", URL).status_code == 200
    assert clock.slept == [0.25, 0.5, 7.0]
    assert subject.counters == Counters(requests=4, retries=3, waited=7.75)
    assert len(transport.sent) == 4


def test_a_write_that_may_have_happened_is_not_repeated() -> None:
    subject, transport, _clock = sender([TransportError("reset", sent=True)])
    with pytest.raises(TransportError) as caught:
        subject.send("POST", URL)
    assert len(transport.sent) == 1
    assert "not repeated unseen" in caught.value.why


def test_a_write_that_cannot_have_happened_is() -> None:
    subject, transport, _clock = sender([unreachable(), reply(503, Retry_After="1"), reply(201)])
    assert subject.send("POST", URL).status_code == 201
    assert len(transport.sent) == 3


def test_the_last_failure_has_the_number_of_attempts() -> None:
    subject, transport, _clock = sender(lambda _sent: unreachable())
    with pytest.raises(TransportError) as caught:
        subject.send("GET", URL)
    assert len(transport.sent) == 4
    assert caught.value.why == "Refused; tried 4 times within 2 s"


def test_what_would_fail_again_is_not_repeated() -> None:
    subject, transport, clock = sender([unreachable(retryable=False)])
    with pytest.raises(TransportError):
        subject.send("GET", URL)
    assert (len(transport.sent), clock.slept) == (1, [])


def test_a_long_retry_after_ends_it_with_the_answer() -> None:
    subject, transport, clock = sender([reply(429, Retry_After="3392")])
    exchanged = subject.exchange("GET", URL)
    assert exchanged.response.status_code == 429
    assert exchanged.retry_after == 3392
    assert "3392 s" in exchanged.stopped
    assert (len(transport.sent), clock.slept) == (1, [])


def test_a_function_gives_a_fresh_body_for_each_try() -> None:
    subject, transport, _clock = sender([reply(429), reply(200)])
    subject.send("POST", URL, data=lambda: io.BytesIO(b"content"))
    assert [sent.data for sent in transport.sent] == [b"content", b"content"]


def test_a_bare_stream_is_sent_once() -> None:
    subject, transport, _clock = sender([reply(429), reply(200)])
    exchanged = subject.exchange("POST", URL, data=io.BytesIO(b"content"))
    assert exchanged.response.status_code == 429
    assert "second time" in exchanged.stopped
    assert len(transport.sent) == 1


@pytest.mark.parametrize("status", [500, 429, 503])
def test_without_a_budget_there_is_one_try(status: int) -> None:
    subject, transport, clock = sender([reply(status, Retry_After="1")])
    assert subject.exchange("GET", URL, endpoint="x", budget=0).response.status_code == status
    assert (len(transport.sent), clock.slept) == (1, [])


def test_without_a_budget_the_failure_is_unchanged() -> None:
    subject, transport, clock = sender([unreachable()])
    with pytest.raises(TransportError) as caught:
        subject.exchange("GET", URL, endpoint="x", budget=0)
    assert caught.value.why == "Refused"
    assert (len(transport.sent), clock.slept) == (1, [])


def test_a_closed_endpoint_without_a_budget_is_an_error_at_once() -> None:
    subject, transport, clock = sender([reply(429, Retry_After="5"), reply(200)])
    subject.exchange("GET", URL, endpoint="x", budget=0)
    with pytest.raises(ThrottledError) as caught:
        subject.exchange("GET", URL, endpoint="x", budget=0)
    assert caught.value.retry_after == 5
    clock.now += 5
    assert subject.exchange("GET", URL, endpoint="x", budget=0).response.status_code == 200
    assert len(transport.sent) == 2


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(50))
def test_no_write_is_repeated(seed: int) -> None:
    """A service that fails in all ways, before and after it acted: each write is done once at most, or is known."""
    rng = random.Random(seed)
    acted = 0

    def service(_sent: t.Any) -> Reply:
        nonlocal acted
        fate = rng.choice(
            ["ok", "ok", "429", "503", "refused", "500 after", "reset before", "reset after", "504 before"]
        )
        acted += fate in ("ok", "500 after", "reset after")
        return {
            "ok": reply(201),
            "429": reply(429, Retry_After=str(rng.randint(0, 3))),
            "503": reply(503, Retry_After="1"),
            "refused": unreachable(),
            "500 after": reply(500),
            "504 before": reply(504),
        }.get(fate, TransportError("reset", sent=True))

    for method in ("POST", "PATCH"):
        for dummy in range(40):
            acted = 0
            subject, _transport, _clock = sender(service)
            status, most = 0, 1
            try:
                status = subject.send(method, URL).status_code
            except TransportError as exc:
                most = int(exc.sent)
            assert acted == 1 if status == 201 else acted <= most


# --- throttling that threads share ---------------------------------------------------------------------------------


def test_one_refusal_holds_every_later_request_of_the_endpoint() -> None:
    subject, _transport, clock = sender([reply(429, Retry_After="20"), *(reply(200) for dummy in range(9))])
    subject.exchange("GET", URL, endpoint="GET /groups")
    assert clock.slept == [20.0]
    before = clock.now
    subject.exchange("GET", URL, endpoint="GET /other")
    assert clock.now == before


def test_a_job_keeps_its_slot_between_the_tries_of_a_request() -> None:
    """Otherwise all jobs would begin while the service throttles the first ones, and exceed their time together."""
    subject, transport, clock = sender([reply(503), reply(200), reply(503), reply(200)])
    with Jobs(1, clock) as jobs:
        jobs.map(lambda name: subject.send("GET", f"{URL}/{name}"), ["a", "b"])
    assert [sent.url.rpartition("/")[2] for sent in transport.sent] == ["a", "a", "b", "b"]


def test_other_threads_wait_too() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    throttle.on_throttled("imports", 30.0)
    assert throttle.reserve_slot("imports") == 30.0
    assert throttle.reserve_slot("groups") == 0.0
    assert throttle.wait_for("imports") == 30.0


def test_a_closed_endpoint_is_an_error_without_a_request_when_the_budget_does_not_reach() -> None:
    subject, transport, _clock = sender([reply(429, Retry_After="3000")])
    subject.exchange("GET", URL, endpoint="GET /groups")
    with pytest.raises(ThrottledError) as caught:
        subject.exchange("GET", URL, endpoint="GET /groups")
    assert len(transport.sent) == 1
    assert caught.value.retry_after == 3000
    assert "`retry_timeout`" in caught.value.remedy


def test_after_a_refusal_requests_come_spaced_and_then_faster() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    for dummy in range(10):  # ten a second
        assert throttle.reserve_slot("x") == 0.0
        clock.now += 0.1
    throttle.on_throttled("x", 5.0)
    waits = [throttle.reserve_slot("x") for dummy in range(4)]  # four threads at once
    assert waits == pytest.approx([5.0, 5.15, 5.3, 5.45])  # at 1.5 times the gap that was refused
    clock.now += 10
    for dummy in range(60):
        throttle.on_success("x")
    assert throttle.reserve_slot("x") == throttle.reserve_slot("x") == 0.0


def test_who_comes_seldom_is_not_slowed_down() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    for dummy in range(5):
        throttle.reserve_slot("x")
        clock.now += 10
    throttle.on_throttled("x", 1.0)
    assert [throttle.reserve_slot("x"), throttle.reserve_slot("x")] == [1.0, 1.0]


def test_a_burst_of_refusals_teaches_once() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    for dummy in range(10):
        throttle.reserve_slot("x")
        clock.now += 0.1
    for dummy in range(8):  # eight threads, refused at the same moment
        throttle.on_throttled("x", 5.0)
    first, second = throttle.reserve_slot("x"), throttle.reserve_slot("x")
    assert second - first == pytest.approx(0.15)


def test_a_limited_service_is_used_up_to_its_limit_by_many_threads() -> None:
    """A service that takes 5 requests a second: eight threads with 80 requests end, and soon are rarely refused."""
    clock = FakeClock()
    window: list[float] = []
    lock = threading.Lock()

    def service(_sent: t.Any) -> Reply:
        with lock:
            window[:] = [moment for moment in window if clock.now - moment < 1.0]
            if len(window) >= 5:
                return reply(429, Retry_After="1")
            window.append(clock.now)
            return reply(200)

    transport = FakeTransport(service)
    subject = RetryingSender(t.cast("t.Any", transport), RetryPolicy(budget=1e6), clock)
    done: list[int] = []

    def work() -> None:
        for dummy in range(10):
            done.append(subject.exchange("GET", URL, endpoint="x").response.status_code)

    threads = [threading.Thread(target=work) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [200] * 80
    assert subject.counters.requests == len(transport.sent)
    assert subject.counters.retries == len(transport.sent) - 80


class TestThrottle:
    """The rate of an endpoint after responses with 429."""

    @staticmethod
    def throttled(*, seconds_between: float, requests: int = 5) -> tuple[Throttle, FakeClock]:
        """After requests at this rate, the last of which is throttled for ten seconds."""
        clock = FakeClock()
        throttle = Throttle(clock)
        for number in range(requests):
            clock.now += seconds_between if number else 0.0
            throttle.reserve_slot("groups")
        throttle.on_throttled("groups", 10.0)
        return throttle, clock

    @staticmethod
    def spacing(throttle: Throttle) -> float:
        first = throttle.reserve_slot("groups")
        return throttle.reserve_slot("groups") - first

    def test_requests_are_spaced_below_the_refused_rate(self) -> None:
        throttle, clock = self.throttled(seconds_between=0.2)
        assert throttle.reserve_slot("groups") == 10.0
        clock.now += 10.0
        assert self.spacing(throttle) == pytest.approx(0.3)

    def test_a_second_429_within_the_pause_is_of_the_same_burst(self) -> None:
        throttle, clock = self.throttled(seconds_between=0.2)
        clock.now += 9.9
        throttle.on_throttled("groups", 5.0)
        assert throttle.wait_for("groups") == pytest.approx(5.0)
        clock.now += 5.0
        assert self.spacing(throttle) == pytest.approx(0.3)

    def test_a_429_at_the_end_of_the_pause_is_a_new_one(self) -> None:
        throttle, clock = self.throttled(seconds_between=0.2)
        clock.now += 10.0
        throttle.on_throttled("groups", 5.0)
        clock.now += 5.0
        assert self.spacing(throttle) == pytest.approx(0.45)

    def test_a_low_rate_is_not_spaced(self) -> None:
        """The mean of the gaps counts, also of an even number of requests."""
        throttle, clock = self.throttled(seconds_between=1.4, requests=2)
        clock.now += 10.0
        assert self.spacing(throttle) == 0.0
        throttle, clock = self.throttled(seconds_between=1.2, requests=2)
        clock.now += 10.0
        assert self.spacing(throttle) == pytest.approx(1.8)
