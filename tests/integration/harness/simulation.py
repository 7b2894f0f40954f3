# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real modules and the emulator in one process, on one clock that goes on when all of them wait.

Nothing sleeps: an hour of the services takes as long as its requests need. Planner, scheduler, polls, retries and quota are
those of the collection; only the sockets are missing, and Ansible itself, whose own time is not counted.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import heapq
import queue
import threading
import types
import typing as t
from pathlib import Path
from unittest import mock

import requests
from requests.structures import CaseInsensitiveDict

from ansible_collections.community.powerbi.plugins.module_utils import _session
from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache
from ansible_collections.community.powerbi.plugins.module_utils._clock import Clock, SystemClock
from harness.in_process import run_module
from powerbi_emulator.app import build_app, build_state
from powerbi_emulator.clock import SharedClock
from powerbi_emulator.in_process import InProcess
from powerbi_emulator.keys import Keyring
from powerbi_emulator.seed import Seed

URL: t.Final = "https://localhost"
T = t.TypeVar("T")


class VirtualClock(Clock):
    """Goes on, to the next moment that something waits for, while all ``workers`` wait."""

    def __init__(self, now: float = 1_780_000_000.0) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._workers = 0
        self._waiting: list[float] = []  # a heap: until when

    def monotonic(self) -> float:
        return self._now

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move it by hand, while nothing runs."""
        self._now += seconds

    def join(self, number: int = 1) -> None:
        """That many more threads work (less, if negative): while one of them does not wait, the time stands still."""
        with self._changed:
            self._workers += number
            self._move()

    def _pass(self, seconds: float) -> None:
        with self._changed:
            until = self._now + seconds
            heapq.heappush(self._waiting, until)
            self._move()
            while self._now < until:
                self._changed.wait()

    def _move(self) -> None:
        if self._waiting and len(self._waiting) >= self._workers:
            self._now = max(self._now, self._waiting[0])
            while self._waiting and self._waiting[0] <= self._now:
                heapq.heappop(self._waiting)
            self._changed.notify_all()


class _Future(concurrent.futures.Future[t.Any]):
    """Of a thread that works for the clock. Who waits for its result does not, and takes its place when it ends."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._successors = 0

    def result(self, timeout: float | None = None) -> t.Any:
        with self._lock:
            waits = not self.done()
            if waits:
                self._successors += 1
                self._clock.join(-1)
        return super().result(timeout)

    def end(self, function: t.Callable[..., t.Any], arguments: tuple[t.Any, ...]) -> None:
        try:
            value, error = function(*arguments), None
        except BaseException as raised:
            value, error = None, raised
        with self._lock:
            self._clock.join(self._successors - 1)
            self.set_result(value) if error is None else self.set_exception(error)


class _Pool:
    """In place of ThreadPoolExecutor. Each function has a thread at once."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def submit(self, function: t.Callable[..., t.Any], *arguments: t.Any) -> _Future:
        future = _Future(self._clock)
        self._clock.join()
        threading.Thread(target=future.end, args=(function, arguments), daemon=True).start()
        return future

    def shutdown(self, **_options: bool) -> None:
        pass


class _Transport:
    """In place of the collection's transport: requests go to the emulator's app."""

    timeout = 30.0

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def send(self, method: str, url: str, *, stream: bool = False, timeout: float = 0, **request: t.Any) -> t.Any:
        prepared = requests.Request(method, url, **request).prepare()
        body = prepared.body or b""
        content = body.encode() if isinstance(body, str) else body
        answer = self._simulation.send(method, str(prepared.url), list(prepared.headers.items()), content)
        response = requests.Response()
        response.status_code, response.url = answer.status, str(prepared.url)
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content, response._content_consumed = answer.body, True  # type: ignore[attr-defined]
        response.encoding = "utf-8"
        return response

    def complete(self, response: requests.Response) -> None:
        pass

    def read_stream(self, response: requests.Response) -> t.Iterator[bytes]:
        yield response.content

    def close(self) -> None:
        pass


class Simulation:
    """An emulator with a profile of `service_profile`, and runs of modules against it. ``counts`` are its responses, by
    kind of API (``platform``, ``operations``, ...) and status."""

    def __init__(self, folder: Path, profile: str, seed: Path | None = None, **switches: t.Any) -> None:
        self.clock = VirtualClock()
        self.counts: collections.Counter[tuple[str, int]] = collections.Counter()
        self._folder = folder
        keys = Keyring.load_or_make(folder, folder / "client.pem")
        shared = SharedClock(self.clock.time, self.clock.advance)
        self.emulated = build_state(Seed.load(seed), keys, URL, URL, profile, shared)
        self.emulated.switches.update(switches)
        self._in_process = InProcess(build_app(self.emulated), lambda seconds: self.clock.sleep(seconds, busy=True))

    def send(self, method: str, url: str, headers: list[tuple[str, str]], body: bytes) -> t.Any:
        """Send a request to the emulator, and count its response."""
        answer = self._in_process.send(method, url, headers, body)
        self.counts[_kind_of(url.removeprefix(URL)), answer.status] += 1
        return answer

    def run(self, work: t.Sequence[t.Callable[[], T]], forks: int) -> list[T]:
        """The results of all functions, of which ``forks`` run at a time, as tasks of Ansible do."""
        tasks: queue.SimpleQueue[tuple[int, t.Callable[[], T]]] = queue.SimpleQueue()
        results: dict[int, T] = {}
        errors: list[BaseException] = []
        for entry in enumerate(work):
            tasks.put(entry)

        def fork() -> None:
            try:
                while not errors:
                    number, function = tasks.get_nowait()
                    results[number] = function()
            except queue.Empty:
                pass
            except BaseException as error:
                errors.append(error)
            finally:
                self.clock.join(-1)

        threads = [threading.Thread(target=fork) for _number in range(min(forks, len(work)))]
        self.clock.join(len(threads))
        with self._in_place():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if errors:
            raise errors[0]
        return [results[number] for number in range(len(work))]

    def module(self, name: str, cache: Path, **options: t.Any) -> dict[str, t.Any]:
        """The result of one task, in a function of `run`. ``cache`` is the private folder of its run of Ansible."""
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        return run_module(name, {"authority": URL, "api_url": URL, **options}, cache)

    @contextlib.contextmanager
    def _in_place(self) -> t.Iterator[None]:
        """The collection's clock is the simulation's, and its transport leads to the emulator."""
        clock = self.clock
        passes: dict[str, t.Any] = {
            "monotonic": lambda _self: clock.monotonic(),
            "time": lambda _self: clock.time(),
            "_pass": lambda _self, seconds: clock._pass(seconds),
        }
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.multiple(SystemClock, **passes))
            stack.enter_context(mock.patch.object(_session.Session, "transport", _Transport(self)))
            times = types.SimpleNamespace(time=clock.time, sleep=clock.sleep)
            stack.enter_context(mock.patch.object(_session, "time", times))
            cache = lambda directory: TokenCache(directory, clock.time)  # noqa: E731
            stack.enter_context(mock.patch.object(_session, "TokenCache", cache))
            pool = lambda *_arguments, **_options: _Pool(clock)  # noqa: E731
            stack.enter_context(mock.patch.object(concurrent.futures, "ThreadPoolExecutor", pool))
            yield


def _kind_of(path: str) -> str:
    from powerbi_emulator.throttling import kind_of

    return kind_of(path) if path.startswith(("/v1/", "/v1.0/")) else "login"
