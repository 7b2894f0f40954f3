# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Owners are read of live items whose owner nothing else shows, and of no others."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content import ownership_annotation
from ansible_collections.community.powerbi.plugins.module_utils._content.ownership_annotation import Ownership
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local

LOGICAL = "10000000-0000-4000-8000-000000000001"
TMDL = b"model Model\n\tculture: en-US\n"
PRUNE = DeployOptions.of(bulk_api="never", prune="deployed")


def parts(owner: Ownership | None = None) -> dict[str, bytes]:
    found = {"definition.pbism": b"{}", "definition/model.tmdl": TMDL}
    return found if owner is None else ownership_annotation.write(found, owner)


def model(name: str, logical_id: str = "") -> t.Any:
    return local(f"{name}.SemanticModel", logical_id=logical_id).with_parts(parts())


def reads(planned: Deployed) -> int:
    return sum("getDefinition" in url for url in planned.net.urls)


def test_an_item_with_a_local_one_is_read_once_and_no_other_without_need() -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Sales", parts=parts(Ownership(logical_id=LOGICAL)))
    for name in ("Foreign", "Other"):
        service.add("SemanticModel", name, parts=parts())
    planned = Deployed(service, desired_of(model("Sales", LOGICAL)))
    assert planned.actions == {"Sales.SemanticModel": "unchanged"}
    assert reads(planned) == 1


def test_a_local_item_without_a_live_one_may_be_a_renamed_one() -> None:
    service = FakeWorkspace()
    identity = service.add("SemanticModel", "Old", parts=parts(Ownership(logical_id=LOGICAL)))
    service.add("Report", "Old", parts={"definition/report.json": b"{}"})
    planned = Deployed(service, desired_of(model("New", LOGICAL)))
    (plan,) = planned.plans
    assert plan.live is not None
    assert plan.live.id == identity
    assert plan.texts == ["renamed from Old"]
    assert reads(planned) == 1, "the live model, for its owner and for the comparison; the report is of another type"


def test_two_of_one_origin_are_ambiguous() -> None:
    service = FakeWorkspace()
    ids = [service.add("SemanticModel", name, parts=parts(Ownership(logical_id=LOGICAL))) for name in "AB"]
    with pytest.raises(ConfigError, match=r"2 items of the workspace were deployed from New\.SemanticModel") as caught:
        Deployed(service, desired_of(model("New", LOGICAL)))
    assert all(identity in caught.value.why for identity in ids)
    assert service.writes == []


@pytest.mark.parametrize(
    ("owner", "deleted"),
    [
        (None, False),
        (Ownership(logical_id=LOGICAL), True),
        (Ownership("another deployment"), False),
        (Ownership(item_id="20000000-0000-4000-8000-000000000002"), False),
    ],
)
def test_pruning_follows_the_annotation(owner: Ownership | None, deleted: bool) -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Old", parts=parts(owner))
    service.add("SemanticModel", "Sales", parts=parts())
    planned = Deployed(service, desired_of(model("Sales")), PRUNE)
    assert ("delete" in planned.actions.values()) == deleted


def test_what_can_not_be_read_has_no_owner_and_causes_a_warning() -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Old", parts=parts(Ownership()))
    service.fault(path="/getDefinition$", status=403, code="InsufficientPrivileges", times=1)
    planned = Deployed(service, desired_of(local("A.Notebook", content_py="1")), PRUNE)
    assert planned.actions == {"A.Notebook": "create"}
    (warning,) = [text for text in planned.deployment.plan_warnings() if "Old.SemanticModel" in str(text)]
    assert "no deployment owns" in str(warning)


def test_protected_items_are_not_read() -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Old", parts=parts(Ownership()))
    options = DeployOptions.of(bulk_api="never", prune="deployed", protect=["old.*"])
    planned = Deployed(service, desired_of(local("A.Notebook", content_py="1")), options)
    assert planned.actions == {"A.Notebook": "create"}
    assert reads(planned) == 0


