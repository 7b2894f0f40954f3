# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile responses: no module sends a token to another host, hangs, or evaluates a name as code."""

from __future__ import annotations

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
from module_tasks import MODULE_TASKS, ModuleTask

LONGEST: t.Final = 60.0  # seconds in which every task has ended
MEGABYTE: t.Final = 1024 * 1024

TASKS: t.Final = {
    **MODULE_TASKS,
    "api list": ModuleTask("powerbi_api", "read", {"path": "/workspaces", "api": "fabric", "paginate": True}),
}
LISTS: t.Final = ("workspace_info", "capacity_info", "gateway_info", "app_info", "api list")

Result = dict[str, t.Any]
RunTask = t.Callable[..., Result]
Answer = tuple[int, bytes, dict[str, str]]  # status, body, headers


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(ca: trustme.CA) -> ssl.SSLContext:
    """For servers on localhost whose certificate the tasks trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def run_task(emulator: Emulator, ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> RunTask:
    """run_task(name, api_url, **options): the result of a task of TASKS with the API there, and tokens of the emulator.

    An option that is None is left out. The task must end in time, and without a defect of ours.
    """
    folder = tmp_path_factory.mktemp("hostile")
    bundle = folder / "bundle.pem"
    bundle.write_bytes(emulator.ca_path.read_bytes() + ca.cert_pem.bytes())
    emulator.clean()

    def run(name: str, api_url: str, **more: t.Any) -> Result:
        task = TASKS[name]
        options = {
            **contoso.connection(emulator),
            **contoso.identity(contoso.DEPLOY),
            "api_url": api_url,
            "ca_path": str(bundle),
            "retry_timeout": 3.0,
            "timeout": 5.0,
            "rate_limit": 0,  # lists without end have more pages than the quota
            **task.options,
            **more,
        }
        start = time.monotonic()
        result = run_module(task.module, {name: value for name, value in options.items() if value is not None}, folder)
        assert time.monotonic() - start < LONGEST
        assert "defect" not in str(result.get("msg")), result["msg"]
        return result

    return run


@pytest.fixture
def other_host(tls: ssl.SSLContext) -> t.Iterator[Server]:
    """Another host, with a valid certificate: it accepts and records everything."""

    def behave(server: Server, connection: Connection) -> None:
        while request := connection.request():
            server.requests.append(request)
            connection.answer(200, b'{"value": []}')

    with Server(behave, tls) as server:
        yield server


class HostileApi(Server):
    """An API whose every answer comes from ``answer(request)``: status, body, headers. At ``url``."""

    def __init__(self, tls: ssl.SSLContext, answer: t.Callable[[Request], Answer]) -> None:
        def behave(server: Server, connection: Connection) -> None:
            while request := connection.request():
                server.requests.append(request)
                status, body, headers = answer(request)
                connection.answer(status, body, **headers)

        super().__init__(behave, tls)
        self.url = f"https://localhost:{self.port}"


def url(server: Server) -> str:
    return f"https://localhost:{server.port}"


def message(result: dict[str, t.Any]) -> str:
    """The message of a task that must have failed."""
    assert result.get("failed"), result
    error = result["error"]
    assert error["what"] and error["remedy"], error
    return str(result["msg"])


# --- to other hosts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("task", TASKS)
def test_a_redirect_to_another_host(
    task: str, status: int, run_task: RunTask, tls: ssl.SSLContext, other_host: Server
) -> None:
    with HostileApi(tls, lambda _request: (status, b"{}", {"Location": url(other_host) + "/v1.0/myorg/groups"})) as api:
        result = run_task(task, api.url)
    assert "Refused to go" in message(result)
    assert other_host.connections == 0


LINKS: t.Final = ("continuationUri", "@odata.nextLink", "nextLink")


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("task", LISTS)
def test_a_list_that_goes_on_at_another_host(
    task: str, link: str, run_task: RunTask, tls: ssl.SSLContext, other_host: Server
) -> None:
    """The next page is requested with the link's query, but from the own host."""

    def answer(request: Request) -> Answer:
        body: dict[str, t.Any] = {"value": []}
        if "token=stolen" not in request.target:
            body[link] = f"{url(other_host)}/v1/somewhere?token=stolen"
        return 200, json.dumps(body).encode(), {}

    with HostileApi(tls, answer) as api:
        result = run_task(task, api.url)
        assert not result.get("failed"), result
        assert any("token=stolen" in request.target for request in api.requests)
        assert not any("somewhere" in request.target for request in api.requests)
    assert other_host.connections == 0


