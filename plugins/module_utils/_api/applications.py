# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""App registrations and their credentials, through Microsoft Graph (v1.0).

Writing needs the permission Application.ReadWrite.OwnedBy and the caller as an owner of the app, or
Application.ReadWrite.All. An app renews its own certificates without a permission; reading needs
Application.Read.All or one of the two.
"""

from __future__ import annotations

import base64
import binascii
import typing as t

from .._clock import parse_timestamp, timestamp
from .._errors import OperationFailedError
from .._guid import is_guid, normalise_guid
from .._http.client import Client
from .._http.response import value_of
from .._secret import Secret
from .names import not_found, odata_literal, unique

_SELECT = {"$select": "id,appId,displayName,passwordCredentials,keyCredentials"}
DAY = 86400.0


class AppCredential(t.NamedTuple):
    """A secret or a certificate of an app. Times in seconds since the epoch.

    ``hint`` is a secret's first three characters; ``thumbprint`` a certificate's SHA-1 in upper-case hex.
    """

    key_id: str
    display_name: str
    starts: float
    ends: float
    hint: str = ""
    thumbprint: str = ""

    def valid(self, now: float) -> bool:
        return self.ends > now

    def days_left(self, now: float) -> int:
        """Whole days until it expires; negative once it has."""
        return int((self.ends - now) // DAY)

    def to_dict(self) -> dict[str, t.Any]:
        """The credential as a dictionary for results."""
        shown = {
            "key_id": self.key_id,
            "display_name": self.display_name,
            "starts_on": timestamp(self.starts),
            "expires_on": timestamp(self.ends),
        }
        return {**shown, "thumbprint": self.thumbprint} if self.thumbprint else shown


class Application(t.NamedTuple):
    """An app registration. ``raw_certificates`` are the keyCredentials as Graph returns them: a PATCH must repeat them."""

    object_id: str
    client_id: str
    display_name: str
    secrets: tuple[AppCredential, ...]
    certificates: tuple[AppCredential, ...]
    raw_certificates: tuple[dict[str, t.Any], ...] = ()

    def to_dict(self) -> dict[str, str]:
        return {"id": self.object_id, "client_id": self.client_id, "display_name": self.display_name}


class Applications:
    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, desired: str, option: str = "application") -> Application:
        """GET /applications: the one with this client id, object id or unique display name. Raises ConfigError for none."""
        if not is_guid(desired):
            query = {"$select": "id,appId", "$filter": f"displayName eq {odata_literal(desired)}"}
            found = list(self._client.pages("/applications", api="graph", query=query))
            named = unique(found, "app registration", desired, lambda item: str(item.get("appId")), option)
            # Graph returns the keys of certificates for a single app with $select only.
            entry = None if named is None else self._by_id(normalise_guid(str(named["id"])))
        else:
            entry = self._by_id(normalise_guid(desired))
        if entry is None:
            remedy = "give the Application (client) ID, and check that the tenant is the one that registers the app"
            raise not_found("app registration", desired, option, remedy)
        return _application(entry)

    def add_secret(self, app: Application, display_name: str, ends: float) -> tuple[AppCredential, Secret]:
        """POST /applications/{id}/addPassword. Graph returns the secret's text only in this response."""
        desired = {"passwordCredential": {"displayName": display_name, "endDateTime": timestamp(ends)}}
        response = self._post(app, "addPassword", desired)
        return _secret(response), Secret(str(response["secretText"]))

    def remove_secret(self, app: Application, key_id: str) -> None:
        """POST /applications/{id}/removePassword."""
        self._post(app, "removePassword", {"keyId": key_id})

    def add_certificate(self, app: Application, der: bytes, display_name: str, proof: str) -> AppCredential:
        """POST /applications/{id}/addKey. ``proof`` is a JWT signed by a valid certificate that the app has."""
        desired = {"keyCredential": new_key(der, display_name), "passwordCredential": None, "proof": proof}
        return _certificate(self._post(app, "addKey", desired))

    def remove_certificate(self, app: Application, key_id: str, proof: str) -> None:
        """POST /applications/{id}/removeKey."""
        self._post(app, "removeKey", {"keyId": key_id, "proof": proof})

    def replace_certificates(
        self, app: Application, *, keep: t.Container[str], add: dict[str, t.Any] | None = None
    ) -> None:
        """PATCH /applications/{id}: keep the certificates in ``keep`` (key ids), append ``add`` (`new_key`), remove the rest.

        ``app`` must have been read immediately before: a certificate that another client adds in between is lost. Raises
        OperationFailedError if the key of a certificate to keep is unknown.
        """
        entries = [entry for entry in app.raw_certificates if str(entry.get("keyId")).lower() in keep]
        unknown = next((str(entry["keyId"]) for entry in entries if not entry.get("key")), "")
        if unknown:
            raise OperationFailedError(
                f"Microsoft Graph does not show the key of the app's certificate {unknown}",
                why="The list of certificates is replaced as a whole, so each certificate to keep has to be sent again",
                remedy="log in as the app with its certificate: it renews that without the list",
            )
        if add is not None:
            entries.append(add)
        path = f"/applications/{app.object_id}"
        self._client.request("PATCH", path, api="graph", body={"keyCredentials": entries}, idempotent=True)

    def _by_id(self, desired: str) -> dict[str, t.Any] | None:
        for path in (f"/applications(appId='{desired}')", f"/applications/{desired}"):
            response = self._client.request("GET", path, api="graph", query=_SELECT, success=(200, 404))
            if response.status == 200:
                return t.cast("dict[str, t.Any]", response.body)
        return None

    def _post(self, app: Application, action: str, body: dict[str, t.Any]) -> dict[str, t.Any]:
        response = self._client.request("POST", f"/applications/{app.object_id}/{action}", api="graph", body=body)
        return t.cast("dict[str, t.Any]", response.body or {})


def _application(entry: t.Mapping[str, t.Any]) -> Application:
    raw = tuple(entry.get("keyCredentials") or ())
    return Application(
        normalise_guid(str(entry["id"])),
        normalise_guid(str(entry["appId"])),
        str(entry.get("displayName") or ""),
        tuple(_secret(item) for item in entry.get("passwordCredentials") or ()),
        tuple(_certificate(item) for item in raw),
        raw,
    )


def _secret(entry: t.Mapping[str, t.Any]) -> AppCredential:
    return AppCredential(*_common(entry), hint=str(entry.get("hint") or ""))


def _certificate(entry: t.Mapping[str, t.Any]) -> AppCredential:
    return AppCredential(*_common(entry), thumbprint=_thumbprint(str(entry.get("customKeyIdentifier") or "")))


def _common(entry: t.Mapping[str, t.Any]) -> tuple[str, str, float, float]:
    return (
        str(entry["keyId"]).lower(),
        str(value_of(entry, "displayName") or ""),
        parse_timestamp(str(entry["startDateTime"])),
        parse_timestamp(str(entry["endDateTime"])),
    )


def _thumbprint(identifier: str) -> str:
    """customKeyIdentifier is the thumbprint in base64, or in hex where an old tool wrote it."""
    if len(identifier) == 40:
        return identifier.upper()
    try:
        return base64.b64decode(identifier, validate=True).hex().upper()
    except (binascii.Error, ValueError):
        return ""


def new_key(der: bytes, display_name: str, key_id: str = "") -> dict[str, t.Any]:
    """A keyCredential for Microsoft Graph, with the caller's key id where one is given."""
    key = {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": base64.b64encode(der).decode(),
        "displayName": display_name,
    }
    return {**key, "keyId": key_id} if key_id else key
