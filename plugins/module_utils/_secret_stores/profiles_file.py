# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""One profile on this host: its section of profiles.ini, and the file beside it with its certificate."""

from __future__ import annotations

import functools
import hashlib
import os
import typing as t
from urllib.parse import quote

from .._auth.certificate_file import pem_or_pfx
from .._empty_values import described, is_emptied
from .._errors import ConfigError
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from .._settings.options import METHOD_OPTIONS, SECRET_OPTIONS
from .private_file import MODE, Owner, PrivateFile, locked
from .profiles_edit import file_digest, is_written, section_values, with_file_digest, with_section, without_section

_NEVER_WRITTEN = ("auth_profile",)
# The options of a credential, which is replaced as a whole.
_CREDENTIAL = frozenset(("auth_method", "auth_source", *(name for names in METHOD_OPTIONS.values() for name in names)))


class Profile(Resource[Plan]):
    """``path`` of the profiles file, ``name`` of the section, ``owner`` of the files.

    ``options`` are set in the section. Others are kept, but a credential replaces an existing one. None removes the
    section, and the certificate's file if this collection wrote it.
    """

    def __init__(self, path: str, name: str, owner: Owner, options: t.Mapping[str, t.Any] | None) -> None:
        self.path = os.path.realpath(path)  # a link stays a link
        self.name = name
        self._owner = owner
        self._options = options
        self._writes: list[t.Callable[[], None]] = []

    def opened(self) -> t.ContextManager[object]:
        return locked(self.path)

    def plan(self, task: Task) -> Plan:
        """Raises ConfigError for an empty secret, and for a certificate file that this collection did not write."""
        file = PrivateFile.read(self.path)
        text = _decoded(file)
        if self._options is None:
            return self._planned(file, text, None, None)
        _refuse_empty_secrets(self._options)
        texts = {key: _text(value) for key, value in self._options.items() if _is_given(key, value)}
        certificate = _certificate_bytes(texts.pop("certificate_data", None))
        if certificate is not None:
            texts["certificate_path"] = self._certificate_path(certificate)
        current = section_values(text, self.name, self.path) or {}
        if texts.keys() & _CREDENTIAL:
            current = {key: value for key, value in current.items() if key not in _CREDENTIAL}
        return self._planned(file, text, {**current, **texts}, certificate)

    def apply(self, change: Plan, task: Task) -> None:
        for write in self._writes:
            write()
            task.mark_changed()

    def known(self) -> dict[str, t.Any]:
        return {"path": self.path, "name": self.name}

    def values(self, change: Plan) -> dict[str, t.Any]:
        return self.known()

    def is_another(self, identity: t.Mapping[str, t.Any]) -> str:
        """Why the section belongs to another identity, empty if it doesn't or if there is none: it has another tenant or
        client, or a person wrote it and it does not contain this identity."""
        text = _decoded(PrivateFile.read(self.path))
        current = section_values(text, self.name, self.path)
        if current is None:
            return ""
        expected = {key: str(identity[key]).strip().lower() for key in ("tenant_id", "client_id") if identity.get(key)}
        other = sorted(key for key, value in expected.items() if current.get(key, "").lower() != value)
        if other:
            return f"it has another {' and '.join(other)}"
        if not expected.get("client_id") and not is_written(text, self.name, self.path):
            return "this collection did not write it"
        return ""

    def _planned(self, file: PrivateFile, text: str, values: dict[str, str] | None, certificate: bytes | None) -> Plan:
        """The plan; its writes are kept for `apply`."""
        current = section_values(text, self.name, self.path)
        old = self._written_file(text, current)
        new = self._own_file(values) if certificate is not None else None
        if new is not None and new.data not in (None, certificate) and (old is None or old.path != new.path):
            raise ConfigError(
                f"{new.path} is there already, and this collection did not write it",
                option="certificate_data",
                remedy="name that file as certificate_path, or move it away",
            )
        desired_text = self._desired_text(text, current, values, certificate)
        kept = old if values and old is not None and values.get("certificate_path") == old.path else None
        before, after = _shown(current, values)
        if current is not None:
            before.update(file.state(self._owner), **_certificate_state(old, None))
        if values is not None:
            after.update(_metadata(self._owner), **_certificate_state(new or kept, certificate))
            _show_other_content(before, after, old, certificate)
        if new is not None and certificate is not None:
            self._writes.append(functools.partial(new.write, certificate, self._owner))
        if values is not None or file.data is not None:
            self._writes.append(functools.partial(file.write, desired_text.encode(), self._owner))
        if old is not None and kept is None and (new is None or new.path != old.path):
            self._writes.append(old.remove)
        return plan_whole(after or None, before or None, label=f"profile {self.name} in {self.path}")

    def _desired_text(
        self,
        text: str,
        current: t.Mapping[str, str] | None,
        values: t.Mapping[str, str] | None,
        certificate: bytes | None,
    ) -> str:
        """The desired profiles file, with the comment about a certificate's file that this class writes."""
        if values is None:
            return without_section(text, self.name, self.path)
        desired = with_section(text, self.name, values, self.path)
        if certificate is not None:
            return with_file_digest(desired, self.name, _digest(certificate))
        if current is not None and values.get("certificate_path") != current.get("certificate_path"):
            return with_file_digest(desired, self.name, "")
        return desired

    def _certificate_path(self, data: bytes) -> str:
        ending = "pem" if b"-----BEGIN" in data else "pfx"
        return os.path.join(os.path.dirname(self.path), f"{quote(self.name, safe='')}.{ending}")

    def _own_file(self, values: t.Mapping[str, str] | None) -> PrivateFile | None:
        """The certificate's file, where its path is one that this class writes to."""
        path = (values or {}).get("certificate_path", "")
        own = (self._certificate_path(b"-----BEGIN"), self._certificate_path(b""))
        return PrivateFile.read(path) if path in own else None

    def _written_file(self, text: str, values: t.Mapping[str, str] | None) -> PrivateFile | None:
        """The certificate's file, if this class wrote its current content or it is missing; otherwise None."""
        file = self._own_file(values)
        if file is None:
            return None
        digest = file_digest(text, self.name, self.path)
        return file if digest and (file.data is None or _digest(file.data) == digest) else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _refuse_empty_secrets(options: t.Mapping[str, t.Any]) -> None:
    for name in sorted(SECRET_OPTIONS):
        value = options.get(name)
        if isinstance(value, str) and is_emptied(value):
            raise ConfigError(
                f"{name} is {described(value)}",
                option=name,
                remedy="check the variable that it comes from; without the option the profile keeps what it has",
            )


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
    data = pem_or_pfx(text)
    return data.strip() + b"\n" if b"-----BEGIN" in data else data


