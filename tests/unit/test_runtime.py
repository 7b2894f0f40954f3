# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module goes through the action plugin and is in the action group. Without the first, a secret result would be shown."""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("powerbi_*.py"))


@pytest.fixture(scope="module")
def runtime() -> dict[str, t.Any]:
    content: dict[str, t.Any] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    return content


@pytest.mark.parametrize("module", MODULES)
def test_routed_and_grouped(module: str, runtime: dict[str, t.Any]) -> None:
    plugin = runtime["plugin_routing"]["modules"].get(module, {}).get("action_plugin", "")
    assert (ROOT / "plugins" / "action" / f"{plugin.rpartition('.')[2]}.py").is_file()
    spec = importlib.import_module(f"ansible_collections.community.powerbi.plugins.modules.{module}").ARGUMENT_SPEC
    # The group's defaults are options of logging in to Power BI: a module without them would refuse them.
    assert (module in runtime["action_groups"]["powerbi"]) is ("client_secret" in spec)
