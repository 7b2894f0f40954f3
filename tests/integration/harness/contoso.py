# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The identities of the emulator's default tenant, read from the seed that it ships, and what playbooks need of them."""

from __future__ import annotations

import importlib.resources
import typing as t

import yaml

from harness.emulator import Emulator

_SEED: t.Final = yaml.safe_load(
    importlib.resources.files("powerbi_emulator").joinpath("default_seed.yaml").read_text(encoding="utf-8")
)

TENANT: t.Final[str] = _SEED["tenant"]["id"]
DOMAIN: t.Final[str] = _SEED["tenant"]["domain"]
OTHER_TENANT: t.Final[str] = _SEED["other_tenants"][0]["id"]
TOKEN_PATH: t.Final = r"/oauth2/v2\.0/token$"


class App(t.NamedTuple):
    """An app registration; ``secrets`` are the values of its client secrets."""

    name: str
    client_id: str
    secrets: tuple[str, ...]

    @property
    def secret(self) -> str:
        return self.secrets[0]


def _apps() -> dict[str, App]:
    return {
        entry["display_name"]: App(
            entry["display_name"],
            entry["client_id"],
            tuple(secret["value"] for secret in entry.get("secrets", ())),
        )
        for entry in _SEED["apps"]
    }


_APPS: t.Final = _apps()
DEPLOY: t.Final = _APPS["Ansible Deploy"]
CERTIFICATE_APP: t.Final = _APPS["Ansible Deploy (certificate)"]
FEDERATED_APP: t.Final = _APPS["Ansible Deploy (federated)"]
EXPIRED_APP: t.Final = _APPS["Nightly Refresh (secret expired)"]
DISABLED_APP: t.Final = _APPS["Retired Importer (disabled)"]
NO_PRINCIPAL_APP: t.Final = _APPS["Just Registered (no service principal)"]
PUBLIC_APP: t.Final = _APPS["Sales Desktop (public client)"]
READER: t.Final = _APPS["Report Reader"]
MEGAN, ALEX_WITH_MFA, LYNNE_UNLICENSED = _SEED["users"][:3]
SYSTEM_IDENTITY, USER_IDENTITY = _SEED["managed_identities"][:2]


def connection(emulator: Emulator) -> dict[str, str]:
    """The options that lead to the emulator instead of Microsoft."""
    return {"authority": emulator.url, "api_url": emulator.url, "ca_path": str(emulator.ca_path)}


def identity(app: App, **more: t.Any) -> dict[str, t.Any]:
    """tenant_id and client_id of an app, its secret if it has one, and ``more`` (None removes an option)."""
    options = {
        "tenant_id": TENANT,
        "client_id": app.client_id,
        "client_secret": app.secrets[0] if app.secrets else None,
    }
    return {name: value for name, value in {**options, **more}.items() if value is not None}


def connection_environment(emulator: Emulator) -> dict[str, str]:
    """The same as environment variables, with no identity."""
    return {
        "POWERBI_AUTHORITY": emulator.url,
        "POWERBI_API_URL": emulator.url,
        "POWERBI_CA_PATH": str(emulator.ca_path),
    }
