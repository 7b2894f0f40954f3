# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the directory of ``--dir``: the emulator's URL and a credential for each authentication method."""

from __future__ import annotations

import typing as t
from pathlib import Path

from powerbi_emulator.app import environment, identity_environment
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.private_files import write_private
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.directory_objects import App, Secret
from powerbi_emulator.state.oidc_issuers import OidcIssuers

CLIENT_PEM: t.Final = "client.pem"
_CLIENT_PFX: t.Final = "client.pfx"
_FEDERATED_TOKEN: t.Final = "federated_token"
_PFX_PASSWORD: t.Final = "powerbi-emulator"
_FEDERATED_TOKEN_LIFETIME: t.Final = 86400.0


def prepare(directory: Path) -> Path:
    """Create ``directory`` (0700) if it is missing, and the folder for private keys in it; return the latter."""
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir(mode=0o700)
    keys = directory / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    return keys


def write_files(directory: Path, emulated: EmulatorState) -> None:
    """Write ``env``, ``client.pfx``, ``federated_token`` and ``identity.env``; ``client.pem`` is the keyring's."""
    directory = directory.absolute()
    write_private(directory / "env", _lines(_environment(directory, emulated)))
    pem, pfx = directory / CLIENT_PEM, directory / _CLIENT_PFX
    if not pfx.exists() or pfx.stat().st_mtime_ns < pem.stat().st_mtime_ns:
        write_private(pfx, emulated.keys.client.pfx(_PFX_PASSWORD))
    headings = identity_environment(emulated) | _credentials(directory, emulated)
    text = "\n".join(f"# {heading}\n{_lines(variables)}" for heading, variables in headings.items())
    write_private(directory / "identity.env", text)


def _environment(directory: Path, emulated: EmulatorState) -> dict[str, str]:
    """The variables of ``env``: the first app with a valid secret, and no other type of credential."""
    variables = {"POWERBI_TENANT_ID": emulated.store(Directory).tenant.id}
    found = _first_with_secret(emulated)
    if found is not None:
        app, secret = found
        variables |= {"POWERBI_CLIENT_ID": app.client_id, "POWERBI_CLIENT_SECRET": secret.value}
    variables |= {
        "POWERBI_AUTHORITY": emulated.url,
        "POWERBI_API_URL": emulated.url,
        "POWERBI_CA_PATH": str(directory / "ca.pem"),
    }
    return variables | environment(emulated)


def _credentials(directory: Path, emulated: EmulatorState) -> dict[str, dict[str, str]]:
    """The apps of the other credential files; also writes ``federated_token``."""
    apps = emulated.store(Directory).apps.values()
    headings: dict[str, dict[str, str]] = {}
    with_certificate = next((app for app in apps if _has_client_certificate(app, emulated)), None)
    if with_certificate is not None:
        headings["the app of client.pem and client.pfx"] = {
            "EMULATOR_CERTIFICATE_CLIENT_ID": with_certificate.client_id,
            "EMULATOR_CERTIFICATE_PATH": str(directory / CLIENT_PEM),
            "EMULATOR_CERTIFICATE_PFX_PATH": str(directory / _CLIENT_PFX),
            "EMULATOR_CERTIFICATE_PASSWORD": _PFX_PASSWORD,
        }
    for issuer in emulated.store(OidcIssuers).of_kind("generic")[:1]:
        token = emulated.store(OidcIssuers).token(issuer, lifetime=_FEDERATED_TOKEN_LIFETIME)
        write_private(directory / _FEDERATED_TOKEN, token)
        trusting = [app for app in apps if any(one.issuer == issuer.issuer for one in app.federated_credentials)]
        headings["the app that trusts federated_token, GitHub and Azure Pipelines"] = {
            "EMULATOR_FEDERATED_CLIENT_ID": trusting[0].client_id if trusting else "",
            "EMULATOR_FEDERATED_TOKEN_FILE": str(directory / _FEDERATED_TOKEN),
        }
    return headings


def _has_client_certificate(app: App, emulated: EmulatorState) -> bool:
    return any(one.certificate == emulated.keys.client.certificate for one in app.certificates)


def _first_with_secret(emulated: EmulatorState) -> tuple[App, Secret] | None:
    now = emulated.now()
    for app in emulated.store(Directory).apps.values():
        for secret in app.secrets:
            if secret.starts <= now < secret.ends:
                return app, secret
    return None


def _lines(variables: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in variables.items())
