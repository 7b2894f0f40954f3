# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded facts about items, their types and their JSON."""

from __future__ import annotations

import typing as t

from powerbi_emulator.conformance.live_emulator import FINANCE, Answer, LiveEmulator, definition

CLI: t.Final = "fabric-cli recordings"
CICD: t.Final = "fabric-cicd recordings"
ITEMS: t.Final = f"/workspaces/{FINANCE}/items"
NOTEBOOK: t.Final = {"notebook-content.py": "# Fabric notebook source\n"}
PIPELINE: t.Final = {"pipeline-content.json": "{}"}
MODEL: t.Final = {
    "definition.pbism": '{"version": "4.2", "settings": {}}',
    "definition/model.tmdl": "model Model\n\tculture: en-US\n",
    "definition/database.tmdl": "database\n\tcompatibilityLevel: 1567\n",
}
NO_ONE: t.Final = "0000000a-0000-4000-8000-000000000000"


class Fact(t.NamedTuple):
    """``check`` sends requests to the emulator; it returns the response and whether it equals the fact."""

    text: str
    source: str
    check: t.Callable[[LiveEmulator], tuple[str, bool]]


def _to_json(answer: Answer) -> str:
    code = answer.body.get("errorCode", "") if isinstance(answer.body, dict) else ""
    return f"{answer.status} {code}".strip()


def _last_page(emulator: LiveEmulator) -> tuple[str, bool]:
    answers = [emulator.fabric("GET", path) for path in ("/workspaces", ITEMS, f"/workspaces/{FINANCE}/folders")]
    fields = sorted(set().union(*(answer.fields() for answer in answers)))
    return ", ".join(fields), fields == ["value"]


def _description(emulator: LiveEmulator) -> tuple[str, bool]:
    bare, empty = emulator.create("Lakehouse"), emulator.create("Lakehouse", description="")
    workspace = emulator.fabric("POST", "/workspaces", {"displayName": emulator.name()})
    found = ["description" in answer.fields() for answer in (bare, workspace, empty)]
    return f"item {found[0]}, workspace {found[1]}, given as '' {found[2]}", found == [False, False, True]


def _etag(emulator: LiveEmulator) -> tuple[str, bool]:
    made = emulator.create("Lakehouse")
    path = f"{ITEMS}/{made.body['id']}"
    answers = [made, emulator.fabric("GET", path), emulator.fabric("PATCH", path, {"displayName": emulator.name()})]
    found = [answer.headers.get("etag") for answer in answers]
    of_list = emulator.fabric("GET", ITEMS).headers.get("etag")
    return f"POST, GET, PATCH: {found}, list: {of_list}", found == ['""'] * 3 and of_list is None


def _location(emulator: LiveEmulator) -> tuple[str, bool]:
    item = emulator.create("Lakehouse")
    folder = emulator.fabric("POST", f"/workspaces/{FINANCE}/folders", {"displayName": emulator.name()})
    found = [(answer.status, "location" in answer.headers) for answer in (item, folder)]
    return f"item {found[0]}, folder {found[1]}", found == [(201, False), (201, True)]


def _creation(
    kind: str, parts: t.Mapping[str, str] | None, status: int, form: str | None = None
) -> t.Callable[[LiveEmulator], tuple[str, bool]]:
    def check(emulator: LiveEmulator) -> tuple[str, bool]:
        more = {"format": form} if form else {}
        answer = emulator.create(kind, parts, **more)
        is_made = emulator.made(answer)["type"] == kind
        return f"{answer.status}{', made' if is_made else ''}", answer.status == status and is_made

    return check


def _reading(
    kind: str, parts: t.Mapping[str, str], status: int, query: str = ""
) -> t.Callable[[LiveEmulator], tuple[str, bool]]:
    def check(emulator: LiveEmulator) -> tuple[str, bool]:
        item = emulator.made(emulator.create(kind, parts))
        answer = emulator.fabric("POST", f"{ITEMS}/{item['id']}/getDefinition{query}")
        paths = [part["path"] for part in emulator.made(answer)["definition"]["parts"]]
        return f"{answer.status} with {', '.join(paths)}", answer.status == status

    return check


def _update(emulator: LiveEmulator) -> tuple[str, bool]:
    found = []
    for kind, parts in (("DataPipeline", PIPELINE), ("Notebook", NOTEBOOK)):
        item = emulator.made(emulator.create(kind, parts))
        path = f"{ITEMS}/{item['id']}/updateDefinition"
        found.append(emulator.fabric("POST", path, {"definition": definition(parts)}).status)
    return f"DataPipeline {found[0]}, Notebook {found[1]}", found == [200, 202]


def _role(emulator: LiveEmulator) -> tuple[str, bool]:
    made = emulator.fabric("POST", "/workspaces", {"displayName": emulator.name()}).body["id"]
    body = {"principal": {"id": _user(emulator), "type": "User"}, "role": "member"}
    answer = emulator.fabric("POST", f"/workspaces/{made}/roleAssignments", body)
    role = answer.body.get("role")
    return f"{answer.status}, role {role}", (answer.status, role) == (201, "Member")


def _user(emulator: LiveEmulator) -> str:
    """The id of a user with a role in any workspace."""
    for workspace in emulator.fabric("GET", "/workspaces").body["value"]:
        listed = emulator.fabric("GET", f"/workspaces/{workspace['id']}/roleAssignments")
        for one in (listed.body or {}).get("value", []):
            if one["principal"]["type"] == "User":
                return str(one["id"])
    raise AssertionError("the seed has no user with a role")


def _collections(emulator: LiveEmulator) -> tuple[str, bool]:
    names = ("variablelibraries", "userdatafunctions", "SEMANTICMODELS", "roleassignments")
    found = [emulator.fabric("GET", f"/workspaces/{FINANCE}/{name}").status for name in names]
    return str(found), found == [200] * len(names)


