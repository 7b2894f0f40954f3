# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that mean harm: no module takes a token to another host, hangs, or makes code of a name."""

from __future__ import annotations

import dataclasses
import gzip
import json
import ssl
import time
import typing as t
import uuid
from pathlib import Path

import pytest
import trustme
import yaml

import powerbi_emulator
from fakes.servers import Connection, Request, Server
from harness import contoso
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.in_process import run_module

LONGEST: t.Final = 60.0  # seconds in which every task has ended
MEGABYTE: t.Final = 1024 * 1024

# Each module's task, by a name for the test.
TASKS: t.Final[dict[str, tuple[str, dict[str, t.Any]]]] = {
    "workspace": ("powerbi_workspace", {"name": "Sales", "description": "x", "capacity": "Contoso F64"}),
    "workspace absent": ("powerbi_workspace", {"name": "Sales", "state": "absent"}),
    "access": (
        "powerbi_workspace_access",
        {"workspace": "Sales", "principals": [{"principal": "megan@contoso.example", "role": "viewer"}]},
    ),
    "workspace_info": ("powerbi_workspace_info", {"details": True}),
    "capacity_info": ("powerbi_capacity_info", {}),
    "gateway_info": ("powerbi_gateway_info", {"sources": True}),
    "app_info": ("powerbi_app_info", {}),
    "api GET": ("powerbi_api", {"path": "/groups"}),
    "api list": ("powerbi_api", {"path": "/workspaces", "api": "fabric", "paginate": True}),
    "api POST": ("powerbi_api", {"path": "/workspaces", "api": "fabric", "method": "POST", "body": {}}),
}
LISTS: t.Final = ("workspace_info", "capacity_info", "gateway_info", "app_info", "api list")


@dataclasses.dataclass(frozen=True)
class Arena:
    """The emulator that gives tokens, and a CA (``ca_path`` has it, too) for servers that the client would trust."""

    emulator: Emulator
    context: ssl.SSLContext
    ca_path: Path
    cache: Path

    def run(self, task: str, api_url: str, **more: t.Any) -> dict[str, t.Any]:
        """The task's result with the API at ``api_url``; it must be there in time, and no defect of ours."""
        module, options = TASKS[task]
        there = {**contoso.connection(self.emulator), "api_url": api_url, "ca_path": str(self.ca_path)}
        times = {"retry_timeout": 3.0, "timeout": 5.0}
        start = time.monotonic()
        result = run_module(
            module, {**there, **contoso.identity(contoso.DEPLOY), **times, **options, **more}, self.cache
        )
        assert time.monotonic() - start < LONGEST
        assert "defect" not in str(result.get("msg")), result["msg"]
        return result


