# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in with a token of an issuer that the app trusts: a pipeline's or pod's OIDC token, or one from an option.

The token is fetched or read again for each acquisition, because it lives for minutes and its file rotates.
"""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .._secret import Secret
from .._settings.resolve import Credential, Settings
from . import msal_adapter, oidc_pipelines
from .cache import read_file
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with an OIDC token as the client assertion. Raises as `Method`."""
    assertion = _assertion(settings, login)
    facts = facts_of(settings, scope, assertion=assertion)
    credential = {"client_assertion": assertion.reveal}
    return msal_adapter.client_credentials(settings, scope, login, credential, facts)


def _assertion(settings: Settings, login: Login) -> Secret:
    credential = settings.credential
    provider = credential.text("federated_provider") or "auto"
    audience = credential.text("federated_audience") or settings.cloud.federated_audience
    if provider in ("auto", "token") and credential.secret("federated_token"):
        return _clean("federated_token", t.cast("Secret", credential.secret("federated_token")).reveal())
    if provider in ("auto", "file") and credential.text("federated_token_file"):
        return _from_file(str(credential.text("federated_token_file")))
    detected = oidc_pipelines.detect(login.environ) if provider == "auto" else provider
    if detected == "kubernetes":
        return _from_file(_kubernetes_file(credential, login))
    if detected == "gitlab":
        return _clean("federated_token", oidc_pipelines.gitlab(login.environ))
    if detected == "github":
        return oidc_pipelines.github(login, audience)
    if detected == "azure_devops":
        return oidc_pipelines.azure_devops(login, credential.text("service_connection_id"))
    desired = {"token": "federated_token", "file": "federated_token_file"}.get(provider, "federated_token")
    raise ConfigError(
        f"federated_provider is {provider}, but there is no federated token",
        option=desired,
        remedy="set federated_token or federated_token_file, or run where GitHub Actions, Azure DevOps, GitLab or "
        "Kubernetes provide one",
    )


def _kubernetes_file(credential: Credential, login: Login) -> str:
    path = credential.text("federated_token_file") or login.environ.get("AZURE_FEDERATED_TOKEN_FILE")
    if not path:
        raise ConfigError(
            "federated_provider is kubernetes, but AZURE_FEDERATED_TOKEN_FILE is not set",
            option="federated_token_file",
            why="the workload identity webhook injects it only into pods with its label",
            remedy="label the pod azure.workload.identity/use=true and use the right service account, "
            "or set federated_token_file",
        )
    return path


def _from_file(path: str) -> Secret:
    return _clean("federated_token_file", read_file("federated_token_file", path).decode("ascii", "replace"), path)


def _clean(option: str, text: str, path: str = "") -> Secret:
    token = "".join(text.split())
    if token.count(".") != 2:
        raise ConfigError(
            f"{option}{f' ({path})' if path else ''} is {'empty' if not token else 'not a JWT (header.payload.signature)'}",
            option=option,
            remedy="give the OIDC token that the pipeline, pod or identity provider issued",
        )
    return Secret(token)
