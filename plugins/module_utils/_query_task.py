# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The task of powerbi_query: run DAX queries, and fail with all that is not as expected."""

from __future__ import annotations

import re
import typing as t

from ._api.queries import Queries, QueryResult
from ._api.query_expectations import Expectation, expectations, problems
from ._api.semantic_models import SemanticModel, SemanticModels
from ._api.workspace_access import caller_of
from ._api.workspaces import Workspace
from ._errors import ForbiddenError, PowerBIError, listed
from ._module import Context, Result

_POSITION = re.compile(r"\([0-9]+, ?[0-9]+\)")
MOST_ROWS = 1000  # of each query, in the result of the task


class QueryTask:
    """One task. ``workspace`` and ``model`` have empty ids if check mode has only planned them."""

    def __init__(self, context: Context, workspace: Workspace, model: SemanticModel) -> None:
        self._context = context
        self._model = model
        self._impersonate: str | None = context.params["impersonate"]
        self._expected = expectations(context.params["queries"])
        self._models = SemanticModels(context.client, workspace.id)
        self._queries = Queries(context.client, workspace.id, model)

    def run(self) -> Result:
        """Raises PowerBIError with all differences, after the last query; at once what concerns the caller."""
        results: list[dict[str, t.Any]] = []
        remedies: list[str] = []
        self._context.known["query_results"] = results
        if not self._model.id:
            self._context.warn(
                f"the queries were not run: an earlier task would create the semantic model {self._model.name!r}"
            )
            return Result(values=dict(self._context.known))
        self._warn_of_ignored_user()
        for expected in self._expected:
            try:
                result = self._queries.run(expected.query, self._impersonate)
            except ForbiddenError as error:
                self._explain(error)
                raise
            results.append(_shown(expected, result))
            remedies += [_remedy(result)] if results[-1]["problems"] else []
        failed = [f"{one['name']}: {_sentences(one['problems'])}" for one in results if one["problems"]]
        if failed:
            queries = "the query" if len(results) == 1 else f"{len(failed)} of {len(results)} queries"
            raise PowerBIError(
                f"{queries} on the semantic model {self._model.name!r} failed",
                why=listed(failed, separator=". "),
                remedy="; ".join(dict.fromkeys(remedies)),
            )
        return Result(values=dict(self._context.known))

    def _warn_of_ignored_user(self) -> None:
        if self._impersonate and not self._models.settings(self._model.id).needs_identity:
            self._context.warn(
                f"the service ignores impersonate: the semantic model {self._model.name!r} has no row-level security"
            )

    def _explain(self, error: ForbiddenError) -> None:
        """Name the one cause that is known: a service principal, and a model with row-level security."""
        if not caller_of(self._context.tokens).app_id:
            return
        try:
            secured = self._models.settings(self._model.id).needs_identity
        except PowerBIError:
            return
        if secured:
            error.why = (
                f"The semantic model {self._model.name!r} has row-level security or single sign-on, and the service refuses all "
                "queries of service principals on such models, also with impersonate"
            )
            error.remedy = "run this task as a user with Build permission on it (auth_method: device_code or password)"


def _sentences(found: t.Sequence[str]) -> str:
    """The problems of a query, without the full stop that the message puts at their end."""
    return "; ".join(one.rstrip().rstrip(".") for one in found)


def _remedy(result: QueryResult) -> str:
    if result.refused and _POSITION.search(result.error):
        return "correct the DAX; the position is (line, column)"
    if result.refused:
        return "correct the DAX; refresh a new semantic model first"
    if result.error:
        return "change the query, so that it returns one table within the limits of the service"
    return "check the data (its last refresh, its parameters) and the queries; query_results has the rows"


def _shown(expected: Expectation, result: QueryResult) -> dict[str, t.Any]:
    return {
        "name": expected.name,
        "rows": result.rows[:MOST_ROWS],
        "row_count": len(result.rows),
        "truncated": len(result.rows) > MOST_ROWS,
        "milliseconds": result.milliseconds,
        "problems": problems(expected, result),
    }
