# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Local facts about a refused login, and the cause that they point to.

Which checks apply to an error is data (`EntraCode.evidence`); the checks and their texts are here.
"""

from __future__ import annotations

import json
import re
import typing as t

from .._clock import timestamp
from .._empty_values import is_emptied
from .._errors import ConfigError
from .._guid import GUID
from .._settings.clouds import CLOUDS
from .claims import decode
from .entra_codes import Evidence
from .scrub import may_be_secret, tidy

if t.TYPE_CHECKING:
    from .._secret import Secret
    from .._settings.resolve import Settings

_SHOWN_CLAIMS = ("iss", "sub", "aud", "exp")
_LONGEST_CLAIM = 300
_SKEW_TOLERANCE = 60  # seconds; clocks under NTP differ by less than one, the rest is network latency


class LoginFacts(t.NamedTuple):
    """Local facts about a token request. Contains no secrets.

    ``authority`` is the host of the request. ``auth_source`` is "option", "env:AZURE_*", "profile:prod", ...
    ``assertion`` has iss, sub, aud and exp of a federated token (`assertion_facts`).
    """

    method: str
    tenant_id: str = ""
    client_id: str = ""
    authority: str = ""
    cloud: str = ""
    auth_source: str = ""
    scope: str = ""
    assertion: t.Mapping[str, t.Any] | None = None
    secret_may_be_id: bool = False
    secret_has_outer_whitespace: bool = False


def secret_facts(client_secret: str) -> dict[str, bool]:
    """The two fields of `LoginFacts` about the form of a secret, never about its content."""
    return {
        "secret_may_be_id": bool(GUID.fullmatch(client_secret.strip())),
        "secret_has_outer_whitespace": client_secret != client_secret.strip(),
    }


def shown_claims(claims: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    """The claims of an assertion that are safe to show and useful: iss, sub, aud, exp."""
    return {name: claims[name] for name in _SHOWN_CLAIMS if name in claims} if claims else {}


def assertion_facts(assertion: str) -> dict[str, t.Any]:
    """iss, sub, aud and exp of an assertion, as far as they can be read; {} for a token that is not a readable JWT."""
    try:
        return shown_claims(decode(assertion, option="federated_token"))
    except ConfigError:
        return {}


class OAuthFailure(t.NamedTuple):
    """An OAuth error response, scrubbed, and the local facts. ``skew``: seconds that the local clock is ahead, if known."""

    facts: LoginFacts
    status: int | None
    error: str
    code: str
    suberror: str
    description: str
    correlation_id: str
    trace_id: str
    timestamp: str
    now: float
    skew: float | None


def _ids(case: OAuthFailure) -> list[str]:
    facts = case.facts
    if facts.client_id and facts.client_id.lower() == facts.tenant_id.lower():
        return ["client_id and tenant_id have the same value"]
    texts = []
    for option, value in (("tenant_id", facts.tenant_id), ("client_id", facts.client_id)):
        if is_emptied(value):
            texts.append(f"{option} is {value.strip() or 'empty'}: the variable behind it has no value")
        elif re.search(r"[{}<>$%\s]", value):
            texts.append(f"{option} is {_show(value)}: a template that was not rendered, or a stray character")
        elif option == "client_id" and not GUID.fullmatch(value):
            texts.append(f"client_id is {_show(value)}, but the Application (client) ID is a GUID")
    return texts


def _secret(case: OAuthFailure) -> list[str]:
    texts = []
    if case.facts.secret_may_be_id:
        texts.append("The client secret that was given is a GUID: that is the secret's ID, not its Value")
    if case.facts.secret_has_outer_whitespace:
        texts.append("The client secret that was given begins or ends with white space")
    return texts


def _clock(case: OAuthFailure) -> list[str]:
    """Distinguishes clock skew from a stale token, by the identity provider's clock."""
    if case.skew is None:
        return []
    apart = (
        f"the clock of this machine is {abs(case.skew):.0f} s {'ahead of' if case.skew > 0 else 'behind'} Entra ID's"
    )
    skewed = abs(case.skew) > _SKEW_TOLERANCE
    if case.facts.method != "federated":  # the assertion was made here, a moment ago
        if skewed:
            return [f"Clock skew: {apart}"]
        return [f"No clock skew ({apart}), so the assertion was too old when it arrived"]
    expiry = _number((case.facts.assertion or {}).get("exp"))
    if expiry is None:
        return [f"Clock skew, if the token was made on this machine: {apart}"] if skewed else []
    left = expiry - (case.now - case.skew)
    if left <= 0:
        hint = f"; besides, {apart}" if skewed else ", and the clocks agree"
        return [f"Stale token: it had expired {-left:.0f} s before Entra ID got it{hint}"]
    early = f"by Entra ID's clock the token has {left:.0f} s left, so it is not valid yet"
    return [f"Clock skew: {early}, and the clock of the one who made it is ahead ({apart})"]


