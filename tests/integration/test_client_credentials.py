# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""powerbi_client_secret and powerbi_client_certificate: an app's own credentials, added, renewed and removed."""

from __future__ import annotations

import typing as t

import pytest

from harness import contoso, credentials
from harness.emulator import Emulator
from harness.modules import Modules

NAME: t.Final = "ansible-prod"
KINDS: t.Final = {"secrets": "powerbi_client_secret", "certificates": "powerbi_client_certificate"}
NEW: t.Final = {"secrets": "client_secret", "certificates": "certificate_data"}


@pytest.fixture
def modules(fresh_emulator: Emulator) -> Modules:
    return Modules(fresh_emulator)


def ids(result: dict[str, t.Any], kind: str) -> set[str]:
    return {item["key_id"] for item in result[kind]}


@pytest.mark.parametrize("kind", KINDS)
def test_one_is_added_renewed_and_removed(modules: Modules, kind: str) -> None:
    """What each run tells is what the next one finds; check mode tells it beforehand and writes nothing."""
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
    renewed = modules(module, **{**far, "rotate_before": 300})
    assert renewed["changed"] and renewed["former_key_id"] == made["key_id"] != renewed["key_id"]
    assert renewed["reason"].startswith("the one in use expires in ")
    assert renewed[NEW[kind]] != made[NEW[kind]]

    gone = {**given, "state": "absent", "keep_key_ids": [renewed["key_id"]]}
    assert modules(module, check=True, **gone)["removed"] == [made["key_id"]]
    removed = modules(module, **gone)
    assert removed["changed"] and removed["removed"] == [made["key_id"]]
    assert ids(removed, kind) == ids(renewed, kind) - {made["key_id"]}
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
    modules(KINDS[other], state="absent", key_ids=sorted(ids(lone, other)))
    everything = {"state": "absent", "key_ids": sorted(ids(made, kind))}
    for check in (True, False):
        result = modules.fail(KINDS[kind], check=check, **everything)
        assert "last valid credential" in result["msg"] and not result["changed"]
    assert ids(modules(KINDS[kind], display_name=NAME), kind) == ids(made, kind)
