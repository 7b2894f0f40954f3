# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The OIDC tokens of pipelines and pods: detect the provider by its environment, and request a token from it."""

from __future__ import annotations

import json
import typing as t

from .._errors import AuthError, ConfigError
from .._secret import Secret
from .tokens import Login

# GitLab lets the job choose the variable's name; these are the ones its and Azure's documentation use.
_GITLAB_VARIABLES = ("POWERBI_ID_TOKEN", "AZURE_ID_TOKEN", "AZ_TOKEN", "AZURE_FEDERATED_TOKEN", "GITLAB_OIDC_TOKEN")


def detect(environ: t.Mapping[str, str]) -> str | None:
    """The provider whose environment this is: github, azure_devops, gitlab, kubernetes; or None."""
    if environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") and environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        return "github"
    if environ.get("SYSTEM_OIDCREQUESTURI") and environ.get("SYSTEM_ACCESSTOKEN"):
        return "azure_devops"
    if environ.get("GITLAB_CI") and any(environ.get(name) for name in _GITLAB_VARIABLES):
        return "gitlab"
    if environ.get("AZURE_FEDERATED_TOKEN_FILE"):
        return "kubernetes"
    return None


def gitlab(environ: t.Mapping[str, str]) -> str:
    """The job's id token. Raises ConfigError where the job has none."""
    for name in _GITLAB_VARIABLES:
        if environ.get(name):
            return environ[name]
    raise ConfigError(
        "federated_provider is gitlab, but the job has no id token",
        option="federated_provider",
        remedy="add to the job: id_tokens: {POWERBI_ID_TOKEN: {aud: api://AzureADTokenExchange}}",
    )


def github(login: Login, audience: str) -> Secret:
    """GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=... -> {"value": "<jwt>"}; lives 5 minutes."""
    environ = login.environ
    url, bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"), environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not bearer:
        raise ConfigError(
            "federated_provider is github, but the job may not request an OIDC token",
            option="federated_provider",
            why="ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set",
            remedy="give the job the permission id-token: write",
        )
    response = login.sender.send(
        "GET", url, params={"audience": audience}, headers={"Authorization": f"Bearer {bearer}"}, idempotent=True
    )
    return _token(response, "value", "GitHub", "give the job the permission id-token: write")


def azure_devops(login: Login, connection: str | None) -> Secret:
    """POST $SYSTEM_OIDCREQUESTURI?api-version=7.1&serviceConnectionId=<guid> -> {"oidcToken": "<jwt>"}."""
    environ = login.environ
    url, bearer = environ.get("SYSTEM_OIDCREQUESTURI"), environ.get("SYSTEM_ACCESSTOKEN")
    connection = connection or environ.get("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")
    if not url or not bearer:
        raise ConfigError(
            "federated_provider is azure_devops, but SYSTEM_ACCESSTOKEN is not set",
            option="federated_provider",
            why="the pipeline gives it only to steps that list it in env",
            remedy="add to the step: env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}",
        )
    if not connection:
        raise ConfigError(
            "service_connection_id is not set",
            option="service_connection_id",
            remedy="give the id of the workload identity federation service connection",
        )
    response = login.sender.send(
        "POST",
        url,
        params={"api-version": "7.1", "serviceConnectionId": connection},
        headers={
            "Authorization": f"Bearer {bearer}",
            "Content-Type": "application/json",
            "X-TFS-FedAuthRedirect": "Suppress",
        },
        idempotent=True,
    )
    return _token(response, "oidcToken", "Azure DevOps", "map SYSTEM_ACCESSTOKEN and check service_connection_id")


def _token(response: t.Any, key: str, who: str, remedy: str) -> Secret:
    try:
        token = json.loads(response.text).get(key) if response.status_code == 200 else None
    except (ValueError, AttributeError, RecursionError):
        token = None
    if not isinstance(token, str) or not token:
        raise AuthError(
            f"{who} gave no OIDC token (HTTP {response.status_code})",
            remedy=remedy,
            http_status=response.status_code,
            retryable=response.status_code in (429, 500, 502, 503, 504),
        )
    return Secret(token)
