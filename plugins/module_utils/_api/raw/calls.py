# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Any call of an API, for operations that have no resource of their own here."""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import stat
import tempfile
import typing as t

from ..._errors import ConfigError
from ..._http.client import SUCCESS, Client
from ..._http.response import ApiResponse
from ..._http.upload import MultipartFile
from ..._operation import Operation
from .paths import family
from .waiting import StartedOperation, operation


class Call(t.NamedTuple):
    """One call: ``path`` below the ``api`` (see `below_api`).

    ``status_code`` are the statuses that are no error (None: 200 to 299).
    """

    path: str
    method: str = "GET"
    api: str = "powerbi"
    query: t.Mapping[str, t.Any] = {}
    body: t.Any = None
    status_code: t.Sequence[int] | None = None


def full_path(client: Client, desired: Call) -> str:
    """The path below the base of the API's family, without the query: that of admin begins with /admin."""
    return client.hosts.redacted_path(client.hosts.url(desired.api, desired.path))


def check(desired: Call, *, src: str | None, dest: str | None, paginate: bool) -> None:
    """Raises ConfigError for options that exclude each other and for missing files, also in check mode."""
    if isinstance(desired.body, str):
        _json(desired.body)
    if src is not None and not (os.path.isfile(src) and os.access(src, os.R_OK)):
        why = "is no file that can be read" if os.path.exists(src) else "does not exist"
        raise ConfigError(
            f"`src` {os.path.abspath(src)} {why}", option="src", remedy="give the name of a file that is there"
        )
    for option, given in (("dest", dest), ("paginate", paginate)):
        if given and desired.method != "GET":
            raise ConfigError(
                f"{option} is given with method {desired.method}", option=option, remedy=f"{option} goes with GET only"
            )


def call(
    client: Client,
    desired: Call,
    *,
    src: str | None,
    wait: float | None,
    reads: bool,
    written: t.Callable[[], None] = lambda: None,
    warn: t.Callable[[str], None] = lambda _text: None,
) -> dict[str, t.Any]:
    """Send it, ``src`` as multipart; wait up to ``wait`` seconds for the operation that it starts, if not None.

    ``reads``: it changes nothing, and so may be repeated. ``written`` is called once the service has taken it. What
    can't be waited for is a warning. Returns status, json (of what was waited for its last state), request_id, and
    location where the service names one. Raises OperationFailedError, OperationTimeoutError.
    """
    response = _send(client, desired, src, reads)
    written()
    body = response.body
    if wait is not None and response.status in SUCCESS:
        sent = _json(desired.body) if isinstance(desired.body, str) else desired.body
        started = StartedOperation(family(desired.api), desired.method, full_path(client, desired), sent, response)
        running = operation(client, started, timeout=wait)
        if isinstance(running, Operation):
            body = running.wait()
        elif running is not None:
            warn(f"{desired.method} {desired.path} was accepted, but its end is not waited for: {running}")
    location = response.headers.get("Location")
    return {
        "status": response.status,
        "json": body,
        "request_id": response.request_id,
        **({"location": location} if location else {}),
    }


def entries(client: Client, desired: Call) -> list[dict[str, t.Any]]:
    """All entries of a list. With $top in the query, $skip requests the next pages, until a page is empty."""
    query = dict(desired.query)
    top = str(query.get("$top") or "")
    if not top.isdigit():
        return list(client.pages(desired.path, api=desired.api, query=query, key=None))
    query.pop("$skip", None)
    return list(client.pages(desired.path, api=desired.api, query=query, top=int(top), key=None))


def download(client: Client, desired: Call, dest: str, *, write: bool) -> tuple[bool, dict[str, t.Any]]:
    """GET into a temporary file, and replace ``dest`` if it differs. Returns whether it did, and dest and size.

    Raises ConfigError for a dest that can't be written.
    """
    if os.path.isdir(dest):
        raise ConfigError(f"dest is {dest!r}, which is a folder", option="dest", remedy="give the name of a file")
    folder = os.path.dirname(os.path.abspath(dest))
    try:
        with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=".powerbi-", delete=False) as file:
            try:
                size = client.download(
                    desired.path, t.cast("t.BinaryIO", file), api=desired.api, query=desired.query
                ).body
                file.flush()
                changed = not (os.path.isfile(dest) and filecmp.cmp(file.name, dest, shallow=False))
                if changed and write:
                    os.chmod(file.name, _mode_for(dest))
                    os.replace(file.name, dest)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(file.name)
    except OSError as error:
        raise ConfigError(
            f"dest is {dest!r}, which can't be written: {error.strerror}",
            option="dest",
            remedy="create its folder, make room, or choose another place",
        ) from error
    return changed, {"dest": dest, "size": size}


def _mode_for(path: str) -> int:
    """The mode of a file, or that of a new one; a temporary file is readable by the owner only."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0o077)  # reading it requires setting it
    os.umask(mask)
    return 0o666 & ~mask


def _send(client: Client, desired: Call, src: str | None, reads: bool) -> ApiResponse:
    success = desired.status_code or SUCCESS
    if src is None:
        body = _json(desired.body) if isinstance(desired.body, str) else desired.body
        return client.request(
            desired.method,
            desired.path,
            api=desired.api,
            query=desired.query,
            body=body,
            success=success,
            idempotent=True if reads else None,
        )
    try:
        file = MultipartFile(src)
    except OSError as error:
        raise ConfigError(
            f"src is {src!r}, which can't be read: {error.strerror}", option="src", remedy="give a file that is there"
        ) from error
    with file:
        return client.request(
            desired.method,
            desired.path,
            api=desired.api,
            query=desired.query,
            data=file,
            headers=file.headers,
            success=success,
        )


def _json(text: str) -> t.Any:
    """The JSON value of a body from a template or a file."""
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise ConfigError(
            f"body is a text that is not JSON: {error}", option="body", remedy="give a dictionary or a list"
        ) from None
