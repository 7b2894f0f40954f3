# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A .pbix in many blocks: in flat memory, and right at the end although the first run was killed halfway."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
import typing as t
import zipfile
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator
from harness.files import pbix, sparse_pbix
from harness.modules import Modules
from harness.portal import Portal

SIZE: t.Final = 256 << 20  # bytes
HUGE: t.Final = 2 << 30  # more than 31 bits
IN_BLOCKS: t.Final = {"large_file_size": 64 << 20}
ALLOWED: t.Final = 64 << 10  # KiB above what the same task needs for a small file
BLOCKS: t.Final = "upload-storage"

# Runs one task and prints its outcome and the most memory that the process ever had, in KiB.
TASK: t.Final = textwrap.dedent(
    """
    import json, resource, sys, tempfile
    from pathlib import Path
    from harness.in_process import run_module
    options = json.load(sys.stdin)
    result = run_module("powerbi_import", options, Path(tempfile.mkdtemp(dir=".")))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"most": most, "failed": result.get("failed", False), "msg": result.get("msg", ""),
                      "changed": result["changed"]}))
    """
)


def start(emulator: Emulator, path: Path, **more: t.Any) -> subprocess.Popen[str]:
    options = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY)}
    process = subprocess.Popen(
        [sys.executable, "-c", TASK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            "PYTHONPATH": f"{REPOSITORY / '.collections'}:{REPOSITORY / 'tests' / 'integration'}",
            "HOME": "/nonexistent",
        },
        cwd=path.parent,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({**options, "workspace": "Finance", "src": [str(path)], **more}))
    process.stdin.close()
    process.stdin = None
    return process


def outcome(process: subprocess.Popen[str]) -> dict[str, t.Any]:
    stdout, _stderr = process.communicate(timeout=280)
    found: dict[str, t.Any] = json.loads(stdout)
    assert not found["failed"], found
    return found


def sparse(folder: Path, size: int) -> Path:
    path = sparse_pbix(folder / "Huge.pbix", size)
    assert path.stat().st_size > size
    assert path.stat().st_blocks * 512 < size // 100, "the file system has no holes"
    return path


def test_the_sparse_file_is_a_sound_package(tmp_path: Path) -> None:
    with zipfile.ZipFile(sparse_pbix(tmp_path / "x.pbix", 5 << 20)) as archive:
        assert archive.testzip() is None
        assert struct.calcsize("P") == 8, "the sizes are those of a 64 bit build"


@pytest.mark.slow
@pytest.mark.parametrize(("size", "more"), [(SIZE, IN_BLOCKS), pytest.param(HUGE, {}, marks=pytest.mark.full)])
def test_blocks_in_flat_memory(size: int, more: dict[str, t.Any], fresh_emulator: Emulator, tmp_path: Path) -> None:
    base = outcome(start(fresh_emulator, pbix(tmp_path / "Small.pbix")))["most"]
    fresh_emulator.clear_requests()
    large = sparse(tmp_path, size)
    found = outcome(start(fresh_emulator, large, **more))
    assert found["changed"]
    assert found["most"] - base < ALLOWED, f"{(found['most'] - base) >> 10} MiB above {base >> 10} MiB"
    assert len(fresh_emulator.requests(BLOCKS, "PUT")) == -(-large.stat().st_size // (4 << 20)) + 1
    names = Portal(fresh_emulator).names()
    assert names == ["Huge.Report", "Huge.SemanticModel", "Small.Report", "Small.SemanticModel"]


@pytest.mark.slow
def test_killed_halfway_and_run_again(fresh_emulator: Emulator, tmp_path: Path) -> None:
    large = sparse(tmp_path, SIZE)
    first = start(fresh_emulator, large, **IN_BLOCKS)
    deadline = time.monotonic() + 240
    while len(fresh_emulator.requests(BLOCKS, "PUT")) < 20:
        assert first.poll() is None, "it was to be killed halfway"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert fresh_emulator.requests("/imports$", "POST") == [], "what is half there is not imported"
    assert Portal(fresh_emulator).names() == []
    assert outcome(start(fresh_emulator, large, **IN_BLOCKS))["changed"]
    assert Portal(fresh_emulator).names() == ["Huge.Report", "Huge.SemanticModel"]
    assert len(fresh_emulator.requests("/imports$", "POST")) == 1
    again = Modules(fresh_emulator)("powerbi_import", workspace="Finance", src=[str(large)], **IN_BLOCKS)
    assert not again["changed"]