@pytest.fixture(scope="module")
def arena(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    folder = tmp_path_factory.mktemp("hostile")
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    bundle = folder / "bundle.pem"
    bundle.write_bytes(emulator.ca_path.read_bytes() + ca.cert_pem.bytes())
    emulator.clean()
    return Arena(emulator, context, bundle, folder)


@pytest.fixture
def thief(arena: Arena) -> t.Iterator[Server]:
    """Another host, whose certificate is good: it answers everything, and remembers what it was sent."""

    def behave(server: Server, connection: Connection) -> None:
        while request := connection.request():
            server.requests.append(request)
            connection.answer(200, b'{"value": []}')

    with Server(behave, arena.context) as server:
        yield server


class HostileApi(Server):
    """An API whose every answer comes from ``answer(request)``: status, body, headers. At ``url``."""

    def __init__(self, arena: Arena, answer: t.Callable[[Request], tuple[int, bytes, dict[str, str]]]) -> None:
        def behave(server: Server, connection: Connection) -> None:
            while request := connection.request():
                server.requests.append(request)
                status, body, headers = answer(request)
                connection.answer(status, body, **headers)

        super().__init__(behave, arena.context)
        self.url = f"https://localhost:{self.port}"


def url(server: Server) -> str:
    return f"https://localhost:{server.port}"


def message(result: dict[str, t.Any]) -> str:
    """What a failed task says."""
    assert result.get("failed"), result
    error = result["error"]
    assert error["what"] and error["remedy"], error
    return str(result["msg"])


# --- to other hosts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("task", TASKS)
def test_a_redirect_to_another_host(task: str, status: int, arena: Arena, thief: Server) -> None:
    with HostileApi(arena, lambda _request: (status, b"{}", {"Location": url(thief) + "/v1.0/myorg/groups"})) as api:
        result = arena.run(task, api.url)
    assert "Refused to go" in message(result)
    assert thief.connections == 0


LINKS: t.Final = ("continuationUri", "@odata.nextLink", "nextLink")


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("task", LISTS)
def test_a_list_that_goes_on_at_another_host(task: str, link: str, arena: Arena, thief: Server) -> None:
    """What the link asks for is asked for, but of the own host alone."""

    def answer(request: Request) -> tuple[int, bytes, dict[str, str]]:
        body: dict[str, t.Any] = {"value": []}
        if "token=stolen" not in request.target:
            body[link] = f"{url(thief)}/v1/somewhere?token=stolen"
        return 200, json.dumps(body).encode(), {}

    with HostileApi(arena, answer) as api:
        result = arena.run(task, api.url)
        assert not result.get("failed"), result
        assert any("token=stolen" in request.target for request in api.requests)
        assert not any("somewhere" in request.target for request in api.requests)
    assert thief.connections == 0


def test_an_operation_at_another_host(arena: Arena, thief: Server) -> None:
    operation = str(uuid.uuid4())
    elsewhere = f"{url(thief)}/v1/operations/{operation}"

    def answer(request: Request) -> tuple[int, bytes, dict[str, str]]:
        if request.method == "POST":
            return 202, b"null", {"Location": elsewhere, "x-ms-operation-id": operation, "Retry-After": "1"}
        if request.target.endswith("/result"):
            return 200, b'{"id": "made"}', {}
        return 200, b'{"status": "Succeeded"}', {"Location": f"{elsewhere}/result"}

    with HostileApi(arena, answer) as api:
        result = arena.run("api POST", api.url)
        assert [request.target for request in api.requests][1:] == [
            f"/v1/operations/{operation}",
            f"/v1/operations/{operation}/result",
        ]
    assert result["json"] == {"id": "made"}
    assert thief.connections == 0


def test_an_operation_whose_id_is_a_path(arena: Arena, thief: Server) -> None:
    def answer(request: Request) -> tuple[int, bytes, dict[str, str]]:
        if request.method == "POST":
            return 202, b"null", {"x-ms-operation-id": f"../../{url(thief)}/?a=b#c"}
        return 200, b'{"status": "Succeeded"}', {}

    with HostileApi(arena, answer) as api:
        arena.run("api POST", api.url)
        assert all(request.target.startswith("/v1/operations/..%2F") for request in api.requests[1:])
    assert thief.connections == 0


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_download_is_followed_without_the_token(status: int, arena: Arena, thief: Server, tmp_path: Path) -> None:
    """Where the service keeps its files is its own affair; the address carries the right to read it."""
    with HostileApi(arena, lambda _request: (status, b"", {"Location": f"{url(thief)}/blob?sig=x"})) as api:
        result = arena.run("api GET", api.url, dest=str(tmp_path / "file"))
    assert not result.get("failed"), result
    assert (tmp_path / "file").read_bytes() == b'{"value": []}'
    (request,) = thief.requests
    assert "authorization" not in request.headers
    assert "eyJ" not in json.dumps(request.headers) + request.target


@pytest.mark.parametrize("location", ["http://localhost:1/blob", "file:///etc/passwd", "https://", "//", "\\\\host\\x"])
def test_a_download_is_not_led_astray(location: str, arena: Arena, tmp_path: Path) -> None:
    with HostileApi(arena, lambda _request: (302, b"", {"Location": location})) as api:
        message(arena.run("api GET", api.url, dest=str(tmp_path / "file")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["https://{thief}/v1.0/myorg/groups", "//{thief}/groups", "@{thief}/groups"])
def test_a_path_that_is_another_hosts_url(path: str, arena: Arena, thief: Server) -> None:
    """Paths are often put together from what other tasks returned."""
    with HostileApi(arena, lambda _request: (404, b"{}", {})) as api:
        message(arena.run("api GET", api.url, path=path.format(thief=f"localhost:{thief.port}")))
    assert thief.connections == 0


# --- without measure ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["workspace", "access", "workspace_info", "capacity_info", "api GET"])
def test_a_body_without_measure(task: str, arena: Arena) -> None:
    """100 MB: it is given up early, not read to its end."""
    sent = 0

    def behave(_server: Server, connection: Connection) -> None:
        nonlocal sent
        while connection.request():
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MEGABYTE))
            for dummy in range(100):
                connection.send(b" " * MEGABYTE)
                sent += MEGABYTE

    with Server(behave, arena.context) as api:
        assert "larger than 64 MiB" in message(arena.run(task, url(api)))
    assert sent <= 80 * MEGABYTE


