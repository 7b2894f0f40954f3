# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request and its response: their ids, and their entry in the request log."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from starlette.requests import HTTPConnection

SCOPE_KEY: t.Final = "emulator.exchange"


@dataclasses.dataclass(slots=True)
class Exchange:
    """``request_id`` is the server's id (RequestId, x-ms-request-id, trace id); ``client_request_id`` the client's.

    ``entry`` is the entry of the request log: routes add facts to it through ``note``, never a secret.
    """

    client_request_id: str | None
    entry: dict[str, t.Any]
    request_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def correlation_id(self) -> str:
        return self.client_request_id or self.request_id

    def note(self, **facts: t.Any) -> None:
        """Add facts to the log's entry: ids, grant types, codes. Never a secret, an assertion or a token."""
        self.entry.update({key: value for key, value in facts.items() if value is not None})


def exchange_of(connection: HTTPConnection) -> Exchange:
    """The exchange that `front_middleware` opened for this request."""
    exchange = connection.scope[SCOPE_KEY]
    assert isinstance(exchange, Exchange)
    return exchange
