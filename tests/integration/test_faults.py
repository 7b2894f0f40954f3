# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module under each fault: it ends right or with a clear error, in time, and never creates a thing a second time."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import queue
import random
import tempfile
import time
import typing as t
from pathlib import Path

import pytest

from harness import contoso
from harness.ansible_run import AnsibleRunner
from harness.emulator import Emulator
from harness.in_process import run_module
from harness.summary import TABLE
from module_tasks import MODULE_TASKS, ModuleTask

API: t.Final = r"^/v1(\.0/myorg)?/"
READS: t.Final = ["GET"]
WRITES: t.Final = ["POST", "PUT", "PATCH", "DELETE"]
BUDGET: t.Final = 8.0  # seconds, the option `retry_timeout`
LONGEST: t.Final = 60.0  # seconds in which every task has ended
EMULATORS: t.Final = 6  # faults hit all requests of an emulator, so this many cells are tried at once


def named(result: dict[str, t.Any], name: str) -> list[dict[str, t.Any]]:
    return [workspace for workspace in result["workspaces"] if workspace["name"] == name]


OK: t.Final = "ok"


@dataclasses.dataclass(frozen=True)
class Fault:
    """``ends``: how each kind of task ends, "ok" or the kind of its error; kinds that are absent are not tried."""

    rules: t.Sequence[t.Mapping[str, t.Any]]
    ends: t.Mapping[str, str]
    options: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    switches: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)


def ends(outcome: str, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(("read", "create", "repeatable", "once"), outcome), **others}


def writes(create: str, repeatable: str, once: str) -> dict[str, str]:
    return {"create": create, "repeatable": repeatable, "once": once}


EXPIRED: t.Final = {"error": {"code": "TokenExpired", "message": "Access token has expired, resubmit with a new one"}}

FAULTS: t.Final = {
    "429 storm": Fault([{"path": API, "status": 429, "headers": {"Retry-After": "1"}, "times": 2}], ends(OK)),
    "429 without Retry-After": Fault([{"path": API, "status": 429, "times": 2}], ends(OK)),
    "429 for an hour": Fault([{"path": API, "status": 429, "headers": {"Retry-After": "3392"}}], ends("throttled")),
    "503, come back": Fault([{"path": API, "status": 503, "headers": {"Retry-After": "1"}, "times": 1}], ends(OK)),
    "503 on reads": Fault([{"path": API, "method": READS, "status": 503, "times": 2}], ends(OK)),
    "503 on a write": Fault(
        [{"path": API, "method": WRITES, "status": 503, "times": 1}], writes("throttled", OK, "throttled")
    ),
    "503 after it acted": Fault(
        [{"path": API, "method": WRITES, "status": 503, "acted": True, "times": 1}], writes(OK, OK, "throttled")
    ),
    "500 after it acted": Fault(
        [{"path": API, "method": WRITES, "status": 500, "acted": True, "times": 1}], writes(OK, OK, "api")
    ),
    "500 for ever": Fault([{"path": API, "status": 500}], ends("api"), {"retry_timeout": 1.0}),
    "reset of reads": Fault([{"path": API, "method": READS, "reset": "before", "times": 2}], ends(OK)),
    "reset before a write": Fault(
        [{"path": API, "method": WRITES, "reset": "before", "times": 1}], writes("transport", OK, "transport")
    ),
    "reset after a write": Fault(
        [{"path": API, "method": WRITES, "reset": "after", "times": 1}], writes(OK, OK, "transport")
    ),
    "reset after the second write": Fault(
        [{"path": API, "method": WRITES, "reset": "after", "skip": 1, "times": 1}], {"repeatable": OK}
    ),
    "truncated reads": Fault([{"path": API, "method": READS, "truncate": True, "times": 2}], ends(OK)),
    "truncated write": Fault(
        [{"path": API, "method": WRITES, "truncate": True, "times": 1}], writes(OK, OK, "transport")
    ),
    "slow bytes": Fault([{"path": API, "method": READS, "drip": 20, "times": 1}], ends(OK), {"timeout": 1.0}),
    "slow bytes for ever": Fault([{"path": API, "drip": 20}], ends("transport"), {"timeout": 0.5, "retry_timeout": 1}),
    "no answer to a write": Fault(
        [{"path": API, "method": WRITES, "delay": 1.5, "times": 1}],
        writes("transport", OK, "transport"),
        {"timeout": 1.0},
    ),
    "token refused in the middle": Fault(
        [{"path": API, "status": 403, "body": EXPIRED, "skip": 1, "times": 1}], ends(OK)
    ),
    "token refused at first": Fault([{"path": API, "status": 403, "body": EXPIRED, "times": 1}], ends(OK)),
    "the clock jumps ahead": Fault([], ends(OK), switches={"clock_skew": 7200}),
    "no such host": Fault([], ends("transport"), {"api_url": "https://api.powerbi.invalid"}),
    "a web page": Fault(
        [{"path": API, "status": 200, "body": "<html>Sign in to the hotel's network</html>"}], ends("transport")
    ),
    "null for everything": Fault([{"path": API, "status": 200, "body": "null"}], ends("transport", once=OK)),
}
CELLS: t.Final = [
    (fault, name) for fault, order in FAULTS.items() for name, task in MODULE_TASKS.items() if task.kind in order.ends
]


