# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each module under each fault: it ends right or with a clear error, in time, and never makes a thing twice."""

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

API: t.Final = r"^/v1(\.0/myorg)?/"
READS: t.Final = ["GET"]
WRITES: t.Final = ["POST", "PUT", "PATCH", "DELETE"]
BUDGET: t.Final = 8.0  # seconds, the option `retry_timeout`
LONGEST: t.Final = 60.0  # seconds in which every task has ended
EMULATORS: t.Final = 6  # faults hit all requests of an emulator, so this many cells are tried at once
NAME: t.Final = "Made under fire"
SALES: t.Final = "f01de400-0000-4000-8000-000000000001"
FINANCE: t.Final = "f01de400-0000-4000-8000-000000000002"
FOLDERS: t.Final = f"/workspaces/{SALES}/folders"


# What is asked for. ``kind``: a read, a creation whose success can be looked up, a write that may be repeated, or one
# that may not.
@dataclasses.dataclass(frozen=True)
class Operation:
    module: str
    kind: str
    options: t.Mapping[str, t.Any]
    done: t.Callable[[dict[str, t.Any]], bool] = bool


def named(result: dict[str, t.Any], name: str) -> list[dict[str, t.Any]]:
    return [workspace for workspace in result["workspaces"] if workspace["name"] == name]


OPERATIONS: t.Final = {
    "workspace create": Operation("powerbi_workspace", "create", {"name": NAME}),
    "workspace change": Operation(
        "powerbi_workspace",
        "repeatable",
        {"id": SALES, "name": "Sales 2", "description": "New", "capacity": "Contoso F64", "storage_format": "large"},
    ),
    "workspace delete": Operation("powerbi_workspace", "repeatable", {"name": "Sales", "state": "absent"}),
    "access": Operation(
        "powerbi_workspace_access",
        "repeatable",
        {
            "workspace": "Sales",
            "prune": True,
            "principals": [
                {"principal": contoso.MEGAN["upn"], "role": "admin"},
                {"app_id": contoso.DEPLOY.client_id, "role": "admin"},
                {"app_id": contoso.CERTIFICATE_APP.client_id, "role": "viewer"},
            ],
        },
    ),
    "workspace_info": Operation(
        "powerbi_workspace_info", "read", {"details": True}, lambda result: len(result["workspaces"]) == 2
    ),
    "capacity_info": Operation("powerbi_capacity_info", "read", {}, lambda result: len(result["capacities"]) == 1),
    "gateway_info": Operation(
        "powerbi_gateway_info", "read", {"sources": True}, lambda result: len(result["gateways"]) == 2
    ),
    "app_info": Operation("powerbi_app_info", "read", {}, lambda result: len(result["apps"]) == 1),
    "api GET": Operation(
        "powerbi_api", "read", {"path": "/groups", "paginate": True}, lambda result: len(result["entries"]) == 2
    ),
    "api POST": Operation(
        "powerbi_api", "once", {"api": "fabric", "method": "POST", "path": FOLDERS, "body": {"displayName": NAME}}
    ),
}

OK: t.Final = "ok"


@dataclasses.dataclass(frozen=True)
class Fault:
    """``ends``: how each kind of operation ends, "ok" or the kind of its error; kinds that are absent are not tried."""

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
    "429 that says nothing": Fault([{"path": API, "status": 429, "times": 2}], ends(OK)),
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
    (fault, operation)
    for fault, order in FAULTS.items()
    for operation, desired in OPERATIONS.items()
    if desired.kind in order.ends
]


@dataclasses.dataclass(frozen=True)
class Outcome:
    result: dict[str, t.Any]
    seconds: float
    requests: list[dict[str, t.Any]]
    again: dict[str, t.Any]

    @property
    def word(self) -> str:
        return str(self.result["error"]["kind"]) if self.result.get("failed") else OK


