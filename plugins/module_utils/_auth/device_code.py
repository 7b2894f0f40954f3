# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in as a person with a code to type in elsewhere, for operations that no app may call."""

from __future__ import annotations

from .._errors import ConfigError
from .._settings.resolve import Settings
from . import msal_adapter
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Device authorization grant; waits for the person. Raises as `Method`."""
    if login.notify is None:
        raise ConfigError(
            "auth_method device_code can't show its prompt from here",
            option="auth_method",
            why="the module runs on another host, or in the background, and its output comes when it has ended",
            remedy="run the task on the controller: delegate_to localhost, without async or become",
        )
    return msal_adapter.device_code(settings, scope, login, facts_of(settings, scope))
