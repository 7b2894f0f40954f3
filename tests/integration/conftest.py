# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the integration tests: a real emulator, and real Ansible runs that inherit nothing."""

from __future__ import annotations

import contextlib
import os
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import AnsibleRunner
from harness.conformance import pytest_sessionfinish, record_arguments
from harness.emulator import Emulator
from harness.openbao import OpenBao, fetch_collections, install
from harness.summary import pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]  # hooks


# Set by `make test`: tests marked everycore fork as all others do. Each ansible-core also runs test_fork_server.py then.
FORKS: t.Final = bool(os.environ.get("POWERBI_TEST_FORKS"))

# Files that take longest begin, so that the workers of pytest-xdist end together.
LONGEST: t.Final = (
    *("test_rotation", "test_role_credentials", "test_role_deploy", "test_deploy", "test_openbao", "test_faults"),
    *(
        "test_leaks",
        "test_two_paths_modules",
        "test_scale",
        "test_deploy_faults",
        "test_tenant_check",
        "test_two_paths",
    ),
    *("test_idempotence_matrix", "test_workspaces", "test_task_paths", "test_cores", "test_credential_leaks"),
    *("test_import", "test_ways_to_log_in", "test_hostile", "test_errors", "test_token_module", "test_export"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def plain_runs_or_a_fork_server(request: pytest.FixtureRequest) -> t.Iterator[None]:
    """Other ansible-cores are tested with plain runs alone (they run the tests marked everycore), but for POWERBI_TEST_FORKS."""
    AnsibleRunner.plain = "everycore" in request.config.getoption("markexpr") and not FORKS
    yield
    if AnsibleRunner.server:
        AnsibleRunner.server.stop()


@pytest.fixture(scope="session")
def start_emulator(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[t.Callable[..., Emulator]]:
    """start_emulator(seed=None, arguments=()): one more emulator, stopped at the end of the session."""
    with contextlib.ExitStack() as stack:

        def start(*, seed: Path | None = None, arguments: t.Sequence[str] = ()) -> Emulator:
            folder = tmp_path_factory.mktemp("emulator")
            running = Emulator(folder, seed=seed, arguments=[*record_arguments(folder), *arguments])
            stack.callback(running.stop)
            return running

        yield start


@pytest.fixture(scope="session")
def emulator(start_emulator: t.Callable[..., Emulator]) -> Emulator:
    """The emulator of this pytest process, in whatever state earlier tests left it."""
    return start_emulator()


@pytest.fixture
def fresh_emulator(emulator: Emulator) -> t.Iterator[Emulator]:
    """The same emulator, back at its seed, with no faults and an empty request log."""
    emulator.clean()
    yield emulator
    emulator.clean()


@pytest.fixture
def ansible(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AnsibleRunner:
    """Runs playbooks, ad-hoc tasks and ansible-doc; see AnsibleRunner. ``everycore`` and ``plain_runs``: not forked."""
    # Not in tmp_path: with the test's name in it, the path of ansible-core's socket (2.20 and later) becomes too long.
    plain = any(request.node.get_closest_marker(name) for name in ("plain_runs", *(() if FORKS else ("everycore",))))
    return AnsibleRunner(tmp_path_factory.mktemp("run"), plain=plain)


@pytest.fixture(scope="session")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[OpenBao]:
    """A real OpenBao; with it, community.hashi_vault is below harness.openbao.COLLECTIONS. Skips where they can't be got."""
    try:
        binary = install()
        fetch_collections()
    except RuntimeError as error:
        pytest.skip(str(error))
    running = OpenBao(binary, tmp_path_factory.mktemp("openbao"))
    yield running
    running.stop()
