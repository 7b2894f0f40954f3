# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make bench`: measure, print a table, write bench.json. Nothing here passes or fails: the bounds are for the reader.

Usage: run.py [--rounds N] [--only tokens,...] [--json FILE]
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/integration"), str(ROOT / ".collections")]

from bench import content, imports, quota, service, tokens, workspaces  # noqa: E402

from harness.emulator import Emulator  # noqa: E402

SUITES = {
    "tokens": tokens.rows,
    "content": content.definitions,
    "imports": imports.rows,
    "workspaces": workspaces.rows,
    "service": lambda *arguments: [*quota.rows(*arguments[:3]), *service.rows(*arguments)],
}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--only", default=",".join(SUITES))
    arguments.add_argument("--json", default=str(ROOT / "bench.json"))
    options = arguments.parse_args()
    compileall.compile_dir(ROOT / "plugins", quiet=1)  # as the first run of an installed collection leaves it
    report = {}
    for suite in options.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            report[suite] = _measure(suite, Path(folder), options.rounds)
    document = {"rounds": options.rounds, "load_at_end": os.getloadavg()[0], "suites": report}
    Path(options.json).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(suite: str, folder: Path, rounds: int) -> list[dict[str, object]]:
    (folder / "emulator").mkdir()
    load, started = os.getloadavg()[0], time.monotonic()
    emulator = Emulator(folder / "emulator")
    try:
        rows = SUITES[suite](emulator, folder, _environment(suite, folder, emulator), rounds)
    finally:
        emulator.stop()
    seconds = time.monotonic() - started
    loads = f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores"
    print(f"\n{suite}: medians of {rounds} rounds in turn unless a row has n=; {loads}; took {seconds:.0f} s")
    for row in rows:
        print(row)
    goals = [row for row in rows if row.is_goal]
    print(f"  {sum(row.met for row in goals)} of {len(goals)} goals met", flush=True)
    return [row.to_dict() for row in rows]


def _environment(suite: str, folder: Path, emulator: Emulator) -> dict[str, str]:
    """Nothing of the user's but the PATH: no configuration, no callbacks, no credentials. Only ``service`` has a quota."""
    home = folder / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        **emulator.env,
        "POWERBI_RATE_LIMIT": "200" if suite == "service" else "0",
    }


if __name__ == "__main__":
    sys.exit(main())
