# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The work of powerbi_client_certificate."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils import _key_pair
from ansible_collections.community.powerbi.plugins.module_utils._auth import certificate_file
from ansible_collections.community.powerbi.plugins.module_utils._errors import OperationFailedError, PowerBIError
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


def make(context: Context) -> Result:
    """States present and rotated: add a certificate if one is needed, and prove that it works before it is returned."""
    params = context.params
    app = AppUnderRotation(context)
    own = _Own(context, app)
    wanted = Wanted(params["state"], params["display_name"], params["key_id"] or "", params["rotate_before"])
    current = in_use(app.state.certificates, wanted.key_id, "") if wanted.key_id else own.credential
    if wanted.state == "present":
        named = [item for item in app.state.certificates if item.display_name == wanted.display_name]
        current = max(named, key=lambda item: item.ends, default=None)
    reason = reason_for_new(wanted, current, app.state.certificates, app.now)
    if not reason:
        return Result(False, {**_described(app.state), **_of(current)}, _plan(app.state, app.state).diff())
    if context.check_mode:
        ends = timestamp(app.now + params["valid_for"] * DAY)
        after = {**shown(app.state.certificates), NEW: f"{wanted.display_name}, expires {ends}"}
        plan = Plan("update", shown(app.state.certificates), after, {}, _label(app.state))
        return Result(True, {**_described(app.state), **_of(current), "reason": reason}, plan.diff())
    before = app.state
    pair, made, seconds = _add(context, app, own)
    values = {**_described(app.state), **_of(made), "reason": reason, "thumbprint": pair.thumbprint}
    values.update(certificate_data=pair.pem.reveal(), propagation_seconds=round(seconds, 1))
    if current is not None:
        values["former_key_id"] = current.key_id
    return Result(True, values, _plan(before, app.state).diff())


def remove(context: Context) -> Result:
    """State absent."""
    params = context.params
    app = AppUnderRotation(context)
    removed = to_remove(
        app.state.certificates, params["display_name"] or "", params["key_ids"] or (), params["keep_key_ids"] or ()
    )
    if not params["force"]:
        refuse_to_remove_the_last(app.state.secrets, app.state.certificates, removed, app.now)
    gone = {item.key_id for item in removed}
    after = app.state._replace(certificates=tuple(c for c in app.state.certificates if c.key_id not in gone))
    if removed and not context.check_mode:
        _Own(context, app).remove(gone)
        context.changed = True
    values = {**_described(after), "removed": [item.key_id for item in removed]}
    return Result(bool(removed), values, _plan(app.state, after).diff())


class _Own:
    """How to write: with the key of a certificate that the app has and logs in with, which needs no permission; else by
    replacing the whole list, which needs one."""

    def __init__(self, context: Context, app: AppUnderRotation) -> None:
        self._app = app
        self._key = None
        self.credential: AppCredential | None = None
        login = context.session.settings.credential
        if login.method == "certificate" and login.client_id.lower() == app.state.client_id:
            certificate = certificate_file.load(login, time.time())
            found = [item for item in app.state.certificates if item.thumbprint == certificate.thumbprint]
            if found:
                self.credential, self._key = found[0], certificate.private_key

    def add(self, der: bytes, display_name: str) -> None:
        state = self._app.state
        if self._key is not None:
            proof = _key_pair.proof(self._key, state.object_id)
            self._app.applications.add_certificate(state, der, display_name, proof)
        else:
            present = {item.key_id for item in state.certificates}
            self._app.applications.replace_certificates(state, keep=present, add=(der, display_name))

    def remove(self, key_ids: t.Collection[str]) -> None:
        state = self._app.state
        if self._key is not None and self.credential and self.credential.key_id not in key_ids:
            for key_id in key_ids:
                proof = _key_pair.proof(self._key, state.object_id)
                self._app.applications.remove_certificate(state, key_id, proof)
        else:
            kept = {item.key_id for item in state.certificates} - set(key_ids)
            self._app.applications.replace_certificates(state, keep=kept)


def _add(context: Context, app: AppUnderRotation, own: _Own) -> tuple[_key_pair.KeyPair, AppCredential, float]:
    """Add and prove. What can't be proven is removed again: its key would be lost with this failure."""
    params = context.params
    pair = _key_pair.make(params["display_name"], params["valid_for"], params["key_size"])
    context.tokens.given.append(pair.pem)
    own.add(pair.der, params["display_name"])
    context.changed = True
    made = next((item for item in app.reload().certificates if item.thumbprint == pair.thumbprint), None)
    if made is None:
        raise OperationFailedError(
            "Microsoft Graph took the new certificate, but does not list it",
            remedy="run it again; if that repeats, let one rotation of the app run at a time",
        )
    try:
        return pair, made, app.prove("certificate", {"certificate_data": pair.pem})
    except PowerBIError as error:
        raise undone(error, lambda: own.remove({made.key_id})) from error


def _described(app: Application) -> dict[str, t.Any]:
    return {"application": app.to_dict(), "certificates": [item.to_dict() for item in app.certificates]}


def _of(credential: AppCredential | None) -> dict[str, t.Any]:
    return {} if credential is None else {"key_id": credential.key_id, "expires_on": timestamp(credential.ends)}


def _plan(before: Application, after: Application) -> Plan:
    old, new = shown(before.certificates), shown(after.certificates)
    return Plan("update" if old != new else "none", old, new, {}, _label(before))


def _label(app: Application) -> str:
    return f"certificates of {app.display_name}"
