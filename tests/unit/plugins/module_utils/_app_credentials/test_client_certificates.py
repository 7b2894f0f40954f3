# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failure after the first write says that something has changed."""

from __future__ import annotations

import types
import typing as t

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._api.applications import AppCredential
from ansible_collections.community.powerbi.plugins.module_utils._app_credentials import client_certificates, key_pair
from ansible_collections.community.powerbi.plugins.module_utils._errors import ApiError

OWN, SECOND, THIRD = (AppCredential(key_id, key_id, 0.0, 9e9, thumbprint=key_id) for key_id in ("own", "2nd", "3rd"))


class Directory:
    """Graph, which removes one certificate and refuses the next."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove_certificate(self, _state: t.Any, key_id: str, _proof: t.Any) -> None:
        if self.removed:
            raise ApiError("refused", status=403)
        self.removed.append(key_id)


def test_a_removal_that_fails_halfway_is_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    login = types.SimpleNamespace(method="certificate", client_id="app")
    session = types.SimpleNamespace(settings=types.SimpleNamespace(credential=login))
    changes: list[str] = []
    reported: list[str] = []
    context: t.Any = types.SimpleNamespace(session=session, mark_changed=lambda: changes.append("changed"))
    state = types.SimpleNamespace(client_id="app", object_id="id", certificates=(OWN, SECOND, THIRD))
    app: t.Any = types.SimpleNamespace(state=state, applications=Directory())
    loaded = types.SimpleNamespace(thumbprint=OWN.thumbprint, private_key="key")
    monkeypatch.setattr(client_certificates.certificate_file, "load", lambda *_args: loaded)
    monkeypatch.setattr(key_pair, "proof", lambda *_args: "proof")
    writer = client_certificates._CertificateWriter(context, app)

    with pytest.raises(ApiError, match="refused"):
        writer.remove(["2nd", "3rd"], reported.extend)

    assert (app.applications.removed, changes, reported) == (["2nd"], ["changed"], ["2nd"])
