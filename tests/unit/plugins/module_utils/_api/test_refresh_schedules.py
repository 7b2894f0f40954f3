# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests a refresh schedule takes, and which options are refused before any is sent."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.refresh_schedules import (
    DesiredSchedule,
    ManagedRefreshSchedule,
)
from ansible_collections.community.powerbi.plugins.module_utils._api.semantic_models import SemanticModel
from ansible_collections.community.powerbi.plugins.module_utils._api.time_zones import TIME_ZONES, windows_time_zone
from ansible_collections.community.powerbi.plugins.module_utils._api.workspaces import Workspace
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.task import RecordedTask
from fakes.wire import Reply, Sent, Wire, reply, wire

# As the service returns it (Datasets - Get Refresh Schedule In Group).
ENABLED: t.Final = {
    "days": ["Sunday", "Friday", "Saturday"],
    "times": ["11:30", "05:00"],
    "enabled": True,
    "localTimeZoneId": "UTC",
    "notifyOption": "MailOnFailure",
}
DISABLED: t.Final = {**ENABLED, "enabled": False, "days": [], "times": [], "notifyOption": "NoNotification"}
MODEL: t.Final = SemanticModel("5a1e0000-0000-4000-8000-000000000001", "Sales")


def service(schedule: t.Mapping[str, t.Any]) -> Wire:
    def answer(sent: Sent) -> Reply:
        return reply(200, schedule) if sent.method == "GET" else reply(200)

    return wire(answer)


def schedule_of(
    net: Wire, *, capacity: str = "", model: SemanticModel = MODEL, is_app: bool = False, **options: t.Any
) -> ManagedRefreshSchedule:
    workspace = Workspace("w", "Sales", capacity, "", "Workspace")
    return ManagedRefreshSchedule(net.client, workspace, model, DesiredSchedule(**options), is_app=is_app)


def apply(net: Wire, **options: t.Any) -> list[dict[str, t.Any]]:
    """The bodies of the task's writes."""
    schedule, task = schedule_of(net, **options), RecordedTask()
    change = schedule.plan(task)
    if change.changed:
        schedule.apply(change, task)
    writes = [sent.json["value"] for sent in net.transport.sent if sent.method == "PATCH"]
    assert task.writes == len(writes)
    return writes


def test_enabled_with_days_and_times_in_one_request() -> None:
    net = service(DISABLED)
    options = {"enabled": True, "days": ["Friday", "Monday"], "times": ["16:30", "7:00"], "notify": "mail_on_failure"}
    assert apply(net, **options) == [
        {"enabled": True, "days": ["Monday", "Friday"], "times": ["07:00", "16:30"], "notifyOption": "MailOnFailure"}
    ]
    path = f"/groups/w/datasets/{MODEL.id}/refreshSchedule"
    assert all(sent.url.endswith(path) for sent in net.transport.sent)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"days": ["Saturday", "Friday", "Sunday", "Friday"]},
        {"times": ["5:00", "11:30"]},
        {"times": ["300", "690"]},  # as YAML reads 5:00 and 11:30
        {"time_zone": "utc", "enabled": True, "notify": "mail_on_failure"},
    ],
)
def test_another_spelling_is_no_change(options: dict[str, t.Any]) -> None:
    assert apply(service(ENABLED), **options) == []


def test_a_request_that_disables_changes_nothing_else() -> None:
    assert apply(service(ENABLED), enabled=False) == [{"enabled": False}]
    assert apply(service(ENABLED), enabled=False, times=["12:00"]) == [{"times": ["12:00"]}, {"enabled": False}]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"days": []}, "no days"),
        ({"times": []}, "no times"),
        ({"enabled": True, "days": ["Monday"]}, "no times"),
        ({"enabled": True, "times": ["12:00"]}, "no days"),
        ({"times": ["12:15"]}, "'12:15', which is not on the hour"),
        ({"times": ["24:00"]}, "'24:00'"),
        ({"times": ["7"]}, "'7'"),
        ({"times": ["0\u0667:00"]}, "not on the hour"),
        ({"times": ["None"]}, "'None'"),
        ({"times": [f"{hour:02}:00" for hour in range(9)]}, "9 times, and 8 a day"),
        ({"time_zone": ""}, "no time zone ID"),
        ({"time_zone": "Europe/Berlin"}, "no time zone ID of Windows"),
        ({"notify": "mail_on_failure", "is_app": True}, "service principal"),
        ({"model": MODEL._replace(refreshable=False)}, "can't be refreshed"),
    ],
)
def test_what_the_service_would_refuse_is_an_error_before_a_write(options: dict[str, t.Any], text: str) -> None:
    net = service(DISABLED)
    with pytest.raises(ConfigError, match=text) as caught:
        apply(net, **options)
    assert caught.value.remedy
    assert {sent.method for sent in net.transport.sent} <= {"GET"}


def test_a_capacity_allows_more_times() -> None:
    times = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")]
    assert apply(service(DISABLED), times=times, capacity="c") == [{"times": times}]


def test_a_planned_model_has_the_schedule_of_a_new_one() -> None:
    net = service(ENABLED)
    schedule = schedule_of(net, model=SemanticModel("", "Sales"), enabled=True, days=["Monday"], times=["07:00"])
    change = schedule.plan(RecordedTask(check_mode=True))
    assert (change.before or {})["enabled"] is False
    assert schedule.values(change)["refresh_schedule"]["days"] == ["Monday"]
    assert net.transport.sent == []


@pytest.mark.parametrize("body", [None, {}, [], {"days": 7, "times": {}, "enabled": "yes", "notifyOption": ["x"]}])
def test_a_response_of_other_types_is_a_disabled_schedule(body: t.Any) -> None:
    assert (schedule_of(service(body)).plan(RecordedTask()).before or {})["enabled"] is False


def test_time_zones_are_those_of_windows() -> None:
    assert len(TIME_ZONES) > 130
    assert all(name == name.strip() and "  " not in name for name in TIME_ZONES.values())
    assert windows_time_zone("w. EUROPE standard time ", "time_zone") == "W. Europe Standard Time"
    with pytest.raises(ConfigError, match="Tokio") as caught:
        windows_time_zone("Tokio Standard Time", "time_zone")
    assert "did you mean Tokyo Standard Time" in caught.value.remedy
    with pytest.raises(ConfigError) as caught:
        windows_time_zone("Europe/Berlin", "time_zone")
    assert "IANA" in caught.value.why