def _connections(emulator: LiveEmulator) -> tuple[str, bool]:
    item = emulator.made(emulator.create("Warehouse"))
    answer = emulator.fabric("GET", f"{ITEMS}/{item['id']}/connections")
    return _to_json(answer), _to_json(answer) == "400 OperationNotSupportedForItem"


def _related(emulator: LiveEmulator) -> tuple[str, bool]:
    body = {"principal": {"id": NO_ONE, "type": "User"}, "role": "Viewer"}
    answer = emulator.fabric("POST", f"/workspaces/{FINANCE}/roleAssignments", body).body
    detail = answer.get("moreDetails", [{}])[0].get("relatedResource", {}).get("resourceType")
    own = answer.get("relatedResource", {}).get("resourceType")
    return f"{answer['errorCode']}: moreDetails {detail}, own {own}", (detail, own) == ("Principal", "Workspace")


def _folder(emulator: LiveEmulator) -> tuple[str, bool]:
    folders = f"/workspaces/{FINANCE}/folders"
    folder = emulator.fabric("POST", folders, {"displayName": emulator.name()}).body["id"]
    emulator.create("Lakehouse", folderId=folder)
    answer = emulator.fabric("DELETE", f"{folders}/{folder}")
    related = answer.body.get("relatedResource", {}).get("resourceType")
    return f"{_to_json(answer)}, {related}", (_to_json(answer), related) == ("400 FolderNotEmpty", "Folder")


def _types(emulator: LiveEmulator) -> tuple[str, bool]:
    requested = ("UserDataFunction", "Map", "ApacheAirflowJob", "DataBuildToolJob", "CosmosDBDatabase", "DataAgent")
    made = [emulator.made(emulator.create(kind))["type"] for kind in (*requested, "Ontology", "OrgApp")]
    return ", ".join(made), made == [*requested, "Ontology", "OrgApp"]


def _hard_delete(emulator: LiveEmulator) -> tuple[str, bool]:
    workspace = emulator.fabric("POST", "/workspaces", {"displayName": emulator.name()}).body["id"]
    body = {"displayName": emulator.name(), "type": "SemanticModel", "definition": definition(MODEL)}
    item = emulator.made(emulator.fabric("POST", f"/workspaces/{workspace}/items", body))
    answer = emulator.fabric("DELETE", f"/workspaces/{workspace}/items/{item['id']}?hardDelete=true")
    kind = answer.headers.get("content-type")
    return f"{answer.status}, {answer.size} bytes of {kind}", (answer.status, answer.size) == (200, 0)


FACTS: t.Final = (
    Fact("a list without a next page has neither continuationToken nor continuationUri", CLI, _last_page),
    Fact("a description that was never set is absent; one given as '' is ''", CLI, _description),
    Fact('answers with one item have ETag: "", lists have none', f"{CLI}; {CICD}", _etag),
    Fact("the 201 of an item has no Location, that of a folder has one", CLI, _location),
    Fact("DataPipeline with a definition: 201", f"{CLI}; {CICD}", _creation("DataPipeline", PIPELINE, 201)),
    Fact("Notebook with a definition: 202", f"{CLI}; {CICD}", _creation("Notebook", NOTEBOOK, 202)),
    Fact(
        "Environment with a definition: 202",
        CICD,
        _creation("Environment", {"Setting/Sparkcompute.yml": "a: 1\n"}, 202),
    ),
    Fact("Environment without a definition: 201", CLI, _creation("Environment", None, 201)),
    Fact("Dataflow without a definition: 201", CLI, _creation("Dataflow", None, 201)),
    Fact("Warehouse: 202", f"{CLI}; {CICD}", _creation("Warehouse", None, 202)),
    Fact("SQLDatabase: 202", f"{CLI}; {CICD}", _creation("SQLDatabase", None, 202)),
    Fact("MLExperiment: 202", f"{CLI}; {CICD}", _creation("MLExperiment", None, 202)),
    Fact(
        "SparkJobDefinition in SparkJobDefinitionV2: 202",
        CICD,
        _creation("SparkJobDefinition", {"SparkJobDefinitionV1.json": "{}"}, 202, "SparkJobDefinitionV2"),
    ),
    Fact("getDefinition of a DataPipeline: 200", CLI, _reading("DataPipeline", PIPELINE, 200)),
    Fact("getDefinition of a SemanticModel: 202", CLI, _reading("SemanticModel", MODEL, 202)),
    Fact(
        "notebooks in the format fabricGitSource",
        CLI,
        _reading("Notebook", NOTEBOOK, 202, "?format=fabricGitSource"),
    ),
    Fact(
        "notebooks in the format ipynb",
        f"{CLI}; {CICD}",
        _creation("Notebook", {"notebook-content.ipynb": '{"cells": []}'}, 202, "ipynb"),
    ),
    Fact("updateDefinition: DataPipeline 200, Notebook 202", CLI, _update),
    Fact("a role is taken in any case: member", f"{CLI} (test_acls)", _role),
    Fact("names of collections are taken in any case", CLI, _collections),
    Fact("the connections of a Warehouse: 400 OperationNotSupportedForItem", CLI, _connections),
    Fact("moreDetails[].relatedResource, and one of the error itself", f"{CLI} (test_acls)", _related),
    Fact("FolderNotEmpty names the folder as relatedResource", f"{CLI} (test_rm)", _folder),
    Fact("types: UserDataFunction, Map, ApacheAirflowJob, DataBuildToolJob, CosmosDBDatabase, ...", CLI, _types),
    Fact("DELETE with hardDelete=true: 200 without a body", f"{CLI} (test_rm, 52 times)", _hard_delete),
)
