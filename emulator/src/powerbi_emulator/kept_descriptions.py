# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions as the service keeps them, by the switches."""

from __future__ import annotations

from powerbi_emulator.switches import Switches


def kept(switches: Switches, item_type: str, description: str | None) -> str | None:
    """The description that is stored, None for an unset one. ``item_type`` is "" for a workspace."""
    if description is None or (item_type and item_type in (switches.types_without_description or ())):
        return None
    if switches.description_normalisation:
        description = "\n".join(line.rstrip() for line in description.splitlines()).strip()
    return description if switches.description_length is None else description[: int(switches.description_length)]
