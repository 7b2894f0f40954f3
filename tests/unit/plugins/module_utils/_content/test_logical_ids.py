# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import logical_ids, portability
from ansible_collections.community.powerbi.plugins.module_utils._guid import ZERO_GUID

WORKSPACE = "f0000000-0000-4000-8000-00000000000a"
OTHER = "f0000000-0000-4000-8000-00000000000b"
ITEM = "11111111-1111-4111-8111-111111111111"
LOGICAL = "22222222-2222-4222-8222-222222222222"

IN_PLACE = [
    '{{"workspaceId": "{}"}}',
    '{{"default_lakehouse_workspace_id":"{}"}}',
    '{{"workspace": "{}"}}',
    '{{"sourceWorkspaceId": "{}"}}',
    '{{"a": "{{\\"workspaceId\\":\\"{}\\"}}"}}',
    '{{"groupId": "{}", "operationType": "SemanticModelRefresh"}}',
    'Source{{[workspaceId = "{}"]}}[Data]',
    'Source{{[workspaceId = \\"{}\\"]}}[Data]',
    "WORKSPACE_ID = '{}'",
    "abfss://{}@onelake.dfs.fabric.microsoft.com/a/Files",
    "https://onelake.dfs.fabric.microsoft.com/{}/a",
    "https://westus-onelake.blob.fabric.microsoft.com/{}/a",
    "https://app.powerbi.com/groups/{}/reports/a",
    "https://api.fabric.microsoft.com/v1/workspaces/{}/items",
]
ELSEWHERE = [
    'unknown = "{}"',
    '{{"id": "{}"}}',
    'if workspace_id == "{}":',
    "workspaces of {}0",
    '{{"groupIds": ["{}"]}}',
]


@pytest.mark.parametrize("text", IN_PLACE)
def test_a_workspace_is_the_zero_guid_in_git_and_back(text: str) -> None:
    live, git = text.format(WORKSPACE.upper()), text.format(ZERO_GUID)
    assert logical_ids.in_git({"p": live.encode()}, {}, WORKSPACE) == {"p": git.encode()}
    assert logical_ids.in_target({"p": git.encode()}, {}, WORKSPACE) == {"p": text.format(WORKSPACE).encode()}


@pytest.mark.parametrize("text", ELSEWHERE)
def test_elsewhere_the_zero_guid_is_a_value_and_the_workspace_is_named(text: str) -> None:
    assert logical_ids.in_target({"p": text.format(ZERO_GUID).encode()}, {}, WORKSPACE) == {
        "p": text.format(ZERO_GUID).encode()
    }
    live = {"p": text.format(WORKSPACE).encode()}
    assert logical_ids.in_git(live, {}, WORKSPACE) == live
    source = portability.Source(WORKSPACE, "Finance", {}, (), (ZERO_GUID,))
    assert portability.remaining(live, source) == [("p", "the exported workspace, by its id")]


def test_items_become_logical_ids_in_texts_only() -> None:
    parts = {
        "a.json": f'["{ITEM.upper()}", "{OTHER}"]'.encode(),
        "b.bin": b"\0" + ITEM.encode(),
        ".platform": ITEM.encode(),
    }
    assert logical_ids.in_git(parts, {ITEM: LOGICAL}, WORKSPACE) == {
        **parts,
        "a.json": f'["{LOGICAL}", "{OTHER}"]'.encode(),
    }


def test_a_derived_logical_id_is_stable_and_another_one() -> None:
    assert logical_ids.derived(ITEM) == logical_ids.derived(ITEM) != ITEM
    assert logical_ids.derived(ITEM) != logical_ids.derived(OTHER)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (f'"connectionId": "{{\\"ClusterId\\":\\"{OTHER}\\"}}"'.encode(), f"the connection {OTHER}"),
        (f'{{"gatewayId": "{OTHER}"}}'.encode(), f"the gateway {OTHER}"),
        (f'{{"capacityId": "{OTHER}"}}'.encode(), f"the capacity {OTHER}"),
        (f"instance_pool_id: {OTHER}".encode(), f"the Spark pool {OTHER}"),
        (f"abfss://{OTHER}@onelake.dfs.fabric.microsoft.com/x".encode(), f"the workspace {OTHER}"),
        (b"server=abc-1.database.fabric.microsoft.com,1433", "the endpoint abc-1.database.fabric.microsoft.com"),
        (b"https://trd-a1.z0.kusto.fabric.microsoft.com", "the endpoint trd-a1.z0.kusto.fabric.microsoft.com"),
        (b"powerbi://api.powerbi.com/v1.0/myorg/Fin%20ance;x", "the exported workspace, by its name 'Fin ance'"),
        (f'["{ITEM}"]'.encode(), "Raw.Lakehouse, which is not exported"),
        (ITEM.encode("utf-16"), "ids of the exported workspace or its items, in a binary part"),
    ],
)
def test_what_remains_is_named_once(data: bytes, what: str) -> None:
    source = portability.Source(WORKSPACE, "fin ance", {ITEM: "Raw.Lakehouse"}, (ITEM,), (ZERO_GUID, ITEM))
    assert portability.remaining({"p": data + b" " + data}, source) == [("p", what)]


def test_what_is_portable_is_not_named() -> None:
    source = portability.Source(WORKSPACE, "Finance", {}, (ITEM,), (ZERO_GUID, LOGICAL))
    texts = [text.format(ZERO_GUID) for text in IN_PLACE]
    texts += [
        f'"connection": "{ZERO_GUID}"',
        f'"workspaceId": "{LOGICAL}"',
        "powerbi://api.powerbi.com/v1.0/myorg/Other",
        "contoso.database.windows.net",  # Azure SQL
        f'"dataSourceId": "{OTHER}"',  # an id within a dashboard
    ]
    assert portability.remaining({str(number): text.encode() for number, text in enumerate(texts)}, source) == []
    assert portability.in_properties("About sales", source) == []
    assert portability.in_properties(f"See {ITEM}", source)
