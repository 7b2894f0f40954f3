# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation in a real OpenBao; and killed at any step, there, in Azure Key Vault and in an Ansible Vault file."""

from __future__ import annotations

import importlib.resources
import re
import time
import types
import typing as t
from pathlib import Path

import pytest
import yaml

from harness import contoso, credentials
from harness.ansible_run import AnsibleRunner, Run
from harness.emulator import Emulator
from harness.modules import Modules
from harness.openbao import OpenBao
from harness.rotation import CertificateInKeyVault, InKeyVault, InOpenBao, InVaultedFile, Source

pytestmark = pytest.mark.slow

PATH = "powerbi/rotated"
OLD = contoso.DEPLOY.secret
OLD_KEY_ID = "5ec00000-0000-4000-8000-000000000001"
SECOND_KEY_ID = "5ec00000-0000-4000-8000-000000000002"


@pytest.fixture
def vault(openbao: OpenBao, fresh_emulator: Emulator) -> OpenBao:
    """The app's first secret as an admin wrote it by hand: without its key id, and with a field of another owner."""
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
    """The secrets that the app has, as Graph returns them."""
    return credentials.key_ids(emulator, contoso.DEPLOY.client_id)


@pytest.mark.everycore
def test_a_new_secret_is_proven_stored_and_the_old_one_removed(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """At no moment is there a secret in the vault that does not work; and no secret is shown or left anywhere."""
    fresh_emulator.tenant(secret_replication=3.0)
    given = variables(fresh_emulator, vault)
    seen: list[bool] = []
    running = credentials.start_role(
        ansible,
        given,
        tasks_from="rotate",
        env={**credentials.WITH_HASHI_VAULT, **credentials.fact_cache(ansible)},
        verbosity=4,
        diff=True,
    )
    watched = credentials.watch(running, lambda: seen.append(works(fresh_emulator, vault.read(PATH)["client_secret"])))
    assert all(seen)
    assert len(seen) > 10
    stored = vault.read(PATH)
    assert stored["client_secret"] != OLD
    assert (stored["owner"], stored["tenant_id"]) == ("team-bi", contoso.TENANT)
    assert works(fresh_emulator, stored["client_secret"])
    assert not works(fresh_emulator, OLD)
    assert key_ids(fresh_emulator) == {stored["key_id"], SECOND_KEY_ID}
    said = watched.run.result("Report the result")["msg"]
    assert "because a new one was requested" in said
    assert OLD_KEY_ID in said
    for secret in (OLD, stored["client_secret"], given["powerbi_credentials_hashi_vault"]["secret_id"]):
        credentials.assert_nowhere(secret, watched)


def test_one_log_in_serves_the_whole_rotation_and_the_next_run_has_nothing_to_do(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """A secret_id of one use is enough to read, write and read back; the token that it gave is revoked at the end."""
    given = variables(fresh_emulator, vault, powerbi_credentials_hashi_vault=vault.approle("rotator-once"))
    before = len(vault.audit())
    rotate(ansible, given).ok()
    done = [(entry["request"]["operation"], entry["request"]["path"]) for entry in vault.audit()[before:]]
    assert [step for step in done if step[1].startswith(("auth/", "secret/"))] == [
        ("update", "auth/approle/login"),
        ("read", f"secret/data/{PATH}"),
        ("update", f"secret/data/{PATH}"),  # the name that the new secret will have
        ("update", f"secret/data/{PATH}"),
        ("read", f"secret/data/{PATH}"),
        ("update", "auth/token/revoke-self"),
    ]
    assert works(fresh_emulator, vault.read(PATH)["client_secret"])
    version, present = vault.version(PATH), key_ids(fresh_emulator)
    again = rotate(ansible, variables(fresh_emulator, vault, powerbi_credentials_rotate_before=30)).ok()
    assert not [result for result in again.results if result.changed]
    assert (vault.version(PATH), key_ids(fresh_emulator)) == (version, present)


# Nothing is kept: so do the other tests.
@pytest.mark.parametrize("keep", [pytest.param(0, marks=pytest.mark.more), 1])
def test_check_mode_names_what_the_real_run_then_removes(
    keep: int, vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """keep 1: after each rotation the one before still works, for running jobs, and the one before that is gone."""
    given = variables(fresh_emulator, vault, powerbi_credentials_rotate_keep=keep)
    rotate(ansible, given).ok()
    first, version, present = vault.read(PATH), vault.version(PATH), key_ids(fresh_emulator)
    assert works(fresh_emulator, OLD) is (keep == 1)
    planned = rotate(ansible, given, check=True, diff=True).ok()
    assert (vault.version(PATH), key_ids(fresh_emulator)) == (version, present)
    assert planned.result("Add a client secret to the app if one is needed, and validate it").changed
    assert "(new)" in planned.stdout
    real = rotate(ansible, given, diff=True).ok()
    task = "Remove the former client secrets"
    assert planned.result(task)["removed"] == real.result(task)["removed"]
    assert real.result(task)["removed"]
    assert len([r for r in planned.results if r.changed]) == len([r for r in real.results if r.changed])
    for key_id in real.result(task)["removed"]:
        assert f"-{key_id}" in "".join(planned.stdout.split()).replace('"', "")
    second = vault.read(PATH)
    assert second["client_secret"] not in planned.output + real.output
    assert not works(fresh_emulator, OLD)
    assert works(fresh_emulator, first["client_secret"]) is (keep == 1)
    kept = {first["key_id"]} if keep else set()
    assert key_ids(fresh_emulator) == {second["key_id"], SECOND_KEY_ID, *kept}


def test_a_write_that_is_denied_is_found_out_before_a_secret_is_made(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """As are sources that nothing can be written to."""
    present = key_ids(fresh_emulator)
    cases = {
        "denied": {"powerbi_credentials_hashi_vault": vault.approle("reader")},
        "env": {"powerbi_credentials_source": "env"},
        "vars": {"powerbi_credentials_source": "vars"},
    }
    run = credentials.run_cases(
        ansible,
        {name: variables(fresh_emulator, vault, **own) for name, own in cases.items()},
        tasks_from="rotate",
        env=credentials.WITH_HASHI_VAULT,
    )
    assert "capabilities create and update" in credentials.failure_of(run, "denied")
    for source in ("env", "vars"):
        assert "can't be rotated. Remedy: keep the credential in" in credentials.failure_of(run, source)
    assert not fresh_emulator.requests("/addPassword$")
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


def test_a_lost_answer_leaves_no_secret_behind_and_a_token_of_one_use_is_got_for_each_step(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    fresh_emulator.fault(path="addPassword", reset="after", times=1)
    given = variables(fresh_emulator, vault, powerbi_credentials_hashi_vault=vault.approle("rotator-counted"))
    before = len(vault.audit("auth/approle/login"))
    rotate(ansible, given).ok()
    assert len(vault.audit("auth/approle/login")) - before == 4
    stored = vault.read(PATH)
    assert works(fresh_emulator, stored["client_secret"])
    assert key_ids(fresh_emulator) == {stored["key_id"], SECOND_KEY_ID}


def test_a_lost_answer_of_the_vault_costs_nothing(fresh_emulator: Emulator, ansible: AnsibleRunner) -> None:
    """The write took effect, and the run can't know: removing the new secret would leave the vault with a dead one."""
    source = InKeyVault(fresh_emulator)
    fresh_emulator.fault(path=source.write, method="PUT", status=400, body="{}", acted=True)
    rotate(ansible, source.variables(), env=source.env).ok()
    credential, key_id = source.content()
    assert source.works(credential)
    assert not source.works(source.old)
    assert source.key_ids() == {key_id, *source.others}


# Only what the source's own notes name is removed.


def test_two_sources_of_one_app_do_not_touch_each_other(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """Two pipelines with the same display name, and a secret that a person made under it."""
    modules = Modules(fresh_emulator)
    person = modules("powerbi_client_secret", display_name="ansible-prod")
    other = "powerbi/other-pipeline"
    vault.write(other, **contoso.identity(contoso.DEPLOY))
    given = variables(fresh_emulator, vault)
    rotate(ansible, {**given, "powerbi_credentials_path": other, "powerbi_credentials_rotate_keep": 1}).ok()
    for _time in range(2):
        said = rotate(ansible, given).ok().result("Report the result")["msg"]
    assert person["key_id"] in said.partition("left alone")[2]
    assert works(fresh_emulator, vault.read(other)["client_secret"])
    assert works(fresh_emulator, vault.read(PATH)["client_secret"])
    assert works(fresh_emulator, person["client_secret"])


def test_profiles_of_one_run_with_one_app_all_work_afterwards(
    vault: OpenBao, fresh_emulator: Emulator, ansible: AnsibleRunner
) -> None:
    """Both hold the same secret; nothing old is kept."""
    vault.write("powerbi/second", **contoso.identity(contoso.DEPLOY))
    profiles = [{"name": "dev"}, {"name": "test", "path": "powerbi/second"}]
    rotate(ansible, variables(fresh_emulator, vault, powerbi_credentials_profiles=profiles)).ok()
    assert not works(fresh_emulator, OLD)
    for path in (PATH, "powerbi/second"):
        assert works(fresh_emulator, vault.read(path)["client_secret"])


@pytest.mark.parametrize("noted", [True, pytest.param(False, marks=pytest.mark.more)])
def test_a_left_over_is_removed_also_when_nothing_is_due(
    noted: bool, fresh_emulator: Emulator, ansible: AnsibleRunner, tmp_path: Path
) -> None:
    """A file with no key id, whose rotation was killed after the secret was added; one of another name stays."""
    source = InVaultedFile(fresh_emulator, tmp_path)
    modules = Modules(fresh_emulator)
    orphan = modules("powerbi_client_secret", display_name="ansible-prod 0123456789")
    stranger = modules("powerbi_client_secret", display_name="ansible-prod 9876543210")
    if noted:
        source.change(rotation_name="ansible-prod 0123456789")
    given = {**source.variables(), "powerbi_credentials_rotate_before": 30}
    done = rotate(ansible, given, env=source.env).ok()
    assert not fresh_emulator.requests("/addPassword$")[2:]
    assert source.key_ids() == {source.old_key_id, *source.others, stranger["key_id"]} | (
        set() if noted else {orphan["key_id"]}
    )
    assert stranger["key_id"] in done.result("Report the result")["msg"].partition("left alone")[2]
    if noted:
        assert not [result for result in rotate(ansible, given, env=source.env).ok().results if result.changed]


# Killed at each step, and run again.


class KillPoint(t.NamedTuple):
    """``prepare`` orders what makes the moment last, ``reached`` returns whether it has come; ``fault`` is one of its ``at``."""

    reached: t.Callable[[Source], bool]
    at: str = ""
    fault: dict[str, t.Any] | None = None
    prepare: t.Mapping[str, t.Any] = types.MappingProxyType({})


def tokens_after_adding(source: Source, status: int) -> int:
    """How many log-ins since the credential was added were answered with that status."""
    log = source.emulator.requests()
    added = next((number for number, entry in enumerate(log) if re.search(source.add, entry["path"])), len(log))
    return sum(entry["status"] == status and "/oauth2/" in entry["path"] for entry in log[added:])


KILL_POINTS = {
    "before it is added": KillPoint(
        lambda source: bool(source.emulator.requests(source.add)), "add", {"delay": 30, "times": 1}
    ),
    "added, the answer not yet read": KillPoint(
        lambda source: len(source.key_ids()) > 1 + len(source.others), "add", {"drip": 2, "times": 1}
    ),
    "while it spreads": KillPoint(
        lambda source: tokens_after_adding(source, 401) >= 2, prepare={"secret_replication": 3600.0}
    ),
    "validated, not yet in the source": KillPoint(lambda source: tokens_after_adding(source, 200) >= 3),
    "written, not yet read back": KillPoint(lambda source: source.written),
    "read back, the old one not yet removed": KillPoint(
        lambda source: bool(source.emulator.requests(source.remove)), "remove", {"delay": 30, "times": 1}
    ),
    "the old one removed": KillPoint(lambda source: source.old_key_id not in source.key_ids()),
}
SOURCES = {
    "secret, OpenBao": "openbao",
    "secret, Key Vault": "key_vault",
    "secret, Ansible Vault file": "file",
    "certificate, Key Vault": "certificate",
}


# What the sources have in common is shown by one of them; of the others, the moments around their own writes. `make test` has
# one moment of each stretch that the next run goes on from in another way, and after its own write each source.
AROUND_WRITES = ("validated, not yet in the source", "written, not yet read back")
STRETCHES = (
    "added, the answer not yet read",
    "validated, not yet in the source",
    "read back, the old one not yet removed",
)


def extent(source: str, name: str) -> list[pytest.MarkDecorator]:
    is_first = source == "secret, OpenBao"
    if name in (STRETCHES if is_first else AROUND_WRITES[1:]):
        return []
    return [pytest.mark.more if is_first or name in AROUND_WRITES else pytest.mark.full]


KILLED = [pytest.param(source, name, marks=extent(source, name)) for source in SOURCES for name in KILL_POINTS]


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> t.Iterator[list[tuple[str, ...]]]:
    """Rows for the reader of the test's output."""
    rows: list[tuple[str, ...]] = [
        ("source", "killed", "the app has then", "the source has then", "after the next run")
    ]
    yield rows
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print()  # noqa: T201 - that is what it is for
        for row in rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())  # noqa: T201


@pytest.fixture(scope="module")
def certificate_emulator(
    start_emulator: t.Callable[..., Emulator], tmp_path_factory: pytest.TempPathFactory
) -> Emulator:
    """Its certificate's app may read itself in Graph, and owns itself: an app's own key is all it needs to renew it."""
    seed = yaml.safe_load(importlib.resources.files("powerbi_emulator").joinpath("default_seed.yaml").read_text())
    app = next(app for app in seed["apps"] if app["client_id"] == contoso.CERTIFICATE_APP.client_id)
    app["roles"] = ["Application.Read.All"]
    path = tmp_path_factory.mktemp("seed") / "seed.yaml"
    path.write_text(yaml.safe_dump(seed))
    return start_emulator(seed=path)


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    kind = SOURCES[request.param]
    emulator: Emulator = request.getfixturevalue("certificate_emulator" if kind == "certificate" else "fresh_emulator")
    emulator.clean()
    if kind == "openbao":
        return InOpenBao(emulator, request.getfixturevalue("openbao"))
    if kind == "file":
        return InVaultedFile(emulator, tmp_path)
    return CertificateInKeyVault(emulator) if kind == "certificate" else InKeyVault(emulator)


@pytest.mark.parametrize(("source", "name"), KILLED, indirect=["source"])
def test_killed_and_run_again(
    name: str, source: Source, request: pytest.FixtureRequest, ansible: AnsibleRunner, table: list[tuple[str, ...]]
) -> None:
    point, stage = KILL_POINTS[name], list(KILL_POINTS).index(name)
    emulator, count = source.emulator, 1 + len(source.others)
    emulator.tenant(**point.prepare)
    if point.fault:
        emulator.fault(path=getattr(source, point.at), **point.fault)
    given = source.variables()
    running = credentials.start_role(ansible, given, tasks_from="rotate", env=source.env)
    while not point.reached(source):
        assert running.process.poll() is None, running.wait().output
        time.sleep(0.02)
    credentials.kill_all(running)

    then, present = source.content(), source.key_ids()
    assert source.works(then[0]), "the source has no working credential"
    assert (then[0] == source.old) is (stage < 4)
    assert (source.old_key_id in present) is (stage < 6)
    assert len(present) == {0: count, 6: count}.get(stage, count + 1)

    emulator.clear_faults()
    emulator.tenant(secret_replication=0.0)
    # What is forced would be forced again: where the source has the new one, only the rest is to be done.
    again = {**given, "powerbi_credentials_rotate_before": None if stage < 4 else 30}
    rotate(ansible, again, env=source.env).ok()
    now, left = source.content(), source.key_ids()
    assert source.works(now[0])
    assert not source.works(source.old)
    assert left == {now[1], *source.others}
    assert (now == then) is (stage >= 4)
    table.append(
        (
            request.node.callspec.id.rpartition("-")[0],
            name,
            f"{len(present)}, the old one {'among them' if source.old_key_id in present else 'removed'}",
            f"the {'old' if stage < 4 else 'new'} one, works",
            f"{len(left)}; the source has the {'same' if now == then else 'new'} one, works; the old one is gone",
        )
    )
