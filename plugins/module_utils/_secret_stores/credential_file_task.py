# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_credential_file: read a file on the controller, or change fields of one that is encrypted."""

from __future__ import annotations

import json
import os
import typing as t

from .._empty_values import is_emptied_field
from .._ensure import ensure
from .._errors import ConfigError
from .._module import Context, Result
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from . import credential_yaml
from .credential_file import ParsedFile, parse, problem, shown_keys
from .credential_yaml import FileError
from .private_file import Owner, PrivateFile

_HEADER = b"$ANSIBLE_VAULT;"
_LARGEST = 4 * 1024 * 1024  # bytes


def run_credential_file(context: Context) -> Result:
    """The run() of powerbi_credential_file. Raises ConfigError."""
    file = CredentialFile(context)
    return file.content() if context.params["values"] is None else ensure(context, file)


class CredentialFile(Resource[Plan]):
    """The fields of a credential file. The plan changes the lines of the given fields only; the file is encrypted again
    with the same vault id. There is no diff: every line may be a secret."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._params = context.params
        self._path = os.path.realpath(os.path.expanduser(context.params["path"]))
        self._shown_path = context.params["path"]
        file = PrivateFile.read(self._path)
        if file.data is None or len(file.data) > _LARGEST:
            raise ConfigError(
                f"{self._shown_path} is {'not there' if file.data is None else 'larger than 4 MiB'}",
                option="path",
                remedy="check the path; the file is read on the controller",
            )
        self._file = file
        self._stored: bytes = file.data
        self._desired_text = ""
        self.encrypted = self._stored.lstrip().startswith(_HEADER)

    def content(self) -> Result:
        """The result that returns the fields."""
        parsed = self._parsed(self._decrypted())
        self._context.register_secrets([*parsed.fields.values(), *parsed.options.values()])
        return Result(
            values={
                "fields": parsed.fields,
                "options": parsed.options,
                "field_names": shown_keys(parsed.fields),
                "encrypted": self.encrypted,
            }
        )

    def plan(self, task: Task) -> Plan:
        params = self._params
        if params["format"] not in ("yaml", "json") or not self.encrypted:
            raise ConfigError(
                f"{self._shown_path} is not written: it is "
                + ("not encrypted with Ansible Vault" if params["format"] in ("yaml", "json") else "no YAML or JSON"),
                option="path",
                remedy="keep the credential in a YAML or JSON file that ansible-vault encrypts",
            )
        empty = sorted(
            name for name, value in params["values"].items() if value is not None and is_emptied_field(str(value))
        )
        if empty:
            raise ConfigError(
                f"values has no value for {', '.join(empty)}",
                option="values",
                remedy="give a value, or null to remove it",
            )
        plain = self._decrypted()
        before = self._parsed(plain).fields
        desired = {name: None if value is None else str(value) for name, value in params["values"].items()}
        expected = {**before, **desired}
        text = self._changed(plain.decode("utf-8-sig"), desired)
        after = self._parsed(text.encode()).fields
        if after != {name: value for name, value in expected.items() if value is not None}:
            raise ConfigError(
                f"{self._shown_path} is written in a way that can't be changed without losing something",
                option="path",
                remedy="write each field on a line of its own, as `name: value`",
            )
        self._desired_text = text
        return plan_whole(before if params["try_only"] else after, before)

    def apply(self, change: Plan, task: Task) -> None:
        header = self._stored.lstrip().split(b"\n", 1)[0].decode("ascii", "replace").strip().split(";")
        vault_id = self._params["vault_id"] or (header[3] if len(header) > 3 else "")
        data = self._vault("encrypt", self._desired_text.encode(), vault_id)
        self._file.write(data, Owner(), mode=self._file.mode)
        task.mark_changed()

    def values(self, change: Plan) -> dict[str, t.Any]:
        return {}

    def diff(self, change: Plan) -> None:
        return None

    def _changed(self, text: str, desired: t.Mapping[str, str | None]) -> str:
        section = self._params["section"]
        if self._params["format"] == "yaml":
            try:
                return credential_yaml.changed(text, section, desired)
            except FileError as error:
                raise problem(self._shown_path, "yaml, and changed", error) from None
        content = json.loads(text)
        target = content.setdefault(section, {}) if section else content
        for name, value in desired.items():
            target.pop(name, None) if value is None else target.__setitem__(name, value)
        return json.dumps(content, indent=4, ensure_ascii=False) + "\n"

    def _parsed(self, data: bytes) -> ParsedFile:
        params = self._params
        return parse(
            data, self._shown_path, params["format"], params["section"], params["env_prefix"], self._decrypt_value
        )

    def _decrypted(self) -> bytes:
        if not self.encrypted:
            return self._stored
        return self._vault("decrypt", self._stored)

    def _decrypt_value(self, data: bytes) -> bytes:
        return self._vault("decrypt", data)

    def _vault(self, action: str, data: bytes, vault_id: str = "") -> bytes:
        """Ansible Vault, which only the controller has; its own errors are not passed on."""
        vault = self._context.vault
        if vault is None:
            raise ConfigError(
                "Ansible Vault is only open on the controller",
                option="path",
                remedy="delegate the task to localhost, with the connection local and without become",
            )
        password = self._params["vault_password"] or ""
        try:
            return bytes(
                vault.encrypt(data, password, vault_id) if action == "encrypt" else vault.decrypt(data, password)
            )
        except Exception:  # of ansible-core: its text may quote the file
            raise ConfigError(
                f"the file {self._shown_path} can't be {action}ed, or is not encrypted with "
                + ("powerbi_credentials_file_vault_password" if password else "a password that this run knows"),
                option="vault_password",
                remedy="give the vault password with which the file is encrypted (--vault-password-file, or vault_password)",
            ) from None
