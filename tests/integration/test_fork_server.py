# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that are forks of a server are the same runs: compared with plain ones, killed, and without their owner."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY, AnsibleRunner
from harness.emulator import Emulator
from harness.run_results import Run

# What a process has from its parent, as the process that ansible-playbook runs in sees it, and a task's worker.
FILTER: t.Final = """
import json, locale, os, signal, sys, tempfile, threading, time

def state():
    return json.dumps({
        "argv": sys.argv, "path": sys.path, "executable": sys.executable, "cwd": os.getcwd(), "environment": dict(os.environ),
        "input": os.readlink("/proc/self/fd/0"), "flags": list(sys.flags), "main": sys.modules["__main__"].__name__,
        "streams": [[s.encoding, s.errors, s.line_buffering, s.isatty()] for s in (sys.stdout, sys.stderr)],
        "leader": os.getsid(0) == os.getpgrp(), "encoding": [sys.getfilesystemencoding(), locale.setlocale(locale.LC_ALL)],
        "zone": time.tzname, "temp": tempfile.gettempdir(), "umask": os.umask(0o22), "threads": threading.active_count(),
        "signals": [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)],
    })

AT_IMPORT = state()

class FilterModule:
    def filters(self):
        return {"state_at_import": lambda _text: AT_IMPORT, "state_in_worker": lambda _text: state()}
"""
PLAY: t.Final = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Start
      ansible.builtin.debug: {msg: "{{ '' | state_at_import }}"}
    - name: Worker
      ansible.builtin.debug: {msg: "{{ '' | state_in_worker }}"}
    - name: Command
      ansible.builtin.command: {argv: [sh, -c, env | sort], stdin: x}
      changed_when: false
    - name: Token
      community.powerbi.powerbi_token: {cache: none}
    - name: Workspaces
      community.powerbi.powerbi_workspace_info: {details: true}
    - name: Wrong
      community.powerbi.powerbi_workspace: {name: Forked, capacity: none such}
      ignore_errors: true
    - name: Skipped
      ansible.builtin.debug:
      when: false
    - name: Last
      ansible.builtin.fail: {msg: "on purpose {{ given }}"}
