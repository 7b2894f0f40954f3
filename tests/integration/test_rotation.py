# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of a client secret in a real OpenBao and in an Ansible Vault file, also when it is killed at any step."""

from __future__ import annotations

import time
import typing as t

import pytest

from harness import contoso, credentials
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.openbao import OpenBao

pytestmark = pytest.mark.slow

PATH = "powerbi/rotated"
OLD = contoso.DEPLOY.secret
OLD_KEY_ID = "5ec00000-0000-4000-8000-000000000001"
SECOND_KEY_ID = "5ec00000-0000-4000-8000-000000000002"


@pytest.fixture
def vault(openbao: OpenBao, fresh_emulator: Emulator) -> OpenBao:
    """The app's first secret as an admin wrote it by hand: with no note of its key id, and a field of somebody else."""
    openbao.write(PATH, **contoso.identity(contoso.DEPLOY), owner="team-bi")
    return openbao


def variables(emulator: Emulator, openbao: OpenBao, **more: t.Any) -> dict[str, t.Any]:
    return {
        "powerbi_credentials_source": "hashi_vault",
        "powerbi_credentials_path": PATH,
        "powerbi_credentials_hashi_vault": openbao.approle("rotator"),
        "powerbi_credentials_extra_options": contoso.connection(emulator),
        "powerbi_credentials_rotate_display_name": "ansible-prod",
        "powerbi_credentials_rotate_keep": 0,
        "powerbi_credentials_rotate_before": None,  # the seed's secret is good for years
        **more,
    }


def rotate(ansible: AnsibleRunner, given: dict[str, t.Any], **kwargs: t.Any) -> Run:
    return credentials.run_role(ansible, given, tasks_from="rotate", **kwargs)


def works(emulator: Emulator, secret: str) -> bool:
    """Whether Entra ID takes a secret of the app."""
    return credentials.log_in(emulator, contoso.DEPLOY.client_id, secret)


def key_ids(emulator: Emulator) -> set[str]:
    """The secrets that the app has, as Graph says it."""
    return credentials.key_ids(emulator, contoso.DEPLOY.client_id)


