# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in as the machine: the managed identity of the VM, container, function or Arc server that runs the task."""

from __future__ import annotations

from .._errors import ConfigError, TransportError
from .._settings.resolve import Settings
from . import msal_adapter
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """A token of the machine's managed identity endpoint. Raises as `Method`."""
    credential = settings.credential
    identity = {
        name: value
        for name, value in (
            ("client_id", credential.client_id),
            ("resource_id", credential.text("managed_identity_resource_id")),
            ("object_id", credential.text("managed_identity_object_id")),
        )
        if value
    }
    if len(identity) > 1:
        options = {"resource_id": "managed_identity_resource_id", "object_id": "managed_identity_object_id"}
        names = [options.get(name, name) for name in identity]
        raise ConfigError(
            f"{' and '.join(names)} are both given", option=names[-1], remedy="name the user-assigned identity once"
        )
    try:
        return msal_adapter.managed_identity(settings, scope, login, identity, facts_of(settings, scope))
    except TransportError as error:
        if error.sent:
            raise
        raise TransportError(
            "The managed identity endpoint of this machine can't be reached",
            why=f"{error.what}: {error.why}. Only Azure's machines have it, and servers with Azure Arc",
            remedy="run the task on a machine that has a managed identity, or set another auth_method",
            url=error.url,
            sent=False,
            retryable=error.retryable,
        ) from error.__cause__
