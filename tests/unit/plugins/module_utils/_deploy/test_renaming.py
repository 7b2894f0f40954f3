# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renames that reuse names end right: in an order, through temporary names, and from wherever a killed run has stopped."""

from __future__ import annotations

import contextlib
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._content import ownership_annotation
from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local

PRUNE: t.Final = DeployOptions.of(bulk_api="never", prune="deployed")
KEEP: t.Final = DeployOptions.of(bulk_api="never")


def logical(number: int) -> str:
    return f"10000000-0000-4000-8000-{number:012d}"


def model(name: str, number: int) -> t.Any:
    """A semantic model whose content is its number."""
    parts = {"definition.pbism": b"{}", "definition/model.tmdl": f"model Model\n\tculture: c-{number}\n".encode()}
    return local(f"{name}.SemanticModel", logical_id=logical(number)).with_parts(parts)


def notebook(name: str, number: int) -> t.Any:
    return local(f"{name}.Notebook", logical_id=logical(number), content_py=str(number))


KINDS: t.Final = pytest.mark.parametrize("kind", [model, notebook])


def deploy(service: FakeWorkspace, options: DeployOptions, *items: t.Any) -> Deployed:
    planned = Deployed(service, desired_of(*items), options)
    assert not planned.run().failed
    return planned


def contents(service: FakeWorkspace) -> dict[str, tuple[str, int]]:
    """The id of each item, and the number that is its content, by its name."""
    found = {}
    for label in service.names():
        texts = b"".join(service.parts(label).values()).decode()
        number = texts.partition("culture: c-")[2].split()[0] if "culture" in texts else texts
        found[label.rpartition(".")[0]] = (service.identity(label), int(number))
    return found


@KINDS
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Alpha", "Beta"], ["Beta", "Gamma"]),
        (["A", "B"], ["B", "A"]),
        (["A", "B", "C"], ["B", "C", "A"]),
        (["A", "B", "C", "D"], ["B", "A", "D", "C"]),
        (["A", "B"], ["b", "a"]),
        (["A"], ["a"]),
        (["A", "B", "C"], ["B", "C", "D"]),
    ],
)
@pytest.mark.parametrize("options", [PRUNE, KEEP])
def test_items_keep_their_ids_and_contents(
    kind: t.Any, before: list[str], after: list[str], options: DeployOptions
) -> None:
    service = FakeWorkspace()
    deploy(service, options, *(kind(name, number) for number, name in enumerate(before)))
    ids = {number: identity for identity, number in contents(service).values()}
    items = [kind(name, number) for number, name in enumerate(after)]
    planned = deploy(service, options, *items)
    assert contents(service) == {name: (ids[number], number) for number, name in enumerate(after)}
    assert [plan.texts for plan in planned.plans] == [[f"renamed from {old}"] for old in before]
    assert set(Deployed(service, desired_of(*items), options).actions.values()) == {"unchanged"}


@KINDS
def test_a_name_of_an_item_that_goes_is_free_at_once(kind: t.Any) -> None:
    """The service reserves the name of a deleted item for minutes: nothing waits for it."""
    service = FakeWorkspace()
    service.emulated.switches.update({"name_reservation": 300.0})
    deploy(service, PRUNE, kind("A", 1), kind("B", 2))
    kept = contents(service)["A"][0]
    planned = deploy(service, PRUNE, kind("B", 1), kind("C", 3))
    assert contents(service) == {"B": (kept, 1), "C": (contents(service)["C"][0], 3)}
    assert 10.0 not in planned.net.clock.slept
    assert service.writes[-1].startswith("delete powerbi_deploy_"), "deletions are last"


def test_a_reserved_name_is_waited_for_when_an_item_is_renamed() -> None:
    service = FakeWorkspace()
    deploy(service, KEEP, notebook("A", 1))
    service.fault(method="PATCH", path="/items/", status=400, code="ItemDisplayNameNotAvailableYet", times=3)
    planned = deploy(service, KEEP, notebook("B", 1))
    assert planned.net.clock.slept.count(10.0) == 3
    assert service.names() == ["B.Notebook"]


@KINDS
def test_an_item_with_a_new_logical_id_takes_the_place_of_that_of_its_name(kind: t.Any) -> None:
    """The folder has no item with the old one: the live item stays, with its links and permissions."""
    service = FakeWorkspace()
    deploy(service, PRUNE, kind("A", 1))
    identity = contents(service)["A"][0]
    planned = deploy(service, PRUNE, kind("A", 2))
    assert contents(service) == {"A": (identity, 2)}
    assert f"takes the place of the item with the logical id {logical(1)}" in planned.plans[0].texts
    assert Deployed(service, desired_of(kind("A", 2)), PRUNE).plans[0].action == "unchanged"
    deploy(service, PRUNE, kind("B", 2))
    assert contents(service) == {"B": (identity, 2)}, "by its new logical id"


