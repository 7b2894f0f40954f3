# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The exceptions of the collection. Each has a cause and a remedy.

PowerBIError                 what happened; why; the remedy
 +-- ConfigError             an option, variable, file or profile is missing, contradictory or malformed (option)
 |    +-- ContentError       the content to deploy is malformed (problems): _content/problem.py
 +-- MissingLibraryError     a Python library is not installed where the task runs (library)
 +-- AuthError               the identity provider refused (code, correlation_id, timestamp, retryable)
 |    +-- NotPropagatedError not all of Entra ID accepts a new credential in time: _auth/propagation.py
 +-- TransportError          no usable response: name not found, refused, TLS, proxy, timeout, not JSON (url, sent)
 +-- DriftError              the workspace differs from the folder (results): _deploy/drift.py
 +-- DefectError             any other exception: a defect of the collection
 +-- ServiceError            a service reports a failure (code, request_id, caller, ...)
      +-- ApiError           Power BI, Fabric, Graph or a vault responded with an error (status)
      |    +-- NotFoundError      404, or the service's code where the caller may not see a resource
      |    +-- ForbiddenError     401 or 403
      |    +-- ConflictError      409, or a name that is taken
      |    +-- ThrottledError     429 or 503 for longer than the time budget (retry_after)
      +-- OperationFailedError    a long-running operation failed (result)
           +-- OperationTimeoutError   it did not end within `timeout` (result)
           +-- FailedItemsError        some items of a task failed (results): _failed_items.py

They are raised in the lower layers, with ``from``, and become a module failure or an AnsibleError in exactly one place per
entry point. No error contains a secret, a header or a request body: Ansible does not mask the text that users see.
"""

from __future__ import annotations

import typing as t


class PowerBIError(Exception):
    """``what`` happened, ``why`` as far as the cause is known, and the ``remedy``.

    ``details`` are further facts for results and support, as JSON-ready values: ids, codes, times, never secrets.
    ``results`` are return values of a module that fails, at the top level of its result.
    """

    kind = "error"

    def __init__(self, what: str, *, why: str = "", remedy: str = "", **details: t.Any) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.remedy = remedy
        self.details = {key: value for key, value in details.items() if value not in (None, "")}
        self.results: dict[str, t.Any] = {}

    def __str__(self) -> str:
        return " ".join(part if part.endswith((".", "?", "!")) else part + "." for part in self._parts() if part)

    def _parts(self) -> tuple[str, ...]:
        return (self.what, self.why, f"Remedy: {self.remedy}" if self.remedy else "")

    def to_dict(self) -> dict[str, t.Any]:
        """The error as a result value: kind, what, why, remedy and the details."""
        return {"kind": self.kind, "what": self.what, "why": self.why, "remedy": self.remedy, **self.details}


class ConfigError(PowerBIError):
    """Invalid input of the user. ``option`` names the option (or variable, or file) at fault."""

    kind = "config"

    def __init__(self, what: str, *, option: str = "", why: str = "", remedy: str = "") -> None:
        super().__init__(what, why=why, remedy=remedy, option=option)
        self.option = option


class NoCredentialError(ConfigError):
    """No configuration source has a credential."""


class ProfileNotFoundError(ConfigError):
    """The profiles file has no section of that name."""


class MissingLibraryError(PowerBIError):
    """A Python library is missing on the host where the task runs. ``faults`` and ``cause`` are for `_requirements` alone."""

    kind = "missing_library"
    faults: tuple[t.Any, ...] = ()
    cause: BaseException | None = None

    def __init__(self, library: str, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what, why=why, remedy=remedy, library=library)
        self.library = library


class AuthError(PowerBIError):
    """The identity provider refused, or its token can't be used.

    ``code`` is the provider's (AADSTS number without the prefix, or an OAuth error word); ``retryable`` is whether the
    same request may succeed later.
    """

    kind = "auth"

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        remedy: str = "",
        code: str = "",
        retryable: bool = False,
        correlation_id: str = "",
        trace_id: str = "",
        timestamp: str = "",
        **details: t.Any,
    ) -> None:
        super().__init__(
            what,
            why=why,
            remedy=remedy,
            code=code,
            retryable=retryable,
            correlation_id=correlation_id,
            trace_id=trace_id,
            timestamp=timestamp,
            **details,
        )
        self.code = code
        self.retryable = retryable
        self.correlation_id = correlation_id
        self.timestamp = timestamp

    def _parts(self) -> tuple[str, ...]:
        support = ", ".join(
            f"{name} {value}"
            for name, value in (("correlation id", self.correlation_id), ("timestamp", self.timestamp))
            if value
        )
        return (*super()._parts(), f"For support: {support}" if support else "")


class TransportError(PowerBIError):
    """No usable response arrived. ``sent`` is False only when the server can't have received the request.

    ``retryable`` is False when a retry would fail in the same way: an untrusted certificate, a name that does not exist.
    """

    kind = "transport"

    def __init__(
        self, what: str, *, why: str = "", remedy: str = "", url: str = "", sent: bool = True, retryable: bool = True
    ) -> None:
        super().__init__(what, why=why, remedy=remedy, url=url)
        self.url = url
        self.sent = sent
        self.retryable = retryable


class ServiceError(PowerBIError):
    """A failure that a service reports. ``code`` is the service's, ``request_id`` is for its support.

    Details, as far as they are known: ``message`` (the service's text, which ``what`` does not repeat), ``caller`` (who
    was refused), ``more_details``, ``related_resource`` (``id`` and ``type``).
    """

    SUPPORT = ("code", "message", "request_id", "retriable", "related_resource", "more_details", "caller")

    @property
    def code(self) -> str:
        """The service's error code, empty without one."""
        return str(self.details.get("code", ""))

    @property
    def request_id(self) -> str:
        """The service's request id, empty without one."""
        return str(self.details.get("request_id", ""))

    def support(self) -> dict[str, t.Any]:
        """The details to copy into an error that replaces this one."""
        return {name: self.details[name] for name in self.SUPPORT if name in self.details}

    def _parts(self) -> tuple[str, ...]:
        related, caller = self.details.get("related_resource") or {}, self.details.get("caller") or {}
        resource = " ".join(related[key] for key in ("type", "id") if key in related)
        what, *others = super()._parts()
        message = str(self.details.get("message", ""))
        return (
            f"{what}: {message}" if message else what,
            *others,
            f"Related resource: {resource}" if resource else "",
            f"Caller: {_caller_text(caller)}" if caller else "",
            f"For support: request id {self.request_id}" if self.request_id else "",
        )


