# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power BI apps: content that was published from a workspace, for users to install."""

from __future__ import annotations

import dataclasses

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section


@dataclasses.dataclass
class PublishedApp:
    """``last_update`` in epoch seconds."""

    id: str
    name: str
    description: str
    published_by: str
    last_update: float


class PublishedApps(Store):
    """``apps`` is keyed by id. The seed's key is ``powerbi_apps``, as ``apps`` are Entra's app registrations."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self.apps: dict[str, PublishedApp] = {}
        for section in seed.sections("powerbi_apps"):
            app = PublishedApp(
                id=section.guid("id"),
                name=section.text("name"),
                description=section.text("description", ""),
                published_by=section.text("published_by", ""),
                last_update=section.time("last_update", "2026-01-15T09:46:53Z"),
            )
            section.finish()
            self.apps[app.id] = app
