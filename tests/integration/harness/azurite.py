# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azurite, Microsoft's own emulator of Azure Storage, over TLS with a CA of its own: a blob service by others."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import secrets
import typing as t
from pathlib import Path

import requests
import trustme
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient, generate_blob_sas

from harness.node import NodeServer
from powerbi_emulator.storage_account import CONTAINER

_SCRIPT: t.Final = "azurite/dist/src/blob/main.js"
_ACCOUNT: t.Final = "uploads"


class StoredBlob(t.NamedTuple):
    """``blocks``: the sizes of those it was committed from, in order. ``sha256`` in hexadecimal."""

    size: int
    blocks: list[int]
    sha256: str


class Azurite:
    """A running one with an empty container for uploads; its files are in ``folder``.

    Raises RuntimeError where it can't be run here.
    """

    def __init__(self, folder: Path) -> None:
        self._key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.ca_path = folder / "azurite-ca.pem"
        ca = trustme.CA(organization_name="Azurite's CA")
        leaf = ca.issue_cert("127.0.0.1")
        ca.cert_pem.write_to_path(self.ca_path)
        leaf.private_key_pem.write_to_path(folder / "key.pem")
        leaf.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
        self._server = NodeServer(
            _SCRIPT,
            [
                *("--blobPort", "0", "--location", str(folder / "data")),
                *("--cert", str(folder / "certificate.pem"), "--key", str(folder / "key.pem")),
                *("--silent", "--disableTelemetry", "--skipApiVersionCheck"),
            ],
            folder / "azurite.log",
            {"AZURITE_ACCOUNTS": f"{_ACCOUNT}:{self._key}"},
        )
        self.url = self._server.wait_for(r"successfully listens on (https://127\.0\.0\.1:\d+)")[1]
        try:
            self._container = self._connect()
        except BaseException:
            self._server.stop()
            raise

    def connection_string(self, *, key: str | None = None) -> str:
        """For a client; with another ``key`` than the account's, its signatures are wrong."""
        endpoint = f"{self.url}/{_ACCOUNT}"
        return f"AccountName={_ACCOUNT};AccountKey={key or self._key};BlobEndpoint={endpoint}"

    def blobs(self) -> list[StoredBlob]:
        """All that were committed, read back."""
        found = []
        for entry in self._container.list_blobs():
            blob = self._container.get_blob_client(entry.name)
            committed, _uncommitted = blob.get_block_list("committed")
            found.append(StoredBlob(entry.size, [block.size for block in committed], self._sha256(blob)))
        return found

    def _sha256(self, blob: BlobClient) -> str:
        """Not by the SDK, whose chunks cost as much time again as the bytes do."""
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        right = generate_blob_sas(
            _ACCOUNT, CONTAINER, blob.blob_name, account_key=self._key, permission="r", expiry=soon
        )
        digest = hashlib.sha256()
        with requests.Session() as session:
            session.trust_env = False
            with session.get(f"{blob.url}?{right}", stream=True, verify=str(self.ca_path), timeout=60) as answer:
                answer.raise_for_status()
                for piece in answer.iter_content(1 << 20):
                    digest.update(piece)
        return digest.hexdigest()

    def clear(self) -> None:
        for entry in self._container.list_blobs():
            self._container.delete_blob(entry.name)

    def stop(self) -> None:
        self._container.close()
        self._server.stop()

    def _connect(self) -> ContainerClient:
        service = BlobServiceClient.from_connection_string(
            self.connection_string(),
            transport=RequestsTransport(use_env_settings=False, connection_verify=str(self.ca_path)),
            max_chunk_get_size=32 << 20,
        )
        return service.create_container(CONTAINER)
