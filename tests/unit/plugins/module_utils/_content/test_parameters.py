# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules by environment: a fabric-cicd parameter.yml as it is, the same as a module option, and what they do."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters import rules as parameter_rules
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.build import Parameters
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.dynamic_variable import Variable
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.file import from_file, from_option
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.rules import path_pattern
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters.substitution import (
    resolve,
    substitute,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import MissingLibraryError

WORKSPACE_ID = Variable("id")
LAKEHOUSE = Variable("sqlendpoint", item_type="Lakehouse", item_name="Lake.one")


@pytest.fixture
def given(tmp_path: Path) -> t.Callable[..., Parameters]:
    def read(text: str, environment: str = "PROD", environ: t.Mapping[str, str] | None = None) -> Parameters:
        file = tmp_path / "parameter.yml"
        file.write_text(text)
        return from_file(str(file), environment, environ)

    return read


def local(item_type: str = "Report", name: str = "Sales", **parts: str) -> LocalItem:
    named = {path.replace("__", "/").replace("_", "."): text.encode() for path, text in parts.items()}
    return LocalItem(item_type, name, "definition", "/x", f"F/{name}.{item_type}", parts=named)


def texts(found: Parameters, severity: str = "error") -> list[str]:
    return [str(problem) for problem in found.problems if problem.severity == severity]


def applied(found: Parameters, item: LocalItem, **known: str) -> dict[str, str]:
    assert texts(found) == []
    substitution = substitute(item, found.rules)
    assert substitution.problems == ()
    filled = resolve(substitution, lambda variable: known.get(variable.attribute, str(variable)))
    return {path: data.decode() for path, data in filled.items()}


def test_find_and_replace_in_filtered_files(given: t.Any) -> None:
    found = given(
        """
find_replace:
  - find_value: dev
    replace_value: {DEV: dev, PROD: prod}
    item_type: [Report, SemanticModel]
    item_name: Sales
    file_path: "**/a.txt"
"""
    )

    assert applied(found, local(a_txt="dev Dev devdev", b_txt="dev")) == {"a.txt": "prod Dev prodprod", "b.txt": "dev"}
    assert applied(found, local(name="Other", a_txt="dev")) == {"a.txt": "dev"}
    assert applied(found, local("Notebook", a_txt="dev")) == {"a.txt": "dev"}


def test_a_regular_expression_replaces_what_its_group_captures(given: t.Any) -> None:
    found = given(
        r"""
find_replace:
  - find_value: 'server\s*=\s*"([^"]+)"'
    replace_value: {_ALL_: 'x\1$&'}
    is_regex: "true"
    ignore_case: "true"
"""
    )

    assert applied(found, local(a_txt='SERVER = "one"; server="two"; "one"')) == {
        "a.txt": 'SERVER = "x\\1$&"; server="x\\1$&"; "one"'
    }


def test_a_group_that_captures_nothing_is_an_error(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: 'a(b*)', is_regex: 'true', replace_value: {PROD: x}}\n")
    (problem,) = substitute(local(a_txt="ac"), found.rules).problems

    assert "captures nothing in F/Sales.Report" in problem.what
    assert (problem.file, problem.line) == ("parameter.yml", 2)


def test_plain_text_in_any_case(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: 'a.c', ignore_case: 'true', replace_value: {PROD: 'x'}}\n")

    assert applied(found, local(a_txt="A.C abc a.c")) == {"a.txt": "x abc x"}


def test_values_at_keys_of_json_and_yaml(given: t.Any) -> None:
    found = given(
        """
key_value_replace:
  - find_key: $.a[?(@.name=="x")].value
    replace_value: {DEV: [1], PROD: [2, 3]}
  - find_key: $.flag
    replace_value: {PROD: false}
"""
    )
    parts = applied(
        found,
        local(
            a_json='{\n    "flag": true,\n    "a": [{"name": "x", "value": 0}, {"name": "y", "value": 0}]\n}',
            b_yml="flag: true\nname: ü\n",
            c_json='{"other":  1}',
            d_json='{"flag": broken',
            e_txt="flag: true",
        ),
    )

    assert json.loads(parts["a.json"]) == {
        "flag": False,
        "a": [{"name": "x", "value": [2, 3]}, {"name": "y", "value": 0}],
    }
    assert parts["a.json"].startswith('{\n    "flag": false')
    assert parts["b.yml"] == "flag: false\nname: ü\n"
    assert (parts["c.json"], parts["d.json"], parts["e.txt"]) == ('{"other":  1}', '{"flag": broken', "flag: true")


def test_the_rest_of_a_yaml_file_stays_as_it_is_written(given: t.Any) -> None:
    """YAML 1.1 reads NO as false, 010 as 8 and 1:30 as 90: the library would write them so."""
    found = given(
        """
key_value_replace:
  - {find_key: $.pool.NO, replace_value: {PROD: b}}
  - {find_key: $.list, replace_value: {PROD: [1, "NO"]}}
  - {find_key: $.empty, replace_value: {PROD: on}}
  - {find_key: $.text, replace_value: {PROD: one line}}
  - {find_key: "$.many[?(@.name=='x')].value", replace_value: {PROD: 2}}
"""
    )
    text = """# a comment
NO: NO   # Norway
010: 010
time: 1:30
pool:
  NO: 'a'  # kept
list:
  - 1
  - 2
empty:
text: |
  two
  lines
many:
  - {name: x, value: 1}
  - name: y
    value: 1
"""
    after = """# a comment
NO: NO   # Norway
010: 010
time: 1:30
pool:
  NO: "b"  # kept
list:
  [1, "NO"]
empty: true
text: "one line"
many:
  - {name: x, value: 2}
  - name: y
    value: 1
"""
    assert applied(found, local(a_yml=text)) == {"a.yml": after}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a: &x 1\nb: *x\n", {"a": 2, "b": 1}),
        ("d: &x {a: 1}\nb: {<<: *x}\na: 1\n", {"d": {"a": 1}, "b": {"a": 1}, "a": 2}),
    ],
)
def test_a_yaml_file_with_aliases_is_written_anew(given: t.Any, text: str, after: dict[str, t.Any]) -> None:
    found = given("key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: 2}}\n")
    assert yaml.safe_load(applied(found, local(a_yml=text))["a.yml"]) == after


