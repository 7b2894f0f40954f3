# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times as the services write them, the items that an import reports, and one list that serves all imports."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.imports import (
    ImportedItem,
    Imports,
    epoch,
    imported_items,
)
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._jobs import Jobs
from fakes.wire import Reply, Sent, Wire, reply, wire


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
    assert imported_items(entry) == [
        ImportedItem("d", "SemanticModel", "Sales"),
        ImportedItem("r", "Report", "Sales"),
        ImportedItem("p", "PaginatedReport", ""),
    ]


@pytest.mark.parametrize("entry", [None, {}, {"datasets": None, "reports": "x"}, [], {"reports": [None, 1]}])
def test_damaged_answers(entry: object) -> None:
    assert imported_items(entry) == []


# --- one list serves all imports -----------------------------------------------------------------------------------

IDS = [f"1a900000-0000-4000-8000-00000000000{number}" for number in range(5)]


def waited_for(net: Wire, ids: t.Sequence[str]) -> dict[str, t.Any]:
    """What became of each import, or why not."""
    imports = Imports(net.client, "w", timeout=1800)

    def wait(import_id: str) -> t.Any:
        try:
            return imports.wait(import_id, "Sales.pbix")
        except PowerBIError as error:
            return error

    with Jobs(2, net.clock) as jobs:
        return dict(zip(ids, jobs.map(wait, ids), strict=True))


def test_one_list_serves_all_imports() -> None:
    entries = [{"id": import_id, "importState": "Publishing"} for import_id in IDS]
    done = [{**entry, "importState": "Succeeded"} for entry in entries]
    net = wire([reply(200, {"value": entries}), reply(200, {"value": done})])
    assert {import_id: entry["importState"] for import_id, entry in waited_for(net, IDS).items()} == dict.fromkeys(
        IDS, "Succeeded"
    )
    assert len(net.urls) == 2


def test_one_that_the_list_does_not_have_is_polled_alone() -> None:
    entries = [{"id": import_id, "importState": "Succeeded"} for import_id in IDS[:3]]

    def answer(sent: Sent) -> Reply:
        if sent.url.endswith("/imports"):
            return reply(200, {"value": entries})
        return reply(200, {"id": sent.url[-36:], "importState": "Succeeded"})

    net = wire(answer)
    assert set(waited_for(net, IDS)) == set(IDS)
    assert sorted(url[-36:] for url in net.urls if not url.endswith("/imports")) == IDS[3:]


def test_a_list_that_keeps_failing_fails_all_of_them_without_a_request_for_each() -> None:
    net = wire(lambda _sent: reply(500))
    start = net.clock.monotonic()
    assert all(isinstance(outcome, ApiError) for outcome in waited_for(net, IDS).values())
    assert 100 < net.clock.monotonic() - start < 200
    assert len(net.urls) < 60
