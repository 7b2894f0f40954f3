# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official Key Vault libraries, unchanged, against the emulator; and plain requests for what they hide."""

from __future__ import annotations

import socket
import typing as t

import requests
import urllib3.util.connection
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import CertificateClient
from azure.keyvault.secrets import SecretClient

from conftest import Emulator

SCOPE = "https://vault.azure.net/.default"
VERSION = "7.4"


def transport(emulator: Emulator) -> RequestsTransport:
    """TLS verified by the emulator's CA, no proxy and no netrc of the machine."""
    return RequestsTransport(connection_verify=emulator.env["POWERBI_CA_PATH"], use_env_settings=False)


def credential(
    emulator: Emulator, client_id: str | None = None, client_secret: str | None = None
) -> ClientSecretCredential:
    return ClientSecretCredential(
        emulator.tenant_id,
        client_id or emulator.env["POWERBI_CLIENT_ID"],
        client_secret or emulator.env["POWERBI_CLIENT_SECRET"],
        authority=emulator.url,
        disable_instance_discovery=True,
        transport=transport(emulator),
    )


def secret_client(
    emulator: Emulator, credentials: t.Any = None, url: str | None = None, **options: t.Any
) -> SecretClient:
    """A client of the vault at the emulator's own address, whose host is not in the domain of the resource."""
    return SecretClient(
        url or emulator.env["POWERBI_KEY_VAULT_URL"],
        credentials or credential(emulator),
        transport=transport(emulator),
        retry_total=0,
        **{"verify_challenge_resource": False, **options},
    )


def certificate_client(emulator: Emulator, credentials: t.Any = None, **options: t.Any) -> CertificateClient:
    return CertificateClient(
        emulator.env["POWERBI_KEY_VAULT_URL"],
        credentials or credential(emulator),
        transport=transport(emulator),
        retry_total=0,
        **{"verify_challenge_resource": False, **options},
    )


def call(
    emulator: Emulator,
    method: str,
    path: str,
    *,
    token: str | None = None,
    version: str | None = VERSION,
    **kwargs: t.Any,
) -> requests.Response:
    """A request as the deployer, or with ``token``; an empty one sends none."""
    bearer = emulator.token(scope=SCOPE) if token is None else token
    headers = {**kwargs.pop("headers", {}), **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    params = {**({"api-version": version} if version else {}), **kwargs.pop("params", {})}
    return emulator.request(method, path, headers=headers, params=params, **kwargs)


def resolve_everything_to(emulator: Emulator, monkeypatch: t.Any) -> None:
    """As if DNS led every name, on every port, to the emulator."""
    port = int(emulator.url.rpartition(":")[2])
    connect = urllib3.util.connection.create_connection

    def create_connection(_address: tuple[str, int], *args: t.Any, **kwargs: t.Any) -> socket.socket:
        return connect(("127.0.0.1", port), *args, **kwargs)

    monkeypatch.setattr(urllib3.util.connection, "create_connection", create_connection)