def test_keys_come_before_texts_and_rules_follow_their_order(given: t.Any) -> None:
    found = given(
        """
find_replace:
  - {find_value: one, replace_value: {PROD: two}}
  - {find_value: two, replace_value: {PROD: three}}
key_value_replace:
  - {find_key: $.a, replace_value: {PROD: one}}
"""
    )

    assert json.loads(applied(found, local(a_json='{"a": "x"}'))["a.json"]) == {"a": "three"}


def test_variables_become_placeholders_and_are_resolved_later(given: t.Any) -> None:
    found = given(
        """
find_replace:
  - {find_value: WS, replace_value: {PROD: $workspace.$id}}
  - {find_value: LAKE, replace_value: {PROD: $items.Lakehouse.Lake.one.$SqlEndpoint}}
key_value_replace:
  - {find_key: $.name, replace_value: {PROD: $workspace.$name}}
"""
    )
    item = local(a_json='{"name": "x", "ws": "WS"}', b_yaml="name: x\n", c_txt="LAKE WS LAKE", d_txt="nothing")
    substitution = substitute(item, found.rules, {Variable("name"): 'My "own": #1'})

    assert set(found.rules.variables()) == {WORKSPACE_ID, LAKEHOUSE, Variable("name")}
    assert set(substitution.pending) == {WORKSPACE_ID, LAKEHOUSE}
    assert substitution.parts["d.txt"] == b"nothing"
    requested: list[Variable] = []

    def value(variable: Variable) -> str:
        requested.append(variable)
        return {WORKSPACE_ID: "w", LAKEHOUSE: "l"}[variable]

    parts = resolve(substitution, value)
    assert sorted(requested, key=str) == sorted([WORKSPACE_ID, LAKEHOUSE], key=str)
    assert json.loads(parts["a.json"]) == {"name": 'My "own": #1', "ws": "w"}
    assert parts["c.txt"] == b"l w l"


def test_a_variable_in_json_and_yaml_is_quoted_as_they_need_it(given: t.Any) -> None:
    found = given("key_value_replace:\n  - {find_key: $.n, replace_value: {PROD: $workspace.$name}}\n")
    parts = applied(found, local(a_json='{"n": 1}', b_yml="n: 1\n"), name='a "b": {c}')

    assert json.loads(parts["a.json"]) == {"n": 'a "b": {c}'}
    assert parts["b.yml"] == 'n: "a \\"b\\": {c}"\n'


