# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Makes the `LoginFacts` of a login, for `explain`. They contain no secrets."""

from __future__ import annotations

from .._secret import Secret
from .._settings.resolve import Settings
from .explain import LoginFacts, assertion_facts, secret_facts


def facts_of(
    settings: Settings, scope: str, *, client_secret: Secret | None = None, assertion: Secret | None = None
) -> LoginFacts:
    """The facts of a login with ``settings``: of a secret its form, of an assertion the shown claims."""
    credential = settings.credential
    return LoginFacts(
        method=credential.method,
        tenant_id=credential.tenant_id,
        client_id=credential.client_id,
        authority=settings.authority.partition("://")[2],
        cloud=settings.cloud.name,
        auth_source=credential.source,
        scope=scope,
        assertion=assertion_facts(assertion.reveal()) if assertion else None,
        **(secret_facts(client_secret.reveal()) if client_secret else {}),
    )
