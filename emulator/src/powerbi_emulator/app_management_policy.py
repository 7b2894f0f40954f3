# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenant's app management policy: whether apps may get new secrets, and how long credentials may live."""

from __future__ import annotations

import typing as t

from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.graph_api import GraphError

_POLICY_ID: t.Final = "b0110000-0000-4000-8000-000000000001"
_DAY: t.Final = 86400.0
_SLACK: t.Final = 60.0  # seconds: a client computes "180 days from now" before the server checks it


def check_secret(emulated: EmulatorState, starts: float, ends: float) -> None:
    """Raise GraphError if the policy forbids a new secret, or one that lives so long (epoch seconds)."""
    if not emulated.switches.password_addition:
        message = f"Credential type not allowed as per assigned policy '{_POLICY_ID}'."
        details = [("CredentialTypeNotAllowed", message, "PasswordCredentials")]
        raise GraphError(400, "CredentialTypeNotAllowedAsPerAppPolicy", message, details)
    _check_lifetime(emulated.switches.password_lifetime_days, starts, ends)


def check_certificate(emulated: EmulatorState, starts: float, ends: float) -> None:
    """Raise GraphError if the policy forbids a certificate that lives so long (epoch seconds)."""
    _check_lifetime(emulated.switches.certificate_lifetime_days, starts, ends)


def _check_lifetime(limit: float | None, starts: float, ends: float) -> None:
    if limit is not None and ends - starts > limit * _DAY + _SLACK:
        message = f"Credential lifetime exceeds the max value allowed as per assigned policy '{_POLICY_ID}'."
        details = [("InvalidKeyEndDate", message, "EndDate")]
        raise GraphError(400, "CredentialInvalidLifetimeAsPerAppPolicy", message, details)