@pytest.mark.everycore
def test_a_new_secret_is_proven_stored_and_the_old_one_removed(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """And at no moment is there a secret in the vault that does not work."""
    fresh_emulator.tenant(secret_replication=3.0)
    running = credentials.start_role(ansible, variables(fresh_emulator, vault), tasks_from="rotate", verbosity=4)
    seen: list[tuple[str, bool]] = []
    while running.process.poll() is None:
        secret = vault.read(PATH)["client_secret"]
        seen.append((secret, works(fresh_emulator, secret)))
        time.sleep(0.1)
    done = running.wait().ok()
    assert all(worked for _secret, worked in seen)
    assert len(seen) > 20
    stored = vault.read(PATH)
    assert stored["client_secret"] != OLD
    assert (stored["owner"], stored["tenant_id"]) == ("team-bi", contoso.TENANT)
    assert works(fresh_emulator, stored["client_secret"])
    assert not works(fresh_emulator, OLD)
    assert key_ids(fresh_emulator) == {stored["key_id"], SECOND_KEY_ID}
    said = done.result("Say what was done")["msg"]
    assert "because a new one was asked for" in said
    assert OLD_KEY_ID in said
    assert stored["client_secret"] not in done.output
    assert OLD not in done.output


def test_the_next_run_has_nothing_to_do(vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    given = variables(fresh_emulator, vault)
    rotate(ansible, given).ok()
    version, present = vault.version(PATH), key_ids(fresh_emulator)
    done = rotate(ansible, {**given, "powerbi_credentials_rotate_before": 30}).ok()
    assert not [result for result in done.results if result.changed]
    assert (vault.version(PATH), key_ids(fresh_emulator)) == (version, present)


def test_the_last_one_is_kept_for_running_jobs(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """keep 1: after each rotation the one before still works, and the one before that is gone."""
    given = variables(fresh_emulator, vault, powerbi_credentials_rotate_keep=1)
    rotate(ansible, given).ok()
    first = vault.read(PATH)
    assert works(fresh_emulator, OLD)
    rotate(ansible, given).ok()
    second = vault.read(PATH)
    assert not works(fresh_emulator, OLD)
    assert works(fresh_emulator, first["client_secret"])
    assert key_ids(fresh_emulator) == {second["key_id"], first["key_id"], SECOND_KEY_ID}


def test_check_mode_tells_and_touches_nothing(vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    version, present = vault.version(PATH), key_ids(fresh_emulator)
    done = rotate(ansible, variables(fresh_emulator, vault), check=True, diff=True).ok()
    added = done.result("Add a client secret to the app if one is needed, and prove it")
    assert added.changed
    assert "(new)" in done.stdout
    assert (vault.version(PATH), key_ids(fresh_emulator)) == (version, present)


def test_a_write_that_is_denied_takes_the_new_secret_back(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    present = key_ids(fresh_emulator)
    given = variables(fresh_emulator, vault, powerbi_credentials_hashi_vault=vault.approle("reader"))
    message = credentials.last_failure(rotate(ansible, given).failed())
    assert "it was removed from the app again" in message
    assert "capabilities create and update" in message
    assert vault.read(PATH)["client_secret"] == OLD
    assert key_ids(fresh_emulator) == present


def test_a_secret_that_never_spreads_is_taken_back(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    fresh_emulator.tenant(secret_replication=3600.0)
    present = key_ids(fresh_emulator)
    given = variables(fresh_emulator, vault, powerbi_credentials_propagation_timeout=2)
    message = credentials.last_failure(rotate(ansible, given).failed())
    assert "not accepted 3 times in a row within 2 s" in message
    assert vault.read(PATH)["client_secret"] == OLD
    assert key_ids(fresh_emulator) == present


def test_a_lost_answer_leaves_no_secret_behind(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    fresh_emulator.fault(path="addPassword", reset="after", times=1)
    rotate(ansible, variables(fresh_emulator, vault)).ok()
    assert key_ids(fresh_emulator) == {vault.read(PATH)["key_id"], SECOND_KEY_ID}


def test_neither_secret_is_shown_or_left(vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    given = variables(fresh_emulator, vault)
    watched = credentials.run_watched(ansible, given, tasks_from="rotate", verbosity=4, diff=True)
    for secret in (OLD, vault.read(PATH)["client_secret"], given["powerbi_credentials_hashi_vault"]["secret_id"]):
        credentials.assert_nowhere(secret, watched)


@pytest.mark.parametrize("source", ["env", "vars"])
def test_what_can_t_be_written_is_refused(
    source: str, vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    given = variables(fresh_emulator, vault, powerbi_credentials_source=source)
    assert "can't be rotated. Remedy: keep the credential in" in credentials.last_failure(
        rotate(ansible, given).failed()
    )


# Killed at each step, and run again.


class KillPoint(t.NamedTuple):
    """``prepare`` orders what makes the moment last, ``reached`` tells when it has come."""

    prepare: dict[str, t.Any]
    reached: t.Callable[[Emulator, OpenBao, Before], bool]
    fault: dict[str, t.Any] | None = None


class Before(t.NamedTuple):
    version: int
    key_ids: set[str]
    audited: int


def written(openbao: OpenBao, before: Before) -> bool:
    entries = openbao.audit(f"secret/data/{PATH}")[before.audited :]
    return any(entry["request"]["operation"] == "update" for entry in entries)


def tokens_after_adding(emulator: Emulator, status: int) -> int:
    """How many log-ins since addPassword were answered with that status."""
    log = emulator.requests()
    added = next((number for number, entry in enumerate(log) if entry["path"].endswith("/addPassword")), len(log))
    return sum(entry["status"] == status and "/oauth2/" in entry["path"] for entry in log[added:])


KILL_POINTS = {
    "before the secret is added": KillPoint(
        {},
        lambda emulator, _bao, _before: bool(emulator.requests("/addPassword$")),
        {"path": "/addPassword$", "delay": 30, "times": 1},
    ),
    "added, the answer not yet read": KillPoint(
        {},
        lambda emulator, _bao, before: len(key_ids(emulator)) > len(before.key_ids),
        {"path": "/addPassword$", "drip": 2, "times": 1},
    ),
    "while it spreads": KillPoint(
        {"secret_replication": 3600.0}, lambda emulator, _bao, _before: tokens_after_adding(emulator, 401) >= 2
    ),
    "proven, not yet in the vault": KillPoint(
        {}, lambda emulator, _bao, _before: tokens_after_adding(emulator, 200) >= 3
    ),
    "written to the vault, not yet read back": KillPoint({}, lambda _emulator, bao, before: written(bao, before)),
    "read back, the old one not yet removed": KillPoint(
        {},
        lambda emulator, _bao, _before: bool(emulator.requests("/removePassword$")),
        {"path": "/removePassword$", "delay": 30, "times": 1},
    ),
    "the old one removed": KillPoint({}, lambda emulator, _bao, _before: OLD_KEY_ID not in key_ids(emulator)),
}


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> t.Iterator[list[tuple[str, ...]]]:
    """Rows for the reader of the test's output."""
    rows: list[tuple[str, ...]] = [("killed", "secrets of the app then", "vault then", "after the next run")]
    yield rows
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print()  # noqa: T201 - that is what it is for
        for row in rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201


@pytest.mark.parametrize("name", KILL_POINTS)
def test_killed_and_run_again(
    name: str, vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner, table: list[tuple[str, ...]]
) -> None:
    point = KILL_POINTS[name]
    before = Before(vault.version(PATH), key_ids(fresh_emulator), len(vault.audit(f"secret/data/{PATH}")))
    fresh_emulator.tenant(**point.prepare)
    if point.fault:
        fresh_emulator.fault(**point.fault)
    given = variables(fresh_emulator, vault)
    running = credentials.start_role(ansible, given, tasks_from="rotate")
    while not point.reached(fresh_emulator, vault, before):
        assert running.process.poll() is None, running.wait().output
        time.sleep(0.005)
    credentials.kill_all(running)

    then, version_then = vault.read(PATH), vault.version(PATH)
    assert works(fresh_emulator, then["client_secret"]), "the vault has no working secret"
    present = key_ids(fresh_emulator)
    stage = list(KILL_POINTS).index(name)
    assert (then["client_secret"] == OLD) is (stage < 4)
    assert (OLD_KEY_ID in present) is (stage < 6)
    assert len(present) == {0: 2, 6: 2}.get(stage, 3)

    fresh_emulator.clear_faults()
    fresh_emulator.tenant(secret_replication=0.0)
    # What is forced would be forced again: where the vault has the new secret, only the rest is to be done.
    rotate(ansible, {**given, "powerbi_credentials_rotate_before": None if stage < 4 else 30}).ok()
    now, left = vault.read(PATH), key_ids(fresh_emulator)
    assert works(fresh_emulator, now["client_secret"])
    assert not works(fresh_emulator, OLD)
    assert left == {now["key_id"], SECOND_KEY_ID}
    assert (now["key_id"] == then.get("key_id")) is (stage >= 4)
    table.append(
        (
            name,
            f"{len(present)}, the old one {'among them' if OLD_KEY_ID in present else 'removed'}",
            f"version {1 + version_then - before.version}: the {'old' if stage < 4 else 'new'} one, works",
            f"{len(left)} secrets, the vault's works, the old one is gone",
        )
    )
