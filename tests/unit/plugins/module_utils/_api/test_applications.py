# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.applications import Applications, new_key
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, OperationFailedError
from fakes.wire import Sent, reply, wire

OBJECT_ID = "a9900000-0b1e-4000-8000-000000000001"
CLIENT_ID = "a9900000-0000-4000-8000-000000000001"
SHA1 = bytes(range(20))
ENTRY: dict[str, t.Any] = {
    "id": OBJECT_ID,
    "appId": CLIENT_ID,
    "displayName": "Deploy",
    "passwordCredentials": [
        {
            "keyId": "5EC00000-0000-4000-8000-000000000001",
            "displayName": None,
            "hint": "Qj9",
            "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": "2026-12-31T23:59:59.1234567Z",
        }
    ],
    "keyCredentials": [
        {
            "keyId": "ce400000-0000-4000-8000-000000000001",
            "displayName": "CN=x",
            "customKeyIdentifier": base64.b64encode(SHA1).decode(),
            "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": "2027-01-01T00:00:00Z",
        }
    ],
}


def test_by_client_id_and_else_by_object_id() -> None:
    def serve(sent: Sent) -> t.Any:
        return reply(200, ENTRY) if sent.url.split("?")[0].endswith(f"/applications/{OBJECT_ID}") else reply(404, {})

    w = wire(serve)
    app = Applications(w.client).get(OBJECT_ID.upper())
    assert (app.object_id, app.client_id) == (OBJECT_ID, CLIENT_ID)
    assert [url.split("?")[0].rpartition("/v1.0")[2] for url in w.urls] == [
        f"/applications(appId='{OBJECT_ID}')",
        f"/applications/{OBJECT_ID}",
    ]
    assert set(w.tokens.scopes) == {"https://graph.test/.default"}


def test_what_graph_returns_of_secrets_and_certificates() -> None:
    app = Applications(wire([reply(200, ENTRY)]).client).get(CLIENT_ID)
    assert app.secrets[0].key_id == "5ec00000-0000-4000-8000-000000000001"
    assert app.secrets[0].to_dict()["expires_on"] == "2026-12-31T23:59:59Z"
    assert app.certificates[0].thumbprint == SHA1.hex().upper()


def test_by_a_name_that_is_unique() -> None:
    w = wire([reply(200, {"value": [{"id": OBJECT_ID, "appId": CLIENT_ID}]}), reply(200, ENTRY)])
    assert Applications(w.client).get("Ann's app").client_id == CLIENT_ID
    assert "displayName%20eq%20'Ann''s%20app'" in w.urls[0]
    assert "keyCredentials" in w.urls[1]  # a list never has the keys of certificates
    with pytest.raises(ConfigError, match="2 app registrations are called 'Deploy'"):
        Applications(wire([reply(200, {"value": [ENTRY, {**ENTRY, "appId": OBJECT_ID}]})]).client).get("Deploy")


def test_none_is_an_error_that_names_the_option() -> None:
    with pytest.raises(ConfigError, match="there is no app registration") as caught:
        Applications(wire([reply(404, {}), reply(404, {})]).client).get(CLIENT_ID)
    assert caught.value.option == "application"


def test_a_new_secret_is_requested_once_and_masked() -> None:
    w = wire([reply(200, ENTRY), reply(200, {**ENTRY["passwordCredentials"][0], "secretText": "s3cr3t-s3cr3t"})])
    applications = Applications(w.client)
    made, text = applications.add_secret(applications.get(CLIENT_ID), "ansible", 1_800_000_000)
    assert text.reveal() == "s3cr3t-s3cr3t"
    assert "s3cr3t" not in repr((made, text))
    assert w.transport.sent[1].json == {
        "passwordCredential": {"displayName": "ansible", "endDateTime": "2027-01-15T08:00:00Z"}
    }


def with_key(key: str | None) -> dict[str, t.Any]:
    return {**ENTRY, "keyCredentials": [{**ENTRY["keyCredentials"][0], "key": key}]}


def test_the_list_of_certificates_is_repeated_as_graph_gave_it() -> None:
    w = wire([reply(200, with_key("REVS")), reply(204)])
    applications = Applications(w.client)
    app = applications.get(CLIENT_ID)
    added = new_key(b"DER", "new", "ce400000-0000-4000-8000-000000000002")
    applications.replace_certificates(app, keep={app.certificates[0].key_id}, add=added)
    entries = w.transport.sent[1].json["keyCredentials"]
    assert entries[0] == with_key("REVS")["keyCredentials"][0]
    assert entries[1] == {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": base64.b64encode(b"DER").decode(),
        "displayName": "new",
        "keyId": "ce400000-0000-4000-8000-000000000002",
    }


@pytest.mark.parametrize("key", [None, ""])
def test_a_key_that_is_not_known_is_never_repeated(key: str | None) -> None:
    w = wire([reply(200, with_key(key))])
    applications = Applications(w.client)
    app = applications.get(CLIENT_ID)
    with pytest.raises(OperationFailedError, match="does not show the key"):
        applications.replace_certificates(app, keep={app.certificates[0].key_id})
    assert len(w.transport.sent) == 1
