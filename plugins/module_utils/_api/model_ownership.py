# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The owner of a semantic model, and taking a model over without losing the connections of its data sources."""

from __future__ import annotations

import typing as t

from .._errors import ApiError, ConfigError, ForbiddenError, NotFoundError, PowerBIError, TransportError, listed
from .._guid import is_guid, normalise_guid
from .._http.retry import is_lost_response
from .connections import Connection, Connections
from .workspace_access import Caller

_WITHOUT_CREDENTIALS = ("none", "automatic")  # kinds of connectivity


def is_owner(owner: str, caller: Caller) -> bool | None:
    """Whether ``owner``, as the service writes it, is the caller. None if that can't be known.

    The service writes a user as a user principal name, and a service principal as a GUID.
    """
    names = {name.lower() for name in (*caller.names, caller.object_id, caller.app_id) if name}
    if owner.lower() in names or (is_guid(owner) and normalise_guid(owner) in names):
        return True
    return False if names and owner and ("@" in owner or is_guid(owner)) else None


class TakeOver:
    """Default.TakeOver, and the bindings that the service drops with it. ``read()`` comes first.

    ``lost`` are the data sources whose credentials can't be restored: those that are bound to no shared connection, and
    those of connections that the caller can't use.
    """

    def __init__(self, connections: Connections, workspace_id: str, model_id: str, label: str) -> None:
        self._connections = connections
        self._ids = (workspace_id, model_id)
        self._label = label
        self._bound: list[Connection] = []
        self._readable = True
        self.lost: list[str] = []

    def read(self) -> None:
        """The connections that the data sources use now. Raises ApiError, TransportError."""
        try:
            references = self._connections.of_model(*self._ids)
        except ConfigError:  # a cloud without the Fabric API
            self._readable = False
            return
        for reference in references:
            if not reference.connection_id:
                if reference.connectivity.lower() not in _WITHOUT_CREDENTIALS:
                    self.lost.append(str(reference.source))
                continue
            try:
                connection = self._connections.get(reference.connection_id)
            except (NotFoundError, ForbiddenError):
                self.lost.append(f"{reference.source} (connection {reference.connection_id})")
            else:
                self._bound.append(connection._replace(source=reference.source))

    def warnings(self) -> list[str]:
        """What can't be restored, to be shown before the first write."""
        then = "Bind them to connections that the new owner can use, or set their credentials, before the next refresh"
        what = ""
        if self.lost:
            what = f"credentials that this task can't restore, those of the data sources {listed(self.lost)}"
        if not self._readable:
            what = "the credentials of its data sources, whose connections this cloud has no API to read"
        return [f"taking over {self._label} drops {what}. {then}"] if what else []

    def apply(self, written: t.Callable[[], None]) -> None:
        """Take the model over, and bind its data sources as before. ``written`` is called after each write.

        Raises PowerBIError; once the model is taken over, or may be, with the bindings that are missing.
        """
        missing, is_taken = list(self._bound), False
        try:
            self._connections.take_over(*self._ids)
            is_taken = True
            written()
            self._bind(missing, written)
        except PowerBIError as error:
            is_answered = isinstance(error, (ApiError, TransportError)) and not is_lost_response(error)
            if missing and (is_taken or not is_answered):
                pairs = listed(f"{one.source} to {one.id}" for one in missing)
                how = "was taken over, but" if is_taken else "may have been taken over, and then"
                error.what = f"{self._label} {how} its connections were not restored. {error.what}"
                then = f"then bind its data sources again, as a repeated task does not: {pairs}"
                error.remedy = f"{error.remedy}; {then}" if error.remedy else f"run the task again; {then}"
            raise

    def _bind(self, missing: list[Connection], written: t.Callable[[], None]) -> None:
        """Bind the sources as before, as far as they are not; what is done is removed from ``missing``."""
        using = {one.source.key: one.connection_id for one in self._connections.of_model(*self._ids)} if missing else {}
        for connection in list(missing):
            if using.get(connection.source.key) != connection.id:
                self._connections.bind(*self._ids, connection)
                written()
            missing.remove(connection)
