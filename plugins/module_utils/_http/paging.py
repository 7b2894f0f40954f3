# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Lists in pages: $top and $skip, continuation tokens and links, and OData's next links.

A link in a response is never followed: only its query is used, for the path of the first request. The service returns
regional hosts there, and a forged response could contain any host.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from .._errors import TransportError
from .hosts import encoded_query, query_of
from .response import ApiResponse, value_of

if t.TYPE_CHECKING:
    from .client import Client

MAX_PAGES = 10_000
_MAX_EMPTY = 200  # pages in a row: the audit log has many, but not without end
_LINKS = ("continuationUri", "@odata.nextLink", "nextLink")


class Pages:
    """The entries of a list, fetched page after page as the caller iterates.

    ``key``   key of the entries in a response that is not a list itself (in any case); None: its only list
    ``top``   entries requested at once with $top and $skip; None for lists that continue by token or not at all
    ``short_page_ends``  whether a page with fewer than ``top`` entries is the last: one request less, for filters that
              can't find many. Otherwise only an empty page is, since the service may return fewer than requested.
    """

    def __init__(
        self,
        client: Client,
        path: str,
        *,
        api: str = "powerbi",
        query: t.Mapping[str, t.Any],
        key: str | None = "value",
        top: int | None = None,
        short_page_ends: bool = False,
        max_pages: int = MAX_PAGES,
    ) -> None:
        self._client = client
        self._path = path
        self._api = api
        self._query = dict(query)
        self._key = key
        self._top = top
        self._short_page_ends = short_page_ends
        self._max_pages = max_pages

    def __iter__(self) -> t.Iterator[dict[str, t.Any]]:
        """Raises as ``Client.request``, and TransportError for pages that repeat themselves or do not end."""
        seen: set[str] = set()
        empty, skipped, previous = 0, 0, None
        path, query, top = self._path, dict(self._query), self._top
        for _number in range(self._max_pages):
            if top:
                query = {**query, "$top": top, "$skip": skipped}
            response = self._client.request("GET", path, api=self._api, query=query)
            entries = self._entries(response)
            yield from entries
            empty = 0 if entries else empty + 1
            following = self._following(response)
            if top and following is None:
                if not entries or (self._short_page_ends and len(entries) < top):
                    return
                if entries == previous:
                    raise self._endless("the same page comes again and again")
                skipped, previous = skipped + len(entries), entries
                continue
            if following is None:
                return
            if following in seen:
                raise self._endless("the list continues with a page that it had before")
            if empty > _MAX_EMPTY:
                raise self._endless(f"{empty} empty pages in a row, each with a continuation")
            seen.add(following)
            path, query = f"{self._path}{'&' if '?' in self._path else '?'}{following}", {}
            top = None  # a continuation of the service has its own page size
        raise self._endless(f"more than {self._max_pages} pages")

    def _entries(self, response: ApiResponse) -> list[dict[str, t.Any]]:
        entries = response.body if isinstance(response.body, list) else response.get(self._key or "value")
        if entries is None and isinstance(response.body, dict):
            entries = [] if self._key else _only_list(response.body)  # a page without entries may lack the key
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise TransportError(
                f"The response to GET {self._path.partition('?')[0]} is not a list of objects",
                remedy="set `paginate` only for lists",
                retryable=False,
            )
        return entries

    def _following(self, response: ApiResponse) -> str | None:
        """The query, encoded, that gets the next page; None after the last."""
        for name in _LINKS:
            link = value_of(response.body, name)
            if isinstance(link, str) and query_of(link):
                return quote(query_of(link), safe="!$%&'()*+,/:;=?@~-._")
        token = value_of(response.body, "continuationToken")
        if not isinstance(token, str) or not token:
            return None
        encoded = token if "%" in token else quote(token, safe="")  # the services return it percent-encoded
        if self._api != "fabric":
            return f"continuationToken='{encoded}'"  # without other parameters, as an OData string literal
        own = encoded_query(self._query)
        return f"{own}&continuationToken={encoded}" if own else f"continuationToken={encoded}"

    def _endless(self, why: str) -> TransportError:
        return TransportError(
            f"The list GET {self._path.partition('?')[0]} does not end",
            why=why[0].upper() + why[1:],
            remedy="check `api_url`; if it is correct, report it to the support of the service",
            retryable=False,
        )


def _only_list(body: dict[str, t.Any]) -> list[t.Any] | None:
    """The one list among the values; an empty one for a page with only a continuation; None for a body that is no page."""
    lists = [value for value in body.values() if isinstance(value, list)]
    if len(lists) == 1:
        return lists[0]
    return [] if not lists and any(key.lower().startswith("continuation") for key in body) else None
