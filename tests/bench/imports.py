# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it costs to publish files through imports, beside loops of `ansible.builtin.uri` that do the same."""

from __future__ import annotations

import typing as t
from pathlib import Path

from bench.content import IMPORT_TIME, LATENCY, LOGIN_LATENCY, PARALLEL, SIZES, UNBOUNDED, Bench, Run, growth
from bench.measure import Command, Row, median
from bench.tokens import URI_TOKEN

from harness.emulator import Emulator
from harness.files import pbix, rdl
from harness.portal import FINANCE

FILE_SIZE: t.Final = 100_000

_IMPORT: t.Final = """
- hosts: localhost
  gather_facts: false
  tasks:
    - community.powerbi.powerbi_import: {options}
"""
_URI: t.Final = (
    """
- hosts: localhost
  gather_facts: false
  vars:
    api: "{{ lookup('env', 'POWERBI_API_URL') }}/v1.0/myorg/groups/WORKSPACE/imports"
    ca: "{{ lookup('env', 'POWERBI_CA_PATH') }}"
  tasks:"""
    + URI_TOKEN
    + """\
    - ansible.builtin.uri:
        url: "{{ api }}?datasetDisplayName={{ item | basename | urlencode }}&nameConflict=Abort"
        method: POST
        headers: {Authorization: "Bearer {{ token.json.access_token }}"}
        body_format: form-multipart
        body: {file: {filename: "{{ item }}", mime_type: application/octet-stream, multipart_encoding: 7or8bit}}
        status_code: [200, 202]
        ca_path: "{{ ca }}"
      loop: "{{ query('ansible.builtin.fileglob', 'SOURCE/*.rdl') }}"
      register: sent
    - ansible.builtin.uri:
        url: "{{ api }}/{{ item.json.id }}"
        headers: {Authorization: "Bearer {{ token.json.access_token }}"}
        ca_path: "{{ ca }}"
      loop: "{{ sent.results }}"
      loop_control: {label: "{{ item.json.id }}"}
      register: seen
      until: seen.json.importState == 'Succeeded'
      retries: 40
      delay: 0.25
"""
)


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    """10, 100 and 300 files of 100 kB through imports, beside loops of `ansible.builtin.uri`.

    The files are paginated reports: what is not text, such as a .pbix, `uri` can't send without damaging it. A .pbix
    costs a request more, for the fingerprint; so it has rows of its own. `uri` takes minutes for hundreds of files, so it has
    fewer rounds there.
    """
    bench = Bench(emulator, folder, env, rounds)
    found: list[Row] = []
    ours: dict[int, list[Command]] = {}
    for size, times in zip(SIZES, (4, 25, 60), strict=True):
        src = _files(folder / f"files-{size}", size)
        count = {10: rounds, 100: min(rounds, 2)}.get(size, 1)
        commands = [
            bench.module("ours", _IMPORT, bench.fresh, src=[str(src)], parallel=PARALLEL),
            bench.module("sixteen", _IMPORT, bench.fresh, src=[str(src)], parallel=2 * PARALLEL),
            bench.module("no-fingerprint", _IMPORT, bench.fresh, src=[str(src)], parallel=PARALLEL, fingerprint=False),
        ]
        again = bench.module("again", _IMPORT, src=[str(src)], parallel=PARALLEL)
        uri = bench.playbook("uri", _URI.replace("WORKSPACE", FINANCE).replace("SOURCE", str(src)), bench.fresh)
        runs = bench.in_turn([*commands, uri, bench.empty()], count)
        startup = median(run.wall for run in runs["empty"])
        # what is there now may be uri's, which remembers nothing: import it once more, then find nothing to do
        bench.in_turn(commands[:1], 1)
        runs |= bench.in_turn([again], rounds)
        found += _beside_uri(size, runs, count, startup, times)
        ours[size] = [
            bench.module(
                f"{name}-{size}", _IMPORT, bench.fresh, src=[str(src)], parallel=PARALLEL, fingerprint=fingerprint
            )
            for name, fingerprint in (("ours", True), ("no-fingerprint", False))
        ]
    of_all = bench.all_sizes(ours)
    found += [*growth("imported", of_all["ours"]), *growth("imported without fingerprint", of_all["no-fingerprint"])]
    return [*found, *_packages(bench), *_slow_service(bench)]


