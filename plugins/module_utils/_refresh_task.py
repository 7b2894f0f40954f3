# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The task of powerbi_refresh: skip, join or start a refresh, and follow it to its end."""

from __future__ import annotations

import typing as t

from ._api.refreshes import Refresh, Refreshes, RefreshRequest, details_of, status_of, times_of
from ._api.semantic_models import SemanticModel, not_refreshable
from ._api.workspaces import Workspace
from ._clock import timestamp
from ._errors import ConfigError, ConflictError, OperationFailedError
from ._module import Context, Result

_STARTS = 3  # attempts, if another refresh starts in between each time


class RefreshTask:
    """One task. ``workspace`` and ``model`` have empty ids if check mode has only planned them."""

    def __init__(self, context: Context, workspace: Workspace, model: SemanticModel) -> None:
        self._context = context
        self._params = context.params
        self._model = model
        self._enhanced = bool(workspace.capacity_id) or not workspace.id
        self._requested = RefreshRequest(**{name: self._params[name] for name in RefreshRequest._fields})
        self._refreshes = Refreshes(context.client, workspace, model)

    def run(self) -> Result:
        """Raises ConfigError for options that can't be used here, before anything is sent, and the errors of the service."""
        self._check()
        history = self._refreshes.history() if self._model.id else []
        recent = self._recent(history)
        if recent is not None:
            return self._result(_shown(recent), skipped=True)
        running = next((one for one in history if one.is_running), None)
        if running is not None and self._params["if_running"] == "join":
            return self._result(self._followed(running), joined=True)
        if running is not None and self._params["if_running"] == "fail":
            raise self._is_running()
        if self._context.check_mode:
            return self._result({}, changed=True)
        if running is not None:
            self._wait_for_any_end(running)
        return self._start()

    def _check(self) -> None:
        params = self._params
        if not self._model.refreshable:
            raise not_refreshable(self._model)
        enhanced = [*self._requested.names(), *(["cancel_on_timeout"] if params["cancel_on_timeout"] else [])]
        if enhanced and not self._enhanced:
            raise ConfigError(
                f"{enhanced[0]} is set, and the workspace is on shared capacity",
                option=enhanced[0],
                why="The service accepts it only with an enhanced refresh, which needs a workspace on a capacity",
                remedy="assign the workspace to a capacity (option capacity of powerbi_workspace); on shared capacity only the "
                "whole semantic model can be refreshed, without these options",
            )
        if params["commit_mode"] == "partial_batch" and params["apply_refresh_policy"]:
            raise ConfigError(
                "commit_mode is partial_batch, and apply_refresh_policy is true",
                option="apply_refresh_policy",
                why="The service applies refresh policies only in one transaction",
                remedy="set apply_refresh_policy to false, or commit_mode to transactional",
            )
        for name, least in (("max_parallelism", 1), ("retry_count", 0), ("skip_if_newer_than", 1)):
            if params[name] is not None and params[name] < least:
                raise ConfigError(f"{name} is {params[name]}", option=name, remedy=f"set it to {least} or more")

    def _recent(self, history: t.Sequence[Refresh]) -> Refresh | None:
        """The latest successful refresh, if it is recent enough."""
        seconds = self._params["skip_if_newer_than"]
        if seconds is None:
            return None
        latest = next((one for one in history if one.status == "completed" and one.ended), None)
        now = self._context.client.sender.clock.time()
        return latest if latest is not None and now - latest.ended < seconds else None

    def _start(self) -> Result:
        for _attempt in range(_STARTS):
            refresh = self._refreshes.start(self._requested, enhanced=self._enhanced)
            if refresh is not None:
                self._context.mark_changed()
                return self._result(self._followed(refresh), changed=True)
            running = next((one for one in self._refreshes.history() if one.is_running), None)
            if running is None:
                continue  # it has just ended
            if self._params["if_running"] == "join":
                return self._result(self._followed(running), joined=True)
            if self._params["if_running"] == "fail":
                raise self._is_running()
            self._wait_for_any_end(running)
        raise self._is_running()

    def _followed(self, refresh: Refresh) -> dict[str, t.Any]:
        """The refresh at its end, or as it is now without ``wait``. Raises OperationFailedError."""
        self._context.known["refresh"] = _shown(refresh)
        if not self._params["wait"] or self._context.check_mode:
            return _shown(refresh)
        operation = self._refreshes.follow(
            refresh, timeout=self._params["wait_timeout"], cancel=self._params["cancel_on_timeout"]
        )
        try:
            body = operation.wait()
        except OperationFailedError as error:
            self._context.known["refresh"] = _ended(refresh, error.result)
            raise
        return _ended(refresh, body)

    def _wait_for_any_end(self, running: Refresh) -> None:
        """Wait for a refresh that another caller started. How it ends does not matter; that it ends does."""
        operation = self._refreshes.follow(running, timeout=self._params["wait_timeout"], cancel=False)
        try:
            operation.wait()
        except OperationFailedError as error:
            if status_of(error.result) == "running":
                raise

    def _is_running(self) -> ConflictError:
        return ConflictError(
            f"a refresh of {self._model.name} is running, so none was started",
            status=400,
            remedy="run the task again later, or set if_running to wait or join",
        )

    def _result(
        self, refresh: dict[str, t.Any], *, changed: bool = False, joined: bool = False, skipped: bool = False
    ) -> Result:
        self._context.known["refresh"] = refresh
        values = {**self._context.known, "joined": joined, "skipped_refresh": skipped}
        return Result(changed, values)


def _shown(refresh: Refresh) -> dict[str, t.Any]:
    started, ended = (timestamp(moment) if moment else "" for moment in (refresh.started, refresh.ended))
    return {
        "id": refresh.id,
        "status": refresh.status,
        "started": started,
        "ended": ended,
        "objects": [],
        "messages": [],
    }


def _ended(refresh: Refresh, body: t.Any) -> dict[str, t.Any]:
    times = {key: value for key, value in times_of(body).items() if value}
    return {**_shown(refresh), "status": status_of(body), **times, **details_of(body)}
