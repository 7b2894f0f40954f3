# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks against one emulator as the app that deploys, without the seconds that ansible-playbook takes for each."""

from __future__ import annotations

import tempfile
import typing as t
from pathlib import Path

from harness import contoso
from harness.emulator import Emulator
from harness.in_process import run_module


class Modules:
    """``Modules(emulator)("powerbi_deploy", workspace="Finance", src=...)`` gives the task's result."""

    def __init__(self, emulator: Emulator, **options: t.Any) -> None:
        self._options = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY), **options}
        # Beside the emulator's own files, which pytest removes some sessions later.
        self._cache = Path(tempfile.mkdtemp(prefix="run-", dir=emulator.directory))

    def run(self, module: str, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result, whether it failed or not."""
        return run_module(module, {**self._options, **options}, self._cache, check=check)

    def __call__(self, module: str, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of a task that has to succeed."""
        result = self.run(module, check=check, **options)
        assert not result.get("failed"), result
        return result

    def fail(self, module: str, /, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
        """The result of a task that has to fail, with an error that has a remedy."""
        result = self.run(module, check=check, **options)
        assert result.get("failed"), result
        assert result["error"]["kind"] != "defect", result
        return result
