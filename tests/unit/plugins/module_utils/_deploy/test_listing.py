# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of a workspace are requested in the background; a failure is raised where its list is used."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._deploy.listing import Listing
from ansible_collections.community.powerbi.plugins.module_utils._errors import NotFoundError
from fakes.wire import Reply, Sent, Wire, reply, wire

REPLIES: t.Final = {
    "items": {"value": [{"id": "1", "type": "Report", "displayName": "Sales"}]},
    "folders": {"value": [{"id": "f", "displayName": "Monthly"}]},
    "imports": {"value": [{"id": "I1"}]},
}


def list_of(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def requested(net: Wire) -> list[str]:
    return sorted(list_of(url) for url in net.urls)


def service(*missing: str) -> Wire:
    """All lists but those."""

    def answer(sent: Sent) -> Reply:
        name = list_of(sent.url)
        return reply(404, {"errorCode": "EntityNotFound"}) if name in missing else reply(200, REPLIES[name])

    return wire(answer)


def over() -> None:
    """Wait for the requests in the background."""
    for thread in threading.enumerate():
        if thread.name.startswith("powerbi-list"):
            thread.join(10)


@pytest.mark.parametrize("threads", [1, 2, 9])
def test_all_lists_are_requested_in_parallel(threads: int) -> None:
    net = service()
    listing = Listing(net.client, "w", timeout=60.0, files=True, threads=threads)
    over()
    assert requested(net) == ["folders", "imports", "items"]
    assert [item.name for item in listing.items()] == ["Sales"]
    assert listing.folders() == {"Monthly": "f"}
    assert listing.imports.known_before() == {"i1"}
    assert len(net.urls) == 3


def test_earlier_imports_are_of_no_interest_without_files() -> None:
    net = service()
    Listing(net.client, "w", timeout=60.0)
    over()
    assert requested(net) == ["folders", "items"]


def test_the_error_of_a_failed_list_is_raised_where_it_is_used() -> None:
    listing = Listing(service("items").client, "w", timeout=60.0)
    assert listing.folders() == {"Monthly": "f"}
    with pytest.raises(NotFoundError):
        listing.items()


def test_earlier_imports_that_could_not_be_listed_are_requested_again() -> None:
    net = service("imports")
    listing = Listing(net.client, "w", timeout=60.0, files=True)
    over()
    assert listing.imports.before is None
    with pytest.raises(NotFoundError):
        listing.imports.known_before()
