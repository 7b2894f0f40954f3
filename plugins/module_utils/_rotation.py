# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What the modules for secrets and certificates of an app share: which app, proof of a new credential, states for a diff."""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._auth.claims import decode
from ansible_collections.community.powerbi.plugins.module_utils._auth.propagation import wait_until_known
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError, PowerBIError
from ansible_collections.community.powerbi.plugins.module_utils._resources.applications import (
    AppCredential,
    Application,
    Applications,
    timestamp,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret
from ansible_collections.community.powerbi.plugins.module_utils._session import Session
from ansible_collections.community.powerbi.plugins.module_utils._settings import Credential

if t.TYPE_CHECKING:
    from ansible_collections.community.powerbi.plugins.module_utils._module import Context

NEW = "(new)"

ROTATION_OPTIONS: dict[str, dict[str, t.Any]] = {
    "application": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
    "display_name": {"type": "str"},
    "key_id": {"type": "str", "no_log": False},
    "valid_for": {"type": "int", "default": 180},
    "rotate_before": {"type": "int"},
    "key_ids": {"type": "list", "elements": "str", "no_log": False},
    "keep_key_ids": {"type": "list", "elements": "str", "no_log": False},
    "force": {"type": "bool", "default": False},
    "propagation_timeout": {"type": "float", "default": 300.0},
}
RULES: dict[str, t.Any] = {
    "required_if": [
        ("state", "present", ("display_name",)),
        ("state", "rotated", ("display_name",)),
        ("state", "absent", ("display_name", "key_ids"), True),
    ]
}


class AppUnderRotation:
    """The app whose credentials a task manages. ``state`` may be out of date after a change: see ``reload``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.applications = Applications(context.client)
        self._wanted = context.params["application"] or context.session.settings.credential.client_id
        if not self._wanted:
            raise ConfigError(
                "application is not set, and the login has no client_id to go by",
                option="application",
                remedy="give the Application (client) ID of the app whose credentials are meant",
            )
        self.state: Application = self.applications.get(self._wanted)
        self.now = time.time()

    def reload(self) -> Application:
        self.state = self.applications.get(self.state.client_id)
        return self.state

    def prove(self, method: str, options: t.Mapping[str, Secret]) -> float:
        """Log in with the new credential, each time as a new client with its own connection. Returns seconds waited.

        Raises NotPropagatedError, AuthError, TransportError.
        """
        session = self._context.session
        credential = Credential(method, "the new credential", self._tenant(), self.state.client_id, dict(options))
        settings = session.settings._replace(
            credential=credential, cache="none", scope=session.settings.cloud.scope, min_validity=0
        )

        def log_in() -> None:
            fresh = Session(settings, os.environ)
            try:
                fresh.tokens.token(fresh=True)
            finally:
                fresh.close()

        return wait_until_known(log_in, session.sender.clock, float(self._context.params["propagation_timeout"]))

    def _tenant(self) -> str:
        tenant = self._context.params.get("tenant_id") or self._context.session.settings.credential.tenant_id
        if not tenant:  # of a managed identity, or of a token that was passed in: the token knows
            settings = self._context.session.settings
            token = self._context.tokens.token(scope=settings.cloud.graph_scope)
            tenant = str(decode(token.value.reveal()).get("tid") or "")
        return str(tenant)


def shown(credentials: t.Iterable[AppCredential]) -> dict[str, str]:
    """Key id -> what a diff says of it."""
    return {item.key_id: f"{item.display_name or '(no name)'}, expires {timestamp(item.ends)}" for item in credentials}


def undone(error: PowerBIError, undo: t.Callable[[], None]) -> PowerBIError:
    """The error, after the attempt to take back what came before it; says so if that failed as well."""
    try:
        undo()
    except PowerBIError as second:
        error.why = f"{error.why}. What was added could not be removed again: {second.what}".lstrip(". ")
    return error
