# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_client_secret and powerbi_client_certificate: an app's own credentials, added, renewed and removed."""

from __future__ import annotations

import base64
import threading
import time
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from harness import contoso, credentials
from harness.emulator import Emulator
from harness.modules import Modules

NAME: t.Final = "ansible-prod"
OTHER_TEXT: t.Final = contoso.DEPLOY.secrets[1]
OTHER_KEY: t.Final = "ce900000-0000-4000-8000-00000000000f"
_BEGIN: t.Final = "-----BEGIN CERTIFICATE-----"
KINDS: t.Final = {"secrets": "powerbi_client_secret", "certificates": "powerbi_client_certificate"}
NEW: t.Final = {"secrets": "client_secret", "certificates": "certificate_data"}


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def ids(result: dict[str, t.Any], kind: str) -> set[str]:
    return {item["key_id"] for item in result[kind]}


@pytest.mark.parametrize("kind", KINDS)
def test_one_is_added_renewed_and_removed(modules: Modules, kind: str) -> None:
    """Each run finds what the one before returned; check mode returns the same and writes nothing."""
    module, given = KINDS[kind], {"display_name": NAME}
    planned = modules(module, check=True, **given)
    assert planned["changed"] and NEW[kind] not in planned
    assert planned["reason"] == f"the app has no valid one called '{NAME}'"
    assert NAME in str(planned["diff"])
    made = modules(module, **given)
    assert made["changed"] and made["reason"] == planned["reason"]
    assert ids(made, kind) == ids(planned, kind) | {made["key_id"]}
    assert "former_key_id" not in made and NAME in str(made["diff"])

    again = modules(module, **given)
    assert not again["changed"] and again["key_id"] == made["key_id"] and again["expires_on"] == made["expires_on"]
    assert NEW[kind] not in again and ids(again, kind) == ids(made, kind)

    far = {**given, "state": "rotated", "key_id": made["key_id"], "rotate_before": 30}
    assert not modules(module, **far)["changed"]
    rotated_result = modules(module, **{**far, "rotate_before": 300})
    assert rotated_result["changed"] and rotated_result["former_key_id"] == made["key_id"] != rotated_result["key_id"]
    assert rotated_result["reason"].startswith("the one in use expires in ")
    assert rotated_result[NEW[kind]] != made[NEW[kind]]

    gone = {**given, "state": "absent", "keep_key_ids": [rotated_result["key_id"]]}
    assert modules(module, check=True, **gone)["removed"] == [made["key_id"]]
    removed = modules(module, **gone)
    assert removed["changed"] and removed["removed"] == [made["key_id"]]
    assert ids(removed, kind) == ids(rotated_result, kind) - {made["key_id"]}
    assert not modules(module, **gone)["changed"]