class ApiError(ServiceError):
    """An API responded with an error of HTTP status ``status``."""

    kind = "api"

    def __init__(
        self,
        what: str,
        *,
        status: int,
        code: str = "",
        request_id: str = "",
        why: str = "",
        remedy: str = "",
        **details: t.Any,
    ) -> None:
        super().__init__(what, why=why, remedy=remedy, status=status, code=code, request_id=request_id, **details)
        self.status = status


class NotFoundError(ApiError):
    """The resource does not exist, or the caller may not see it."""

    kind = "not_found"


class ForbiddenError(ApiError):
    """The caller is known but may not do this (401 or 403)."""

    kind = "forbidden"


class ConflictError(ApiError):
    """The state of the service contradicts the request: a name is taken, another operation runs."""

    kind = "conflict"


class ThrottledError(ApiError):
    """The service requires a longer wait than the time budget allows. ``retry_after`` in seconds."""

    kind = "throttled"

    def __init__(self, what: str, *, retry_after: float | None = None, **kwargs: t.Any) -> None:
        super().__init__(what, retry_after=retry_after, **kwargs)
        self.retry_after = retry_after


class OperationFailedError(ServiceError):
    """A long-running operation failed. ``result`` is the service's last response about it."""

    kind = "operation_failed"

    def __init__(self, what: str, *, result: t.Any = None, why: str = "", remedy: str = "", **details: t.Any) -> None:
        super().__init__(what, why=why, remedy=remedy, **details)
        self.result = result  # not a detail: it duplicates the error, and is not redacted


class OperationTimeoutError(OperationFailedError):
    """A long-running operation did not end in time; it may still be running. ``result`` is its last known state."""

    kind = "operation_timeout"


def listed(texts: t.Iterable[str], most: int = 20, *, separator: str = ", ") -> str:
    """The first ``most`` texts, and the number of the others, to keep messages short: ``a, b and 4,555 more``."""
    items = list(texts)
    more = len(items) - most
    return separator.join(items[:most]) + (f" and {more:,} more" if more > 0 else "")


def _caller_text(caller: t.Mapping[str, str]) -> str:
    """The caller in one line: ``app 1111 (object id of its enterprise application 2222, tenant 3333)``."""
    person = caller.get("type") == "user"
    name = (caller.get("user") if person else "") or caller.get("client_id", "")
    parts = (
        ("through app", caller.get("client_id") if person and caller.get("user") else ""),
        ("object id of its enterprise application", "" if person else caller.get("object_id")),
        ("tenant", caller.get("tenant_id")),
    )
    more = ", ".join(f"{label} {value}" for label, value in parts if value)
    source = f", credential from {caller['auth_source']}" if caller.get("auth_source") else ""
    return f"{caller.get('type', 'app')} {name}".strip() + (f" ({more})" if more else "") + source


class DefectError(PowerBIError):
    """An exception that is not one of these: a defect of the collection."""

    kind = "defect"


def defect_of(error: BaseException) -> DefectError:
    """The error for an unexpected exception, with its type and place. Its text may contain a secret."""
    import os
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = next(
        (f"{os.path.basename(f.filename)}:{f.lineno}" for f in reversed(frames) if "powerbi" in f.filename), "?"
    )
    return DefectError(
        f"community.powerbi ran into a defect of its own ({type(error).__name__} at {place})",
        remedy="report it with this line and the versions of ansible-core and the collection",
    )
