# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Key Vault's secrets, through the official library."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from conftest import Emulator
from key_vault_client import call, secret_client

CLIENT_SECRET = "powerbi-client-secret"


def inner_code(error: HttpResponseError) -> str:
    assert error.error is not None
    return str(error.error.innererror["code"])


def test_the_challenge_is_followed_once(emulator: Emulator) -> None:
    """A request without a token, the token, the request: later ones go straight through."""
    client = secret_client(emulator)
    assert client.get_secret(CLIENT_SECRET).value == emulator.env["POWERBI_CLIENT_SECRET"]
    assert client.get_secret("powerbi-client-id").value == emulator.env["POWERBI_CLIENT_ID"]
    entries = [(entry["path"].rstrip("/").rpartition("/")[2], entry["status"]) for entry in emulator.log()]
    assert entries[:2] in (
        [(CLIENT_SECRET, 401), ("openid-configuration", 200)],
        [("openid-configuration", 200), ("token", 200)],  # an earlier test of this run has cached the challenge
    )
    assert entries[-2:] == [(CLIENT_SECRET, 200), ("powerbi-client-id", 200)]


def test_facts_about_the_form_of_a_secret(emulator: Emulator) -> None:
    secret = secret_client(emulator).get_secret(CLIENT_SECRET)
    properties = secret.properties
    assert properties.vault_url == emulator.url
    assert properties.content_type == "text/plain"
    assert properties.enabled is True
    assert properties.recovery_level == "Recoverable+Purgeable"
    assert properties.recoverable_days == 90
    assert properties.tags == {
        "client_id": "a9900000-0000-4000-8000-000000000001",
        "key_id": "5ec00000-0000-4000-8000-000000000001",
    }
    assert secret.id == f"{emulator.url}/secrets/{CLIENT_SECRET}/{properties.version}"


def test_setting_makes_a_new_version_each_time(emulator: Emulator) -> None:
    client = secret_client(emulator)
    before = client.get_secret(CLIENT_SECRET).properties.version
    ends = datetime.datetime(2031, 1, 31, 12, tzinfo=datetime.UTC)
    made = client.set_secret(CLIENT_SECRET, "new", content_type="a", tags={"x": "y"}, expires_on=ends, not_before=ends)
    again = client.set_secret(CLIENT_SECRET, "new")
    assert len({before, made.properties.version, again.properties.version}) == 3
    assert client.get_secret(CLIENT_SECRET, made.properties.version).properties.expires_on == ends
    assert client.get_secret(CLIENT_SECRET).properties.expires_on is None
    versions = [one.version for one in client.list_properties_of_secret_versions(CLIENT_SECRET)]
    assert versions == [before, made.properties.version, again.properties.version]
    assert client.get_secret(CLIENT_SECRET, before).value == emulator.env["POWERBI_CLIENT_SECRET"]


