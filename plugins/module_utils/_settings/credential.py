# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Selects the credential from the configuration sources: rules 1 to 3 of `resolve.py`."""

from __future__ import annotations

import os
import re
import string
import typing as t

from .._errors import ConfigError
from .._secret import Secret
from .options import CREDENTIAL_KINDS, METHOD_OPTIONS, SECRET_OPTIONS
from .sources import ConfigSource, checked_choice, first_value

_TENANT_CHARACTERS = frozenset(string.ascii_letters + string.digits + ".-")
# A short text that can't be a misplaced secret, such as a placeholder.
_SHORT_WORD = re.compile(r"[<{$]?[A-Za-z0-9_. -]{0,16}[>}]?\Z")
_SHARED_TENANTS = ("common", "organizations", "consumers")

# Login methods without an option that holds a credential: only `auth_method` selects them.
_NAMED_ONLY = ("managed_identity", "azure_cli", "device_code", "password")

# Options about the use of a credential: an explicit source may set them for a credential of any source.
_MODIFIERS = frozenset(
    (
        "certificate_password",
        "certificate_thumbprint",
        "send_certificate_chain",
        "federated_audience",
        "service_connection_id",
    )
)


class Credential(t.NamedTuple):
    """A login method, its identity (tenant_id, client_id) and the method's options."""

    method: str
    source: str
    tenant_id: str
    client_id: str
    options: dict[str, t.Any]
    explicit: bool = True  # as in rule 1 of `resolve.py`

    def text(self, option: str) -> str | None:
        """An option of the method that is no secret, or None."""
        value = self.options.get(option)
        return None if value is None else str(value)

    def secret(self, option: str) -> Secret | None:
        """An option of the method that is a secret, or None."""
        return t.cast("Secret | None", self.options.get(option))


def select_credential(
    explicit_sources: t.Sequence[ConfigSource], implicit_sources: t.Sequence[ConfigSource]
) -> Credential | None:
    """The credential of the source with the highest precedence that has one and may be used, or None."""
    method = "auto"
    client_id = first_value(explicit_sources, "client_id")
    for source in (*explicit_sources, *implicit_sources):
        if method == "auto":
            method = checked_choice(source, "auth_method") or "auto"
        if method in _NAMED_ONLY:
            return _by_name(method, source, explicit_sources, implicit_sources)
        kinds = {kind: names for kind, names in kinds_of(source).items() if method in ("auto", kind)}
        if not kinds or not any(_matches_client(source, kind, client_id) for kind in kinds):
            continue
        return _credential(_only_kind(source, kinds), source, explicit_sources, source)
    return None


def auth_method(sources: t.Sequence[ConfigSource]) -> str:
    """The `auth_method` with the highest precedence, ``auto`` without one. Raises ConfigError for an unknown one."""
    methods = (checked_choice(source, "auth_method") for source in sources)
    return next((method for method in methods if method and method != "auto"), "auto")


def kinds_of(source: ConfigSource) -> dict[str, list[str]]:
    """The kinds of credentials in a source, each with its options that are set."""
    kinds = {}
    for kind, options in CREDENTIAL_KINDS.items():
        names = [name for name in options if name in source.values and source.values[name] != "auto"]
        if names:
            kinds[kind] = names
    return kinds


def _matches_client(source: ConfigSource, kind: str, client_id: str | None) -> bool:
    """Whether a credential of that source may be used for that ``client_id`` (rule 2)."""
    own = source.values.get("client_id")
    if source.explicit or (kind == "access_token" and not client_id):
        return True
    return bool(own) and (not client_id or str(own).lower() == str(client_id).lower())


def _only_kind(source: ConfigSource, kinds: dict[str, list[str]]) -> str:
    names = [name for group in kinds.values() for name in group]
    conflict = f"{' and '.join(names)} are both given ({source.name})"
    if len(kinds) > 1:
        raise ConfigError(
            f"{conflict}: that is more than one kind of credential",
            option=names[0],
            remedy="give one of them, or select one with auth_method",
        )
    if len(names) > 1 and "federated_provider" not in names:
        raise ConfigError(conflict, option=names[0], remedy="give one of them")
    return next(iter(kinds))


def _by_name(
    method: str,
    naming: ConfigSource,
    explicit_sources: t.Sequence[ConfigSource],
    implicit_sources: t.Sequence[ConfigSource],
) -> Credential | None:
    """The credential of a login method that only `auth_method` selects. ``naming`` is the source that sets it."""
    sources = (*explicit_sources, *implicit_sources)
    no_identity = ConfigSource(naming.name, {}, naming.explicit)
    if method == "azure_cli":  # its identity is the signed-in account, not an app of another source
        return _credential(method, no_identity, explicit_sources, naming)
    if method == "device_code":
        identity = next((source for source in sources if "client_id" in source.values), None)
        return _credential(method, identity, explicit_sources, identity) if identity else None
    if method == "password":
        username = first_value(explicit_sources, "username")
        source = next(
            (
                source
                for source in sources
                if "password" in source.values
                and (source.explicit or username in (None, source.values.get("username")))
            ),
            None,
        )
        return _credential(method, source, explicit_sources, source) if source else None
    # A managed identity's client_id beside a secret belongs to that secret's app, not to the identity.
    names = {"client_id", *METHOD_OPTIONS[method]}
    identity = next(
        (source for source in sources if names & source.values.keys() and (source.explicit or not kinds_of(source))),
        no_identity,
    )
    return _credential(method, identity, explicit_sources, identity)


