# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Upload locations in an external blob service, such as Azurite or an account in Azure.

With the switch ``upload_storage`` the emulator only signs the URLs, and reads the uploaded files. It needs the library
azure-storage-blob (``pip install 'powerbi-emulator[storage]'``).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import typing as t
import urllib.parse

from powerbi_emulator.received_file import HEAD, TAIL, ReceivedFile

if t.TYPE_CHECKING:
    from azure.storage.blob import BlobClient

CONTAINER: t.Final = "temporary-uploads"
_READ_WHOLE: t.Final = 64 << 20  # bytes


class StorageAccount:
    """The account of a connection string, whose container ``CONTAINER`` has to exist.

    ``ca_path``: PEM file of the CA of its certificate; None for those that Python trusts. Raises ImportError without
    azure-storage-blob, ValueError for a string that is not a connection string with a key.
    """

    def __init__(self, connection_string: str, ca_path: str | None) -> None:
        from azure.core.pipeline.transport import RequestsTransport
        from azure.storage.blob import BlobServiceClient

        service = BlobServiceClient.from_connection_string(
            connection_string,
            transport=RequestsTransport(use_env_settings=False, connection_verify=ca_path or True),
            retry_total=1,
        )
        self._container = service.get_container_client(CONTAINER)

    def location(self, name: str, expires: float) -> str:
        """A signed URL (SAS) with write permission for a blob until ``expires`` (epoch seconds)."""
        from azure.storage.blob import BlobSasPermissions, generate_blob_sas

        credential = self._container.credential
        query = generate_blob_sas(
            credential.account_name,
            CONTAINER,
            name,
            account_key=credential.account_key,
            permission=BlobSasPermissions(write=True),
            expiry=dt.datetime.fromtimestamp(expires, dt.UTC),
        )
        return f"{self._blob(name).url}?{query}"

    def received(self, url: str) -> ReceivedFile | None:
        """The file at a URL of ``location``, of a large one its two ends; None where nothing was committed.

        Blocks, so it must run in a thread. Raises azure.core.exceptions.AzureError if the account can't be reached.
        """
        from azure.core.exceptions import ResourceNotFoundError

        address, start = urllib.parse.urlsplit(url)._replace(query="").geturl(), f"{self._container.url}/"
        if not address.startswith(start):
            return None
        blob = self._blob(urllib.parse.unquote(address.removeprefix(start)))
        try:
            properties = blob.get_blob_properties()
        except ResourceNotFoundError:
            return None
        if properties.size > _READ_WHOLE:
            head, tail = _bytes(blob, 0, HEAD), _bytes(blob, properties.size - TAIL, TAIL)
            return ReceivedFile.of_ends(
                head, tail, properties.size, hashlib.sha256(properties.etag.encode()).hexdigest()
            )
        file = ReceivedFile()
        file.write(_bytes(blob, 0, properties.size))
        return file

    def _blob(self, name: str) -> BlobClient:
        return self._container.get_blob_client(name)


@functools.lru_cache(maxsize=4)
def storage_account(connection_string: str, ca_path: str | None) -> StorageAccount:
    """The storage account, cached with its open connections until the switches change."""
    return StorageAccount(connection_string, ca_path)


def _bytes(blob: BlobClient, offset: int, size: int) -> bytes:
    return bytes(blob.download_blob(offset, size).readall()) if size else b""
