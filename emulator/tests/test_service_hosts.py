# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""--service-hosts: clients that know only the services' own host names use the emulator, where something leads them."""

from __future__ import annotations

import collections.abc
import contextlib
import socket
import typing as t
from pathlib import Path

import msal
import pytest
import requests

from conftest import POWERBI_SCOPE, Emulator, running

HOSTS = ("api.powerbi.com", "api.fabric.microsoft.com", "login.microsoftonline.com", "graph.microsoft.com")


@contextlib.contextmanager
def resolving(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> collections.abc.Iterator[None]:
    """All names, at port 443, are the emulator's address."""
    port, real = int(emulator.url.rpartition(":")[2]), socket.getaddrinfo

    def resolve(_: t.Any, requested: t.Any, *rest: t.Any, **kwargs: t.Any) -> t.Any:
        return real("127.0.0.1", port if requested == 443 else requested, *rest, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve)
        yield


def session(emulator: Emulator) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.verify = emulator.env["POWERBI_CA_PATH"]
    return made


def test_clients_with_fixed_hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path / "data", "--service-hosts") as emulator, resolving(monkeypatch, emulator):
        app = msal.ConfidentialClientApplication(
            emulator.env["POWERBI_CLIENT_ID"],
            client_credential=emulator.env["POWERBI_CLIENT_SECRET"],
            authority=f"https://login.microsoftonline.com/{emulator.tenant_id}",
            http_client=session(emulator),
        )
        token = app.acquire_token_for_client([POWERBI_SCOPE])["access_token"]
        client, headers = session(emulator), {"Authorization": f"Bearer {token}"}
        groups = client.get("https://api.powerbi.com/v1.0/myorg/groups", headers=headers, timeout=10)
        workspaces = client.get("https://api.fabric.microsoft.com/v1/workspaces", headers=headers, timeout=10)
        assert groups.status_code == workspaces.status_code == 200
        assert client.get("https://graph.microsoft.com/v1.0/applications", timeout=10).status_code == 401
        assert client.get("https://contoso-kv.vault.azure.net/secrets/a", timeout=10).status_code == 401
        # a name of a service is not the address of the control paths
        assert client.get("https://api.powerbi.com/_emulator/tenant", timeout=10).status_code == 403


def test_without_the_option_the_names_are_not_in_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path / "data") as emulator, resolving(monkeypatch, emulator):
        for host in HOSTS:
            with pytest.raises(requests.exceptions.SSLError):
                session(emulator).get(f"https://{host}/", timeout=10)


def test_the_ca_stays_when_the_names_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authorities = []
    for arguments in ([], ["--service-hosts"], []):
        with running(tmp_path / "data", *arguments) as emulator, resolving(monkeypatch, emulator):
            authorities.append((tmp_path / "data" / "ca.pem").read_bytes())
            found = True
            try:
                session(emulator).get("https://api.powerbi.com/", timeout=10)
            except requests.exceptions.SSLError:
                found = False
            assert found is bool(arguments)
            assert emulator.control("GET", "tenant")
    assert len(set(authorities)) == 1
