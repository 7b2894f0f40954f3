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
from .._module import Context, Result
from .._secret import Secret
from .rotation import AppRotation, rolled_back


def ensure(context: Context) -> Result:
    """States present and rotated: add a secret if one is needed, and verify that it works before it is returned."""
    params = context.params
    app = AppRotation(context, "secrets")
    need = app.need(find_current(app.credentials, params["key_id"] or "", params["hint"] or ""))
    if not need.reason or context.check_mode:
        return app.unchanged_result(need)
    before = app.state
    made, secret, seconds = _add(context, app)
    app.wait_for(made)
    return app.rotated_result(need, before, made, seconds, client_secret=secret.reveal())


def remove(context: Context) -> Result:
    """State absent."""
    app = AppRotation(context, "secrets")

    def write(key_ids: t.Collection[str]) -> None:
        for key_id in key_ids:
            app.applications.remove_secret(app.state, key_id)
            context.mark_changed()
            app.record_removed([key_id])

    return app.remove(write)


def _add(context: Context, app: AppRotation) -> tuple[AppCredential, Secret, float]:
    """Add a secret and log in with it. If that fails, it is removed again: its text would be lost with the failure."""
    made, secret = _add_with_retry(app, context.params["display_name"])
    context.mark_changed()
    context.register_secrets([secret.reveal()])
    try:
        return made, secret, app.verify_login("client_secret", {"client_secret": secret})
    except PowerBIError as error:
        raise rolled_back(error, lambda: app.applications.remove_secret(app.state, made.key_id)) from error


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
