# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a module with `state` manages: a resource that is read, compared, planned and written. `_ensure.py` runs it.

Most resources are a `StateResource`: they state how they are read, what is desired, and how a difference is written. A
`Resource` makes its own plan, for example that of a whole deployment.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import typing as t

from ._errors import ConfigError
from ._plan import Plan, Same, State, plan


class Task(t.Protocol):
    """What a resource may do in its task. `_module.Context` is one, so a resource needs nothing of Ansible."""

    @property
    def check_mode(self) -> bool:
        """Whether `apply` will not be called."""

    @property
    def warn(self) -> t.Callable[[str], None]:
        """Show an Ansible warning."""

    def mark_changed(self) -> None:
        """To be called after each write, so that a later failure is reported as changed."""

    def register_secrets(self, values: t.Iterable[str]) -> None:
        """Redact these texts in the result. To be called as soon as a secret is known."""


class Change(t.Protocol):
    """What a task would write: a `Plan`, or anything else with these two members."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""

    def diff(self) -> t.Any:
        """Ansible's ``diff`` result."""


C = t.TypeVar("C", bound=Change)


class Resource(abc.ABC, t.Generic[C]):
    """One resource in the state that a task desires. An object serves one task."""

    def known(self) -> dict[str, t.Any]:
        """The return values that are known before the resource is read, for failures."""
        return {}

    def opened(self) -> t.ContextManager[object]:
        """What must hold from the read to the last write: a lock on a file, a login."""
        return contextlib.nullcontext()

    @abc.abstractmethod
    def plan(self, task: Task) -> C:
        """Read and compare. Sends no write; check mode ends here, so this raises whatever would fail later."""

    @abc.abstractmethod
    def apply(self, change: C, task: Task) -> None:
        """Write the change. Is called only if there is one; calls ``task.mark_changed()`` after each write."""

    @abc.abstractmethod
    def values(self, change: C) -> dict[str, t.Any]:
        """The return values: after `apply`, and in check mode as they would be."""

    def values_of_failure(self, change: C) -> dict[str, t.Any]:
        """The return values if a write has failed."""
        return {}

    def diff(self, change: C) -> t.Any:
        """The ``diff`` of the result."""
        return change.diff()


class StateResource(Resource[Plan]):
    """A resource whose actual and desired state are mappings with the same keys, in the words of the module's options.

    ``label``     its name in the diff and in errors: "workspace Sales"
    ``same``      functions by key that compare two values, where `==` is not enough (`_plan.same_guid`, ...)
    ``immutable`` keys that are set on creation and can't be changed: a difference is an error
    """

    label: str = ""
    same: t.Mapping[str, Same] = {}
    immutable: t.Collection[str] = ()

    @abc.abstractmethod
    def read(self) -> State | None:
        """The actual state, None if the resource does not exist."""

    @abc.abstractmethod
    def desired(self, current: State | None) -> State | None:
        """The desired state, None for an absent resource.

        A key with None is not managed: it is neither compared nor written. A property that the service never returns,
        such as a password, is managed on creation (``current`` is None), or whenever an option demands that.
        """

    def compare(self, current: State | None) -> Plan:
        """The plan: a key by key comparison. Lists of members override it with `_plan.plan_members`."""
        return plan(self.desired(current), current, same=self.same, label=self.label)

    def plan(self, task: Task) -> Plan:
        change = self.compare(self.read())
        fixed = sorted(set(self.immutable) & set(change.changes)) if change.action == "update" else []
        if fixed:
            before, after = ((state or {}).get(fixed[0]) for state in (change.before, change.after))
            raise ConfigError(
                f"{fixed[0]} of {self.label} is {before!r}, and can't be changed to {after!r}",
                option=fixed[0],
                why="The service sets it when the resource is created, and has no request that changes it",
                remedy=f"leave {fixed[0]} as it is, or delete the resource and create it again",
            )
        return change

    def values_of_failure(self, change: Plan) -> dict[str, t.Any]:
        """By default the return values of the state that was read."""
        return self.values(dataclasses.replace(change, action="none", after=change.before, changes={}))
