# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a directory: tenants, apps with credentials, users, groups, identities; all from the seed."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from cryptography import x509

from powerbi_emulator.keys import thumbprint, thumbprint_sha256
from powerbi_emulator.resources import FEDERATION_AUDIENCES
from powerbi_emulator.seed import Section
from powerbi_emulator.state.credential_replication import CredentialReplication

Kind = t.Literal["App", "User", "Group"]


@dataclasses.dataclass
class Tenant:
    id: str
    domains: list[str]
    display_name: str
    region: str
    # client id -> service principal, for apps that are registered in another tenant
    service_principals: dict[str, ServicePrincipal] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_seed(cls, section: Section) -> Tenant:
        tenant = cls(
            id=section.guid("id"),
            domains=[section.text("domain").lower(), *(name.lower() for name in section.texts("more_domains"))],
            display_name=section.text("display_name"),
            region=section.text("region", "EU"),
        )
        for item in section.sections("service_principals"):
            client_id = item.guid("client_id")
            tenant.service_principals[client_id] = ServicePrincipal.from_seed(item)
        section.finish()
        return tenant


@dataclasses.dataclass
class ServicePrincipal:
    object_id: str
    enabled: bool = True

    @classmethod
    def from_seed(cls, section: Section) -> ServicePrincipal:
        principal = cls(section.guid("object_id"), section.flag("enabled", True))
        section.finish()
        return principal


@dataclasses.dataclass
class Secret:
    """A client secret. Times in epoch seconds."""

    key_id: str
    display_name: str | None
    value: str = dataclasses.field(repr=False)
    starts: float
    ends: float
    replication: CredentialReplication | None = dataclasses.field(default=None, repr=False)

    @property
    def hint(self) -> str:
        return self.value[:3]

    @classmethod
    def from_seed(cls, section: Section) -> Secret:
        secret = cls(
            key_id=section.guid("key_id", str(uuid.uuid4())),
            display_name=section.text("display_name", "secret"),
            value=section.text("value"),
            starts=section.time("starts", "2020-01-01"),
            ends=section.time("ends", "2099-12-31"),
        )
        section.finish()
        return secret


@dataclasses.dataclass
class Certificate:
    """A client certificate. ``custom_key_identifier`` is its SHA-1 in hexadecimal unless the caller set another."""

    key_id: str
    display_name: str | None
    certificate: x509.Certificate
    custom_key_identifier: str = ""
    replication: CredentialReplication | None = dataclasses.field(default=None, repr=False)

    @property
    def thumbprints(self) -> tuple[str, str]:
        """``x5t`` and ``x5t#S256``."""
        return thumbprint(self.certificate), thumbprint_sha256(self.certificate)


@dataclasses.dataclass
class FederatedCredential:
    name: str
    issuer: str
    subject: str
    audiences: list[str]

    @classmethod
    def from_seed(cls, section: Section) -> FederatedCredential:
        credential = cls(
            name=section.text("name"),
            issuer=section.text("issuer"),
            subject=section.text("subject"),
            audiences=section.texts("audiences", sorted(FEDERATION_AUDIENCES)[:1]),
        )
        section.finish()
        return credential


class EarlierCredentials(t.NamedTuple):
    """Earlier credentials of an app, which reads return until a time in epoch seconds."""

    until: float
    secrets: list[Secret]
    certificates: list[Certificate]


@dataclasses.dataclass
class App:
    """An app registration of the home tenant. ``object_id`` is the registration's, not the service principal's."""

    client_id: str
    object_id: str
    display_name: str
    service_principal: ServicePrincipal | None
    public_client: bool = False
    secrets: list[Secret] = dataclasses.field(default_factory=list)
    certificates: list[Certificate] = dataclasses.field(default_factory=list)
    federated_credentials: list[FederatedCredential] = dataclasses.field(default_factory=list)
    roles: list[str] = dataclasses.field(default_factory=list)  # application permissions, the `roles` of Graph tokens
    owners: list[str] = dataclasses.field(default_factory=list)  # object ids of principals
    token_lifetime: float | None = None  # seconds; None: the tenant's switch
    earlier: list[EarlierCredentials] = dataclasses.field(default_factory=list)  # returned by replicas with a lag

    def remember_credentials(self, now: float, lag: float) -> None:
        """To be called before a change of the credentials: reads return the present ones for ``lag`` more seconds."""
        self.earlier = [one for one in self.earlier if one.until > now]
        if lag:
            self.earlier.append(EarlierCredentials(now + lag, list(self.secrets), list(self.certificates)))

    def visible_credentials(self, now: float) -> tuple[list[Secret], list[Certificate]]:
        """The secrets and certificates that a read returns at a time."""
        found = next((one for one in self.earlier if one.until > now), None)
        return (self.secrets, self.certificates) if found is None else (found.secrets, found.certificates)


@dataclasses.dataclass
class User:
    object_id: str
    upn: str
    display_name: str
    password: str = dataclasses.field(repr=False)
    mfa: bool = False
    licensed: bool = True

    @classmethod
    def from_seed(cls, section: Section) -> User:
        user = cls(
            object_id=section.guid("object_id"),
            upn=section.text("upn"),
            display_name=section.text("display_name"),
            password=section.text("password", ""),
            mfa=section.flag("mfa", False),
            licensed=section.flag("licensed", True),
        )
        section.finish()
        return user


@dataclasses.dataclass
class Group:
    object_id: str
    display_name: str
    members: list[str]  # object ids


@dataclasses.dataclass
class ManagedIdentity:
    client_id: str
    object_id: str
    resource_id: str
    display_name: str
    system_assigned: bool
    roles: list[str] = dataclasses.field(default_factory=list)

    @classmethod
    def from_seed(cls, section: Section) -> ManagedIdentity:
        identity = cls(
            client_id=section.guid("client_id"),
            object_id=section.guid("object_id"),
            resource_id=section.text("resource_id", "").lower(),
            display_name=section.text("display_name"),
            system_assigned=section.flag("system_assigned", False),
            roles=section.texts("roles"),
        )
        section.finish()
        return identity


class Principal(t.NamedTuple):
    """A principal that can have roles: roles refer to ``object_id``; for users, lists contain the UPN instead."""

    kind: Kind
    object_id: str
    display_name: str
    upn: str = ""

    @property
    def identifier(self) -> str:
        return self.upn or self.object_id
