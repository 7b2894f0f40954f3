# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The trusted hosts: a token is sent to no others."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, urlencode, urljoin, urlsplit

from .._errors import ConfigError, TransportError
from .._urls import DEFAULT_PORTS, origin_of

_PATH = re.compile(r"[!-~]*\Z")


class Hosts:
    """The base URL of each API, by its short name ("powerbi", "fabric", "admin", ...).

    ``scopes`` names the scope of the token for those APIs that need another one than the rest: a token is only for the
    hosts of the APIs that share its scope. Errors name a request by its path below the first base that matches, so
    "powerbi" comes before "admin", which is below.
    """

    def __init__(self, bases: t.Mapping[str, str], scopes: t.Mapping[str, str] | None = None) -> None:
        self._bases = {api: base.rstrip("/") for api, base in bases.items()}
        self._scopes = dict(scopes or {})
        self._own: dict[str | None, set[tuple[str, str, int]]] = {}
        for api, base in self._bases.items():
            self._own.setdefault(self.scope(api), set()).add(origin(base))

    def url(self, api: str, path: str, query: t.Mapping[str, t.Any] | None = None) -> str:
        """The URL of a path of an API, or an absolute URL on a trusted host, with the query added.

        ``path`` is already quoted (see ``quoted_path``) and may have a query; ``query`` as for ``encoded_query``.
        Raises ConfigError for an API that the cloud does not have and for an invalid path, TransportError for a URL on
        another host.
        """
        if "://" in path.partition("?")[0]:
            return _with_query(self.require_trusted(path, api), query)
        if api not in self._bases:
            raise ConfigError(
                f"api is {api!r}, for which no host is known in this cloud",
                option="api_url" if api == "fabric" else "api",
                remedy="set `api_url` to a host that serves it, or use one of " + ", ".join(sorted(self._bases)),
            )
        if not _PATH.match(path):
            raise ConfigError(
                f"path holds a space or a character beyond ASCII: {path!r}", option="path", remedy="percent-encode it"
            )
        return _with_query(f"{self._bases[api]}/{path.lstrip('/')}", query)

    def scope(self, api: str) -> str | None:
        """The scope of the API's token, None for the provider's default."""
        return self._scopes.get(api)

    def is_trusted(self, url: str, api: str) -> bool:
        """Whether the API's token may be sent to that URL."""
        try:
            return origin(url) in self._own.get(self.scope(api), ())
        except TransportError:
            return False

    def require_trusted(self, url: str, api: str) -> str:
        """The URL, if the API's token may be sent to it. Raises TransportError otherwise, before anything is sent."""
        if not self.is_trusted(url, api):
            names = sorted(host for _scheme, host, _port in self._own.get(self.scope(api), ()))
            raise TransportError(
                f"Refused to go to {shown(url)}",
                why=f"It is none of the configured hosts ({', '.join(names)})",
                remedy="if it is meant to be one, set `api_url`",
                sent=False,
                retryable=False,
            )
        return url

    def redacted_path(self, url: str) -> str:
        """The part of a URL below its API's base, without the query: the name of the request in errors."""
        api = self.api_of(url)
        return url.partition("?")[0][len(self._bases[api]) :] if api else shown(url)

    def api_of(self, url: str) -> str:
        """The API whose base a URL is below, the first that matches; empty for another host."""
        return next((api for api, base in self._bases.items() if url.partition("?")[0].startswith(base + "/")), "")


def origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of a URL, lower case. Raises TransportError for a text that is not a URL with a host."""
    found = origin_of(url)
    if found is None:
        raise TransportError("Not a URL with a host", sent=False, retryable=False)
    return found


def target(url: str, location: str) -> str:
    """The absolute URL of a Location header in a response to ``url``. Raises TransportError."""
    try:
        absolute = urljoin(url, location.strip())
        origin(absolute)
    except (ValueError, TransportError):
        raise TransportError(
            f"The response to {shown(url)} leads to what is not a URL with a host",
            remedy="check `api_url` and `proxy`",
            sent=False,
            retryable=False,
        ) from None
    return quote(absolute, safe="!#$%&'()*+,/:;=?@[]~")


def shown(url: str) -> str:
    """Scheme, host and port of a URL that may be hostile: never its user, path or query."""
    try:
        scheme, host, port = origin(url)
    except TransportError:
        return "something that is not a URL with a host"
    return f"{scheme}://{host}" + ("" if port == DEFAULT_PORTS[scheme] else f":{port}")


def quoted_path(*segments: str) -> str:
    """A percent-encoded path of segments, which may contain any character: slashes, quotes, spaces, emoji."""
    return "/" + "/".join(quote(str(segment), safe="") for segment in segments)


def encoded_query(query: t.Mapping[str, t.Any] | None) -> str:
    """A query string. None leaves a key out, a list gives it several times, booleans are written as the services do."""
    pairs = [
        (key, str(item).lower() if isinstance(item, bool) else str(item))
        for key, value in (query or {}).items()
        for item in (value if isinstance(value, (list, tuple)) else [value])
        if item is not None
    ]
    return urlencode(pairs, safe="$(),:'@", quote_via=quote)


def _with_query(url: str, query: t.Mapping[str, t.Any] | None) -> str:
    encoded = encoded_query(query)
    return f"{url}{'&' if '?' in url else '?'}{encoded}" if encoded else url


def query_of(url: str) -> str:
    """The query string, still encoded."""
    return urlsplit(url).query
