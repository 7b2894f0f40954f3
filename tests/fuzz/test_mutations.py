# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No change of a definition is "unchanged" by accident. `make fuzz ARGS=mutations` tries more of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._content.comparison_rules import RULES
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare
from fuzz import mutations

SEEDS = st.integers(0, 2**63)


@given(SEEDS)
@settings(max_examples=150, database=None, deadline=None, derandomize=True)
def test_a_mutation_is_an_error_or_a_difference_or_stands_in_the_table(seed: int) -> None:
    mutations.check(seed)


def test_the_excuses_are_rules_of_the_table() -> None:
    for reason in (*(name for name, _matches in mutations._REASONS), "order of ", "order of keys"):
        assert any(rule.what.startswith(reason) for rule in RULES), reason


@pytest.mark.parametrize("number", range(len(mutations.mutation_samples.definitions())))
def test_the_samples_are_valid(number: int) -> None:
    """A sample with an error would make each of its mutations one."""
    item_type, parts = mutations.mutation_samples.definitions()[number]

    for path in mutations.texts_of(parts):
        text = parts[path].decode()
        assert not mutations.has_error(mutations.Mutation(item_type, parts, path, text, text))
    assert compare(parts, parts, item_type).equal


def test_an_empty_line_is_layout() -> None:
    item_type, parts = mutations.definitions()[0]
    path = "definition/tables/Orders.tmdl"
    before = parts[path].decode()
    after = before.replace("hideBlankMembers\n\n", "hideBlankMembers\n", 1)

    assert after != before
    assert mutations.excuse(mutations.Mutation(item_type, parts, path, before, after)) == "layout: "


def test_digits_beyond_the_precision_of_a_number_are_none() -> None:
    def excuse(after: str) -> str:
        return mutations.excuse(mutations.Mutation("Report", {}, "report.json", '"x": 161.14211550940948', after))

    assert excuse('"x": 161.14211550940949') == "order of keys"
    assert excuse('"x": 161.14211550940958') == ""


def test_a_change_without_a_rule_has_no_excuse() -> None:
    item_type, parts = mutations.definitions()[0]
    path = "definition/tables/Orders.tmdl"
    before = parts[path].decode()
    for old, new in (
        ("Orders[Price] *", "Orders[Price] +"),
        ("dataType: int64", "dataType: string"),
        ("'Sort order'", "Id"),
    ):
        assert old in before
        assert not mutations.excuse(mutations.Mutation(item_type, parts, path, before, before.replace(old, new, 1)))
