# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a streamed upload: one part of multipart/form-data, with or without a name, as Power BI accepts it."""

from __future__ import annotations

import email.message
import typing as t

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser
from starlette.requests import Request

from powerbi_emulator.received_file import ReceivedFile


class UploadError(ValueError):
    """The body is not multipart/form-data with exactly one part."""


async def received_part(request: Request) -> ReceivedFile:
    """The only part of the body, with any Content-Disposition. Raises UploadError."""
    boundary = _boundary(request.headers.get("content-type", ""))
    file, begun = ReceivedFile(), 0

    def on_part_begin() -> None:
        nonlocal begun
        begun += 1

    def on_part_data(data: bytes, start: int, end: int) -> None:
        file.write(memoryview(data)[start:end])

    callbacks: t.Any = {"on_part_begin": on_part_begin, "on_part_data": on_part_data}
    parser = MultipartParser(boundary, callbacks)
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise UploadError(str(error)) from error
    if begun != 1:
        raise UploadError(f"the body has {begun} parts, not one")
    return file


def _boundary(content_type: str) -> bytes:
    message = email.message.Message()
    message["content-type"] = content_type
    boundary = message.get_param("boundary")
    if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise UploadError("the body is not multipart/form-data with a boundary")
    return boundary.encode("latin-1")
