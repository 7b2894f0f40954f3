# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options agree across modules: one word for each concept, one default, and what a name may be is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._settings.options import SHARED_OPTIONS

PLUGINS: t.Final = Path(__file__).resolve().parents[2] / "plugins"
NAMES: t.Final = sorted(path.stem for path in (PLUGINS / "modules").glob("powerbi_*.py"))
BASE: t.Final = "ansible_collections.community.powerbi.plugins"

# Words that other collections or earlier versions use, and the option of this collection for the same concept.
ONE_WORD: t.Final = {
    "force": "allow_data_loss, allow_lockout or replace",
    "purge": "prune",
    "prove": "validate",
    "kind": "type",
    "request_timeout": "timeout",
    "profile": "auth_profile",
    "dataset": "semantic_model",
    "forks": "parallel",
    "app_registration": "application",
}
BY_NAME_OR_ID: t.Final = ("workspace", "capacity", "gateway", "app", "application")


def spec_of(name: str) -> dict[str, dict[str, t.Any]]:
    spec: dict[str, dict[str, t.Any]] = importlib.import_module(f"{BASE}.modules.{name}").ARGUMENT_SPEC
    return spec


def documented(name: str) -> dict[str, dict[str, t.Any]]:
    """The options of a module, those of its fragments included."""
    docs = yaml.safe_load(importlib.import_module(f"{BASE}.modules.{name}").DOCUMENTATION)
    options: dict[str, dict[str, t.Any]] = {}
    for reference in docs.get("extends_documentation_fragment", []):
        fragment, _dot, part = reference.removeprefix("community.powerbi.").partition(".")
        cls = importlib.import_module(f"{BASE}.doc_fragments.{fragment}").ModuleDocFragment
        text = getattr(cls, part.upper() if part else "DOCUMENTATION")
        options.update((yaml.safe_load(text) or {}).get("options") or {})
    own = docs.get("options") or {}
    return {**options, **{option: {**options.get(option, {}), **texts} for option, texts in own.items()}}


def description(option: t.Mapping[str, t.Any]) -> str:
    text = option["description"]
    return text if isinstance(text, str) else " ".join(text)


@pytest.mark.parametrize("name", NAMES)
def test_one_word_for_each_concept(name: str) -> None:
    assert {option: word for option, word in ONE_WORD.items() if option in spec_of(name)} == {}


@pytest.mark.parametrize("name", NAMES)
def test_nouns_by_name_or_id(name: str) -> None:
    options = documented(name)
    texts = {option: description(options[option]) for option in BY_NAME_OR_ID if option in spec_of(name)}
    assert {option: text for option, text in texts.items() if "ame" not in text or "ID" not in text} == {}


def test_waiting() -> None:
    """`wait_timeout` has one default, and either `wait` beside it or the reason why there is none."""
    waiting = [name for name in NAMES if "wait_timeout" in spec_of(name)]
    assert len(waiting) > 5
    assert {name for name in waiting if spec_of(name)["wait_timeout"]["default"] != 1800.0} == set()
    without = [name for name in waiting if "wait" not in spec_of(name)]
    assert [name for name in without if "always waits" not in description(documented(name)["wait_timeout"])] == []
    assert [name for name in NAMES if "wait" in spec_of(name) and name not in waiting] == []


# Options that have another type, default or choices in some modules, and the reason.
DIFFERENT: t.Final = {
    "auth_method": "powerbi_hashi_vault has the methods of community.hashi_vault",
    "folder": "empty is the root in powerbi_import, which never moves an item",
    "format": "of the file that a module writes",
    "name": "powerbi_environment_file has one name that is usual",
    "parameters": "a file of rules for a deployment, or values of a semantic model by name",
    "path": "of a file, of a request, or in a vault",
    "prune": "one list of members, and items that other tools own",
    "src": "powerbi_import takes several files",
    "state": "rotated",
    "type": "of an item, or of an object in a Key Vault",
    "version": "HashiCorp Vault counts versions, Key Vault gives them ids",
}


def test_an_option_of_several_modules_is_the_same_in_all() -> None:
    found: dict[str, set[str]] = {}
    for name in NAMES:
        for option, spec in spec_of(name).items():
            keys = ("type", "elements", "default", "choices", "no_log")
            found.setdefault(option, set()).add(str([spec.get(key) for key in keys]))
    assert sorted(option for option, specs in found.items() if len(specs) > 1) == sorted(DIFFERENT)


def test_timeout_is_for_each_request_and_the_budget_has_another_name() -> None:
    for name in NAMES:
        options = documented(name)
        if "timeout" in spec_of(name):
            assert re.search(r"for each|of each|each response|each request", description(options["timeout"])), name
        if "wait_timeout" in spec_of(name) and "retry_timeout" in spec_of(name):
            assert "O(retry_timeout)" in description(options["wait_timeout"]), name


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_info")])
def test_an_info_module_has_no_state_and_never_reports_changed(name: str) -> None:
    """powerbi_content_info is changed if an option names a file for its report, and that file is written."""
    assert "state" not in spec_of(name)
    module = importlib.import_module(f"{BASE}.modules.{name}")
    results = [
        call
        for call in ast.walk(ast.parse(inspect.getsource(module.run)))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Result"
    ]
    assert results
    given = {ast.unparse(call.args[0]) for call in results if call.args}
    assert given <= ({"bool(diffs)"} if name == "powerbi_content_info" else {"False"})
    assert all(keyword.arg != "changed" for call in results for keyword in call.keywords)


@pytest.mark.parametrize("option", ["parallel", "on_error", "bulk_api", "propagation_timeout", "allow_data_loss"])
def test_an_option_has_one_type_and_default(option: str) -> None:
    found = {name: spec_of(name)[option] for name in NAMES if option in spec_of(name)}
    assert len(found) > 1
    assert len({str(sorted((key, str(value)) for key, value in spec.items())) for spec in found.values()}) == 1


def test_documented_types_choices_and_defaults_are_those_of_the_code() -> None:
    differences = []
    for name in NAMES:
        options = documented(name)
        for option, spec in spec_of(name).items():
            docs = options[option]
            for key in ("type", "elements", "default", "choices", "required"):
                there, here = docs.get(key), spec.get(key)
                if (there or None) != (here or None) and not (option in SHARED_OPTIONS and key == "default"):
                    differences.append(
                        f"{name}: {option}: {key} is {there!r} in the documentation and {here!r} in the code"
                    )
    assert differences == []
