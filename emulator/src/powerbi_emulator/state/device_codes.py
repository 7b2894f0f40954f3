# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Device codes that wait for a sign-in."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import User

DEVICE_CODE_GRANT: t.Final = "urn:ietf:params:oauth:grant-type:device_code"
_ALPHABET: t.Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclasses.dataclass
class DeviceCode:
    """``ends`` in epoch seconds; ``approved_by`` once a user has signed in."""

    device_code: str = dataclasses.field(repr=False)
    user_code: str
    client_id: str
    scope: str
    resource: str
    ends: float
    approved_by: User | None = None


class ApprovedCode(t.NamedTuple):
    user: User
    scope: str
    resource: str


class DeviceCodes(Store):
    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - nothing of it is in a seed
        self._emulated = emulated
        self._codes: dict[str, DeviceCode] = {}

    def start(self, client_id: str, scope: str, resource: str) -> DeviceCode:
        """A new code for that client."""
        switches = self._emulated.switches
        code = DeviceCode(
            device_code=secrets.token_urlsafe(64),
            user_code="".join(secrets.choice(_ALPHABET) for _ in range(9)),
            client_id=client_id,
            scope=scope,
            resource=resource,
            ends=self._emulated.now() + switches.device_code_lifetime,
            approved_by=self._first_user() if switches.device_auto_approve else None,
        )
        self._codes[code.device_code] = code
        return code

    def approve(self, user_code: str, upn: str | None) -> DeviceCode | None:
        """Sign in as ``upn`` (or as the seed's first user) for that user code; None when it does not exist."""
        code = next((one for one in self._codes.values() if one.user_code == user_code.upper()), None)
        user = self._emulated.store(Directory).user_named(upn) if upn else self._first_user()
        if code is None or user is None:
            return None
        code.approved_by = user
        return code

    def poll(self, device_code: str, client_id: str) -> ApprovedCode:
        """The approved code, which is then consumed. Raises EntraError while it is not approved."""
        code = self._codes.get(device_code)
        if code is None or code.client_id != client_id:
            raise EntraError(70018)
        if self._emulated.now() >= code.ends:
            raise EntraError(70020)
        if code.approved_by is None:
            raise EntraError(70016)
        del self._codes[device_code]
        return ApprovedCode(code.approved_by, code.scope, code.resource)

    def _first_user(self) -> User | None:
        return next(iter(self._emulated.store(Directory).users.values()), None)
