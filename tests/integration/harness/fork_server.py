# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of Ansible as forks of one Python that has imported the libraries, which takes longer than most runs.

As a script it is the server: each line of its input is a run, for which it writes the process id and then the exit code. It
imports nothing that reads the environment or a configuration: each run does, after it has got its own. Functions whose result
depends on files of ansible-core alone, and take a third of a short run, have been called before: see ``prepare``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

LIBRARIES: t.Final = (
    *("requests", "msal", "jwt", "yaml", "jinja2.nativetypes", "jinja2.sandbox", "packaging.specifiers"),
    *("cryptography.hazmat.primitives.serialization.pkcs12", "cryptography.hazmat.primitives.kdf.pbkdf2"),
    *("multiprocessing.queues", "multiprocessing.popen_fork", "multiprocessing.shared_memory", "urllib.request"),
    *("argparse", "ctypes.util", "distro", "gettext", "shlex", "syslog", "cryptography.hazmat.backends.openssl"),
    *("configparser", "curses", "difflib", "getpass", "pprint", "pty", "tarfile", "xml.etree.ElementTree"),
    *("ansible.config.manager", "ansible.errors", "ansible.utils.collection_loader._collection_finder"),
    *("ansible.module_utils.common.sys_info", "ansible.module_utils.common.text.formatters"),
    *("ansible.parsing.splitter", "ansible.parsing.utils.addresses", "ansible.utils.context_objects"),
    *("ansible.utils.helpers", "ansible._internal._ssh._ssh_agent", "ansible._internal._yaml._errors"),
    *("ansible._internal._templating._jinja_patches",),
)
READ_SETTINGS: t.Final = ("ansible.constants", "ansible.utils.display", "ansible.cli")


class ForkServer:
    """Ends with this process: then its input ends."""

    def __init__(self, environment: t.Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for pytest
        )
        self.pid = self._process.pid

    def run(self, argv: t.Sequence[str], cwd: Path, env: t.Mapping[str, str], timeout: float) -> tuple[int, str, str]:
        """Exit code, output and errors. Raises subprocess.TimeoutExpired, which has them too, after killing all its processes."""
        streams = [cwd / "fork-stdout", cwd / "fork-stderr"]
        request = {"argv": list(argv), "cwd": str(cwd), "env": dict(env), "streams": [str(path) for path in streams]}
        given, answers = t.cast("t.IO[bytes]", self._process.stdin), t.cast("t.IO[bytes]", self._process.stdout)
        with self._lock:
            given.write(json.dumps(request).encode() + b"\n")
            pid = int(answers.readline())
            if late := not select.select([answers], [], [], timeout)[0]:
                os.killpg(pid, signal.SIGKILL)
            code = int(answers.readline())
        stdout, stderr = [path.read_text(encoding="utf-8") for path in streams]
        for path in streams:
            path.unlink()
        if late:
            raise subprocess.TimeoutExpired(list(argv), timeout, stdout, stderr)
        return code, stdout, stderr

    def stop(self) -> None:
        self._process.communicate()


def prepare() -> None:
    """What each run reads first, with the same result: ansible-core's list of settings, their templates, and its routing."""
    import ansible
    from ansible.config.manager import ConfigManager, NativeEnvironment
    from ansible.utils.collection_loader import _collection_finder as finder

    folder = Path(ansible.__file__).parent / "config"
    settings = ConfigManager._read_config_yaml_file
    known = {str(folder / "base.yml"): settings(None, str(folder / "base.yml"))}
    templates = [setting.get("default") for setting in known[str(folder / "base.yml")].values()]

    def read_settings(manager: t.Any, file: t.Any) -> t.Any:
        return known.pop(os.fsdecode(file), None) or settings(manager, file)

    ConfigManager._read_config_yaml_file = read_settings
    remember_code(NativeEnvironment, [text for text in templates if isinstance(text, str) and text.startswith("{{")])

    parse = finder._meta_yml_to_dict
    data = (folder / "ansible_builtin_runtime.yml").read_bytes()
    routes = {data: parse(data, ("ansible.builtin", "runtime.yml"))}

    def parse_routes(text: t.Any, content_id: t.Any) -> t.Any:
        return routes.pop(text, None) or parse(text, content_id)

    finder._meta_yml_to_dict = parse_routes


def remember_code(environment: type, templates: t.Sequence[str]) -> None:
    """The bytecode of these templates, by their Python source: Python's compiler takes most of the time of a template."""
    compiled: dict[tuple[str, str], t.Any] = {}
    compile_source = environment._compile

    def remembered(self: t.Any, source: str, filename: str) -> t.Any:
        return compiled.get((source, filename)) or compile_source(self, source, filename)

    def remembering(self: t.Any, source: str, filename: str) -> t.Any:
        return compiled.setdefault((source, filename), compile_source(self, source, filename))

    environment._compile = remembering
    for template in templates:
        environment().from_string(template)
    environment._compile = remembered


def serve() -> list[str]:
    """Fork a process for each line. Returns the command line in each such process; ends with the input."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # not in each version of Ansible
            importlib.import_module(name)
    if too_early := [name for name in READ_SETTINGS if name in sys.modules]:
        raise RuntimeError(f"a run could not have settings of its own: {too_early} imported")
    prepare()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(request)
            return list(request["argv"])
        print(pid, flush=True)  # noqa: T201 - read by ForkServer.run
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)  # noqa: T201
    os._exit(0)


def _become(request: dict[str, t.Any]) -> None:
    """What `subprocess.Popen` gives to a new process."""
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    tempfile.tempdir = None
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(request["streams"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), number)
    os.closerange(3, 256)


if __name__ == "__main__":
    sys.path[0] = str(Path(sys.executable).parent)  # as for the programs beside it, and not the folder of this script
    sys.argv = serve()
    runpy.run_path(sys.argv[0], run_name="__main__")
