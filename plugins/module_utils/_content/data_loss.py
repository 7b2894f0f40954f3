# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""What publishing a model would delete: rows in the service, members of roles, what roles hide. For ``allow_data_loss``."""

from __future__ import annotations

import dataclasses
import typing as t

from . import service_changes
from .model import canonical, read, roles
from .model.tree import Node, label

DATA = "data"
ACCESS = "access"
MEMBER = "member"

_HOLDING = frozenset(("import", "dual", "push", "default"))
_DAYS = {"day": 1, "month": 30, "quarter": 91, "year": 365}
_COMPUTED = frozenset(("calculated", "calculationGroup"))


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One loss. ``kind`` is "data" (rows are reloaded or lost), "access" (a role is lost, or hides less), or "member" (a role
    loses a member, which ``preserve`` prevents)."""

    object: str
    what: str
    kind: str = DATA

    def __str__(self) -> str:
        return f"{self.object}: {self.what}"


def data_loss(local: t.Mapping[str, bytes], live: t.Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What the model in the service would lose if the local parts were published; sorted.

    Only tables that hold rows count: calculated tables, DirectQuery and Direct Lake have no rows. For a model in the
    service that can't be parsed there are no findings about its objects, except for partitions of a refresh policy.
    """
    before, after = read.read_model(live), read.read_model(local)
    if before is None or after is None:
        return tuple(_unknown(live))
    before, after = canonical.canonical(before), canonical.canonical(after)
    return tuple(sorted({*_tables(before, after), *_roles(before, after)}))


def _unknown(live: t.Mapping[str, bytes]) -> t.Iterator[Finding]:
    """Findings about a model that can't be parsed."""
    if any(b"policyrange" in data.lower() for data in live.values()):
        what = "has partitions of a refresh policy, and can't be compared: whether they would be lost is not known"
        yield Finding("the model", what)
    if any(b"tablepermission" in data.lower() for data in live.values()):
        what = "has roles, and can't be compared: whether they would hide less is not known"
        yield Finding("the model", what, ACCESS)