def spoiled(found: t.Mapping[str, bytes]) -> dict[str, bytes]:
    """As another tool leaves it: the annotation ends in the middle."""
    return {path: data.replace(b'"default"', b'"defau') for path, data in found.items()}


def test_a_damaged_annotation_of_a_deployed_item_is_replaced_in_the_same_run() -> None:
    service = FakeWorkspace()
    identity = service.add("SemanticModel", "Sales", parts=spoiled(parts(Ownership(logical_id=LOGICAL))))
    planned = Deployed(service, desired_of(model("Sales", LOGICAL)))
    assert [plan.texts for plan in planned.plans] == [["the damaged ownership annotation is replaced"]]
    (warning,) = [str(text) for text in planned.deployment.plan_warnings()]
    assert warning.startswith("the ownership annotation of Sales.SemanticModel can't be read")
    assert not planned.run().failed
    assert ownership_annotation.read(service.parts("Sales.SemanticModel")) == Ownership(
        logical_id=LOGICAL, item_id=identity
    )
    again = Deployed(service, desired_of(model("Sales", LOGICAL)))
    assert (again.actions, again.deployment.plan_warnings()) == ({"Sales.SemanticModel": "unchanged"}, [])


def test_a_damaged_annotation_in_a_description_is_replaced_in_the_same_run() -> None:
    service = FakeWorkspace()
    service.add("Notebook", "N", f"Mine [powerbi_deploy {LOGICAL[:20]}", {"content.py": b"1"})
    desired = desired_of(local("N.Notebook", content_py="1", logical_id=LOGICAL))
    planned = Deployed(service, desired)
    assert [plan.texts for plan in planned.plans] == [
        ["the damaged ownership annotation in the description is replaced"]
    ]
    assert len(planned.deployment.plan_warnings()) == 1
    planned.run()
    assert service.item("N.Notebook").description == f"Mine [powerbi_deploy {LOGICAL}]"
    assert service.writes == ["describe N.Notebook"]
    assert Deployed(service, desired).actions == {"N.Notebook": "unchanged"}


def test_without_annotations_a_damaged_one_in_a_definition_is_left_alone() -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Sales", parts=spoiled(parts(Ownership(logical_id=LOGICAL))))
    planned = Deployed(
        service, desired_of(model("Sales", LOGICAL)), DeployOptions.of(bulk_api="never", ownership_annotation="never")
    )
    assert planned.actions == {"Sales.SemanticModel": "unchanged"}


def test_what_has_a_damaged_annotation_is_not_pruned_and_warned_of_once() -> None:
    service = FakeWorkspace()
    service.add("SemanticModel", "Old", parts=spoiled(parts(Ownership(logical_id=LOGICAL))))
    service.add("Notebook", "Old", f"[powerbi_deploy {LOGICAL[:-1]}]")
    service.add("Report", "Old", parts={"definition/report.json": b"{}"})
    planned = Deployed(service, desired_of(model("Sales", LOGICAL)), PRUNE)
    assert planned.actions == {"Sales.SemanticModel": "create"}
    warnings = [str(text) for text in planned.deployment.plan_warnings()]
    assert [text.partition(" can't be read")[0] for text in warnings] == [
        "the ownership annotation of Old.SemanticModel",
        "the ownership annotation of Old.Notebook",
    ]
    assert all("Delete it by hand, or deploy an item of its name" in text for text in warnings)


def test_the_bulk_api_reads_all_of_an_unchanged_workspace_at_once() -> None:
    service = FakeWorkspace()
    service.emulated.switches.update({"bulk_definitions": True})
    models = [model(f"M{number}", f"10000000-0000-4000-8000-{number:012d}") for number in range(30)]
    options = DeployOptions.of(prune="deployed")
    assert not Deployed(service, desired_of(*models), options).run().failed
    again = Deployed(service, desired_of(*models), options)
    assert not again.deployment.changed
    assert [url.rpartition("/")[2].partition("?")[0] for url in again.net.urls] == [
        "items",
        "folders",
        "bulkExportDefinitions",
    ]


