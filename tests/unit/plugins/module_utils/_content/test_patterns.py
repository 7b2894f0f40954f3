# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns of items: names in any case, with brackets, in folders; live items that they leave out."""

from __future__ import annotations

import unicodedata

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.item import DEFINITION, LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.patterns import Selection, fits, matches


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("Board [EU].Report", "Board [EU].Report"),
        ("Board [EU].Report", "board [eu].*"),
        ("Board E.Report", "Board [EU].Report"),
        ("Why?.Report", "Why?.Report"),
        ("50 *.Report", "50 *.Report"),
        ("[all].Report", "[all].Report"),
        (unicodedata.normalize("NFD", "Übersicht.Report"), "übersicht.report"),
    ],
)
def test_a_name_fits_its_pattern_and_itself(name: str, pattern: str) -> None:
    assert fits(name, pattern)
    assert not fits("Other.Report", pattern)


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("Finance/", True),
        ("finance/", True),
        ("./Finance/", True),
        ("Fin*/", True),
        ("Finance/Monthly/", True),
        ("Finance [EU]/", False),
        ("Finance/Monthly/Sales.Report", True),
        ("finance/*.report", True),
        ("Sales.Report/", False),
        ("Monthly/", False),
        ("Fin/", False),
        ("HR/", False),
        ("Sales", False),
    ],
)
def test_a_pattern_of_a_folder_selects_what_is_in_it(pattern: str, selected: bool) -> None:
    item = LocalItem("Report", "Sales", DEFINITION, "/x", "Finance/Monthly/Sales.Report", "Finance/Monthly")
    assert matches(item, [pattern]) is selected
    assert Selection((pattern,)).takes_live("Sales", "Report", "Finance/Monthly", imported=False) is selected
    assert Selection((), (pattern,)).takes_live("Sales", "Report", "Finance/Monthly", imported=False) is not selected


@pytest.mark.parametrize("imported", [True, False])
def test_a_pattern_of_files_leaves_out_what_may_have_come_from_one(imported: bool) -> None:
    assert not Selection((), ("*.pbix",)).takes_live("Sales", "SemanticModel", "", imported=imported)
    assert Selection(("*.pbix",)).takes_live("Sales", "SemanticModel", "", imported=imported) is imported
    assert Selection((), ("*.rdl",)).takes_live("Sales", "SemanticModel", "", imported=imported)
