# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Shared by the modules for secrets and certificates of an app: find the app, decide whether it needs a new credential,
verify that credential, remove credentials, and return the result.
"""

from __future__ import annotations

import abc
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
from .._module import Context
from .._plan import Plan, plan_whole
from .._resource import Resource, Task
from .._secret import Secret
from .._session import verify_login
from .._settings.resolve import Credential

_NEW = "(new)"
_READ_BACK = 60.0  # seconds that Graph may take to list what was added
_LABELS = {"secrets": "client secrets", "certificates": "certificates"}


class Rotation(t.NamedTuple):
    """The change of an app's credentials.

    ``reason`` why a new credential is needed, empty if none is; ``current`` is the credential in use; ``removed`` has the
    key ids of state absent.
    """

    plan: Plan
    reason: str = ""
    current: AppCredential | None = None
    removed: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether a credential is added or removed."""
        return self.plan.changed

    def diff(self) -> t.Any:
        """Ansible's ``diff`` result: the app's credentials of the kind."""
        return self.plan.diff()


class NewCredential(t.NamedTuple):
    """A credential that was added, and verified within ``seconds``. ``values`` are the return values that contain it."""

    credential: AppCredential
    values: dict[str, str]
    seconds: float


class AppRotation(Resource[Rotation]):
    """The credentials of one ``kind``, "secrets" or "certificates", of an app.

    ``state`` is the app, which is read when the plan is made. It may be out of date after a change: see ``reload``.
    """

    kind: str

    def __init__(self, context: Context) -> None:
        self._context = context
        self.params = context.params
        self.applications = Applications(context.client)
        self._desired = self.params["application"] or context.session.settings.credential.client_id
        if not self._desired:
            raise ConfigError(
                "application is not set, and the login has no client_id to go by",
                option="application",
                remedy="give the Application (client) ID of the app whose credentials are meant",
            )
        self.now = time.time()
        self.ends = self.now + self.params["valid_for"] * DAY  # of a new one
        self.state: Application
        self._new: NewCredential | None = None
        self._removed: list[str] = []

    @abc.abstractmethod
    def stored(self) -> AppCredential | None:
        """The credential that the vault holds, by the options; None if it can't be identified."""

    @abc.abstractmethod
    def add(self, task: Task) -> NewCredential:
        """Add a credential and log in with it. If that fails, it is removed again."""

    @abc.abstractmethod
    def remove(self, key_ids: t.Sequence[str], task: Task) -> None:
        """Remove credentials, with `on_removed` after each request."""

    def on_read(self) -> None:
        """Called when the app was read, before anything is decided."""

    def login_thumbprint(self) -> str:
        """The thumbprint of the login's certificate, if the app has it."""
        return ""

    def known(self) -> dict[str, t.Any]:
        return {"removed": []} if self.params["state"] == "absent" else {}

    def plan(self, task: Task) -> Rotation:
        self.state = self._before = self.applications.get(self._desired)
        self._context.known.update(self._described(self.state))
        self.on_read()
        return self._removal() if self.params["state"] == "absent" else self._renewal()

    def apply(self, change: Rotation, task: Task) -> None:
        if change.removed:
            self.remove(change.removed, task)
        else:
            self._new = self.add(task)
            self.wait_for(self._new.credential)

    def on_removed(self, key_ids: t.Iterable[str], task: Task) -> None:
        """Record that the credentials with these key ids were removed."""
        self._removed += key_ids
        task.mark_changed()

    def values(self, change: Rotation) -> dict[str, t.Any]:
        if self.params["state"] == "absent":
            return {**self._described(self._without(change.removed)), "removed": list(change.removed)}
        if self._new is None:
            reason = {"reason": change.reason} if change.reason else {}
            return {**self._described(self.state), **_credential_values(change.current), **reason}
        made, values, seconds = self._new
        former = {"former_key_id": change.current.key_id} if change.current is not None else {}
        details = {**self._described(self.state), **_credential_values(made), "reason": change.reason}
        return {**details, **values, "propagation_seconds": round(seconds, 1), **former}

    def values_of_failure(self, change: Rotation) -> dict[str, t.Any]:
        removed = tuple(self._removed)
        return self.values(change._replace(removed=removed)) if change.removed else self._described(self.state)

    def diff(self, change: Rotation) -> t.Any:
        return change.diff() if self._new is None else self._plan(self._before, self.state).diff()

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
        clock, delay = self._context.session.sender.clock, 0.5
        deadline = clock.monotonic() + min(_READ_BACK, float(self.params["propagation_timeout"]))
        while not self._is_listed(made):
            if clock.monotonic() + delay > deadline:
                added: dict[str, t.Any] = {self.kind: (*self.credentials, made)}
                self.state = self.state._replace(**added)
                return
            clock.sleep(delay)
            delay = min(delay * 1.5, 5.0)

    def _is_listed(self, made: AppCredential) -> bool:
        """A failed read is "not yet": the credential was verified, and its text would be lost with the failure."""
        try:
            return made.key_id in {item.key_id for item in self._of(self.reload())}
        except PowerBIError:
            return False

    def _renewal(self) -> Rotation:
        """States present and rotated."""
        desired = DesiredCredential(
            self.params["state"], self.params["display_name"], self.params["key_id"] or "", self.params["rotate_before"]
        )
        current = self.stored()
        if desired.state == "present":
            named = [item for item in self.credentials if item.display_name == desired.display_name]
            current = max(named, key=lambda item: item.ends, default=None)
        reason = reason_for_new(desired, current, self.credentials, self.now)
        before = _shown(self.credentials)
        new = {_NEW: f"{desired.display_name}, expires {timestamp(self.ends)}"} if reason else {}
        return Rotation(plan_whole({**before, **new}, before, label=self._label), reason, current)

    def _removal(self) -> Rotation:
        """State absent.

        Raises ConfigError if the app would be left without any credential, or if the credential of the login would be
        removed.
        """
        params = self.params
        if params["display_name"] is not None and not params["display_name"].strip():
            raise ConfigError("`display_name` is empty", option="display_name", remedy="give the name, or leave it out")
        named, kept_ids = (key_ids(option, params[option] or ()) for option in ("key_ids", "keep_key_ids"))
        removed = to_remove(self.credentials, params["display_name"] or "", named, kept_ids)
        if not params["allow_lockout"]:
            refuse_to_remove_the_last(self.state.secrets, self.state.certificates, removed, self.now)
            refuse_to_remove_the_login(removed, self._login(self.login_thumbprint()))
        removed_ids = tuple(item.key_id for item in removed)
        return Rotation(self._plan(self._before, self._without(removed_ids)), removed=removed_ids)

    def _without(self, removed: t.Collection[str]) -> Application:
        """The app that the plan was made from, without the credentials with these key ids."""
        kept = tuple(item for item in self._of(self._before) if item.key_id not in removed)
        remaining: dict[str, t.Any] = {self.kind: kept}
        return self._before._replace(**remaining)

    def verify_login(self, method: str, options: t.Mapping[str, Secret]) -> float:
        """Log in with the new credential until it has propagated, each time in a new session. Returns the seconds waited.

        Raises NotPropagatedError, AuthError, TransportError.
        """
        session = self._context.session
        credential = Credential(method, "the new credential", self._tenant(), self.state.client_id, dict(options))
        settings = session.settings._replace(credential=credential, scope=session.settings.cloud.scope, min_validity=0)
        return verify_login(settings, session.sender.clock, self.params["propagation_timeout"])

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
        selected = [item for item in candidates if item.key_id == normalise_guid(self.params["key_id"] or "")]
        return selected or candidates

    def _tenant(self) -> str:
        tenant = self.params.get("tenant_id") or self._context.session.settings.credential.tenant_id
        if not tenant:  # a managed identity, or a token that was passed in: it is in the token's claims
            settings = self._context.session.settings
            token = self._context.tokens.token(scope=settings.cloud.graph_scope)
            tenant = str(decode(token.value.reveal()).get("tid") or "")
        return str(tenant)

    def _of(self, state: Application) -> tuple[AppCredential, ...]:
        return state.secrets if self.kind == "secrets" else state.certificates

    def _described(self, state: Application) -> dict[str, t.Any]:
        return {"application": state.to_dict(), self.kind: [item.to_dict() for item in self._of(state)]}

    def _plan(self, before: Application, after: Application) -> Plan:
        old, new = _shown(self._of(before)), _shown(self._of(after))
        return plan_whole(new, old, label=self._label)

    @property
    def _label(self) -> str:
        return f"{_LABELS[self.kind]} of {self.state.display_name}"


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
