# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The desired members of a workspace: the plans, and their application."""

from __future__ import annotations

import difflib
import re
import typing as t

from .._empty_values import is_emptied
from .._errors import ApiError, ConfigError
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._plan import Action, MembersPlan, Plan, members_plan, plan_each
from .._resource import Resource, Task
from .workspace_access import ROLES, Caller, Member, WorkspaceAccess, object_id_of_app
from .workspaces import Workspace

# Types by their spellings: ours, and those of Power BI (App), Fabric and Graph (ServicePrincipal)
_TYPES = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "service_principal",
    "app": "service_principal",
}
_MANAGING = ("admin", "member")  # roles that may manage access

# The names of the actions in results
_VERBS: dict[str, Action] = {"added": "create", "changed_roles": "update", "removed": "delete"}


class ManagedAccess(Resource[MembersPlan]):
    """The role assignments of a workspace, whose id is empty for one that check mode has only planned.

    ``principals`` as the option of powerbi_workspace_access. ``caller`` keeps its role unless ``allow_lockout`` is set.
    """

    def __init__(
        self,
        client: Client,
        workspace: Workspace,
        principals: t.Sequence[Member],
        caller: Caller,
        *,
        present: bool,
        prune: bool,
        allow_lockout: bool,
    ) -> None:
        self._access = WorkspaceAccess(client, workspace.id)
        self._workspace = workspace
        self._principals = principals
        self._caller = caller
        self._present = present
        self._prune = prune
        self._protected = () if allow_lockout else caller.names
        self._written: dict[str, Plan] = {}

    def known(self) -> dict[str, t.Any]:
        return {"workspace_id": self._workspace.id}

    def plan(self, task: Task) -> MembersPlan:
        members = self._access.members() if self._workspace.id else self._caller.as_creator()
        change = plan_access(
            members, self._principals, present=self._present, prune=self._prune, caller=self._protected
        )
        return change._replace(label=f"access to workspace {self._workspace.name}")

    def apply(self, change: MembersPlan, task: Task) -> None:
        def written(principal: str) -> None:
            self._written[principal] = change.plans[principal]
            task.mark_changed()

        apply_access(self._access, change, written)

    def values(self, change: MembersPlan) -> dict[str, t.Any]:
        return {
            "workspace_id": self._workspace.id,
            "members": [{"principal": name, **state} for name, state in sorted(change.after.items())],
            **{verb: change.members(action) for verb, action in _VERBS.items()},
        }

    def values_of_failure(self, change: MembersPlan) -> dict[str, t.Any]:
        return self.values(members_plan(change.before, self._written))


def desired_members(
    client: Client, entries: t.Sequence[t.Mapping[str, t.Any]], caller: Caller, *, present: bool
) -> list[Member]:
    """The principals of the option: principal or client_id, type, role.

    Raises ConfigError for a missing key and for a principal with two roles.
    """
    members: dict[str, Member] = {}
    for number, entry in enumerate(entries, start=1):
        member = _desired_member(client, entry, caller, present, _place(number, entry))
        other = members.setdefault(member.principal.lower(), member)
        if (other.type, other.role) != (member.type, member.role):
            raise ConfigError(
                f"{member.principal} is in principals more than once, as {other.type} with the role {other.role or '-'} "
                f"and as {member.type} with the role {member.role or '-'}",
                option="principals",
                remedy="give it once",
            )
    return list(members.values())


def _place(number: int, entry: t.Mapping[str, t.Any]) -> str:
    """The entry's number and name, for messages. Raises ConfigError for an entry without a principal."""
    option = "client_id" if entry["client_id"] is not None else "principal"
    name = entry[option] or ""
    if is_emptied(name):
        example = "a user principal name or an object id" if option == "principal" else "the application (client) ID"
        raise ConfigError(
            f"entry {number} of principals: {option} is {name!r}, which names no principal",
            option=option,
            remedy=f"give {example}; a variable behind it may have no value",
        )
    return f"entry {number} of principals ({name})"


def _desired_member(client: Client, entry: t.Mapping[str, t.Any], caller: Caller, present: bool, place: str) -> Member:
    name, kind = entry["principal"] or "", _known(entry["type"], _TYPES, "type", place)
    role = _known(entry["role"], {one: one for one in ROLES}, "role", place)
    if entry["client_id"]:
        own = caller.app_id and normalise_guid(entry["client_id"]) == caller.app_id
        name = caller.object_id if own else object_id_of_app(client, entry["client_id"], "client_id")
        kind = "service_principal"
    if present and not kind and "@" not in name:
        raise ConfigError(f"{place} has no type", option="type", remedy="add `type`: user, group or service_principal")
    kind = kind or "user"
    if not is_guid(name) and (kind != "user" or "@" not in name):
        raise ConfigError(
            f"{place}: principal is {name!r}, which is no object id"
            + (" and no user principal name" if kind == "user" else ""),
            option="principal",
            remedy="give the object id from Entra ID"
            + (", of the enterprise application" if kind == "service_principal" else ""),
        )
    if present and not role:
        raise ConfigError(
            f"{place} has no role", option="role", remedy=f"add `role`: {', '.join(ROLES)}; or set state to absent"
        )
    return Member.of(name, kind, role)


