# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The refresh schedule that each semantic model has in the Power BI API, enabled or not."""

from __future__ import annotations

import re
import typing as t

from .._errors import ConfigError
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .._plan import Plan, State, same_text
from .._resource import StateResource, Task
from .semantic_models import SemanticModel, not_refreshable
from .time_zones import windows_time_zone
from .workspaces import Workspace

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOTIFY = {"no_notification": "NoNotification", "mail_on_failure": "MailOnFailure"}
# This collection's keys -> the API's
_KEYS = {
    "enabled": "enabled",
    "days": "days",
    "times": "times",
    "time_zone": "localTimeZoneId",
    "notify": "notifyOption",
}
_OF_NEW = {"enabled": False, "days": [], "times": [], "time_zone": "UTC", "notify": "no_notification"}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):(00|30)")
_MOST_SHARED, _MOST = 8, 48  # times a day, on shared capacity and on a capacity


class DesiredSchedule(t.NamedTuple):
    """The desired schedule; None is "not managed"."""

    enabled: bool | None = None
    days: t.Sequence[str] | None = None
    times: t.Sequence[str] | None = None
    time_zone: str | None = None
    notify: str | None = None


class ManagedRefreshSchedule(StateResource):
    """States have the keys of DesiredSchedule; days in the order of the week, times sorted.

    The id of ``workspace`` or ``model`` is empty for one that check mode has only planned. ``is_app``: the caller is a
    service principal, which can't be notified.
    """

    same: t.Mapping[str, t.Any] = {"time_zone": same_text}

    def __init__(
        self, client: Client, workspace: Workspace, model: SemanticModel, requested: DesiredSchedule, *, is_app: bool
    ) -> None:
        self._client = client
        self._workspace = workspace
        self._model = model
        self._requested = requested
        self._is_app = is_app
        self._path = quoted_path("groups", workspace.id, "datasets", model.id, "refreshSchedule")
        self.label = f"refresh schedule of {model.name}"

    def known(self) -> dict[str, t.Any]:
        return {"workspace_id": self._workspace.id, "semantic_model_id": self._model.id}

    def read(self) -> State | None:
        """GET .../refreshSchedule."""
        if not self._model.refreshable:
            raise not_refreshable(self._model)
        return dict(_OF_NEW) if not self._model.id else _state(self._client.request("GET", self._path).body)

    def desired(self, current: State | None) -> State:
        requested = self._requested
        zone = None if requested.time_zone is None else windows_time_zone(requested.time_zone, "time_zone")
        desired: dict[str, t.Any] = {
            "enabled": requested.enabled,
            "days": None if requested.days is None else [day for day in DAYS if day in requested.days],
            "times": None if requested.times is None else self._times(requested.times),
            "time_zone": zone,
            "notify": requested.notify,
        }
        if requested.notify == "mail_on_failure" and self._is_app:
            raise ConfigError(
                "notify is mail_on_failure, and the caller is a service principal",
                option="notify",
                why="The service accepts only no_notification from a service principal",
                remedy="leave notify out, or run the task as a user",
            )
        after = {**(current or {}), **{key: value for key, value in desired.items() if value is not None}}
        for key in ("days", "times"):
            if desired[key] == [] or (after["enabled"] and not after[key]):
                raise ConfigError(f"the schedule has no {key}", option=key, remedy=f"list at least one in {key}")
        return desired

    def apply(self, change: Plan, task: Task) -> None:
        """PATCH .../refreshSchedule. A request that disables the schedule must not change anything else."""
        others = dict(change.changes)
        disable = {"enabled": others.pop("enabled")} if others.get("enabled") is False else {}
        for part in filter(None, (others, disable)):
            body = {_KEYS[key]: NOTIFY[value] if key == "notify" else value for key, value in part.items()}
            self._client.request("PATCH", self._path, body={"value": body}, idempotent=True)
            task.mark_changed()

    def values(self, change: Plan) -> dict[str, t.Any]:
        return {**self.known(), "refresh_schedule": dict(change.after or {})}

    def _times(self, times: t.Sequence[str]) -> list[str]:
        """Sorted, as hh:mm. YAML reads an unquoted 16:30 as the number 990, in minutes."""
        read = [f"{int(one) // 60:02}:{int(one) % 60:02}" if one.isdigit() else one.strip() for one in times]
        for given, one in zip(times, read):
            if not _TIME.fullmatch(one):
                raise ConfigError(
                    f"times has {given!r}, which is not on the hour or the half hour",
                    option="times",
                    remedy='give hh:mm with the minutes 00 or 30, in quotes: "07:30"',
                )
        most = _MOST if self._workspace.capacity_id else _MOST_SHARED
        found = sorted({one.zfill(5) for one in read})
        if len(found) > most:
            raise ConfigError(
                f"times has {len(found)} times, and {most} a day are allowed",
                option="times",
                why=f"On a capacity the service allows {_MOST}, on shared capacity {_MOST_SHARED}",
                remedy="list fewer times, or assign the workspace to a capacity",
            )
        return found


def _state(body: t.Any) -> dict[str, t.Any]:
    notify = str(value_of(body, "notifyOption") or "NoNotification")
    days, times = (value_of(body, key) for key in ("days", "times"))
    return {
        "enabled": value_of(body, "enabled") is True,
        "days": [day for day in DAYS if day in days] if isinstance(days, list) else [],
        "times": sorted(str(one) for one in times) if isinstance(times, list) else [],
        "time_zone": str(value_of(body, "localTimeZoneId") or "UTC"),
        "notify": next((word for word, api in NOTIFY.items() if api == notify), notify),
    }