def workload(
    method: str,
    explicit_sources: t.Sequence[ConfigSource],
    implicit_sources: t.Sequence[ConfigSource],
    provider: str | None,
) -> Credential | None:
    """The identity of the pipeline's job or pod, where its environment is detected and a client_id is set."""
    if method not in ("auto", "federated") or not provider or any(kinds_of(source) for source in explicit_sources):
        return None
    identity = next((source for source in (*explicit_sources, *implicit_sources) if "client_id" in source.values), None)
    if identity is None:
        return None
    connection = first_value([*explicit_sources, *implicit_sources], "service_connection_id")
    values = {**identity.values, "federated_provider": provider}
    if connection:
        values["service_connection_id"] = connection
    source = ConfigSource(f"workload_identity:{provider}", values, identity.explicit)
    return _credential("federated", source, explicit_sources, identity)


def _credential(
    method: str, source: ConfigSource, explicit_sources: t.Sequence[ConfigSource], identity: ConfigSource
) -> Credential:
    checked_choice(source, "federated_provider")
    options = {}
    for name, value in _method_options(method, source, explicit_sources):
        if value is not None:
            options[name] = Secret(value) if name in SECRET_OPTIONS else value
    tenant_id = client_id = ""  # a passed-in token carries its own identity
    if method != "access_token":
        tenant_id = first_value([*explicit_sources, identity], "tenant_id") or ""
    if method not in ("access_token", "azure_cli"):
        client_id = first_value([*explicit_sources, identity], "client_id") or ""
    credential = Credential(method, source.name, str(tenant_id), str(client_id), options, source.explicit)
    _check_identity(credential)
    return credential


def _method_options(
    method: str, source: ConfigSource, explicit_sources: t.Sequence[ConfigSource]
) -> t.Iterator[tuple[str, t.Any]]:
    """The options of a credential: those of its kind from its source alone, the others from explicit sources too."""
    own: tuple[str, ...] = CREDENTIAL_KINDS.get(method, ())
    if method == "federated" and not {"federated_token", "federated_token_file"} & source.values.keys():
        own = ()  # only the provider is named here: another explicit source may have its token
    for name in METHOD_OPTIONS[method]:
        if name in _MODIFIERS:
            yield name, first_value([*explicit_sources, source], name)
        elif source.explicit and name not in own:
            yield name, first_value([source, *explicit_sources], name)
        else:
            yield name, source.values.get(name)


def _check_identity(credential: Credential) -> None:
    where = f"the credential comes from {credential.source}"
    if credential.method in ("client_secret", "certificate", "federated", "device_code", "password"):
        for option, value in (("tenant_id", credential.tenant_id), ("client_id", credential.client_id)):
            if not value:
                raise ConfigError(
                    f"{option} is not set",
                    option=option,
                    why=f"{where}, and the ids must come from the same source as the secret",
                    remedy=(
                        f"give {option} as an option too"
                        if credential.source == "option"
                        else f"set {option} there too, or give the ids and the secret as options"
                    ),
                )
    if credential.tenant_id and (
        credential.tenant_id[0] in ".-" or not _TENANT_CHARACTERS.issuperset(credential.tenant_id)
    ):
        shown = f" is {credential.tenant_id!r}, which" if _SHORT_WORD.match(credential.tenant_id) else ""
        raise ConfigError(
            f"tenant_id{shown} is neither a GUID nor a domain name",
            option="tenant_id",
            why="a template that was not rendered, or a stray character",
            remedy="give the Directory (tenant) ID of the Entra admin centre's overview page",
        )
    if credential.tenant_id in _SHARED_TENANTS and credential.method in ("client_secret", "certificate", "federated"):
        raise ConfigError(
            f"tenant_id is {credential.tenant_id!r}",
            option="tenant_id",
            why="an app logs in to one tenant; Power BI refuses tokens of the shared endpoints",
            remedy="give the tenant's GUID or domain name",
        )


def read_file(option: str, path: str) -> bytes:
    """The content of a file of the credential. Raises ConfigError that names the option."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigError(
            f"{option} is {path!r}, which can't be read: {error.strerror}",
            option=option,
            remedy="check the path and its permissions, on the host where the task runs",
        ) from error
