# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes in the portal between deployments, and the actual state: one workspace, read and changed without the modules."""

from __future__ import annotations

import base64
import typing as t

from harness import contoso
from harness.emulator import Emulator

FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"  # the workspace of the seed that has a capacity


class Portal:
    def __init__(self, emulator: Emulator, workspace_id: str = FINANCE) -> None:
        self._emulator = emulator
        self.workspace_id = workspace_id
        form = {
            "grant_type": "client_credentials",
            "client_id": contoso.DEPLOY.client_id,
            "client_secret": contoso.DEPLOY.secret,
            "scope": "https://analysis.windows.net/powerbi/api/.default",
        }
        token = emulator.call("POST", f"/{contoso.TENANT}/oauth2/v2.0/token", data=form).json()["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **request: t.Any) -> t.Any:
        """A call of Fabric's or, with a path that begins with /v1.0, of Power BI's API: the body of the answer."""
        url = path if path.startswith("/v1") else f"/v1/workspaces/{self.workspace_id}{path}"
        answer = self._emulator.call(method, url, headers=self._headers, **request)
        if answer.status_code == 202 and "x-ms-operation-id" in answer.headers:
            operation = f"/v1/operations/{answer.headers['x-ms-operation-id']}"
            while (state := self._emulator.call("GET", operation, headers=self._headers)).json()["status"] == "Running":
                pass
            assert state.json()["status"] == "Succeeded", state.text
            if "Location" not in state.headers:
                return None
            answer = self._emulator.call("GET", f"{operation}/result", headers=self._headers)
        return answer.json() if answer.content else None

    def items(self) -> list[dict[str, t.Any]]:
        """All of them, page after page."""
        found: list[dict[str, t.Any]] = []
        path = "/items"
        while True:
            page = self.call("GET", path)
            found += page["value"]
            if not page.get("continuationToken"):
                return found
            path = f"/items?continuationToken={page['continuationToken']}"

    def names(self) -> list[str]:
        """Name.Type of all items, sorted, each as often as it is there."""
        return sorted(f"{item['displayName']}.{item['type']}" for item in self.items())

    def item(self, label: str) -> dict[str, t.Any]:
        """The only item of that Name.Type."""
        name, _dot, item_type = label.rpartition(".")
        (found,) = [item for item in self.items() if (item["displayName"], item["type"]) == (name, item_type)]
        return found

    def parts(self, label: str) -> dict[str, bytes]:
        answer = self.call("POST", f"/items/{self.item(label)['id']}/getDefinition")
        return {part["path"]: base64.b64decode(part["payload"]) for part in answer["definition"]["parts"]}

    def edit(self, label: str, path: str, old: str, new: str) -> None:
        """Replace a text in a part of what is live."""
        parts = self.parts(label)
        text = parts[path].decode()
        assert old in text, text
        self.put(label, {**parts, path: text.replace(old, new).encode()})

    def put(self, label: str, parts: t.Mapping[str, bytes]) -> None:
        listed = [
            {"path": path, "payload": base64.b64encode(data).decode(), "payloadType": "InlineBase64"}
            for path, data in parts.items()
        ]
        path = f"/items/{self.item(label)['id']}/updateDefinition"
        self.call("POST", path, json={"definition": {"parts": listed}})

    def change(self, label: str, **fields: str) -> None:
        """displayName, description."""
        self.call("PATCH", f"/items/{self.item(label)['id']}", json=fields)

    def delete(self, label: str) -> None:
        self.call("DELETE", f"/items/{self.item(label)['id']}")

    def writes(self) -> list[str]:
        """What was sent to the service that can change it, since the log was cleared: METHOD PATH."""
        reads = ("/getDefinition", "/bulkExportDefinitions", "/oauth2/v2.0/token")
        return [
            f"{entry['method']} {entry['path']}"
            for entry in self._emulator.requests()
            if entry["method"] != "GET" and not entry["path"].endswith(reads)
        ]
