# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a token costs, beside `ansible.builtin.uri` doing the same work and beside a literal text."""

from __future__ import annotations

import sys
import timeit
import typing as t
from pathlib import Path

from bench.measure import Command, Row, Sample, in_turn, median, ratio

from harness.emulator import Emulator

LOGIN_LATENCY = 0.08  # seconds; what performance.md measured with
TASKS = 8
HOSTS = 200

URI_TOKEN = """
    - ansible.builtin.uri:
        url: "{{ lookup('env', 'POWERBI_AUTHORITY') }}/{{ lookup('env', 'POWERBI_TENANT_ID') }}/oauth2/v2.0/token"
        method: POST
        body_format: form-urlencoded
        body:
          grant_type: client_credentials
          client_id: "{{ lookup('env', 'POWERBI_CLIENT_ID') }}"
          client_secret: "{{ lookup('env', 'POWERBI_CLIENT_SECRET') }}"
          scope: https://analysis.windows.net/powerbi/api/.default
        ca_path: "{{ lookup('env', 'POWERBI_CA_PATH') }}"
      no_log: true
      register: token
"""
_MODULE_TOKEN = """
    - community.powerbi.powerbi_token:
      register: token
"""
_ONCE = "      run_once: true\n"
_LOOKUP = "lookup('community.powerbi.powerbi_token')"
_LITERAL = "'" + "x" * 1500 + "'"


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    emulator.tenant(login_latency=LOGIN_LATENCY)
    bench = _Bench(folder, env, rounds)
    return [*_hit_path(folder), *bench.one_task(), *bench.cold(), *bench.loop(), *bench.many_hosts(), *bench.run_once()]


def _hit_path(folder: Path) -> list[Row]:
    """The cache alone, in this process: open, read, parse, check."""
    from ansible_collections.community.powerbi.plugins.module_utils._auth.cache import TokenCache
    from ansible_collections.community.powerbi.plugins.module_utils._auth.tokens import AccessToken
    from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret

    cache = TokenCache(str(folder / "cache"))
    token = AccessToken(Secret("x" * 1500), 4102444800, 4102441200, "scope")
    cache.get_or_acquire("key", 300, lambda: token)
    seconds = min(timeit.repeat(lambda: cache.get("key", 300), number=1000, repeat=7)) / 1000
    return [Row("cache hit: read and check the file", seconds * 1e6, 50.0, "us")]


