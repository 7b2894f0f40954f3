# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Configuration sources, in their order of precedence -> one `Settings`, for modules and plugins.

The sources, in their precedence: the task's options, then (lookups) variables and ansible.cfg, a named profile, each
family of environment variables, the default profile, and last the workload identity of the machine.

The rules, which docs/authentication.md shows as a table:

1. Sources that the user wrote for Ansible (option, vars, ini, a named profile) are explicit and complete each other. A
   profile comes directly below the source that names it (`profile_sources.py`).
2. Below them, identity and credential always come from one source: a client_id is never paired with a secret from an
   unrelated environment variable.
3. The credential is that of the highest source that has one, by the auth_method of that source or of a higher one. Two
   kinds in one source are an error.
4. Each connection setting is taken from the highest source that has it, but a lower source never overrides the cloud of
   a higher one with its own authority, API or scope.
5. An empty text counts as not set.
"""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .._secret import Secret
from .._urls import is_https_base
from .clouds import CLOUD_ALIASES, CLOUDS, Cloud
from .credential import Credential, auth_method, select_credential, workload
from .no_credential import no_credential_error
from .profile_sources import ProfileFiles, default_profiles, place_profiles, selected_auth_source, with_method
from .sources import ConfigSource, checked_choice, clean, environment_sources, first_value

_QUOTA = 200  # calls a minute that the services allow an identity, for each kind of API
_HIGHEST_RATE = 100_000

__all__ = ["ConfigSource", "Credential", "Settings", "resolve"]


class Settings(t.NamedTuple):
    """All that is needed to get a token and to call an API. URLs without a trailing slash; times in seconds.

    ``rate_limit`` is in calls a minute for each kind of API; 0: none.
    """

    credential: Credential
    cloud: Cloud
    authority: str
    api_url: str
    scope: str
    ca_path: str | None
    proxy: Secret | None
    timeout: float
    retry_timeout: float
    rate_limit: int
    min_validity: int
    cache: str


def resolve(
    explicit: t.Sequence[ConfigSource],
    environ: t.Mapping[str, str],
    read_profile: t.Callable[[str | None], dict[str, t.Any] | None],
    detect_workload: t.Callable[[t.Mapping[str, str]], str | None],
    read_azure_profile: t.Callable[[str], dict[str, t.Any] | None] = lambda _name: None,
) -> Settings:
    """Resolve all settings by precedence.

    ``read_profile(name)`` gives the values of a profile, or None where there is no file; with None it gives the
    default profile or None. ``read_azure_profile(name)`` gives those of a section of ~/.azure/credentials, or None.
    ``detect_workload`` names the federated provider whose environment this is, or None.

    Raises ConfigError, with the option at fault and the remedy.
    """
    files = ProfileFiles(read_profile, read_azure_profile)
    explicit_sources = [with_method(clean(source._replace(explicit=True))) for source in explicit]
    implicit_sources = [with_method(source) for source in environment_sources(environ)]
    explicit_sources, implicit_sources, may_default = place_profiles(explicit_sources, implicit_sources, environ, files)

    chosen = select_credential(explicit_sources, implicit_sources)
    if chosen is None and may_default:
        for source in default_profiles(files):
            implicit_sources.append(source)
            chosen = select_credential(explicit_sources, implicit_sources)
            if chosen is not None:
                break
    method = auth_method([*explicit_sources, *implicit_sources])
    if chosen is None:
        provider = (
            detect_workload(environ) if selected_auth_source([*explicit_sources, *implicit_sources]) == "auto" else None
        )
        chosen = workload(method, explicit_sources, implicit_sources, provider)
        if chosen is None:
            raise no_credential_error(method, explicit_sources, implicit_sources, explicit, environ, provider)
    return _settings(chosen, [*explicit_sources, *implicit_sources])


def _settings(credential: Credential, sources: t.Sequence[ConfigSource]) -> Settings:
    if first_value(sources, "cert_validation_mode") == "ignore":
        raise ConfigError(
            "cert_validation_mode is ignore, but TLS certificates are always verified",
            option="cert_validation_mode",
            remedy="give the CA of a private endpoint or proxy as ca_path",
        )
    cloud, reach = _cloud(sources)
    upper = sources[:reach]  # rule 4: no lower source sets URLs of a cloud that a higher one has chosen
    authority = _url("authority", first_value(upper, "authority")) or cloud.authority
    _refuse_ending("authority", authority, ("/common", "/organizations", f"/{credential.tenant_id}"), "the tenant")
    api_url = _url("api_url", first_value(upper, "api_url")) or cloud.powerbi_url
    _refuse_ending("api_url", api_url, ("/v1.0", "/v1.0/myorg"), "the API's version")
    proxy = first_value(sources, "proxy")
    return Settings(
        credential=credential,
        cloud=cloud,
        authority=authority,
        api_url=api_url,
        scope=_scope(upper) or cloud.scope,
        ca_path=first_value(sources, "ca_path"),
        proxy=Secret(proxy) if proxy else None,
        timeout=_seconds("timeout", first_value(sources, "timeout"), 30.0),
        retry_timeout=_seconds("retry_timeout", first_value(sources, "retry_timeout"), 120.0),
        rate_limit=_rate(first_value(sources, "rate_limit")),
        min_validity=int(_seconds("min_validity", first_value(sources, "min_validity"), 300)),
        cache=next((cache for cache in (checked_choice(source, "cache") for source in sources) if cache), "run"),
    )


def _cloud(sources: t.Sequence[ConfigSource]) -> tuple[Cloud, int]:
    """The cloud, and how many sources (from the top) may set its authority, API and scope."""
    for index, source in enumerate(sources):
        name = source.values.get("cloud")
        if name:
            key = str(name).lower().replace("-", "_")
            cloud = CLOUDS.get(CLOUD_ALIASES.get(key.replace("_", ""), key))
            if cloud is None:
                raise ConfigError(
                    f"cloud is {name!r} ({source.name})", option="cloud", remedy="use one of " + ", ".join(CLOUDS)
                )
            return cloud, index + 1
    return CLOUDS["public"], len(sources)


def _url(option: str, value: t.Any) -> str | None:
    if not value:
        return None
    url = str(value).rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    if not is_https_base(url):
        shown = f" is {value!r}, which" if "@" not in str(value) else ""  # a text before an @ may be a password
        raise ConfigError(
            f"{option}{shown} is not an https URL",
            option=option,
            remedy=f"give {option} as https://host or https://host:port, without user, query or fragment",
        )
    return url


def _refuse_ending(option: str, url: str, endings: tuple[str, ...], meaning: str) -> None:
    """Raises ConfigError for a suffix that other tools require in this URL, and that would be duplicated here."""
    ending = next((end for end in endings if len(end) > 1 and url.lower().endswith(end.lower())), None)
    if ending:
        raise ConfigError(
            f"{option} is {url!r}, which ends with {meaning}",
            option=option,
            remedy=f"leave {ending} out: it is added to each request",
        )


def _scope(sources: t.Sequence[ConfigSource]) -> str | None:
    """The scope of the highest source that has one, by either name."""
    source = next((source for source in sources if "scope" in source.values or "resource" in source.values), None)
    if source is None:
        return None
    scope, resource = source.values.get("scope"), source.values.get("resource")
    from_resource = f"{str(resource).rstrip('/')}/.default" if resource else None
    if scope and from_resource not in (None, scope):
        raise ConfigError(
            f"scope and resource are both given and differ ({source.name})",
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


def _rate(value: t.Any) -> int:
    if value is None:
        return _QUOTA
    try:
        rate = int(str(value).strip())
    except ValueError:
        rate = -1
    if not 0 <= rate <= _HIGHEST_RATE:
        raise ConfigError(
            f"rate_limit is {value!r}",
            option="rate_limit",
            remedy=f"give a whole number of calls a minute: {_QUOTA}, which the service allows an identity, divided by the "
            "number of jobs that run at once; 0 for no limit",
        )
    return rate
