# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which requests a folder takes, and which options are refused before any write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.folder_state import DesiredFolder, ManagedFolder
from ansible_collections.community.powerbi.plugins.module_utils._api.folders import Folders
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError, ConfigError, TransportError
from fakes.task import RecordedTask
from fakes.wire import Reply, Sent, Wire, reply, wire

MONTHLY, EUROPE, ASIA, ARCHIVE = (f"f01d0000-0000-4000-8000-00000000000{number}" for number in range(1, 5))
NEW: t.Final = "f01d0000-0000-4000-8000-00000000000f"
PATH: t.Final = "https://api.fabric.test/v1/workspaces/w/folders"

# As the service returns them (Folders - List Folders): Monthly/Europe, Asia, Archive.
FOLDERS: t.Final = [
    {"id": MONTHLY, "displayName": "Monthly", "workspaceId": "w"},
    {"id": EUROPE, "displayName": "Europe", "workspaceId": "w", "parentFolderId": MONTHLY},
    {"id": ASIA, "displayName": "Asia", "workspaceId": "w"},
    {"id": ARCHIVE, "displayName": "Archive", "workspaceId": "w"},
]


def service(items: t.Sequence[str] = (), folders: t.Sequence[t.Any] | None = None) -> Wire:
    """A workspace with these folders, or with ``FOLDERS``; each of them holds these items."""
    there = FOLDERS if folders is None else folders

    def answer(sent: Sent) -> Reply:
        if sent.method == "GET" and "/items?" in sent.url:
            return reply(200, {"value": [{"displayName": name, "type": "Report"} for name in items]})
        if sent.method == "GET":
            return reply(200, {"value": list(there)})
        return reply(201, {"id": NEW}) if sent.url == PATH else reply(200, {})

    return wire(answer)


def folder(net: Wire, *, present: bool = True, workspace_id: str = "w", **options: t.Any) -> ManagedFolder:
    return ManagedFolder(net.client, workspace_id, DesiredFolder(**options), present=present)


def writes(net: Wire, **options: t.Any) -> list[tuple[str, str, t.Any]]:
    """The writes of a task: method, path below the workspace's folders, and body."""
    resource, task = folder(net, **options), RecordedTask()
    change = resource.plan(task)
    if change.changed:
        resource.apply(change, task)
    sent = [(one.method, one.url[len(PATH) :], one.json) for one in net.transport.sent if one.method != "GET"]
    assert task.writes == len(sent)
    return sent


@pytest.mark.parametrize(
    "options",
    [
        {"name": "monthly"},
        {"name": "Monthly", "parent": "/"},
        {"name": "EUROPE", "parent": "/MONTHLY/"},
        {"id": EUROPE.upper()},
        {"id": f"{{{EUROPE}}}", "name": "Europe", "parent": "monthly"},
        {"name": "Africa", "present": False},
        {"name": "Europe", "present": False},
        {"id": NEW, "present": False},
    ],
)
def test_nothing_to_change(options: dict[str, t.Any]) -> None:
    assert writes(service(), **options) == []


def test_created_in_the_root_and_in_a_folder() -> None:
    assert writes(service(), name="Africa") == [("POST", "", {"displayName": "Africa"})]
    assert writes(service(), name="Africa", parent="monthly") == [
        ("POST", "", {"displayName": "Africa", "parentFolderId": MONTHLY})
    ]


def test_missing_parents_are_created_first() -> None:
    assert writes(service(), name="2026", parent="Monthly/Africa/North") == [
        ("POST", "", {"displayName": "Africa", "parentFolderId": MONTHLY}),
        ("POST", "", {"displayName": "North", "parentFolderId": NEW}),
        ("POST", "", {"displayName": "2026", "parentFolderId": NEW}),
    ]


def test_renamed_and_moved_by_id() -> None:
    rename = ("PATCH", f"/{EUROPE}", {"displayName": "EMEA"})
    to_asia, to_root = (("POST", f"/{EUROPE}/move", body) for body in ({"targetFolderId": ASIA}, {}))
    assert writes(service(), id=EUROPE, name="EMEA") == [rename]
    assert writes(service(), id=EUROPE, parent="asia") == [to_asia]
    assert writes(service(), id=EUROPE, parent="/") == [to_root]
    assert writes(service(), id=EUROPE, name="EMEA", parent="/") == [rename, to_root]
    assert writes(service(), id=EUROPE, name="EUROPE") == [("PATCH", f"/{EUROPE}", {"displayName": "EUROPE"})]


def test_a_name_that_the_old_parent_has_already_is_set_after_the_move() -> None:
    taken = [*FOLDERS, {"id": NEW, "displayName": "emea", "parentFolderId": MONTHLY}]
    sent = writes(service(folders=taken), id=EUROPE, name="EMEA", parent="/")
    assert [path for _method, path, _body in sent] == [f"/{EUROPE}/move", f"/{EUROPE}"]


def test_only_an_empty_folder_is_deleted() -> None:
    assert writes(service(), name="Asia", present=False) == [("DELETE", f"/{ASIA}", None)]
    assert writes(service(), id=EUROPE, name="europe", parent="monthly", present=False) == [
        ("DELETE", f"/{EUROPE}", None)
    ]
    for net, holds in (
        (service([f"Sales {number:03}" for number in range(500)]), "Sales 000.Report, Sales 001.Report"),
        (service(), "Monthly/Europe"),
    ):
        with pytest.raises(ConfigError, match="the folder 'Monthly' is not empty") as caught:
            writes(net, name="Monthly", present=False)
        assert holds in caught.value.why
        assert len(caught.value.why) < 500
        assert {sent.method for sent in net.transport.sent} == {"GET"}