def test_a_placeholder_that_a_later_rule_removes_is_not_resolved(given: t.Any) -> None:
    found = given(
        """
find_replace:
  - {find_value: A, replace_value: {PROD: $items.Notebook.N.id}}
  - {find_value: B, replace_value: {PROD: $workspace.id}}
  - {find_value: '(powerbiPending\\w+0x)', is_regex: "true", replace_value: {PROD: gone}}
"""
    )
    substitution = substitute(local(a_txt="A B"), found.rules)

    assert substitution.pending == (WORKSPACE_ID,)
    assert resolve(substitution, lambda _variable: "w") == {"a.txt": b"gone w"}


def test_a_workspace_variable_may_be_the_find_value(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: $workspace.Dev, replace_value: {PROD: x}}\n")
    item = local(a_txt="id-of-dev")

    assert substitute(item, found.rules, {Variable("id", "Dev"): "id-of-dev"}).parts == {"a.txt": b"x"}
    assert "has no value here" in substitute(item, found.rules).problems[0].what


def test_values_of_the_environment(given: t.Any) -> None:
    text = "find_replace:\n  - {find_value: '$ENV:FROM', replace_value: {PROD: 'x-$ENV:TO.y', DEV: '$ENV:NONE'}}\n"
    found = given(text, "PROD", {"FROM": "dev", "TO": "s3cret"})

    assert applied(found, local(a_txt="dev")) == {"a.txt": "x-s3cret.y"}
    assert "s3cret" not in repr(found)
    assert found.rules.environment_values == {"dev", "s3cret"}
    assert from_option([]).rules.merged(found.rules).environment_values == {"dev", "s3cret"}
    missing = given(text, "PROD", {"FROM": "dev"})
    assert texts(missing) == [
        "parameter.yml:2:53: the environment variable 'TO' isn't set where the task runs. Remedy: Set it, or give the value here."
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "find_replace:\n  - {find_value: a, replace_value: {PROD: $ENV:X}}\n",
        "find_replace:\n  - {find_value: $ENV:X, replace_value: {PROD: b}}\n",
        "find_replace:\n  - {find_value: $ENV:X, is_regex: 'true', replace_value: {PROD: b}}\n",
        "find_replace:\n  - {find_value: '$ENV:X|(x*)', is_regex: 'true', replace_value: {PROD: b}}\n",
        "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: $ENV:X}}\n",
        "key_value_replace:\n  - {find_key: $ENV:X, replace_value: {PROD: x}}\n",
        "semantic_model_binding:\n  default: {connection_id: {PROD: $ENV:X}}\n",
    ],
)
@pytest.mark.parametrize("secret", ["$s3cret(", "$workspace.$s3cret", "s3cret)("])
def test_a_value_of_the_environment_is_in_no_message(given: t.Any, rule: str, secret: str) -> None:
    found = given(rule, "PROD", {"X": secret})
    substitution = substitute(local(a_txt="a b", b_json='{"a": 1}'), found.rules)

    assert "s3cret" not in f"{found} {texts(found)} {texts(found, 'warning')} {substitution.problems}"


def test_platform_and_binary_parts_stay(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: a, replace_value: {PROD: b}}\n")
    item = LocalItem(
        "Report", "R", "definition", "/x", "R.Report", parts={".platform": b"a", "x.png": b"a\0", "y": b"a\xff"}
    )

    assert substitute(item, found.rules).parts == item.parts


def test_connections_of_models(given: t.Any) -> None:
    one, two, three = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "123")
    found = given(
        f"""
semantic_model_binding:
  default: {{connection_id: {{PROD: {one}, DEV: {two}}}}}
  models:
    - semantic_model_name: [A, B]
      connection_id: {{_all_: [{two}, {three}]}}
    - semantic_model_name: C
      connection_id: {{DEV: {three}}}
"""
    )

    assert texts(found) == []
    assert found.rules.connections_of("A") == found.rules.connections_of("B") == (two, three)
    assert found.rules.connections_of("C") == found.rules.connections_of("D") == (one,)
    old = given(f"semantic_model_binding:\n  - {{connection_id: {one}, semantic_model_name: A}}\n")
    assert (old.rules.connections_of("A"), old.rules.connections_of("B")) == ((one,), ())
    older = given(f"gateway_binding:\n  - {{gateway_id: {one}, dataset_name: [A]}}\n")
    assert older.rules.connections_of("A") == (one,)
    assert "gateway_binding is the old name" in texts(older, "warning")[0]


