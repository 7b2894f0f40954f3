# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The places from which a credential is rotated, each as a test sees it: what it holds, and whether the run has written to it."""

from __future__ import annotations

import abc
import typing as t
from pathlib import Path

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from harness import contoso, credentials
from harness.emulator import Emulator
from harness.openbao import OpenBao

DISPLAY_NAME: t.Final = "ansible-prod"
_PASSWORD: t.Final = "correct horse"


class Source(abc.ABC):
    """``kind`` is client_secret or certificate; ``old_key_id`` what the app and the source start with, ``others`` what the app
    has besides, which must not change. ``env``: what the run needs."""

    kind = "client_secret"
    app = contoso.DEPLOY
    old_key_id = "5ec00000-0000-4000-8000-000000000001"
    others: t.ClassVar[set[str]] = {"5ec00000-0000-4000-8000-000000000002"}
    add, remove = r"/addPassword$", r"/removePassword$"  # the requests of Graph
    env: t.Mapping[str, str] = credentials.WITH_HASHI_VAULT

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.old = self.credential()
        self._writes_before = self.writes()

    def variables(self) -> dict[str, t.Any]:
        """Of the role; forced, and with no old one kept."""
        return {
            **self.where(),
            "powerbi_credentials_extra_options": contoso.connection(self.emulator),
            "powerbi_credentials_rotate": self.kind,
            "powerbi_credentials_rotate_display_name": DISPLAY_NAME,
            "powerbi_credentials_rotate_keep": 0,
            "powerbi_credentials_rotate_before": None,  # the seed's are good for years
        }

    @abc.abstractmethod
    def where(self) -> dict[str, t.Any]:
        """Where the credential is."""

    @abc.abstractmethod
    def content(self) -> tuple[str, str]:
        """The credential that it holds, and the key id that is noted beside it."""

    @abc.abstractmethod
    def writes(self) -> int:
        """How often it was written to, as far as the tests can see."""

    def credential(self) -> str:
        return self.content()[0]

    @property
    def written(self) -> bool:
        """Whether the new credential is in it; its name alone was written before."""
        return self.writes() > self._writes_before and self.content()[1] not in ("", self.old_key_id)

    def works(self, credential: str) -> bool:
        """Whether Entra ID takes it."""
        return credentials.log_in(self.emulator, self.app.client_id, credential)

    def key_ids(self) -> set[str]:
        """What the app has, as Graph returns it."""
        kind = "passwordCredentials" if self.kind == "client_secret" else "keyCredentials"
        return credentials.key_ids(self.emulator, self.app.client_id, kind)


class InOpenBao(Source):
    """As an admin wrote it by hand: without its key id, and with a field of another owner."""

    path = "powerbi/rotated"

    def __init__(self, emulator: Emulator, openbao: OpenBao) -> None:
        self.openbao = openbao
        openbao.write(self.path, **contoso.identity(contoso.DEPLOY), owner="team-bi")
        super().__init__(emulator)

    def where(self) -> dict[str, t.Any]:
        return {
            "powerbi_credentials_source": "hashi_vault",
            "powerbi_credentials_path": self.path,
            "powerbi_credentials_hashi_vault": self.openbao.approle("rotator"),
        }

    def content(self) -> tuple[str, str]:
        fields = self.openbao.read(self.path)
        return fields["client_secret"], fields.get("key_id", "")

    def writes(self) -> int:
        entries = self.openbao.audit(f"secret/data/{self.path}")
        return sum(entry["request"]["operation"] == "update" for entry in entries)


class InKeyVault(Source):
    """Read and written with a managed identity."""

    name = "powerbi-client-secret"
    method, write = "PUT", rf"^/secrets/{name}$"

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.env = {name: emulator.identity_env[name] for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")}

    def where(self) -> dict[str, t.Any]:
        return {
            "powerbi_credentials_source": "azure_keyvault",
            "powerbi_credentials_azure_keyvault_url": self.emulator.url,
            "powerbi_credentials_azure_keyvault_login": {"auth_method": "managed_identity"},
            "powerbi_credentials_path": self.name,
            "powerbi_credentials_tenant_id": contoso.TENANT,
            "powerbi_credentials_client_id": self.app.client_id,
        }

    def content(self) -> tuple[str, str]:
        token = credentials.token(
            self.emulator, contoso.DEPLOY.client_id, contoso.DEPLOY.secrets[1], "https://vault.azure.net/.default"
        )
        headers = {"Authorization": f"Bearer {token}"}
        found = self.emulator.call("GET", f"/secrets/{self.name}?api-version=7.5", headers=headers).json()
        return found["value"], found.get("tags", {}).get("key_id", "")

    def writes(self) -> int:
        return len([entry for entry in self.emulator.requests(self.write, self.method) if entry["status"] == 200])


class CertificateInKeyVault(InKeyVault):
    """The app renews it by proof of possession, so it needs no right to write."""

    kind = "certificate"
    app = contoso.CERTIFICATE_APP
    old_key_id = "ce400000-0000-4000-8000-000000000001"
    others: t.ClassVar[set[str]] = set()
    add, remove = r"/addKey$", r"/removeKey$"
    name = "powerbi-client-certificate"
    method, write = "POST", rf"^/certificates/{name}/import$"

    def works(self, credential: str) -> bool:
        return credentials.log_in_with_certificate(self.emulator, self.app.client_id, credential)


class InVaultedFile(Source):
    """The run knows its password only as the role's variable."""

    def __init__(self, emulator: Emulator, directory: Path) -> None:
        self.path = directory / "rotated.yml"
        self._library = VaultLib([("default", VaultSecret(_PASSWORD.encode()))])
        text = yaml.safe_dump({"note": "kept", **contoso.identity(contoso.DEPLOY)})
        self._first = self._library.encrypt(text)
        self.path.touch(mode=0o600)
        self.path.write_bytes(self._first)
        super().__init__(emulator)

    def where(self) -> dict[str, t.Any]:
        return {
            "powerbi_credentials_source": "file",
            "powerbi_credentials_path": str(self.path),
            "powerbi_credentials_file_vault_password": _PASSWORD,
        }

    def content(self) -> tuple[str, str]:
        fields = yaml.safe_load(self._library.decrypt(self.path.read_bytes()))
        return fields["client_secret"], fields.get("key_id", "")

    def change(self, **fields: str) -> None:
        content = yaml.safe_load(self._library.decrypt(self.path.read_bytes()))
        self.path.write_bytes(self._library.encrypt(yaml.safe_dump({**content, **fields})))

    def writes(self) -> int:
        return int(self.path.read_bytes() != self._first)
