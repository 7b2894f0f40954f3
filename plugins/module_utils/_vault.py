# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Ansible Vault, as modules on the controller use it."""

from __future__ import annotations

import typing as t


class Vault(t.Protocol):
    """Ansible Vault. With an empty password, the passwords of the run are used."""

    def decrypt(self, data: bytes, password: str) -> bytes:
        """The plain text. Raises for a wrong password, or text that is not encrypted."""

    def encrypt(self, data: bytes, password: str, vault_id: str) -> bytes:
        """The encrypted text, with the vault header."""
