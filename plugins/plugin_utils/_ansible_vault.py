# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_util is private to community.powerbi: it may change at any time.

"""Ansible Vault with the passwords of the run, or with one of a task's own."""

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.parsing.vault import VaultLib, VaultSecret


class RunVault:
    """``loader`` is the run's DataLoader. Both methods raise what ansible-core raises."""

    def __init__(self, loader: t.Any) -> None:
        self._loader = loader

    def decrypt(self, data: bytes, password: str) -> bytes:
        library = _library(password) if password else self._loader._vault
        return bytes(library.decrypt(data))

    def encrypt(self, data: bytes, password: str, vault_id: str) -> bytes:
        secrets = (
            [(C.DEFAULT_VAULT_IDENTITY, VaultSecret(password.encode()))] if password else self._loader._vault.secrets
        )
        return bytes(VaultLib(secrets).encrypt(data, secret=secrets[0][1], vault_id=vault_id or None))


def _library(password: str) -> VaultLib:
    return VaultLib([(C.DEFAULT_VAULT_IDENTITY, VaultSecret(password.encode()))])
