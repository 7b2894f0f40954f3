# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory: the principals of the tenants, and their lookup by the names in requests and seeds."""

from __future__ import annotations

import re
import typing as t
import uuid

from cryptography import x509

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory_objects import (
    App,
    Certificate,
    FederatedCredential,
    Group,
    ManagedIdentity,
    Principal,
    Secret,
    ServicePrincipal,
    Tenant,
    User,
)

_DOMAIN: t.Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)


class Directory(Store):
    """``tenant`` is the home tenant; ``apps`` is keyed by client id in lower case, ``users`` by object id."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        self._emulated = emulated
        home = seed.section("tenant")
        if home is None:
            raise seed.error("tenant", "missing: expected a mapping with id, domain and display_name")
        self.tenant = Tenant.from_seed(home)
        self.other_tenants = [Tenant.from_seed(section) for section in seed.sections("other_tenants")]
        self.apps: dict[str, App] = {}
        owners: list[tuple[App, Section]] = []  # any principal can be an owner: resolved after all principals
        for section in seed.sections("apps"):
            owner_sections = section.sections("owners")
            app = self._app(section)
            if app.client_id in self.apps:
                raise section.error("client_id", f"'{app.client_id}' is a duplicate")
            self.apps[app.client_id] = app
            owners += [(app, item) for item in owner_sections]
        self.users = {user.object_id: user for user in map(User.from_seed, seed.sections("users"))}
        self.managed_identities = [
            ManagedIdentity.from_seed(section) for section in seed.sections("managed_identities")
        ]
        self.groups: list[Group] = []
        for section in seed.sections("groups"):
            self.groups.append(self._group(section))
        for app, item in owners:
            app.owners.append(self.seed_principal(item, "principal").object_id)
            item.finish()

    # tenants

    def find_tenant(self, name: str) -> Tenant | None:
        """The tenant with that id or domain, in any case."""
        requested = name.lower()
        tenants = (self.tenant, *self.other_tenants)
        return next((one for one in tenants if requested == one.id or requested in one.domains), None)

    def service_principal(self, app: App, tenant: Tenant) -> ServicePrincipal | None:
        """The app's service principal in ``tenant``."""
        return app.service_principal if tenant is self.tenant else tenant.service_principals.get(app.client_id)

    # principals

    def user_named(self, upn: str) -> User | None:
        return next((user for user in self.users.values() if user.upn.lower() == upn.lower()), None)

    def principals(self) -> list[Principal]:
        """All principals of the home tenant that can have roles."""
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
        requested = object_id.lower()
        return next((one for one in self.principals() if requested in (one.object_id, one.upn.lower())), None)

    def seed_principal(self, section: Section, key: str) -> Principal:
        """The principal that a seed names by display name, UPN, client id or object id."""
        requested = section.text(key)
        app = self.apps.get(requested.lower())
        names = {requested, app.service_principal.object_id} if app and app.service_principal else {requested}
        for one in self.principals():
            if names & {one.display_name, one.upn, one.object_id}:
                return one
        raise section.error(key, f"no app with a service principal, user, group or identity is called '{requested}'")

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
            service_principal=ServicePrincipal.from_seed(principal) if principal else None,
            public_client=section.flag("public_client", False),
            secrets=[Secret.from_seed(item) for item in section.sections("secrets")],
            certificates=[self._certificate(item) for item in section.sections("certificates")],
            federated_credentials=[
                FederatedCredential.from_seed(item) for item in section.sections("federated_credentials")
            ],
            roles=section.texts("roles"),
            token_lifetime=section.number("token_lifetime", None),
        )
        section.finish()
        return app

    def _certificate(self, section: Section) -> Certificate:
        if section.flag("generated", False):
            certificate = self._emulated.keys.client.certificate
        else:
            try:
                certificate = x509.load_pem_x509_certificate(section.text("pem").encode())
            except ValueError:
                raise section.error("pem", "expected a certificate in PEM format") from None
        key_id, display_name = section.guid("key_id", str(uuid.uuid4())), section.text("display_name", "certificate")
        section.finish()
        return Certificate(key_id, display_name, certificate)


def is_tenant_name(name: str) -> bool:
    """Whether ``name`` is a GUID or a domain name; Entra rejects any other name before the lookup."""
    try:
        uuid.UUID(name)
    except ValueError:
        return _DOMAIN.fullmatch(name) is not None
    return True
