# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory: tenants, apps with their credentials and service principals, users, groups, managed identities."""

from __future__ import annotations

import dataclasses
import re
import typing as t
import uuid

from cryptography import x509

from powerbi_emulator.keys import thumbprint, thumbprint_sha256
from powerbi_emulator.resources import FEDERATION_AUDIENCES
from powerbi_emulator.seed import Section
from powerbi_emulator.state.credential_replication import CredentialReplication
from powerbi_emulator.world import Store, World

_DOMAIN: t.Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)

Kind = t.Literal["App", "User", "Group"]


@dataclasses.dataclass
class Tenant:
    id: str
    domains: list[str]
    display_name: str
    region: str
    # client id -> service principal, for apps that live in another tenant
    service_principals: dict[str, ServicePrincipal] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class ServicePrincipal:
    object_id: str
    enabled: bool = True


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


@dataclasses.dataclass
class Certificate:
    """A client certificate. ``custom_key_identifier`` is its SHA-1 in hexadecimal unless somebody chose another."""

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
    token_lifetime: float | None = None  # seconds; None: as the tenant's switch says


@dataclasses.dataclass
class User:
    object_id: str
    upn: str
    display_name: str
    password: str = dataclasses.field(repr=False)
    mfa: bool = False
    licensed: bool = True


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


class Principal(t.NamedTuple):
    """Who may be given access: ``object_id`` is what roles name; for users, lists show the UPN instead."""

    kind: Kind
    object_id: str
    display_name: str
    upn: str = ""

    @property
    def identifier(self) -> str:
        return self.upn or self.object_id


class Directory(Store):
    """``tenant`` is the home tenant; ``apps`` is keyed by client id in lower case, ``users`` by object id."""

    def __init__(self, world: World, seed: Section) -> None:
        self._world = world
        home = seed.section("tenant")
        if home is None:
            raise seed.error("tenant", "missing: expected a mapping with id, domain and display_name")
        self.tenant = _tenant(home)
        self.other_tenants = [_tenant(section) for section in seed.sections("other_tenants")]
        self.apps: dict[str, App] = {}
        owners: list[tuple[App, Section]] = []  # anybody can be one: known when all principals are
        for section in seed.sections("apps"):
            owner_sections = section.sections("owners")
            app = self._app(section)
            if app.client_id in self.apps:
                raise section.error("client_id", f"'{app.client_id}' is used twice")
            self.apps[app.client_id] = app
            owners += [(app, item) for item in owner_sections]
        self.users = {user.object_id: user for user in map(_user, seed.sections("users"))}
        self.managed_identities = [_managed_identity(section) for section in seed.sections("managed_identities")]
        self.groups: list[Group] = []
        for section in seed.sections("groups"):
            self.groups.append(self._group(section))
        for app, item in owners:
            app.owners.append(self.seed_principal(item, "principal").object_id)
            item.finish()

    # tenants

    def find_tenant(self, name: str) -> Tenant | None:
        """The tenant with that id or domain, in any case."""
        wanted = name.lower()
        tenants = (self.tenant, *self.other_tenants)
        return next((one for one in tenants if wanted == one.id or wanted in one.domains), None)

    def service_principal(self, app: App, tenant: Tenant) -> ServicePrincipal | None:
        """The app's service principal in ``tenant``."""
        return app.service_principal if tenant is self.tenant else tenant.service_principals.get(app.client_id)

    # principals

    def user_named(self, upn: str) -> User | None:
        return next((user for user in self.users.values() if user.upn.lower() == upn.lower()), None)

    def principals(self) -> list[Principal]:
        """Everyone in the home tenant who can be given access."""
        apps = [
            Principal("App", app.service_principal.object_id, app.display_name)
            for app in self.apps.values()
            if app.service_principal
        ]
        identities = [Principal("App", one.object_id, one.display_name) for one in self.managed_identities]
        users = [Principal("User", user.object_id, user.display_name, user.upn) for user in self.users.values()]
        groups = [Principal("Group", group.object_id, group.display_name) for group in self.groups]
        return apps + identities + users + groups

    def principal(self, object_id: str) -> Principal | None:
        """The principal with that object id, or, for users, that UPN. A client id is not enough, as in Power BI."""
        wanted = object_id.lower()
        return next((one for one in self.principals() if wanted in (one.object_id, one.upn.lower())), None)

    def seed_principal(self, section: Section, key: str) -> Principal:
        """The principal that a seed names by display name, UPN, client id or object id."""
        wanted = section.text(key)
        app = self.apps.get(wanted.lower())
        names = {wanted, app.service_principal.object_id} if app and app.service_principal else {wanted}
        for one in self.principals():
            if names & {one.display_name, one.upn, one.object_id}:
                return one
        raise section.error(key, f"no app with a service principal, user, group or identity is called '{wanted}'")

    def groups_of(self, object_id: str) -> list[Group]:
        return [group for group in self.groups if object_id in group.members]

    def _group(self, section: Section) -> Group:
        group = Group(section.guid("id"), section.text("display_name"), [])
        for member in section.sections("members"):
            group.members.append(self.seed_principal(member, "principal").object_id)
            member.finish()
        section.finish()
        return group

    def _app(self, section: Section) -> App:
        principal = section.section("service_principal")
        app = App(
            client_id=section.guid("client_id"),
            object_id=section.guid("object_id", str(uuid.uuid4())),
            display_name=section.text("display_name"),
            service_principal=_service_principal(principal) if principal else None,
            public_client=section.flag("public_client", False),
            secrets=[_secret(item) for item in section.sections("secrets")],
            certificates=[self._certificate(item) for item in section.sections("certificates")],
            federated_credentials=[_federated_credential(item) for item in section.sections("federated_credentials")],
            roles=section.texts("roles"),
            token_lifetime=section.number("token_lifetime", None),
        )
        section.finish()
        return app

    def _certificate(self, section: Section) -> Certificate:
        if section.flag("generated", False):
            certificate = self._world.keys.client.certificate
        else:
            try:
                certificate = x509.load_pem_x509_certificate(section.text("pem").encode())
            except ValueError:
                raise section.error("pem", "expected a certificate in PEM format") from None
        key_id, display_name = section.guid("key_id", str(uuid.uuid4())), section.text("display_name", "certificate")
        section.finish()
        return Certificate(key_id, display_name, certificate)


