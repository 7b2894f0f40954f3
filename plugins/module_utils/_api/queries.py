# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""DAX queries on a semantic model (executeQueries)."""

from __future__ import annotations

import typing as t

from .._errors import ApiError, TransportError
from .._http.client import Client
from .._http.failure import read_error
from .._http.hosts import quoted_path
from .._http.response import objects_of, value_of
from .semantic_models import SemanticModel

QUERY_ERROR = "DatasetExecuteQueriesError"  # the code of a query that can't be run


class QueryResult(t.NamedTuple):
    """``rows`` have the column names of the service: Table[Column], or [Name]. ``error`` is that of an incomplete result.

    ``milliseconds`` is the time of the request without waiting for repetitions, 0 for a query that failed. ``refused``: the
    service did not run the query.
    """

    rows: list[dict[str, t.Any]]
    error: str = ""
    milliseconds: int = 0
    refused: bool = False


class Queries:
    """Queries on one semantic model."""

    def __init__(self, client: Client, workspace_id: str, model: SemanticModel) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "datasets", model.id, "executeQueries")

    def run(self, query: str, impersonate: str | None = None) -> QueryResult:
        """POST .../executeQueries, with blank values as None. A query that can't be run is an error of the result.

        Raises ForbiddenError, NotFoundError, ThrottledError and others that concern the caller; TransportError.
        """
        body: dict[str, t.Any] = {"queries": [{"query": query}], "serializerSettings": {"includeNulls": True}}
        if impersonate:
            body["impersonatedUserName"] = impersonate
        clock, counters = self._client.sender.clock, self._client.sender.counters
        start, waited = clock.monotonic(), counters.waited
        try:
            response = self._client.request("POST", self._path, body=body, idempotent=True)
        except ApiError as error:
            if error.code != QUERY_ERROR or error.status != 400:
                raise
            return QueryResult([], str(error.details.get("message") or error.what), refused=True)
        seconds = clock.monotonic() - start - (counters.waited - waited)
        found = next(iter(objects_of(value_of(response.body, "results"))), {})
        table = next(iter(objects_of(value_of(found, "tables"))), {})
        rows = value_of(table, "rows")
        texts = [_text(one, response.origin.secrets()) for one in (response.body, found, table)]
        error_text = next((text for text in texts if text), "")
        if not isinstance(rows, list) and not error_text:
            raise TransportError(
                "The response to a query has no result",
                why="It is not what executeQueries returns",
                remedy="check `api_url` and `proxy`",
                retryable=False,
            )
        return QueryResult(objects_of(rows), error_text, max(0, round(seconds * 1000)))


def _text(part: t.Any, secrets: t.Iterable[str]) -> str:
    error = value_of(part, "error")
    if not error:
        return ""
    failure = read_error({"error": error}, {}, secrets=secrets)
    return failure.message or failure.code or "The service reports an error"
