# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What publishing a model would lose."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.data_loss import (
    ACCESS,
    DATA,
    MEMBER,
    data_loss,
    import_loss,
)

BASE = (
    "table Sales\n\tlineageTag: 7\n\n\tmeasure M = 1\n\n\tcolumn a\n\t\tdataType: int64\n\n\tcolumn c = [a]\n"
    "\t\tdataType: int64\n\n\tpartition P = m\n\t\tmode: import\n\t\tsource = 1\n"
)


def model(text: str, extra: str = "") -> dict[str, bytes]:
    return {"definition/tables/Sales.tmdl": text.encode(), "definition/model.tmdl": f"model Model\n{extra}".encode()}


def found(local: str, live: str = BASE, *, local_extra: str = "", live_extra: str = "") -> list[str]:
    findings = data_loss(model(local, local_extra), model(live, live_extra))
    return [f"{finding.kind}: {finding}" for finding in findings]


@pytest.mark.parametrize(
    ("old", "new", "losses"),
    [
        ("", "", []),
        ("\tmeasure M = 1\n", "", []),
        ("source = 1", "source = 2", []),
        ("\tcolumn c = [a]\n\t\tdataType: int64\n", "", []),
        ("\tcolumn a\n\t\tdataType: int64\n", "", ["data: column Sales[a]: removed with its values"]),
        (
            "column a\n\t\tdataType: int64",
            "column a\n\t\tdataType: String",
            ["data: column Sales[a]: changes its data type from int64 to string, its values are loaded anew"],
        ),
        (
            "column a\n",
            "column a = 1\n",
            ["data: column Sales[a]: becomes a calculated column, its loaded values are dropped"],
        ),
        ("partition P", "partition Q", ["data: partition Sales[P]: removed with its rows"]),
        ("table Sales", "table Umsatz", ["data: table Sales: renamed to Umsatz, its rows are loaded anew"]),
        (
            "table Sales\n\tlineageTag: 7",
            "table Umsatz",
            ["data: table Sales: removed with its rows"],
        ),
        (
            "mode: import",
            "mode: directQuery",
            ["data: table Sales: no longer holds rows: its storage mode or its source type changes"],
        ),
    ],
)
def test_what_a_change_of_an_import_table_loses(old: str, new: str, losses: list[str]) -> None:
    assert found(BASE.replace(old, new) if old else BASE) == losses


@pytest.mark.parametrize(
    "live",
    [
        BASE.replace("mode: import", "mode: directQuery"),
        BASE.replace(
            "= m\n\t\tmode: import\n\t\tsource = 1", "= entity\n\t\tmode: directLake\n\t\tsource\n\t\t\tentityName: x"
        ),
        BASE.replace("partition P = m", "partition P = calculated"),
    ],
)
def test_what_holds_no_rows_loses_none(live: str) -> None:
    assert found("table Other\n", live) == []


def test_the_models_default_mode_counts() -> None:
    live = BASE.replace("\t\tmode: import\n", "")

    assert found("table Other\n", live) == ["data: table Sales: removed with its rows"]
    assert found("table Other\n", live, live_extra="\tdefaultMode: directQuery\n") == []


def test_access_is_lost_with_members() -> None:
    live = "role R\n\tmember a\n\tmember b\nrole S\n\tmember c\nrole T\n\tmodelPermission: read\n"

    assert found(BASE, local_extra=live) == []
    assert found(BASE, local_extra="role R\n\tmember A\n", live_extra=live) == [
        "member: role R: loses its member b",
        "access: role S: removed with its 1 member",
    ]
    kinds = {finding.kind for finding in data_loss(model("table O\n", "role R\n"), model(BASE, live))}
    assert kinds == {ACCESS, DATA, MEMBER}


def test_models_as_tmsl() -> None:
    def bim(data_type: str) -> dict[str, bytes]:
        table = {
            "name": "S",
            "columns": [{"name": "a", "dataType": data_type}],
            "partitions": [{"name": "P", "mode": "import", "source": {"type": "m", "expression": ["let", "in 1"]}}],
        }
        return {"model.bim": json.dumps({"model": {"tables": [table]}}).encode()}

    assert data_loss(bim("int64"), bim("int64")) == ()
    assert [str(each) for each in data_loss(bim("string"), bim("int64"))] == [
        "column S[a]: changes its data type from int64 to string, its values are loaded anew"
    ]


def test_a_model_that_can_not_be_read_gives_no_finding() -> None:
    broken = model("table S\n\t{\n")

    assert data_loss(broken, model(BASE)) == data_loss(model(BASE), broken) == data_loss({}, model(BASE)) == ()


POLICY_TABLE = (
    b"table Sales\n\n\trefreshPolicy\n\t\tpolicyType: basic\n\n\tpartition 2024 = policyRange\n\t\tmode: import\n\n"
    b"\tpartition 2025 = policyRange\n\t\tmode: import\n"
)


def test_an_import_loses_the_partitions_of_a_refresh_policy() -> None:
    live = {"definition/tables/Sales.tmdl": POLICY_TABLE}
    assert [str(found) for found in import_loss(live)] == [
        "table Sales: loses 2 partitions of its refresh policy with their rows"
    ]
    assert (
        import_loss({"definition/tables/Sales.tmdl": b"table Sales\n\n\tpartition Sales = m\n\t\tmode: import\n"}) == ()
    )