def looks_like_tenant(name: str) -> bool:
    """Whether ``name`` is a GUID or a domain name; Entra refuses anything else before it looks."""
    try:
        uuid.UUID(name)
    except ValueError:
        return _DOMAIN.fullmatch(name) is not None
    return True


def _tenant(section: Section) -> Tenant:
    tenant = Tenant(
        id=section.guid("id"),
        domains=[section.text("domain").lower(), *(name.lower() for name in section.texts("more_domains"))],
        display_name=section.text("display_name"),
        region=section.text("region", "EU"),
    )
    for item in section.sections("service_principals"):
        client_id = item.guid("client_id")
        tenant.service_principals[client_id] = _service_principal(item)
    section.finish()
    return tenant


def _service_principal(section: Section) -> ServicePrincipal:
    principal = ServicePrincipal(section.guid("object_id"), section.flag("enabled", True))
    section.finish()
    return principal


def _secret(section: Section) -> Secret:
    secret = Secret(
        key_id=section.guid("key_id", str(uuid.uuid4())),
        display_name=section.text("display_name", "secret"),
        value=section.text("value"),
        starts=section.time("starts", "2020-01-01"),
        ends=section.time("ends", "2099-12-31"),
    )
    section.finish()
    return secret


def _federated_credential(section: Section) -> FederatedCredential:
    credential = FederatedCredential(
        name=section.text("name"),
        issuer=section.text("issuer"),
        subject=section.text("subject"),
        audiences=section.texts("audiences", sorted(FEDERATION_AUDIENCES)[:1]),
    )
    section.finish()
    return credential


def _user(section: Section) -> User:
    user = User(
        object_id=section.guid("object_id"),
        upn=section.text("upn"),
        display_name=section.text("display_name"),
        password=section.text("password", ""),
        mfa=section.flag("mfa", False),
        licensed=section.flag("licensed", True),
    )
    section.finish()
    return user


def _managed_identity(section: Section) -> ManagedIdentity:
    identity = ManagedIdentity(
        client_id=section.guid("client_id"),
        object_id=section.guid("object_id"),
        resource_id=section.text("resource_id", "").lower(),
        display_name=section.text("display_name"),
        system_assigned=section.flag("system_assigned", False),
        roles=section.texts("roles"),
    )
    section.finish()
    return identity
