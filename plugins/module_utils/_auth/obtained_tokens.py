# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Tokens that another program obtained: `access_token`, and that of a signed-in Azure CLI."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import typing as t

from .._errors import AuthError, ConfigError
from .._guid import GUID
from .._secret import Secret
from .._settings.clouds import EQUIVALENT_AUDIENCES
from .._settings.credential import read_file
from .._settings.resolve import Settings
from .claims import decode
from .scrub import scrub, tidy
from .tokens import AccessToken, Login

_SHORTEST_LIFE = 60  # seconds; with less left, the task would fail in the middle


def access_token(settings: Settings, scope: str, login: Login) -> AccessToken:
    """The token of ``access_token`` or ``access_token_file``; no request. Raises ConfigError, AuthError."""
    option, secret = _read_token(settings)
    claims = decode(secret.reveal(), option=option)
    _check_audience(option, claims.get("aud"), scope)
    expires_on = _check_life(option, claims, login.now())
    return AccessToken(secret, expires_on, int(login.now()), scope, "passthrough")


def _read_token(settings: Settings) -> tuple[str, Secret]:
    secret = settings.credential.secret("access_token")
    if secret:
        option, text = "access_token", secret.reveal()
    else:
        option, path = "access_token_file", str(settings.credential.options["access_token_file"])
        text = read_file(option, path).decode("ascii", "replace")
    token = text.strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    if token.startswith("{") and "access_token" in token:
        raise ConfigError(
            f"{option} holds a whole result, not its token",
            option=option,
            remedy="give its key `.access_token`, such as `{{ result.access_token }}`",
        )
    if not token:
        raise ConfigError(f"{option} is empty", option=option, remedy="give the token, without the word Bearer")
    return option, Secret(token)


def _check_audience(option: str, audience: t.Any, scope: str) -> None:
    desired = (scope.removesuffix("/.default")).rstrip("/")
    audiences = {str(item).rstrip("/") for item in (audience if isinstance(audience, list) else [audience])}
    if desired not in audiences and not (desired in EQUIVALENT_AUDIENCES and audiences & EQUIVALENT_AUDIENCES):
        raise AuthError(
            f"the token in {option} is for {audience}, but {desired} is needed",
            code="audience",
            why="each token serves one API only",
            remedy=f"get it for the scope {desired}/.default, or set scope, resource or cloud if the other API is meant",
        )


def _check_life(option: str, claims: t.Mapping[str, t.Any], now: float) -> int:
    try:
        expires_on = int(claims["exp"])
        time.gmtime(expires_on)  # results show it as a date
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise ConfigError(
            f"the token in {option} has no expiry (claim exp)",
            option=option,
            remedy="give an access token of Entra ID",
        ) from None
    left = expires_on - now
    if left < _SHORTEST_LIFE:
        when = f"expired {-left:.0f} s ago" if left <= 0 else f"expires in {left:.0f} s"
        raise AuthError(
            f"the token in {option} {when}",
            code="expired",
            why="tokens live for about an hour, or the clock of this machine is wrong" if left <= 0 else "",
            remedy="get a new one; with client_id and a credential instead of a token this happens by itself",
        )
    return expires_on


# az's error about --tenant where a managed identity or Cloud Shell is logged in (azure-cli issue 31869).
_TENANT_REFUSED = re.compile(
    r"tenant.{0,80}(managed|MSI|cloud ?shell)|(managed|MSI|cloud ?shell).{0,80}tenant", re.IGNORECASE | re.DOTALL
)


def azure_cli(settings: Settings, scope: str, login: Login) -> AccessToken:
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
            "az returned something other than a token and its expires_on",
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
            f"az did not respond within {settings.timeout:g} s",
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