A, B, C = (f"10000000-0000-4000-8000-{number:012d}" for number in (1, 2, 3))
SELF = "its own id"


class Live(t.NamedTuple):
    """A semantic model. ``item_id`` in the annotation: none, its own, or that of another item."""

    name: str
    logical_id: str = ""
    item_id: str = ""
    deployment: str = "default"
    source: str = ""


def matched(
    live: list[Live], folder: dict[str, str], options: DeployOptions, outside: dict[str, str]
) -> dict[str, str | None]:
    """The name of the live item of each local one, by its name, or raises. ``folder``: logical ids by names."""
    service = FakeWorkspace()
    for one in live:
        identity = service.add("SemanticModel", one.name)
        if one.logical_id or one.deployment != "default":
            item_id = identity if one.item_id == SELF else one.item_id
            owner = Ownership(one.deployment, one.logical_id, item_id, one.source)
            service.put(f"{one.name}.SemanticModel", parts(owner))
        else:
            service.put(f"{one.name}.SemanticModel", parts())
    desired = desired_of(
        *(model(name, logical_id) for name, logical_id in folder.items()),
        outside=[model(name, logical_id) for name, logical_id in outside.items()],
    )._replace(source="here")
    planned = Deployed(service, desired, options)
    found: dict[str, str | None] = {}
    for plan in planned.plans:
        name = plan.local.display_name if plan.local else "deleted"
        found[name] = plan.before[0].name if plan.before else None
    return found


NONE = DeployOptions.of(bulk_api="never")
TAKE = DeployOptions.of(bulk_api="never", take_ownership=True)
NAMED = DeployOptions.of(bulk_api="never", deployment="mine", prune="deployed")
PROTECT = DeployOptions.of(bulk_api="never", prune="deployed", protect=["Copy.*"])


