# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Capacities of the tenant."""

from __future__ import annotations

import dataclasses
import typing as t

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory import Directory

STATES: t.Final = (
    *("NotActivated", "Active", "Provisioning", "ProvisionFailed", "PreSuspended"),
    *("Suspended", "Deleting", "Deleted", "Invalid", "UpdatingSku"),
)


@dataclasses.dataclass
class Capacity:
    """``admins`` and ``contributors`` (who may assign workspaces) are object ids."""

    id: str
    display_name: str
    sku: str
    region: str
    state: str
    admins: list[str]
    contributors: list[str]


class Capacities(Store):
    """``capacities`` is keyed by id in lower case."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        directory = emulated.store(Directory)
        self.capacities: dict[str, Capacity] = {}
        for section in seed.sections("capacities"):
            people: dict[str, list[str]] = {}
            for key in ("admins", "contributors"):
                people[key] = []
                for person in section.sections(key):
                    people[key].append(directory.seed_principal(person, "principal").object_id)
                    person.finish()
            capacity = Capacity(
                id=section.guid("id"),
                display_name=section.text("display_name"),
                sku=section.text("sku", "F2"),
                region=section.text("region", "North Europe"),
                state=section.choice("state", STATES, "Active"),
                **people,
            )
            section.finish()
            self.capacities[capacity.id] = capacity

    def find(self, capacity_id: str) -> Capacity | None:
        return self.capacities.get(capacity_id.lower())