def test_templates_are_added(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "one.yml").write_text("find_replace:\n  - {find_value: b, replace_value: {PROD: c}}\n")
    main = tmp_path / "parameter.yml"
    main.write_text("extend: [t/one.yml, t/one.yml]\nfind_replace:\n  - {find_value: a, replace_value: {PROD: b}}\n")
    found = from_file(str(main), "PROD")

    assert applied(found, local(a_txt="a")) == {"a.txt": "c"}
    main.write_text("extend: [t/none.yml, t/two.yml]\n")
    (tmp_path / "t" / "two.yml").write_text("extend: [x]\n")
    assert [text.partition(". ")[0] for text in texts(from_file(str(main), "PROD"))] == [
        "t/none.yml: the file can't be read: No such file or directory",
        "t/two.yml:1:9: a template can't extend another one",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("find_replace: [\n", "parameter.yml:2:1: invalid YAML"),
        ("", "parameter.yml: the file is empty"),
        ("[1]\n", "the file isn't a mapping of rule kinds"),
        ("find_replaces: []\n", "parameter.yml:1:16: 'find_replaces' is no kind of rule"),
        ("find_replace: {}\n", "find_replace isn't a list of rules"),
        (
            "find_replace:\n  - find_value: a\n    find_value: b\n    replace_value: {PROD: x}\n",
            ":3:5: the key 'find_value' is repeated (first in line 2)",
        ),
        ("find_replace:\n  - {find_value: a, replace_value: {PROD: x, prod: y}}\n", "the key 'prod' is repeated"),
        ("find_replace:\n  - {find_value: a}\n", ":2:5: a rule of find_replace has no replace_value"),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, item: y}\n",
            "'item' is no key of a rule of find_replace",
        ),
        ("find_replace:\n  - {find_value: 1, replace_value: {PROD: x}}\n", "find_value isn't a text"),
        ("find_replace:\n  - {find_value: a, replace_value: {PROD: 1}}\n", "the replacement for 'PROD' isn't a text"),
        ("find_replace:\n  - {find_value: a, replace_value: x}\n", "replace_value isn't a mapping by environment"),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x, _ALL_: y}}\n",
            "'_ALL_' stands beside other environments",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, is_regex: perhaps}\n",
            "is_regex is neither true nor false",
        ),
        (
            "find_replace:\n  - {find_value: '(', replace_value: {PROD: x}, is_regex: 'true'}\n",
            "isn't a regular expression",
        ),
        (
            "find_replace:\n  - {find_value: 'a', replace_value: {PROD: x}, is_regex: 'true'}\n",
            "has 0 groups, it needs one",
        ),
        (
            "find_replace:\n  - {find_value: '(a)(b)', replace_value: {PROD: x}, is_regex: 'true'}\n",
            "has 2 groups, it needs one",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, item_type: Raport}\n",
            "'Raport' isn't an item type. Remedy: Did you mean 'Report'?",
        ),
        (
            "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: x}, item_type: [Report, Dataset]}\n",
            "'Dataset' isn't an item type. Remedy: Did you mean 'SemanticModel'?",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, item_type: semantic_models}\n",
            "'semantic_models' isn't an item type. Remedy: Did you mean 'SemanticModel'?",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, item_type: xyz}\n",
            "'xyz' isn't an item type. Remedy: Write it as Fabric does, such as 'Report'",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: $items.Notbook.N.$id}}\n",
            "names the type 'Notbook', which isn't an item type; did you mean 'Notebook'?",
        ),
        (
            "find_replace:\n  - {find_value: a, replace_value: {PROD: x}, file_path: ../a}\n",
            "'../a' leaves the source folder",
        ),
        ("find_replace:\n  - {find_value: $items.Report.R.id, replace_value: {PROD: x}}\n", "can't be searched for"),
        (
            "find_replace:\n  - {find_value: $workspace.id, is_regex: 'true', replace_value: {PROD: x}}\n",
            "a variable can't be a regular expression",
        ),
        ("find_replace:\n  - {find_value: a, replace_value: {PROD: $items.Report.R}}\n", "is incomplete"),
        ("find_replace:\n  - {find_value: a, replace_value: {DEV: $items.Report.R, PROD: x}}\n", "is incomplete"),
        ("find_replace:\n  - {find_value: a, replace_value: {PROD: $what}}\n", "'$what' is no variable"),
        ("key_value_replace:\n  - {find_key: a.b, replace_value: {PROD: x}}\n", "isn't an absolute JSONPath"),
        ("key_value_replace:\n  - {find_key: '$.[', replace_value: {PROD: x}}\n", "isn't a JSONPath"),
        (
            "key_value_replace:\n  - {find_key: $.a, replace_value: {PROD: x, DEV: 1}}\n",
            "has another type than the one for 'PROD'",
        ),
        ("semantic_model_binding:\n  default: {connection_id: {PROD: x}}\n", "'x' isn't a connection's id"),
        ("semantic_model_binding:\n  default: {connection_id: x}\n", "connection_id isn't a mapping by environment"),
        ("semantic_model_binding:\n  model: []\n", "'model' is no key of semantic_model_binding"),
        (
            "semantic_model_binding:\n  models: [{semantic_model_name: A}]\n",
            "a model needs semantic_model_name and connection_id",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_its_line(given: t.Any, text: str, expected: str) -> None:
    found = texts(given(text))

    assert [each for each in found if expected in each], found


def test_all_problems_are_reported_together(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: a}\n  - {replace_value: {PROD: x}}\nwhat: 1\n")

    assert [problem.line for problem in found.problems] == [2, 3, 4]


def test_warnings_stop_nothing(given: t.Any) -> None:
    rules = "  - {find_value: a, replace_value: {DEV: x}}\n  - {find_value: b, replace_value: {PROD: y}}\n"
    found = given(f"spark_pool: []\nfind_replace:\n{rules}")

    assert texts(found) == []
    assert [text.partition(". ")[0] for text in texts(found, "warning")] == [
        "parameter.yml:3:36: the rule does nothing for the environment 'PROD': it has DEV",
    ]


@pytest.mark.parametrize(
    ("environment", "remedy"),
    [
        ("prdo", "Correct `environment`"),
        ("prod", "Write it as the rules do: 'PROD'"),
        ("False", "Put `environment` in"),
    ],
)
def test_an_environment_that_no_rule_names_is_an_error(given: t.Any, environment: str, remedy: str) -> None:
    text = (
        "find_replace:\n  - {find_value: a, replace_value: {DEV: x, PROD: y}}\n"
        "semantic_model_binding:\n  default: {connection_id: {TEST: 00000000-0000-4000-8000-000000000001}}\n"
    )
    [problem] = texts(given(text, environment))
    assert f"no rule names the environment {environment!r}: the rules have DEV, PROD, TEST" in problem
    assert remedy in problem


def test_rules_by_environment_need_an_environment(given: t.Any) -> None:
    text = "find_replace:\n  - {find_value: a, replace_value: {DEV: x, PROD: y}}\n"
    [problem] = texts(given(text, ""))
    assert "`environment` is not set, and the rules have values for DEV, PROD" in problem
    assert texts(given("find_replace:\n  - {find_value: a, replace_value: {_ALL_: x}}\n", "")) == []


def test_rules_for_all_environments_need_not_name_one(given: t.Any) -> None:
    found = given("find_replace:\n  - {find_value: a, replace_value: {_ALL_: x}}\n", "anything")
    assert found.problems == ()


@pytest.mark.parametrize("name", ["NO", "on", "010", "1", "1.0", "2024-02-30", "null", "~", "=", "é"])
def test_environments_are_compared_as_they_are_written(given: t.Any, name: str) -> None:
    found = given(f"find_replace:\n  - {{find_value: dev, replace_value: {{{name}: right, OTHER: wrong}}}}\n", name)
    assert applied(found, local(a_txt="dev")) == {"a.txt": "right"}


def test_a_rule_that_lacks_the_environment_is_an_error_if_rules_are_strict(tmp_path: Path) -> None:
    file = tmp_path / "parameter.yml"
    file.write_text(
        "find_replace:\n  - {find_value: a, replace_value: {DEV: x}}\n  - {find_value: b, replace_value: {PROD: y}}\n"
    )
    [problem] = texts(from_file(str(file), "PROD", strict=True))
    assert "parameter.yml:2:36: the rule does nothing for the environment 'PROD'" in problem


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("- {find_value: a, replace_value: {PROD: b}}\n", "the template is a list, not a mapping of rule kinds"),
        ("just text\n", "the template is a text"),
        ("42\n", "the template is a single value"),
        ("# nothing yet\n", "the file is empty"),
        ("find_replace: {a: b}\n", "this has another form than in the file that extends it"),
    ],
)
def test_a_template_of_another_shape_is_an_error(given: t.Any, tmp_path: Path, template: str, message: str) -> None:
    (tmp_path / "rules.yml").write_text(template)
    found = given("extend: [rules.yml]\nfind_replace:\n  - {find_value: a, replace_value: {PROD: b}}\n")
    assert [text for text in texts(found) if message in text and text.startswith("rules.yml")], texts(found)


