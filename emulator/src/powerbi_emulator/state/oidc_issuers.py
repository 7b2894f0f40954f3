# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""External issuers of OpenID Connect tokens: a Kubernetes cluster, GitHub, GitLab, Azure DevOps.

All of them sign with the keyring's external key, and each is its own issuer, at ``{url}/oidc/{name}``.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

import jwt

from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.guids import ZERO_GUID
from powerbi_emulator.seed import Section

DEFAULT_AUDIENCE: t.Final = "api://AzureADTokenExchange"
_KINDS: t.Final = ("generic", "github", "azure_devops")


@dataclasses.dataclass
class OidcIssuer:
    """``subject`` is the default subject of its tokens; ``lifetime`` in seconds.

    ``request_token`` authenticates a pipeline's job; ``service_connection_id`` is that of Azure DevOps.
    """

    name: str
    kind: str
    issuer: str
    subject: str
    lifetime: float
    claims: dict[str, t.Any]
    request_token: str = dataclasses.field(repr=False)
    service_connection_id: str


class OidcIssuers(Store):
    """``issuers`` is keyed by name."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:
        self._emulated = emulated
        self.issuers: dict[str, OidcIssuer] = {}
        for section in seed.sections("oidc_issuers"):
            name = section.text("name")
            self.issuers[name] = OidcIssuer(
                name=name,
                kind=section.choice("kind", _KINDS, "generic"),
                issuer=section.text("issuer", f"{emulated.url}/oidc/{name}"),
                subject=section.text("subject"),
                lifetime=section.number("lifetime", None) or 3600.0,
                claims=section.mapping("claims"),
                request_token=section.text("request_token", ""),
                service_connection_id=section.guid("service_connection_id", ZERO_GUID),
            )
            section.finish()

    def of_kind(self, kind: str) -> list[OidcIssuer]:
        return [issuer for issuer in self.issuers.values() if issuer.kind == kind]

    def token(
        self,
        issuer: OidcIssuer,
        *,
        audience: str = DEFAULT_AUDIENCE,
        subject: str | None = None,
        lifetime: float | None = None,
        claims: t.Mapping[str, t.Any] | None = None,
    ) -> str:
        """A signed token of that issuer; ``claims`` add to and override the rest. A lifetime below 0 has expired."""
        now, key = int(self._emulated.now()), self._emulated.keys.external
        content = {
            "iss": issuer.issuer,
            "sub": issuer.subject if subject is None else subject,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now + int(issuer.lifetime if lifetime is None else lifetime),
            "jti": str(uuid.uuid4()),
            **issuer.claims,
            **(claims or {}),
        }
        return jwt.encode(content, key.private_key, "RS256", headers={"kid": key.thumbprint, "x5t": key.thumbprint})