"""
VARYING: t.Final = re.compile(
    r"/run\d+|(correlation|trace) id [-0-9a-f]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|ansible-local-\w+|tmp\w{8}|parent=\d+"
    r"|20\d\d-\d\d-\d\d[T ][0-9:.]+|\d+:\d\d:\d\d\.\d+|eyJ[\w.-]+|\b\d{10}\b|\b3[56]\d\d\b"
)


def same(text: str, run: Run) -> str:
    return VARYING.sub("#", text.replace(str(run.workdir), "WORKDIR"))


@pytest.fixture
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[AnsibleRunner, AnsibleRunner]:
    """A plain runner, and one whose runs are forks."""
    runners = AnsibleRunner(tmp_path_factory.mktemp("run"), plain=True), AnsibleRunner(tmp_path_factory.mktemp("run"))
    for runner in runners:
        (runner.workdir / "filter_plugins").mkdir()
        (runner.workdir / "filter_plugins" / "state.py").write_text(FILTER, encoding="utf-8")
    return runners


def played(runner: AnsibleRunner, emulator: Emulator) -> Run:
    emulator.clean()
    env = {
        **emulator.env,
        "ANSIBLE_FORKS": "3",
        "TZ": "America/New_York",
        "TMPDIR": str(runner.workdir / "home"),
        "ODD": "ü 'x'",
    }
    (runner.workdir / "ansible.cfg").write_text(
        "[defaults]\nstdout_callback = ansible.builtin.minimal\n", encoding="utf-8"
    )
    return runner.playbook(
        PLAY, env=env, extra_vars={"given": "ü"}, inventory=2, args=["--force-handlers"], diff=True, verbosity=1
    ).failed()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_fork_is_the_same_run(both: tuple[AnsibleRunner, AnsibleRunner], fresh_emulator: Emulator) -> None:
    if AnsibleRunner.plain:
        pytest.skip("this session has plain runs alone")
    plain, forked = (played(runner, fresh_emulator) for runner in both)
    assert plain.rc == forked.rc == 2
    for task in ("Start", "Worker"):
        states = [(run.result(task, "h001")["msg"], run) for run in (plain, forked)]
        # Before 2.19, Ansible reads a text that looks like JSON.
        texts = [same(state if isinstance(state, str) else json.dumps(state), run) for state, run in states]
        one, other = (json.loads(text) for text in texts)
        assert one == other
    assert one["environment"]["ODD"] == "ü 'x'"
    shapes = [
        sorted(
            (r.task, r.host, r.status, r.ignored, same(json.dumps(r.result, default=str, sort_keys=True), run))
            for r in run.results
        )
        for run in (plain, forked)
    ]
    assert shapes[0] == shapes[1]
    assert sorted(same(plain.stdout, plain).splitlines()) == sorted(same(forked.stdout, forked).splitlines())
    assert sorted(same(plain.stderr, plain).splitlines()) == sorted(same(forked.stderr, forked).splitlines())


def test_each_program_can_be_forked(both: tuple[AnsibleRunner, AnsibleRunner]) -> None:
    adhoc = [runner.adhoc("ansible.builtin.debug", {"msg": "text"}).ok() for runner in both]
    assert adhoc[0].stdout == adhoc[1].stdout
    manuals = [runner.doc("community.powerbi.powerbi_token").ok() for runner in both]
    assert manuals[0].stdout == manuals[1].stdout
    unknown = [runner.playbook("- hosts: localhost\n  taskz: []\n").failed() for runner in both]
    assert unknown[0].rc == unknown[1].rc
    assert same(unknown[0].stderr, unknown[0]) == same(unknown[1].stderr, unknown[1])


def test_which_runs_are_forked(ansible: AnsibleRunner) -> None:
    if AnsibleRunner.plain:
        pytest.skip("this session has plain runs alone")
    assert ansible.may_be_forked({"POWERBI_API_URL": "x", "ANSIBLE_FORKS": "1", "HOME": "/", "REQUESTS_CA_BUNDLE": "x"})
    for name in ("PYTHONPATH", "PYTHONWARNINGS", "LD_PRELOAD", "LC_ALL", "LANG", "COVERAGE_PROCESS_START"):
        assert not ansible.may_be_forked({name: "x"})
    assert not ansible.may_be_forked({}, "/usr/bin/python3")
    assert not AnsibleRunner(ansible.workdir, plain=True).may_be_forked({})


@pytest.mark.parametrize("plain", [True, False])
def test_a_run_without_end_is_killed(plain: bool, ansible: AnsibleRunner) -> None:
    ansible.plain = plain or AnsibleRunner.plain
    with pytest.raises(AssertionError, match=r"still running after 4 s(.|\n)*TASK \[Wait\]"):
        ansible.playbook("- {name: Wait, ansible.builtin.pause: {seconds: 60}}\n", timeout=4)
    assert ansible.playbook("- {name: Next, ansible.builtin.debug: }\n").ok().stderr == ""


OWNER: t.Final = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from harness.ansible_run import AnsibleRunner
runner = AnsibleRunner(Path(sys.argv[1]))
runner.playbook("- {name: Done, ansible.builtin.debug: }\\n").ok()
print(AnsibleRunner.server.pid, flush=True)
time.sleep(60)
"""


def test_the_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    folders = [str(REPOSITORY / "tests" / "integration"), str(REPOSITORY / ".collections")]
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), *folders],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    server = int(t.cast("t.IO[str]", owner.stdout).readline())
    os.kill(server, 0)
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 10
    while _is_running(server):
        assert time.monotonic() < deadline, "the server outlives its owner"
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    """A process that has ended and whose parent does not care does not count."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
