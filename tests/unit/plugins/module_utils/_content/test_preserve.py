# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lives only in the service stays: members of roles, partitions of a refresh policy."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import data_loss, normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.preserve import CHOICES, preserve

ROLE = "definition/roles/Reader.tmdl"
TABLE = "definition/tables/Sales.tmdl"
LOCAL = {
    "definition/model.tmdl": b"model Model\n",
    ROLE: b"role Reader\n\tmodelPermission: read\n\n\ttablePermission Sales = [a] = 1\n",
    TABLE: (
        b"table Sales\n\n\trefreshPolicy\n\t\tpolicyType: basic\n\t\tsourceExpression = Sales\n\n\tcolumn a\n"
        b"\t\tdataType: int64\n\n\tpartition Sales = m\n\t\tmode: import\n\t\tsource = Sales\n\n\tannotation Owner = me\n"
    ),
}
LIVE = {
    "definition/model.tmdl": b"model Model\n\nref table Sales\n",
    ROLE: (
        b"role Reader\n\tmodelPermission: read\n\n\tmember 'ann@contoso.example'\n\t\tidentityProvider: AzureAD\n\n"
        b"\tmember 'Sales team' = group\n\n\ttablePermission Sales = [a] = 1\n"
    ),
    TABLE: (
        b"table Sales\n\tlineageTag: 1\n\n\trefreshPolicy\n\t\tpolicyType: basic\n\t\tsourceExpression = Sales\n\n"
        b"\tcolumn a\n\t\tdataType: int64\n\n\tpartition 2024 = policyRange\n\t\tmode: import\n\n\t\tsource\n"
        b"\t\t\tstart: 1/1/2024\n\t\t\tend: 1/1/2025\n\n\tpartition 2025 = policyRange\n\t\tmode: import\n\n\t\tsource\n"
        b"\t\t\tstart: 1/1/2025\n\n\tannotation Owner = me\n"
    ),
}


def changed(local: dict[str, bytes]) -> tuple[str, ...]:
    return normalise.compare(local, LIVE, "SemanticModel").changed


def test_members_and_partitions_of_the_live_model_stay() -> None:
    assert changed(LOCAL) == (ROLE, TABLE)
    result = preserve(LOCAL, LIVE, CHOICES)

    assert result.kept == ("2 members of role Reader", "2 partitions of table Sales")
    assert changed(result.parts) == ()
    assert data_loss.data_loss(LOCAL, LIVE) != ()
    assert data_loss.data_loss(result.parts, LIVE) == ()
    again = preserve(result.parts, LIVE, CHOICES)
    assert again.parts == result.parts
    assert again.kept == ()


def test_the_rest_of_a_file_stays_as_it_is() -> None:
    result = preserve(LOCAL, LIVE, CHOICES).parts

    assert result[ROLE].startswith(LOCAL[ROLE])
    head, dummy, tail = LOCAL[TABLE].partition(b"\tpartition Sales = m\n\t\tmode: import\n\t\tsource = Sales\n")
    assert result[TABLE].startswith(head)
    assert result[TABLE].endswith(tail)
    assert result["definition/model.tmdl"] is LOCAL["definition/model.tmdl"]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("unit", [b"\t", b"  "])
def test_the_style_of_the_file_stays(newline: bytes, mark: bytes, unit: bytes) -> None:
    local = {path: mark + data.replace(b"\t", unit).replace(b"\n", newline) for path, data in LOCAL.items()}
    result = preserve(local, LIVE, CHOICES).parts

    assert changed(result) == ()
    assert result[ROLE].startswith(local[ROLE])
    assert result[ROLE].count(b"\n") == result[ROLE].count(newline)
    assert (unit + b"member 'ann@contoso.example'" + newline + unit * 2 + b"identityProvider") in result[ROLE]


def test_only_the_given_kinds() -> None:
    assert preserve(LOCAL, LIVE, ["role_members"]).kept == ("2 members of role Reader",)
    assert preserve(LOCAL, LIVE, ["refresh_partitions"]).kept == ("2 partitions of table Sales",)
    assert preserve(LOCAL, LIVE, []).parts == LOCAL


def test_members_of_the_files_stay_beside_the_live_ones() -> None:
    local = {**LOCAL, ROLE: LOCAL[ROLE] + b"\n\tmember 'ANN@contoso.example'\n\n\tmember 'new@contoso.example'\n"}
    result = preserve(local, LIVE, CHOICES)

    assert result.kept[0] == "1 member of role Reader"
    assert result.parts[ROLE].count(b"member ") == 3


