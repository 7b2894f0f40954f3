# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Capacities (Premium, Embedded, Fabric), to which workspaces are assigned."""

from __future__ import annotations

import typing as t

from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._http.response import value_of
from .names import not_found, unique


class Capacity(t.NamedTuple):
    """``state`` is Active, Suspended, ...; ``access`` is the caller's right on it: None, Assign or Admin."""

    id: str
    name: str
    sku: str
    state: str
    region: str
    access: str
    admins: tuple[str, ...]

    def to_dict(self) -> dict[str, t.Any]:
        return {**self._asdict(), "admins": list(self.admins)}


class Capacities:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Capacity]:
        """GET /capacities: the capacities that the caller has access to."""
        return [_capacity(entry) for entry in self._client.pages("/capacities")]

    def get(self, name_or_id: str, option: str = "capacity") -> Capacity:
        """GET /capacities: the one with this name or id. Raises ConfigError for none and for several."""
        if is_guid(name_or_id):
            found = [capacity for capacity in self.all() if capacity.id == normalise_guid(name_or_id)]
        else:
            found = [capacity for capacity in self.all() if capacity.name.lower() == name_or_id.lower()]
        capacity = unique(found, "capacity", name_or_id, lambda item: item.id, option)
        if capacity is None:
            raise not_found(
                "capacity",
                name_or_id,
                option,
                "check the name; the service principal has to be an administrator or contributor of the capacity",
            )
        return capacity


def _capacity(entry: t.Mapping[str, t.Any]) -> Capacity:
    return Capacity(
        normalise_guid(str(value_of(entry, "id"))),
        str(value_of(entry, "displayName", "")),
        str(value_of(entry, "sku", "")),
        str(value_of(entry, "state", "")),
        str(value_of(entry, "region", "")),
        str(value_of(entry, "capacityUserAccessRight", "")),
        tuple(value_of(entry, "admins") or ()),
    )
