# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Blob Storage, as far as uploads need it: Put Block, Put Block List, Get Block List, Put Blob; by SAS URL."""

from __future__ import annotations

import base64
import typing as t
import xml.etree.ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response

from powerbi_emulator.emulator_state import emulated_of
from powerbi_emulator.errors import ServiceError
from powerbi_emulator.exchange import exchange_of
from powerbi_emulator.in_thread import in_thread
from powerbi_emulator.routing import RouteGroup, route
from powerbi_emulator.state.blobs import PATH, Blob, Blobs, Block

LARGEST_BLOCK: t.Final = 100 << 20
_DECLARATION: t.Final = '<?xml version="1.0" encoding="utf-8"?>'


class BlobError(ServiceError):
    """A refusal in XML, with the code in a header, too."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message

    def response(self, request: Request) -> Response:
        exchange_of(request).note(error=self.code)
        root = ET.Element("Error")
        ET.SubElement(root, "Code").text = self.code
        ET.SubElement(root, "Message").text = f"{self.message}\nRequestId:{exchange_of(request).request_id}"
        return _xml(root, self.status, {"x-ms-error-code": self.code})


def _blob_of(request: Request) -> Blob:
    """The blob of the path, for a request that the signature in its URL allows.

    Raises BlobError, also for an Authorization header, which would disclose a token.
    """
    if "authorization" in request.headers:
        raise BlobError(
            400, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format."
        )
    store, name = emulated_of(request).store(Blobs), request.path_params["name"]
    if not store.is_signed(name, request.query_params):
        raise BlobError(403, "AuthenticationFailed", "Server failed to authenticate the request.")
    blob = store.blobs.get(name)
    if blob is None:
        raise BlobError(404, "BlobNotFound", "The specified blob does not exist.")
    return blob


async def put(request: Request) -> Response:
    blob = _blob_of(request)
    what = request.query_params.get("comp")
    if what == "block":
        return await _put_block(request, blob)
    if what == "blocklist":
        return await _put_block_list(request, blob)
    if what is not None:
        raise BlobError(400, "InvalidQueryParameterValue", "The value of the query parameter 'comp' is not valid.")
    if request.headers.get("x-ms-blob-type") != "BlockBlob":
        raise BlobError(400, "MissingRequiredHeader", "The header x-ms-blob-type is required.")
    block = blob.append(await _body(request))
    await in_thread(blob.commit, {"": block})
    return Response(status_code=201)


async def get(request: Request) -> Response:
    """Get Block List. The signature has no permission to read the blob itself."""
    blob = _blob_of(request)
    if request.query_params.get("comp") != "blocklist":
        text = "This request is not authorized to perform this operation using this permission."
        raise BlobError(403, "AuthorizationPermissionMismatch", text)
    requested = request.query_params.get("blocklisttype", "committed")
    root = ET.Element("BlockList")
    for kind, blocks in (("committed", blob.committed), ("uncommitted", blob.uncommitted)):
        if requested not in (kind, "all"):
            continue
        group = ET.SubElement(root, f"{kind.capitalize()}Blocks")
        for block_id, block in blocks.items():
            entry = ET.SubElement(group, "Block")
            ET.SubElement(entry, "Name").text = block_id
            ET.SubElement(entry, "Size").text = str(block.size)
    return _xml(root, 200, {})


async def _put_block(request: Request, blob: Blob) -> Response:
    block_id = request.query_params.get("blockid", "")
    try:
        length = len(base64.b64decode(block_id, validate=True))
    except ValueError:
        length = 0
    if not 0 < length <= 64:
        raise BlobError(400, "InvalidQueryParameterValue", "The value of the query parameter 'blockid' is not valid.")
    if any(len(other) != len(block_id) for other in blob.uncommitted):
        raise BlobError(400, "InvalidBlobOrBlock", "The specified blob or block content is invalid.")
    data = await _body(request)
    if not data:
        raise BlobError(
            400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format."
        )
    blob.uncommitted[block_id] = blob.append(data)
    return Response(status_code=201)


async def _put_block_list(request: Request, blob: Blob) -> Response:
    try:
        root = ET.fromstring(await request.body())
    except ET.ParseError as error:
        raise BlobError(400, "InvalidXmlDocument", "XML specified is not syntactically valid.") from error
    chosen: dict[str, Block] = {}
    for entry in root:
        block_id = entry.text or ""
        places = {
            "Latest": (blob.uncommitted, blob.committed),
            "Uncommitted": (blob.uncommitted,),
            "Committed": (blob.committed,),
        }.get(entry.tag, ())
        block = next((place[block_id] for place in places if block_id in place), None)
        if block is None:
            raise BlobError(400, "InvalidBlockList", "The specified block list is invalid.")
        chosen[block_id] = block
    await in_thread(blob.commit, chosen)
    return Response(status_code=201)


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > LARGEST_BLOCK:
            raise BlobError(413, "RequestBodyTooLarge", "The request body is too large.")
    return bytes(data)


def _xml(root: ET.Element, status: int, headers: dict[str, str]) -> Response:
    text = _DECLARATION + ET.tostring(root, encoding="unicode")
    return Response(text, status, {**headers, "Content-Type": "application/xml"})


_BLOB: t.Final = f"{PATH}/{{name:path}}"

GROUP = RouteGroup("blobs", [route(_BLOB, "PUT", put), route(_BLOB, "GET", get)], stores=(Blobs,))
