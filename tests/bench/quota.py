# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""50 forks with 200 tasks of one identity on the service's quota, and what the governor of the quota costs a call."""

from __future__ import annotations

import sys
import time
import typing as t
from pathlib import Path

from bench.measure import Command, Row, Sample, run_once

from harness.emulator import Emulator

FORKS: t.Final = 50
HOSTS: t.Final = 200
QUOTA: t.Final = 150  # calls a minute: a task sends one, so that the last 50 wait
_CALLS: t.Final = 150  # for the cost of a call

_PLAYBOOK: t.Final = """
- hosts: all
  gather_facts: false
  tasks:
    - community.powerbi.powerbi_api: {path: /groups, api: powerbi}
"""


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str]) -> list[Row]:
    """One run with the governor and one without, each of about a minute."""
    kept, refused = _run(emulator, folder, env, QUOTA), _run(emulator, folder, env, 0)
    head = f"{FORKS} forks, {HOSTS} tasks, {QUOTA} calls a minute (n=1), "
    return [
        Row(f"{head}responses 429", kept[1], 0, ""),
        Row(f"{head}wall", kept[0].wall, float("inf"), "s"),
        Row(f"{head}429 with rate_limit: 0", refused[1], 1, "", at_least=True),
        Row("quota: a slot and its response, shared by forks", _cost(folder) * 1e3, 0.2, "ms"),
    ]


def _run(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rate: int) -> tuple[Sample, int]:
    """The time of the run, and the responses with 429."""
    emulator.clean()
    emulator.tenant(throttle_requests=QUOTA, throttle_window=60)
    playbook, inventory = folder / "quota.yml", folder / "quota.ini"
    playbook.write_text(_PLAYBOOK, encoding="utf-8")
    local = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
    inventory.write_text("".join(f"h{number} {local}\n" for number in range(HOSTS)), encoding="utf-8")
    ansible = str(Path(sys.executable).with_name("ansible-playbook"))
    argv = [ansible, "-i", str(inventory), "-f", str(FORKS), str(playbook)]
    sample = run_once(Command("quota", argv, {**env, "POWERBI_RATE_LIMIT": str(rate)}))
    return sample, sum(entry.get("status") == 429 for entry in emulator.requests())


def _cost(folder: Path) -> float:
    """Seconds for a call, at the best of several times: the machine may be busy."""
    from ansible_collections.community.powerbi.plugins.module_utils._clock import SystemClock
    from ansible_collections.community.powerbi.plugins.module_utils._http.limits import endpoint_of
    from ansible_collections.community.powerbi.plugins.module_utils._http.quota import Governor

    endpoint = endpoint_of("fabric", "POST", "/workspaces/{id}/items")
    costs = []
    for number in range(7):
        governor = Governor(SystemClock(), directory=str(folder / "cost"), identity=str(number), rate=200)
        started = time.perf_counter()
        for _call in range(_CALLS):
            governor.answered(endpoint, governor.reserve(endpoint, 0.0))
        costs.append((time.perf_counter() - started) / _CALLS)
        governor.close()
    return min(costs)