def test_a_body_that_grows_when_it_is_unpacked(arena: Arena) -> None:
    bomb = gzip.compress(b" " * (100 * MEGABYTE), compresslevel=1)
    with HostileApi(arena, lambda _request: (200, bomb, {"Content-Encoding": "gzip"})) as api:
        assert "larger than 64 MiB" in message(arena.run("api GET", api.url))


def test_a_download_of_any_size_arrives(arena: Arena, tmp_path: Path) -> None:
    with HostileApi(arena, lambda _request: (200, b"x" * (100 * MEGABYTE), {})) as api:
        result = arena.run("api GET", api.url, dest=str(tmp_path / "file"))
    assert result["size"] == (tmp_path / "file").stat().st_size == 100 * MEGABYTE


def endless(kind: str) -> t.Callable[[Request], tuple[int, bytes, dict[str, str]]]:
    count = 0

    def answer(request: Request) -> tuple[int, bytes, dict[str, str]]:
        nonlocal count
        count += 1
        entries = [] if kind.startswith("empty") else [{"id": str(uuid.UUID(int=1)), "name": "again"}]
        token = {"empty pages": f"token-{count}", "the same page": None}.get(kind, "again")
        body = {"value": entries, **({"continuationToken": token} if token else {})}
        return 200, json.dumps(body).encode(), {}

    return answer


@pytest.mark.parametrize("kind", ["empty pages", "empty page again", "the same continuation"])
@pytest.mark.parametrize("task", ["capacity_info", "api list"])
def test_pages_without_end(task: str, kind: str, arena: Arena) -> None:
    with HostileApi(arena, endless(kind)) as api:
        assert "does not end" in message(arena.run(task, api.url))
        assert len(api.requests) < 300


def test_a_page_that_comes_whatever_is_skipped(arena: Arena) -> None:
    with HostileApi(arena, endless("the same page")) as api:
        assert "does not end" in message(arena.run("workspace_info", api.url, details=False))
        assert len(api.requests) == 2


# --- not what it should be ------------------------------------------------------------------------------------------