def test_an_operation_at_another_host(run_task: RunTask, tls: ssl.SSLContext, other_host: Server) -> None:
    operation = str(uuid.uuid4())
    elsewhere = f"{url(other_host)}/v1/operations/{operation}"

    def answer(request: Request) -> Answer:
        if request.method == "POST":
            return 202, b"null", {"Location": elsewhere, "x-ms-operation-id": operation, "Retry-After": "1"}
        if request.target.endswith("/result"):
            return 200, b'{"id": "made"}', {}
        return 200, b'{"status": "Succeeded"}', {"Location": f"{elsewhere}/result"}

    with HostileApi(tls, answer) as api:
        result = run_task("api POST", api.url)
        assert [request.target for request in api.requests][1:] == [
            f"/v1/operations/{operation}",
            f"/v1/operations/{operation}/result",
        ]
    assert result["json"] == {"id": "made"}
    assert other_host.connections == 0


def test_an_operation_whose_id_is_a_path(run_task: RunTask, tls: ssl.SSLContext, other_host: Server) -> None:
    def answer(request: Request) -> Answer:
        if request.method == "POST":
            return 202, b"null", {"x-ms-operation-id": f"../../{url(other_host)}/?a=b#c"}
        return 200, b'{"status": "Succeeded"}', {}

    with HostileApi(tls, answer) as api:
        run_task("api POST", api.url)
        assert all(request.target.startswith("/v1/operations/..%2F") for request in api.requests[1:])
    assert other_host.connections == 0


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_download_is_followed_without_the_token(
    status: int, run_task: RunTask, tls: ssl.SSLContext, other_host: Server, tmp_path: Path
) -> None:
    """A service may keep its files elsewhere; the URL itself carries the right to read them."""
    with HostileApi(tls, lambda _request: (status, b"", {"Location": f"{url(other_host)}/blob?sig=x"})) as api:
        result = run_task("api GET", api.url, paginate=None, dest=str(tmp_path / "file"))
    assert not result.get("failed"), result
    assert (tmp_path / "file").read_bytes() == b'{"value": []}'
    (request,) = other_host.requests
    assert "authorization" not in request.headers
    assert "eyJ" not in json.dumps(request.headers) + request.target


@pytest.mark.parametrize("location", ["http://localhost:1/blob", "file:///etc/passwd", "https://", "//", "\\\\host\\x"])
def test_a_download_does_not_follow_other_schemes(
    location: str, run_task: RunTask, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    with HostileApi(tls, lambda _request: (302, b"", {"Location": location})) as api:
        message(run_task("api GET", api.url, paginate=None, dest=str(tmp_path / "file")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["https://{host}/v1.0/myorg/groups", "//{host}/groups", "@{host}/groups"])
def test_a_path_that_is_another_hosts_url(
    path: str, run_task: RunTask, tls: ssl.SSLContext, other_host: Server
) -> None:
    """Paths are often put together from what other tasks returned."""
    with HostileApi(tls, lambda _request: (404, b"{}", {})) as api:
        message(run_task("api GET", api.url, paginate=None, path=path.format(host=f"localhost:{other_host.port}")))
    assert other_host.connections == 0


# --- without a limit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["workspace create", "access", "workspace_info", "capacity_info", "api GET"])
def test_a_body_without_a_limit(task: str, run_task: RunTask, tls: ssl.SSLContext) -> None:
    """100 MB: the connection is closed early."""
    sent = 0

    def behave(_server: Server, connection: Connection) -> None:
        nonlocal sent
        while connection.request():
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MEGABYTE))
            for dummy in range(100):
                connection.send(b" " * MEGABYTE)
                sent += MEGABYTE

    with Server(behave, tls) as api:
        assert "larger than 64 MiB" in message(run_task(task, url(api)))
    assert sent <= 80 * MEGABYTE


