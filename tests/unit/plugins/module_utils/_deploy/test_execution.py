# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a plan: the order of what depends on each other, failures, and answers that get lost."""

from __future__ import annotations

import time
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.powerbi.plugins.module_utils._deploy.options import DeployOptions
from ansible_collections.community.powerbi.plugins.module_utils._errors import TransportError
from fakes.workspace import Deployed, FakeWorkspace, desired_of, local

OURS = "[powerbi_deploy]"


def notebook(number: int | str, **more: t.Any) -> t.Any:
    return local(f"{number}.Notebook", **more, content_py="one")


@given(
    edges=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14),
    parallel=st.integers(1, 4),
    broken=st.one_of(st.none(), st.integers(0, 7)),
    stop=st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_nothing_is_written_before_what_it_needs_nor_without_it(
    edges: set[tuple[int, int]], parallel: int, broken: int | None, stop: bool
) -> None:
    """Edges lead from an item to one of a lower number that it needs."""
    items = [notebook(number) for number in range(8)]
    needs = {item: [items[low] for high, low in edges if high == number > low] for number, item in enumerate(items)}
    service = FakeWorkspace()
    planned = Deployed(service, desired_of(*items, needs=needs), parallel=parallel)
    if broken is not None:
        service.fault(method="POST", path="/items$", status=400, code="Broken", skip=broken)
    outcome = planned.run(stop=stop)
    order = [int(write.split()[1].split(".")[0]) for write in service.writes]
    assert len(order) == len(set(order))
    for place, number in enumerate(order):
        assert {int(need.display_name) for need in needs[items[number]]} <= set(order[:place])
    failed = [plan for plan, _error in outcome.failed]
    seen = [*outcome.done, *failed, *outcome.skipped]
    assert sorted(id(plan) for plan in seen) == sorted(id(plan) for plan in planned.plans), "each is reported once"
    assert {plan.label for plan in outcome.done} == {write.split()[1] for write in service.writes}
    assert bool(planned.notified) is bool(outcome.done)
    if broken is None:
        assert not failed and not outcome.skipped
    service.clear_faults()
    assert not Deployed(service, desired_of(*items, needs=needs)).run().failed
    assert service.names() == sorted(str(item) for item in items)


def test_a_failed_item_takes_its_dependents_with_it_and_the_others_go_on() -> None:
    first, second, third, other = (notebook(name) for name in ("A", "B", "C", "D"))
    service = FakeWorkspace()
    planned = Deployed(
        service, desired_of(first, second, third, other, needs={second: [first], third: [second]}), parallel=1
    )
    service.fault(method="POST", path="/items$", status=400, times=1)  # the first of the longest chain comes first
    outcome = planned.run(stop=False)
    assert [plan.label for plan, _error in outcome.failed] == ["A.Notebook"]
    assert sorted(plan.label for plan in outcome.skipped) == ["B.Notebook", "C.Notebook"]
    assert service.names() == ["D.Notebook"]
    report = planned.deployment.report(outcome)
    assert (report["created"], report["skipped_items"]) == (["D.Notebook"], ["B.Notebook", "C.Notebook"])
    assert [one["item"] for one in report["failed_items"]] == ["A.Notebook"]
    error = planned.deployment.failure(outcome)
    assert str(error).startswith("A.Notebook could not be deployed: POST ")
    assert "1 written, 2 not started" in str(error)
    assert error.results["failed_items"] == report["failed_items"]
    assert "failed_items" not in error.to_dict()


@pytest.mark.parametrize("parallel", [1, 2])
def test_stop_begins_no_item_after_the_first_failure(parallel: int) -> None:
    service = FakeWorkspace()
    planned = Deployed(service, desired_of(*map(notebook, range(20))), parallel=parallel)
    service.fault(method="POST", path="/items$", status=400, code="Broken")
    outcome = planned.run(stop=True)
    assert 1 <= len(outcome.failed) <= parallel
    assert outcome.done == [] and len(outcome.failed) + len(outcome.skipped) == 20
    report = planned.deployment.report(outcome)
    shown = [*report["skipped_items"], *(one["item"] for one in report["failed_items"])]
    assert sorted(shown) == sorted(planned.actions), "each is reported once"
    assert report["created"] == []


def test_stop_creates_nothing_after_one_failure() -> None:
    service = FakeWorkspace()
    planned = Deployed(service, desired_of(*map(notebook, range(5))), parallel=1)
    service.fault(method="POST", path="/items$", status=400, code="Broken", times=1)
    assert len(planned.run(stop=True).skipped) == 4
    assert service.names() == []


