# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure key vaults: their settings, role assignments and objects."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
import typing as t

from powerbi_emulator.callers import Caller
from powerbi_emulator.certificate_bundle import PEM, PFX, CertificateBundle, ImportRefusedError
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory import Directory
from powerbi_emulator.state.key_vault_objects import CertificateVersion, Item, ObjectStore, SecretVersion

OBJECT_NAME: t.Final = re.compile(r"[0-9a-zA-Z-]{1,127}")
_VAULT_NAME: t.Final = re.compile(r"[a-zA-Z](?!.*--)[0-9a-zA-Z-]{1,22}[0-9a-zA-Z]")
# Azure's built-in roles, by the data actions (below Microsoft.KeyVault/vaults/) that they allow
ROLES: t.Final[dict[str, tuple[str, ...]]] = {
    "Key Vault Administrator": ("*",),
    "Key Vault Secrets Officer": ("secrets/*",),
    "Key Vault Secrets User": ("secrets/getSecret/action", "secrets/readMetadata/action"),
    "Key Vault Certificates Officer": ("certificates/*", "certificatecas/*"),
    "Key Vault Certificate User": (
        "certificates/read",
        "secrets/getSecret/action",
        "secrets/readMetadata/action",
        "keys/read",
    ),
    "Key Vault Reader": ("secrets/readMetadata/action", "certificates/read", "keys/read"),
}


@dataclasses.dataclass
class Vault:
    """``roles``: the role of each object id. ``retention``: days in which a deleted object can be recovered."""

    name: str
    location: str = "northeurope"
    retention: int = 90
    purge_protection: bool = False
    roles: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    secrets: ObjectStore[SecretVersion] = dataclasses.field(default_factory=ObjectStore)
    certificates: ObjectStore[CertificateVersion] = dataclasses.field(default_factory=ObjectStore)

    @property
    def resource_id(self) -> str:
        group = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourcegroups/deploy"
        return f"{group}/providers/microsoft.keyvault/vaults/{self.name.lower()}"

    @property
    def recovery_level(self) -> str:
        return "Recoverable" if self.purge_protection else "Recoverable+Purgeable"

    def allows(self, caller: Caller, action: str) -> bool:
        """Whether a role of the caller, or of one of its groups, allows that data action (``secrets/delete``)."""
        ids = {caller.object_id, *caller.groups}
        held = {role for object_id, role in self.roles if object_id in ids}
        return any(fnmatch.fnmatchcase(action, pattern) for role in held for pattern in ROLES[role])

    def import_certificate(
        self,
        name: str,
        bundle: CertificateBundle,
        policy: dict[str, t.Any],
        now: float,
        *,
        enabled: bool = True,
        tags: dict[str, str] | None = None,
    ) -> Item[CertificateVersion]:
        """A new version of a certificate, and of the secret of the same name, which contains its key."""
        certificate, content_type = bundle.certificate, policy["secret_props"]["contentType"]
        starts, ends = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
        version = CertificateVersion(
            bundle=bundle, created=now, updated=now, starts=starts, ends=ends, enabled=enabled, tags=tags
        )
        secret = SecretVersion(
            id=version.id,
            value=bundle.secret_value(content_type),
            content_type=content_type,
            certificate=bundle,
            created=now,
            updated=now,
            starts=starts,
            ends=ends,
            enabled=enabled,
            tags=tags,
        )
        self.secrets.add_version(name, secret)
        item = self.certificates.add_version(name, version)
        item.policy = policy
        return item


class KeyVaults(Store):
    """``vaults``: by name in lower case; the first of the seed is the one at the emulator's own address."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        self._emulated = emulated
        self.vaults: dict[str, Vault] = {}
        for section in seed.sections("key_vaults"):
            vault = self._vault(section)
            if vault.name.lower() in self.vaults:
                raise section.error("name", f"'{vault.name}' is a duplicate")
            self.vaults[vault.name.lower()] = vault

    def at(self, host: str) -> Vault | None:
        """The vault of a Host header: ``{vault}.vault.localhost:8443``; the first one for any other host."""
        name = host.partition(":")[0].lower()
        if name in ("localhost", "127.0.0.1"):
            return next(iter(self.vaults.values()), None)
        return self.vaults.get(name.partition(".")[0])

    def _vault(self, section: Section) -> Vault:
        directory = self._emulated.store(Directory)
        name = section.text("name")
        if not _VAULT_NAME.fullmatch(name):
            raise section.error("name", f"expected 3 to 24 letters, digits and single hyphens, got '{name}'")
        vault = Vault(
            name=name,
            location=section.text("location", "northeurope"),
            retention=int(section.number("retention", 90) or 90),
            purge_protection=section.flag("purge_protection", False),
        )
        for item in section.sections("roles"):
            role = item.choice("role", tuple(ROLES))
            vault.roles.append((directory.seed_principal(item, "principal").object_id, role))
            item.finish()
        for item in section.sections("secrets"):
            self._secret(vault, item)
        for item in section.sections("certificates"):
            self._certificate(vault, item)
        section.finish()
        return vault

    def _secret(self, vault: Vault, section: Section) -> None:
        """A version of a secret: a repeated name adds another version."""
        now = self._emulated.now()
        version = SecretVersion(
            created=now,
            updated=now,
            value=section.text("value"),
            content_type=section.text("content_type", "") or None,
            enabled=section.flag("enabled", True),
            starts=section.time("starts", "") if section.has("starts") else None,
            ends=section.time("ends", "") if section.has("ends") else None,
            tags={str(key): str(value) for key, value in section.mapping("tags").items()} or None,
        )
        vault.secrets.add_version(_object_name(section), version)
        section.finish()

    def _certificate(self, vault: Vault, section: Section) -> None:
        if section.flag("generated", False):
            client = self._emulated.keys.client
            bundle = CertificateBundle(client.private_key, client.certificate)
        else:
            try:
                bundle = CertificateBundle.parse(section.text("pem"), None)
            except ImportRefusedError as error:
                raise section.error("pem", f"expected key and certificate in PEM format: {error}") from None
        content_type = section.choice("content_type", (PFX, PEM), PFX)
        now = self._emulated.now()
        policy = bundle.policy({"secret_props": {"contentType": content_type}}, now)
        enabled = section.flag("enabled", True)
        vault.import_certificate(_object_name(section), bundle, policy, now, enabled=enabled)
        section.finish()


def _object_name(section: Section) -> str:
    name = section.text("name")
    if not OBJECT_NAME.fullmatch(name):
        raise section.error("name", f"expected letters, digits and hyphens, at most 127, got '{name}'")
    return name