def _files(folder: Path, size: int) -> Path:
    folder.mkdir()
    for number in range(size):
        rdl(folder / f"Invoice {number:03}.rdl", "x" * FILE_SIZE)
    return folder


def _bound(startup: float, requests: int, parallel: int = PARALLEL) -> float:
    """Seconds that no client beats: Ansible's start, the log-in, one import, and the requests' latency."""
    return startup + LOGIN_LATENCY + IMPORT_TIME + LATENCY * requests / parallel


def _beside_uri(size: int, runs: dict[str, list[Run]], count: int, startup: float, times: float) -> list[Row]:
    head = f"{size} files, "
    rows = []
    for name, what, goal in (
        ("ours", "", times),
        ("sixteen", "parallel 16, ", UNBOUNDED),
        ("no-fingerprint", "without fingerprint, ", UNBOUNDED),
    ):
        pairs = list(zip(runs[name], runs["uri"], strict=True))
        wall = median(run.wall for run in runs[name])
        parallel = 2 * PARALLEL if name == "sixteen" else PARALLEL
        bound = _bound(startup, runs[name][0].requests, parallel)
        allowed = 1.35 if parallel == PARALLEL else UNBOUNDED  # the bound is at the default
        rows += [
            Row(f"{head}{what}faster than uri (n={count})", median(b.wall / a.wall for a, b in pairs), goal, "x", True),
            Row(f"{head}{what}wall", wall, UNBOUNDED, "s"),
            Row(f"{head}{what}wall / (start + {LATENCY:g} s x calls / {parallel})", wall / bound, allowed),
            Row(f"{head}{what}connections", max(run.connections for run in runs[name]), parallel + 2, ""),
        ]
    return [
        *rows,
        Row(f"{head}requests", runs["ours"][0].requests, UNBOUNDED, ""),
        Row(f"{head}uri, wall (n={count})", median(run.wall for run in runs["uri"]), UNBOUNDED, "s"),
        Row(f"{head}less CPU than uri (n={count})", _less_cpu(runs), UNBOUNDED, "x"),
        Row(f"{head}again, nothing sent, wall", median(run.wall for run in runs["again"]), UNBOUNDED, "s"),
    ]


def _less_cpu(runs: dict[str, list[Run]]) -> float:
    return median(b.cpu / a.cpu for a, b in zip(runs["ours"], runs["uri"], strict=True))


def _packages(bench: Bench) -> list[Row]:
    """A hundred .pbix with a model each: two items a file, whose definitions the fingerprint is made of."""
    src = bench.folder / "packages"
    src.mkdir()
    for number in range(100):
        pbix(src / f"Sales {number:03}.pbix")
    command = bench.module("pbix", _IMPORT, bench.fresh, src=[str(src)], parallel=PARALLEL)
    both = bench.in_turn([command, bench.empty()], bench.rounds)
    runs, startup = both["pbix"], median(run.wall for run in both["empty"])
    wall = median(run.wall for run in runs)
    return [
        Row("100 .pbix, wall", wall, UNBOUNDED, "s"),
        Row("100 .pbix, requests", runs[0].requests, UNBOUNDED, ""),
        Row(
            f"100 .pbix, wall / (start + {LATENCY:g} s x calls / {PARALLEL})",
            wall / _bound(startup, runs[0].requests),
            1.35,
        ),
        Row("100 .pbix, connections", max(run.connections for run in runs), PARALLEL + 2, ""),
    ]


def _slow_service(bench: Bench) -> list[Row]:
    """Whether imports that run in the service hold workers: were it so, each would hold one for all the time."""
    src = _files(bench.folder / "slow", 100)
    longer = 4.0

    def slow() -> None:
        bench.fresh()
        bench.emulator.tenant(import_time=IMPORT_TIME + longer)

    commands = [
        bench.module(name, _IMPORT, before, src=[str(src)], parallel=PARALLEL)
        for name, before in (("quick", bench.fresh), ("slow", slow))
    ]
    runs = bench.in_turn(commands, bench.rounds)
    added = median(a.wall - b.wall for a, b in zip(runs["slow"], runs["quick"], strict=True))
    what = f"100 files, imports {longer:g} s longer: wall grows by {longer:g} s x"
    return [Row(what, added / longer, 1.25)]
