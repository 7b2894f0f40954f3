# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces and their role assignments. Other stores keep the content of a workspace, keyed by its id."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.replication import Replica
from powerbi_emulator.seed import Section
from powerbi_emulator.state.capacities import Capacities
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import Principal

# weakest first
ROLES: t.Final = ("None", "Viewer", "Contributor", "Member", "Admin")


@dataclasses.dataclass
class Member:
    principal: Principal
    role: str


@dataclasses.dataclass
class Workspace:
    """``capacity_id`` in lower case; Power BI returns it in upper case."""

    id: str
    name: str
    type: str = "Workspace"
    description: str | None = None  # None: never set
    is_read_only: bool = False
    capacity_id: str | None = None
    storage_format: str = "Small"
    state: str = "Active"
    members: list[Member] = dataclasses.field(default_factory=list)
    replica: Replica = dataclasses.field(default_factory=Replica)

    def role_of(self, caller: Caller) -> str:
        """The highest role of the caller, directly or through a group; "None" without a role."""
        ids = {caller.object_id, *caller.groups}
        roles = [member.role for member in self.members if member.principal.object_id in ids]
        return max(roles, key=ROLES.index, default="None")

    def allows(self, caller: Caller, role: str) -> bool:
        """Whether the caller has ``role`` or a higher one."""
        return ROLES.index(self.role_of(caller)) >= ROLES.index(role)

    def member(self, identifier: str) -> Member | None:
        """The member with that object id or UPN, in any case."""
        requested = identifier.lower()
        for one in self.members:
            if requested in (one.principal.object_id.lower(), one.principal.upn.lower()):
                return one
        return None


class Workspaces(Store):
    """``workspaces`` is keyed by id in lower case, in the order of creation."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        directory, capacities = emulated.store(Directory), emulated.store(Capacities)
        self._emulated = emulated
        self.workspaces: dict[str, Workspace] = {}
        for section in seed.sections("workspaces"):
            workspace = Workspace(
                id=section.guid("id"),
                name=section.text("name"),
                type=section.text("type", "Workspace"),
                description=section.text("description", "") or None,
                is_read_only=section.flag("is_read_only", False),
                storage_format=section.choice("storage_format", ("Small", "Large"), "Small"),
            )
            if section.has("capacity_id"):
                workspace.capacity_id = section.guid("capacity_id")
                if capacities.find(workspace.capacity_id) is None:
                    raise section.error("capacity_id", "expected the id of one of `capacities`")
            for member in section.sections("members"):
                role = member.choice("role", ROLES[1:])
                workspace.members.append(Member(directory.seed_principal(member, "principal"), role))
                member.finish()
            section.finish()
            self.workspaces[workspace.id] = workspace

    def find(self, workspace_id: str) -> Workspace | None:
        """The workspace of that id, if it has been replicated."""
        workspace = self.workspaces.get(workspace_id.lower())
        return workspace if workspace and workspace.replica.is_there(self._emulated) else None

    def named(self, name: str) -> Workspace | None:
        """The workspace of that name, in any case: names are unique in a tenant."""
        return next((one for one in self.workspaces.values() if one.name.lower() == name.lower()), None)

    def visible_to(self, caller: Caller) -> list[Workspace]:
        """The replicated workspaces in which the caller has a role."""
        mine = [one for one in self.workspaces.values() if one.allows(caller, "Viewer")]
        return [one for one in mine if one.replica.is_there(self._emulated)]

    def create(self, name: str, owner: Caller, description: str | None = None) -> Workspace:
        """A new workspace whose admin is ``owner``."""
        replica = Replica.made_now(self._emulated)
        workspace = Workspace(id=str(uuid.uuid4()), name=name, description=description, replica=replica)
        workspace.members.append(Member(owner.principal, "Admin"))
        self.workspaces[workspace.id] = workspace
        return workspace

    def delete(self, workspace: Workspace) -> None:
        del self.workspaces[workspace.id]