def test_partitions_of_a_model_that_can_not_be_read_are_not_taken_for_none() -> None:
    unreadable = {"definition/tables/Sales.tmdl": POLICY_TABLE + b"\t\t\t\tnonsense here\n"}
    (found,) = import_loss(unreadable)
    assert "can't be compared" in found.what
    assert data_loss({}, unreadable) == (found,)
    assert data_loss({}, {"definition/tables/Sales.tmdl": b"table Sales\n\t\t\t\tnonsense here\n"}) == ()


READER = "role Reader\n\tmodelPermission: read\n\n\ttablePermission Sales = [a] = 1\n\n\tmember ann\n"


def access(local: str, live: str = READER, *, table: str = BASE) -> list[str]:
    return found(table, local_extra=local, live_extra=live)


def test_a_model_without_its_last_role_opens_all_rows() -> None:
    opened = "access: the model: loses its last role: all users with read permission see all its data"
    assert access("") == ["access: role Reader: removed with its 1 member", opened]
    assert access("", "role Reader\n\tmodelPermission: read\n") == [opened]


@pytest.mark.parametrize(
    ("local", "losses"),
    [
        (READER.replace("role Reader", "role Readers"), []),
        (READER.replace("role Reader", "role READER"), []),
        (
            READER.replace("role Reader", "role Readers").replace("\n\tmember ann\n", ""),
            ["access: role Reader: loses its member ann, as it is renamed to Readers"],
        ),
        (
            READER.replace("role Reader", "role Readers").replace("[a] = 1", "[a] = 2"),
            ["access: role Reader: removed with its 1 member"],
        ),
        (
            READER.replace("role Reader", "role A") + READER.replace("role Reader", "role B"),
            ["access: role Reader: removed with its 1 member"],
        ),
    ],
)
def test_a_role_is_renamed_only_where_that_is_certain(local: str, losses: list[str]) -> None:
    assert access(local) == losses


def test_power_bi_desktop_knows_a_role_by_its_id() -> None:
    """Also where its filter changes at the same time."""
    live = READER + "\n\tannotation PBI_Id = 7\n"
    assert access(live.replace("role Reader", "role R").replace("[a] = 1", "[a] = 2"), live) == []


@pytest.mark.parametrize("now", ["", " = TRUE()", " = 1 = 1", "\n\t\tmetadataPermission: read\n"])
def test_a_filter_that_goes_opens_a_table(now: str) -> None:
    local = READER.replace(" = [a] = 1", now)
    assert access(local) == ["access: role Reader: no longer filters table Sales"]


def test_a_changed_filter_opens_nothing_and_neither_does_a_table_that_goes() -> None:
    assert access(READER.replace("[a] = 1", "[a] = 2")) == []
    local = READER.replace("\ttablePermission Sales = [a] = 1\n\n", "")
    assert access(local, table="table Other\n\n\tmeasure M = 1\n") == ["data: table Sales: removed with its rows"]


@pytest.mark.parametrize(
    ("permission", "what"),
    [
        ("\t\tmetadataPermission: none\n", "table Sales"),
        ("\t\tcolumnPermission a\n\t\t\tmetadataPermission: none\n", "column Sales[a]"),
        ("\t\tcolumnPermission a = none\n", "column Sales[a]"),
    ],
)
def test_object_level_security_that_goes_opens_what_it_hid(permission: str, what: str) -> None:
    live = f"role Reader\n\tmodelPermission: read\n\n\ttablePermission Sales\n{permission}"
    assert access(live, live) == []
    assert access(live.replace("none", "read"), live) == [f"access: role Reader: no longer hides {what}"]
    assert access("role Reader\n\tmodelPermission: read\n", live) == [f"access: role Reader: no longer hides {what}"]


def test_roles_of_a_model_that_cannot_be_parsed_are_not_lost_unseen() -> None:
    live = {"definition/roles/R.tmdl": b"role R\n\t\t\ttablePermission Sales = 1\n  odd"}
    assert [finding.kind for finding in data_loss(model(BASE), live)] == [ACCESS]


@pytest.mark.parametrize(
    ("before", "after", "losses"),
    [
        (("year", 5), ("year", 5), []),
        (("year", 2), ("month", 24), ["24 x month instead of 2 x year"]),
        (("year", 5), ("year", 2), ["2 x year instead of 5 x year"]),
        (("month", 24), ("year", 2), []),
        (("day", 10), ("quarter", 1), []),
    ],
)
def test_a_shorter_period_of_a_refresh_policy_deletes_the_older_rows(
    before: tuple[str, int], after: tuple[str, int], losses: list[str]
) -> None:
    def table(granularity: str, periods: int) -> str:
        policy = f"\n\trefreshPolicy\n\t\tpolicyType: basic\n\t\trollingWindowGranularity: {granularity}\n"
        return f"{BASE}{policy}\t\trollingWindowPeriods: {periods}\n"

    text = "data: table Sales: its refresh policy keeps {}: a refresh deletes the older rows"
    assert found(table(*after), table(*before)) == [text.format(loss) for loss in losses]
