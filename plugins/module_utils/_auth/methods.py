# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The ways to log in: one function for each `auth_method`. Imported only where no cached token is valid."""

from __future__ import annotations

import typing as t

from .._errors import AuthError, ConfigError, TransportError
from .._requirements import for_method, require
from .._secret import Secret
from .._settings.credential import read_file
from .._settings.resolve import Credential, Settings
from . import certificate_file, msal_adapter, oidc_pipelines
from .evidence import login_facts
from .obtained_tokens import access_token, azure_cli
from .tokens import AccessToken, Login, Method


def client_secret(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with a secret. Raises as `Method`."""
    secret = client_secret_of(settings)
    facts = login_facts(settings, scope, client_secret=secret)
    return msal_adapter.client_credentials(settings, scope, login, secret.reveal(), facts)


def client_secret_of(settings: Settings) -> Secret:
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


def certificate(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with a certificate, PEM or PFX (a signed client assertion). Raises as `Method`."""
    loaded = certificate_file.load(settings.credential, login.now())
    facts = login_facts(settings, scope)
    return msal_adapter.client_credentials(settings, scope, login, _msal_credential(settings, loaded), facts)


def _msal_credential(settings: Settings, certificate: certificate_file.Certificate) -> dict[str, t.Any]:
    """As msal's ``client_credential``: msal signs with RS256 and x5t, and sends the whole chain as x5c only with a thumbprint.

    Without one it would take the thumbprints from the leaf, sign with PS256 and x5t#S256, and leave the issuers out.
    """
    credential = {"private_key": certificate.private_key.reveal(), "thumbprint": certificate.thumbprint}
    if not settings.credential.options.get("send_certificate_chain"):
        return credential
    if not certificate.chain:
        raise ConfigError(
            "send_certificate_chain is set, but the certificate is not there, only its key and thumbprint",
            option="send_certificate_chain",
            remedy="add the certificate and its issuers to the file",
        )
    return {**credential, "public_certificate": certificate.chain}


def federated(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with an OIDC token as the client assertion. Raises as `Method`."""
    assertion = _assertion(settings, login)
    facts = login_facts(settings, scope, assertion=assertion)
    credential = {"client_assertion": assertion.reveal}
    return msal_adapter.client_credentials(settings, scope, login, credential, facts)


def _assertion(settings: Settings, login: Login) -> Secret:
    """The OIDC token, fetched or read again for each acquisition: it lives for minutes, and its file rotates."""
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


def managed_identity(settings: Settings, scope: str, login: Login) -> AccessToken:
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
        return msal_adapter.managed_identity(settings, scope, login, identity, login_facts(settings, scope))
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


def device_code(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Device authorization grant; waits for the person. Raises as `Method`."""
    if login.notify is None:
        raise ConfigError(
            "auth_method device_code can't show its prompt from here",
            option="auth_method",
            why="the module runs on another host, or in the background, and its output comes when it has ended",
            remedy="run the task on the controller: delegate_to localhost, without async or become",
        )
    return msal_adapter.device_code(settings, scope, login, login_facts(settings, scope))


def password(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Resource owner password grant: fails with MFA, federation and Conditional Access. Raises as `Method`."""
    username = settings.credential.text("username")
    secret = settings.credential.secret("password")
    if not username or not secret:
        raise ConfigError(
            "auth_method password needs username and password", option="username", remedy="set username and password"
        )
    return msal_adapter.password(settings, scope, login, username, secret, login_facts(settings, scope))


# Static, because AnsiballZ ships only what is imported by name.
METHODS: dict[str, Method] = {
    "access_token": access_token,
    "azure_cli": azure_cli,
    "certificate": certificate,
    "client_secret": client_secret,
    "device_code": device_code,
    "federated": federated,
    "managed_identity": managed_identity,
    "password": password,
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
