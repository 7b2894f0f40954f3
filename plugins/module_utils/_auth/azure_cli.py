# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Use the token of a signed-in Azure CLI. It belongs to the account that signed in, which is often a person's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

from .._errors import AuthError, ConfigError
from .._guid import GUID
from .._secret import Secret
from .._settings.resolve import Settings
from .claims import decode
from .login import Login
from .scrub import scrub, tidy
from .tokens import AccessToken

# az's error about --tenant where a managed identity or Cloud Shell is logged in (azure-cli issue 31869).
_TENANT_REFUSED = re.compile(
    r"tenant.{0,80}(managed|MSI|cloud ?shell)|(managed|MSI|cloud ?shell).{0,80}tenant", re.IGNORECASE | re.DOTALL
)


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """`az account get-access-token --output json --scope S [--tenant T]`; nothing secret is in its arguments."""
    program = shutil.which("az", path=login.environ.get("PATH"))
    if program is None:
        raise ConfigError(
            "auth_method is azure_cli, but there is no az on the PATH",
            option="auth_method",
            remedy="install the Azure CLI and run az login, or use another auth_method",
        )
    command = [program, "account", "get-access-token", "--output", "json", "--scope", scope]
    tenant = settings.credential.tenant_id
    run = _run(program, [*command, "--tenant", tenant] if tenant else command, settings, login)
    without_tenant = bool(tenant) and run.returncode != 0 and _TENANT_REFUSED.search(run.stderr) is not None
    if without_tenant:
        run = _run(program, command, settings, login)
    if run.returncode != 0:
        lines = [line.strip() for line in run.stderr.splitlines() if line.strip()]
        raise AuthError(
            f"az could not give a token (exit code {run.returncode})",
            why=scrub(lines[-1] if lines else "")[:300],
            remedy="run az login (with --tenant), or use another auth_method",
        )
    try:
        response = json.loads(run.stdout)
        token, expires_on = Secret(response["accessToken"]), int(response["expires_on"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        token, expires_on = Secret(""), 0
    if not token:
        raise AuthError(
            "az answered with something else than a token and its expires_on",
            remedy="update the Azure CLI to 2.54 or newer",
        )
    if without_tenant:
        _check_tenant(token, tenant)
    return AccessToken(token, expires_on, int(login.now()), scope)


def _run(program: str, command: list[str], settings: Settings, login: Login) -> subprocess.CompletedProcess[str]:
    try:
        # Not AnsibleModule.run_command: a lookup has no module, and az has to be given up after `timeout`.
        return subprocess.run(  # pylint: disable=ansible-bad-function
            command,
            env=dict(login.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=settings.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AuthError(
            f"az did not answer within {settings.timeout:g} s",
            remedy="run az account get-access-token by hand, or raise timeout",
            retryable=True,
        ) from None
    except OSError as error:
        raise AuthError(
            f"az can't be run: {error.strerror}", remedy=f"run {program} by hand, or install the Azure CLI again"
        ) from error


def _check_tenant(token: Secret, tenant: str) -> None:
    """Raises AuthError for a token of another tenant, since az got no --tenant. A domain name can't be compared."""
    try:
        actual = str(decode(token.reveal()).get("tid") or "")
    except ConfigError:
        actual = ""
    if GUID.fullmatch(tenant) and actual.lower() != tenant.lower():
        raise AuthError(
            f"az gave a token of {f'tenant {tidy(actual)[:100]}' if actual else 'an unknown tenant'}, but tenant_id is {tenant}",
            code="tenant",
            why="az does not take --tenant for the login of a managed identity or of Cloud Shell, so that its own tenant counts",
            remedy="drop tenant_id or correct it, or log in with az login --tenant, or use auth_method managed_identity",
        )