def brief(cells: t.Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """What `make test` has of them: each fault meets each kind of task, each module every third fault at least."""
    chosen, faults, names = set(), list(FAULTS), list(MODULE_TASKS)
    for fault in faults:
        for kind in ("read", "create", "repeatable", "once"):
            own = [name for one, name in cells if one == fault and MODULE_TASKS[name].kind == kind]
            if own:
                chosen.add((fault, own[faults.index(fault) % len(own)]))
    thirds = {cell for cell in cells if (faults.index(cell[0]) + names.index(cell[1])) % 3 == 0}
    return chosen | thirds


BRIEF: t.Final = brief(CELLS)
EXTENTS: t.Final = [pytest.param(*cell, marks=[] if cell in BRIEF else pytest.mark.more) for cell in CELLS]


@dataclasses.dataclass(frozen=True)
class Outcome:
    result: dict[str, t.Any]
    seconds: float
    requests: list[dict[str, t.Any]]
    again: dict[str, t.Any]

    @property
    def ending(self) -> str:
        return str(self.result["error"]["kind"]) if self.result.get("failed") else OK


def options_for(emulator: Emulator, task: ModuleTask) -> dict[str, t.Any]:
    """Apps are shown to people alone."""
    app = contoso.identity(contoso.DEPLOY)
    person = contoso.identity(
        contoso.PUBLIC_APP, username=contoso.MEGAN["upn"], password=contoso.MEGAN["password"], auth_method="password"
    )
    who = person if task.module == "powerbi_app_info" else app
    return {**contoso.connection(emulator), **who, "retry_timeout": BUDGET, "timeout": 5.0, **task.options}


def attempt(emulator: Emulator, fault: Fault, task: ModuleTask, cache: Path) -> Outcome:
    """One cell: log in without a fault, run with it, then once more without it."""
    emulator.clean()
    options = options_for(emulator, task)
    login = {key: options[key] for key in options if key not in task.options}
    run_module("powerbi_token", login, cache)
    if task.setup is not None:
        assert not run_module("powerbi_item", {**login, **task.setup}, cache).get("failed")
    emulator.tenant(**fault.switches)
    for rule in fault.rules:
        emulator.fault(**rule)
    emulator.clear_requests()
    start = time.monotonic()
    result = run_module(task.module, {**options, **fault.options}, cache)
    seconds = time.monotonic() - start
    emulator.clear_faults()
    requests = emulator.requests()
    again = run_module(task.module, options, cache / "next-run")
    return Outcome(result, seconds, requests, again)


Job = t.TypeVar("Job")
Done = t.TypeVar("Done")


class EmulatorPool:
    """Several emulators, so that as many jobs can wait at once: most of their time is waiting."""

    def __init__(self, emulators: t.Sequence[Emulator], folder: Path) -> None:
        self.emulators = emulators
        self._folder = folder

    def map(self, work: t.Callable[[Emulator, Path, Job], Done], jobs: t.Sequence[Job]) -> list[Done]:
        """``work(emulator, cache, job)`` for each job, in their order; each with an emulator of its own meanwhile."""
        idle: queue.Queue[Emulator] = queue.Queue()
        for emulator in self.emulators:
            idle.put(emulator)

        def run(number: int, job: Job) -> Done:
            emulator = idle.get()
            try:
                with tempfile.TemporaryDirectory(prefix=f"{number}-", dir=self._folder) as cache:
                    return work(emulator, Path(cache), job)
            finally:
                idle.put(emulator)

        with concurrent.futures.ThreadPoolExecutor(len(self.emulators)) as executor:
            return list(executor.map(run, range(len(jobs)), jobs))


@pytest.fixture(scope="module")
def pool(start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory) -> EmulatorPool:
    return EmulatorPool([start_emulator() for dummy in range(EMULATORS)], tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, pool: EmulatorPool) -> dict[tuple[str, str], Outcome]:
    """Of the cells that the session has selected."""
    selected = {(item.callspec.params["fault"], item.callspec.params["name"]) for item in cell_items(request.session)}
    cells = [cell for cell in CELLS if cell in selected]

    def cell(emulator: Emulator, cache: Path, names: tuple[str, str]) -> Outcome:
        return attempt(emulator, FAULTS[names[0]], MODULE_TASKS[names[1]], cache)

    return dict(zip(cells, pool.map(cell, cells), strict=True))


def cell_items(session: pytest.Session) -> list[t.Any]:
    tests = (test_cell, test_the_next_run_ends_right)
    return [item for item in session.items if getattr(item, "function", None) in tests]


def creations(requests: t.Sequence[dict[str, t.Any]], path: str) -> int:
    """How often the service created something, also where the response never arrived."""
    posts = [entry for entry in requests if entry["method"] == "POST" and entry["path"].endswith(path)]
    return sum(
        entry.get("status") in (200, 201) or entry.get("outcome") in ("reset after", "truncated") for entry in posts
    )


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "name"), EXTENTS)
def test_cell(fault: str, name: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    outcome, task = outcomes[fault, name], MODULE_TASKS[name]
    result = outcome.result
    assert outcome.ending == FAULTS[fault].ends[task.kind], result.get("msg")
    assert outcome.seconds < LONGEST
    if result.get("failed"):
        error = result["error"]
        assert error["what"] and error["remedy"], error
        assert "defect" not in result["msg"] and "Traceback" not in result["msg"]
    else:
        assert task.is_complete(result)
    assert not any(entry.get("error") == "PowerBIEntityAlreadyExists" for entry in outcome.requests), (
        "a duplicate was created"
    )
    assert creations(outcome.requests, "/groups") <= 1
    assert creations(outcome.requests, "/folders") <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "name"), EXTENTS)
