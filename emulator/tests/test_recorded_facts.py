# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recorded facts of the real services, each checked against a running emulator."""

from __future__ import annotations

import collections.abc
from pathlib import Path

import pytest

from conftest import running
from powerbi_emulator.conformance import recorded_facts
from powerbi_emulator.conformance.live_emulator import LiveEmulator
from powerbi_emulator.conformance.recorded_facts import FACTS, Row, main, table


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[LiveEmulator]:
    directory = tmp_path_factory.mktemp("facts") / "data"
    with running(directory, "--service-hosts"):
        yield LiveEmulator(directory)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.text)
def test_recorded_fact(live: LiveEmulator, fact: recorded_facts.Fact) -> None:
    live.control("POST", "reset")
    answered, ok = fact.check(live)
    assert ok, answered


def test_the_command_prints_every_fact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path / "data", "--service-hosts"):
        assert main(["--emulator", str(tmp_path / "data")]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith(f"{len(FACTS)} facts, 0 not ok\n")
    assert all(fact.text[:20] in printed for fact in FACTS)


def test_a_fact_that_does_not_hold_ends_the_command_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path / "data"):  # without --service-hosts
        assert main(["--emulator", str(tmp_path / "data")]) == 1
    printed = capsys.readouterr().out
    assert "not in the certificate: api.powerbi.com" in printed
    assert printed.endswith(f"{len(FACTS)} facts, 1 not ok\n")


def test_a_row_that_can_not_be_computed_is_not_ok(live: LiveEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: LiveEmulator) -> tuple[str, bool]:
        raise KeyError("definition")

    monkeypatch.setattr(recorded_facts, "FACTS", (recorded_facts.Fact("a fact", "a source", broken),))
    assert recorded_facts.rows(live) == [Row("a fact", "a source", "KeyError: 'definition'", False)]


def test_columns_are_wrapped() -> None:
    [_, _, first, second, _, total] = table([Row("a fact " * 10, "recordings", "200", True)]).splitlines()
    assert first.split()[-3:] == ["recordings", "200", "yes"]
    assert second.startswith(("a fact", "fact"))
    assert total == "1 facts, 0 not ok"
