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
from .._module import Context
from .._requirements import require
from .._resource import Task
from .._secret import Secret
from . import key_pair
from .rotation import AppRotation, NewCredential, rolled_back


class ClientCertificates(AppRotation):
    """Signed with the key of a certificate that the app has and logs in with, a change needs no permission (Graph: addKey,
    removeKey); otherwise keyCredentials is replaced as a whole, which needs one."""

    kind = "certificates"

    def __init__(self, context: Context) -> None:
        require("key_pair")
        super().__init__(context)
        self._login_settings = context.session.settings.credential
        self._key: Secret | None = None
        self._own: AppCredential | None = None

    def on_read(self) -> None:
        login = self._login_settings
        if login.method == "certificate" and login.client_id.lower() == self.state.client_id:
            certificate = certificate_file.load(login, time.time())
            found = [item for item in self.state.certificates if item.thumbprint == certificate.thumbprint]
            if found:
                self._own, self._key = found[0], certificate.private_key

    def stored(self) -> AppCredential | None:
        key_id = self.params["key_id"]
        return find_current(self.credentials, key_id, "") if key_id else self._own

    def login_thumbprint(self) -> str:
        return self._own.thumbprint if self._own else ""

    def add(self, task: Task) -> NewCredential:
        params = self.params
        pair = key_pair.make(params["display_name"], params["valid_for"], params["key_size"])
        task.register_secrets([pair.pem.reveal()])
        made = self._write(pair, params["display_name"], task)
        try:
            seconds = self.verify_login("certificate", {"certificate_data": pair.pem})
        except PowerBIError as error:  # the key would be lost with the failure
            raise rolled_back(error, lambda: self.remove([made.key_id], task)) from error
        return NewCredential(made, {"certificate_data": pair.pem.reveal(), "thumbprint": pair.thumbprint}, seconds)

    def _write(self, pair: key_pair.KeyPair, display_name: str, task: Task) -> AppCredential:
        if self._key is not None:
            proof = key_pair.proof(self._key, self.state.object_id)
            made = self.applications.add_certificate(self.state, pair.der, display_name, proof)
            task.mark_changed()
            return made
        # The key id is chosen here: the response to PATCH is empty, and later reads may not list the new key yet.
        made = AppCredential(str(uuid.uuid4()), display_name, time.time(), pair.ends, thumbprint=pair.thumbprint)
        state = self.reload()
        present = {item.key_id for item in state.certificates}
        entry = new_key(pair.der, display_name, made.key_id)
        self.applications.replace_certificates(state, keep=present, add=entry)
        task.mark_changed()
        return made

    def remove(self, key_ids: t.Sequence[str], task: Task) -> None:
        if self._key is not None and self._own and self._own.key_id not in key_ids:
            for key_id in key_ids:
                proof = key_pair.proof(self._key, self.state.object_id)
                self.applications.remove_certificate(self.state, key_id, proof)
                self.on_removed([key_id], task)
        else:
            state = self.reload()  # another process may have added a certificate since the last read
            kept = {item.key_id for item in state.certificates} - set(key_ids)
            self.applications.replace_certificates(state, keep=kept)
            self.on_removed(key_ids, task)
