# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs what, and in which order it runs."""

from __future__ import annotations

import json
import random

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.graph import Graph, ReadyQueue, build
from ansible_collections.community.powerbi.plugins.module_utils._content.item import LocalItem
from ansible_collections.community.powerbi.plugins.module_utils._content.references import references

IDS = [f"6f1f3c1e-6a4b-4a86-9c35-2f3b6f2f7d{number:02}" for number in range(50)]


def item(name: str, item_type: str = "Notebook", *, logical_id: str = "", path: str = "", **parts: bytes) -> LocalItem:
    path = path or f"{name}.{item_type}"
    named = {key.replace("__", "."): data for key, data in parts.items()}
    return LocalItem(item_type, name, "definition", f"/{path}", path, logical_id=logical_id, parts=named)


def report(name: str, reference: dict[str, object], path: str = "") -> LocalItem:
    return item(name, "Report", path=path, definition__pbir=json.dumps({"datasetReference": reference}).encode())


def chain(*needs: tuple[int, ...]) -> Graph:
    """Items numbered from 0, each with the numbers it needs, said by logical ids."""
    items = [
        item(str(number), logical_id=IDS[number], body__json=" ".join(IDS[other] for other in desired).encode())
        for number, desired in enumerate(needs)
    ]
    graph, problems = build(items)
    assert problems == ()
    return graph


def test_a_report_needs_the_model_of_its_path() -> None:
    model = item("Sales", "SemanticModel", path="F/Sales.SemanticModel")
    one = report("A", {"byPath": {"path": "../Sales.SemanticModel"}}, "F/A.Report")
    graph, problems = build([one, model])

    assert problems == ()
    assert graph.needed_by(one) == (model,)
    assert graph.needs == (frozenset({1}), frozenset())


def test_a_report_by_name_needs_the_model_beside_it_and_by_id_one_elsewhere() -> None:
    model = item("Sales", "SemanticModel")
    named = report("A", {"byConnection": {"connectionString": "initial catalog=sales"}})
    far = report(
        "B", {"byConnection": {"connectionString": 'Data Source="powerbi://x/v1.0/myorg/W";initial catalog=Sales'}}
    )
    by_id = report("C", {"byConnection": {"pbiModelDatabaseName": IDS[1]}})
    other = report("D", {"byConnection": {"connectionString": "data source=asazure://x/s;initial catalog=Sales"}})
    graph, dummy = build([named, far, by_id, model, other])

    assert graph.needed_by(named) == (model,)
    assert graph.needed_by(other) == graph.external[4] == ()
    assert [reference.binding.workspace for reference in graph.external[1]] == ["W"]
    assert [reference.binding.model_id for reference in graph.external[2]] == [IDS[1]]


def test_a_paginated_report_needs_the_model_that_its_data_source_names() -> None:
    rdl = (
        b'<Report xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition" xmlns:rd="urn:rd">'
        b"<DataSources><DataSource><ConnectionProperties><DataProvider>PBIDATASET</DataProvider><ConnectString>"
        b"Data Source=pbiazure://api.powerbi.com/</ConnectString></ConnectionProperties>"
        b"<rd:PowerBIDatasetName>Sales</rd:PowerBIDatasetName></DataSource></DataSources></Report>"
    )
    letter, model = item("L", "PaginatedReport", L__rdl=rdl), item("Sales", "SemanticModel")

    assert [found.target for found in references(letter, [letter, model])] == [model]


def test_logical_ids_are_dependencies_once_and_never_of_oneself() -> None:
    first = item("A", logical_id=IDS[0], a__json=IDS[0].encode())
    second = item("B", logical_id=IDS[1], a__json=f"{IDS[0].upper()} {IDS[0]}".encode(), b__json=IDS[0].encode())

    assert references(first, [first, second]) == ()
    assert [(found.how, found.target) for found in references(second, [first, second])] == [("logical id", first)]


def test_what_is_left_out_or_said_elsewhere() -> None:
    model, one = item("Sales", "SemanticModel"), report("A", {"byPath": {"path": "../Sales.SemanticModel"}})
    graph, dummy = build([one], [model])

    assert graph.needs == (frozenset(),)
    assert [reference.target for reference in graph.external[0]] == [model]
    other = item("N")
    assert build([one, other], [model], {one: [other]})[0].needs[0] == {1}


