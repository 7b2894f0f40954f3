# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The intent of a task and its options may differ: an empty folder, a misspelt environment, a rule without a hit."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator
from harness.files import pbix
from harness.modules import Modules

SAMPLE: t.Final = REPOSITORY / "playbooks" / "files" / "sample"
TEXT: t.Final = "warehouse.example.com"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("parameter.yml"))
    return folder


@pytest.fixture
def modules(emulator: Emulator) -> Modules:
    return Modules(emulator)


def replace(find: str, **by_environment: str) -> dict[str, t.Any]:
    return {"find_replace": [{"find_value": find, "replace_value": by_environment}]}


@pytest.mark.parametrize("prune", ["deployed", "all"])
@pytest.mark.parametrize("check", [False, True])
def test_a_folder_without_an_item_empties_no_workspace(
    modules: Modules, content: Path, tmp_path: Path, prune: str, check: bool
) -> None:
    modules("powerbi_deploy", workspace="Finance", src=str(content))
    empty = tmp_path / "submodule"
    empty.mkdir()
    (empty / "README.md").write_text("not checked out")

    result = modules.fail("powerbi_deploy", workspace="Finance", src=str(empty), prune=prune, check=check)

    assert f"`src` {empty} holds no item" in result["msg"]
    assert modules("powerbi_drift_info", workspace="Finance", src=str(content))["drift"] == []


def test_a_folder_without_an_item_is_a_warning_if_nothing_is_pruned(modules: Modules, tmp_path: Path) -> None:
    result = modules("powerbi_deploy", workspace="Finance", src=str(tmp_path))
    assert (result["changed"], len(result["warnings"])) == (False, 1)


def test_a_misspelt_environment_writes_nothing(modules: Modules, content: Path) -> None:
    rules = replace(TEXT, dev="dev.example.com", prod="prod.example.com")
    result = modules.fail("powerbi_deploy", workspace="Finance", src=str(content), environment="prdo", parameters=rules)
    assert "no rule names the environment 'prdo': the rules have dev, prod" in result["msg"]
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": replace("no-such-text.example.com", prod="x"), "environment": "prod"}, "is not found"),
        ({"exclude": ["Salez.*"]}, "exclude: 'Salez.*' matches no item"),
        ({"prune": "deployed", "protect": ["Finance/Board.Report"]}, "protect: 'Finance/Board.Report' fits no item"),
        ({"environment": "prod"}, "without `parameters` it does nothing"),
    ],
)
def test_what_has_no_effect_is_a_warning_of_ansible(
    modules: Modules, content: Path, options: dict[str, t.Any], message: str
) -> None:
    result = modules("powerbi_deploy", workspace="Finance", src=str(content), check=True, **options)
    assert [warning for warning in result["warnings"] if message in warning]


def test_strict_parameters_make_an_error_of_it(modules: Modules, content: Path) -> None:
    rules = {"parameters": replace("no-such-text.example.com", prod="x"), "environment": "prod"}
    options = {"workspace": "Finance", "src": str(content), "strict_parameters": True, **rules}
    assert "is not found" in modules.fail("powerbi_deploy", **options)["msg"]
    assert "is not found" in modules.fail("powerbi_drift_info", **options)["msg"]


def test_warnings_are_bounded(modules: Modules, content: Path) -> None:
    rules = [{"find": f"no-such-text-{number}", "replace": "x"} for number in range(25)]
    result = modules("powerbi_deploy", workspace="Finance", src=str(content), parameters=rules, check=True)
    assert len(result["warnings"]) == 11
    assert result["warnings"][-1].startswith("15 more warnings")
    assert len(result["content_warnings"]) == 25


@pytest.mark.parametrize("options", [{"parameters": ""}, {"src": ""}, {"workspace": ""}, {"workspace": " "}])
def test_an_emptied_variable_is_an_error(modules: Modules, content: Path, options: dict[str, t.Any]) -> None:
    result = modules.fail("powerbi_deploy", **{"workspace": "Finance", "src": str(content), **options})
    assert f"`{next(iter(options))}` is empty" in result["msg"]
    assert result["error"]["kind"] == "config"


@pytest.mark.parametrize(
    ("module", "option"),
    [
        ("powerbi_workspace_info", "workspace"),
        ("powerbi_capacity_info", "capacity"),
        ("powerbi_gateway_info", "gateway"),
        ("powerbi_app_info", "app"),
    ],
)
def test_an_emptied_name_never_means_all(modules: Modules, module: str, option: str) -> None:
    assert f"`{option}` is empty" in modules.fail(module, **{option: ""})["msg"]


def test_the_diff_of_a_new_import_has_an_empty_before(modules: Modules, tmp_path: Path) -> None:
    file = pbix(tmp_path / "Brand new.pbix")
    result = modules("powerbi_import", workspace="Finance", src=[str(file)], check=True)
    assert [one["before_header"] for one in result["diff"]] == ["Brand new.Report (absent)"]


def test_the_example_of_credentials_that_expire_filters_both_lists() -> None:
    """`a + b | selectattr(...)` filters b only."""
    text = (REPOSITORY / "plugins" / "modules" / "powerbi_credential_info.py").read_text(encoding="utf-8")
    assert "(credentials.secrets + credentials.certificates) | selectattr(" in text


@pytest.mark.parametrize("hard", [False, True])
def test_a_deletion_is_final_only_with_hard_delete(
    modules: Modules, emulator: Emulator, content: Path, hard: bool
) -> None:
    """By pruning and by powerbi_item, in a workspace of the caller's own: only its administrators delete for good."""
    name = f"Deletions {hard}"
    modules("powerbi_workspace", name=name)
    modules("powerbi_deploy", workspace=name, src=str(content))
    emulator.clear_requests()
    shutil.rmtree(content / "Invoice.PaginatedReport")
    pruned = modules("powerbi_deploy", workspace=name, src=str(content), prune="deployed", hard_delete=hard)
    assert pruned["deleted"] == ["Invoice.PaginatedReport"]
    options = {"name": "Sales", "type": "Report", "state": "absent", "hard_delete": hard}
    assert modules("powerbi_item", workspace=name, **options)["action"] == "delete"
    queries = [entry["query"] for entry in emulator.requests("/items/[^/]+$", method="DELETE")]
    assert queries == [["hardDelete"] if hard else []] * 2
