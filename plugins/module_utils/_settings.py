# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Where a value comes from, once for modules and plugins: levels of values -> one `Settings`.

A level is one place that can give values: the task's options, then (lookups) variables and ansible.cfg, a profile that
was named, each family of environment variables, the default profile, and last the workload identity of the machine.

The rules, which docs/authentication.md shows as a table:

1. Levels that the user wrote for Ansible (option, vars, ini, a named profile) are explicit and complete each other.
2. Below them, identity and credential always come from one level: a client_id is never paired with a secret that
   happens to lie in the environment.
3. The credential is that of the highest level that has one. Two kinds in one level are an error.
4. Connection settings are taken one by one from the highest level that has them, but a lower level never overrides
   the cloud of a higher one with its own authority, API or scope.
5. An empty text is as if it was not set.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._clouds import CLOUD_ALIASES, CLOUDS, Cloud
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._options import (
    CREDENTIAL_KINDS,
    ENVIRONMENT,
    METHOD_OPTIONS,
    SHARED_OPTIONS,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret import Secret

SECRET_OPTIONS = frozenset(name for name, spec in SHARED_OPTIONS.items() if spec.get("no_log"))
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")
_SHARED_TENANTS = ("common", "organizations", "consumers")


class Level(t.NamedTuple):
    """One place that gives values. ``source`` is what results call it; ``explicit`` as in rule 1."""

    source: str
    values: dict[str, t.Any]
    explicit: bool = False


class Credential(t.NamedTuple):
    """One way to log in, and what it needs: who (tenant_id, client_id) and the method's own options."""

    method: str
    source: str
    tenant_id: str
    client_id: str
    options: dict[str, t.Any]

    def text(self, option: str) -> str | None:
        """An option of the method that is no secret, or None."""
        value = self.options.get(option)
        return None if value is None else str(value)

    def secret(self, option: str) -> Secret | None:
        return t.cast("Secret | None", self.options.get(option))


class Settings(t.NamedTuple):
    """All that is needed to get a token and to call an API. URLs without a trailing slash; times in seconds."""

    credential: Credential
    cloud: Cloud
    authority: str
    api_url: str
    scope: str
    ca_path: str | None
    proxy: Secret | None
    timeout: float
    request_timeout: float
    min_validity: int
    cache: str


def environment_levels(environ: t.Mapping[str, str]) -> list[Level]:
    """The families of environment variables that have anything set, highest first."""
    levels = []
    for family, variables in ENVIRONMENT.items():
        values = {}
        for option, names in variables.items():
            for name in names:
                if environ.get(name):
                    values[option] = environ[name]
                    break
        if values:
            levels.append(Level(f"env:{family}_*", values))
    return levels


def resolve(
    explicit: t.Sequence[Level],
    environ: t.Mapping[str, str],
    read_profile: t.Callable[[str | None], dict[str, t.Any] | None],
    detect_workload: t.Callable[[t.Mapping[str, str]], str | None],
) -> Settings:
    """Decide which values count.

    ``read_profile(name)`` gives the values of a profile, or None where there is no file; with None it gives the
    default profile or None. ``detect_workload`` names the federated provider whose environment this is, or None.

    Raises ConfigError, with the option at fault and the remedy.
    """
    asked = [Level(level.source, _given(level.values), True) for level in explicit]
    ambient = environment_levels(environ)
    name = _first(asked, "profile")
    if name:
        asked.append(_named_profile(name, read_profile))
    elif _first(ambient, "profile"):
        ambient.append(_named_profile(_first(ambient, "profile"), read_profile)._replace(explicit=False))

    method = _auth_method([*asked, *ambient])
    chosen = _choose(method, asked, ambient)
    if chosen is None and not name and not _first(ambient, "profile"):
        default = read_profile(None)
        if default:
            ambient.append(Level("profile:default", _given(default)))
            method = method if method != "auto" else _auth_method(ambient[-1:])
            chosen = _choose(method, asked, ambient)
    if chosen is None:
        chosen = _workload(method, asked, ambient, detect_workload(environ))
    if chosen is None:
        raise _nothing_chosen(method, asked, ambient, explicit)
    return _settings(chosen, [*asked, *ambient])


def _given(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {key: value for key, value in values.items() if value is not None and value != ""}


def _first(levels: t.Sequence[Level], option: str) -> t.Any:
    return next((level.values[option] for level in levels if level.values.get(option)), None)


def _named_profile(name: str, read_profile: t.Callable[[str | None], dict[str, t.Any] | None]) -> Level:
    values = read_profile(name)
    if values is None:
        raise ConfigError(
            f"profile is {name!r}, but there is no profiles file",
            option="profile",
            remedy="write ~/.config/powerbi/profiles.ini (mode 0600) or name another file in POWERBI_PROFILES_FILE",
        )
    return Level(f"profile:{name}", _given(values), True)


def _auth_method(levels: t.Sequence[Level]) -> str:
    methods = (_choice(level, "auth_method") for level in levels)
    return next((method for method in methods if method and method != "auto"), "auto")


def _choice(level: Level, option: str) -> str | None:
    """The value of an option that has choices. An argument spec has checked it; an environment or a profile has not."""
    value = level.values.get(option)
    choices = SHARED_OPTIONS[option]["choices"]
    if value is not None and value not in choices:
        raise ConfigError(
            f"{option} is {value!r} ({level.source})", option=option, remedy="use one of " + ", ".join(choices)
        )
    return value


def _kinds(level: Level) -> dict[str, list[str]]:
    """The kinds of credentials in a level, each with the options that make it."""
    found = {}
    for kind, options in CREDENTIAL_KINDS.items():
        names = [name for name in options if name in level.values and level.values[name] != "auto"]
        if names:
            found[kind] = names
    return found


def _choose(method: str, asked: t.Sequence[Level], ambient: t.Sequence[Level]) -> Credential | None:
    """The credential of the highest level that has one the method can use, or None."""
    if method in ("managed_identity", "azure_cli", "device_code", "password"):
        return _without_kind(method, asked, ambient)
    client_id = _first(asked, "client_id")
    for level in (*asked, *ambient):
        kinds = _kinds(level)
        if method != "auto":
            kinds = {kind: names for kind, names in kinds.items() if kind == method}
        if len(kinds) > 1:
            names = [name for group in kinds.values() for name in group]
            raise ConfigError(
                f"{' and '.join(names)} are both given ({level.source}): that is more than one kind of credential",
                option=names[0],
                remedy="give one of them, or say which one counts with auth_method",
            )
        if not kinds:
            continue
        kind, names = next(iter(kinds.items()))
        if len(names) > 1 and kind != "federated":
            raise ConfigError(
                f"{' and '.join(names)} are both given ({level.source})", option=names[0], remedy="give one of them"
            )
        if not level.explicit and kind != "access_token":
            own = level.values.get("client_id")
            if not own or (client_id and own.lower() != client_id.lower()):
                continue  # rule 2: never pair an identity with the credential of another place
        return _credential(kind, level, asked, level)
    return None


def _without_kind(method: str, asked: t.Sequence[Level], ambient: t.Sequence[Level]) -> Credential | None:
    """Ways to log in that were named and need no credential of their own to be found."""
    if method == "password":
        level = next((lv for lv in (*asked, *ambient) if lv.values.get("password")), None)
        return _credential(method, level, asked, level) if level else None
    # A managed identity's client_id beside a secret belongs to that secret's app, not to the identity.
    identity = next(
        (lv for lv in (*asked, *ambient) if lv.values.get("client_id") and (lv.explicit or not _kinds(lv))), None
    )
    if method == "device_code":
        identity = next((lv for lv in (*asked, *ambient) if lv.values.get("client_id")), None)
        if identity is None:
            return None
    return _credential(method, Level(identity.source if identity else "option", {}, True), asked, identity)


def _workload(
    method: str, asked: t.Sequence[Level], ambient: t.Sequence[Level], provider: str | None
) -> Credential | None:
    """The pipeline's or pod's own identity, where its environment is there and a client_id says which app trusts it."""
    if method not in ("auto", "federated") or not provider or any(_kinds(level) for level in asked):
        return None
    identity = next((lv for lv in (*asked, *ambient) if lv.values.get("client_id")), None)
    if identity is None:
        return None
    connection = _first([*asked, *ambient], "service_connection_id")
    values = {**identity.values, "federated_provider": provider}
    if connection:
        values["service_connection_id"] = connection
    level = Level(f"workload_identity:{provider}", values, identity.explicit)
    return _credential("federated", level, asked, identity)


def _credential(method: str, level: Level, asked: t.Sequence[Level], identity: Level | None) -> Credential:
    _choice(level, "federated_provider")
    options = {}
    for name in METHOD_OPTIONS[method]:
        value = level.values.get(name)
        if value is None and level.explicit:
            value = _first(asked, name) if name not in CREDENTIAL_KINDS.get(method, ()) else None
        if value is not None:
            options[name] = Secret(value) if name in SECRET_OPTIONS else value
    tenant_id = _first(asked, "tenant_id") or (identity.values.get("tenant_id") if identity else None) or ""
    client_id = _first(asked, "client_id") or (identity.values.get("client_id") if identity else None) or ""
    credential = Credential(method, level.source, str(tenant_id), str(client_id), options)
    _check_identity(credential)
    return credential


def _check_identity(credential: Credential) -> None:
    where = f"the credential comes from {credential.source}"
    if credential.method in ("client_secret", "certificate", "federated", "device_code", "password"):
        for option, value in (("tenant_id", credential.tenant_id), ("client_id", credential.client_id)):
            if not value:
                raise ConfigError(
                    f"{option} is not set",
                    option=option,
                    why=f"{where}, and identity and credential are always taken from the same place",
                    remedy=f"set {option} there too, or give all of it as options",
                )
    if credential.tenant_id and not _TENANT.match(credential.tenant_id):
        raise ConfigError(
            f"tenant_id is {credential.tenant_id!r}, which is neither a GUID nor a domain name",
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


def _settings(credential: Credential, levels: t.Sequence[Level]) -> Settings:
    cloud, reach = _cloud(levels)
    upper = levels[:reach]  # rule 4: no lower level speaks about a cloud that a higher one has chosen
    authority = _url("authority", _first(upper, "authority")) or cloud.authority
    api_url = _url("api_url", _first(upper, "api_url")) or cloud.powerbi_url
    proxy = _first(levels, "proxy")
    return Settings(
        credential=credential,
        cloud=cloud,
        authority=authority,
        api_url=api_url,
        scope=_scope(_first(upper, "scope"), _first(upper, "resource")) or cloud.scope,
        ca_path=_first(levels, "ca_path"),
        proxy=Secret(proxy) if proxy else None,
        timeout=_seconds("timeout", _first(levels, "timeout"), 120.0),
        request_timeout=_seconds("request_timeout", _first(levels, "request_timeout"), 30.0),
        min_validity=int(_seconds("min_validity", _first(levels, "min_validity"), 300)),
        cache=next((cache for cache in (_choice(level, "cache") for level in levels) if cache), "run"),
    )


def _cloud(levels: t.Sequence[Level]) -> tuple[Cloud, int]:
    """The cloud, and how many levels (from the top) may speak about its authority, API and scope."""
    for index, level in enumerate(levels):
        name = level.values.get("cloud")
        if name:
            key = str(name).lower().replace("-", "_")
            cloud = CLOUDS.get(CLOUD_ALIASES.get(key.replace("_", ""), key))
            if cloud is None:
                raise ConfigError(
                    f"cloud is {name!r} ({level.source})", option="cloud", remedy="use one of " + ", ".join(CLOUDS)
                )
            return cloud, index + 1
    return CLOUDS["public"], len(levels)


def _url(option: str, value: str | None) -> str | None:
    if not value:
        return None
    url = str(value).rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    scheme, _sep, rest = url.partition("://")
    if scheme != "https" or not rest or "@" in rest.partition("/")[0] or re.search(r"[\s?#{}]", rest):
        raise ConfigError(
            f"{option} is {value!r}, which is not an https URL",
            option=option,
            remedy=f"give {option} as https://host or https://host:port, without user, query or fragment",
        )
    return url


def _scope(scope: str | None, resource: str | None) -> str | None:
    if scope and resource and scope != f"{resource.rstrip('/')}/.default":
        raise ConfigError(
            "scope and resource are both given and differ",
            option="scope",
            remedy="give one of them; scope is preferred",
        )
    return scope or (f"{resource.rstrip('/')}/.default" if resource else None)


def _seconds(option: str, value: t.Any, default: float) -> float:
    if value is None:
        return default
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf") or (seconds == 0 and option != "min_validity"):
        raise ConfigError(f"{option} is {value!r}", option=option, remedy="give a number of seconds above 0")
    return seconds


def _nothing_chosen(
    method: str, asked: t.Sequence[Level], ambient: t.Sequence[Level], raw: t.Sequence[Level]
) -> ConfigError:
    """Why no credential could be chosen, naming what was seen on the way."""
    seen = [f"{level.source} has {name}" for level in ambient for names in _kinds(level).values() for name in names[:1]]
    empty = sorted(
        {name for level in raw for name in level.values if name in SECRET_OPTIONS and level.values[name] == ""}
    )
    why = []
    if empty:
        why.append(f"{', '.join(empty)} is given but empty: check that the variable behind it has a value")
    if _first(asked, "client_id") and seen:
        why.append(f"client_id is given, and {'; '.join(seen)}, but an app is never paired with another place's secret")
    elif seen and method == "auto":
        why.append(f"{'; '.join(seen)}, but the same place has no client_id")
    if any(level.values.get("password") for level in asked) and method == "auto":
        why.append("a password is given, which is used only with auth_method: password")
    if method != "auto":
        needs = CREDENTIAL_KINDS.get(method) or ("client_id",) if method != "password" else ("username", "password")
        return ConfigError(
            f"auth_method is {method}, but {' or '.join(needs)} is not set",
            option=needs[0],
            why=". ".join(why),
            remedy=f"set {' or '.join(needs)}, here, in the environment (POWERBI_*) or in a profile",
        )
    return ConfigError(
        "no credential is set",
        option="client_secret",
        why=". ".join(why),
        remedy="set tenant_id, client_id and one of client_secret, client_secret_file, certificate_path, "
        "certificate_data, federated_token, federated_token_file; or access_token alone; as options, as POWERBI_*, "
        "FABRIC_*, AZURE_* or ARM_* environment variables, or in ~/.config/powerbi/profiles.ini. "
        "A managed identity or a signed-in az is used only when auth_method names it",
    )