def test_a_folder_that_another_process_deletes_first_is_deleted() -> None:
    gone = wire(lambda sent: reply(200, {"value": FOLDERS if "folders" in sent.url else []}))
    resource, task = folder(gone, name="Asia", present=False), RecordedTask()
    change = resource.plan(task)
    gone.transport._script = lambda _sent: reply(404, {"errorCode": "FolderNotFound"})
    resource.apply(change, task)
    assert task.writes == 1


@pytest.mark.parametrize(
    ("options", "option", "text"),
    [
        ({"id": "Europe"}, "id", "not a GUID"),
        ({"id": NEW}, "id", "no folder with the id"),
        ({"name": "Monthly/Europe"}, "name", "a path"),
        ({"name": "None"}, "name", "variable without a value"),
        ({"name": "Daily", "parent": "None"}, "parent", "variable without a value"),
        ({"name": "a*b"}, "name", r"has '\*'"),
        ({"name": " Daily"}, "name", "blank"),
        ({"name": "x" * 256}, "name", "256 characters"),
        ({"name": "recycler"}, "name", "reserved"),
        ({"name": "Daily", "parent": "a:b"}, "parent", "has ':'"),
        ({"name": "Daily", "parent": "a//b"}, "parent", "is empty"),
        ({"name": "Daily", "parent": "/".join("abcdefghij")}, "name", "11 deep"),
        ({"id": EUROPE, "name": "Asia", "parent": "/"}, "name", "there is a folder 'Asia' already"),
        ({"id": ASIA, "name": "MONTHLY"}, "name", "there is a folder 'Monthly' already"),
        ({"id": MONTHLY, "parent": "Monthly"}, "parent", "into itself"),
        ({"id": MONTHLY, "parent": "monthly/europe"}, "parent", "into itself"),
        ({"id": EUROPE, "name": "Asia", "present": False}, "name", "contradict"),
        ({"id": EUROPE, "parent": "/", "present": False}, "parent", "contradict"),
    ],
)
def test_what_the_service_would_refuse_is_an_error_before_a_write(
    options: dict[str, t.Any], option: str, text: str
) -> None:
    net = service()
    with pytest.raises(ConfigError, match=text) as caught:
        writes(net, **options)
    assert caught.value.option == option
    assert caught.value.remedy
    assert {sent.method for sent in net.transport.sent} <= {"GET"}


def test_a_folder_called_none_is_found() -> None:
    assert writes(service(folders=[{"id": ASIA, "displayName": "None"}]), name="none") == []


def test_a_planned_workspace_has_no_folder() -> None:
    net = service()
    resource = folder(net, workspace_id="", name="Europe", parent="Monthly")
    change = resource.plan(RecordedTask(check_mode=True))
    assert resource.values(change) == {"workspace_id": "", "folder": {"id": "", "name": "Europe", "parent": "Monthly"}}
    assert net.transport.sent == []


def test_a_created_folder_has_its_id_in_the_result() -> None:
    net, task = service(), RecordedTask()
    resource = folder(net, name="Africa")
    change = resource.plan(task)
    resource.apply(change, task)
    assert resource.values(change)["folder"] == {"id": NEW, "name": "Africa", "parent": ""}


@pytest.mark.parametrize("entries", [[{}], [{"id": [], "displayName": {}}], [{"parentFolderId": "x"}]])
def test_responses_of_other_types_are_folders_without_a_name(entries: list[t.Any]) -> None:
    assert writes(service(folders=entries), name="Africa") == [("POST", "", {"displayName": "Africa"})]


def test_folders_in_a_circle_end() -> None:
    circle = [
        {"id": "1", "displayName": "A", "parentFolderId": "2"},
        {"id": "2", "displayName": "B", "parentFolderId": "1"},
    ]
    assert set(Folders(service(folders=circle).client, "w").all().values()) == {"1", "2"}


class TestCreatedAtMostOnce:
    def test_after_a_lost_response_the_folder_is_read(self) -> None:
        made: list[dict[str, t.Any]] = []

        def answer(sent: Sent) -> Reply:
            if sent.method == "GET":
                return reply(200, {"value": made})
            made.append({"id": NEW.upper(), "displayName": "africa"})
            return TransportError("reset", sent=True)

        net = wire(answer)
        assert Folders(net.client, "w").create("Africa", "") == NEW
        assert len(made) == 1

    def test_a_request_that_was_not_applied_is_repeated(self) -> None:
        posts: list[Reply] = [TransportError("reset", sent=True), reply(500), reply(201, {"id": NEW})]
        net = wire(lambda sent: reply(200, {"value": []}) if sent.method == "GET" else posts.pop(0))
        assert Folders(net.client, "w").create("Africa", "") == NEW

    def test_a_refusal_is_not_repeated(self) -> None:
        net = wire(lambda sent: reply(400, {"errorCode": "TooManyFolders"}))
        with pytest.raises(ApiError, match="as many folders"):
            Folders(net.client, "w").create("Africa", "")
        assert len(net.transport.sent) == 1