GARBAGE: t.Final = {
    "no UTF-8": b'{"value": [{"id": "\xff\xfe"}]}',
    "UTF-16": '{"value": []}'.encode("utf-16"),
    "a text": b'"value"',
    "a list of texts": b'{"value": ["a", "b"]}',
    "entries that are lists": b'{"value": [[1], [2]]}',
    "deeply nested": b"[" * 100_000,
    "cut": b'{"value": [{"id": ',
    "XML": b"<?xml version='1.0'?><a/>",
    "numbers without measure": b'{"value": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("task", LISTS)
def test_garbage(task: str, garbage: str, arena: Arena) -> None:
    with HostileApi(arena, lambda _request: (200, GARBAGE[garbage], {})) as api:
        assert "GET /" in message(arena.run(task, api.url))


@pytest.mark.parametrize("task", ["workspace", "access", *LISTS[:4]])
@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"id": None, "name": None},
        {"id": 7, "name": ["x"], "capacityId": {}, "isOnDedicatedCapacity": "yes"},
        {"id": "../../admin", "name": "Sales"},
        {"ID": "x", "NAME": "Sales", "users": [{"identifier": 5, "groupUserAccessRight": None}]},
    ],
)
def test_entries_of_other_types(task: str, entry: dict[str, t.Any], arena: Arena) -> None:
    """No traceback, and no request to a path that an id made up: what is not an id stays one segment."""
    answered = json.dumps({"value": [entry]}).encode()

    def answer(request: Request) -> tuple[int, bytes, dict[str, str]]:
        return 200, answered if "skip=0" in request.target or "skip" not in request.target else b'{"value": []}', {}

    with HostileApi(arena, answer) as api:
        arena.run(task, api.url)
        assert not any("/admin" in request.target for request in api.requests)


def test_the_services_text_is_one_printable_line(arena: Arena) -> None:
    text = "red \x1b[31m text\r\nok: [localhost] \u202e \x00 " + "x" * 100_000
    body = json.dumps({"error": {"code": "Bad\x1b[0m\nCode", "message": text}}).encode()
    with HostileApi(arena, lambda _request: (400, body, {"RequestId": "id\x1b[31m"})) as api:
        told = message(arena.run("api GET", api.url))
    assert told.isprintable()
    assert len(told) < 3000


# --- names are names ------------------------------------------------------------------------------------------------

NAMES: t.Final = [
    "it's",
    "a \"quote\" and 'another'",
    "a/b\\c?d#e",
    "50% & more+",
    "ü 😀 ☃ é",
    "{{ 1 + 1 }}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# nothing #} here",
    "{{ lookup('ansible.builtin.pipe', 'touch PLACE/pwned') }}",
    "x' or 1 eq 1 or 'x",
    "- !unsafe [a, b]: &c",
    "$(touch PLACE/pwned) `touch PLACE/pwned`",
    "{{ hostvars | to_json }}",
]


def hostile_seed(place: Path) -> tuple[Path, list[str]]:
    """A tenant in which everything has a name of that kind; the pipe's is also that of capacity, gateway and app."""
    names = [name.replace("PLACE", str(place)) for name in NAMES]
    deploy, pipe = [{"principal": "Ansible Deploy", "role": "Admin"}], names[8]
    seed = yaml.safe_load((Path(powerbi_emulator.__file__).parent / "default_seed.yaml").read_text(encoding="utf-8"))
    seed["workspaces"] = [
        {"id": f"f01de400-0000-4000-8000-0000000001{number:02}", "name": name, "description": name, "members": deploy}
        for number, name in enumerate(names)
    ]
    seed["capacities"][0]["display_name"] = seed["gateways"][0]["name"] = seed["powerbi_apps"][0]["name"] = pipe
    for workspace in seed["workspaces"][:1]:
        workspace["members"] = [*deploy, {"principal": contoso.MEGAN["upn"], "role": "Viewer"}]
    path = place / "seed.yaml"
    path.write_text(yaml.safe_dump(seed), encoding="utf-8")
    return path, names


