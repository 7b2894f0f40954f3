# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules run in this process, as the action plugin runs them: for tests with hundreds of tasks."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

from ansible_collections.community.powerbi.plugins.module_utils._module import run_in_process


def run_module(name: str, options: t.Mapping[str, t.Any], cache: Path, *, check: bool = False) -> dict[str, t.Any]:
    """The result of a task. ``cache`` is the folder that its run's tokens are kept in. Threads may call this at once."""
    module = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{name}")
    return run_in_process(
        module.ARGUMENT_SPEC,
        module.run,
        dict(options),
        name=f"community.powerbi.{name}",
        check_mode=check,
        environ={},
        cache_directory=str(cache),
        notify=lambda _text: None,
        secret_result=bool(getattr(module, "SECRET_VALUES", ())),
        **getattr(module, "RULES", {}),
    )
