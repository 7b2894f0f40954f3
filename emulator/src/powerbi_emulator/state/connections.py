# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections: data sources with credential types. The credentials themselves are not stored."""

from __future__ import annotations

import dataclasses
import typing as t

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory import Directory

# weakest first
ROLES: t.Final = ("User", "UserWithReshare", "Owner")
CONNECTIVITY: t.Final = ("ShareableCloud", "OnPremisesGateway", "VirtualNetworkGateway", "PersonalCloud")


@dataclasses.dataclass
class Connection:
    """``path`` identifies the source within its ``type``; ``roles`` are by object id."""

    id: str
    name: str
    connectivity: str
    type: str
    path: str
    privacy: str
    credential_type: str
    sign_on: str = "None"
    encryption: str = "NotEncrypted"
    skip_test: bool = False
    gateway_id: str | None = None
    roles: dict[str, str] = dataclasses.field(default_factory=dict)

    def allows(self, caller: Caller, role: str) -> bool:
        """Whether the caller, or one of its groups, has ``role`` or a higher one."""
        held = [self.roles[one] for one in (caller.object_id, *caller.groups) if one in self.roles]
        return any(ROLES.index(one) >= ROLES.index(role) for one in held)


class Connections(Store):
    """``connections`` is keyed by id in lower case."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        directory = emulated.store(Directory)
        self.connections: dict[str, Connection] = {}
        for section in seed.sections("connections"):
            connection = Connection(
                id=section.guid("id"),
                name=section.text("name"),
                connectivity=section.choice("connectivity", CONNECTIVITY, "ShareableCloud"),
                type=section.text("type", "SQL"),
                path=section.text("path"),
                privacy=section.choice("privacy", ("None", "Private", "Organizational", "Public"), "Organizational"),
                credential_type=section.text("credential_type", "Basic"),
                gateway_id=section.guid("gateway_id") if section.has("gateway_id") else None,
            )
            for item in section.sections("roles"):
                principal = directory.seed_principal(item, "principal")
                connection.roles[principal.object_id] = item.choice("role", ROLES)
                item.finish()
            section.finish()
            self.connections[connection.id] = connection

    def find(self, connection_id: str) -> Connection | None:
        return self.connections.get(connection_id.lower())

    def named(self, name: str) -> Connection | None:
        """The connection of that name, in any case."""
        return next((one for one in self.connections.values() if one.name.lower() == name.lower()), None)

    def at(self, source_type: str, path: str) -> Connection | None:
        """The first connection to that source."""
        requested = (source_type.lower(), path.lower())
        return next(
            (one for one in self.connections.values() if (one.type.lower(), one.path.lower()) == requested), None
        )