def test_an_expired_secret_is_still_given(emulator: Emulator) -> None:
    client = secret_client(emulator)
    client.set_secret("old", "value", expires_on=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert client.get_secret("old").value == "value"


def test_update_changes_what_surrounds_the_value(emulator: Emulator) -> None:
    client = secret_client(emulator)
    version = client.get_secret(CLIENT_SECRET).properties.version
    client.update_secret_properties(CLIENT_SECRET, version, tags={"rotated": "yes"}, content_type="x")
    after = client.get_secret(CLIENT_SECRET)
    assert (after.properties.version, after.properties.tags, after.properties.content_type) == (
        version,
        {"rotated": "yes"},
        "x",
    )
    assert after.value == emulator.env["POWERBI_CLIENT_SECRET"]


def test_a_disabled_secret_is_refused(emulator: Emulator) -> None:
    client = secret_client(emulator)
    with pytest.raises(HttpResponseError) as caught:
        client.get_secret("switched-off")
    assert caught.value.status_code == 403
    assert inner_code(caught.value) == "SecretDisabled"
    assert "Operation get is not allowed on a disabled secret." in str(caught.value)
    client.update_secret_properties("switched-off", enabled=True)
    assert client.get_secret("switched-off").value == "nobody-can-read-this"


def test_an_unknown_secret_or_version(emulator: Emulator) -> None:
    client = secret_client(emulator)
    for arguments in (["nowhere"], [CLIENT_SECRET, "0" * 32]):
        with pytest.raises(ResourceNotFoundError) as caught:
            client.get_secret(*arguments)
        assert caught.value.error is not None
        assert caught.value.error.code == "SecretNotFound"
    assert list(client.list_properties_of_secret_versions("nowhere")) == []


def test_lists_come_in_pages_and_without_values(emulator: Emulator) -> None:
    client = secret_client(emulator)
    for number in range(30):
        client.set_secret(f"many-{number:02}", f"value-{number}")
    names = [one.name for one in client.list_properties_of_secrets()]
    assert names == sorted(names)
    assert [name for name in names if name and name.startswith("many-")] == [
        f"many-{number:02}" for number in range(30)
    ]
    pages = [entry for entry in emulator.log("^/secrets$") if entry["status"] == 200]
    assert len(pages) == 2
    assert "value-1" not in call(emulator, "GET", "/secrets").text
    small = client.list_properties_of_secrets(max_page_size=10).by_page()
    assert len(list(next(small))) == 10


def test_delete_recover_purge(emulator: Emulator) -> None:
    client = secret_client(emulator)
    deleted = client.begin_delete_secret(CLIENT_SECRET).result()
    assert deleted.recovery_id == f"{emulator.url}/deletedsecrets/{CLIENT_SECRET}"
    assert deleted.scheduled_purge_date is not None
    assert deleted.deleted_date is not None
    assert deleted.scheduled_purge_date - deleted.deleted_date == datetime.timedelta(days=90)
    with pytest.raises(ResourceNotFoundError):
        client.get_secret(CLIENT_SECRET)
    assert [one.name for one in client.list_deleted_secrets()] == [CLIENT_SECRET]
    with pytest.raises(ResourceExistsError) as caught:
        client.set_secret(CLIENT_SECRET, "x")
    assert inner_code(caught.value) == "ObjectIsDeletedButRecoverable"
    client.begin_recover_deleted_secret(CLIENT_SECRET).result()
    assert client.get_secret(CLIENT_SECRET).value == emulator.env["POWERBI_CLIENT_SECRET"]
    client.begin_delete_secret(CLIENT_SECRET).result()
    client.purge_deleted_secret(CLIENT_SECRET)
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_secret(CLIENT_SECRET)
    assert client.set_secret(CLIENT_SECRET, "x").value == "x"
    assert len(list(client.list_properties_of_secret_versions(CLIENT_SECRET))) == 1


def test_a_deletion_takes_its_time(emulator: Emulator) -> None:
    emulator.control("PATCH", "tenant", {"key_vault_deletion": 20})
    client = secret_client(emulator)
    client.begin_delete_secret(CLIENT_SECRET)
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_secret(CLIENT_SECRET)
    with pytest.raises(ResourceExistsError) as caught:
        client.set_secret(CLIENT_SECRET, "x")
    assert inner_code(caught.value) == "ObjectIsBeingDeleted"
    emulator.control("PATCH", "tenant", {"clock_skew": 21})
    assert client.get_deleted_secret(CLIENT_SECRET).name == CLIENT_SECRET


def test_names_do_not_depend_on_case(emulator: Emulator) -> None:
    assert secret_client(emulator).get_secret(CLIENT_SECRET.upper()).name == CLIENT_SECRET


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("under_score", {"value": "x"}),
        ("ok", {"value": "x" * (25 * 1024 + 1)}),
        ("ok", {"value": None}),
        ("ok", {"value": "x", "attributes": {"exp": "tomorrow"}}),
        ("ok", {"value": "x", "tags": {"a": 1}}),
        ("ok", ["value"]),
    ],
)
def test_bad_parameters(emulator: Emulator, name: str, body: t.Any) -> None:
    response = call(emulator, "PUT", f"/secrets/{name}", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "BadParameter")


def test_values_are_neither_logged_nor_listed(emulator: Emulator) -> None:
    secret_client(emulator).set_secret("quiet", "very-secret-value")
    assert "very-secret-value" not in str(emulator.control("GET", "requests"))
