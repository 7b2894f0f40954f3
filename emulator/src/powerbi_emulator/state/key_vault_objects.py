# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a key vault: named, with versions and soft deletion."""

from __future__ import annotations

import dataclasses
import secrets
import typing as t

from powerbi_emulator.certificate_bundle import CertificateBundle

V = t.TypeVar("V", bound="Version")


@dataclasses.dataclass(kw_only=True)
class Version:
    """One version of an object. Times in epoch seconds; ``starts`` and ``ends`` have no effect, as in the service."""

    id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(16))
    created: float
    updated: float
    enabled: bool = True
    starts: float | None = None
    ends: float | None = None
    tags: dict[str, str] | None = None


@dataclasses.dataclass(kw_only=True)
class SecretVersion(Version):
    """``certificate``: the certificate of this secret; it and its version have the secret's name and id."""

    value: str = dataclasses.field(repr=False)
    content_type: str | None = None
    certificate: CertificateBundle | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(kw_only=True)
class CertificateVersion(Version):
    bundle: CertificateBundle = dataclasses.field(repr=False)


@dataclasses.dataclass
class Item(t.Generic[V]):
    """A named object: versions, oldest first. ``deleted``: the time in epoch seconds; None if it is not deleted.

    ``policy`` is a certificate's, as the service returns it, without its ``id``.
    """

    name: str
    versions: list[V]
    deleted: float | None = None
    policy: dict[str, t.Any] | None = None

    @property
    def current(self) -> V:
        return self.versions[-1]

    def version(self, version_id: str) -> V | None:
        """That version; the current one for an empty id."""
        if not version_id:
            return self.current
        return next((one for one in self.versions if one.id == version_id.lower()), None)


class ObjectStore(t.Generic[V]):
    """All objects of one kind in a vault; names are case-insensitive."""

    def __init__(self) -> None:
        self._items: dict[str, Item[V]] = {}
        self._deleted: dict[str, Item[V]] = {}

    def living(self) -> list[Item[V]]:
        """All objects, sorted by name, as the service lists them."""
        return [self._items[key] for key in sorted(self._items)]

    def deleted(self) -> list[Item[V]]:
        return [self._deleted[key] for key in sorted(self._deleted)]

    def find(self, name: str) -> Item[V] | None:
        return self._items.get(name.lower())

    def find_deleted(self, name: str) -> Item[V] | None:
        return self._deleted.get(name.lower())

    def add_version(self, name: str, version: V) -> Item[V]:
        """A new version of ``name``, which becomes its current one; a new object if there is none."""
        item = self._items.setdefault(name.lower(), Item(name, []))
        item.versions.append(version)
        return item

    def delete(self, item: Item[V], now: float) -> None:
        """Soft delete: the name remains in use."""
        item.deleted = now
        self._deleted[item.name.lower()] = self._items.pop(item.name.lower())

    def recover(self, item: Item[V]) -> None:
        item.deleted = None
        self._items[item.name.lower()] = self._deleted.pop(item.name.lower())

    def purge(self, item: Item[V]) -> None:
        """Delete an object permanently."""
        del self._deleted[item.name.lower()]
