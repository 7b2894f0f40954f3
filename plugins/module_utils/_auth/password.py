# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in with a person's user name and password. Fails with MFA, federation and Conditional Access; `auto` never selects it."""

from __future__ import annotations

from .._errors import ConfigError
from .._settings.resolve import Settings
from . import msal_adapter
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Resource owner password grant. Raises as `Method`."""
    username = settings.credential.text("username")
    secret = settings.credential.secret("password")
    if not username or not secret:
        raise ConfigError(
            "auth_method password needs username and password", option="username", remedy="set username and password"
        )
    return msal_adapter.password(settings, scope, login, username, secret, facts_of(settings, scope))
