# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real emulator over TLS for all tests of a run; each test finds it as the seed describes it."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import requests

POWERBI_SCOPE = "https://analysis.windows.net/powerbi/api/.default"
DEPLOYER = "a9900000-0000-4000-8000-000000000001"
CERTIFIED = "a9900000-0000-4000-8000-000000000002"
FEDERATED = "a9900000-0000-4000-8000-000000000003"
PUBLIC = "a9900000-0000-4000-8000-000000000007"
READER = "a9900000-0000-4000-8000-000000000008"
READER_SECRET = "Nf68Q~tB9yLqWv.Rk27cXzMhpD-aE4gUs1_JoKi5wT"
MEGAN = "megan.bowen@contoso.onmicrosoft.com"
MEGANS_PASSWORD = "Correct-Horse-Battery-Staple"
FABRIKAM = "5a1e0000-c0de-4000-8000-000000000002"


def read_env(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


class Emulator:
    """A running emulator, and short ways to talk to it."""

    def __init__(self, directory: Path, pid: int = 0) -> None:
        self.directory = directory
        self.pid = pid
        self.env = read_env(directory / "env")
        self.identity_env = read_env(directory / "identity.env")
        self.url = self.env["POWERBI_AUTHORITY"]
        self.tenant_id = self.env["POWERBI_TENANT_ID"]
        self.authority = f"{self.url}/{self.tenant_id}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = self.env["POWERBI_CA_PATH"]

    def request(self, method: str, path: str, **kwargs: t.Any) -> requests.Response:
        return self.session.request(method, f"{self.url}{path}", timeout=10, **kwargs)

    def control(self, method: str, path: str, json: t.Any = None) -> t.Any:
        response = self.request(method, f"/_emulator/{path}", json=json)
        assert response.ok, response.text
        return response.json() if response.content else None

    def advance(self, seconds: float = 3600) -> None:
        """Let that time pass for what the services do later."""
        self.control("POST", "advance", {"seconds": seconds})

    def log(self, path: str = "") -> list[dict[str, t.Any]]:
        return t.cast("list[dict[str, t.Any]]", self.control("GET", f"requests?path={path}"))

    def token_request(self, *, tenant: str | None = None, version: int = 2, **form: t.Any) -> requests.Response:
        """A client credentials request that works, with ``form`` over it; None leaves a field out."""
        fields: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_id": self.env["POWERBI_CLIENT_ID"],
            "client_secret": self.env["POWERBI_CLIENT_SECRET"],
            "scope" if version == 2 else "resource": POWERBI_SCOPE.removesuffix("" if version == 2 else "/.default"),
            **form,
        }
        path = "oauth2/v2.0/token" if version == 2 else "oauth2/token"
        data = {name: value for name, value in fields.items() if value is not None}
        return self.request("POST", f"/{tenant or self.tenant_id}/{path}", data=data)

    def token(self, **form: t.Any) -> str:
        response = self.token_request(**form)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def api(self, method: str, path: str, token: str | None = None, **kwargs: t.Any) -> requests.Response:
        """A Power BI call as the deployer, or with ``token``."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return self.request(method, f"/v1.0/myorg{path}", headers=headers, **kwargs)

    def fabric(self, method: str, path: str, token: str | None = None, **kwargs: t.Any) -> requests.Response:
        """A Fabric call as the deployer, or with ``token``."""
        headers = {"Authorization": f"Bearer {token or self.token()}"}
        return self.request(method, f"/v1{path}", headers=headers, **kwargs)


@contextlib.contextmanager
def running(directory: Path, *arguments: str) -> collections.abc.Iterator[Emulator]:
    """An emulator of its own, for tests of the command and of seeds."""
    command = [sys.executable, "-m", "powerbi_emulator", "--port", "0", "--dir", str(directory), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            assert process.stderr is not None
            pytest.fail(process.stderr.read())
        yield Emulator(directory, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Requests and responses of the shared emulator; POWERBI_EMULATOR_RECORD names a file to keep."""
    kept = os.environ.get("POWERBI_EMULATOR_RECORD")
    return Path(kept) if kept else tmp_path_factory.mktemp("record") / "record.jsonl"


@pytest.fixture(scope="session")
def shared_emulator(record: Path, tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("emulator") / "data", "--record", str(record)) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    """The shared emulator with the seed's state and an empty log."""
    shared_emulator.control("POST", "reset")
    shared_emulator.control("DELETE", "requests")
    return shared_emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that judges what all others saw comes last."""
    items.sort(key=lambda item: "test_conformance_of_all" in item.name)