def test_the_next_run_ends_right(fault: str, name: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    outcome, task = outcomes[fault, name], MODULE_TASKS[name]
    again = outcome.again
    if task.kind == "once":  # only the user knows whether to send it again
        return
    assert not again.get("failed"), again.get("msg")
    assert task.is_complete(again)
    if outcome.ending == OK and FAULTS[fault].options.get("api_url") is None:
        assert again["changed"] is False


@pytest.mark.slow
def test_the_table_is_printed(
    request: pytest.FixtureRequest,
    outcomes: dict[tuple[str, str], Outcome],
    record_property: t.Callable[[str, object], None],
) -> None:
    width = max(map(len, FAULTS)) + 2
    lines = [" " * width + "".join(f"{name:>17}" for name in MODULE_TASKS)]
    for fault in FAULTS:
        cells = [outcomes.get((fault, name)) for name in MODULE_TASKS]
        shown = (f"{f'{cell.ending} {cell.seconds:.1f}s' if cell else '-':>17}" for cell in cells)
        lines.append(f"{fault:<{width}}{''.join(shown)}")
    record_property(TABLE, "\n".join((f"Modules under faults ({len(outcomes)} cells)", *lines)))
    assert outcomes or not cell_items(request.session)


def test_the_brief_choice_has_each_fault_module_and_kind() -> None:
    assert {fault for fault, _name in BRIEF} == set(FAULTS)
    assert {name for _fault, name in BRIEF} == set(MODULE_TASKS)
    kinds = {(fault, MODULE_TASKS[name].kind) for fault, name in CELLS}
    assert {(fault, MODULE_TASKS[name].kind) for fault, name in BRIEF} == kinds


# --- twenty seeds of random faults ------------------------------------------------------------------------------------------

SEEDS: t.Final = range(20)
RANDOM_RULES: t.Final = (
    {"status": 429, "headers": {"Retry-After": "0.1"}},
    {"status": 503, "headers": {"Retry-After": "0.1"}},
    {"status": 503},
    {"status": 500, "acted": True},
    {"reset": "before"},
    {"reset": "after"},
    {"truncate": True},
    {"status": 403, "body": EXPIRED},
)
NAMES: t.Final = [f"Random {number}" for number in range(3)]
PROBLEMS: t.Final = {"api", "transport", "throttled", "forbidden", "config"}


def add_random_faults(emulator: Emulator, seed: int) -> None:
    emulator.clean()
    chance = random.Random(seed)
    for dummy in range(8):
        rule = chance.choice(RANDOM_RULES)
        emulator.fault(path=API, skip=chance.randrange(0, 8), times=1, **rule)


def random_tasks() -> list[tuple[str, dict[str, t.Any]]]:
    """Workspaces, who may use them, and a list of everything: module and options each."""
    megan = [{"principal": contoso.MEGAN["upn"], "role": "admin"}]
    return [
        *(("powerbi_workspace", {"name": name, "description": "Random"}) for name in NAMES),
        *(("powerbi_workspace_access", {"workspace": name, "principals": megan}) for name in NAMES),
        ("powerbi_workspace_info", {"details": True}),
    ]


def check_random(emulator: Emulator, cache: Path, results: t.Sequence[dict[str, t.Any]]) -> None:
    """Each failure has a cause and a remedy; nothing was created a second time; without faults, the same tasks succeed."""
    requests = emulator.requests()
    emulator.clear_faults()
    for result in results:
        if result.get("failed"):
            assert result["error"]["kind"] in PROBLEMS, result["msg"]
            assert result["error"]["remedy"], result["msg"]
    assert creations(requests, "/groups") <= len(NAMES)
    assert not any(entry.get("error") == "PowerBIEntityAlreadyExists" for entry in requests)
    deploy = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY)}
    for module, options in random_tasks():
        assert not run_module(module, {**deploy, **options}, cache).get("failed")
    seen = run_module("powerbi_workspace_info", {**deploy, "details": True}, cache)
    for name in NAMES:
        (workspace,) = named(seen, name)
        assert workspace["description"] == "Random"
        assert len(workspace["members"]) == 2


