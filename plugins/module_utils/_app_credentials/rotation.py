# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Shared by the modules for secrets and certificates of an app: find the app, decide whether it needs a new credential,
verify that credential, remove credentials, and make the results.
"""

from __future__ import annotations

import time
import typing as t

from .._api.app_credentials import (
    DesiredCredential,
    beginning_like,
    key_ids,
    reason_for_new,
    refuse_to_remove_the_last,
    refuse_to_remove_the_login,
    to_remove,
)
from .._api.applications import DAY, AppCredential, Application, Applications
from .._auth.claims import decode
from .._auth.methods import client_secret_of
from .._clock import timestamp
from .._errors import ConfigError, PowerBIError
from .._guid import normalise_guid
from .._module import Context, Result
from .._plan import Plan
from .._secret import Secret
from .._session import verify_login
from .._settings.resolve import Credential

_NEW = "(new)"
_READ_BACK = 60.0  # seconds that Graph may take to list what was added
_LABELS = {"secrets": "client secrets", "certificates": "certificates"}

ROTATION_OPTIONS: dict[str, dict[str, t.Any]] = {
    "application": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "rotated", "absent"], "default": "present"},
    "display_name": {"type": "str"},
    "key_id": {"type": "str", "no_log": False},
    "valid_for": {"type": "int", "default": 180},
    "rotate_before": {"type": "int"},
    "key_ids": {"type": "list", "elements": "str", "no_log": False},
    "keep_key_ids": {"type": "list", "elements": "str", "no_log": False},
    "force": {"type": "bool", "default": False},
    "propagation_timeout": {"type": "float", "default": 300.0},
}
RULES: dict[str, t.Any] = {
    "required_if": [
        ("state", "present", ("display_name",)),
        ("state", "rotated", ("display_name",)),
        ("state", "absent", ("display_name", "key_ids"), True),
    ]
}


class RotationDecision(t.NamedTuple):
    """``reason`` why a new credential is needed, empty if none is; ``current`` is the credential in use."""

    reason: str
    current: AppCredential | None


class AppRotation:
    """The app whose credentials of a ``kind``, "secrets" or "certificates", a task manages.

    ``state`` may be out of date after a change: see ``reload``.
    """

    def __init__(self, context: Context, kind: str) -> None:
        self._context = context
        self._kind = kind
        self.applications = Applications(context.client)
        self._desired = context.params["application"] or context.session.settings.credential.client_id
        if not self._desired:
            raise ConfigError(
                "application is not set, and the login has no client_id to go by",
                option="application",
                remedy="give the Application (client) ID of the app whose credentials are meant",
            )
        self.state: Application = self.applications.get(self._desired)
        context.known.update(self._described(self.state))
        self.now = time.time()
        self.ends = self.now + context.params["valid_for"] * DAY  # of a new one

    @property
    def credentials(self) -> tuple[AppCredential, ...]:
        """The app's credentials of the kind, as of the last read."""
        return self._of(self.state)

    def reload(self) -> Application:
        """Read the app again: right before a list is replaced as a whole, and after a change. Graph: GET /applications."""
        self.state = self.applications.get(self.state.object_id)
        self._context.known.update(self._described(self.state))
        return self.state

    def wait_for(self, made: AppCredential) -> None:
        """Poll until Graph lists a credential that was added, at most ``_READ_BACK`` seconds. Then it is taken as listed: it
        exists, and reads may be stale for longer."""
        clock, gap = self._context.session.sender.clock, 0.5
        deadline = clock.monotonic() + min(_READ_BACK, float(self._context.params["propagation_timeout"]))
        while made.key_id not in {item.key_id for item in self._of(self.reload())}:
            if clock.monotonic() + gap > deadline:
                added: dict[str, t.Any] = {self._kind: (*self.credentials, made)}
                self.state = self.state._replace(**added)
                return
            clock.sleep(gap)
            gap = min(gap * 1.5, 5.0)

    def need(self, stored: AppCredential | None) -> RotationDecision:
        """States present and rotated. ``stored`` is the credential that the vault holds, None if it can't be identified."""
        params = self._context.params
        desired = DesiredCredential(
            params["state"], params["display_name"], params["key_id"] or "", params["rotate_before"]
        )
        current = stored
        if desired.state == "present":
            named = [item for item in self.credentials if item.display_name == desired.display_name]
            current = max(named, key=lambda item: item.ends, default=None)
        return RotationDecision(reason_for_new(desired, current, self.credentials, self.now), current)

    def unchanged_result(self, need: RotationDecision) -> Result:
        """The result where nothing was written: no new credential is needed, or in check mode the one that would be added."""
        values = {**self._described(self.state), **_credential_values(need.current)}
        if not need.reason:
            return Result(False, values, self._plan(self.state, self.state).diff())
        before = _shown(self.credentials)
        after = {**before, _NEW: f"{self._context.params['display_name']}, expires {timestamp(self.ends)}"}
        plan = Plan("update", before, after, {}, self._label)
        return Result(True, {**values, "reason": need.reason}, plan.diff())

    def rotated_result(
        self, need: RotationDecision, before: Application, made: AppCredential, seconds: float, **values: str
    ) -> Result:
        """The result after a credential was added and verified within ``seconds``. ``values`` are further return values."""
        details = {**self._described(self.state), **_credential_values(made), "reason": need.reason}
        details.update(values, propagation_seconds=round(seconds, 1))
        if need.current is not None:
            details["former_key_id"] = need.current.key_id
        return Result(True, details, self._plan(before, self.state).diff())

    def remove(self, write: t.Callable[[t.Collection[str]], None], login_thumbprint: str = "") -> Result:
        """State absent. ``write`` removes the credentials with the given key ids, and is not called without any. It calls
        `record_removed` after each request.

        ``login_thumbprint`` is that of the login's certificate. Raises ConfigError if the app would be left without any
        credential, or if the credential of the login would be removed.
        """
        params = self._context.params
        self._context.known["removed"] = []
        if params["display_name"] is not None and not params["display_name"].strip():
            raise ConfigError("`display_name` is empty", option="display_name", remedy="give the name, or leave it out")
        named, kept_ids = (key_ids(option, params[option] or ()) for option in ("key_ids", "keep_key_ids"))
        removed = to_remove(self.credentials, params["display_name"] or "", named, kept_ids)
        if not params["force"]:
            refuse_to_remove_the_last(self.state.secrets, self.state.certificates, removed, self.now)
            refuse_to_remove_the_login(removed, self._login(login_thumbprint))
        removed_ids = [item.key_id for item in removed]
        remaining: dict[str, t.Any] = {
            self._kind: tuple(item for item in self.credentials if item.key_id not in removed_ids)
        }
        after = self.state._replace(**remaining)
        if removed_ids and not self._context.check_mode:
            write(removed_ids)
        values = {**self._described(after), "removed": removed_ids}
        return Result(bool(removed_ids), values, self._plan(self.state, after).diff())

    def record_removed(self, ids: t.Collection[str]) -> None:
        """Report these key ids as removed if a later request fails."""
        self._context.known["removed"] = sorted({*self._context.known["removed"], *ids})

    def verify_login(self, method: str, options: t.Mapping[str, Secret]) -> float:
        """Log in with the new credential until it has propagated, each time in a new session. Returns the seconds waited.

        Raises NotPropagatedError, AuthError, TransportError.
        """
        session = self._context.session
        credential = Credential(method, "the new credential", self._tenant(), self.state.client_id, dict(options))
        settings = session.settings._replace(credential=credential, scope=session.settings.cloud.scope, min_validity=0)
        return verify_login(settings, session.sender.clock, self._context.params["propagation_timeout"])

    def _login(self, thumbprint: str) -> list[AppCredential]:
        """The app's credentials that the task may have logged in with: one, or all whose hint matches the login's secret."""
        login = self._context.session.settings.credential
        if (login.client_id or "").lower() != self.state.client_id:
            return []
        if thumbprint:
            return [item for item in self.state.certificates if item.thumbprint == thumbprint]
        if login.method != "client_secret":
            return []
        candidates = beginning_like(self.state.secrets, client_secret_of(self._context.session.settings).reveal())
        selected = [item for item in candidates if item.key_id == normalise_guid(self._context.params["key_id"] or "")]
        return selected or candidates

    def _tenant(self) -> str:
        tenant = self._context.params.get("tenant_id") or self._context.session.settings.credential.tenant_id
        if not tenant:  # a managed identity, or a token that was passed in: it is in the token's claims
            settings = self._context.session.settings
            token = self._context.tokens.token(scope=settings.cloud.graph_scope)
            tenant = str(decode(token.value.reveal()).get("tid") or "")
        return str(tenant)

    def _of(self, state: Application) -> tuple[AppCredential, ...]:
        return state.secrets if self._kind == "secrets" else state.certificates

    def _described(self, state: Application) -> dict[str, t.Any]:
        return {"application": state.to_dict(), self._kind: [item.to_dict() for item in self._of(state)]}

    def _plan(self, before: Application, after: Application) -> Plan:
        old, new = _shown(self._of(before)), _shown(self._of(after))
        return Plan("update" if old != new else "none", old, new, {}, self._label)

    @property
    def _label(self) -> str:
        return f"{_LABELS[self._kind]} of {self.state.display_name}"


def _shown(credentials: t.Iterable[AppCredential]) -> dict[str, str]:
    """Diff text by key id."""
    return {item.key_id: f"{item.display_name or '(no name)'}, expires {timestamp(item.ends)}" for item in credentials}


def _credential_values(credential: AppCredential | None) -> dict[str, str]:
    return {} if credential is None else {"key_id": credential.key_id, "expires_on": timestamp(credential.ends)}


def rolled_back(error: PowerBIError, undo: t.Callable[[], None]) -> PowerBIError:
    """The error, after ``undo`` was called; its ``why`` states it if the rollback failed as well."""
    try:
        undo()
    except PowerBIError as second:
        error.why = f"{error.why}. What was added could not be removed again: {second.what}".lstrip(". ")
    return error
