# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role powerbi_credentials, and a watch over where secrets show up meanwhile."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import threading
import time
import typing as t
import uuid
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from harness import contoso
from harness.ansible_run import REPOSITORY, AnsibleRunner, Run, Running
from harness.emulator import Emulator
from harness.leaks import forms
from harness.openbao import COLLECTIONS

_GRAPH: t.Final = "https://graph.microsoft.com/.default"
WITH_HASHI_VAULT: t.Final = {"ANSIBLE_COLLECTIONS_PATH": f"{REPOSITORY / '.collections'}:{COLLECTIONS}"}

# The role, and after it a task that uses what it gives. The variables come from a file of mode 0600, as users have them.
PLAYBOOK: t.Final = """
- name: Credentials
  hosts: {hosts}
  gather_facts: false
  vars_files: [{variables}]
  tasks:
    - name: Run the role
      ansible.builtin.include_role:
        name: community.powerbi.powerbi_credentials
        tasks_from: {tasks_from}

    - name: Log in with it
      community.powerbi.powerbi_token:
      module_defaults:
        group/community.powerbi.powerbi: "{{{{ powerbi_credentials_options }}}}"
      register: token
      when: powerbi_credentials_options | default({{}}) | length > 0

    - name: Use what the role gives
      ansible.builtin.debug:
        msg: "{{{{ token.client_id }}}}"
      when: powerbi_credentials_options | default({{}}) | length > 0
"""


class Watched(t.NamedTuple):
    """A run, and what other users of the machine could have seen of it: command lines."""

    run: Run
    command_lines: frozenset[str]


def run_role(ansible: AnsibleRunner, variables: t.Mapping[str, t.Any], **kwargs: t.Any) -> Run:
    """The role with these variables, on localhost, or on ``hosts``."""
    return ansible.playbook(**_role(ansible, variables, **kwargs))


def start_role(ansible: AnsibleRunner, variables: t.Mapping[str, t.Any], **kwargs: t.Any) -> Running:
    """As ``run_role``, for tests that watch or interrupt it."""
    return ansible.start(**_role(ansible, variables, **kwargs))


def _role(
    ansible: AnsibleRunner,
    variables: t.Mapping[str, t.Any],
    *,
    tasks_from: str = "main",
    hosts: str = "localhost",
    env: t.Mapping[str, str] | None = None,
    **kwargs: t.Any,
) -> dict[str, t.Any]:
    import yaml

    path = ansible.workdir / "variables.yml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(dict(variables)), encoding="utf-8")
    playbook = PLAYBOOK.format(hosts=hosts, variables=path, tasks_from=tasks_from)
    return {"playbook": playbook, "env": WITH_HASHI_VAULT if env is None else env, **kwargs}


