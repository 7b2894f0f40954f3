# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A capacity by name or id. A mistyped name is more likely than a missing right, so the remedy begins with it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.capacities import Capacities
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError


class Client:
    """One capacity, F64."""

    def pages(self, path: str) -> list[dict[str, t.Any]]:
        assert path == "/capacities"
        return [
            {
                "id": "CA900000-0000-4000-8000-00000000000F",
                "displayName": "Contoso F64",
                "sku": "F64",
                "state": "Active",
            }
        ]


@pytest.mark.parametrize("text", ["contoso f64", "ca900000-0000-4000-8000-00000000000f"])
def test_one_by_name_or_id(text: str) -> None:
    assert Capacities(t.cast("t.Any", Client())).get(text).name == "Contoso F64"


@pytest.mark.parametrize("text", ["Contoso F46", "ca900000-0000-4000-8000-000000000000"])
def test_an_unknown_one(text: str) -> None:
    with pytest.raises(ConfigError, match=f"there is no capacity '{text}' that this caller can see") as caught:
        Capacities(t.cast("t.Any", Client())).get(text)
    assert caught.value.option == "capacity"
    assert caught.value.remedy.startswith("check the name; ")
