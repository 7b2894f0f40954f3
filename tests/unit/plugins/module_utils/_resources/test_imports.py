# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times as the services write them, and what an import says that it made."""

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._resources.imports import Made, epoch, made


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-05-13T07:06:56Z", 1778656016.0),
        ("2026-05-13T07:06:56", 1778656016.0),
        ("2026-05-13T07:06:56.1173061", 1778656016.1173061),
        ("2026-05-13T07:06:56.5Z", 1778656016.5),
        ("Wed, 13 May 2026 07:06:56 GMT", 1778656016.0),
        ("", 0.0),
        ("yesterday", 0.0),
        ("2026-13-45T99:99:99Z", 0.0),
    ],
)
def test_times(text: str, seconds: float) -> None:
    assert epoch(text) == pytest.approx(seconds)


def test_models_come_first_whatever_the_case_of_the_keys() -> None:
    entry = {
        "Reports": [
            {"id": "R", "name": "Sales", "reportType": "PowerBIReport"},
            {"Id": "P", "reportType": "PaginatedReport"},
        ],
        "datasets": [{"id": "{D}", "name": "Sales"}],
    }
    assert made(entry) == [
        Made("d", "SemanticModel", "Sales"),
        Made("r", "Report", "Sales"),
        Made("p", "PaginatedReport", ""),
    ]


@pytest.mark.parametrize("entry", [None, {}, {"datasets": None, "reports": "x"}, [], {"reports": [None, 1]}])
def test_damaged_answers(entry: object) -> None:
    assert made(entry) == []
