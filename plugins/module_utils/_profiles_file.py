# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""One profile on this host: its section of profiles.ini, and the file beside it that holds its certificate."""

from __future__ import annotations

import base64
import binascii
import os
import typing as t
from urllib.parse import quote

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._options import SECRET_OPTIONS
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
from ansible_collections.community.powerbi.plugins.module_utils._private_file import MODE, Owner, PrivateFile, locked
from ansible_collections.community.powerbi.plugins.module_utils._profiles_edit import (
    section_values,
    with_section,
    without_section,
)

_NEVER_WRITTEN = ("profile",)


class Profile:
    """``path`` of the profiles file, ``name`` of the section, whose files are to be."""

    def __init__(self, path: str, name: str, owner: Owner) -> None:
        self.path = os.path.realpath(path)  # a link stays a link
        self.name = name
        self._owner = owner

    def present(self, options: t.Mapping[str, t.Any], *, write: bool) -> Plan:
        """Make the section hold these options and no others. Returns what that changes; ``write`` carries it out."""
        with locked(self.path):
            values = {key: _text(value) for key, value in options.items() if _is_given(key, value)}
            certificate = _certificate_bytes(values.pop("certificate_data", None))
            if certificate is not None:
                values["certificate_path"] = self._certificate_path(certificate)
            return self._carry_out(values, certificate, write)

    def absent(self, *, write: bool) -> Plan:
        """Remove the section and the certificate's file."""
        with locked(self.path):
            return self._carry_out(None, None, write)

    def _carry_out(self, values: dict[str, str] | None, certificate: bytes | None, write: bool) -> Plan:
        file = PrivateFile.read(self.path)
        text = _decoded(file)
        current = section_values(text, self.name, self.path)
        if values is None:
            wanted_text = without_section(text, self.name, self.path)
        else:
            wanted_text = with_section(text, self.name, values, self.path)
        old = self._own_certificate(current)
        new = self._own_certificate(values)
        before, after = _shown(current, values)
        if current is not None:
            before.update(file.state(self._owner), **_certificate_state(old, None))
        if values is not None:
            after.update(_metadata(self._owner), **_certificate_state(new, certificate))
            _mark_other_content(before, after, old, certificate)
        action: t.Any = "none" if before == after else "update" if before and after else "create" if after else "delete"
        plan = Plan(action, before or None, after or None, {}, f"profile {self.name} in {self.path}")
        if write and plan.changed:
            if new is not None and certificate is not None:
                new.write(certificate, self._owner)
            if values is not None or file.data is not None:
                file.write(wanted_text.encode(), self._owner)
            if old is not None and (new is None or new.path != old.path):
                old.remove()
        return plan

    def _certificate_path(self, data: bytes) -> str:
        ending = "pem" if b"-----BEGIN" in data else "pfx"
        return os.path.join(os.path.dirname(self.path), f"{quote(self.name, safe='')}.{ending}")

    def _own_certificate(self, values: t.Mapping[str, str] | None) -> PrivateFile | None:
        """The certificate's file, where it is one that this class writes: anything else belongs to somebody."""
        path = (values or {}).get("certificate_path", "")
        own = (self._certificate_path(b"-----BEGIN"), self._certificate_path(b""))
        return PrivateFile.read(path) if path in own else None


def _is_given(key: str, value: t.Any) -> bool:
    return key not in _NEVER_WRITTEN and value not in (None, "") and (key, value) != ("auth_method", "auto")


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decoded(file: PrivateFile) -> str:
    try:
        return (file.data or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{file.path} is not UTF-8 text", option="path", remedy="save it as UTF-8") from None


def _certificate_bytes(text: str | None) -> bytes | None:
    if text is None:
        return None
    if "-----BEGIN" in text:
        return text.replace("\\n", "\n").encode().strip() + b"\n"
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(
            "certificate_data is neither PEM nor base64",
            option="certificate_data",
            remedy="give the PEM text with key and certificate, or a PFX file in base64",
        ) from None


def _metadata(owner: Owner) -> dict[str, t.Any]:
    wanted: dict[str, t.Any] = {"mode": f"{MODE:04o}"}
    if owner.uid != -1:
        wanted["owner"] = owner.uid
    if owner.gid != -1:
        wanted["group"] = owner.gid
    return wanted


def _certificate_state(file: PrivateFile | None, data: bytes | None) -> dict[str, t.Any]:
    """The file as a diff shows it: there or not, and its mode. With ``data`` as it will be."""
    if file is None:
        return {}
    if data is not None:
        return {"certificate file": f"{file.path} {MODE:04o}"}
    return {"certificate file": f"{file.path} {file.mode:04o}" if file.data is not None else "missing"}


def _shown(
    current: t.Mapping[str, str] | None, values: t.Mapping[str, str] | None
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Both sides of the diff, with marks in place of secrets that still tell whether they differ."""
    current, values = current or {}, values or {}
    before, after = dict(current), dict(values)
    for key in SECRET_OPTIONS:
        if key in before:
            before[key] = "(a secret)"
        if key in after:
            after[key] = "(a secret)" if current.get(key) in (None, values[key]) else "(another secret)"
    return before, after


def _mark_other_content(
    before: dict[str, t.Any], after: dict[str, t.Any], old: PrivateFile | None, data: bytes | None
) -> None:
    if old is not None and data is not None and old.data not in (None, data):
        before["certificate"], after["certificate"] = "(a key and its certificate)", "(others)"