@pytest.mark.parametrize(
    ("live", "folder", "options", "expected"),
    [
        ([], {"X": A}, NONE, {"X": None}),
        ([Live("X")], {"X": A}, NONE, {"X": "X"}),
        ([Live("x")], {"X": ""}, NONE, {"X": "x"}),
        ([Live("X", A)], {"Y": A}, NONE, {"Y": "X"}),
        ([Live("X", A), Live("Y", B)], {"X": B, "Y": A}, NONE, {"X": "Y", "Y": "X"}),
        ([Live("X", A), Live("Y", B)], {"Y": A, "Z": B}, PRUNE, {"Y": "X", "Z": "Y"}),
        ([Live("X", A), Live("Y", B, source="here")], {"Y": A}, PRUNE, {"Y": "X", "deleted": "Y"}),
        ([Live("X", A), Live("Y", B)], {"Y": A}, PRUNE, "Y.SemanticModel can't get its name"),
        ([Live("X", A), Live("Old", B)], {"Y": A}, PRUNE, {"Y": "X"}),
        ([Live("X", A)], {"X": B}, NONE, {"X": "X"}),
        ([Live("X", A)], {"X": B, "Y": A}, NONE, {"X": None, "Y": "X"}),
        ([Live("X", A, SELF), Live("Copy", A)], {"X": A}, PRUNE, {"X": "X"}),
        ([Live("X", A, SELF), Live("Copy", A)], {"Y": A}, PRUNE, {"Y": "X"}),
        ([Live("X", A, SELF), Live("Copy", A, B)], {"Y": A}, PRUNE, {"Y": "X"}),
        ([Live("X", A, B)], {"Y": A}, NONE, {"Y": None}),
        ([Live("X", A, B)], {"X": A}, NONE, {"X": "X"}),
        ([Live("X", A), Live("Copy", A)], {"X": A}, PROTECT, {"X": "X"}),
        ([Live("X", A), Live("Copy", A)], {"X": A}, NONE, {"X": "X"}),
        ([Live("X", A), Live("Old", B)], {"X": A}, NAMED, ConfigError),
        ([Live("X", A, deployment="mine"), Live("Old", B)], {"X": A}, NAMED, {"X": "X"}),
        (
            [Live("X", A, deployment="mine"), Live("Old", B, deployment="mine")],
            {"X": A},
            NAMED,
            {"X": "X", "deleted": "Old"},
        ),
        ([Live("X", A, deployment="mine", source="there")], {"Y": A}, NAMED, {"Y": "X"}),
        ([Live("X", A, source="there")], {"Y": A}, NONE, {"Y": "X"}),
        ([Live("X", B, source="here")], {"X": A}, NONE, {"X": "X"}),
        ([Live("X", B, source="there")], {"X": A}, TAKE, {"X": "X"}),
        ([Live("X", A, deployment="other")], {"X": A}, TAKE, {"X": "X"}),
        ([Live("X", A, deployment="other")], {"Y": A}, PRUNE, {"Y": None}),
        ([Live("X", A), Live("Y", B, source="there")], {"X": A}, NONE, {"X": "X"}),
        (
            [Live("X", B, source="there")],
            {"X": A},
            NONE,
            "X.SemanticModel would overwrite an item of another deployment or folder",
        ),
        ([Live("X", A, deployment="other")], {"X": A}, NONE, "would overwrite an item of another deployment or folder"),
        ([Live("X", A), Live("Copy", A)], {"X": A}, PRUNE, "2 items of the workspace were deployed from X"),
        ([Live("One", A), Live("Two", A)], {"X": A}, NONE, "2 items of the workspace were deployed from X"),
        ([Live("One", B), Live("Two", B)], {"X": A}, PRUNE, "2 items of the workspace were deployed from one item"),
        (
            [Live("Old", B, source="there")],
            {"X": A},
            PRUNE,
            "another folder was deployed to the workspace under the name",
        ),
        (
            [Live("X", A, deployment="other"), Live("Y", B, source="there")],
            {"X": A, "Y": C},
            NONE,
            "2 items can't be matched with those of the workspace, so nothing was written",
        ),
    ],
)
def test_who_is_who(live: list[Live], folder: dict[str, str], options: DeployOptions, expected: t.Any) -> None:
    if isinstance(expected, dict):
        assert matched(live, folder, options, {}) == expected
        return
    message = expected if isinstance(expected, str) else "would overwrite"
    with pytest.raises(ConfigError, match=message):
        matched(live, folder, options, {})


@pytest.mark.parametrize(
    ("live", "folder", "outside", "expected"),
    [
        ([Live("X", A), Live("Y", B)], {"X": A}, {"Y": B}, {"X": "X"}),
        ([Live("X", A), Live("Y", B)], {"X": A}, {"Z": B}, {"X": "X"}),
        ([Live("Y", B), Live("Z", A)], {"X": A}, {"Y": B}, {"X": "Z"}),
        ([Live("X", A)], {"X": A}, {"Copy of X": A}, {"X": "X"}),
    ],
)
def test_what_the_patterns_exclude_is_matched_and_not_deleted(
    live: list[Live], folder: dict[str, str], outside: dict[str, str], expected: dict[str, str]
) -> None:
    assert matched(live, folder, PRUNE, outside) == expected


@pytest.mark.parametrize(("source", "number"), [("", 0), ("here", 0), ("there", 1)])
def test_a_rename_of_an_item_from_another_folder_causes_a_warning(source: str, number: int) -> None:
    """The folder may have another name now, or be a copy of the other one."""
    service = FakeWorkspace()
    identity = service.add("SemanticModel", "North", parts=parts(Ownership(logical_id=A, source=source)))
    planned = Deployed(service, desired_of(model("South", A))._replace(source="here"))
    warnings = [str(text) for text in planned.deployment.plan_warnings()]
    assert len(warnings) == number
    assert all(identity in text and "'default' from there" in text for text in warnings)
    assert planned.plans[0].texts == ["renamed from North"]
