# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_client_secret."""

from __future__ import annotations

import typing as t

from .._api.app_credentials import find_current
from .._api.applications import AppCredential
from .._errors import PowerBIError, TransportError
from .._http.retry import is_ambiguous_write
from .._resource import Task
from .._secret import Secret
from .rotation import AppRotation, NewCredential, rolled_back


class ClientSecrets(AppRotation):
    kind = "secrets"

    def stored(self) -> AppCredential | None:
        return find_current(self.credentials, self.params["key_id"] or "", self.params["hint"] or "")

    def add(self, task: Task) -> NewCredential:
        made, secret = _add_with_retry(self, self.params["display_name"])
        task.mark_changed()
        task.register_secrets([secret.reveal()])
        try:
            seconds = self.verify_login("client_secret", {"client_secret": secret})
        except PowerBIError as error:  # the secret's text would be lost with the failure
            raise rolled_back(error, lambda: self.applications.remove_secret(self.state, made.key_id)) from error
        return NewCredential(made, {"client_secret": secret.reveal()}, seconds)

    def remove(self, key_ids: t.Sequence[str], task: Task) -> None:
        for key_id in key_ids:
            self.applications.remove_secret(self.state, key_id)
            self.on_removed([key_id], task)


def _add_with_retry(app: AppRotation, display_name: str) -> tuple[AppCredential, Secret]:
    """Graph: addPassword, repeated once if the response was lost.

    A secret that the first request may have added stays until the next removal by display name: it can't be
    distinguished from one that another run added.
    """
    try:
        return app.applications.add_secret(app.state, display_name, app.ends)
    except TransportError as error:
        if not is_ambiguous_write(error):
            raise
    return app.applications.add_secret(app.state, display_name, app.ends)