def options_for(emulator: Emulator, operation: Operation) -> dict[str, t.Any]:
    """Apps are shown to people alone."""
    app = contoso.identity(contoso.DEPLOY)
    person = contoso.identity(
        contoso.PUBLIC_APP, username=contoso.MEGAN["upn"], password=contoso.MEGAN["password"], auth_method="password"
    )
    who = person if operation.module == "powerbi_app_info" else app
    return {**contoso.connection(emulator), **who, "retry_timeout": BUDGET, "timeout": 5.0, **operation.options}


def attempt(emulator: Emulator, fault: Fault, operation: Operation, cache: Path) -> Outcome:
    """One cell: log in undisturbed, run under the fault, then once more without it."""
    emulator.clean()
    options = options_for(emulator, operation)
    run_module("powerbi_token", {key: options[key] for key in options if key not in operation.options}, cache)
    emulator.tenant(**fault.switches)
    for rule in fault.rules:
        emulator.fault(**rule)
    emulator.clear_requests()
    start = time.monotonic()
    result = run_module(operation.module, {**options, **fault.options}, cache)
    seconds = time.monotonic() - start
    emulator.clear_faults()
    requests = emulator.requests()
    again = run_module(operation.module, options, cache)
    return Outcome(result, seconds, requests, again)


Job = t.TypeVar("Job")
Done = t.TypeVar("Done")


class Arena:
    """Several emulators, so that as many jobs can wait at once: most of their time is waiting."""

    def __init__(self, emulators: t.Sequence[Emulator], folder: Path) -> None:
        self.emulators = emulators
        self._folder = folder

    def each(self, jobs: t.Sequence[Job], work: t.Callable[[Emulator, Path, Job], Done]) -> list[Done]:
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

        with concurrent.futures.ThreadPoolExecutor(len(self.emulators)) as pool:
            return list(pool.map(run, range(len(jobs)), jobs))


@pytest.fixture(scope="module")
def arena(start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena([start_emulator() for dummy in range(EMULATORS)], tmp_path_factory.mktemp("arena"))


@pytest.fixture(scope="module")
def outcomes(arena: Arena) -> dict[tuple[str, str], Outcome]:
    def cell(emulator: Emulator, cache: Path, names: tuple[str, str]) -> Outcome:
        return attempt(emulator, FAULTS[names[0]], OPERATIONS[names[1]], cache)

    return dict(zip(CELLS, arena.each(CELLS, cell), strict=True))


def made(requests: t.Sequence[dict[str, t.Any]], path: str) -> int:
    """How often the service was made to create something: also those whose answer never came."""
    posts = [entry for entry in requests if entry["method"] == "POST" and entry["path"].endswith(path)]
    return sum(
        entry.get("status") in (200, 201) or entry.get("outcome") in ("reset after", "truncated") for entry in posts
    )


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "operation"), CELLS)
def test_cell(fault: str, operation: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    outcome, desired = outcomes[fault, operation], OPERATIONS[operation]
    result = outcome.result
    assert outcome.word == FAULTS[fault].ends[desired.kind], result.get("msg")
    assert outcome.seconds < LONGEST
    if result.get("failed"):
        error = result["error"]
        assert error["what"] and error["remedy"], error
        assert "defect" not in result["msg"] and "Traceback" not in result["msg"]
    else:
        assert desired.done(result)
    assert not any(entry.get("error") == "PowerBIEntityAlreadyExists" for entry in outcome.requests), "made twice"
    assert made(outcome.requests, "/groups") <= 1
    assert made(outcome.requests, "/folders") <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "operation"), CELLS)
def test_the_next_run_puts_it_right(fault: str, operation: str, outcomes: dict[tuple[str, str], Outcome]) -> None:
    outcome, desired = outcomes[fault, operation], OPERATIONS[operation]
    again = outcome.again
    if desired.kind == "once":  # nobody but the user knows whether to ask again
        return
    assert not again.get("failed"), again.get("msg")
    assert desired.done(again)
    if outcome.word == OK and FAULTS[fault].options.get("api_url") is None:
        assert again["changed"] is False


