# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Where a value comes from, once for modules and plugins: levels of values -> one `Settings`.

A level is one place that can give values: the task's options, then (lookups) variables and ansible.cfg, a profile that
was named, each family of environment variables, the default profile, and last the workload identity of the machine.

The rules, which docs/authentication.md shows as a table:

1. Levels that the user wrote for Ansible (option, vars, ini, a named profile) are explicit and complete each other. A
   profile stands directly below the level that names it.
2. Below them, identity and credential always come from one level: a client_id is never paired with a secret that
   happens to lie in the environment.
3. The credential is that of the highest level that has one, by the auth_method of that level or of a higher one. Two
   kinds in one level are an error.
4. Connection settings are taken one by one from the highest level that has them, but a lower level never overrides
   the cloud of a higher one with its own authority, API or scope.
5. An empty text is as if it was not set.
"""

from __future__ import annotations

import os
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
_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TENANT_CHARACTERS = frozenset(_ALPHANUMERIC + ".-")
_HOST_CHARACTERS = frozenset(_ALPHANUMERIC + ".-_:[]")
_SHARED_TENANTS = ("common", "organizations", "consumers")

# Ways to log in that have no credential to be found by: only their name calls for them.
_NAMED_ONLY = ("managed_identity", "azure_cli", "device_code", "password")

# How a credential is used, rather than what it is: an explicit level may say so for a credential of any level.
_MODIFIERS = frozenset(
    (
        "certificate_password",
        "certificate_thumbprint",
        "send_certificate_chain",
        "federated_audience",
        "service_connection_id",
    )
)


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
            levels.append(Level(f"env:{family}_*", _given(values)))
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
    named = _first(asked, "profile")
    instead = None if named else _first(ambient, "profile")  # of the default one
    if named:
        at = next(index for index, level in enumerate(asked) if "profile" in level.values)
        asked.insert(at + 1, _named_profile(named, read_profile))
    elif instead:
        ambient.append(_named_profile(instead, read_profile)._replace(explicit=False))

    chosen = _choose(asked, ambient)
    if chosen is None and not named and not instead:
        default = read_profile(None)
        if default:
            ambient.append(Level("profile:default", _given(default)))
            chosen = _choose(asked, ambient)
    method = _auth_method([*asked, *ambient])
    if chosen is None:
        chosen = _workload(method, asked, ambient, detect_workload(environ))
    if chosen is None:
        raise _nothing_chosen(method, asked, ambient, explicit)
    return _settings(chosen, [*asked, *ambient])


def _given(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Without what is not set, and with texts as texts: variables, unlike an argument spec's options, may be anything."""
    given = {}
    for name, value in values.items():
        if value is None or value == "":
            continue
        kind = SHARED_OPTIONS[name]["type"]
        if kind in ("str", "path") and not isinstance(value, str):
            value = _text(name, value)
        if kind == "path" and value[0] == "~":
            value = os.path.expanduser(value)
        given[name] = value
    return given


