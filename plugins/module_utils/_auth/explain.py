# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""An identity provider's error response -> an error with what happened, why, and the remedy.

The texts are in `entra_codes.py`, local facts in `evidence.py`: the identity that was used and its source, the claims of
the assertion, the clock skew. Here a response is read, scrubbed, and matched with both.
"""

from __future__ import annotations

import calendar
import email.utils
import json
import re
import time
import typing as t

from .._errors import AuthError, TransportError
from .._guid import GUID
from .._settings.clouds import CLOUDS
from .._settings.options import METHOD_OPTIONS
from .entra_codes import (
    BY_CODE,
    OAUTH_ERRORS,
    REFUSED_BY_MACHINE,
    UNKNOWN_MANAGED_IDENTITY,
    YES,
    EntraCode,
    OAuthError,
    Retry,
    entry_of,
)
from .evidence import (
    CAUSES,
    CONTEXT,
    LoginFacts,
    OAuthFailure,
    assertion_facts,
    federated,
    identity_used,
    one_line,
    secret_facts,
    shown_claims,
)
from .scrub import may_be_secret, scrub

__all__ = ("LoginFacts", "assertion_facts", "explain", "explain_plain", "secret_facts")

_LONGEST_QUOTE = 300  # within an explanation; an unknown error is quoted in full
_LONGEST_TEXT = 2000
_CODE = re.compile(r"AADSTS([0-9]{2,12})")
_NUMBER = re.compile(r"[0-9]{2,12}")
_SUPPORT_TAIL = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)


def explain(
    response: t.Mapping[str, t.Any],
    *,
    status: int | None,
    facts: LoginFacts,
    server_time: str | None = None,
    now: float | None = None,
    secrets: t.Iterable[str] = (),
) -> AuthError:
    """The error for an OAuth error response (RFC 6749 section 5.2, with Entra ID's error_codes, trace_id, ...).

    ``server_time`` is the response's Date header, ``now`` the local time in seconds since the epoch. ``secrets`` are
    removed from the server's texts, and so is any text that has the form of a secret.
    """
    case = _read(response, status, facts, server_time, time.time() if now is None else now, tuple(secrets))
    entry = entry_of(case.code, facts.method)
    if entry is None and facts.method == "managed_identity" and not case.code:
        entry = {400: UNKNOWN_MANAGED_IDENTITY, 401: REFUSED_BY_MACHINE, 403: REFUSED_BY_MACHINE}.get(status or 0)
    if entry is None:
        what, why, remedy, retry = _unknown(case)
    else:
        what, why, remedy, retry = entry.what, _why(entry, case), entry.remedy, entry.retry
        what += f" (AADSTS{case.code})" if case.code else ""
    return AuthError(
        what,
        why=why,
        remedy=_fill(remedy, facts),
        code=case.code or case.error,
        retryable=retry.when == "yes",
        correlation_id=case.correlation_id,
        trace_id=case.trace_id,
        timestamp=case.timestamp,
        oauth_error=case.error,
        suberror=case.suberror,
        status=status,
        retry=retry.when,
        retry_after=retry.seconds or None,
        description=case.description,
        auth_source=facts.auth_source,
        assertion=shown_claims(facts.assertion) or None,
        clock_skew=None if case.skew is None else round(case.skew),
    )


def _read(
    response: t.Mapping[str, t.Any],
    status: int | None,
    facts: LoginFacts,
    server_time: str | None,
    now: float,
    secrets: tuple[str, ...],
) -> OAuthFailure:
    hidden = secrets + tuple(v for v in (facts.client_id, facts.tenant_id) if v and may_be_secret(v))

    def clean(name: str) -> str:
        return scrub(one_line(response.get(name)), [*hidden, *map(one_line, hidden)])[:_LONGEST_TEXT]

    description = clean("error_description")

    def support(name: str, label: str) -> str:
        match = re.search(rf"{label}: ([0-9a-fA-F-]{{36}}|\d{{4}}-\d\d-\d\d [\d:]{{8}}Z)", description)
        return clean(name) or (match[1] if match else "")

    error_codes = response.get("error_codes")
    codes = (
        [str(code) for code in error_codes if _NUMBER.fullmatch(str(code))]
        if isinstance(error_codes, (list, tuple))
        else []
    )
    codes += _CODE.findall(description)
    timestamp = support("timestamp", "Timestamp")
    server = _epoch(server_time) or _epoch(timestamp)
    return OAuthFailure(
        facts=facts,
        status=status,
        error=clean("error"),
        # Older responses begin with a general code, so the first known code counts.
        code=next((code for code in codes if code in BY_CODE), codes[0] if codes else ""),
        suberror=clean("suberror"),
        description=description,
        correlation_id=support("correlation_id", "Correlation ID"),
        trace_id=support("trace_id", "Trace ID"),
        timestamp=timestamp,
        now=now,
        skew=None if server is None else now - server,
    )


def _why(entry: EntraCode, case: OAuthFailure) -> str:
    causes = [text for name in entry.evidence if name in CAUSES for text in CAUSES[name](case)]
    parts = causes or [entry.why]  # an identified cause replaces the usual causes
    parts += [text for name in entry.evidence if name in CONTEXT for text in CONTEXT[name](case)]
    if "server" in entry.evidence and case.description and not case.facts.assertion:
        parts.append(f'The server returned: "{_quote(case.description)}"')
    if entry.retry.when != "yes":
        parts.append(identity_used(case.facts))
    return _sentences(parts)


def _unknown(case: OAuthFailure) -> tuple[str, str, str, Retry]:
    """Texts for a code or an error that the table lacks: the response in full, and the meaning that RFC 6749 defines."""
    standard = OAUTH_ERRORS.get(case.error, OAuthError("", ""))
    name = " ".join(part for part in (case.error, f"(AADSTS{case.code})" if case.code else "") if part)
    host = case.facts.authority or "the identity provider"
    status = f"HTTP {case.status}" if case.status else "an error"
    what = f"{host} refused to give a token: {name}" if name else f"{host} responded with {status} without a reason"
    parts = [f"That means that {standard.meaning}"] if standard.meaning else []
    parts += [f'The server returned: "{case.description}"'] if case.description else []
    parts += federated(case) if case.facts.method == "federated" and case.error in ("invalid_client", "") else []
    parts.append(identity_used(case.facts))
    remedy = standard.remedy or "check CREDENTIAL and option authority"
    if case.code:
        cloud = CLOUDS.get(case.facts.cloud, CLOUDS["public"])
        remedy = (
            f"see {cloud.authority}/error?code={case.code} for the code, or give the ids below to Microsoft's support"
        )
    busy = case.status is not None and (case.status == 429 or case.status >= 500)
    return what, _sentences(parts), remedy, YES if busy else standard.retry


def _fill(remedy: str, facts: LoginFacts) -> str:
    options = METHOD_OPTIONS.get(facts.method, ())
    remedy = remedy.replace("CREDENTIAL", " or ".join(options[:2]) or "the credential")
    for placeholder, value in (("CLIENT_ID", facts.client_id), ("TENANT_ID", facts.tenant_id)):
        if GUID.fullmatch(value):
            remedy = remedy.replace(placeholder, value)
    return remedy


def _quote(description: str) -> str:
    """The server's text without its code and ids, which are in other parts of the error."""
    text = _SUPPORT_TAIL.sub("", _CODE.sub("", description, count=1).lstrip(": "))
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3].rstrip() + "..."


