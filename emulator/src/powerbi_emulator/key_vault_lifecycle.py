# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared code of a key vault's secrets and certificates: lists, versions, soft deletion, recovery, purging."""

from __future__ import annotations

import dataclasses
import typing as t

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from powerbi_emulator.key_vault_api import Json, KeyVaultError, Place, authorize, object_name, page
from powerbi_emulator.routing import route
from powerbi_emulator.state.key_vault_objects import Item, ObjectStore, V
from powerbi_emulator.state.key_vaults import Vault

_DAY: t.Final = 86400
_NOT_FOUND: t.Final = (
    "A {kind} with (name/id) {name} was not found in this key vault. If you recently deleted this {kind} you may be "
    "able to recover it using the correct recovery command. For help resolving this issue, please see "
    "https://go.microsoft.com/fwlink/?linkid=2125182"
)


@dataclasses.dataclass(frozen=True)
class Kind(t.Generic[V]):
    """``name``: ``secret`` or ``certificate``; ``read``: the data action of lists.

    ``listed`` and ``to_json`` return an entry of a list and the object itself, both without ``id`` and never with a
    secret value. ``companions`` contains the objects of the same name that are deleted and recovered with these.
    ``refuse`` raises KeyVaultError for objects that must not be deleted, recovered or purged on their own.
    """

    name: str
    read: str
    objects: t.Callable[[Vault], ObjectStore[V]]
    listed: t.Callable[[Place, Item[V], V], Json]
    to_json: t.Callable[[Place, Item[V], V], Json]
    companions: t.Callable[[Vault], ObjectStore[t.Any]] | None = None
    refuse: t.Callable[[Item[V], str], None] | None = None

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    def not_found(self, name: str) -> KeyVaultError:
        return KeyVaultError(404, f"{self.name.capitalize()}NotFound", _NOT_FOUND.format(kind=self.name, name=name))

    def find(self, place: Place, name: str) -> Item[V]:
        """The object of that name that is not deleted. Raises KeyVaultError 404."""
        item = self.objects(place.vault).find(name)
        if item is None:
            raise self.not_found(name)
        return item

    def find_version(self, place: Place, name: str, version_id: str) -> tuple[Item[V], V]:
        """The object and its version, the current one for an empty id. Raises KeyVaultError 404."""
        item = self.find(place, name)
        version = item.version(version_id)
        if version is None:
            raise self.not_found(f"{name}/{version_id}")
        return item, version

    def check_free(self, place: Place, name: str) -> None:
        """Raise KeyVaultError 409 for the name of a soft-deleted object."""
        item = self.objects(place.vault).find_deleted(name)
        if item is None:
            return
        subject = f"{self.name.capitalize()} {name}"
        if not _is_settled(place, item):
            raise KeyVaultError(409, "Conflict", f"{subject} is currently being deleted.", "ObjectIsBeingDeleted")
        raise KeyVaultError(
            409,
            "Conflict",
            f"{subject} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, "
            f"the {self.name} can only be recovered or purged.",
            "ObjectIsDeletedButRecoverable",
        )

    def address(self, place: Place, name: str, version_id: str = "") -> str:
        """The id of an object or of a version of it."""
        return f"{place.base}/{self.plural}/{name}" + (f"/{version_id}" if version_id else "")

    def routes(self) -> list[Route]:
        """Routes of lists, versions, deletion, recovery and purging. A path with a version id must follow these."""
        return [
            route(f"/{self.plural}", "GET", self._list),
            route(f"/{self.plural}/{{name}}/versions", "GET", self._list_versions),
            route(f"/{self.plural}/{{name}}", "DELETE", self._delete),
            route(f"/deleted{self.plural}", "GET", self._list_deleted),
            route(f"/deleted{self.plural}/{{name}}", "GET", self._get_deleted),
            route(f"/deleted{self.plural}/{{name}}", "DELETE", self._purge),
            route(f"/deleted{self.plural}/{{name}}/recover", "POST", self._recover),
        ]

    async def _list(self, request: Request) -> Response:
        place = authorize(request, self.read)
        found = self.objects(place.vault).living()
        return page(request, place, [self._entry(place, item, item.current, "") for item in found])

    async def _list_versions(self, request: Request) -> Response:
        place = authorize(request, self.read)
        item = self.objects(place.vault).find(object_name(request))
        if item is None:  # for an unknown name the service returns an empty list
            return page(request, place, [])
        return page(request, place, [self._entry(place, item, one, one.id) for one in item.versions])

    async def _delete(self, request: Request) -> Response:
        place = authorize(request, f"{self.plural}/delete")
        item = self.find(place, object_name(request))
        self._check(item, "delete")
        self.objects(place.vault).delete(item, place.emulated.now())
        for objects, companion in self._companions(place, item, deleted=False):
            objects.delete(companion, place.emulated.now())
        return JSONResponse(self._deleted(place, item, self.to_json))

    async def _list_deleted(self, request: Request) -> Response:
        place = authorize(request, self.read)
        found = [item for item in self.objects(place.vault).deleted() if _is_settled(place, item)]
        return page(request, place, [self._deleted(place, item, self.listed) for item in found])

    async def _get_deleted(self, request: Request) -> Response:
        place = authorize(request, self.read)
        return JSONResponse(self._deleted(place, self._find_deleted(place, request), self.to_json))

    async def _recover(self, request: Request) -> Response:
        place = authorize(request, f"{self.plural}/recover/action")
        item = self._find_deleted(place, request)
        self._check(item, "recover")
        self.objects(place.vault).recover(item)
        for objects, companion in self._companions(place, item, deleted=True):
            objects.recover(companion)
        version = item.current
        return JSONResponse({"id": self.address(place, item.name, version.id), **self.to_json(place, item, version)})

    async def _purge(self, request: Request) -> Response:
        place = authorize(request, f"{self.plural}/purge/action")
        item = self._find_deleted(place, request)
        self._check(item, "purge")
        if place.vault.purge_protection:
            raise KeyVaultError(
                403,
                "Forbidden",
                'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault '
                "service will automatically purge it after the retention period has passed.",
            )
        self.objects(place.vault).purge(item)
        for objects, companion in self._companions(place, item, deleted=True):
            objects.purge(companion)
        return Response(status_code=204)

    def _entry(self, place: Place, item: Item[V], version: V, version_id: str) -> Json:
        return {"id": self.address(place, item.name, version_id), **self.listed(place, item, version)}

    def _deleted(self, place: Place, item: Item[V], show: t.Callable[[Place, Item[V], V], Json]) -> Json:
        assert item.deleted is not None
        version_id = item.current.id if show is self.to_json else ""
        return {
            "recoveryId": f"{place.base}/deleted{self.plural}/{item.name}",
            "deletedDate": int(item.deleted),
            "scheduledPurgeDate": int(item.deleted) + place.vault.retention * _DAY,
            "id": self.address(place, item.name, version_id),
            **show(place, item, item.current),
        }

    def _find_deleted(self, place: Place, request: Request) -> Item[V]:
        name = object_name(request)
        item = self.objects(place.vault).find_deleted(name)
        if item is None or not _is_settled(place, item):
            kind = self.name.capitalize()
            raise KeyVaultError(404, f"{kind}NotFound", f"Deleted {kind} not found: {name}")
        return item

    def _companions(
        self, place: Place, item: Item[V], *, deleted: bool
    ) -> t.Iterator[tuple[ObjectStore[t.Any], Item[t.Any]]]:
        if self.companions is None:
            return
        objects = self.companions(place.vault)
        companion = objects.find_deleted(item.name) if deleted else objects.find(item.name)
        if companion is not None:
            yield objects, companion

    def _check(self, item: Item[V], operation: str) -> None:
        if self.refuse is not None:
            self.refuse(item, operation)


def _is_settled(place: Place, item: Item[t.Any]) -> bool:
    """Whether a deletion is completed: the switch sets its duration."""
    return (
        item.deleted is not None and place.emulated.now() >= item.deleted + place.emulated.switches.key_vault_deletion
    )
