# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secret that authenticates a program at App Service's identity endpoint."""

from __future__ import annotations

import secrets

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section


class IdentityEndpoints(Store):
    """``identity_header`` is the value of IDENTITY_HEADER; it is generated at each start and kept at a reset."""

    _header = secrets.token_hex(16).upper()

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002 - nothing of it is in a seed
        self.identity_header = self._header
