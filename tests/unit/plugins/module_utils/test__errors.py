# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of errors: lists in them are bounded, so that a message stays readable."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.names import unique
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, listed


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "0"), (3, "0, 1, 2"), (4, "0, 1, 2 and 1 more"), (4578, "0, 1, 2 and 4,575 more")],
)
def test_a_list_in_a_message(count: int, text: str) -> None:
    assert listed((str(n) for n in range(count)), most=3) == text


def test_findings_are_separated_by_the_callers_rule() -> None:
    assert listed(["a, b", "c"], separator="; ") == "a, b; c"


def test_many_things_of_one_name_do_not_make_a_long_message() -> None:
    with pytest.raises(ConfigError, match="300 reports are called 'Sales'") as caught:
        unique(range(1000, 1300), "report", "Sales", str, "name")
    assert caught.value.why.startswith("Their ids: 1000, 1001, ")
    assert caught.value.why.endswith(" 1019 and 280 more")
