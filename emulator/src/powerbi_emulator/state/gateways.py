# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gateways with their data sources, from the seed: no API installs a gateway."""

from __future__ import annotations

import base64
import dataclasses
import functools
import typing as t

from cryptography.hazmat.primitives.asymmetric import rsa

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory import Directory

CREDENTIAL_TYPES: t.Final = ("Basic", "Windows", "Anonymous", "OAuth2", "Key", "SAS")
_ENCODED_EXPONENT: t.Final = "AQAB"


@dataclasses.dataclass
class GatewayDatasource:
    """``connection`` is ``connectionDetails``, parsed; ``users`` are object ids. Credentials aren't stored."""

    id: str
    name: str
    type: str
    connection: dict[str, t.Any]
    credential_type: str
    users: list[str]
    reachable: bool = True


@dataclasses.dataclass
class Gateway:
    """``admins`` are object ids; ``online``: whether the gateway is reachable."""

    id: str
    name: str
    version: str
    online: bool
    admins: list[str]
    datasources: dict[str, GatewayDatasource]

    def administered_by(self, caller: Caller) -> bool:
        return bool({caller.object_id, *caller.groups} & set(self.admins))

    def usable_by(self, caller: Caller) -> bool:
        """Whether the caller administers the gateway or uses a data source on it."""
        ids = {caller.object_id, *caller.groups}
        return self.administered_by(caller) or any(ids & set(one.users) for one in self.datasources.values())


@functools.cache
def private_key(gateway_id: str) -> rsa.RSAPrivateKey:
    """The key that decrypts credentials for that gateway. Generated on first use, as it takes some time."""
    del gateway_id
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(gateway_id: str) -> dict[str, str]:
    """Exponent and modulus, base64, as in both APIs."""
    modulus = private_key(gateway_id).public_key().public_numbers().n
    return {"exponent": _ENCODED_EXPONENT, "modulus": base64.b64encode(modulus.to_bytes(256, "big")).decode()}


class Gateways(Store):
    """``gateways`` is keyed by id in lower case."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        directory = emulated.store(Directory)
        self.gateways: dict[str, Gateway] = {}
        for section in seed.sections("gateways"):
            gateway = Gateway(
                id=section.guid("id"),
                name=section.text("name"),
                version=section.text("version", "3000.282.5"),
                online=section.flag("online", True),
                admins=_people(section, "admins", directory),
                datasources={},
            )
            for item in section.sections("datasources"):
                datasource = GatewayDatasource(
                    id=item.guid("id"),
                    name=item.text("name"),
                    type=item.text("type", "Sql"),
                    connection=item.mapping("connection"),
                    credential_type=item.choice("credential_type", CREDENTIAL_TYPES, "Windows"),
                    users=_people(item, "users", directory),
                    reachable=item.flag("reachable", True),
                )
                item.finish()
                gateway.datasources[datasource.id] = datasource
            section.finish()
            self.gateways[gateway.id] = gateway

    def find(self, gateway_id: str) -> Gateway | None:
        return self.gateways.get(gateway_id.lower())


def _people(section: Section, key: str, directory: Directory) -> list[str]:
    people = []
    for person in section.sections(key):
        people.append(directory.seed_principal(person, "principal").object_id)
        person.finish()
    return people
