# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a running emulator. A reset discards it and reads the seed again, but keeps keys, URLs and the log."""

from __future__ import annotations

import abc
import typing as t

from starlette.requests import HTTPConnection

from powerbi_emulator.clock import Clock, ScaledClock
from powerbi_emulator.faults import Faults
from powerbi_emulator.keys import Keyring
from powerbi_emulator.recorder import Recorder
from powerbi_emulator.request_log import RequestLog
from powerbi_emulator.seed import Section, Seed
from powerbi_emulator.switches import Switches
from powerbi_emulator.timers import Timers


class Store(abc.ABC):
    """A part of the state: built from the seed at start and at each reset.

    A store reads its own top-level keys of ``seed`` (``seed.sections("workspaces")``), calls ``finish`` on the sections
    it got, and reaches stores that were built before it through ``emulated.store``.
    """

    @abc.abstractmethod
    def __init__(self, emulated: EmulatorState, seed: Section) -> None: ...


S = t.TypeVar("S", bound=Store)


class StateResetError(Exception):
    """The emulator was reset while a request waited: the state of the request no longer exists."""


class EmulatorState:
    """``url`` is the base URL of all services (TLS), ``plain_url`` that of the managed-identity endpoints (http).

    ``profile`` are switches that are set before those of the seed. ``clock`` is the machine's if not given.
    """

    def __init__(
        self,
        seed: Seed,
        stores: t.Sequence[type[Store]],
        keys: Keyring,
        url: str,
        plain_url: str,
        profile: t.Mapping[str, t.Any] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.keys = keys
        self.url = url
        self.plain_url = plain_url
        self.faults = Faults()
        self.clock = clock or ScaledClock()
        self.timers = Timers(self.clock)
        self.log = RequestLog(self.clock)
        self.recorder: Recorder | None = None
        self.switches = Switches()
        self._seed = seed
        self._profile = dict(profile or {})
        self._store_types = tuple(dict.fromkeys(stores))
        self._stores: dict[type[Store], Store] = {}
        self._resets = 0
        self.reset()

    def reset(self) -> None:
        """Rebuild stores and switches from profile and seed, without faults. Raises SeedError for an invalid seed."""
        self._resets += 1
        root = self._seed.root({"url": self.url})
        self.switches = Switches()
        self.switches.update(self._profile)
        switches = root.mapping("switches")
        try:
            self.switches.update(switches)
        except ValueError as error:
            raise root.error("switches", str(error)) from error
        self.timers.cancel()
        self.clock.restart()
        self._stores = {}
        for store_type in self._store_types:
            self._stores[store_type] = store_type(self, root)
        root.finish()
        self.faults = Faults()

    def store(self, store_type: type[S]) -> S:
        """The store of that type."""
        store = self._stores[store_type]
        assert isinstance(store, store_type)
        return store

    async def pause(self, seconds: float) -> None:
        """Delay a request before it is processed. Raises StateResetError if the state was reset in that time."""
        resets = self._resets
        await self.clock.pause(seconds)
        self.timers.run_due()
        if self._resets != resets:
            raise StateResetError

    def now(self) -> float:
        """The emulator's time: epoch seconds, ahead of its clock by the switch ``clock_skew``."""
        return self.timers.now() + self.switches.clock_skew


def emulated_of(connection: HTTPConnection) -> EmulatorState:
    """The state of the emulator that serves this request."""
    emulated = connection.app.state.emulated
    assert isinstance(emulated, EmulatorState)
    return emulated
