# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The role assignments of a workspace (GroupUsers of the Power BI API)."""

from __future__ import annotations

import contextlib
import typing as t

from .._auth.claims import decode
from .._auth.tokens import TokenProvider
from .._errors import ConfigError, ConflictError, ForbiddenError, NotFoundError
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .names import odata_literal

# This collection's names -> the API's
TYPES = {"user": "User", "group": "Group", "service_principal": "App"}
ROLES = ("admin", "member", "contributor", "viewer")

_WORDS = {word.lower(): name for name, word in TYPES.items()}


class Member(t.NamedTuple):
    """One principal's role. ``principal``, in lower case, is a user's UPN or the object id of a group or app."""

    principal: str
    type: str
    role: str

    @classmethod
    def of(cls, principal: str, type: str, role: str) -> Member:
        """The member with this principal, in any spelling."""
        return cls(normalise_guid(principal) if is_guid(principal) else principal.lower(), type, role)


class WorkspaceAccess:
    """The members of one workspace."""

    def __init__(self, client: Client, workspace_id: str) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "users")

    def members(self) -> list[Member]:
        """GET /groups/{id}/users."""
        return [
            Member.of(
                str(value_of(entry, "identifier") or value_of(entry, "emailAddress") or ""),
                _WORDS.get(str(value_of(entry, "principalType", "")).lower(), "user"),
                str(value_of(entry, "groupUserAccessRight", "")).lower(),
            )
            for entry in self._client.pages(self._path, top=1000)
        ]

    def add(self, member: Member) -> None:
        """POST /groups/{id}/users. For a principal that is a member already, the role is updated (PUT) instead."""
        try:
            self._client.request("POST", self._path, body=_body(member), idempotent=True)
        except ConflictError:
            self.change(member)

    def change(self, member: Member) -> None:
        """PUT /groups/{id}/users."""
        self._client.request("PUT", self._path, body=_body(member))

    def remove(self, principal: str) -> None:
        """DELETE /groups/{id}/users/{user}; succeeds if the principal has no role."""
        with contextlib.suppress(NotFoundError):
            self._client.request("DELETE", f"{self._path}{quoted_path(principal)}")


class Caller(t.NamedTuple):
    """The caller: ``names`` that a list of members may use (object id, UPN); ``app_id`` if it is a service principal."""

    names: tuple[str, ...] = ()
    object_id: str = ""
    app_id: str = ""

    def as_creator(self) -> list[Member]:
        """The members of a workspace that the caller has just created; none where the token does not identify the caller."""
        name = self.object_id if self.app_id else next((name for name in self.names if "@" in name), "")
        return [Member.of(name, "service_principal" if self.app_id else "user", "admin")] if name else []


def caller_of(tokens: TokenProvider) -> Caller:
    """The caller by the claims of its token; without names if the token is opaque."""
    try:
        claims = decode(tokens.token().value.reveal())
    except ConfigError:
        return Caller()
    names = tuple(str(claims[name]) for name in ("oid", "upn", "unique_name") if claims.get(name))
    is_user = bool(claims.get("scp"))
    app_id = "" if is_user else str(claims.get("appid") or claims.get("azp") or "")
    return Caller(names, normalise_guid(str(claims.get("oid") or "")), normalise_guid(app_id))


def object_id_of_app(client: Client, app_id: str, option: str) -> str:
    """GET /v1.0/servicePrincipals of Microsoft Graph: the object id of an app's service principal.

    Raises ConfigError where there is none, or where Graph denies the request.
    """
    remedy = f"give the object id of the enterprise application in {option} instead of the client id"
    query = {"$filter": f"appId eq {odata_literal(normalise_guid(app_id))}", "$select": "id,appId"}
    try:
        found = client.request("GET", "/servicePrincipals", api="graph", query=query).get("value") or []
    except ForbiddenError as error:
        raise ConfigError(
            f"the service principal of app {app_id} can't be read",
            option=option,
            why=f"Microsoft Graph refused it: {error.what}",
            remedy=f"{remedy}, or grant this app Application.Read.All",
        ) from error
    if not found:
        raise ConfigError(f"app {app_id} has no service principal in this tenant", option=option, remedy=remedy)
    return normalise_guid(str(value_of(found[0], "id")))


def _body(member: Member) -> dict[str, str]:
    body = {"groupUserAccessRight": member.role.capitalize(), "principalType": TYPES[member.type]}
    return {
        **body,
        "emailAddress" if member.type == "user" and "@" in member.principal else "identifier": member.principal,
    }