@pytest.mark.parametrize(("stop", "left"), [(True, 5), (False, 1)])
def test_stop_deletes_nothing_after_a_deletion_that_failed(stop: bool, left: int) -> None:
    service = FakeWorkspace()
    for number in range(5):
        service.add("Notebook", f"Old {number}", OURS)
    options = DeployOptions.of(bulk_api="never", prune="deployed")
    planned = Deployed(service, desired_of(), options, parallel=1)
    service.fault(method="DELETE", path="/items/", status=403, times=1)
    outcome = planned.run(stop=stop)
    assert len(outcome.failed) == 1 and len(outcome.skipped) == left - 1
    assert len(service.names()) == left


@pytest.mark.parametrize("stop", [True, False])
def test_nothing_is_deleted_after_a_failure(stop: bool) -> None:
    service = FakeWorkspace()
    service.add("Notebook", "Old", OURS)
    options = DeployOptions.of(bulk_api="never", prune="deployed")
    planned = Deployed(service, desired_of(notebook("A")), options)
    assert planned.actions == {"A.Notebook": "create", "Old.Notebook": "delete"}
    service.fault(method="POST", path="/items$", status=400, times=1)
    outcome = planned.run(stop=stop)
    assert [plan.label for plan in outcome.skipped] == ["Old.Notebook"]
    assert service.names() == ["Old.Notebook"]
    assert not Deployed(service, desired_of(notebook("A")), options).run(stop=stop).failed
    assert service.names() == ["A.Notebook"]


