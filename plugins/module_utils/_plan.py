# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Desired and actual state -> plan. Pure: check mode and diff use this object, so they can't differ from the run.

None in the desired state means "not managed": it is neither compared nor written. An empty text or list is a value.
"""

from __future__ import annotations

import dataclasses
import typing as t

Action = t.Literal["create", "update", "delete", "none"]
Same = t.Callable[[t.Any, t.Any], bool]
State = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Plan:
    """The change of one resource by a task: its action, and the state before and after.

    ``before``, ``after``  the resource's properties by their API names, None where it does not exist
    ``changes``            the keys to write and their values: of a create all that are managed, of an update the
                           top-level keys that differ
    ``label``              its name in the diff: "workspace Sales"
    """

    action: Action
    before: State | None
    after: State | None
    changes: State
    label: str = ""

    @property
    def changed(self) -> bool:
        return self.action != "none"

    def diff(self) -> dict[str, t.Any]:
        """Ansible's ``diff`` result: both states, each with a header."""
        return {
            "before": _plain(self.before) if self.before is not None else {},
            "after": _plain(self.after) if self.after is not None else {},
            "before_header": self._header(self.before),
            "after_header": self._header(self.after),
        }

    def _header(self, state: State | None) -> str:
        return self.label if state is not None else f"{self.label} (absent)".strip()


class MembersPlan(t.NamedTuple):
    """A plan for each member of a set, and the states of all members before and after, by member.

    The diff shows each member's ``shown`` key.
    """

    plans: dict[str, Plan]
    before: dict[str, dict[str, t.Any]]
    after: dict[str, dict[str, t.Any]]
    label: str = ""
    shown: str = "role"

    @property
    def changed(self) -> bool:
        """Whether any member changes."""
        return any(change.changed for change in self.plans.values())

    def members(self, action: Action) -> list[str]:
        """The members with this action."""
        return [name for name, change in self.plans.items() if change.action == action]

    def diff(self) -> dict[str, t.Any]:
        """Ansible's ``diff`` result: the whole set before and after."""
        before, after = ({name: state[self.shown] for name, state in sorted(side.items())} for side in self[1:3])
        return {"before": before, "after": after, "before_header": self.label, "after_header": self.label}


def plan(
    desired: State | None, current: State | None, *, same: t.Mapping[str, Same] | None = None, label: str = ""
) -> Plan:
    """The change from ``current`` to ``desired``; None means that it does not exist.

    Only keys that are set in ``desired`` are compared, also inside of nested mappings; lists are values as a whole.
    ``same`` has functions by key that compare two values (``same_guid``, ``same_text``, ...); the default is ``==``.
    Values that count as equal keep the service's spelling in ``after``.
    """
    same = same or {}
    if desired is None:
        return Plan("none" if current is None else "delete", current, None, {}, label)
    managed = _managed(desired)
    if current is None:
        return Plan("create", None, managed, managed, label)
    changes = {
        key: value
        for key, value in managed.items()
        if not _equal(value, current.get(key), same.get(key, _default_same))
    }
    after = {**current, **{key: _merged(value, current.get(key)) for key, value in changes.items()}}
    return Plan("update" if changes else "none", current, after, changes, label)


def plan_each(
    desired: t.Mapping[str, State],
    current: t.Mapping[str, State],
    *,
    prune: bool = False,
    keep: t.Collection[str] = (),
    same: t.Mapping[str, Same] | None = None,
    label: t.Callable[[str], str] = str,
) -> dict[str, Plan]:
    """A plan for each member of a set, by its key (compared without regard to case), desired ones first.

    With ``prune`` the members that are not desired are deleted, except those in ``keep``.
    """
    actual = {key.lower(): state for key, state in current.items()}
    named = {key.lower() for key in desired}
    protected = {key.lower() for key in keep}
    plans = {key: plan(state, actual.get(key.lower()), same=same, label=label(key)) for key, state in desired.items()}
    if prune:
        for key, state in current.items():
            if key.lower() not in named | protected:
                plans[key] = plan(None, state, label=label(key))
    return plans


def members_plan(before: t.Mapping[str, State], plans: t.Mapping[str, Plan]) -> MembersPlan:
    """The set after these plans; a member keeps the spelling that it has in ``before``."""
    spelled = {name.lower(): name for name in before}
    after = {**before, **{spelled.get(name.lower(), name): change.after for name, change in plans.items()}}
    left, right = ({name: dict(state) for name, state in side.items() if state} for side in (before, after))
    return MembersPlan(dict(plans), left, right)


def plan_whole(desired: State | None, current: State | None, *, label: str = "") -> Plan:
    """The change from ``current`` to ``desired``, which is replaced as a whole: a key that only one of them has differs."""
    if desired is None or current is None or dict(desired) != dict(current):
        return Plan(_action(desired, current), current, desired, desired or {}, label)
    return Plan("none", current, current, {}, label)


def same_text(left: t.Any, right: t.Any) -> bool:
    """Compares texts case-insensitively: names of enumerations, user principal names."""
    return (
        str(left).lower() == str(right).lower() if isinstance(left, str) and isinstance(right, str) else left == right
    )


def same_guid(left: t.Any, right: t.Any) -> bool:
    """Compares GUIDs in any spelling of the APIs: upper or lower case, with or without braces."""
    if isinstance(left, str) and isinstance(right, str):
        return left.strip("{} ").lower() == right.strip("{} ").lower()
    return bool(left == right)


def _action(desired: State | None, current: State | None) -> Action:
    if desired is None:
        return "none" if current is None else "delete"
    return "create" if current is None else "update"


def _default_same(left: t.Any, right: t.Any) -> bool:
    return bool(left == right)


def _equal(desired: t.Any, current: t.Any, same: Same) -> bool:
    if isinstance(desired, t.Mapping) and isinstance(current, t.Mapping):
        return all(_equal(value, current.get(key), same) for key, value in _managed(desired).items())
    return same(desired, current)


def _merged(desired: t.Any, current: t.Any) -> t.Any:
    """A nested mapping after its managed keys have been written."""
    if isinstance(desired, t.Mapping) and isinstance(current, t.Mapping):
        return {**current, **{key: _merged(value, current.get(key)) for key, value in _managed(desired).items()}}
    return _managed(desired) if isinstance(desired, t.Mapping) else desired


def _managed(state: State) -> dict[str, t.Any]:
    return {
        key: _managed(value) if isinstance(value, t.Mapping) else value
        for key, value in state.items()
        if value is not None
    }


def _plain(state: State) -> dict[str, t.Any]:
    return {key: _plain(value) if isinstance(value, t.Mapping) else value for key, value in state.items()}