def test_a_new_secret_logs_in(fresh_emulator: Emulator, modules: Modules) -> None:
    made = modules("powerbi_client_secret", display_name=NAME)
    assert credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, made["client_secret"])
    modules("powerbi_client_secret", state="absent", key_ids=[made["key_id"]])
    assert not credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, made["client_secret"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_ones_stay(modules: Modules, kind: str) -> None:
    """A task that would lock the app out removes none of them, in check mode neither."""
    made = modules(KINDS[kind], display_name=NAME)
    other = next(one for one in KINDS if one != kind)
    lone = modules(KINDS[other], display_name=NAME)
    modules(KINDS[other], state="absent", key_ids=sorted(ids(lone, other)), allow_lockout=True)
    everything = {"state": "absent", "key_ids": sorted(ids(made, kind))}
    for check in (True, False):
        result = modules.fail(KINDS[kind], check=check, **everything)
        assert "last valid credential" in result["msg"] and not result["changed"]
    assert ids(modules(KINDS[kind], display_name=NAME), kind) == ids(made, kind)


OWN: t.Final = "5ec00000-0000-4000-8000-000000000001"  # what the tasks of this file log in with
OTHER: t.Final = "5ec00000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    "options",
    [
        {"display_name": "ansible", "keep_key_ids": [""]},
        {"display_name": "ansible", "keep_key_ids": [None]},
        {"display_name": "ansible", "keep_key_ids": ["the one in use"]},
        {"key_ids": [""]},
        {"display_name": ""},
        {"display_name": " ", "key_ids": []},
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_an_emptied_variable_removes_nothing(modules: Modules, options: dict[str, t.Any], check: bool) -> None:
    before = modules("powerbi_client_secret", state="absent", key_ids=[])
    modules.fail("powerbi_client_secret", check=check, state="absent", **options)
    assert modules("powerbi_client_secret", state="absent", key_ids=[])["secrets"] == before["secrets"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("named", [OWN, f"{{{OWN.upper()}}}"])
def test_the_secret_that_logs_in_is_removed_only_when_forced(
    modules: Modules, fresh_emulator: Emulator, check: bool, named: str
) -> None:
    failed = modules.fail("powerbi_client_secret", check=check, state="absent", key_ids=[named])
    assert f"that this task logs in with ({OWN})" in failed["msg"] and not failed["changed"]
    assert credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, contoso.DEPLOY.secret)
    forced = modules("powerbi_client_secret", check=check, state="absent", key_ids=[named], allow_lockout=True)
    assert forced["removed"] == [OWN]
    assert credentials.log_in(fresh_emulator, contoso.DEPLOY.client_id, contoso.DEPLOY.secret) is check


def test_a_secret_from_a_file_is_protected_too(fresh_emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text(contoso.DEPLOY.secret + "\n")
    modules = Modules(fresh_emulator, client_secret=None, client_secret_file=str(path))
    assert "logs in with" in modules.fail("powerbi_client_secret", state="absent", key_ids=[OWN])["msg"]


def test_ids_in_braces_are_kept(modules: Modules) -> None:
    name = modules("powerbi_client_secret", state="absent", key_ids=[])["secrets"][0]["display_name"]
    braced = [f"{{{OWN.upper()}}}", f" {OTHER.upper()} "]
    kept = modules("powerbi_client_secret", check=True, state="absent", display_name=name, keep_key_ids=braced)
    assert kept["removed"] == []


def test_the_list_of_certificates_is_read_right_before_it_is_replaced(
    modules: Modules, fresh_emulator: Emulator
) -> None:
    """Another team adds its certificate while the new one of this task waits to be accepted, in vain."""
    theirs = modules("powerbi_client_certificate", display_name="theirs")
    modules("powerbi_client_certificate", state="absent", key_ids=[theirs["key_id"]])
    fresh_emulator.tenant(secret_replication=3600.0)
    added: list[str] = []

    def meanwhile() -> None:
        while not fresh_emulator.requests(r"/applications/[^/]+$", "PATCH"):
            time.sleep(0.05)
        object_id = theirs["application"]["id"]
        headers = {"Authorization": f"Bearer {credentials.token(fresh_emulator, contoso.DEPLOY.client_id, OTHER_TEXT)}"}
        path = f"/v1.0/applications/{object_id}?$select=keyCredentials"
        present = fresh_emulator.call("GET", path, headers=headers).json()["keyCredentials"]
        der = x509.load_pem_x509_certificate(
            theirs["certificate_data"][theirs["certificate_data"].index(_BEGIN) :].encode()
        )
        key = base64.b64encode(der.public_bytes(serialization.Encoding.DER)).decode()
        entry = {
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "key": key,
            "displayName": "theirs",
            "keyId": OTHER_KEY,
        }
        body = {"keyCredentials": [*present, entry]}
        fresh_emulator.call("PATCH", path.partition("?")[0], headers=headers, json=body)
        added.append(OTHER_KEY)

    thread = threading.Thread(target=meanwhile)
    thread.start()
    modules.fail("powerbi_client_certificate", display_name=NAME, propagation_timeout=4)
    thread.join()
    assert added
    assert credentials.key_ids(fresh_emulator, contoso.DEPLOY.client_id, "keyCredentials") >= {OTHER_KEY}
    left = modules("powerbi_client_certificate", state="absent", key_ids=[])["certificates"]
    assert NAME not in {item["display_name"] for item in left}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("application", [None, "Ansible Deploy"])
def test_reads_that_show_a_change_late(
    modules: Modules, fresh_emulator: Emulator, kind: str, application: str | None
) -> None:
    """What was there before stays, and what was added is in the result; the app is named by its name, too."""
    before = modules(KINDS[kind], display_name="first", application=application)
    fresh_emulator.tenant(graph_read_lag=3.0)
    made = modules(KINDS[kind], display_name=NAME, application=application)
    assert ids(made, kind) == ids(before, kind) | {made["key_id"]}
    fresh_emulator.tenant(graph_read_lag=0.0)
    time.sleep(3)
    now = modules(KINDS[kind], state="absent", key_ids=[], application=application)
    assert ids(now, kind) == ids(made, kind)