def _known(given: str | None, known: t.Mapping[str, str], option: str, place: str) -> str:
    """A role or a type in this collection's spelling, from that of the portal or an API. Raises ConfigError."""
    if given is None:
        return ""
    plain = re.sub(r"[^a-z]", "", given.lower())
    if plain not in known:
        names = ", ".join(dict.fromkeys(known.values()))
        close = difflib.get_close_matches(plain, known, 1)
        hint = f"; did you mean {known[close[0]]}?" if close else ""
        raise ConfigError(
            f"{place}: {option} is {given!r}, which does not exist", option=option, remedy=f"use one of {names}{hint}"
        )
    return known[plain]


def plan_access(
    members: t.Sequence[Member], requested: t.Sequence[Member], *, present: bool, prune: bool, caller: t.Collection[str]
) -> MembersPlan:
    """The plans. ``caller``: the names of the identity that must keep its access; empty if it may lose it.

    Raises ConfigError for a plan that removes the caller's access, or leaves no admin.
    """
    if prune and not present:
        raise ConfigError(
            "prune is given with state absent",
            option="prune",
            remedy="leave prune out: principals lists whose access is removed",
        )
    if not requested and (prune or not present):
        raise ConfigError(
            "principals is empty",
            option="principals",
            why="With prune, this would remove all role assignments" if prune else "",
            remedy="list at least one principal; a variable behind it may have no value",
        )
    before = {member.principal: _state(member) for member in members}
    label = "access of {}".format
    if present:
        _refuse_users_by_id(requested, before)
        desired = {member.principal: _state(member) for member in requested}
        plans = plan_each(desired, before, prune=prune, keep=caller, label=label)
    else:
        gone = {member.principal.lower() for member in requested}
        kept = [name for name in before if name.lower() not in gone]
        plans = plan_each({}, before, prune=True, keep=kept, label=label)
    if caller:
        _refuse_to_lock_out(plans, {name.lower() for name in caller}, {name.lower(): before[name] for name in before})
    todo = members_plan(before, plans)
    if todo.changed and not any(state["role"] == "admin" for state in todo.after.values()):
        raise ConfigError(
            "no admin would be left in the workspace",
            option="principals",
            why="The service rejects that, after the other changes were written",
            remedy="give at least one principal the role admin",
        )
    return todo


def apply_access(access: WorkspaceAccess, todo: MembersPlan, written: t.Callable[[str], None]) -> None:
    """Assign roles, then remove others, so that there is always an admin. ``written`` is called after each request,
    with the principal.

    Raises ApiError that names the principal.
    """
    for principal, plan in sorted(todo.plans.items(), key=lambda entry: entry[1].action == "delete"):
        try:
            if plan.action == "delete":
                access.remove(principal)
            elif plan.action == "create":
                access.add(Member(principal, **(plan.after or {})))
            elif plan.action == "update":
                access.change(Member(principal, **(plan.after or {})))
        except ApiError as error:
            error.what = f"{principal}: {error.what}"  # the service's error does not name the principal
            raise
        if plan.changed:
            written(principal)


def _refuse_users_by_id(requested: t.Sequence[Member], before: t.Collection[str]) -> None:
    """The service accepts a user's object id, but lists the user by UPN: every run would assign the role again."""
    for member in requested:
        if member.type == "user" and is_guid(member.principal) and member.principal not in before:
            raise ConfigError(
                f"the user {member.principal} is given by object id",
                option="principal",
                why="The service lists users by their user principal name, so a second run could not find this one",
                remedy="give the user principal name, such as megan@contoso.com",
            )


def _refuse_to_lock_out(
    plans: t.Mapping[str, Plan], caller: t.Collection[str], before: t.Mapping[str, t.Mapping[str, t.Any]]
) -> None:
    """Check that the caller's own role, and that of a group that may be its only access, is neither removed nor lowered.

    The members of a group are unknown here. A group is checked only if its role manages access, and only for a caller
    without such a role of its own. Raises ConfigError.
    """
    losing = {name.lower(): todo for name, todo in plans.items() if _loses(todo)}
    own = next((name for name in losing if name in caller), None)
    if own:
        raise _lock_out(own, losing[own], "it is the identity that runs this task")
    after = {**before, **{name.lower(): todo.after or {} for name, todo in plans.items()}}
    has_own_role = any(name in caller and state.get("role") in _MANAGING for name, state in after.items())
    managing = [{"type": "group", "role": role} for role in _MANAGING]
    group = next((name for name, todo in losing.items() if todo.before in managing), None)
    if group and not has_own_role:
        why = "the caller has no role of its own that manages access, so this group may be its only access"
        raise _lock_out(group, losing[group], why)


def _loses(todo: Plan) -> bool:
    if todo.action == "delete":
        return True
    if todo.action != "update":
        return False
    before, after = ((state or {}).get("role", "") for state in (todo.before, todo.after))
    return before in ROLES and after in ROLES and ROLES.index(after) > ROLES.index(before)


def _lock_out(principal: str, todo: Plan, why: str) -> ConfigError:
    before, after = ((state or {}).get("role", "") for state in (todo.before, todo.after))
    return ConfigError(
        f"the access of {principal} would change from {before} to {after or 'none'}, which may lock this caller out",
        option="principals",
        why=why,
        remedy="leave that principal unchanged, give the caller a role of its own, or set allow_lockout to true",
    )


def _state(member: Member) -> dict[str, t.Any]:
    return {"type": member.type, "role": member.role}