def test_reports_are_deleted_before_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, however long one takes."""
    service = FakeWorkspace()
    for label in ("A.SemanticModel", "B.SemanticModel", "C.Report", "D.Report"):
        service.add(label[2:], label[0], OURS)
    deployed = Deployed(service, desired_of(), DeployOptions.of(bulk_api="never", prune="deployed"))
    transport, slow = deployed.net.transport, service.identity("D.Report")
    send = transport.send

    def slowly(method: str, url: str, **request: t.Any) -> t.Any:
        if method == "DELETE" and url.endswith(slow):
            time.sleep(0.1)
        return send(method, url, **request)

    monkeypatch.setattr(transport, "send", slowly)
    deployed.run()
    assert service.writes[:2] == ["delete C.Report", "delete D.Report"]
    assert sorted(service.writes[2:]) == ["delete A.SemanticModel", "delete B.SemanticModel"]


class TestFolders:
    def test_parents_come_first_and_each_once(self) -> None:
        service = FakeWorkspace()
        Deployed(service, desired_of(notebook("A", folder="X/Y/Z"), notebook("B", folder="X/Y"))).run()
        assert service.writes[:3] == ["folder X", "folder Y", "folder Z"]
        assert Deployed(service, desired_of(notebook("C", folder="X/W"))).run().done
        assert service.writes[-2:] == ["folder W", "create C.Notebook"]

    @pytest.mark.parametrize("status", [500, 409])
    def test_one_whose_answer_got_lost_is_found(self, status: int) -> None:
        service = FakeWorkspace()
        service.fault(method="POST", path="/folders$", status=status, acted=True, times=1)
        assert not Deployed(service, desired_of(notebook("A", folder="X"))).run().failed
        assert service.writes == ["folder X", "create A.Notebook"]

    def test_without_them_nothing_is_begun(self) -> None:
        service = FakeWorkspace()
        service.add("Notebook", "Old", OURS)
        items = [notebook("A", folder="X"), notebook("B")]
        planned = Deployed(service, desired_of(*items), DeployOptions.of(bulk_api="never", prune="deployed"))
        service.fault(method="POST", path="/folders$", status=403, times=1)
        outcome = planned.run(stop=False)
        assert [plan.label for plan, _error in outcome.failed] == ["A.Notebook"]
        assert sorted(plan.label for plan in outcome.skipped) == ["B.Notebook", "Old.Notebook"]
        assert service.writes == []


class TestLostAnswers:
    """A creation is repeated only if it did not happen; what it made is taken and given its content."""

    @pytest.mark.parametrize("acted", [True, False])
    def test_of_a_creation(self, acted: bool) -> None:
        service = FakeWorkspace()
        service.fault(method="POST", path="/items$", status=500, acted=acted, times=1)
        planned = Deployed(service, desired_of(notebook("A")))
        assert not planned.run().failed
        assert service.names() == ["A.Notebook"]
        assert service.writes == (["create A.Notebook", "update A.Notebook"] if acted else ["create A.Notebook"])
        assert not Deployed(service, desired_of(notebook("A"))).deployment.changed

    def test_of_a_creation_that_never_gets_through(self) -> None:
        service = FakeWorkspace()
        service.fault(method="POST", path="/items$", status=500)
        ((_plan, error),) = Deployed(service, desired_of(notebook("A"))).run().failed
        assert error.status == 500 and service.writes == []

    @pytest.mark.parametrize("fault", [{}, {"status": 409, "code": "Conflict"}, {"status": 403}])
    def test_are_none_if_the_service_refuses_a_name_that_another_client_has_taken(
        self, fault: dict[str, t.Any]
    ) -> None:
        """An item of that name which appears after the plan was made is not overwritten."""
        service = FakeWorkspace()
        planned = Deployed(service, desired_of(notebook("A")))
        service.add("Notebook", "A", "of another", {"content.py": b"other"})
        if fault:
            service.fault(method="POST", path="/items$", times=1, **fault)
        ((_plan, error),) = planned.run().failed
        assert service.writes == [] and service.parts("A.Notebook") == {"content.py": b"other"}
        if fault.get("status") != 403:
            assert error.code == "ItemDisplayNameAlreadyInUse"
            assert "which was not there when the plan was made. Remedy: run the task again" in str(error)

    def test_of_a_creation_whose_repetition_finds_the_name_taken(self) -> None:
        """The item shows late: after the lists that follow the lost response."""
        service = FakeWorkspace()
        planned = Deployed(service, desired_of(notebook("A")))
        service.fault(method="POST", path="/items$", status=500, acted=True, times=1)
        service.fault(method="GET", path="/items$", status=200, body={"value": []}, times=3)
        assert not planned.run().failed
        assert service.writes == ["create A.Notebook", "update A.Notebook"]

    def test_of_a_conflict_that_ends(self) -> None:
        service = FakeWorkspace()
        planned = Deployed(service, desired_of(notebook("A")))
        service.fault(method="POST", path="/items$", status=409, code="WorkspacePreviousOperationInProgress", times=2)
        assert not planned.run().failed
        assert service.writes == ["create A.Notebook"]

    def test_of_one_that_never_left(self) -> None:
        service = FakeWorkspace()
        error = TransportError("refused", sent=False, retryable=False)
        service.unreachable["/items$"] = error
        planned = Deployed(service, desired_of(notebook("A")))
        requested = len(planned.net.urls)
        outcome = planned.run()
        assert [one for _plan, one in outcome.failed] == [error]
        assert len(planned.net.urls) == requested + 1, "what can't have happened is not looked for"

    def test_a_name_that_is_still_reserved_is_waited_for(self) -> None:
        service = FakeWorkspace()
        service.fault(method="POST", path="/items$", status=400, code="ItemDisplayNameNotAvailableYet", times=3)
        planned = Deployed(service, desired_of(notebook("A")))
        assert not planned.run().failed
        assert planned.net.clock.slept.count(10.0) == 3

    def test_but_not_for_ever(self) -> None:
        service = FakeWorkspace()
        service.fault(method="POST", path="/items$", status=400, code="ItemDisplayNameNotAvailableYet")
        planned = Deployed(service, desired_of(notebook("A")))
        began = planned.net.clock.monotonic()
        assert [error.code for _plan, error in planned.run().failed] == ["ItemDisplayNameNotAvailableYet"]
        assert planned.net.clock.monotonic() - began == pytest.approx(60.0, abs=10.0)


def test_the_plan_states_when_items_began_and_what_they_waited_for() -> None:
    model, report = notebook("model"), notebook("report")
    service = FakeWorkspace()
    planned = Deployed(service, desired_of(model, report, needs={report: [model]}), parallel=1)
    clock, post = planned.net.clock, planned.deployment.live.items.create

    def slow(*arguments: t.Any) -> t.Any:
        clock.now += 2.0
        return post(*arguments)

    planned.deployment.live.items.create = slow  # type: ignore[method-assign]
    planned.run()
    shown = {plan["name"]: plan for plan in planned.deployment.report(None)["plan"]}
    assert (shown["model"]["begin"], shown["model"]["seconds"], shown["model"]["waits"]) == (0.0, 2.0, [])
    assert (shown["report"]["begin"], shown["report"]["seconds"]) == (2.0, 2.0)
    assert shown["report"]["waits"] == [{"kind": "dependency", "what": "model.Notebook", "seconds": 2.0}]
