# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Request paths of the user, with or without the prefix of the API; and POST operations that only read."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

from ..._empty_values import is_emptied
from ..._errors import ConfigError

_POWERBI = re.compile(r"\A/*v1\.0/myorg(?=/|\?|\Z)", re.IGNORECASE)
_FABRIC = re.compile(r"\A/*v1(?=/|\?|\Z)", re.IGNORECASE)
_ADMIN = re.compile(r"\A/*admin(?=/|\?|\Z)", re.IGNORECASE)

_NOT_RENDERED = re.compile(r"\{\{|\}\}|\{%")

# POST operations that only read, by the API's documentation. The paths are below /v1.0/myorg and /v1.
_READS: t.Final[t.Mapping[str, re.Pattern[str]]] = {
    "powerbi": re.compile(r"/executeQueries\Z|\A/admin/workspaces/getInfo\Z", re.IGNORECASE),
    "fabric": re.compile(
        r"/(getDefinition|bulkExportDefinitions|executeQuery|testConnection|checkStatus)\Z|\A/catalog/search\Z",
        re.IGNORECASE,
    ),
}


def below_api(api: str, path: str) -> str:
    """The path without the prefix that is part of the API's base URL: ``/v1.0/myorg/groups`` is ``/groups``.

    An absolute URL is unchanged. Raises ConfigError for a prefix of another API.
    """
    if "://" in path.partition("?")[0]:
        return path
    if api == "fabric":
        _refuse(_POWERBI, path, api, "powerbi")
        return _FABRIC.sub("", path, count=1) or "/"
    _refuse(_FABRIC, path, api, "fabric")
    path = _POWERBI.sub("", path, count=1) or "/"
    return (_ADMIN.sub("", path, count=1) or "/") if api == "admin" else path


def family(api: str) -> str:
    """The API whose paths it shares: admin is a part of powerbi."""
    return "fabric" if api == "fabric" else "powerbi"


def only_reads(api: str, method: str, path: str) -> bool:
    """Whether a request changes nothing. ``path`` is that below the base of its family, such as /admin/workspaces."""
    return method in ("GET", "HEAD") or (method == "POST" and bool(_READS[family(api)].search(path.partition("?")[0])))


def refuse_emptied(method: str, path: str) -> None:
    """Raises ConfigError for a write request whose path has a segment from a variable without a value.

    ``DELETE /groups/1/users/`` is another operation than that of one user. ``path`` is the result of `below_api`.
    """
    if method in ("GET", "HEAD"):
        return
    bare = re.split(r"[?#]", path, maxsplit=1)[0]
    bare = re.sub(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", bare)
    for segment in bare[bare.startswith("/") :].split("/"):
        text = unquote(segment).strip()
        if is_emptied(text) or _NOT_RENDERED.search(text):
            what = f"the segment {text!r}" if text else "an empty segment"
            raise ConfigError(
                f"path {bare!r} has {what}, as a variable without a value leaves it; {method} was not sent",
                option="path",
                remedy="give the variable a value, and write the path without a slash at its end",
            )


def _refuse(prefix: re.Pattern[str], path: str, api: str, right: str) -> None:
    found = prefix.match(path)
    if found:
        raise ConfigError(
            f"path begins with {found.group()!r}, which belongs to the API {right}, but api is {api!r}",
            option="path",
            remedy=f"set `api: {right}` and leave the prefix out of the path",
        )
