# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in with a client secret: `client_secret`, or the content of `client_secret_file`."""

from __future__ import annotations

from .._errors import ConfigError
from .._secret import Secret
from .._settings.resolve import Settings
from . import msal_adapter
from .cache import read_file
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with a secret. Raises as `Method`."""
    secret = text_of(settings)
    facts = facts_of(settings, scope, client_secret=secret)
    return msal_adapter.client_credentials(settings, scope, login, secret.reveal(), facts)


def text_of(settings: Settings) -> Secret:
    """The secret in ``client_secret`` or ``client_secret_file``. Raises ConfigError."""
    secret = settings.credential.secret("client_secret")
    if secret:
        return secret
    path = str(settings.credential.options["client_secret_file"])
    try:
        text = read_file("client_secret_file", path).decode().strip()  # editors end files with a newline
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"client_secret_file is {path!r}, which is not text", option="client_secret_file", remedy="save it as UTF-8"
        ) from error
    if not text:
        raise ConfigError(
            f"client_secret_file is {path!r}, which is empty",
            option="client_secret_file",
            remedy="write the secret's Value into it",
        )
    return Secret(text)
