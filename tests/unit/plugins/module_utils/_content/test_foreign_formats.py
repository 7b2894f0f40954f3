# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that the libraries for YAML and XML do not convert are problems with file and line, and bombs are not expanded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import located_yaml, paginated
from ansible_collections.community.powerbi.plugins.module_utils._content.parameters import file

RULE = "find_replace:\n  - find_value: ab\n    replace_value:\n      PROD: {}\n"
RDL = '<?xml version="1.0" encoding="{}"?><Report xmlns="http://schemas.microsoft.com/x/reporting/x"/>'


def problems(folder: Path, data: bytes) -> str:
    (folder / "parameter.yml").write_bytes(data)
    return "; ".join(map(str, file.from_file(str(folder / "parameter.yml"), "PROD", {}).problems))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2024-02-30", "parameter.yml:4:13: the value is no valid timestamp"),
        ("9" * 5000, "parameter.yml:4:13: the "),
        ("!!int abc", "parameter.yml:4:13: the value is no valid int"),
        ("!!float abc", "parameter.yml:4:13: the value is no valid float"),
        ("!!bool abc", "parameter.yml:4:13: the value is no valid bool"),
        ("!!timestamp abc", "parameter.yml:4:13: the value is no valid timestamp"),
        ('"a\u0001"', "parameter.yml:4:15: invalid YAML: the character U+0001 is not allowed"),
    ],
)
def test_a_value_that_can_not_be_converted(tmp_path: Path, value: str, message: str) -> None:
    assert message in problems(tmp_path, RULE.format(value).encode())


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_parameter_file_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    assert "parameter.yml: the file isn't UTF-8 text" in problems(tmp_path, RULE.format("é").encode(encoding))


def test_an_alias_of_itself(tmp_path: Path) -> None:
    text = "find_replace: &a\n  - find_value: x\n    replace_value: {PROD: *a}\n"
    assert "parameter.yml:1:15: an alias here refers to its own container" in problems(tmp_path, text.encode())


@pytest.mark.parametrize("merge", [False, True])
def test_aliases_in_aliases_are_not_expanded(tmp_path: Path, merge: bool) -> None:
    lines = ["a0: &a0 {x: 1}"]
    for number in range(1, 30):
        inner = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(f"a{number}: &a{number} " + (f"{{<<: [{inner}]}}" if merge else f"[{inner}]"))
    begin = time.process_time()
    assert "with its aliases this has more than" in problems(tmp_path, "\n".join(lines).encode())
    assert time.process_time() - begin < 5


def test_values_that_json_does_not_have(tmp_path: Path) -> None:
    for value in ("2024-02-28", ".nan", ".inf"):
        text = f"key_value_replace:\n  - find_key: $.a\n    replace_value: {{PROD: {value}}}\n"
        assert "parameter.yml:3:27: the value is none of JSON's" in problems(tmp_path, text.encode())


def test_nesting_has_a_limit() -> None:
    assert "nested" in str(located_yaml.read("[" * 200 + "]" * 200, "a.yml")[1][0])
    assert located_yaml.read("[" * 50 + "]" * 50, "a.yml")[1] == ()


@pytest.mark.parametrize("encoding", ["gb2312", "Shift_JIS", "euc-kr", "big5", "klingon", "idna"])
def test_an_encoding_that_the_reader_does_not_know_is_named(encoding: str) -> None:
    (problem,) = paginated.read(RDL.format(encoding).encode(), "R.rdl").problems
    assert str(problem).startswith(f"R.rdl:1:1: the XML declaration names the encoding {encoding!r}")
    assert "Save the file as UTF-8" in problem.remedy
    assert not paginated.is_shallow(RDL.format(encoding).encode())