def test_what_the_files_removed_is_not_brought_back() -> None:
    no_role = {path: data for path, data in LOCAL.items() if path != ROLE}
    no_policy = {
        **LOCAL,
        TABLE: LOCAL[TABLE].replace(b"\trefreshPolicy\n\t\tpolicyType: basic\n\t\tsourceExpression = Sales\n", b""),
    }

    assert ROLE not in preserve(no_role, LIVE, CHOICES).parts
    assert preserve(no_policy, LIVE, ["refresh_partitions"]).kept == ()
    found = [str(each) for each in data_loss.data_loss(no_policy, LIVE)]
    assert "table Sales: loses its refresh policy, and with it the rows of earlier periods" in found


def test_objects_inside_the_model_are_found() -> None:
    local = {
        "definition/model.tmdl": b"model Model\n\tculture: en-US\n\n\trole Reader\n\t\tmodelPermission: read\n\n\ttable Other\n",
    }
    result = preserve(local, LIVE, CHOICES)

    assert result.kept == ("2 members of role Reader",)
    assert (
        b"\n\t\tmember 'ann@contoso.example'\n\t\t\tidentityProvider: AzureAD\n"
        in result.parts["definition/model.tmdl"]
    )
    assert normalise.normalise(result.parts, "SemanticModel").model is not None


def test_a_model_that_can_not_be_read_stays() -> None:
    broken = {**LOCAL, ROLE: b"role Reader\n\t{\n"}

    assert preserve(broken, LIVE, CHOICES) == (broken, ())
    assert preserve(LOCAL, broken, CHOICES) == (LOCAL, ())


def bim(**model: object) -> dict[str, bytes]:
    return {"model.bim": json.dumps({"compatibilityLevel": 1567, "model": model}, indent=4).encode()}


def test_models_as_tmsl() -> None:
    policy = {"type": "basic", "sourceExpression": "Sales"}
    ours = {
        "name": "Sales",
        "refreshPolicy": policy,
        "partitions": [{"name": "Sales", "source": {"type": "m", "expression": "1"}}],
    }
    theirs = {**ours, "partitions": [{"name": "2024", "source": {"type": "policyRange", "start": "1"}}]}
    local = bim(tables=[ours], roles=[{"name": "R", "members": [{"memberName": "new"}]}])
    live = bim(tables=[theirs], roles=[{"name": "r", "members": [{"memberName": "ann", "memberId": "1"}]}])
    result = preserve(local, live, CHOICES)

    assert result.kept == ("1 member of role R", "1 partition of table Sales")
    value = json.loads(result.parts["model.bim"])["model"]
    assert [member["memberName"] for member in value["roles"][0]["members"]] == ["new", "ann"]
    assert value["tables"][0]["partitions"] == theirs["partitions"]
    assert result.parts["model.bim"].startswith(b'{\n    "compatibilityLevel"')
    assert preserve(result.parts, live, CHOICES).kept == ()
    assert preserve(local, live, []).parts == local


def test_the_members_of_a_renamed_role_go_to_the_new_one() -> None:
    other = "definition/roles/Readers of sales.tmdl"
    local = {path: data for path, data in LOCAL.items() if path != ROLE}
    local[other] = LOCAL[ROLE].replace(b"role Reader", b"role 'Readers of sales'")
    result = preserve(local, LIVE, CHOICES)
    assert result.kept[0] == "2 members of role Readers of sales"
    assert b"member 'ann@contoso.example'" in result.parts[other]
    assert data_loss.data_loss(result.parts, LIVE) == ()
    assert [found.kind for found in data_loss.data_loss(preserve(local, LIVE, ()).parts, LIVE)].count("access") == 2


def test_the_members_of_a_role_go_to_no_role_that_filters_otherwise() -> None:
    other = "definition/roles/Other.tmdl"
    local = {path: data for path, data in LOCAL.items() if path != ROLE}
    local[other] = LOCAL[ROLE].replace(b"role Reader", b"role Other").replace(b"[a] = 1", b"[a] = 2")
    result = preserve(local, LIVE, CHOICES)
    assert b"member" not in result.parts[other]
    assert "role Reader: removed with its 2 members" in [
        str(found) for found in data_loss.data_loss(result.parts, LIVE)
    ]


def test_the_members_of_a_renamed_role_in_tmsl() -> None:
    permission = [{"name": "Sales", "filterExpression": "[a] = 1"}]
    live = bim(roles=[{"name": "R", "tablePermissions": permission, "members": [{"memberName": "ann"}]}])
    local = bim(roles=[{"name": "New", "tablePermissions": permission}])
    result = preserve(local, live, CHOICES)
    assert result.kept == ("1 member of role New",)
    value = json.loads(result.parts["model.bim"])["model"]
    assert value["roles"][0]["members"] == [{"memberName": "ann"}]