class _Bench:
    def __init__(self, folder: Path, env: t.Mapping[str, str], rounds: int) -> None:
        self._folder = folder
        self._env = env
        self._rounds = rounds
        self._hosts = self._inventory(HOSTS)
        self._fifty = self._inventory(50)

    def one_task(self) -> list[Row]:
        """Eight tasks in a play, start-up subtracted: the first module task asks, seven hit the cache."""
        debug = "    - ansible.builtin.debug: {msg: x}\n"
        samples = self._times(
            {
                "empty": self._playbook("empty", ""),
                "debug": self._playbook("debug", debug * TASKS),
                "primed": self._playbook("primed", _MODULE_TOKEN),
                "hits": self._playbook("hits", _MODULE_TOKEN * (TASKS + 1)),
                "uri": self._playbook("uri", URI_TOKEN * TASKS),
            }
        )
        hits = _minus(samples["hits"], samples["primed"])
        debugs = _minus(samples["debug"], samples["empty"])
        uris = _minus(samples["uri"], samples["empty"])
        return [
            Row("powerbi_token on a cache hit / debug task, wall", ratio(hits, debugs, "wall"), 1.5),
            Row("powerbi_token on a cache hit / debug task, CPU", ratio(hits, debugs, "cpu"), 1.5),
            Row("powerbi_token on a cache hit / uri task, wall", ratio(hits, uris, "wall"), 0.1),
            Row("powerbi_token on a cache hit, wall", median(s.wall for s in hits) / TASKS * 1e3, float("inf"), "ms"),
            Row("debug task, wall", median(s.wall for s in debugs) / TASKS * 1e3, float("inf"), "ms"),
            Row("uri token task, wall", median(s.wall for s in uris) / TASKS * 1e3, float("inf"), "ms"),
        ]

    def cold(self) -> list[Row]:
        """One task with an empty cache beside one uri task that posts to the token endpoint, start-up subtracted."""
        cold = _MODULE_TOKEN.replace("powerbi_token:", "powerbi_token: {cache: none}")
        samples = self._times(
            {
                "empty": self._playbook("empty", ""),
                "module": self._playbook("cold", cold * 4),
                "uri": self._playbook("uri4", URI_TOKEN * 4),
            }
        )
        empty = samples["empty"]
        return [
            Row("cold powerbi_token / uri, wall", ratio(samples["module"], samples["uri"], "wall", empty), 0.5),
            Row("cold powerbi_token / uri, CPU", ratio(samples["module"], samples["uri"], "cpu", empty), 0.35),
        ]

    def loop(self) -> list[Row]:
        """A thousand items in one task, with the lookup and with a literal."""
        task = """
    - ansible.builtin.debug: {{msg: "{{{{ {value} | length }}}}"}}
      loop: "{{{{ range(1000) | list }}}}"
"""
        samples = self._times(
            {
                "literal": self._playbook("loop_literal", task.format(value=_LITERAL)),
                "lookup": self._playbook("loop_lookup", task.format(value=_LOOKUP)),
            }
        )
        added = median(a.wall - b.wall for a, b in zip(samples["lookup"], samples["literal"], strict=True))
        return [Row("cached lookup in a loop, added to a literal", added, 1.0, "ms")]

    def many_hosts(self) -> list[Row]:
        """200 hosts, 20 forks, 3 tasks each."""
        task = '    - ansible.builtin.debug: {{msg: "{{{{ {value} | length }}}}"}}\n'
        options = ["-i", self._hosts, "-f", "20"]
        samples = self._times(
            {
                "literal": self._playbook("hosts_literal", task.format(value=_LITERAL) * 3, "all", options),
                "lookup": self._playbook("hosts_lookup", task.format(value=_LOOKUP) * 3, "all", options),
            }
        )
        return [
            Row("200 hosts x 3 lookups / literal, wall", ratio(samples["lookup"], samples["literal"], "wall"), 1.3),
            Row("200 hosts x 3 lookups / literal, CPU", ratio(samples["lookup"], samples["literal"], "cpu"), 1.3),
        ]

    def run_once(self) -> list[Row]:
        """50 hosts: one token by run_once and register, used three times by each host."""
        use = '    - ansible.builtin.debug: {{msg: "{{{{ {value} | length }}}}"}}\n' * 3
        options = ["-i", self._fifty, "-f", "10"]
        module = _MODULE_TOKEN + _ONCE + use.format(value="token.access_token")
        uri = URI_TOKEN + _ONCE + use.format(value="token.json.access_token")
        samples = self._times(
            {
                "module": self._playbook("once_module", module, "all", options),
                "uri": self._playbook("once_uri", uri, "all", options),
            }
        )
        return [
            Row(
                "50 hosts, run_once and register / uri alike, wall",
                ratio(samples["module"], samples["uri"], "wall"),
                1.0,
            ),
            Row(
                "50 hosts, run_once and register / uri alike, CPU", ratio(samples["module"], samples["uri"], "cpu"), 1.0
            ),
        ]

    def _times(self, playbooks: dict[str, list[str]]) -> dict[str, list[Sample]]:
        return in_turn([Command(name, argv, self._env) for name, argv in playbooks.items()], self._rounds)

    def _playbook(self, name: str, tasks: str, hosts: str = "localhost", options: t.Sequence[str] = ()) -> list[str]:
        head = f"- hosts: {hosts}\n  gather_facts: false\n"
        path = self._write(f"{name}.yml", head + (f"  tasks:\n{tasks}" if tasks else ""))
        return [str(Path(sys.executable).with_name("ansible-playbook")), *options, path]

    def _inventory(self, count: int) -> str:
        local = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
        return self._write(f"{count}.ini", "\n".join(f"h{number} {local}" for number in range(count)))

    def _write(self, name: str, text: str) -> str:
        path = self._folder / name
        path.write_text(text + "\n", encoding="utf-8")
        return str(path)


def _minus(samples: list[Sample], base: list[Sample]) -> list[Sample]:
    return [Sample(a.wall - b.wall, a.cpu - b.cpu) for a, b in zip(samples, base, strict=True)]
