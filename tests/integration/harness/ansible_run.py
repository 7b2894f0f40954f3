# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real `ansible-playbook`, `ansible` and `ansible-doc` runs in a private environment, and their results."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import typing as t
from pathlib import Path

import yaml

REPOSITORY: t.Final = Path(__file__).resolve().parents[3]
CALLBACKS: t.Final = REPOSITORY / "tests" / "integration" / "callback_plugins"

# A playbook as a path, as YAML text, or as data; text and data may also be just the tasks of a play on localhost.
Playbook: t.TypeAlias = str | Path | t.Sequence[t.Mapping[str, t.Any]]
# A path, INI or YAML text, data, or the number of hosts (h001, h002, ...) that all stand for this machine.
Inventory: t.TypeAlias = str | Path | t.Mapping[str, t.Any] | int | None


@dataclasses.dataclass(frozen=True)
class TaskResult:
    """One result as callbacks saw it. ``status`` is ok, failed, skipped, unreachable or retry; ``item``: of a loop.

    ``time``: when it was seen, in seconds since the epoch.
    ``x["key"]``, ``x.get("key")`` and ``"key" in x`` read ``result``.
    """

    task: str
    host: str
    status: str
    result: dict[str, t.Any]
    item: bool = False
    ignored: bool = False
    time: float = 0.0

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]

    def __contains__(self, key: str) -> bool:
        return key in self.result

    def get(self, key: str, default: t.Any = None) -> t.Any:
        return self.result.get(key, default)

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed", False))


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run. ``workdir`` holds its playbook, HOME (``home``), ANSIBLE_HOME and TMPDIR (``tmp``)."""

    rc: int
    stdout: str
    stderr: str
    results: list[TaskResult]
    workdir: Path

    @property
    def output(self) -> str:
        return f"{self.stdout}\n{self.stderr}"

    @property
    def home(self) -> Path:
        return self.workdir / "home"

    @property
    def tmp(self) -> Path:
        return self.workdir / "tmp"

    def result(self, task: str, host: str | None = None) -> TaskResult:
        """The last result of the task with that name (for a loop: of the whole loop)."""
        found = [
            result
            for result in self.results
            if result.task == task and not result.item and result.status != "retry" and host in (None, result.host)
        ]
        if not found:
            names = ", ".join(sorted({repr(result.task) for result in self.results})) or "none"
            raise AssertionError(f"no result of task {task!r}; recorded: {names}\n{self.output}")
        return found[-1]

    def items(self, task: str, host: str | None = None) -> list[TaskResult]:
        """The results of the items of a loop, in order."""
        return [r for r in self.results if r.task == task and r.item and host in (None, r.host)]

    def ok(self) -> Run:
        """Itself, when the exit code is 0; otherwise an AssertionError that shows the output."""
        if self.rc != 0:
            raise AssertionError(f"exit code {self.rc}\n{self.output}")
        return self

    def failed(self) -> Run:
        """Itself, when the exit code is not 0; otherwise an AssertionError that shows the output."""
        if self.rc == 0:
            raise AssertionError(f"expected a failure, got exit code 0\n{self.output}")
        return self


@dataclasses.dataclass
class Running:
    """A run under way, for tests that interrupt it."""

    process: subprocess.Popen[str]
    workdir: Path
    record: Path

    def wait(self, timeout: float = 120) -> Run:
        """Until it ends, at most ``timeout`` seconds; then it is killed and AssertionError shows what it wrote."""
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            stdout, stderr = self.process.communicate()
            raise AssertionError(f"still running after {timeout} s\n{stdout}\n{stderr}") from None
        return Run(self.process.returncode, stdout, stderr, self._results(), self.workdir)

    def signal(self, number: int) -> None:
        """Send a signal to Ansible and all its forks."""
        os.killpg(self.process.pid, number)

    def _results(self) -> list[TaskResult]:
        if not self.record.exists():
            return []
        lines = self.record.read_text(encoding="utf-8").splitlines()
        return [TaskResult(**json.loads(line)) for line in lines]


class AnsibleRunner:
    """Runs Ansible with nothing of the caller's: own HOME, ANSIBLE_HOME, TMPDIR, ansible.cfg and environment.

    A test may write ``workdir / "ansible.cfg"`` or files next to its playbook first. Runs of one runner share HOME.
    """

    def __init__(self, workdir: Path, *, python: Path | str | None = None) -> None:
        self.workdir = workdir
        self.python = Path(python or sys.executable)
        self._count = 0
        for name in ("home", "tmp"):
            (workdir / name).mkdir(exist_ok=True, mode=0o700)
        for name in ("ansible.cfg", "no-hosts.ini"):
            (workdir / name).touch()

    def environment(self, python: Path | str | None = None) -> dict[str, str]:
        """What a run gets before the test's own ``env``."""
        return {
            "PATH": f"{Path(python or self.python).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.workdir / "home"),
            "TMPDIR": str(self.workdir / "tmp"),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "ANSIBLE_HOME": str(self.workdir / "home" / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(
                self.workdir / "home" / ".ansible" / "tmp"
            ),  # else below the account's real home
            "ANSIBLE_CONFIG": str(self.workdir / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results",
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",  # for ad-hoc runs too
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
            "ANSIBLE_NOCOLOR": "1",
        }

    def playbook(
        self,
        playbook: Playbook,
        *,
        env: t.Mapping[str, str] | None = None,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        args: t.Sequence[str] = (),
        inventory: Inventory = None,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        timeout: float = 120,
        python: Path | str | None = None,
    ) -> Run:
        """Run a playbook to its end. ``python``: the interpreter of another environment that has Ansible.

        Raises AssertionError only when it does not end within ``timeout`` seconds; see Run.ok and Run.failed.
        """
        running = self.start(
            playbook,
            env=env,
            extra_vars=extra_vars,
            args=args,
            inventory=inventory,
            check=check,
            diff=diff,
            verbosity=verbosity,
            python=python,
        )
        return running.wait(timeout)

    def start(
        self,
        playbook: Playbook,
        *,
        env: t.Mapping[str, str] | None = None,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        args: t.Sequence[str] = (),
        inventory: Inventory = None,
        check: bool = False,
        diff: bool = False,
        verbosity: int = 0,
        python: Path | str | None = None,
    ) -> Running:
        """Start a playbook and return at once."""
        self._count += 1
        arguments = [str(self._playbook_file(playbook)), *self._inventory_arguments(inventory)]
        if extra_vars:
            path = self.workdir / f"extra-vars-{self._count}.json"
            path.write_text(json.dumps(extra_vars, default=str), encoding="utf-8")
            arguments += ["--extra-vars", f"@{path}"]
        arguments += ["--check"] * check + ["--diff"] * diff + _verbosity(verbosity)
        return self._start("ansible-playbook", [*arguments, *args], env, python)

    def adhoc(
        self,
        module: str,
        module_args: str | t.Mapping[str, t.Any] = "",
        *,
        host: str = "localhost",
        env: t.Mapping[str, str] | None = None,
        args: t.Sequence[str] = (),
        inventory: Inventory = None,
        verbosity: int = 0,
        timeout: float = 120,
        python: Path | str | None = None,
    ) -> Run:
        """`ansible HOST -m MODULE -a ARGS`. ``module_args`` may be a mapping, passed as JSON."""
        self._count += 1
        text = module_args if isinstance(module_args, str) else json.dumps(module_args)
        arguments = [host, "-m", module, *self._inventory_arguments(inventory), *_verbosity(verbosity), *args]
        return self._start("ansible", [*arguments, "-a", text], env, python).wait(timeout)

    def doc(self, *plugins: str, type: str = "module", json: bool = False, args: t.Sequence[str] = ()) -> Run:  # noqa: A002
        """`ansible-doc -t TYPE PLUGIN...`, as text or as JSON."""
        self._count += 1
        arguments = ["-t", type, *(["--json"] if json else []), *args, *plugins]
        return self._start("ansible-doc", arguments, None, None).wait()

    def _start(
        self, program: str, arguments: list[str], env: t.Mapping[str, str] | None, python: Path | str | None
    ) -> Running:
        record = self.workdir / f"results-{self._count}.jsonl"
        process = subprocess.Popen(
            [str(Path(python or self.python).with_name(program)), *arguments],
            cwd=self.workdir,
            env={**self.environment(python), "POWERBI_TEST_RECORD": str(record), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Running(process, self.workdir, record)

    def _playbook_file(self, playbook: Playbook) -> Path:
        if isinstance(playbook, Path):
            return playbook
        if isinstance(playbook, str) and "\n" not in playbook and playbook.endswith((".yml", ".yaml")):
            return Path(playbook)
        text = textwrap.dedent(playbook) if isinstance(playbook, str) else yaml.safe_dump(list(playbook))
        if not re.search(r"^(- |  )(hosts|import_playbook|ansible\.builtin\.import_playbook):", text, re.MULTILINE):
            text = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{textwrap.indent(text, '    ')}"
        path = self.workdir / f"playbook-{self._count}.yml"
        path.write_text(text, encoding="utf-8")
        return path

    def _inventory_arguments(self, inventory: Inventory) -> list[str]:
        if inventory is None:
            return ["-i", str(self.workdir / "no-hosts.ini")]
        if isinstance(inventory, Path):
            return ["-i", str(inventory)]
        if isinstance(inventory, str) and "\n" not in inventory:
            return ["-i", inventory]
        if isinstance(inventory, int):
            local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
            hosts = {f"h{number:03}": None for number in range(1, inventory + 1)}
            inventory = {"all": {"hosts": hosts, "vars": local}}
        is_ini = isinstance(inventory, str) and inventory.lstrip().startswith("[")
        path = self.workdir / f"inventory-{self._count}.{'ini' if is_ini else 'yml'}"
        path.write_text(inventory if isinstance(inventory, str) else yaml.safe_dump(inventory), encoding="utf-8")
        return ["-i", str(path)]


def _verbosity(level: int) -> list[str]:
    return [f"-{'v' * level}"] if level else []