def _assertion(case: OAuthFailure) -> list[str]:
    claims = _claims(case)
    return ["The token has " + ", ".join(f"{name} {value}" for name, value in claims.items())] if claims else []


def federated(case: OAuthFailure) -> list[str]:
    """The values that the app's federated credential must have, by the assertion's claims; empty without them."""
    claims = _claims(case)
    if not {"iss", "sub", "aud"} <= claims.keys():
        return _assertion(case)
    expiry = f"; it expires {claims['exp']}" if "exp" in claims else ""
    needed = f"issuer {claims['iss']}, subject {claims['sub']} and audience {claims['aud']}"
    texts = [f"A federated credential of the app must have exactly {needed} (the token's iss, sub and aud{expiry})"]
    usual = CLOUDS.get(case.facts.cloud, CLOUDS["public"]).federated_audience
    if claims["aud"] != usual:
        texts.append(f"The usual audience in this cloud is {usual}")
    if re.match(r"repo:[^/:]+@\d+/[^:]+@\d+:", claims["sub"]):
        texts.append("The subject has GitHub's immutable ids, which a credential with the plain names does not match")
    return texts


def _scope(case: OAuthFailure) -> list[str]:
    return [f"The scope was {case.facts.scope}"] if case.facts.scope else []


# Checks that identify the cause, and checks that add context.
CAUSES: dict[Evidence, t.Callable[[OAuthFailure], list[str]]] = {"ids": _ids, "secret": _secret, "clock": _clock}
CONTEXT: dict[Evidence, t.Callable[[OAuthFailure], list[str]]] = {
    "assertion": _assertion,
    "federated": federated,
    "scope": _scope,
}


def identity_used(facts: LoginFacts) -> str:
    """The identity that was used, its authority and the source of its credential, as a sentence."""
    ids = (("client_id", facts.client_id), ("in tenant_id", facts.tenant_id), ("at", facts.authority))
    words = [f"{name} {_show(value)}" for name, value in ids if value]
    words += [f"(cloud {facts.cloud})"] if facts.cloud else []
    words += [f"{'with ' if words else ''}auth_method {facts.method}"] if facts.method else []
    words += [f"from {facts.auth_source}"] if facts.auth_source else []
    return "Used: " + " ".join(words) if words else ""


def _show(value: str) -> str:
    """An id for a message. A user may have put the secret there by mistake."""
    if may_be_secret(value) or len(value) > 100:
        return f"a text of {len(value)} characters that may be a secret"
    return value if re.fullmatch(r"[A-Za-z0-9.:-]+", value) else repr(value)


def _claims(case: OAuthFailure) -> dict[str, str]:
    """The assertion's claims as texts of one line; exp as UTC."""
    texts = {}
    for name in _SHOWN_CLAIMS:
        value = (case.facts.assertion or {}).get(name)
        expiry = _number(value) if name == "exp" else None
        if expiry is not None:
            texts[name] = timestamp(expiry)
        elif value:
            texts[name] = one_line(", ".join(map(str, value)) if isinstance(value, list) else value)[:_LONGEST_CLAIM]
    return texts


def one_line(value: t.Any) -> str:
    """Any value of a response as text in one line, without control characters."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, default=str)
    return tidy(text)


def _number(value: t.Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e11 else None


def login_facts(
    settings: Settings, scope: str, *, client_secret: Secret | None = None, assertion: Secret | None = None
) -> LoginFacts:
    """The facts of a login with ``settings``: of a secret its form, of an assertion the shown claims."""
    credential = settings.credential
    return LoginFacts(
        method=credential.method,
        tenant_id=credential.tenant_id,
        client_id=credential.client_id,
        authority=settings.authority.partition("://")[2],
        cloud=settings.cloud.name,
        auth_source=credential.source,
        scope=scope,
        assertion=assertion_facts(assertion.reveal()) if assertion else None,
        **(secret_facts(client_secret.reveal()) if client_secret else {}),
    )
