# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The connections that the parameters give a semantic model (``semantic_model_binding``), and binding it to them."""

from __future__ import annotations

import typing as t

from .._api.connections import Connection, Reference
from .._api.items import Item
from .._api.model_ownership import TakeOver
from .._content.item import SEMANTIC_MODEL, LocalItem
from .._errors import ApiError, ConfigError, ForbiddenError, NotFoundError, listed
from .desired import Desired
from .remote import RemoteWorkspace


class DesiredConnections(t.NamedTuple):
    """Ids of connections. ``named``: the parameters name the model, so each connection must match one of its data sources;
    a default applies only to models that have such a source."""

    ids: tuple[str, ...]
    named: bool


def desired_connections(desired: Desired, item: LocalItem) -> DesiredConnections:
    """The desired connections of an item; none for other types than semantic models."""
    if item.type != SEMANTIC_MODEL:
        return DesiredConnections((), named=False)
    return DesiredConnections(
        desired.rules.connections_of(item.display_name), item.display_name in desired.rules.connections
    )


class Change(t.NamedTuple):
    """A data source ("SQL server;database"), and the connections before ("" for none) and after."""

    source: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.source} bound to the connection {self.after}"


def changes(
    live: RemoteWorkspace,
    item: LocalItem,
    current: Item | None,
    requested: DesiredConnections,
    *,
    settled: bool = False,
) -> list[Change]:
    """The pending `Change`s. A model that does not exist yet gets all connections that name it.

    ``settled``: the update does not change the model's data sources. Raises ConfigError for a connection that can't be used.
    """
    connections = [_get(live, item, connection_id) for connection_id in requested.ids]
    if current is None:
        return [Change(str(one.source), "", one.name) for one in connections] if requested.named else []
    references = live.connections.of_model(live.workspace.id, current.id)
    using = {reference.source.key: reference.connection_id for reference in references}
    new_bindings = _unbound(item, connections, references, named=requested.named and settled)
    return [Change(str(one.source), using[one.source.key], one.name) for one in new_bindings]


def diff_of(found: t.Sequence[Change], path: str, *, there: bool) -> dict[str, str]:
    """The changes in Ansible's diff format; ``path`` is the item's name in the headers."""
    return {
        "before": "".join(f"{one.source}: {one.before or '(no connection)'}\n" for one in found),
        "after": "".join(f"{one.source}: {one.after}\n" for one in found),
        "before_header": f"{path} connections ({'live' if there else 'absent'})",
        "after_header": f"{path} connections",
    }


def bind(
    live: RemoteWorkspace,
    item: LocalItem,
    current: Item,
    requested: DesiredConnections,
    written: t.Callable[[], None],
    *,
    take_over: t.Callable[[str], None] | None = None,
) -> None:
    """Bind the model's data sources that are not bound as desired. ``written`` is called after each write.

    A model of another owner is taken over, and ``take_over`` called with a warning about that, if it is given. Its other
    data sources are then bound as they were.

    Raises ConfigError for a connection that matches none of the model's data sources, or can't be used.
    """
    connections = [_get(live, item, connection_id) for connection_id in requested.ids]
    references = live.connections.of_model(live.workspace.id, current.id)
    for connection in _unbound(item, connections, references, named=requested.named):
        try:
            _bind(live, item, current, connection)
        except ApiError as error:
            if take_over is None or not _owned_by_another(error):
                raise
            handover = TakeOver(live.connections, live.workspace.id, current.id, str(item))
            handover.read()
            for warning in handover.warnings():
                take_over(warning)
            handover.apply(written)
            take_over(f"{item} had another owner: it was taken over to bind it to the connection {connection.name}")
            _bind(live, item, current, connection)
        written()


def _unbound(
    item: LocalItem, connections: t.Sequence[Connection], references: t.Sequence[Reference], *, named: bool
) -> t.Iterator[Connection]:
    using = {reference.source.key: reference.connection_id for reference in references}
    for connection in connections:
        if connection.source.key not in using:
            if not named:
                continue
            sources = listed(str(reference.source) for reference in references) or "none"
            raise ConfigError(
                f"{item} has no data source {connection.source}, which the connection {connection.name} leads to",
                option="parameters",
                why=f"Its data sources are: {sources}",
                remedy="correct semantic_model_binding, or the data source in the model",
            )
        if using[connection.source.key] != connection.id:
            yield connection


def _get(live: RemoteWorkspace, item: LocalItem, connection_id: str) -> Connection:
    try:
        return live.connections.get(connection_id)
    except NotFoundError as error:
        raise ConfigError(
            f"the connection {connection_id}, which {item} is to use, is not there",
            option="parameters",
            why=error.what,
            remedy="correct semantic_model_binding, or give the service principal the role User on the connection",
        ) from error


def _bind(live: RemoteWorkspace, item: LocalItem, current: Item, connection: Connection) -> None:
    try:
        live.connections.bind(live.workspace.id, current.id, connection)
    except ApiError as error:
        if not _owned_by_another(error):
            raise
        error.what = f"{item} can't be bound to the connection {connection.name}: {error.what}"
        error.remedy = (
            "only the owner of the semantic model may bind it, who is the last that edited it: let the owner deploy it, or "
            "set take_over to true"
        )
        raise


def _owned_by_another(error: ApiError) -> bool:
    """Whether the service rejects a request that only the owner may send: with 403, or with 400 and such a message."""
    text = f"{error.what} {error.why} {error.details.get('message', '')}"
    return isinstance(error, ForbiddenError) or (error.status == 400 and "owner" in text.lower())