def import_loss(live: t.Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What the model in the service loses when a file is imported over it, and the file can't restore; sorted.

    An import replaces all partitions by those of the file; rows of earlier periods may not even be in the source any more.
    """
    model = read.read_model(live)
    if model is None:
        return data_loss({}, live)
    counts = service_changes.policy_partitions(canonical.canonical(model))
    return tuple(
        Finding(f"table {name}", f"loses {count} partitions of its refresh policy with their rows")
        for name, count in sorted(counts.items())
    )


def _tables(before: Node, after: Node) -> t.Iterator[Finding]:
    default = _default_mode(before)
    new_default = _default_mode(after)
    kept = {table.key: table for table in after.of_kind("table")}
    tags = {table.text("lineageTag"): table for table in after.of_kind("table") if table.text("lineageTag")}
    for table in before.of_kind("table"):
        if not _holds(table, default):
            continue
        new = kept.get(table.key)
        if new is None:
            renamed = tags.get(table.text("lineageTag"))
            what = f"renamed to {renamed.name}, its rows are loaded anew" if renamed else "removed with its rows"
            yield Finding(label((table,)), what)
        elif not _holds(new, new_default):
            yield Finding(label((table,)), "no longer holds rows: its storage mode or its source type changes")
        else:
            yield from _columns(table, new)
            yield from _partitions(table, new)


def _default_mode(root: Node) -> str:
    return next((model.text("defaultMode", "import") for model in root.of_kind("model")), "import")


def _mode(partition: Node, default: str) -> str:
    mode = partition.text("mode", "default")
    return default if mode == "default" else mode


def _holds(table: Node, default: str) -> bool:
    partitions = table.of_kind("partition")
    return any(part.value not in _COMPUTED and _mode(part, default) in _HOLDING for part in partitions)


def _columns(table: Node, new: Node) -> t.Iterator[Finding]:
    kept = {column.key: column for column in new.of_kind("column")}
    for column in table.of_kind("column"):
        if column.value is not None:
            continue  # Calculated: the service computes it from other columns.
        other = kept.get(column.key)
        name = label((table, column))
        if other is None:
            yield Finding(name, "removed with its values")
        elif other.value is not None:
            yield Finding(name, "becomes a calculated column, its loaded values are dropped")
        elif other.text("dataType") != column.text("dataType"):
            types = f"{column.text('dataType') or 'none'} to {other.text('dataType') or 'none'}"
            yield Finding(name, f"changes its data type from {types}, its values are loaded anew")


def _partitions(table: Node, new: Node) -> t.Iterator[Finding]:
    kept = {partition.key for partition in new.of_kind("partition")}
    gone = [partition for partition in table.of_kind("partition") if partition.key not in kept]
    if table.of_kind("refreshPolicy") and not new.of_kind("refreshPolicy"):
        yield Finding(label((table,)), "loses its refresh policy, and with it the rows of earlier periods")
    for before in table.of_kind("refreshPolicy"):
        for after in new.of_kind("refreshPolicy"):
            if _window(after) < _window(before):
                shown = f"{_shown_window(after)} instead of {_shown_window(before)}"
                yield Finding(label((table,)), f"its refresh policy keeps {shown}: a refresh deletes the older rows")
    policy = [partition for partition in gone if partition.value == "policyRange"]
    if policy:
        yield Finding(label((table,)), f"loses {len(policy)} partitions of its refresh policy with their rows")
    for partition in gone:
        if partition.value != "policyRange":
            yield Finding(label((table, partition)), "removed with its rows")


def _window(policy: Node) -> int:
    """The approximate length in days of the period that a refresh policy keeps."""
    periods = policy.text("rollingWindowPeriods")
    days = _DAYS.get(policy.text("rollingWindowGranularity").lower(), 0)
    return days * int(periods) if periods.isdigit() else 0


def _shown_window(policy: Node) -> str:
    return f"{policy.text('rollingWindowPeriods')} x {policy.text('rollingWindowGranularity')}"


def _roles(before: Node, after: Node) -> t.Iterator[Finding]:
    kept = {role.key: role for role in after.of_kind("role")}
    renamed = roles.renamed(before, after)
    if before.of_kind("role") and not kept:
        yield Finding("the model", "loses its last role: all users with read permission see all its data", ACCESS)
    for role in before.of_kind("role"):
        new = kept.get(role.key) or renamed.get(role.key)
        members = role.of_kind("member")
        if new is not None:
            yield from _members(role, new, members)
            yield from _opened(role, new, after)
        elif members:
            count = "1 member" if len(members) == 1 else f"{len(members)} members"
            yield Finding(label((role,)), f"removed with its {count}", ACCESS)


def _members(role: Node, new: Node, members: t.Iterable[Node]) -> t.Iterator[Finding]:
    present = {member.key for member in new.of_kind("member")}
    for member in members:
        if member.key not in present:
            where = "" if role.key == new.key else f", as it is renamed to {new.name}"
            yield Finding(label((role,)), f"loses its member {member.name}{where}", MEMBER if not where else ACCESS)


def _opened(role: Node, new: Node, after: Node) -> t.Iterator[Finding]:
    """What the members of a role see that they did not see before. A table that is gone has nothing to see."""
    tables = {table.key[1]: table for table in after.of_kind("table")}
    now = roles.filters(new)
    for name in sorted(set(roles.filters(role)) - set(now)):
        if name in tables and (name, "") not in roles.hidden(new):
            yield Finding(label((role,)), f"no longer filters table {tables[name].name}", ACCESS)
    hidden = roles.hidden(new)
    for (table, column), what in sorted(roles.hidden(role).items()):
        there = table in tables and (not column or any(one.key[1] == column for one in tables[table].children))
        if there and (table, column) not in hidden and (table, "") not in hidden:
            yield Finding(label((role,)), f"no longer hides {what}", ACCESS)