@KINDS
def test_a_name_that_an_item_keeps_is_an_error_before_the_first_write(kind: t.Any) -> None:
    service = FakeWorkspace()
    deploy(service, KEEP, kind("A", 1), kind("B", 2))
    service.writes.clear()
    with pytest.raises(ConfigError, match="can't get its name, so nothing was written") as caught:
        Deployed(service, desired_of(kind("B", 1)), KEEP)
    assert contents(service)["B"][0] in caught.value.why
    excluded = desired_of(kind("B", 1), outside=[kind("C", 2)])
    with pytest.raises(ConfigError, match="can't get its name"):
        Deployed(service, excluded, PRUNE)
    assert service.writes == []


def test_what_a_failed_rename_blocks_is_skipped_and_the_rest_goes_on() -> None:
    service = FakeWorkspace()
    deploy(service, PRUNE, *(notebook(name, number) for number, name in enumerate("ABC")))
    service.fault(method="PATCH", path="/items/", status=400, code="Broken", times=1)
    items = [notebook("B", 0), notebook("X", 1), notebook("C", 2), notebook("New", 3)]
    planned = Deployed(service, desired_of(*items), PRUNE)
    outcome = planned.run(stop=False)
    assert [plan.label for plan, _error in outcome.failed] == ["X.Notebook"]
    assert [plan.label for plan in outcome.skipped] == ["B.Notebook"]
    assert service.names() == ["A.Notebook", "B.Notebook", "C.Notebook", "New.Notebook"]
    deploy(service, PRUNE, *items)
    assert service.names() == ["B.Notebook", "C.Notebook", "New.Notebook", "X.Notebook"]


@pytest.mark.parametrize("stop", [True, False])
def test_an_item_with_a_temporary_name_is_named_and_goes_with_the_next_run(stop: bool) -> None:
    service = FakeWorkspace()
    deploy(service, PRUNE, notebook("A", 1), notebook("B", 2))
    service.fault(method="POST", path="/updateDefinition$", status=400, code="Broken", times=1)
    planned = Deployed(service, desired_of(notebook("B", 1).with_parts({"content.py": b"9"})), PRUNE)
    outcome = planned.run(stop=stop)
    assert len(outcome.failed) == 1
    (aside,) = [name for name in service.names() if name.startswith("powerbi_deploy_")]
    assert planned.warned == [f"{aside} has a temporary name until the next run deletes it"]
    kept = [str(text) for text in Deployed(service, desired_of(notebook("A", 1)), KEEP).deployment.plan_warnings()]
    assert any("has a temporary name, which an interrupted run gave it" in text for text in kept)
    deploy(service, PRUNE, notebook("B", 1))
    assert service.names() == ["B.Notebook"]


class KilledError(Exception):
    """The process ends: nothing more is sent."""


def kill_after(planned: Deployed, writes: int) -> None:
    """Let so many writes through."""
    transport, numbers = planned.net.transport, iter(range(1000))
    send = transport.send

    def killed(method: str, url: str, **request: t.Any) -> t.Any:
        if method != "GET" and not url.endswith("/getDefinition") and next(numbers) >= writes:
            raise KilledError
        return send(method, url, **request)

    transport.send = killed  # type: ignore[method-assign]
    with contextlib.suppress(KilledError):
        planned.run()


@given(
    order=st.permutations(range(4)),
    kept=st.integers(1, 4),
    kills=st.lists(st.integers(0, 5), max_size=3),
    kind=st.sampled_from([model, notebook]),
)
@settings(deadline=None, max_examples=40, derandomize=True)
def test_a_killed_run_is_continued_by_the_next(order: list[int], kept: int, kills: list[int], kind: t.Any) -> None:
    service = FakeWorkspace()
    deploy(service, PRUNE, *(kind(name, number) for number, name in enumerate("ABCD")))
    ids = {number: identity for identity, number in contents(service).values()}
    places = list(enumerate(order))[:kept]
    items = [kind("ABCD"[place], number) for number, place in places]
    for kill in kills:
        kill_after(Deployed(service, desired_of(*items), PRUNE, parallel=1), kill)
    deploy(service, PRUNE, *items)
    assert contents(service) == {"ABCD"[place]: (ids[number], number) for number, place in places}
    assert set(Deployed(service, desired_of(*items), PRUNE).actions.values()) == {"unchanged"}


def test_the_annotation_of_a_renamed_item_stays() -> None:
    service = FakeWorkspace()
    deploy(service, KEEP, model("A", 1), model("B", 2))
    deploy(service, KEEP, model("B", 1), model("A", 2))
    owner = ownership_annotation.read(service.parts("B.SemanticModel"))
    assert owner is not None
    assert owner.logical_id == logical(1)
