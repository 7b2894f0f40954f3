# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role powerbi_deploy passes each option of the module powerbi_deploy on, and documents it."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import jinja2
import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec
from ansible_collections.community.powerbi.plugins.modules.powerbi_deploy import ARGUMENT_SPEC
from ansible_collections.community.powerbi.plugins.plugin_utils._deploy_summary import summarise

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


def test_the_time_line_of_the_report_shows_names_as_text_and_loads_nothing() -> None:
    """A name from the service is neither markup nor a style, and the page needs no other file."""
    name = '"><script>alert(1)</script>{{ 7*7 }}'
    plan = [
        {"name": name, "type": "SemanticModel", "action": "create", "begin": 0.0, "seconds": 4.0, "waits": []},
        {
            "name": "Sales",
            "type": "Report",
            "action": "create",
            "begin": 4.0,
            "seconds": 1.0,
            "waits": [{"kind": "dependency", "what": f"{name}.SemanticModel", "seconds": 4.0}],
        },
    ]
    content = {"plan": plan, "failed_items": [{"item": "Sales.Report", "what": "refused"}]}
    environment = jinja2.Environment(autoescape=False)
    environment.filters["bool"] = bool
    environment.globals["now"] = lambda **_options: "2026-11-28"
    page = environment.from_string((ROLE / "templates" / "report.html.j2").read_text(encoding="utf-8")).render(
        powerbi_deploy_plan_only=False,
        powerbi_deploy_environment="",
        __powerbi_deploy_reported=[summarise({"name": "Sales", "content": content})],
    )
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}.SemanticModel" in page
    assert 'class="dependency" style="left:0.0%;width:80.0%"' in page
    assert 'class="work" style="left:80.0%;width:20.0%"' in page
    assert "4.0 s for &#34;&gt;&lt;script&gt;" in page
    assert '<tr class="failed"><td>Sales.Report</td>' in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert not re.search(r"\b(src|href)=|@import|url\(|https?:", page)
