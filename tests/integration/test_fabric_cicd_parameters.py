# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""fabric-cicd's own validation of parameter files beside ours: what it refuses is refused, what it takes is taken."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.file import from_file
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ERROR
from harness import peers

GUID: t.Final = "aaaaaaaa-0000-4000-8000-000000000001"
VALIDATE: t.Final = """
import contextlib, json, sys
from fabric_cicd import constants
from fabric_cicd._parameter._utils import validate_parameter_file
constants.FEATURE_FLAG.add("enable_environment_variable_replacement")
found = {}
with contextlib.redirect_stdout(sys.stderr):
    for folder in sys.argv[1:]:
        try:
            found[folder] = bool(validate_parameter_file(folder, environment="PROD"))
        except Exception as error:
            found[folder] = f"{type(error).__name__}"
print(json.dumps(found))
"""

FIND: t.Final = "find_replace:\n  - {find_value: a, replace_value: {PROD: x}"
TAKEN: t.Final[dict[str, str]] = {
    "find and replace": f"{FIND}}}\n",
    "any environment": "find_replace:\n  - {find_value: a, replace_value: {_all_: x}}\n",
    "filters": f"{FIND}, item_type: [Report, Notebook], item_name: A, file_path: ['**/*.py', /A.Notebook/x.py]}}\n",
    "a regular expression": "find_replace:\n  - {find_value: 'a(b)', is_regex: 'True', replace_value: {PROD: x}}\n",
    "ignored case": f"{FIND}, ignore_case: 'true'}}\n",
    "a key": "key_value_replace:\n  - {find_key: '$.a[?(@.b==\"c\")].d', replace_value: {PROD: [1], DEV: [2]}}\n",
    "an empty text at a key": "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: ''}}\n",
    "variables": "find_replace:\n"
    + "".join(
        f"  - {{find_value: a, replace_value: {{PROD: '{value}'}}}}\n"
        for value in (
            "$workspace.id",
            "$workspace.$id",
            "$workspace.$name",
            "$workspace.$name_encoded",
            "$workspace.Other",
            "$workspace.Other.$id",
            "$items.Lakehouse.A.B.$sqlendpoint",
            "$items.Warehouse.A.sqlendpoint",
            "$items.Eventhouse.A.$QueryServiceUri",
            "$workspace.Other.$items.Lakehouse.A.$sqlendpointid",
        )
    ),
    "a workspace to find": "find_replace:\n  - {find_value: $workspace.Dev.$id, replace_value: {PROD: x}}\n",
    "Spark pools": f"spark_pool:\n  - {{instance_pool_id: {GUID}, item_name: [A], replace_value: "
    "{PROD: {type: Capacity, name: P}, DEV: {type: Workspace, name: Q}}}\n",
    "bindings": f"semantic_model_binding:\n  default: {{connection_id: {{PROD: {GUID}}}}}\n  models:\n"
    f"    - {{semantic_model_name: [A, B], connection_id: {{PROD: [{GUID}], DEV: {GUID}}}}}\n",
    "old bindings": f"semantic_model_binding:\n  - {{connection_id: {GUID}, semantic_model_name: A}}\n",
    "older bindings": f"gateway_binding:\n  - {{gateway_id: {GUID}, dataset_name: [A]}}\n",
    "an environment variable": "find_replace:\n  - {find_value: a, replace_value: {PROD: $ENV:HOME}}\n",
    "a template": f"extend: [t.yml]\n{FIND}}}\n",
}
REFUSED: t.Final[dict[str, str]] = {
    "nothing": "\n",
    "no rule": "{}\n",
    "broken YAML": "find_replace: [\n",
    "an unknown section": f"{FIND}}}\nfind: []\n",
    "no list": "find_replace: {}\n",
    "an unknown key": f"{FIND}, path: x}}\n",
    "no replacement": "find_replace:\n  - {find_value: a}\n",
    "an empty replacement": "find_replace:\n  - {find_value: a, replace_value: {PROD: ''}}\n",
    "an empty replacement of another environment": "find_replace:\n  - {find_value: a, replace_value: {PROD: x, DEV: }}\n",
    "a number as replacement of another environment": "find_replace:\n  - {find_value: a, replace_value: {PROD: x, DEV: 1}}\n",
    "a number to find": "find_replace:\n  - {find_value: 1, replace_value: {PROD: x}}\n",
    "a boolean for is_regex": f"{FIND}, is_regex: true}}\n",
    "a boolean for ignore_case": f"{FIND}, ignore_case: false}}\n",
    "a broken expression": "find_replace:\n  - {find_value: 'a(', is_regex: 'true', replace_value: {PROD: x}}\n",
    "an expression of a variable": "find_replace:\n  - {find_value: $workspace.A, is_regex: 'true', replace_value: {PROD: x}}\n",
    "an item to find": "find_replace:\n  - {find_value: $items.Notebook.A.id, replace_value: {PROD: x}}\n",
    "a number as filter": f"{FIND}, item_name: 1}}\n",
    "the same key in other case": "find_replace:\n  - {find_value: a, replace_value: {PROD: x, Prod: y}}\n",
    "_ALL_ beside others": "find_replace:\n  - {find_value: a, replace_value: {_ALL_: x, PROD: y}}\n",
    "a relative key": "key_value_replace:\n  - {find_key: a.b, replace_value: {PROD: x}}\n",
    "a broken key": "key_value_replace:\n  - {find_key: '$.[', replace_value: {PROD: x}}\n",
    "values of two types": "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: x, DEV: 1}}\n",
    "no value at a key": "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: x, DEV: }}\n",
    "a pool without a name": f"spark_pool:\n  - {{instance_pool_id: {GUID}, replace_value: {{PROD: {{type: Capacity}}}}}}\n",
    "a pool of an unknown type": f"spark_pool:\n  - {{instance_pool_id: {GUID}, "
    "replace_value: {DEV: {type: capacity, name: P}}}\n",
    "a pool that is a text": f"spark_pool:\n  - {{instance_pool_id: {GUID}, replace_value: {{PROD: P}}}}\n",
    "bindings of nothing": "semantic_model_binding: {}\n",
    "no models": "semantic_model_binding: {models: []}\n",
    "a default without a connection": "semantic_model_binding: {default: {}}\n",
    "a connection that is no GUID": "semantic_model_binding: {default: {connection_id: {PROD: x}}}\n",
    "one of another environment": f"semantic_model_binding: {{default: {{connection_id: {{PROD: {GUID}, DEV: x}}}}}}\n",
    "an empty list of connections": "semantic_model_binding: {default: {connection_id: {PROD: []}}}\n",
    "environments in the old form": f"semantic_model_binding:\n  - {{connection_id: {{PROD: {GUID}}}, semantic_model_name: A}}\n",
    "a list in the old form": f"semantic_model_binding:\n  - {{connection_id: [{GUID}], semantic_model_name: A}}\n",
    "no model in the old form": f"semantic_model_binding:\n  - {{connection_id: {GUID}, semantic_model_name: ''}}\n",
    "both forms": f"semantic_model_binding: {{connection_id: {GUID}, default: {{connection_id: {{PROD: {GUID}}}}}}}\n",
    "no variable": "find_replace:\n  - {find_value: a, replace_value: {PROD: $what}}\n",
    "an unknown type": "find_replace:\n  - {find_value: a, replace_value: {PROD: $items.Notbook.A.id}}\n",
    "an unknown attribute": "find_replace:\n  - {find_value: a, replace_value: {DEV: $items.Notebook.A.$name}}\n",
    "an unknown attribute of a workspace": "find_replace:\n  - {find_value: a, replace_value: {PROD: $workspace.A.$name}}\n",
    "a variable without a name": "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: $workspace.}}\n",
    "an environment variable that is not set": "find_replace:\n  - {find_value: a, replace_value: {PROD: $ENV:NONE_SUCH}}\n",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool | str]:
    """By case: whether fabric-cicd takes the file; the name of the exception where its validation raises one."""
    try:
        python = peers.install()
    except RuntimeError as error:
        pytest.skip(str(error))
    root = tmp_path_factory.mktemp("parameters")
    folders = {str(folder(root, case)): case for case in (*TAKEN, *REFUSED)}
    argv = [str(python), "-c", VALIDATE, *folders]
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, timeout=120, cwd=root, env={"HOME": str(root), "PATH": ""}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {folders[path]: verdict for path, verdict in json.loads(done.stdout).items()}


def folder(root: Path, case: str) -> Path:
    path = root / case.replace(" ", "-")
    path.mkdir(exist_ok=True)
    (path / "parameter.yml").write_text({**TAKEN, **REFUSED}[case], encoding="utf-8")
    (path / "t.yml").write_text("find_replace:\n  - {find_value: b, replace_value: {PROD: y}}\n", encoding="utf-8")
    return path


def errors(root: Path, case: str) -> list[str]:
    found = from_file(str(folder(root, case) / "parameter.yml"), "PROD", {"HOME": "/home/x"})
    return [str(problem) for problem in found.problems if problem.severity == ERROR]


@pytest.mark.parametrize("case", TAKEN)
def test_what_it_takes_is_taken(case: str, verdicts: dict[str, bool | str], tmp_path: Path) -> None:
    assert verdicts[case] is True
    assert errors(tmp_path, case) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_refuses_is_refused_with_the_place(case: str, verdicts: dict[str, bool | str], tmp_path: Path) -> None:
    assert verdicts[case] is not True
    found = errors(tmp_path, case)
    assert found
    assert all(text.startswith("parameter") and "Remedy: " in text for text in found)