def run_cases(
    ansible: AnsibleRunner, cases: t.Mapping[str, t.Mapping[str, t.Any]], *, tasks_from: str = "main", **kwargs: t.Any
) -> Run:
    """The role with each of these variables in one run, which goes on after a failure; see ``failure_of``."""
    import yaml

    path = ansible.workdir / "variables.yml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump({"cases": [dict(variables) for variables in cases.values()]}), encoding="utf-8")
    role = {"name": "community.powerbi.powerbi_credentials", "tasks_from": tasks_from}
    tasks = [
        {
            "block": [
                {
                    "ansible.builtin.include_role": role,
                    "vars": {variable: f"{{{{ cases[{number}].{variable} }}}}" for variable in variables},
                }
            ],
            "rescue": [{"name": name, "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
        }
        for number, (name, variables) in enumerate(cases.items())
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": [str(path)], "tasks": tasks}
    return ansible.playbook([play], timeout=250, **kwargs).ok()


def failure_of(run: Run, name: str) -> str:
    """The message with which a case of ``run_cases`` has failed."""
    return " ".join(str(run.result(name)["msg"]).split())


def run_watched(ansible: AnsibleRunner, variables: t.Mapping[str, t.Any], **kwargs: t.Any) -> Watched:
    """As ``run_role`` with facts cached in files, and the command lines of all its processes collected while it lasts."""
    return watch(start_role(ansible, variables, env={**WITH_HASHI_VAULT, **fact_cache(ansible)}, **kwargs))


def fact_cache(ansible: AnsibleRunner) -> dict[str, str]:
    """The environment of a run that caches facts in files."""
    return {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(ansible.workdir / "facts")}


def watch(running: Running, meanwhile: t.Callable[[], object] = lambda: None) -> Watched:
    """To its end, which must be a good one. ``meanwhile`` is called ten times a second."""
    seen: set[str] = set()
    over = threading.Event()

    def repeat(seconds: float, function: t.Callable[[], object]) -> None:
        while not over.wait(seconds):
            function()

    jobs = [(0.02, lambda: seen.update(_command_lines(running.process.pid))), (0.1, meanwhile)]
    watchers = [threading.Thread(target=repeat, args=job, daemon=True) for job in jobs]
    for watcher in watchers:
        watcher.start()
    try:
        run = running.wait(240).ok()
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()
    return Watched(run, frozenset(seen))


def kill_all(running: Running) -> None:
    """SIGKILL to a run and to its workers, which are sessions of their own, as when its container goes away."""
    for pid in [*_descendants(running.process.pid), running.process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.wait()


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [found for child in children for found in (child, *_descendants(child))]


def assert_nowhere(secret: str, watched: Watched, *, written: t.Collection[Path] = ()) -> None:
    """Not in the output, not in a command line, in no file of the run but those of ``written``, which are private; as it is, or
    quoted, escaped or encoded."""
    shapes = forms(secret)

    def holds(data: bytes) -> bool:
        return any(shape in data for shape in shapes)

    assert not holds(watched.run.output.encode()), "it is in the output"
    assert watched.command_lines, "nothing was watched"
    assert not [line for line in watched.command_lines if holds(line.encode())], "it is in a command line"
    given = {watched.run.workdir / "variables.yml"}
    for path in files(watched.run.workdir):
        if holds(path.read_bytes()):
            assert path in given or any(path == own or own in path.parents for own in written), f"it is in {path}"
            assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and not path.is_symlink()]


def last_failure(run: Run) -> str:
    """The message of the last task that failed."""
    failed = [result for result in run.results if result.status == "failed"]
    assert failed, run.output
    return " ".join(str(failed[-1].get("msg", "")).split())


def _command_lines(pid: int) -> t.Iterator[str]:
    mine = {pid, *_descendants(pid)}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            if int(entry.name) in mine:
                yield Path(entry.path, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ProcessLookupError):
            continue


# The state of the directory


def log_in(emulator: Emulator, client_id: str, secret: str) -> bool:
    """Whether Entra ID takes a secret of an app."""
    return token(emulator, client_id, secret) is not None


def log_in_with_certificate(emulator: Emulator, client_id: str, content: str) -> bool:
    """Whether Entra ID takes a certificate of an app. ``content``: its key and itself, PEM or a PFX in base64."""
    if "-----BEGIN" in content:
        key: t.Any = serialization.load_pem_private_key(content.encode(), None)
        certificate: t.Any = x509.load_pem_x509_certificate(content[content.index("-----BEGIN CERT") :].encode())
    else:
        key, certificate, _chain = pkcs12.load_key_and_certificates(base64.b64decode(content), None)
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA1())).decode()  # Entra's x5t
    now = int(time.time())
    path = f"{emulator.url}/{contoso.TENANT}/oauth2/v2.0/token"
    claims = {"aud": path, "iss": client_id, "sub": client_id, "jti": str(uuid.uuid4()), "nbf": now, "exp": now + 300}
    assertion = jwt.encode(claims, key, algorithm="RS256", headers={"x5t": thumbprint})
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return _token(emulator, client_id, {"client_assertion": assertion, "client_assertion_type": kind}) is not None


def key_ids(emulator: Emulator, client_id: str, kind: str = "passwordCredentials") -> set[str]:
    """The secrets or certificates that an app has, as Graph returns them; requested with a secret that no test rotates."""
    headers = {"Authorization": f"Bearer {token(emulator, contoso.DEPLOY.client_id, contoso.DEPLOY.secrets[1])}"}
    path = f"/v1.0/applications(appId='{client_id}')?$select=id,{kind}"
    return {entry["keyId"] for entry in emulator.call("GET", path, headers=headers).json()[kind]}


def token(emulator: Emulator, client_id: str, secret: str, scope: str = _GRAPH) -> str | None:
    """A token got with a client secret, if Entra ID takes it."""
    return _token(emulator, client_id, {"client_secret": secret}, scope)


def _token(emulator: Emulator, client_id: str, proof: dict[str, str], scope: str = _GRAPH) -> str | None:
    form = {"grant_type": "client_credentials", "client_id": client_id, "scope": scope, **proof}
    try:
        answer = emulator.call("POST", f"/{contoso.TENANT}/oauth2/v2.0/token", data=form).json()
    except AssertionError:
        return None
    return str(answer["access_token"])