def test_a_cycle_is_reported_with_its_path() -> None:
    items = [item(str(n), logical_id=IDS[n], b__json=IDS[(n + 1) % 3].encode()) for n in range(3)]
    items.append(item("3", logical_id=IDS[3], b__json=IDS[0].encode()))
    dummy, problems = build(items)

    assert [problem.what for problem in problems] == [
        "these items form a cycle: 0.Notebook -> 1.Notebook -> 2.Notebook -> 0.Notebook"
    ]
    with pytest.raises(ValueError, match="cycle"):
        ReadyQueue(build(items)[0])


def taken(queue: ReadyQueue) -> list[str]:
    names = []
    while (found := queue.take()) is not None:
        names.append(found.display_name)
    return names


def test_what_waits_longest_comes_first_and_things_become_ready() -> None:
    # 0 stands alone, 1 <- 2 <- 4 and 3 <- 4.
    graph = chain((), (), (1,), (), (2, 3))
    queue = ReadyQueue(graph)

    assert taken(queue) == ["1", "3", "0"]
    queue.done(graph.items[3])
    assert taken(queue) == []
    queue.done(graph.items[1])
    assert taken(queue) == ["2"]
    queue.done(graph.items[2])
    assert taken(queue) == ["4"]
    assert not queue.finished
    queue.done(graph.items[4])
    queue.done(graph.items[0])
    assert queue.finished


def test_the_chain_that_takes_longest_comes_first_however_many_items_it_has() -> None:
    # 0 <- 1 <- 2 <- 3 take 4 s in all, 4 <- 5 take 12 s, and 6 is unchanged.
    graph = chain((), (0,), (1,), (2,), (), (4,), ())
    seconds = dict(zip(graph.items, (1.0, 1.0, 1.0, 1.0, 11.0, 1.0, 0.0), strict=True))
    queue = ReadyQueue(graph, seconds.__getitem__)

    assert [queue.chain(graph.items[place]) for place in (0, 3, 4, 5, 6)] == [4.0, 4.0, 12.0, 12.0, 0.0]
    assert taken(queue) == ["4", "0", "6"]


def test_a_failure_skips_what_needs_it_and_nothing_else() -> None:
    graph = chain((), (0,), (1,), (), (3,), (2, 4))
    queue = ReadyQueue(graph)

    assert taken(queue) == ["0", "3"]
    assert [skipped.display_name for skipped in queue.failed(graph.items[0])] == ["1", "2", "5"]
    queue.done(graph.items[3])
    assert taken(queue) == ["4"]
    queue.done(graph.items[4])
    assert taken(queue) == []
    assert queue.finished


def test_abandoning_leaves_only_what_runs() -> None:
    graph = chain((), (), (0,))
    queue = ReadyQueue(graph)
    running = queue.take()

    assert running is graph.items[0]
    assert [left.display_name for left in queue.abandon()] == ["1", "2"]
    assert taken(queue) == []
    queue.done(running)
    assert taken(queue) == []
    assert queue.finished


def test_only_what_runs_can_end() -> None:
    graph = chain((), (0,))
    queue = ReadyQueue(graph)

    with pytest.raises(ValueError, match="isn't running"):
        queue.done(graph.items[1])


@pytest.mark.parametrize("seed", range(5))
def test_every_item_runs_once_and_after_its_dependencies(seed: int) -> None:
    dice = random.Random(seed)
    graph = chain(*(tuple(sorted(dice.sample(range(number), min(number, dice.randrange(3))))) for number in range(40)))
    queue, running, done = ReadyQueue(graph), [], []
    while not queue.finished:
        found = queue.take() if len(running) < 4 else None
        if found is not None:
            assert all(needed in done for needed in graph.needed_by(found))
            running.append(found)
        else:
            done.append(running.pop(dice.randrange(len(running))))
            queue.done(done[-1])
    assert sorted(done, key=id) == sorted(graph.items, key=id)