@pytest.mark.parametrize("entry", ["{a: b}", "3", "[x]", "''"])
def test_an_entry_of_extend_has_to_be_a_path(given: t.Any, entry: str) -> None:
    found = given(f"extend: [{entry}]\n")
    assert [text for text in texts(found) if "this entry of extend isn't a file's path" in text], texts(found)


def test_rules_in_short_names() -> None:
    found = from_option(
        [
            {"find": "dev", "replace": "prod", "item_type": "Report", "path": "*/Sales.Report/a.txt"},
            {"find": "v(\\d)", "regex": True, "replace": {"PROD": "9", "DEV": "0"}},
            {"key": "$.a", "value": 7},
        ],
        "PROD",
    )

    assert applied(found, local(a_txt="dev v1", b_json='{"a": 1}')) == {"a.txt": "prod v9", "b.json": '{"a": 7}'}
    wrong = from_option([{"find": "x"}, "y"])
    assert str(wrong.problems[0]).startswith("parameters[1]: the rule isn't a mapping")
    assert str(from_option([{"find": "x"}]).problems[0]).startswith(
        "parameters[0]: a rule of find_replace has no replace_value"
    )


def test_the_files_own_mapping_as_an_option() -> None:
    found = from_option({"find_replace": [{"find_value": "a", "replace_value": {"_ALL_": "b"}}]})

    assert applied(found, local(a_txt="a")) == {"a.txt": "b"}
    assert texts(from_option("x"))[0].startswith("parameters: no rules are given")


