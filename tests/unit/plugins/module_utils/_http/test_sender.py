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
from ansible_collections.community.powerbi.plugins.module_utils._http.limits import (
    FABRIC,
    OPERATIONS,
    POWERBI,
    Endpoint,
)
from ansible_collections.community.powerbi.plugins.module_utils._http.quota import Governor
from ansible_collections.community.powerbi.plugins.module_utils._http.retry import RetryPolicy
from ansible_collections.community.powerbi.plugins.module_utils._http.sender import Counters, RetryingSender
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
    assert subject.exchange("GET", URL, endpoint=Endpoint("x"), budget=0).response.status_code == status
    assert (len(transport.sent), clock.slept) == (1, [])


def test_without_a_budget_the_failure_is_unchanged() -> None:
    subject, transport, clock = sender([unreachable()])
    with pytest.raises(TransportError) as caught:
        subject.exchange("GET", URL, endpoint=Endpoint("x"), budget=0)
    assert caught.value.why == "Refused"
    assert (len(transport.sent), clock.slept) == (1, [])


def test_a_closed_endpoint_without_a_budget_is_an_error_at_once() -> None:
    subject, transport, clock = sender([reply(429, Retry_After="5"), reply(200)])
    subject.exchange("GET", URL, endpoint=Endpoint("x"), budget=0)
    with pytest.raises(ThrottledError) as caught:
        subject.exchange("GET", URL, endpoint=Endpoint("x"), budget=0)
    assert caught.value.retry_after == 5
    clock.now += 5
    assert subject.exchange("GET", URL, endpoint=Endpoint("x"), budget=0).response.status_code == 200
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
    subject.exchange("GET", URL, endpoint=Endpoint("GET /groups"))
    assert clock.slept == [20.0]
    before = clock.now
    subject.exchange("GET", URL, endpoint=Endpoint("GET /other"))
    assert clock.now == before


def test_a_job_keeps_its_slot_between_the_tries_of_a_request() -> None:
    """Otherwise all jobs would begin while the service throttles the first ones, and exceed their time together."""
    subject, transport, clock = sender([reply(503), reply(200), reply(503), reply(200)])
    with Jobs(1, clock) as jobs:
        jobs.map(lambda name: subject.send("GET", f"{URL}/{name}"), ["a", "b"])
    assert [sent.url.rpartition("/")[2] for sent in transport.sent] == ["a", "a", "b", "b"]


def test_a_closed_endpoint_is_an_error_without_a_request_when_the_budget_does_not_reach() -> None:
    subject, transport, _clock = sender([reply(429, Retry_After="3000")])
    subject.exchange("GET", URL, endpoint=Endpoint("GET /groups"))
    with pytest.raises(ThrottledError) as caught:
        subject.exchange("GET", URL, endpoint=Endpoint("GET /groups"))
    assert len(transport.sent) == 1
    assert caught.value.retry_after == 3000
    assert "`retry_timeout`" in caught.value.remedy


def test_a_wait_for_the_quota_does_not_count_in_the_time_for_retries() -> None:
    subject, transport, clock = sender(lambda _sent: reply(200), budget=1.0)
    subject.governor = Governor(clock, rate=2)
    for _number in range(5):
        subject.exchange("GET", URL, endpoint=Endpoint("GET /groups", POWERBI))
    assert len(transport.sent) == 5
    assert clock.slept == [60.5, 60.5]
    assert subject.counters.waited == 121.0


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["poll 1", "poll 2", "write"], ["poll 1", "write", "poll 2"]),
        (["write 1", "write 2", "poll"], ["write 1", "poll", "write 2"]),
    ],
)
def test_a_request_that_waits_for_the_quota_lets_other_jobs_run(names: list[str], order: list[str]) -> None:
    subject, transport, clock = sender(lambda _sent: reply(200))
    subject.governor = Governor(clock, rate=1)

    def poll_or_write(name: str) -> None:
        kind = OPERATIONS if name.startswith("poll") else FABRIC
        subject.exchange(
            "GET", f"{URL}/{name}", endpoint=Endpoint(kind, kind), budget=0 if kind == OPERATIONS else None
        )

    with Jobs(1, clock) as jobs:
        jobs.map(poll_or_write, names)
    assert [sent.url.rpartition("/")[2] for sent in transport.sent] == order


def test_a_request_that_is_stopped_in_its_wait_gives_its_slot_back() -> None:
    subject, _transport, clock = sender(lambda _sent: reply(200))
    subject.governor = Governor(clock, rate=1)
    endpoint = Endpoint("GET /groups", POWERBI)
    subject.exchange("GET", URL, endpoint=endpoint)

    def stop(_seconds: float, *, busy: bool = False) -> None:
        raise KeyboardInterrupt

    asleep, clock.sleep = clock.sleep, stop  # type: ignore[method-assign]
    for _request in range(3):
        with pytest.raises(KeyboardInterrupt):
            subject.exchange("GET", URL, endpoint=endpoint)
    clock.sleep = asleep  # type: ignore[method-assign]
    assert subject.governor.reserve(endpoint, 1.0).wait == 60.5


def test_a_request_that_must_wait_again_gives_its_slot_back() -> None:
    """The response to another request holds the endpoint while this one sleeps."""
    subject, transport, clock = sender(lambda _sent: reply(200))
    subject.governor = Governor(clock, rate=2)
    endpoint = Endpoint("GET /groups", POWERBI)
    other = subject.governor.reserve(endpoint, 60.0)
    subject.governor.refused(endpoint, other, 10.0)
    pass_time = clock.sleep

    def sleep(seconds: float, *, busy: bool = False) -> None:
        clock.sleep = pass_time  # type: ignore[method-assign]
        pass_time(seconds, busy=busy)
        subject.governor.refused(endpoint, other, 10.0)

    clock.sleep = sleep  # type: ignore[method-assign]
    subject.exchange("GET", URL, endpoint=endpoint)
    assert (clock.slept, len(transport.sent)) == ([10.0, 10.0], 1)
    assert subject.governor.room(POWERBI) == pytest.approx(1.8 - 2)  # the refused request, and this one only


def test_without_a_retry_after_the_text_of_a_429_names_the_time() -> None:
    text = "Request is blocked by the upstream service until: 2/6/2024 12:58:37 PM (UTC)"
    body = {"errorCode": "RequestBlocked", "message": text}
    refused = reply(429, body, Date="Tue, 06 Feb 2024 12:58:00 GMT")
    subject, _transport, clock = sender([refused, reply(200)])
    subject.exchange("GET", URL, endpoint=Endpoint("x"))
    assert clock.slept == [37.0]


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
            done.append(subject.exchange("GET", URL, endpoint=Endpoint("x")).response.status_code)

    threads = [threading.Thread(target=work) for dummy in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [200] * 80
    assert subject.counters.requests == len(transport.sent)
    assert subject.counters.retries == len(transport.sent) - 80
