# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test callback: every result as callbacks get it (censored where Ansible censors), one JSON object a line."""

from __future__ import annotations

import json
import os
import time
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: record_results
type: aggregate
short_description: Record what callbacks see of each task, for tests
description:
  - Appends one JSON object per result to the file named by the environment variable E(POWERBI_TEST_RECORD).
"""

STATUSES = {
    "v2_runner_on_ok": "ok",
    "v2_runner_on_failed": "failed",
    "v2_runner_on_skipped": "skipped",
    "v2_runner_on_unreachable": "unreachable",
    "v2_runner_retry": "retry",
    "v2_runner_item_on_ok": "ok",
    "v2_runner_item_on_failed": "failed",
    "v2_runner_item_on_skipped": "skipped",
}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record_results"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, event: str, result: t.Any, ignore_errors: bool = False) -> None:
        # The names before ansible-core 2.19 have underscores.
        task, host, values = (
            getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")
            for name in ("task", "host", "result")
        )
        line = {
            "task": str(task.name or task.action),
            "host": str(host.name),
            "status": STATUSES[event],
            "item": "_item_" in event,
            "ignored": ignore_errors,
            "result": values,
            "time": time.time(),
        }
        with Path(os.environ["POWERBI_TEST_RECORD"]).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._record("v2_runner_on_ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._record("v2_runner_on_failed", result, ignore_errors)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._record("v2_runner_on_skipped", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._record("v2_runner_on_unreachable", result)

    def v2_runner_retry(self, result: t.Any) -> None:
        self._record("v2_runner_retry", result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._record("v2_runner_item_on_ok", result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._record("v2_runner_item_on_failed", result)

    def v2_runner_item_on_skipped(self, result: t.Any) -> None:
        self._record("v2_runner_item_on_skipped", result)
