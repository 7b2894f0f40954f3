# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_client_certificate."""

from __future__ import annotations

import time
import typing as t
import uuid

from .._api.app_credentials import find_current
from .._api.applications import AppCredential, new_key
from .._auth import certificate_file
from .._errors import PowerBIError
from .._module import Context, Result
from .._requirements import require
from . import key_pair
from .rotation import AppRotation, rolled_back


def ensure(context: Context) -> Result:
    """States present and rotated: add a certificate if one is needed, and verify that it works before it is returned."""
    require("key_pair")
    key_id = context.params["key_id"]
    app = AppRotation(context, "certificates")
    own = _CertificateWriter(context, app)
    need = app.need(find_current(app.credentials, key_id, "") if key_id else own.credential)
    if not need.reason or context.check_mode:
        return app.unchanged_result(need)
    before = app.state
    pair, made, seconds = _add(context, app, own)
    app.wait_for(made)
    values = {"certificate_data": pair.pem.reveal(), "thumbprint": pair.thumbprint}
    return app.rotated_result(need, before, made, seconds, **values)


def remove(context: Context) -> Result:
    """State absent."""
    require("key_pair")
    app = AppRotation(context, "certificates")
    own = _CertificateWriter(context, app)

    return app.remove(
        lambda ids: own.remove(ids, app.record_removed), own.credential.thumbprint if own.credential else ""
    )


class _CertificateWriter:
    """Adds and removes certificates. Signed with the key of a certificate that the app has and logs in with, this needs no
    permission (Graph: addKey, removeKey); otherwise keyCredentials is replaced as a whole, which needs one."""

    def __init__(self, context: Context, app: AppRotation) -> None:
        self._app = app
        self._on_write = context.mark_changed
        self._key = None
        self.credential: AppCredential | None = None
        login = context.session.settings.credential
        if login.method == "certificate" and login.client_id.lower() == app.state.client_id:
            certificate = certificate_file.load(login, time.time())
            found = [item for item in app.state.certificates if item.thumbprint == certificate.thumbprint]
            if found:
                self.credential, self._key = found[0], certificate.private_key

    def add(self, pair: key_pair.KeyPair, display_name: str) -> AppCredential:
        if self._key is not None:
            proof = key_pair.proof(self._key, self._app.state.object_id)
            made = self._app.applications.add_certificate(self._app.state, pair.der, display_name, proof)
            self._on_write()
            return made
        # The key id is chosen here: the response to PATCH is empty, and later reads may not list the new key yet.
        made = AppCredential(str(uuid.uuid4()), display_name, time.time(), pair.ends, thumbprint=pair.thumbprint)
        state = self._app.reload()
        present = {item.key_id for item in state.certificates}
        entry = new_key(pair.der, display_name, made.key_id)
        self._app.applications.replace_certificates(state, keep=present, add=entry)
        self._on_write()
        return made

    def remove(self, key_ids: t.Collection[str], removed: t.Callable[[t.Collection[str]], object] = len) -> None:
        """``removed`` is called with key ids after each request."""
        state = self._app.state
        if self._key is not None and self.credential and self.credential.key_id not in key_ids:
            for key_id in key_ids:
                proof = key_pair.proof(self._key, state.object_id)
                self._app.applications.remove_certificate(state, key_id, proof)
                self._on_write()
                removed([key_id])
        else:
            state = self._app.reload()  # another process may have added a certificate since the last read
            kept = {item.key_id for item in state.certificates} - set(key_ids)
            self._app.applications.replace_certificates(state, keep=kept)
            self._on_write()
            removed(key_ids)


def _add(context: Context, app: AppRotation, own: _CertificateWriter) -> tuple[key_pair.KeyPair, AppCredential, float]:
    """Add a certificate and log in with it. If that fails, it is removed again: its key would be lost with the failure."""
    params = context.params
    pair = key_pair.make(params["display_name"], params["valid_for"], params["key_size"])
    context.register_secrets([pair.pem.reveal()])
    made = own.add(pair, params["display_name"])
    try:
        return pair, made, app.verify_login("certificate", {"certificate_data": pair.pem})
    except PowerBIError as error:
        raise rolled_back(error, lambda: own.remove({made.key_id})) from error
