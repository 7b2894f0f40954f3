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

from harness.fork_server import ForkServer
from harness.run_results import Run, read_results

REPOSITORY: t.Final = Path(__file__).resolve().parents[3]
_READ_BY_PYTHON: t.Final = ("PYTHON", "LD_", "LC_", "LANG", "COVERAGE", "OPENSSL_", "MALLOC_")
CALLBACKS: t.Final = REPOSITORY / "tests" / "integration" / "callback_plugins"

# A playbook as a path, as YAML text, or as data; text and data may also be just the tasks of a play on localhost.
Playbook: t.TypeAlias = str | Path | t.Sequence[t.Mapping[str, t.Any]]
# A path, INI or YAML text, data, or the number of hosts (h001, h002, ...) that all stand for this machine.
Inventory: t.TypeAlias = str | Path | t.Mapping[str, t.Any] | int | None


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
        return Run(self.process.returncode, stdout, stderr, read_results(self.record), self.workdir)

    def signal(self, number: int) -> None:
        """Send a signal to Ansible and all its forks."""
        os.killpg(self.process.pid, number)


class AnsibleRunner:
    """Runs Ansible with nothing of the caller's: own HOME, ANSIBLE_HOME, TMPDIR, ansible.cfg and environment.

    A test may write ``workdir / "ansible.cfg"`` or files next to its playbook first. Runs of one runner share HOME.

    Unless they are ``plain``, runs with the Python of this process are forks of a server that has imported the libraries
    (harness/fork_server.py): the same programs with the same input. What ``start`` begins is always plain.
    """

    plain = False  # of the class: for all runners of the session
    server: t.ClassVar[ForkServer | None] = None

    def __init__(self, workdir: Path, *, python: Path | str | None = None, plain: bool = False) -> None:
        self.workdir = workdir
        self.python = Path(python or sys.executable)
        self.plain = plain or AnsibleRunner.plain
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
        arguments = self._playbook_arguments(playbook, extra_vars, inventory, check, diff, verbosity)
        return self._run("ansible-playbook", [*arguments, *args], env, python, timeout)

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
        arguments = self._playbook_arguments(playbook, extra_vars, inventory, check, diff, verbosity)
        return self._start("ansible-playbook", [*arguments, *args], env, python)

    def command(
        self, playbook: Playbook, *, env: t.Mapping[str, str] | None = None
    ) -> tuple[list[str], dict[str, str]]:
        """Command line and environment of a run, for what starts it itself."""
        arguments = self._playbook_arguments(playbook, None, None, False, False, 0)
        command, environment, _record = self._process("ansible-playbook", arguments, env, None)
        return command, environment

    def _playbook_arguments(
        self,
        playbook: Playbook,
        extra_vars: t.Mapping[str, t.Any] | None,
        inventory: Inventory,
        check: bool,
        diff: bool,
        verbosity: int,
    ) -> list[str]:
        self._count += 1
        arguments = [str(self._playbook_file(playbook)), *self._inventory_arguments(inventory)]
        if extra_vars:
            path = self.workdir / f"extra-vars-{self._count}.json"
            path.write_text(json.dumps(extra_vars, default=str), encoding="utf-8")
            arguments += ["--extra-vars", f"@{path}"]
        return arguments + ["--check"] * check + ["--diff"] * diff + _verbosity(verbosity)

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
        return self._run("ansible", [*arguments, "-a", text], env, python, timeout)

    def doc(self, *plugins: str, type: str = "module", json: bool = False, args: t.Sequence[str] = ()) -> Run:  # noqa: A002
        """`ansible-doc -t TYPE PLUGIN...`, as text or as JSON."""
        self._count += 1
        arguments = ["-t", type, *(["--json"] if json else []), *args, *plugins]
        return self._run("ansible-doc", arguments, None, None, 120)

    def _start(
        self, program: str, arguments: list[str], env: t.Mapping[str, str] | None, python: Path | str | None
    ) -> Running:
        command, environment, record = self._process(program, arguments, env, python)
        process = subprocess.Popen(
            command,
            cwd=self.workdir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Running(process, self.workdir, record)

    def _run(
        self,
        program: str,
        arguments: list[str],
        env: t.Mapping[str, str] | None,
        python: Path | str | None,
        timeout: float,
    ) -> Run:
        if not self.may_be_forked(env or {}, python):
            return self._start(program, arguments, env, python).wait(timeout)
        command, environment, record = self._process(program, arguments, env, python)
        if AnsibleRunner.server is None:
            AnsibleRunner.server = ForkServer(self.environment())
        try:
            code, stdout, stderr = AnsibleRunner.server.run(command, self.workdir, environment, timeout)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"still running after {timeout} s\n{error.stdout!s}\n{error.stderr!s}") from None
        return Run(code, stdout, stderr, read_results(record), self.workdir)

    def may_be_forked(self, env: t.Mapping[str, str], python: Path | str | None = None) -> bool:
        """Not with another Python, nor with variables that are read when Python starts or by what the server has imported."""
        own = Path(python or self.python) == Path(sys.executable)
        return own and not self.plain and not any(name.startswith(_READ_BY_PYTHON) for name in env)

    def _process(
        self, program: str, arguments: list[str], env: t.Mapping[str, str] | None, python: Path | str | None
    ) -> tuple[list[str], dict[str, str], Path]:
        """Command line, environment and the file of the results."""
        record = self.workdir / f"results-{self._count}.jsonl"
        command = [str(Path(python or self.python).with_name(program)), *arguments]
        return command, {**self.environment(python), "POWERBI_TEST_RECORD": str(record), **(env or {})}, record

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
