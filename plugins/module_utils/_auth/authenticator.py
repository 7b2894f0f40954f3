# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The ways to log in, by name. Imported only where no cached token is valid, because it imports the libraries.

The map is static, because AnsiballZ ships only what is imported by name.
"""

from __future__ import annotations

from .._errors import AuthError
from .._requirements import for_method, require
from .._settings.resolve import Settings
from . import access_token, azure_cli, certificate, client_secret, device_code, federated, managed_identity, password
from .login import Login, Method
from .tokens import AccessToken

METHODS: dict[str, Method] = {
    "access_token": access_token.acquire,
    "azure_cli": azure_cli.acquire,
    "certificate": certificate.acquire,
    "client_secret": client_secret.acquire,
    "device_code": device_code.acquire,
    "federated": federated.acquire,
    "managed_identity": managed_identity.acquire,
    "password": password.acquire,
}


# Entra ID sometimes reports a transient failure with HTTP 400, which the transport doesn't retry. Seconds between tries.
_PAUSES = (1.0, 4.0)


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """A token of ``scope`` by the login method ``settings.credential.method``. Raises the errors of `Method`."""
    require(*for_method(settings.credential.method))
    method = METHODS[settings.credential.method]
    for pause in _PAUSES:
        try:
            return method(settings, scope, login)
        except AuthError as error:
            if not error.retryable or error.details.get("status") != 400:
                raise
        login.sleep(pause)
    return method(settings, scope, login)