PLAY: t.Final = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: workspaces
      community.powerbi.powerbi_workspace_info: {details: true}
      register: found
    - name: capacities
      community.powerbi.powerbi_capacity_info:
      register: capacities
    - name: gateways
      community.powerbi.powerbi_gateway_info: {sources: true}
      register: gateways
    - name: raw
      community.powerbi.powerbi_api: {path: /groups}
      register: raw
    - name: used in a text
      ansible.builtin.debug: {msg: "Found {{ found.workspaces | map(attribute='name') | join(', ') }}"}
    - name: kept as facts
      ansible.builtin.set_fact:
        names: "{{ found.workspaces | map(attribute='name') }}"
        raw_names: "{{ raw.json.value | map(attribute='name') }}"
        capacity: "{{ capacities.capacities[0].name }}"
        gateway: "{{ gateways.gateways[-1].name }}"
    - name: facts used
      ansible.builtin.debug:
        msg: {names: "{{ names }}", raw: "{{ raw_names }}", capacity: "{{ capacity }}", gateway: "{{ gateway }}"}
    - name: found by name again
      community.powerbi.powerbi_workspace_info: {workspace: "{{ item.name }}"}
      loop: "{{ found.workspaces }}"
      loop_control: {label: "{{ item.id }}"}
    - name: unchanged
      community.powerbi.powerbi_workspace: {name: "{{ item }}", description: "{{ item }}"}
      loop: "{{ names }}"
    - name: access by name
      community.powerbi.powerbi_workspace_access:
        workspace: "{{ item }}"
        principals: [{principal: megan.bowen@contoso.onmicrosoft.com, role: viewer}]
      loop: "{{ names }}"
    - name: made by name
      community.powerbi.powerbi_workspace: {name: "New {{ item }}", capacity: "{{ capacity }}"}
      loop: "{{ names }}"
      register: made
    - name: refused
      community.powerbi.powerbi_workspace_access: {workspace: "No {{ item }}", principals: []}
      loop: "{{ names }}"
      register: refused
      ignore_errors: true
    - name: refusals used
      ansible.builtin.debug: {msg: "{{ refused.results | map(attribute='msg') }}"}
    - name: absent
      community.powerbi.powerbi_workspace: {name: "{{ item.workspace.name }}", state: absent}
      loop: "{{ made.results }}"
"""


@pytest.fixture(scope="module")
def names_run(
    start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, list[str], Path]:
    place = tmp_path_factory.mktemp("names")
    seed, names = hostile_seed(place)
    emulator = start_emulator(seed=seed)
    run = AnsibleRunner(place).playbook(PLAY, env=emulator.env, diff=True, verbosity=2, timeout=250).ok()
    return run, names, place


def test_nothing_was_run(names_run: tuple[Run, list[str], Path]) -> None:
    assert not (names_run[2] / "pwned").exists()


def test_names_come_as_they_are_and_stay_so(names_run: tuple[Run, list[str], Path]) -> None:
    run, names, _place = names_run
    shown = [workspace["name"] for workspace in run.result("workspaces")["workspaces"]]
    assert shown == sorted(names)
    assert run.result("used in a text")["msg"] == "Found " + ", ".join(sorted(names))
    facts = run.result("facts used")["msg"]
    assert facts["names"] == sorted(names)
    assert sorted(facts["raw"]) == sorted(names)
    assert facts["capacity"] == facts["gateway"] == names[8]


def test_each_is_found_by_its_name(names_run: tuple[Run, list[str], Path]) -> None:
    run, names, _place = names_run
    found = [item["workspaces"] for item in run.items("found by name again")]
    assert [[workspace["name"] for workspace in one] for one in found] == [[name] for name in sorted(names)]
    assert not any(item.changed for item in run.items("unchanged"))
    assert [item.changed for item in run.items("access by name")].count(False) == 1


def test_each_can_be_made_and_deleted(names_run: tuple[Run, list[str], Path]) -> None:
    run, names, _place = names_run
    assert [item["workspace"]["name"] for item in run.items("made by name")] == [
        f"New {name}" for name in sorted(names)
    ]
    assert all(item.changed for item in run.items("absent"))


def test_messages_with_names_are_not_templates(names_run: tuple[Run, list[str], Path]) -> None:
    run, names, _place = names_run
    refusals = run.result("refusals used")["msg"]
    assert len(refusals) == len(names)
    for refusal, name in zip(refusals, sorted(names), strict=True):
        assert repr(f"No {name}") in refusal
    assert "Traceback" not in run.output
