# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Third-party servers on Node, which `make node` installs where it can: started, waited for, ended."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import typing as t
from pathlib import Path

from harness.ansible_run import REPOSITORY

_MODULES: t.Final = REPOSITORY / "tests" / "integration" / "node" / "node_modules"
_START_TIMEOUT: t.Final = 120.0  # seconds: the machine may be busy
_STOP_TIMEOUT: t.Final = 10.0


class NodeServer:
    """A process of ``script``, a file below node_modules, with only ``env`` and what Node needs for itself.

    Raises RuntimeError where Node or the package is missing (a reason to skip), AssertionError when it does not start.
    """

    def __init__(self, script: str, arguments: t.Sequence[str], log: Path, env: t.Mapping[str, str]) -> None:
        node = shutil.which("node")
        if node is None or not (_MODULES / script).is_file():
            raise RuntimeError(f"needs node and {script} in tests/integration/node/node_modules: run make node")
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [node, str(_MODULES / script), *arguments],
                cwd=log.parent,
                env={"PATH": "/usr/bin:/bin", "HOME": str(log.parent), **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first match in what it writes. Ends it, and raises AssertionError, when there is none in time."""
        deadline = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.search(pattern, self.output)
            if found is not None:
                return found
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"{self._process.args!r} did not start:\n{self.output[-3000:]}")

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it with SIGTERM; kill it if that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
