# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking for secrets where none may be: in output, in files, and in the arguments of processes while they run."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import typing as t
import urllib.parse
from pathlib import Path

# What was issued or signed while a test ran can't be known beforehand, but it has this form.
_JWT = re.compile(rb"eyJ[A-Za-z0-9_-]{15,}")
_SHORTEST = 8


def forms(secret: str) -> set[bytes]:
    """The forms of a secret that was quoted, escaped or encoded."""
    texts = {
        secret,
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        secret.encode().hex(),
    }
    return {text.encode() for text in texts} | _base64_forms(secret.encode())


def _base64_forms(secret: bytes) -> set[bytes]:
    """Its base64, also as the middle of a longer text (``user:secret``): without the ends, which depend on neighbours."""
    found = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            encoded = encode(b"\0" * offset + secret)
            found.add(encoded[(0, 2, 3)[offset] : len(encoded) // 4 * 4 - 4])
    return {item for item in found if len(item) >= _SHORTEST}


class Needles:
    """What the search finds: secrets in all their forms, and anything in the form of a token or an assertion."""

    def __init__(self, secrets: t.Mapping[str, str]) -> None:
        self._forms = {name: forms(secret) for name, secret in secrets.items()}

    def found_in(self, data: bytes | str) -> list[str]:
        """The names of the secrets in ``data``, and what surrounds each."""
        content = data.encode(errors="replace") if isinstance(data, str) else data
        found = []
        for name, shapes in self._forms.items():
            for shape in shapes:
                place = content.find(shape)
                if place >= 0:
                    found.append(f"{name}: ...{_around(content, place)}...")
                    break
        match = _JWT.search(content)
        if match:
            found.append(f"a token or an assertion: ...{_around(content, match.start())}...")
        return found

    def found_below(self, directory: Path, written_by_test: t.Container[Path] = ()) -> list[str]:
        """Path and finding for each file below ``directory`` with a secret in it, or in its name."""
        found = []
        for path in sorted(directory.rglob("*")):
            if path in written_by_test:
                continue
            found += [f"name of {path}: {item}" for item in self.found_in(str(path.relative_to(directory)))]
            if path.is_file() and not path.is_symlink():
                found += [f"{path}: {item}" for item in self.found_in(path.read_bytes())]
        return found


def _around(content: bytes, place: int) -> str:
    return content[max(0, place - 60) : place + 20].decode(errors="replace").replace("\n", "\\n")


class ProcessWatch:
    """The command lines, as `ps` shows them, of all processes between enter and exit that run in ``workdir``'s environment.

    They are known by their environment, which has paths below it; others on this machine are not our concern.
    """

    def __init__(self, workdir: Path) -> None:
        self.command_lines: set[bytes] = set()
        self._mark = f"={workdir}/".encode()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> ProcessWatch:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if self._mark in (process / "environ").read_bytes():
                        self.command_lines.add((process / "cmdline").read_bytes().replace(b"\0", b" "))
                except OSError:  # it has just ended
                    continue