@pytest.mark.slow
def test_random_faults(pool: EmulatorPool) -> None:
    def attempt_seed(emulator: Emulator, cache: Path, seed: int) -> int:
        add_random_faults(emulator, seed)
        deploy = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY), "retry_timeout": 10.0}
        results = [run_module(module, {**deploy, **options}, cache) for module, options in random_tasks()]
        check_random(emulator, cache, results)
        return sum(bool(result.get("failed")) for result in results)

    failures = pool.map(attempt_seed, SEEDS)
    assert sum(failures) < len(SEEDS) * len(random_tasks()) / 4


@pytest.mark.slow
def test_random_faults_in_a_real_run(pool: EmulatorPool, ansible: AnsibleRunner, tmp_path: Path) -> None:
    """Each host of the play has an emulator and random faults of its own."""
    hosts = {}
    for number, emulator in enumerate(pool.emulators):
        add_random_faults(emulator, 100 + number)
        variables = {name.removeprefix("POWERBI_").lower(): value for name, value in emulator.env.items()}
        hosts[f"h{number}"] = {**variables, "ansible_connection": "local"}
    options = ("tenant_id", "client_id", "client_secret", "authority", "api_url", "ca_path")
    tasks = [
        {"name": f"task {number}", f"community.powerbi.{module}": options, "ignore_errors": True}
        for number, (module, options) in enumerate(random_tasks())
    ]
    defaults = {
        "group/community.powerbi.powerbi": {name: f"{{{{ {name} }}}}" for name in options} | {"retry_timeout": 10}
    }
    play = {"hosts": "all", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}
    run = ansible.playbook([play], inventory={"all": {"hosts": hosts}}, args=["-f", str(len(hosts))]).ok()
    assert "Traceback" not in run.output
    for host, emulator in zip(hosts, pool.emulators, strict=True):
        results = [run.result(f"task {number}", host).result for number in range(len(tasks))]
        check_random(emulator, tmp_path, results)
