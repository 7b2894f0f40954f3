# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Implements powerbi_credential_info: when the credential of the login expires, and which credentials the app has."""

from __future__ import annotations

import time
import typing as t

from .._api.app_credentials import find_current
from .._api.applications import DAY, Application, Applications
from .._auth import certificate_file
from .._clock import parse_timestamp, timestamp
from .._errors import ForbiddenError
from .._module import Context
from .._session import verify_login


def describe(context: Context) -> dict[str, t.Any]:
    """The module's return values. Warns of a credential that expires within ``warn_days``."""
    params = context.params
    values = context.known
    if params["validate"]:  # before the reads, whose login a new credential would fail
        values["propagation_seconds"] = round(_verify_login(context), 1)
    expiry = _own_certificate(context) or _expiry_from_option(params)
    if params["graph"] == "always" or (params["graph"] == "auto" and expiry is None):
        app = _application(context)
        if app is None:
            values["graph_readable"] = False
        else:
            values.update(_listed(app))
            expiry = expiry or _in_graph(context, app)
    if expiry is not None:
        kind, ends, source = expiry
        days = int((ends - time.time()) // DAY)
        values["in_use"] = {
            "type": kind,
            "expires_on": timestamp(ends),
            "expires_in_days": days,
            "known_from": source,
        }
        _warn(context, kind, ends, days)
    return values


def _verify_login(context: Context) -> float:
    return verify_login(context.session.settings, context.session.sender.clock, context.params["propagation_timeout"])


def _own_certificate(context: Context) -> tuple[str, float, str] | None:
    """Kind, expiry (seconds since the epoch) and source of that for the certificate of the login, which contains it."""
    credential = context.session.settings.credential
    if credential.method != "certificate":
        return None
    chain = certificate_file.load(credential, time.time()).chain
    return ("certificate", certificate_file.ends(chain), "certificate") if chain else None


def _expiry_from_option(params: t.Mapping[str, t.Any]) -> tuple[str, float, str] | None:
    if not params["expires_on"]:
        return None
    return "client_secret", parse_timestamp(params["expires_on"]), "option"


def _application(context: Context) -> Application | None:
    """Graph: GET /applications. None where ``graph`` is auto and the login lacks the permission to read the app."""
    desired = context.params["application"] or context.session.settings.credential.client_id
    if not desired:
        return None
    try:
        return Applications(context.client).get(desired)
    except ForbiddenError:
        if context.params["graph"] == "always":
            raise
        return None


def _in_graph(context: Context, app: Application) -> tuple[str, float, str] | None:
    secret = context.session.settings.credential.secret("client_secret")
    beginning = context.params["hint"] or (secret.reveal() if secret else "")
    current = find_current(app.secrets, context.params["key_id"] or "", beginning)
    return None if current is None else ("client_secret", current.ends, "graph")


def _listed(app: Application) -> dict[str, t.Any]:
    now = time.time()
    return {
        "graph_readable": True,
        "application": app.to_dict(),
        "secrets": [{**item.to_dict(), "expires_in_days": item.days_left(now)} for item in app.secrets],
        "certificates": [{**item.to_dict(), "expires_in_days": item.days_left(now)} for item in app.certificates],
    }


def _warn(context: Context, kind: str, ends: float, days: int) -> None:
    limit = context.params["warn_days"]
    if limit is None or days > limit:
        return
    name = context.params["application"] or context.session.settings.credential.client_id
    when = f"expires in {days} days, on {timestamp(ends)}" if days >= 0 else f"has expired on {timestamp(ends)}"
    noun = "certificate" if kind == "certificate" else "client secret"
    context.warn(f"The {noun} of app {name} {when}. Rotate it: role powerbi_credentials, tasks_from rotate")
