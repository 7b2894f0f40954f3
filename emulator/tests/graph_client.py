# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph as one app sees it, for tests."""

from __future__ import annotations

import typing as t

import requests

from conftest import Emulator

GRAPH_SCOPE = "https://graph.microsoft.com/.default"


class Graph:
    """Calls as the deployer, or as the app of the credentials given."""

    def __init__(self, emulator: Emulator, **credentials: str | None) -> None:
        self.emulator = emulator
        self._headers = {"Authorization": f"Bearer {emulator.token(scope=GRAPH_SCOPE, **credentials)}"}

    def call(self, method: str, path: str, json: t.Any = None) -> requests.Response:
        return self.emulator.request(method, f"/v1.0/{path}", headers=self._headers, json=json)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def post(self, path: str, json: t.Any = None) -> requests.Response:
        return self.call("POST", path, json)
