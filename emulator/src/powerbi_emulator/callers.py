# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The caller of an API, from its token."""

from __future__ import annotations

import typing as t

from starlette.requests import Request

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.tokens import Claims, verify_bearer


class Caller(t.NamedTuple):
    """``object_id`` is the service principal's or the user's; ``groups`` are the ids of its groups.

    ``names`` are all the names by which a tenant setting may list it, its groups' included.
    """

    object_id: str
    is_app: bool
    client_id: str
    upn: str
    licensed: bool
    groups: frozenset[str]
    names: frozenset[str]
    claims: Claims

    @property
    def principal(self) -> Principal:
        name = str(self.claims.get("app_displayname") or self.claims.get("name") or "")
        return Principal("App" if self.is_app else "User", self.object_id, name, self.upn)


def caller_of(request: Request, audiences: t.Container[str]) -> Caller:
    """The caller, which is added to the request log. Raises TokenRejectedError for an invalid token."""
    emulated = emulated_of(request)
    claims = verify_bearer(emulated, request.headers.get("authorization"), audiences)
    directory = emulated.store(Directory)
    object_id, client_id, upn = str(claims["oid"]), str(claims.get("appid", "")), str(claims.get("upn", ""))
    groups = directory.groups_of(object_id)
    user = directory.users.get(object_id)
    exchange_of(request).note(client_id=client_id, upn=upn or None)
    return Caller(
        object_id=object_id,
        is_app=claims.get("idtyp") == "app",
        client_id=client_id,
        upn=upn,
        licensed=user is None or user.licensed,
        groups=frozenset(group.object_id for group in groups),
        names=frozenset(
            name
            for name in (
                *(object_id, client_id, upn, str(claims.get("app_displayname", ""))),
                *(group.object_id for group in groups),
                *(group.display_name for group in groups),
            )
            if name
        ),
        claims=claims,
    )
