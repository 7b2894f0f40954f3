# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options without a value are errors: they never mean "all" or "none"."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._emptied import NOUNS, is_emptied, refuse_emptied
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError


@pytest.mark.parametrize("option", NOUNS)
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_name_is_an_error(option: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"`{option}` is empty"):
        refuse_emptied({option: value})
    refuse_emptied({option: None})
    refuse_emptied({option: "Sales"})


@pytest.mark.parametrize("option", ["include", "exclude", "protect"])
@pytest.mark.parametrize("entry", ["", " ", "None", "null"])
def test_a_pattern_without_a_value_is_an_error(option: str, entry: str) -> None:
    with pytest.raises(ConfigError, match=f"`{option}` has the entry"):
        refuse_emptied({option: ["*.Report", entry]})
    refuse_emptied({option: []})
    refuse_emptied({option: ["*.Report"]})


EMPTIED = ("", " ", "None", "none", "null", "undefined", "AnsibleUndefined", "[]", "['']", "[None]", "{}", '""')


@pytest.mark.parametrize("text", EMPTIED)
def test_what_a_variable_without_a_value_becomes(text: str) -> None:
    assert is_emptied(text)


@pytest.mark.parametrize("text", ["Sales", "0", "nonexistent", "None of us", "[x]", "{{ 6 * 7 }}", "nullable"])
def test_any_other_text_is_a_value(text: str) -> None:
    assert not is_emptied(text)


def test_what_is_planned_may_have_no_id_yet() -> None:
    refuse_emptied({"workspace": ""}, planned=("workspace",))