def _sentences(parts: t.Sequence[str]) -> str:
    return " ".join(part if part.endswith((".", '."', "?", "!")) else f"{part}." for part in parts if part)


def _epoch(text: str | None) -> float | None:
    """Seconds since the epoch of an HTTP date or of Entra ID's timestamp (2025-03-07 21:25:44Z); None if it is neither."""
    if not text:
        return None
    try:
        if text.endswith("Z"):
            return float(calendar.timegm(time.strptime(text, "%Y-%m-%d %H:%M:%SZ")))
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def explain_plain(status: int, content_type: str, text_start: str, url_host: str) -> AuthError | TransportError:
    """The error for a response of ``url_host`` that is not an OAuth response: plain text, HTML, empty, incomplete JSON.

    AuthError (retryable) where the provider is busy, TransportError where its response did not arrive. Only an HTML
    page's title is shown of the text.
    """
    match = re.search(r"<title[^>]*>([^<]*)", text_start, re.IGNORECASE)
    title = one_line(scrub(match[1]))[:80] if match else ""
    is_html = match is not None or "html" in content_type.lower() or text_start.lstrip()[:1] == "<"
    page = f"an HTML page titled {title!r}" if title else "an HTML page"
    if status == 429:
        return AuthError(
            f"{url_host} limits the requests for tokens (HTTP 429)",
            why="Too many came from this app or tenant in a short time",
            remedy="run again in a minute; leave option cache at run so that one token serves the whole run, and raise "
            "option retry_timeout so that this run may wait longer",
            code="throttled",
            retryable=True,
            status=status,
        )
    if status >= 500 and status != 511:
        return AuthError(
            f"{url_host} is not available (HTTP {status})",
            why=f"It, or a proxy on the way to it, responded with {page}" if is_html else "",
            remedy="run again; raise option retry_timeout so that this run may wait longer; if it lasts, check option proxy",
            code="unavailable",
            retryable=True,
            status=status,
        )
    if status == 407:
        return TransportError(
            f"the proxy on the way to {url_host} requires a login (HTTP 407)",
            remedy="give user and password in option proxy (http://user:password@host:port)",
            url=url_host,
        )
    if is_html or status == 511 or 300 <= status < 400:
        shown = page if is_html else "a redirect" if status < 400 else "a request to log in to the network"
        return TransportError(
            f"a proxy, a firewall or a login page responded instead of {url_host} (HTTP {status}, {shown})",
            why="Entra ID responds in JSON",
            remedy=f"set option proxy to the proxy that lets the task reach {url_host}, or have that host admitted; where "
            "the proxy inspects TLS, give its CA in ca_path; check option authority if it is set",
            url=url_host,
        )
    return TransportError(
        f"{url_host} {_broken(content_type, text_start)} (HTTP {status})",
        why="The connection was cut, or something on the way changed the response",
        remedy="run again; if it lasts, check option proxy and option authority",
        url=url_host,
    )


def _broken(content_type: str, text_start: str) -> str:
    text = text_start.strip()
    if not text:
        return "sent an empty response"
    if text[0] not in "{[" and "json" not in content_type.lower():
        return f"responded in {one_line(scrub(content_type.partition(';')[0]))[:60] or 'an unknown format'} instead of JSON"
    try:
        json.loads(text)
    except ValueError:
        return "sent a response whose JSON is cut off or damaged"
    return "sent JSON that is not an OAuth response"
