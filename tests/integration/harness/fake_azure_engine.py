# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vault's Azure secrets engine, as far as the role uses it. OpenBao has it only as an external plugin, so this is our own fake:
it proves what we ask, and nothing about the engine."""

from __future__ import annotations

import typing as t
from pathlib import Path

from harness.fake_server import FakeServer, JsonHandler

LEASE: t.Final = "azure/creds/powerbi/1a2b3c"


class FakeAzureEngine(FakeServer):
    """``GET /v1/azure/creds/powerbi`` gives ``make()``; ``revoked`` has the leases that were given back."""

    def __init__(self, directory: Path, make: t.Callable[[], dict[str, str]]) -> None:
        self.revoked: list[str] = []
        outer = self

        class Handler(JsonHandler):
            def do_GET(self) -> None:  # noqa: N802
                if self.path != "/v1/azure/creds/powerbi":
                    self.answer(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
                    return
                lease = {"lease_id": LEASE, "lease_duration": 3600, "renewable": True}
                self.answer(200, {**lease, "request_id": "r", "data": make(), "wrap_info": None, "auth": None})

            def do_POST(self) -> None:  # noqa: N802
                body = self.body()
                if self.path == "/v1/sys/leases/revoke":
                    outer.revoked.append(body["lease_id"])
                self.answer(204, None)

            do_PUT = do_POST  # noqa: N815

        super().__init__(directory, "engine", Handler)
