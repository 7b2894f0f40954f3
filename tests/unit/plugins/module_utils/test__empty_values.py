# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options without a value are errors: they never mean "all" or "none"."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._empty_values import (
    NOUNS,
    is_emptied,
    refuse_emptied,
    refuse_no_mappings,
)
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


class TestMappings:
    SPEC: t.ClassVar = {
        "principals": {"type": "list", "elements": "dict", "options": {"principal": {}, "role": {}}},
        "path": {},
    }

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("", "`principals` is '', which may be a variable without a value"),
            ("None", "`principals` is 'None', which may be a variable without a value"),
            ([""], "entry 1 of `principals` is '', which may be"),
            ([{"principal": "a"}, None], "entry 2 of `principals` is 'None', which may be"),
            (["megan@contoso.com"], "entry 1 of `principals` is 'megan@contoso.com', which is no mapping"),
            ("megan@contoso.com", "`principals` is 'megan@contoso.com', which is no mapping"),
            ([7], "entry 1 of `principals` is '7', which is no mapping"),
        ],
    )
    def test_a_text_in_place_of_a_mapping_is_named(self, value: object, message: str) -> None:
        with pytest.raises(ConfigError) as caught:
            refuse_no_mappings({"principals": value}, self.SPEC)
        assert caught.value.what.startswith(message)
        assert "give a list of mappings, each with some of principal, role" in caught.value.remedy

    @pytest.mark.parametrize(
        "value", [[], [{}], [{"principal": "a"}], {"principal": "a"}, ["principal=a role=viewer"], None]
    )
    def test_what_ansible_takes(self, value: object) -> None:
        refuse_no_mappings({"principals": value, "path": ""}, self.SPEC)

    def test_a_null_where_any_value_is_allowed_is_an_error(self) -> None:
        spec = {"queries": {"type": "list", "elements": "dict", "options": {"query": {}, "expect": {"type": "raw"}}}}
        refuse_no_mappings({"queries": [{"query": "a"}, {"query": "b", "expect": [None]}]}, spec)
        with pytest.raises(ConfigError, match="`expect` of entry 2 of `queries` is null"):
            refuse_no_mappings({"queries": [{"query": "a"}, {"query": "b", "expect": None}]}, spec)
