# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role powerbi_deploy passes each option of the module powerbi_deploy on, and documents it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec
from ansible_collections.community.powerbi.plugins.modules.powerbi_deploy import ARGUMENT_SPEC

ROLE: t.Final = Path(__file__).parents[2] / "roles" / "powerbi_deploy"
OPTIONS: t.Final = {name: spec for name, spec in ARGUMENT_SPEC.items() if name not in auth_argument_spec({})}


def _yaml(path: str) -> t.Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def test_the_argument_spec_of_the_content_is_the_modules() -> None:
    workspaces = _yaml("meta/argument_specs.yml")["argument_specs"]["main"]["options"]["powerbi_deploy_workspaces"]
    content = workspaces["options"]["content"]["options"]
    documented = {(name, option["type"], option.get("elements")) for name, option in content.items()}
    assert documented == {
        (name, spec["type"], spec.get("elements")) for name, spec in OPTIONS.items() if name != "workspace"
    }


@pytest.mark.parametrize(("tasks", "path"), [("plan.yml", ()), ("apply.yml", (0, "block"))])
def test_each_option_is_passed_on(tasks: str, path: tuple[t.Any, ...]) -> None:
    found = _yaml(f"tasks/{tasks}")
    for step in path:
        found = found[step]
    deploy = next(task for task in found if "community.powerbi.powerbi_deploy" in task)
    assert set(deploy["community.powerbi.powerbi_deploy"]) == set(OPTIONS)
