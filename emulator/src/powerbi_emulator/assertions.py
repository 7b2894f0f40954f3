# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client assertions: JWTs that authenticate a client, signed with its certificate or by a trusted issuer."""

from __future__ import annotations

import base64
import binascii
import datetime
import typing as t

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.entra_errors import EntraError
from powerbi_emulator.state.directory_objects import App, Certificate, Tenant
from powerbi_emulator.tokens import issuer_v1, issuer_v2

ASSERTION_TYPE: t.Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS: t.Final = ("RS256", "PS256")
_SKEW: t.Final = 300.0  # seconds of clock skew that Entra accepts

Header = dict[str, t.Any]
Claims = dict[str, t.Any]


def verify_client_assertion(emulated: EmulatorState, app: App, tenant: Tenant, assertion: str, endpoint: str) -> None:
    """Verify an assertion as Entra does. Raises EntraError.

    If ``iss`` is the client, its certificate must have signed it; any other must match a federated credential.
    """
    header, claims = _parse(assertion)
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if issuer.lower() == app.client_id:
        _verify_certificate(emulated, app, assertion, header, claims, subject, _audiences(emulated, tenant, endpoint))
    elif subject.lower() == app.client_id:
        raise EntraError(50048)
    else:
        _verify_federated(emulated, app, tenant, assertion, header, claims)


def _parse(assertion: str) -> tuple[Header, Claims]:
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise EntraError(50027) from None
    if header.get("alg") not in _ALGORITHMS or not (claims.get("iss") and claims.get("sub")):
        raise EntraError(50027)
    return header, claims


def _audiences(emulated: EmulatorState, tenant: Tenant, endpoint: str) -> set[str]:
    """The accepted audiences of the token endpoint, in lower case: Entra accepts its issuer as well."""
    bases = {f"{emulated.url}/{name}" for name in (tenant.id, *tenant.domains)}
    urls = {f"{base}{path}" for base in bases for path in ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/")}
    return {url.lower() for url in (*urls, endpoint, issuer_v1(emulated, tenant), issuer_v2(emulated, tenant))}


# certificates


def _verify_certificate(
    emulated: EmulatorState, app: App, assertion: str, header: Header, claims: Claims, subject: str, audiences: set[str]
) -> None:
    if subject.lower() != app.client_id:
        raise EntraError(50048)
    thumbprints = [str(header[name]).rstrip("=") for name in ("x5t#S256", "x5t", "kid") if header.get(name)]
    if not thumbprints:
        raise EntraError(50027)
    registered = _registered(app, thumbprints)
    if registered is not None and registered.replication and not registered.replication.answers(emulated.now()):
        registered = None
    hexadecimal = _hexadecimal(thumbprints[0])
    if registered is None:
        raise EntraError(700027, client_id=app.client_id, thumbprint=hexadecimal, reason="The key was not found.")
    _check_chain(header, registered.certificate)
    key = registered.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    if not _signed_by(assertion, key, header["alg"]):
        reason = "Key was found, but use of the key to verify the signature failed."
        raise EntraError(700027, client_id=app.client_id, thumbprint=hexadecimal, reason=reason)
    now = datetime.datetime.fromtimestamp(emulated.now(), tz=datetime.UTC)
    if not registered.certificate.not_valid_before_utc <= now <= registered.certificate.not_valid_after_utc:
        raise EntraError(1000502)
    _check_times(emulated, claims)
    audience = claims.get("aud")
    if not isinstance(audience, str):  # Entra accepts no list here
        raise EntraError(50027)
    if audience.lower() not in audiences:
        reason = f"the audience '{audience}' is not the token endpoint"
        raise EntraError(50012, reason=reason)
    if not claims.get("jti"):
        raise EntraError(50012, reason="it has no 'jti'")


def _registered(app: App, thumbprints: list[str]) -> Certificate | None:
    for certificate in app.certificates:
        sha1, sha256 = certificate.thumbprints
        if thumbprints[0] in (sha1, sha256):
            return certificate
    return None


def _check_chain(header: Header, registered: x509.Certificate) -> None:
    """An ``x5c`` must begin with the certificate that signs."""
    chain = header.get("x5c")
    if chain is None:
        return
    try:
        leaf = base64.b64decode("".join(chain[0].split()), validate=True)  # msal leaves a PEM's line breaks in
        certificate = x509.load_der_x509_certificate(leaf)
    except (binascii.Error, ValueError, LookupError, TypeError, AttributeError):
        raise EntraError(50027) from None
    if certificate.public_bytes(serialization.Encoding.DER) != registered.public_bytes(serialization.Encoding.DER):
        raise EntraError(700030, subject=certificate.subject.rfc4514_string())


# federation


def _verify_federated(
    emulated: EmulatorState, app: App, tenant: Tenant, assertion: str, header: Header, claims: Claims
) -> None:
    _match_credential(app, claims)
    issuer = str(claims["iss"])
    if issuer in (issuer_v1(emulated, tenant), issuer_v2(emulated, tenant)):
        if claims.get("idtyp") == "user":
            raise EntraError(700229)
        if "xms_mirid" not in claims:
            raise EntraError(700222)
    key = emulated.keys.entra if issuer.startswith(f"{emulated.url}/{tenant.id}/") else emulated.keys.external
    if header.get("kid") != key.thumbprint:
        raise EntraError(50013, thumbprint=str(header.get("kid", "")), reason="The key was not found.")
    if not _signed_by(assertion, key.public_key, header["alg"]):
        reason = "The provided signature value did not match the expected signature value."
        raise EntraError(50013, thumbprint=key.thumbprint, reason=reason)
    _check_times(emulated, claims)


def _match_credential(app: App, claims: Claims) -> None:
    """Raise EntraError unless a federated credential has the issuer, subject and audience, compared exactly."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    audiences = [claims["aud"]] if isinstance(claims.get("aud"), str) else list(claims.get("aud") or ())
    facts = {"issuer": issuer, "subject": subject, "audience": " ".join(map(str, audiences))}
    if not app.federated_credentials:
        raise EntraError(70021, **facts)
    candidates = [one for one in app.federated_credentials if one.issuer == issuer]
    if not candidates:
        raise EntraError(700211, **facts)
    candidates_by_subject = [one for one in candidates if one.subject == subject]
    if not candidates_by_subject:
        other_case = any(one.subject.lower() == subject.lower() for one in candidates)
        raise EntraError(7002138 if other_case else 700213, **facts)
    if len(audiences) != 1 or not any(audiences[0] in one.audiences for one in candidates_by_subject):
        raise EntraError(700212, **facts)


# both


def _signed_by(assertion: str, key: rsa.RSAPublicKey, algorithm: str) -> bool:
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=[algorithm],
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
        )
    except jwt.InvalidSignatureError:
        return False
    return True


def _check_times(emulated: EmulatorState, claims: Claims) -> None:
    """``exp`` is required and may be fractional, as msal's is; ``nbf`` is not."""
    now, ends, starts = emulated.now(), claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(ends, (int, float)) or not isinstance(starts, (int, float)):
        raise EntraError(50027)
    if now >= ends + _SKEW or now < starts - _SKEW:
        raise EntraError(700024, current_time=_time(now), valid_from=_time(starts), valid_until=_time(ends))


def _time(epoch: float) -> str:
    return datetime.datetime.fromtimestamp(epoch, tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _hexadecimal(thumbprint: str) -> str:
    try:
        return base64.urlsafe_b64decode(thumbprint + "=" * (-len(thumbprint) % 4)).hex().upper()
    except (binascii.Error, ValueError):
        return thumbprint
