# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failure after the first write is reported as changed."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.applications import AppCredential, Application
from ansible_collections.community.powerbi.plugins.module_utils._app_credentials import client_certificates, key_pair
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError
from fakes.task import RecordedTask

OWN, SECOND, THIRD = (
    AppCredential(f"0b1ec700-0000-4000-8000-00000000000{number}", "key", 0.0, 9e9, thumbprint=str(number))
    for number in (1, 2, 3)
)


class Directory:
    """Graph, which removes one certificate and refuses the next."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def get(self, _name: str) -> Application:
        return Application("id", "app", "App", (), (OWN, SECOND, THIRD))

    def remove_certificate(self, _state: t.Any, key_id: str, _proof: t.Any) -> None:
        if self.removed:
            raise ApiError("refused", status=403)
        self.removed.append(key_id)


def test_a_removal_that_fails_halfway_is_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    login = types.SimpleNamespace(method="certificate", client_id="app")
    session = types.SimpleNamespace(settings=types.SimpleNamespace(credential=login))
    params = {"application": "app", "valid_for": 1, "state": "absent", "display_name": None, "keep_key_ids": None}
    options = {**params, "key_ids": [SECOND.key_id, THIRD.key_id], "allow_lockout": True}
    context: t.Any = types.SimpleNamespace(session=session, params=options, client=None, known={})
    loaded = types.SimpleNamespace(thumbprint=OWN.thumbprint, private_key="key")
    monkeypatch.setattr(client_certificates.certificate_file, "load", lambda *_args: loaded)
    monkeypatch.setattr(key_pair, "proof", lambda *_args: "proof")
    certificates = client_certificates.ClientCertificates(context)
    certificates.applications = t.cast("t.Any", Directory())
    task = RecordedTask()

    change = certificates.plan(task)
    assert change.removed == (SECOND.key_id, THIRD.key_id)
    with pytest.raises(ApiError, match="refused"):
        certificates.apply(change, task)

    assert task.writes == 1
    values = certificates.values_of_failure(change)
    assert values["removed"] == [SECOND.key_id]
    assert [item["key_id"] for item in values["certificates"]] == [OWN.key_id, THIRD.key_id]
