# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One token request per run, for any number of hosts, forks, tasks and items; and nothing that a killed run leaves behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator

pytestmark = pytest.mark.plain_runs

WRONG_SECRET = "wrong~secret.of-the-app_0123"
# Ansible ends itself at both signals that it can handle.
SIGNALS = [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.more), signal.SIGINT]
LOOKUP = "{{ lookup('community.powerbi.powerbi_token') | length }}"


def play(tasks: int, *, loop: int = 0) -> str:
    """A play on all hosts with ``tasks`` tasks that template the lookup, and one with a loop on the first host."""
    listed = "".join(
        f"""
    - name: Task {number}
      ansible.builtin.set_fact: {{length: "{LOOKUP}"}}
"""
        for number in range(1, tasks + 1)
    )
    looped = f"""
    - name: Loop
      ansible.builtin.set_fact: {{length: "{LOOKUP}"}}
      loop: "{{{{ range({loop}) | list }}}}"
      run_once: true
"""
    return f"- hosts: all\n  gather_facts: false\n  tasks:{listed}{looped if loop else ''}"


def token_requests(emulator: Emulator) -> int:
    return len(emulator.requests(contoso.TOKEN_PATH))


# Twice as many hosts as forks meet an empty cache and then a full one; five times as many do nothing else.
@pytest.mark.slow
@pytest.mark.parametrize(("hosts", "items"), [(40, 100), pytest.param(200, 1000, marks=pytest.mark.more)])
def test_many_hosts_and_items_ask_once(
    hosts: int, items: int, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    run = ansible.playbook(
        play(3, loop=items), inventory=hosts, env={**fresh_emulator.env, "ANSIBLE_FORKS": "20"}, timeout=200
    ).ok()
    assert token_requests(fresh_emulator) == 1
    done = [result for result in run.results if not result.item and result.status == "ok"]
    assert len(done) == 3 * hosts + 1
    assert len(run.items("Loop", "h001")) == items
    assert {result["ansible_facts"]["length"] for result in done if result.task != "Loop"} != {"0"}


@pytest.mark.everycore
def test_lookups_and_modules_share_the_token(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    run = ansible.playbook(
        """
        - hosts: all
          gather_facts: false
          tasks:
            - name: Module
              community.powerbi.powerbi_token:
              register: token
            - name: The same
              ansible.builtin.assert:
                that: token.access_token == lookup('community.powerbi.powerbi_token')
                quiet: true
            - name: Sources
              ansible.builtin.debug: {msg: "{{ token.source }}"}
        """,
        inventory=6,
        env={**fresh_emulator.env, "ANSIBLE_FORKS": "6"},
    ).ok()
    assert token_requests(fresh_emulator) == 1
    sources = [result["msg"] for result in run.results if result.task == "Sources"]
    assert sorted(sources) == ["cache"] * 5 + ["identity_provider"]


def wait_for_orphans(emulator: Emulator) -> None:
    """Forks outlive their killed parent for a moment, and one of them may still ask: not the next run's request."""
    seen, since, deadline = -1, time.monotonic(), time.monotonic() + 30
    while time.monotonic() < min(since + 3, deadline):  # two times the delay of the response that they wait for
        requested = token_requests(emulator)
        if requested != seen:
            seen, since = requested, time.monotonic()
        time.sleep(0.1)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_killed_run_blocks_no_other(number: signal.Signals, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """Killed while one fork asks and the others wait for it; the same temporary folder serves the next run."""
    environment = {**fresh_emulator.env, "ANSIBLE_FORKS": "5"}
    fresh_emulator.fault(path=contoso.TOKEN_PATH, delay=1.5, times=1)
    running = ansible.start(play(2), inventory=5, env=environment)
    deadline = time.monotonic() + 30
    while not token_requests(fresh_emulator):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.signal(number)
    assert running.wait(timeout=20).rc != 0
    wait_for_orphans(fresh_emulator)
    fresh_emulator.clear_faults()
    fresh_emulator.clear_requests()
    ansible.playbook(play(2), inventory=5, env=environment, timeout=30).ok()
    assert token_requests(fresh_emulator) == 1


def test_a_run_killed_with_its_token_in_the_cache(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """What SIGKILL leaves is private and never used again: the next run has a folder of its own."""
    tasks = play(1) + "    - {name: Wait, ansible.builtin.pause: {seconds: 60}}\n"
    running = ansible.start(tasks, inventory=3, env=fresh_emulator.env)
    deadline = time.monotonic() + 30
    while not list(ansible.workdir.rglob("powerbi-tokens/*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.signal(signal.SIGKILL)
    running.wait(timeout=20)
    left = [path for path in ansible.workdir.rglob("powerbi-tokens/*") if path.is_file()]
    assert left
    assert {path.stat().st_mode & 0o777 for path in left} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in left} == {0o700}
    fresh_emulator.clear_requests()
    ansible.playbook(play(1), inventory=3, env=fresh_emulator.env).ok()
    assert token_requests(fresh_emulator) == 1


# Processes, not forks: the strictest test of the cache itself

ONE_TOKEN = """
import json, sys
from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._session import open_session
from ansible_collections.community.powerbi.plugins.module_utils._settings.sources import ConfigSource
import os
session = open_session([ConfigSource("option", json.loads(sys.argv[1]), True)], os.environ, cache_directory=sys.argv[2])
sys.stdin.readline()
try:
    token = session.tokens.token()
    print(json.dumps({"source": token.source, "length": len(token.value.reveal())}))
except PowerBIError as error:
    print(json.dumps({"error": str(error)}))
"""


def at_once(count: int, directory: Path, environment: dict[str, str], **options: t.Any) -> list[dict[str, t.Any]]:
    """``count`` processes that have imported all they need, then ask for the token together."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_TOKEN, json.dumps(options), str(directory)],
            env={**environment, "PYTHONPATH": str(REPOSITORY / ".collections"), "HOME": str(directory)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for dummy in range(count)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.close()
    answers = []
    for process in processes:
        assert process.stdout
        answers.append(json.loads(process.stdout.read()))
        process.stdout.close()
        assert process.wait(timeout=60) == 0
    return answers


def test_fifty_processes_on_an_empty_cache_ask_once(fresh_emulator: Emulator, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    answers = at_once(50, cache, fresh_emulator.env)
    assert sorted(answer["source"] for answer in answers) == ["cache"] * 49 + ["identity_provider"]
    assert token_requests(fresh_emulator) == 1
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o600}


def test_a_token_about_to_expire_is_replaced_once(fresh_emulator: Emulator, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    fresh_emulator.tenant(token_lifetime=900)
    at_once(1, cache, fresh_emulator.env)
    assert token_requests(fresh_emulator) == 1
    at_once(3, cache, fresh_emulator.env, min_validity=600)  # enough of it is left
    assert token_requests(fresh_emulator) == 1
    fresh_emulator.tenant(token_lifetime=3600)
    age_cached_tokens(cache, seconds=400)
    answers = at_once(20, cache, fresh_emulator.env, min_validity=600)
    assert sorted(answer["source"] for answer in answers) == ["cache"] * 19 + ["identity_provider"]
    assert token_requests(fresh_emulator) == 2


def test_a_token_that_expires_in_the_middle_of_a_run_is_replaced_once(
    fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """All forks find the same old token at once; one of them gets the next."""
    sign = ansible.workdir / "go on"
    tasks = f"""
    - name: Wait
      ansible.builtin.wait_for: {{path: "{sign}", sleep: 1}}
      run_once: true
    - name: Task 2
      ansible.builtin.set_fact: {{length: "{LOOKUP}"}}
"""
    running = ansible.start(play(1) + tasks, inventory=60, env={**fresh_emulator.env, "ANSIBLE_FORKS": "20"})
    deadline = time.monotonic() + 60
    while not (caches := list(ansible.workdir.rglob("powerbi-tokens/*.json"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    age_cached_tokens(caches[0].parent, seconds=3400)
    sign.touch()
    run = running.wait(timeout=120).ok()
    assert len([result for result in run.results if result.task == "Task 2"]) == 60
    assert token_requests(fresh_emulator) == 2


def age_cached_tokens(cache: Path, seconds: int) -> None:
    """As if they had been got earlier."""
    for path in cache.glob("*.json"):
        entry = json.loads(path.read_text())
        entry["expires_on"] -= seconds
        entry["obtained_on"] -= seconds
        path.write_text(json.dumps(entry))


def test_tokens_that_live_shorter_than_min_validity_are_used_all_the_same(
    fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """A provider whose tokens live for two minutes gets no request from each task."""
    fresh_emulator.tenant(token_lifetime=120)
    ansible.playbook(play(3), inventory=20, env={**fresh_emulator.env, "ANSIBLE_FORKS": "10"}).ok()
    assert token_requests(fresh_emulator) == 1


def test_a_wrong_secret_on_fifty_hosts_is_not_tried_fifty_times(
    fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """Those who waited for the one that failed share its failure; accounts get locked otherwise."""
    fresh_emulator.fault(path=contoso.TOKEN_PATH, delay=0.5, acted=False)
    run = ansible.playbook(
        play(1),
        inventory=50,
        env={**fresh_emulator.env, "POWERBI_CLIENT_SECRET": WRONG_SECRET, "ANSIBLE_FORKS": "25"},
    ).failed()
    failures = [result for result in run.results if result.status == "failed"]
    assert len(failures) == 50
    assert all("AADSTS7000215" in result["msg"] and "Remedy: " in result["msg"] for result in failures)
    assert token_requests(fresh_emulator) <= 5


def test_processes_that_wait_share_the_failure(fresh_emulator: Emulator, tmp_path: Path) -> None:
    fresh_emulator.fault(path=contoso.TOKEN_PATH, delay=2.0)
    answers = at_once(10, tmp_path / "cache", {**fresh_emulator.env, "POWERBI_CLIENT_SECRET": WRONG_SECRET})
    assert all("AADSTS7000215" in answer["error"] for answer in answers)
    assert len({re.sub(r"\d+ s", "", answer["error"]) for answer in answers}) == token_requests(fresh_emulator)
    assert token_requests(fresh_emulator) <= 3


def test_a_wrong_secret_never_gets_the_token_of_the_right_one(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """msal's own cache key leaves the secret out."""
    run = ansible.playbook(
        [
            {"name": "Right", "community.powerbi.powerbi_token": contoso.identity(contoso.DEPLOY)},
            {
                "name": "Wrong",
                "community.powerbi.powerbi_token": contoso.identity(contoso.DEPLOY, client_secret=WRONG_SECRET),
                "ignore_errors": True,
            },
            {
                "name": "Another API",
                "community.powerbi.powerbi_token": contoso.identity(
                    contoso.DEPLOY, resource="https://graph.microsoft.com"
                ),
                "register": "graph",
            },
            {"name": "Audience", "ansible.builtin.debug": {"msg": "{{ graph.claims.aud }}"}},
        ],
        env=contoso.connection_environment(fresh_emulator),
    ).ok()
    assert "AADSTS7000215" in run.result("Wrong")["msg"]
    assert run.result("Audience")["msg"].startswith("https://graph.microsoft.com")