@pytest.mark.slow
def test_the_table_is_printed(
    outcomes: dict[tuple[str, str], Outcome], record_property: t.Callable[[str, object], None]
) -> None:
    width = max(map(len, FAULTS)) + 2
    lines = [" " * width + "".join(f"{name:>17}" for name in OPERATIONS)]
    for fault in FAULTS:
        cells = [outcomes.get((fault, operation)) for operation in OPERATIONS]
        shown = (f"{f'{cell.word} {cell.seconds:.1f}s' if cell else '-':>17}" for cell in cells)
        lines.append(f"{fault:<{width}}{''.join(shown)}")
    record_property(TABLE, "\n".join((f"Modules under faults ({len(outcomes)} cells)", *lines)))
    assert len(outcomes) == len(CELLS)


# --- twenty times by chance ------------------------------------------------------------------------------------------

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


def order_at_random(emulator: Emulator, seed: int) -> None:
    emulator.clean()
    chance = random.Random(seed)
    for dummy in range(8):
        rule = chance.choice(RANDOM_RULES)
        emulator.fault(path=API, skip=chance.randrange(0, 8), times=1, **rule)


def random_tasks() -> list[tuple[str, dict[str, t.Any]]]:
    """Workspaces, who may use them, and a look at everything: module and options each."""
    megan = [{"principal": contoso.MEGAN["upn"], "role": "admin"}]
    return [
        *(("powerbi_workspace", {"name": name, "description": "By chance"}) for name in NAMES),
        *(("powerbi_workspace_access", {"workspace": name, "principals": megan}) for name in NAMES),
        ("powerbi_workspace_info", {"details": True}),
    ]


def check_random(emulator: Emulator, cache: Path, results: t.Sequence[dict[str, t.Any]]) -> None:
    """What failed says why and what to do; nothing was made twice; undisturbed, the same tasks end right."""
    requests = emulator.requests()
    emulator.clear_faults()
    for result in results:
        if result.get("failed"):
            assert result["error"]["kind"] in PROBLEMS, result["msg"]
            assert result["error"]["remedy"], result["msg"]
    assert made(requests, "/groups") <= len(NAMES)
    assert not any(entry.get("error") == "PowerBIEntityAlreadyExists" for entry in requests)
    deploy = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY)}
    for module, options in random_tasks():
        assert not run_module(module, {**deploy, **options}, cache).get("failed")
    seen = run_module("powerbi_workspace_info", {**deploy, "details": True}, cache)
    for name in NAMES:
        (workspace,) = named(seen, name)
        assert workspace["description"] == "By chance"
        assert len(workspace["members"]) == 2


@pytest.mark.slow
def test_random_faults(arena: Arena) -> None:
    def attempt_seed(emulator: Emulator, cache: Path, seed: int) -> int:
        order_at_random(emulator, seed)
        deploy = {**contoso.connection(emulator), **contoso.identity(contoso.DEPLOY), "retry_timeout": 10.0}
        results = [run_module(module, {**deploy, **options}, cache) for module, options in random_tasks()]
        check_random(emulator, cache, results)
        return sum(bool(result.get("failed")) for result in results)

    failures = arena.each(SEEDS, attempt_seed)
    assert sum(failures) < len(SEEDS) * len(random_tasks()) / 4


@pytest.mark.slow
def test_random_faults_in_a_real_run(arena: Arena, ansible: AnsibleRunner, tmp_path: Path) -> None:
    """Each host of the play has an emulator of its own, and bad luck of its own."""
    hosts = {}
    for number, emulator in enumerate(arena.emulators):
        order_at_random(emulator, 100 + number)
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
    for host, emulator in zip(hosts, arena.emulators, strict=True):
        results = [run.result(f"task {number}", host).result for number in range(len(tasks))]
        check_random(emulator, tmp_path, results)
