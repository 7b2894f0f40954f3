# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The work of powerbi_client_secret."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._errors import PowerBIError, TransportError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result
from ansible_collections.community.powerbi.plugins.module_utils._plan import Plan
from ansible_collections.community.powerbi.plugins.module_utils._resources.app_credentials import (
    Wanted,
    in_use,
    reason_for_new,
    refuse_to_remove_the_last,
    to_remove,
)
from ansible_collections.community.powerbi.plugins.module_utils._resources.applications import (
    DAY,
    AppCredential,
    Application,
    timestamp,
)
from ansible_collections.community.powerbi.plugins.module_utils._rotation import NEW, AppUnderRotation, shown, undone
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret


def make(context: Context) -> Result:
    """States present and rotated: add a secret if one is needed, and prove that it works before it is returned."""
    params = context.params
    app = AppUnderRotation(context)
    wanted = Wanted(params["state"], params["display_name"], params["key_id"] or "", params["rotate_before"])
    current = in_use(app.state.secrets, wanted.key_id, params["hint"] or "")
    if wanted.state == "present":
        named = [item for item in app.state.secrets if item.display_name == wanted.display_name]
        current = max(named, key=lambda item: item.ends, default=None)
    reason = reason_for_new(wanted, current, app.state.secrets, app.now)
    if not reason:
        return Result(False, {**_described(app.state), **_of(current)}, _plan(app.state, app.state).diff())
    ends = app.now + params["valid_for"] * DAY
    if context.check_mode:
        after = {**shown(app.state.secrets), NEW: f"{wanted.display_name}, expires {timestamp(ends)}"}
        plan = Plan("update", shown(app.state.secrets), after, {}, _label(app.state))
        return Result(True, {**_described(app.state), **_of(current), "reason": reason}, plan.diff())
    before = app.state
    made, secret, seconds = _add(context, app, wanted.display_name, ends)
    values = {**_described(app.reload()), **_of(made), "reason": reason}
    values.update(client_secret=secret.reveal(), propagation_seconds=round(seconds, 1))
    if current is not None:
        values["former_key_id"] = current.key_id
    return Result(True, values, _plan(before, app.state).diff())


def remove(context: Context) -> Result:
    """State absent."""
    params = context.params
    app = AppUnderRotation(context)
    removed = to_remove(
        app.state.secrets, params["display_name"] or "", params["key_ids"] or (), params["keep_key_ids"] or ()
    )
    if not params["force"]:
        refuse_to_remove_the_last(app.state.secrets, app.state.certificates, removed, app.now)
    gone = {item.key_id for item in removed}
    after = app.state._replace(secrets=tuple(item for item in app.state.secrets if item.key_id not in gone))
    if not context.check_mode:
        for item in removed:
            app.applications.remove_secret(app.state, item.key_id)
            context.changed = True
    values = {**_described(after), "removed": [item.key_id for item in removed]}
    return Result(bool(removed), values, _plan(app.state, after).diff())


def _add(
    context: Context, app: AppUnderRotation, display_name: str, ends: float
) -> tuple[AppCredential, Secret, float]:
    """Add and prove. What can't be proven is removed again: its text would be lost with this failure."""
    made, secret = _add_surely(app, display_name, ends)
    context.changed = True
    try:
        return made, secret, app.prove("client_secret", {"client_secret": secret})
    except PowerBIError as error:
        raise undone(error, lambda: app.applications.remove_secret(app.state, made.key_id)) from error
    finally:
        context.tokens.given.append(secret)


def _add_surely(app: AppUnderRotation, display_name: str, ends: float) -> tuple[AppCredential, Secret]:
    """addPassword, and once more if its answer was lost.

    What such a request may have added stays until the next clean-up by name: it could as well be another run's.
    """
    try:
        return app.applications.add_secret(app.state, display_name, ends)
    except TransportError as error:
        if not error.sent:
            raise
    return app.applications.add_secret(app.state, display_name, ends)


def _described(app: Application) -> dict[str, t.Any]:
    return {"application": app.to_dict(), "secrets": [item.to_dict() for item in app.secrets]}


def _of(credential: AppCredential | None) -> dict[str, t.Any]:
    return {} if credential is None else {"key_id": credential.key_id, "expires_on": timestamp(credential.ends)}


def _plan(before: Application, after: Application) -> Plan:
    changed = shown(before.secrets) != shown(after.secrets)
    return Plan("update" if changed else "none", shown(before.secrets), shown(after.secrets), {}, _label(before))


def _label(app: Application) -> str:
    return f"client secrets of {app.display_name}"
