# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records what a user sees during a deployment of 100 items, in a terminal and in a CI log, for docs/progress.md.

The deployments are real runs of ansible-playbook, on an emulator with the times, the latency and the quota of the service:

    python tools/record_progress.py [--items 100] [--print]

It replaces the recordings in docs/progress.md, between the comments that name them; ``--print`` only prints them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import typing as t
from pathlib import Path

REPOSITORY: t.Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "integration"))

from harness.ansible_run import AnsibleRunner  # noqa: E402
from harness.content import models_and_reports  # noqa: E402
from harness.emulator import Emulator  # noqa: E402
from harness.portal import FINANCE  # noqa: E402
from harness.terminal import Seen, see  # noqa: E402

PAGE: t.Final = REPOSITORY / "docs" / "progress.md"
SHARE_OF_MODELS: t.Final = 0.3
PLAYBOOK: t.Final = """\
- name: Deploy the content
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Deploy
      community.powerbi.powerbi_deploy:
        workspace: "{{ workspace }}"
        src: "{{ src }}"
        progress_file: "{{ progress_file }}"

    - name: Refresh a semantic model
      community.powerbi.powerbi_refresh:
        workspace: "{{ workspace }}"
        semantic_model: Sales 000
        objects: [{table: Sales}, {table: Date}]
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--items", type=int, default=100)
    arguments.add_argument("--print", action="store_true", help="print the recordings, and change nothing")
    options = arguments.parse_args()
    recordings = {}
    for name in ("terminal", "ci"):
        with tempfile.TemporaryDirectory(prefix="powerbi-progress-") as folder:
            recordings[name] = record(Path(folder), options.items, terminal=name == "terminal")
    if options.print:
        print("\n\n".join(recordings.values()))
        return
    text = PAGE.read_text(encoding="utf-8")
    for name, recording in recordings.items():
        block = re.compile(rf"(<!-- recording: {name} -->\n).*?(<!-- end of recording -->)", re.DOTALL)
        text, count = block.subn(lambda found, new=recording: f"{found[1]}```text\n{new}\n```\n{found[2]}", text)
        if count != 1:
            sys.exit(f"{PAGE} has no place for the recording {name!r}")
    PAGE.write_text(text, encoding="utf-8")


def record(folder: Path, items: int, *, terminal: bool) -> str:
    """One deployment into an empty workspace: each line of the output after its time in seconds."""
    models = max(1, round(items * SHARE_OF_MODELS))
    src = models_and_reports(folder / "content", models, items - models)
    (folder / "emulator").mkdir()
    emulator = Emulator(folder / "emulator", arguments=["--profile", "service-with-latency"])
    try:
        runner = AnsibleRunner(folder, plain=True)
        (folder / "deploy.yml").write_text(PLAYBOOK, encoding="utf-8")
        variables = {"workspace": FINANCE, "src": src, "progress_file": folder / "progress.jsonl"}
        argv = [str(runner.python.with_name("ansible-playbook")), "deploy.yml"]
        for name, value in variables.items():
            argv += ["-e", f"{name}={value}"]
        ci = {} if terminal else {"CI": "true", "PYTHONUNBUFFERED": "1"}
        env = {**runner.environment(), **emulator.env, **ci}
        del env["ANSIBLE_CALLBACKS_ENABLED"]
        return shown(see(argv, env=env, cwd=folder, terminal=terminal))
    finally:
        emulator.stop()
        shutil.rmtree(src)


def shown(seen: Seen) -> str:
    if seen.code:
        sys.exit(f"the deployment failed:\n{seen.text}")
    lines = [f"{line.seconds:5.1f}  {line.text}".rstrip() for line in seen.lines if line.text.strip()]
    return "\n".join(re.sub(r" \*{3,}$", " ***", line) for line in lines)


if __name__ == "__main__":
    main()
