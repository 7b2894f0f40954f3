# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proof of possession of a key that an app already has: the ``proof`` of Graph's addKey and removeKey."""

from __future__ import annotations

import datetime
import typing as t

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from powerbi_emulator.state.directory_objects import App

AUDIENCE: t.Final = "00000002-0000-0000-c000-000000000000"  # Azure AD Graph's, also for Microsoft Graph
LIFETIME: t.Final = 600.0  # seconds, the longest lifetime of a proof
_SKEW: t.Final = 300.0
_ALGORITHMS: t.Final = ("RS256", "RS384", "RS512", "PS256")


class ProofError(ValueError):
    """An invalid proof; the text contains the reason, which Graph does not return."""


def verify_proof(app: App, proof: t.Any, now: float) -> None:
    """Check that ``proof`` is a JWT made for this app with one of its valid certificates. Raises ProofError.

    ``iss`` is the object id of the app registration, ``aud`` Azure AD Graph's app id; ``exp`` is at most ten minutes
    after ``nbf``.
    """
    claims = _signed_claims(app, proof, now)
    if claims.get("aud") != AUDIENCE:
        raise ProofError(f"its audience is {claims.get('aud')!r}, not {AUDIENCE}")
    if str(claims.get("iss", "")).lower() != app.object_id:
        raise ProofError("its issuer is not the object id of the app")
    starts, ends = claims.get("nbf"), claims.get("exp")
    if not isinstance(starts, (int, float)) or not isinstance(ends, (int, float)):
        raise ProofError("it has no nbf or no exp")
    if ends - starts > LIFETIME:
        raise ProofError("it lives for more than ten minutes")
    if not starts - _SKEW <= now < ends + _SKEW:
        raise ProofError("it is expired or not valid yet")


def _signed_claims(app: App, proof: t.Any, now: float) -> dict[str, t.Any]:
    if not isinstance(proof, str) or proof.count(".") != 2:
        raise ProofError("it is no JWT")
    moment = datetime.datetime.fromtimestamp(now, tz=datetime.UTC)
    for registered in app.certificates:
        certificate = registered.certificate
        key = certificate.public_key()
        if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
            continue
        assert isinstance(key, rsa.RSAPublicKey)
        options: t.Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False)
        try:
            claims: dict[str, t.Any] = jwt.decode(proof, key, algorithms=list(_ALGORITHMS), options=options)
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise ProofError(f"it can't be read: {error}") from error
        return claims
    raise ProofError("none of the app's valid certificates has signed it")