def test_a_body_that_grows_when_it_is_unpacked(run_task: RunTask, tls: ssl.SSLContext) -> None:
    bomb = gzip.compress(b" " * (100 * MEGABYTE), compresslevel=1)
    with HostileApi(tls, lambda _request: (200, bomb, {"Content-Encoding": "gzip"})) as api:
        assert "larger than 64 MiB" in message(run_task("api GET", api.url))


def test_a_download_of_any_size_arrives(run_task: RunTask, tls: ssl.SSLContext, tmp_path: Path) -> None:
    with HostileApi(tls, lambda _request: (200, b"x" * (100 * MEGABYTE), {})) as api:
        result = run_task("api GET", api.url, paginate=None, dest=str(tmp_path / "file"))
    assert result["size"] == (tmp_path / "file").stat().st_size == 100 * MEGABYTE


def endless(kind: str) -> t.Callable[[Request], Answer]:
    count = 0

    def answer(request: Request) -> Answer:
        nonlocal count
        count += 1
        entries = [] if kind.startswith("empty") else [{"id": str(uuid.UUID(int=1)), "name": "again"}]
        token = {"empty pages": f"token-{count}", "the same page": None}.get(kind, "again")
        body = {"value": entries, **({"continuationToken": token} if token else {})}
        return 200, json.dumps(body).encode(), {}

    return answer


@pytest.mark.parametrize("kind", ["empty pages", "empty page again", "the same continuation"])
@pytest.mark.parametrize("task", ["capacity_info", "api list"])
def test_pages_without_end(task: str, kind: str, run_task: RunTask, tls: ssl.SSLContext) -> None:
    with HostileApi(tls, endless(kind)) as api:
        assert "does not end" in message(run_task(task, api.url))
        assert len(api.requests) < 300


def test_a_page_that_ignores_skip(run_task: RunTask, tls: ssl.SSLContext) -> None:
    with HostileApi(tls, endless("the same page")) as api:
        assert "does not end" in message(run_task("workspace_info", api.url, details=False))
        assert len(api.requests) == 2


# --- malformed ------------------------------------------------------------------------------------------

GARBAGE: t.Final = {
    "no UTF-8": b'{"value": [{"id": "\xff\xfe"}]}',
    "UTF-16": '{"value": []}'.encode("utf-16"),
    "a text": b'"value"',
    "a list of texts": b'{"value": ["a", "b"]}',
    "entries that are lists": b'{"value": [[1], [2]]}',
    "deeply nested": b"[" * 100_000,
    "cut": b'{"value": [{"id": ',
    "XML": b"<?xml version='1.0'?><a/>",
    "an endless number": b'{"value": ' + b"9" * 100_000 + b"}",
}


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("task", LISTS)
def test_garbage(task: str, garbage: str, run_task: RunTask, tls: ssl.SSLContext) -> None:
    with HostileApi(tls, lambda _request: (200, GARBAGE[garbage], {})) as api:
        assert "GET /" in message(run_task(task, api.url))


@pytest.mark.parametrize("task", ["workspace change", "workspace delete", "access", *LISTS[:4]])
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
def test_entries_of_other_types(task: str, entry: dict[str, t.Any], run_task: RunTask, tls: ssl.SSLContext) -> None:
    """No traceback, and an id from the service can't lead to another path: it stays one segment."""
    answered = json.dumps({"value": [entry]}).encode()

    def answer(request: Request) -> Answer:
        return 200, answered if "skip=0" in request.target or "skip" not in request.target else b'{"value": []}', {}

    with HostileApi(tls, answer) as api:
        run_task(task, api.url)
        assert not any("/admin" in request.target for request in api.requests)


def test_the_services_text_is_one_printable_line(run_task: RunTask, tls: ssl.SSLContext) -> None:
    text = "red \x1b[31m text\r\nok: [localhost] \u202e \x00 " + "x" * 100_000
    body = json.dumps({"error": {"code": "Bad\x1b[0m\nCode", "message": text}}).encode()
    with HostileApi(tls, lambda _request: (400, body, {"RequestId": "id\x1b[31m"})) as api:
        text = message(run_task("api GET", api.url))
    assert text.isprintable()
    assert len(text) < 3000


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
