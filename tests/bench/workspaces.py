# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fifty workspaces with access, one task each item, beside `ansible.builtin.uri` doing the same.

The same is: find the workspace, create it if it is missing, list its members, assign the missing roles. The service's
own time, its latency above all, is the same for every client; it is taken from the emulator's log, and subtracted where
the controller's side is compared.
"""

from __future__ import annotations

import dataclasses
import sys
import typing as t
from pathlib import Path

from bench.measure import Command, Row, median, run_once

from harness.emulator import Emulator

LATENCY = 0.06  # seconds of each request to the API
WORKSPACES = 50

_HEAD = """
- hosts: localhost
  gather_facts: false
  vars:
    names: "{{{{ range({count}) | map('regex_replace', '^', 'Bench ') }}}}"
    megan: megan.bowen@contoso.onmicrosoft.com
"""
_MODULES = """
  tasks:
    - community.powerbi.powerbi_workspace: {name: "{{ item }}"}
      loop: "{{ names }}"
    - community.powerbi.powerbi_workspace_access:
        workspace: "{{ item }}"
        principals: [{principal: "{{ megan }}", role: member}]
      loop: "{{ names }}"
"""
_URI = """
    api: "{{ lookup('env', 'POWERBI_API_URL') }}/v1.0/myorg"
    login: "{{ lookup('env', 'POWERBI_AUTHORITY') }}/{{ lookup('env', 'POWERBI_TENANT_ID') }}/oauth2/v2.0/token"
  module_defaults:
    ansible.builtin.uri:
      ca_path: "{{ lookup('env', 'POWERBI_CA_PATH') }}"
      headers: {Authorization: "Bearer {{ token.json.access_token | default('') }}"}
  tasks:
    - ansible.builtin.uri:
        url: "{{ login }}"
        method: POST
        body_format: form-urlencoded
        body:
          grant_type: client_credentials
          client_id: "{{ lookup('env', 'POWERBI_CLIENT_ID') }}"
          client_secret: "{{ lookup('env', 'POWERBI_CLIENT_SECRET') }}"
          scope: https://analysis.windows.net/powerbi/api/.default
      no_log: true
      register: token
    - ansible.builtin.uri:
        url: "{{ api }}/groups?$filter={{ ('name eq ' ~ \\"'\\" ~ item ~ \\"'\\") | urlencode }}"
      loop: "{{ names }}"
      register: found
    - ansible.builtin.uri:
        url: "{{ api }}/groups?workspaceV2=true"
        method: POST
        body_format: json
        body: {name: "{{ item.item }}"}
      loop: "{{ found.results }}"
      loop_control: {label: "{{ item.item }}"}
      when: item.json.value | length == 0
      register: made
    - ansible.builtin.uri: {url: "{{ api }}/groups/{{ item }}/users"}
      loop: "{{ ids }}"
      vars:
        ids: "{{ found.results | map(attribute='json.value') | flatten | map(attribute='id')
          + made.results | selectattr('json', 'defined') | map(attribute='json.id') }}"
      register: users
    - ansible.builtin.uri:
        url: "{{ api }}/groups/{{ item.item }}/users"
        method: POST
        body_format: json
        body: {emailAddress: "{{ megan }}", groupUserAccessRight: Member, principalType: User}
      loop: "{{ users.results }}"
      loop_control: {label: "{{ item.item }}"}
      when: megan not in item.json.value | map(attribute='identifier')
"""


@dataclasses.dataclass(frozen=True)
class Pass:
    """One run: seconds on the wall without Ansible's start, of them the service's, and its requests."""

    wall: float
    service: float
    requests: int

    @property
    def controller(self) -> float:
        return self.wall - self.service


def rows(emulator: Emulator, folder: Path, env: t.Mapping[str, str], rounds: int) -> list[Row]:
    bench = _Bench(emulator, folder, env)
    passes = bench.measure(rounds)
    found = []
    for moment in ("first run", "second run"):
        modules, uri = passes["modules", moment], passes["uri", moment]
        pairs = list(zip(modules, uri, strict=True))
        found += [
            Row(
                f"{moment}: modules / uri, controller's side",
                median(a.controller / b.controller for a, b in pairs),
                0.2,
            ),
            Row(
                f"{moment}: modules / uri, wall with the service",
                median(a.wall / b.wall for a, b in pairs),
                float("inf"),
            ),
        ]
        for name, side in (("modules", modules), ("uri", uri)):
            each = {
                "controller's side": median(one.controller for one in side) / WORKSPACES * 1e3,
                "wall with the service": median(one.wall for one in side) / WORKSPACES * 1e3,
            }
            found += [
                Row(f"{moment}, {name}: {what} an item", value, float("inf"), "ms") for what, value in each.items()
            ]
            requested = median(one.requests for one in side) / WORKSPACES
            found.append(Row(f"{moment}, {name}: requests an item", requested, float("inf"), ""))
    return found


class _Bench:
    def __init__(self, emulator: Emulator, folder: Path, env: t.Mapping[str, str]) -> None:
        self._emulator = emulator
        self._folder = folder
        self._env = env
        head = _HEAD.format(count=WORKSPACES)
        self._empty = self._command("empty", "- hosts: localhost\n  gather_facts: false\n")
        self._sides = {
            "modules": self._command("modules", head + _MODULES.lstrip("\n")),
            "uri": self._command("uri", head + _URI.lstrip("\n")),
        }

    def measure(self, rounds: int) -> dict[tuple[str, str], list[Pass]]:
        """Each side two times a round on a fresh tenant, the sides in turn; one start of Ansible before the first counts not."""
        passes: dict[tuple[str, str], list[Pass]] = {}
        run_once(self._empty)
        for number in range(rounds):
            start = run_once(self._empty).wall
            for side in sorted(self._sides, reverse=bool(number % 2)):
                self._emulator.clean()
                self._emulator.tenant(api_latency=LATENCY)
                for moment in ("first run", "second run"):
                    passes.setdefault((side, moment), []).append(self._pass(self._sides[side], start))
                self._check()
        return passes

    def _pass(self, command: Command, start: float) -> Pass:
        self._emulator.clear_requests()
        wall = run_once(command).wall - start
        requests = self._emulator.requests()
        return Pass(wall, sum(entry["duration"] for entry in requests), len(requests))

    def _check(self) -> None:
        """Both have done it, or there is nothing to compare."""
        from harness import contoso
        from harness.in_process import run_module

        options = {**contoso.connection(self._emulator), **contoso.identity(contoso.DEPLOY), "cache": "none"}
        self._emulator.tenant(api_latency=0.0)
        found = run_module("powerbi_workspace_info", {**options, "details": True}, self._folder)["workspaces"]
        made = [workspace for workspace in found if workspace["name"].startswith("Bench ")]
        if len(made) != WORKSPACES or any(len(workspace["members"]) != 2 for workspace in made):
            raise RuntimeError(
                f"{len(made)} workspaces of {WORKSPACES}: the playbook does not do what it is measured for"
            )

    def _command(self, name: str, text: str) -> Command:
        path = self._folder / f"{name}.yml"
        path.write_text(text, encoding="utf-8")
        return Command(name, [str(Path(sys.executable).with_name("ansible-playbook")), str(path)], self._env)
