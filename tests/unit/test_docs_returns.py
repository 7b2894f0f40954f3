# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""RETURN of the modules: each entry states meaning, format and source, and `error` is documented everywhere alike.

The text of `error` is that of powerbi_api; UPDATE_DOCS=1 copies it to the other modules.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.powerbi.plugins.module_utils import _errors
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError, Problem

MODULES: t.Final = sorted((Path(__file__).resolve().parents[2] / "plugins" / "modules").glob("powerbi_*.py"))
NAMES: t.Final = [path.stem for path in MODULES]
_RETURN: t.Final = re.compile(r'^RETURN = r"""\n(.*?)^"""', re.DOTALL | re.MULTILINE)
_ERROR: t.Final = re.compile(r"^error:\n(?:^ .*\n)+", re.MULTILINE)
_PHRASES: t.Final = (
    "success",
    "changed",
    "always",
    "failure",
    "when ",
)  # how `returned` begins, as in Ansible's own modules
_EMPTY: t.Final = re.compile(
    r"(?:Its|Who|Whose|What|How|When|Where|From when|The (?:id|name|type|file|app))\b", re.ASCII
)


def source_of(path: Path) -> str:
    match = _RETURN.search(path.read_text(encoding="utf-8"))
    assert match, path
    return match[1]


def returned_by(name: str) -> dict[str, t.Any]:
    found: dict[str, t.Any] = yaml.safe_load(source_of(MODULES[NAMES.index(name)]))
    return found


def entries(values: t.Mapping[str, t.Any], parent: str = "") -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, value in values.items():
        yield f"{parent}{name}", value
        yield from entries(value.get("contains") or {}, f"{parent}{name}.")


def first_paragraph(entry: t.Mapping[str, t.Any]) -> str:
    description = entry["description"]
    return str(description[0] if isinstance(description, list) else description)


@pytest.mark.parametrize("name", NAMES)
def test_each_description_states_more_than_the_name(name: str) -> None:
    empty = {
        path: first_paragraph(entry)
        for path, entry in entries(returned_by(name))
        if len(first_paragraph(entry).split()) < 5 or _EMPTY.match(first_paragraph(entry))
    }
    assert empty == {}


@pytest.mark.parametrize("name", NAMES)
def test_returned_begins_with_a_conventional_phrase(name: str) -> None:
    values = returned_by(name)
    assert [path for path, entry in values.items() if not entry.get("returned")] == []
    other = {
        path: entry["returned"]
        for path, entry in entries(values)
        if "returned" in entry and not entry["returned"].startswith(_PHRASES)
    }
    assert other == {}


# Return values that have another type in some modules, and the reason.
DIFFERENT: t.Final = {"version": "HashiCorp Vault counts versions, Key Vault gives them ids"}


def test_a_return_value_of_several_modules_has_one_type() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for name in NAMES:
        for key, value in returned_by(name).items():
            found.setdefault(key, set()).add((value["type"], str(value.get("elements"))))
    assert sorted(key for key, types in found.items() if len(types) > 1) == sorted(DIFFERENT)


def test_what_a_failure_returns_is_documented_for_a_success_too() -> None:
    """Results of a failure have the keys of a success; only `error` is a key of failures alone."""
    alone = {
        (name, key) for name in NAMES for key, value in returned_by(name).items() if value["returned"] == "failure"
    }
    assert alone == {(name, "error") for name in NAMES}


def test_error_is_documented_with_the_same_text_in_every_module() -> None:
    expected = _ERROR.search(source_of(MODULES[NAMES.index("powerbi_api")]))
    assert expected, "powerbi_api does not document `error`"
    for path in MODULES:
        old = source_of(path)
        new = _ERROR.sub("", old) + expected[0]
        if os.environ.get("UPDATE_DOCS") and new != old:
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        assert source_of(path) == new, f"{path.name} is out of date: run this test with UPDATE_DOCS=1"


def all_errors() -> set[type[_errors.PowerBIError]]:
    folder = MODULES[0].parents[1]
    for path in (folder / "module_utils").rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        importlib.import_module(".".join(("ansible_collections.community.powerbi.plugins", *parts)))
    found, pending = {_errors.PowerBIError}, [_errors.PowerBIError]
    while pending:
        classes = set(pending.pop().__subclasses__()) - found
        found |= classes
        pending += classes
    return found


def test_the_documented_kinds_are_those_of_the_code() -> None:
    kind = returned_by("powerbi_api")["error"]["contains"]["kind"]
    documented = set(re.findall(r"V\((\w+)\)", " ".join(kind["description"])))
    assert documented == {error.kind for error in all_errors()}


def test_the_keys_of_an_error_are_documented() -> None:
    """The named parameters of the exceptions, and what is always there. docs/errors.md and docs/api_errors.md have the rest."""
    documented = set(returned_by("powerbi_api")["error"]["contains"])
    examples = [
        _errors.ConfigError("w", option="o"),
        _errors.MissingLibraryError("l", "w"),
        _errors.ThrottledError(
            "w", status=429, code="c", request_id="r", message="m", retry_after=1.0, caller={"a": "b"}
        ),
        _errors.TransportError("w", url="https://a.test"),
        _errors.OperationFailedError("w", code="c", request_id="r"),
        _errors.defect_of(ValueError("secret")),
    ]
    for error in examples:
        assert {"kind", "what", "why", "remedy"} <= set(error.to_dict()) <= documented, error
    login = _errors.AuthError("w", code="c", retryable=True, correlation_id="i", trace_id="t", timestamp="s")
    assert set(login.to_dict()) - documented == {"trace_id"}
    content = ContentError([Problem("a.tmdl", 1, 2, "w")])
    assert set(content.to_dict()) - documented == {"problem_count"}
    names = set(inspect.signature(Problem).parameters)
    text = " ".join(returned_by("powerbi_api")["error"]["contains"]["problems"]["description"])
    assert set(re.findall(r"C\((\w+)\)", text)) == names
