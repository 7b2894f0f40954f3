# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A `powerbi-emulator` process of our own, and its control interface."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import requests

START_TIMEOUT: t.Final = 30.0  # seconds
STOP_TIMEOUT: t.Final = 10.0


class Emulator:
    """One running emulator on a free port of 127.0.0.1.

    ``directory`` holds what it wrote: ``ca.pem`` (``ca_path``), ``env``, ``identity.env`` and its ``emulator.log``.
    ``env`` is what a playbook needs to use it, ``identity_env`` what the other ways to log in need (empty if unsupported).
    """

    def __init__(self, directory: Path, *, seed: Path | None = None, arguments: t.Sequence[str] = ()) -> None:
        self.directory = directory
        self.log = directory / "emulator.log"
        self.process = self._start(["--seed", str(seed)] if seed else [], arguments)
        self.url = self._wait_until_ready()
        self.ca_path = directory / "ca.pem"
        # Most tests are not about the quota, and send more than 200 requests a minute.
        self.env = {**read_env(directory / "env"), "POWERBI_RATE_LIMIT": "0"}
        identity = directory / "identity.env"
        self.identity_env = read_env(identity) if identity.exists() else {}
        self._session = requests.Session()
        self._session.trust_env = False  # neither a proxy nor a CA bundle of the machine

    def _start(self, seed: t.Sequence[str], arguments: t.Sequence[str]) -> subprocess.Popen[bytes]:
        command = [
            str(Path(sys.executable).with_name("powerbi-emulator")),
            *("--port", "0", "--dir", str(self.directory)),
            *seed,
            *arguments,
        ]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def _wait_until_ready(self) -> str:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            ready = re.search(r"https://[\w.]+:\d+\S*(?=\s)", text)
            if ready:
                return ready.group(0).rstrip("/")
            if self.process.poll() is not None:
                raise RuntimeError(f"powerbi-emulator ended with {self.process.returncode} at start:\n{text}")
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"powerbi-emulator was not ready in {START_TIMEOUT:.0f} s:\n{self.log.read_text()}")

    def stop(self) -> int:
        """End it with SIGTERM and return its exit code. Kills it, and raises, if that takes too long."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def call(self, method: str, path: str, **kwargs: t.Any) -> requests.Response:
        """Any request to the emulator itself, over verified TLS. Raises for a status of 400 or more."""
        answer = self._session.request(method, self.url + path, verify=str(self.ca_path), timeout=30, **kwargs)
        if answer.status_code >= 400:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def requests(self, path_regex: str | None = None, method: str | None = None) -> list[dict[str, t.Any]]:
        """What came in since the last clear, in order: dicts with time, method, path, status."""
        entries: list[dict[str, t.Any]] = self.call("GET", "/_emulator/requests").json()
        return [
            entry
            for entry in entries
            if (path_regex is None or re.search(path_regex, entry["path"]))
            and (method is None or entry["method"] == method.upper())
        ]

    def clear_requests(self) -> None:
        self.call("DELETE", "/_emulator/requests")

    def fault(self, **rule: t.Any) -> None:
        """Order a fault: path (regex), method, status, headers, delay, reset, truncate, times, ..."""
        self.call("POST", "/_emulator/faults", json=rule)

    def clear_faults(self) -> None:
        self.call("DELETE", "/_emulator/faults")

    def tenant(self, **switches: t.Any) -> dict[str, t.Any]:
        """Flip switches of the tenant; answers all of them."""
        settings: dict[str, t.Any] = self.call("PATCH", "/_emulator/tenant", json=switches).json()
        return settings

    def reset(self) -> None:
        """Back to the seed."""
        self.call("POST", "/_emulator/reset")

    def clean(self) -> None:
        """Back to the seed, with no faults and an empty request log."""
        self.reset()
        self.clear_faults()
        self.clear_requests()


def read_env(path: Path) -> dict[str, str]:
    """A file of KEY=VALUE lines, with or without `export` and quotes."""
    variables = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            variables[name.strip()] = value.strip().strip("'\"")
    return variables
