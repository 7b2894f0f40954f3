# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prism between the collection and the emulator: a judge of the official documents that nobody here wrote.

Prism speaks plain HTTP and reads one document. So all official documents become one, of references into a copy of
them, and a TLS front with its own CA stands before Prism and notes what it says of each exchange. Prism reads every
body as UTF-8 text and sends that on: what is not text (a .pbix) would arrive damaged, and goes past it.
"""

from __future__ import annotations

import asyncio
import collections
import json
import re
import ssl
import threading
import typing as t
from pathlib import Path

import requests
import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harness.emulator import Emulator
from harness.node import NodeServer
from powerbi_emulator.conformance.checker import Finding
from powerbi_emulator.conformance.documents import METHODS, Documents
from powerbi_emulator.conformance.exceptions import Deviation, deviation_of

Json = dict[str, t.Any]
_SCRIPT: t.Final = "@stoplight/prism-cli/dist/index.js"
_UNKNOWN_ROUTE: t.Final = "Selected route not found"
# Headers that are about one connection, or about a length and encoding that the front makes anew.
_HOP_BY_HOP: t.Final = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}
# What the copy of the documents has otherwise than they do, as Prism could not use them.
MENDED: t.Final = (
    "imports: the document names JSON and multipart/form-data and describes JSON only; here a body is a form with a file",
    "`consumes: []` of operations with a body (Groups_UpdateGroup and others) would refuse every body: left out",
)
# What only Prism looks at: the format "url", which for its library is a host with a dot that is no loopback address.
DEVIATIONS: t.Final = (
    Deviation("answer", "", "^header location$", 'format "url"', "the emulator's host is localhost: no URL for Prism"),
    Deviation(
        "answer",
        "^Datasets_RefreshDataset",
        "^header x-ms-request-id$",
        'format "url"',
        "x-ms-request-id is the id of the refresh, as its description says; its format says that it is a URL",
    ),
)


class Exchange(t.NamedTuple):
    """What Prism said of one request and its ``answer`` (JSON, or None).

    Each violation has location, severity, message and maybe code.
    """

    method: str
    path: str
    status: int
    answer: t.Any
    violations: list[Json]


class PrismReport(t.NamedTuple):
    """``violations``: errors that no known deviation explains, each with its count.

    ``unknown``: METHOD PATH of what Prism found in no document; ``past``: of what it could not be given.
    """

    exchanges: int
    operations: set[str]
    explained: collections.Counter[Deviation]
    violations: collections.Counter[str]
    unknown: list[str]
    past: list[str]

    def lines(self) -> t.Iterator[str]:
        """The report for people."""
        judged = f"exchanges judged by prism proxy: {self.exchanges - len(self.unknown)}"
        yield f"{judged}; operations: {len(self.operations)}; past it, as not text: {len(self.past)}"
        yield f"explained deviations from the documents: {sum(self.explained.values())}"
        for deviation, count in self.explained.most_common():
            yield f"  {count:6}  {deviation.reason}"
        yield f"violations (severity Error): {sum(self.violations.values())}"
        for text, count in self.violations.most_common():
            yield f"  {count:6}  {text}"


class PrismProxy:
    """A running ``prism proxy`` to ``emulator``. ``url`` is that of the front, ``ca_path`` its CA's certificate.

    Raises RuntimeError where Prism can't be run here.
    """

    def __init__(self, emulator: Emulator, documents: Path, folder: Path) -> None:
        self.exchanges: list[Exchange] = []
        self.past: list[str] = []
        self._emulator = emulator
        self._documents = Documents(documents)
        arguments = ["proxy", str(_one_document(documents, folder / "specs")), emulator.url, "--port", "0"]
        env = {"NODE_EXTRA_CA_CERTS": str(emulator.ca_path), "NO_COLOR": "1"}
        self._server = NodeServer(_SCRIPT, arguments, folder / "prism.log", env)
        try:
            self._upstream = self._server.wait_for(r"listening on (http://127\.0\.0\.1:\d+)")[1]
            self._front = _TlsServer(
                Starlette(routes=[Route("/{path:path}", self._pass_on, methods=list(METHODS))]), folder
            )
        except BaseException:
            self._server.stop()
            raise
        self.url, self.ca_path = self._front.url, self._front.ca_path

    def stop(self) -> None:
        self._front.stop()
        self._server.stop()

    def clear(self) -> None:
        """Forget all exchanges."""
        self.exchanges.clear()
        self.past.clear()

    def report(self) -> PrismReport:
        """Of all exchanges since the last clear, refused ones too."""
        report = PrismReport(len(self.exchanges), set(), collections.Counter(), collections.Counter(), [], self.past[:])
        for exchange in self.exchanges:
            operation = self._documents.find(exchange.method, exchange.path)
            name = operation.id if operation else "none"
            report.operations.add(name)
            for violation in exchange.violations:
                if violation["message"] == _UNKNOWN_ROUTE:
                    report.unknown.append(f"{exchange.method} {exchange.path}")
                if violation["severity"] != "Error":
                    continue
                finding = _finding(violation, name, exchange)
                deviation = deviation_of(finding) or next((one for one in DEVIATIONS if one.covers(finding)), None)
                if deviation is None:
                    report.violations[str(finding)] += 1
                else:
                    report.explained[deviation] += 1
        return report

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP | {"host"}}
        is_text = _is_text(body)
        answer = await asyncio.to_thread(
            _ask,
            request.method,
            _target(request, self._upstream if is_text else self._emulator.url),
            headers={**headers, "accept-encoding": "identity"},
            data=body or None,
            verify=str(self._emulator.ca_path),
        )
        if is_text:
            violations = json.loads(answer.headers.get("sl-violations", "[]"))
            content = _json(answer)
            self.exchanges.append(Exchange(request.method, request.url.path, answer.status_code, content, violations))
        else:
            self.past.append(f"{request.method} {request.url.path}")
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Response(answer.content, answer.status_code, kept)


def _ask(method: str, url: str, **options: t.Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # no proxy between two servers on this machine
        return session.request(method, url, allow_redirects=False, timeout=60, **options)


def _target(request: Request, base: str) -> str:
    query = request.url.query
    return f"{base}{request.scope['raw_path'].decode()}{'?' if query else ''}{query}"


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _json(answer: requests.Response) -> t.Any:
    try:
        return answer.json()
    except ValueError:
        return None


class _TlsServer:
    """``app`` over TLS on a free port of localhost, in a thread."""

    def __init__(self, app: Starlette, folder: Path) -> None:
        ca = trustme.CA(organization_name="The CA of the front")
        self.ca_path = folder / "front-ca.pem"
        ca.cert_pem.write_to_path(self.ca_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(context)
        config = uvicorn.Config(
            app, port=0, lifespan="off", log_config=None, server_header=False, date_header=False, ws="none"
        )
        config.load()
        config.ssl = context
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the front did not start"
            self._thread.join(0.01)
        self.url = f"https://localhost:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


def _one_document(source: Path, target: Path) -> Path:
    """One document of all operations in ``source``, whose paths refer to the copies that are made in ``target``."""
    paths: dict[str, Json] = {}
    for path in sorted(source.rglob("*.json")):
        name = path.relative_to(source)
        if "examples" in name.parts:
            continue
        document = _without_examples(json.loads(path.read_text(encoding="utf-8-sig")))
        if path.name == "swagger.json":
            base = document.get("basePath", "")  # Prism takes no notice of it
            paths.update({f"{base}{template}": {"$ref": _reference(name, template)} for template in document["paths"]})
            _mend(document)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(json.dumps(document), encoding="utf-8")
    (target / "fabric" / "Common").symlink_to("common")  # they were written where names are the same in any case
    whole = {
        "swagger": "2.0",
        "info": {"title": "Power BI and Fabric", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
    }
    (target / "all.json").write_text(json.dumps(whole), encoding="utf-8")
    return target / "all.json"


def _mend(document: Json) -> None:
    """See ``MENDED``. OpenAPI 2.0 can't have a form and a JSON body in one operation."""
    for item in document["paths"].values():
        for method in METHODS:
            operation = item.get(method, {})
            if operation.get("consumes") == []:
                del operation["consumes"]
            if "multipart/form-data" in operation.get("consumes", []):
                others = [parameter for parameter in operation["parameters"] if parameter["in"] != "body"]
                file = {"name": "file", "in": "formData", "type": "file", "required": True}
                operation.update(consumes=["multipart/form-data"], parameters=[*others, file])


def _without_examples(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _without_examples(inner) for name, inner in value.items() if name != "x-ms-examples"}
    return [_without_examples(inner) for inner in value] if isinstance(value, list) else value


def _reference(document: Path, template: str) -> str:
    pointer = template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    return f"{document.as_posix()}#/paths/{pointer}"


def _finding(violation: Json, operation: str, exchange: Exchange) -> Finding:
    """A violation in the words of our own judge, in which the known deviations are written."""
    part, *place = violation["location"]
    where = f"{place[0]} {place[1]}" if place[:1] in (["query"], ["header"]) else "/".join(map(str, place))
    problem = re.sub(r"must have required property '(.+)'", r"'\1' is a required property", violation["message"])
    wrong_type = re.search(r"must be (\w+)$", problem)
    if wrong_type and part == "response" and place[:1] == ["body"]:
        problem = f"{_value_at(exchange.answer, place[1:])!r:.80} is not of type '{wrong_type[1]}'"
    about = (operation, exchange.method, exchange.path, exchange.status, where, problem)
    return Finding("answer" if part == "response" else "request", *about)


def _value_at(value: t.Any, place: t.Sequence[str]) -> t.Any:
    for step in place:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