def _text(name: str, value: t.Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    kind = "true or false" if isinstance(value, bool) else "a list or a dictionary"
    raise ConfigError(f"{name} is {kind}", option=name, remedy=f"give {name} as a text, in quotes")


def _first(levels: t.Sequence[Level], option: str) -> t.Any:
    return next((level.values[option] for level in levels if option in level.values), None)


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


def _choose(asked: t.Sequence[Level], ambient: t.Sequence[Level]) -> Credential | None:
    """The credential of the highest level that has one and may be used, or None."""
    method = "auto"
    client_id = _first(asked, "client_id")
    for level in (*asked, *ambient):
        if method == "auto":
            method = _choice(level, "auth_method") or "auto"
        if method in _NAMED_ONLY:
            return _by_name(method, level, asked, ambient)
        kinds = {kind: names for kind, names in _kinds(level).items() if method in ("auto", kind)}
        if not kinds or not any(_belongs(level, kind, client_id) for kind in kinds):
            continue
        return _credential(_only_kind(level, kinds), level, asked, level)
    return None


def _belongs(level: Level, kind: str, client_id: str | None) -> bool:
    """Whether a credential of that level may be used where the client_id in question was asked for (rule 2)."""
    own = level.values.get("client_id")
    if level.explicit or (kind == "access_token" and not client_id):
        return True
    return bool(own) and (not client_id or str(own).lower() == str(client_id).lower())


def _only_kind(level: Level, kinds: dict[str, list[str]]) -> str:
    names = [name for group in kinds.values() for name in group]
    given = f"{' and '.join(names)} are both given ({level.source})"
    if len(kinds) > 1:
        raise ConfigError(
            f"{given}: that is more than one kind of credential",
            option=names[0],
            remedy="give one of them, or say which one counts with auth_method",
        )
    if len(names) > 1 and "federated_provider" not in names:
        raise ConfigError(given, option=names[0], remedy="give one of them")
    return next(iter(kinds))


def _by_name(method: str, naming: Level, asked: t.Sequence[Level], ambient: t.Sequence[Level]) -> Credential | None:
    """The ways to log in that only their name calls for. ``naming`` is the level that did so."""
    levels = (*asked, *ambient)
    nobody = Level(naming.source, {}, True)
    if method == "azure_cli":  # it is whoever signed in; the app of some other place is not
        return _credential(method, nobody, asked, naming)
    if method == "device_code":
        identity = next((level for level in levels if "client_id" in level.values), None)
        return _credential(method, identity, asked, identity) if identity else None
    if method == "password":
        username = _first(asked, "username")
        level = next(
            (
                level
                for level in levels
                if "password" in level.values and (level.explicit or username in (None, level.values.get("username")))
            ),
            None,
        )
        return _credential(method, level, asked, level) if level else None
    # A managed identity's client_id beside a secret belongs to that secret's app, not to the identity.
    names = {"client_id", *METHOD_OPTIONS[method]}
    identity = next(
        (level for level in levels if names & level.values.keys() and (level.explicit or not _kinds(level))), nobody
    )
    return _credential(method, identity, asked, identity)


def _workload(
    method: str, asked: t.Sequence[Level], ambient: t.Sequence[Level], provider: str | None
) -> Credential | None:
    """The pipeline's or pod's own identity, where its environment is there and a client_id says which app trusts it."""
    if method not in ("auto", "federated") or not provider or any(_kinds(level) for level in asked):
        return None
    identity = next((level for level in (*asked, *ambient) if "client_id" in level.values), None)
    if identity is None:
        return None
    connection = _first([*asked, *ambient], "service_connection_id")
    values = {**identity.values, "federated_provider": provider}
    if connection:
        values["service_connection_id"] = connection
    level = Level(f"workload_identity:{provider}", values, identity.explicit)
    return _credential("federated", level, asked, identity)


def _credential(method: str, level: Level, asked: t.Sequence[Level], identity: Level) -> Credential:
    _choice(level, "federated_provider")
    options = {}
    for name, value in _method_options(method, level, asked):
        if value is not None:
            options[name] = Secret(value) if name in SECRET_OPTIONS else value
    tenant_id = client_id = ""  # of a token that somebody else got, the token itself says whose it is
    if method != "access_token":
        tenant_id = _first([*asked, identity], "tenant_id") or ""
    if method not in ("access_token", "azure_cli"):
        client_id = _first([*asked, identity], "client_id") or ""
    credential = Credential(method, level.source, str(tenant_id), str(client_id), options)
    _check_identity(credential)
    return credential


def _method_options(method: str, level: Level, asked: t.Sequence[Level]) -> t.Iterator[tuple[str, t.Any]]:
    """What makes a credential is taken from its level alone; the rest from explicit levels too."""
    own: tuple[str, ...] = CREDENTIAL_KINDS.get(method, ())
    if method == "federated" and not {"federated_token", "federated_token_file"} & level.values.keys():
        own = ()  # only the provider is named here: another explicit level may hold its token
    for name in METHOD_OPTIONS[method]:
        if name in _MODIFIERS:
            yield name, _first([*asked, level], name)
        elif level.explicit and name not in own:
            yield name, _first([level, *asked], name)
        else:
            yield name, level.values.get(name)


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
    if credential.tenant_id and (
        credential.tenant_id[0] in ".-" or not _TENANT_CHARACTERS.issuperset(credential.tenant_id)
    ):
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
        scope=_scope(upper) or cloud.scope,
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


def _url(option: str, value: t.Any) -> str | None:
    if not value:
        return None
    url = str(value).rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    if not _is_https(url):
        shown = f" is {value!r}, which" if "@" not in str(value) else ""  # what stands before an @ may be a password
        raise ConfigError(
            f"{option}{shown} is not an https URL",
            option=option,
            remedy=f"give {option} as https://host or https://host:port, without user, query or fragment",
        )
    return url


def _is_https(url: str) -> bool:
    scheme, _sep, rest = url.partition("://")
    host, _slash, path = rest.partition("/")
    colon, port = host.rpartition(":")[1:] if not host.endswith("]") else ("", "")
    return (
        scheme.lower() == "https"
        and host[:1] not in ("", ".", "-", ":")
        and _HOST_CHARACTERS.issuperset(host)
        and (not colon or port.isdigit())
        and path.isprintable()
        and not set(" ?#{}@\\").intersection(path)
    )


def _scope(levels: t.Sequence[Level]) -> str | None:
    """The scope of the highest level that has one, by either name."""
    level = next((level for level in levels if "scope" in level.values or "resource" in level.values), None)
    if level is None:
        return None
    scope, resource = level.values.get("scope"), level.values.get("resource")
    from_resource = f"{str(resource).rstrip('/')}/.default" if resource else None
    if scope and from_resource not in (None, scope):
        raise ConfigError(
            f"scope and resource are both given and differ ({level.source})",
            option="scope",
            remedy="give one of them; scope is preferred",
        )
    return str(scope) if scope else from_resource


def _seconds(option: str, value: t.Any, default: float) -> float:
    if value is None:
        return default
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf") or (seconds == 0 and option != "min_validity"):
        least = "0 or more" if option == "min_validity" else "more than 0"
        raise ConfigError(f"{option} is {value!r}", option=option, remedy=f"give a number of seconds, {least}")
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