def test_an_option_adds_to_a_file() -> None:
    first = from_option([{"find": "a", "replace": "b"}]).rules
    second = from_option([{"find": "b", "replace": "c"}]).rules

    assert substitute(local(a_txt="a"), first.merged(second)).parts == {"a.txt": b"c"}


def test_without_jsonpath_ng_only_keys_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = parameter_rules.importlib.import_module

    def absent(name: str) -> t.Any:
        if name.startswith("jsonpath_ng"):
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(parameter_rules.importlib, "import_module", absent)
    assert from_option([{"find": "a", "replace": "b"}]).problems == ()
    with pytest.raises(MissingLibraryError, match="jsonpath-ng"):
        from_option([{"key": "$.a", "value": "b"}])


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("F/S.Report/a.txt", "F/S.Report/a.txt", True),
        ("/F/S.Report/a.txt", "F/S.Report/a.txt", True),
        ("./F/S.Report/a.txt", "F/S.Report/a.txt", True),
        ("*.txt", "F/a.txt", False),
        ("**/*.txt", "a.txt", True),
        ("**/*.txt", "F/G/a.txt", True),
        ("F/**", "F/G/a.txt", True),
        ("F/*/a.tx?", "F/G/a.txt", True),
        ("F/*/a.txt", "F/G/H/a.txt", False),
        ("F/[ab].txt", "F/a.txt", True),
        ("F/[!ab].txt", "F/a.txt", False),
        ("F/a.txt", "F/a.txts", False),
        ("F/a+.txt", "F/aa.txt", False),
    ],
)
def test_paths_with_wildcards(pattern: str, path: str, matches: bool) -> None:
    assert bool(path_pattern(pattern).match(path)) is matches