def _metadata(owner: Owner) -> dict[str, t.Any]:
    desired: dict[str, t.Any] = {"mode": f"{MODE:04o}"}
    if owner.uid != -1:
        desired["owner"] = owner.uid
    if owner.gid != -1:
        desired["group"] = owner.gid
    return desired


def _certificate_state(file: PrivateFile | None, data: bytes | None) -> dict[str, t.Any]:
    """The file for a diff: whether it exists, and its mode. With ``data``, its desired state."""
    if file is None:
        return {}
    if data is not None:
        return {"certificate file": f"{file.path} {MODE:04o}"}
    return {"certificate file": f"{file.path} {file.mode:04o}" if file.data is not None else "missing"}


def _shown(
    current: t.Mapping[str, str] | None, values: t.Mapping[str, str] | None
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Both sides of the diff, with placeholders for secrets that show whether they differ."""
    current, values = current or {}, values or {}
    before, after = dict(current), dict(values)
    for key in SECRET_OPTIONS:
        if key in before:
            before[key] = "(a secret)"
        if key in after:
            after[key] = "(a secret)" if current.get(key) in (None, values[key]) else "(another secret)"
    return before, after


def _show_other_content(
    before: dict[str, t.Any], after: dict[str, t.Any], old: PrivateFile | None, data: bytes | None
) -> None:
    if old is not None and data is not None and old.data not in (None, data):
        before["certificate"], after["certificate"] = "(a key and its certificate)", "(others)"
