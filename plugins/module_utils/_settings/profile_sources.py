# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The precedence of profiles among the configuration sources, and `auth_source` and AZURE_PROFILE of azure.azcollection.

A profile that an option, a variable or POWERBI_PROFILE names comes directly below the source that names it in precedence.
AZURE_PROFILE comes directly above the variables AZURE_*, as in azure.azcollection. Names are sections of the collection's
profiles file, else of ~/.azure/credentials.
"""

from __future__ import annotations

import typing as t

from .._errors import ConfigError, ProfileNotFoundError
from .credential import kinds_of, select_credential
from .sources import ConfigSource, checked_choice, clean, first_value

AZURE_FILE = "~/.azure/credentials"
_METHODS = {"cli": "azure_cli", "msi": "managed_identity"}
_BELOW_AZURE_PROFILE = ("env:AZURE_*", "env:ARM_*")


class ProfileFiles(t.NamedTuple):
    """Reads profiles: ``own(name)`` and ``azure(name)`` return a section's values, or None where it does not exist."""

    own: t.Callable[[str | None], dict[str, t.Any] | None]
    azure: t.Callable[[str], dict[str, t.Any] | None]


def with_method(source: ConfigSource) -> ConfigSource:
    """`auth_source: cli` and `msi` converted to `auth_method`. Raises ConfigError if both are set and differ."""
    method = _METHODS.get(checked_choice(source, "auth_source") or "")
    if method is None:
        return source
    auth_method = source.values.get("auth_method")
    if auth_method not in (None, "auto", method):
        raise ConfigError(
            f"auth_source and auth_method contradict each other ({source.name})",
            option="auth_source",
            remedy=f"give auth_method: {method} or auth_method: {auth_method} alone",
        )
    return source._replace(values={**source.values, "auth_method": method})


def place_profiles(
    explicit: list[ConfigSource],
    implicit_sources: list[ConfigSource],
    environ: t.Mapping[str, str],
    files: ProfileFiles,
) -> tuple[list[ConfigSource], list[ConfigSource], bool]:
    """Both lists with the named profiles inserted, and whether default profiles may be read.

    Raises ConfigError for a profile that does not exist.
    """
    auth_source = selected_auth_source([*explicit, *implicit_sources])
    if auth_source == "env":
        _refuse_other_credentials(explicit, auth_source)
        return explicit, implicit_sources, False
    if auth_source == "credential_file":
        _refuse_other_credentials(explicit, auth_source)
        return [*explicit, _credential_file(explicit, environ, files)], implicit_sources, False
    name = first_value(explicit, "auth_profile")
    if name:
        at = next(index for index, source in enumerate(explicit) if "auth_profile" in source.values) + 1
        return [*explicit[:at], _named(str(name), files, explicit=True), *explicit[at:]], implicit_sources, False
    name = first_value(implicit_sources, "auth_profile")
    if name:  # POWERBI_PROFILE: below POWERBI_*, above the variables of other tools
        at = next(index for index, source in enumerate(implicit_sources) if "auth_profile" in source.values) + 1
        implicit_sources = [*implicit_sources[:at], _named(str(name), files, explicit=False), *implicit_sources[at:]]
    return explicit, _with_azure_profile(explicit, implicit_sources, environ, files), not name


def default_profiles(files: ProfileFiles) -> t.Iterator[ConfigSource]:
    """The sections [default] of the collection's file and of azure.azcollection's, where they exist."""
    own = files.own(None)
    if own:
        yield clean(ConfigSource("profile:default", own))
    azure = files.azure("default")
    if azure:
        yield clean(ConfigSource("azure_profile:default", azure))


def selected_auth_source(sources: t.Sequence[ConfigSource]) -> str:
    """The `auth_source` with the highest precedence, unless a source above it sets auth_method."""
    for source in sources:
        auth_source = checked_choice(source, "auth_source")
        if auth_source and auth_source != "auto":
            return auth_source
        if source.values.get("auth_method", "auto") != "auto":
            break
    return "auto"


def _refuse_other_credentials(explicit: t.Sequence[ConfigSource], auth_source: str) -> None:
    for source in explicit:
        for names in kinds_of(source).values():
            raise ConfigError(
                f"auth_source is {auth_source}, but {names[0]} is given too ({source.name})",
                option="auth_source",
                remedy=f"remove {names[0]}, or leave auth_source out",
            )


def _credential_file(
    explicit: t.Sequence[ConfigSource], environ: t.Mapping[str, str], files: ProfileFiles
) -> ConfigSource:
    name = str(first_value(explicit, "auth_profile") or environ.get("AZURE_PROFILE") or "default")
    values = files.azure(name)
    if values is None:
        raise _not_in_azure_file("auth_source", "is credential_file", name)
    source = clean(ConfigSource(f"azure_profile:{name}", values, True))
    if not kinds_of(source) and "password" in source.values:
        source.values["auth_method"] = "password"
    return source


def _named(name: str, files: ProfileFiles, *, explicit: bool) -> ConfigSource:
    missing: ProfileNotFoundError | None = None
    try:
        values = files.own(name)
    except ProfileNotFoundError as error:
        values, missing = None, error
    if values is not None:
        return clean(ConfigSource(f"profile:{name}", values, explicit))
    values = files.azure(name)
    if values is not None:
        return clean(ConfigSource(f"azure_profile:{name}", values, explicit))
    raise missing or ConfigError(
        f"auth_profile is {name!r}, but there is no profiles file",
        option="auth_profile",
        remedy="write ~/.config/powerbi/profiles.ini (mode 0600) or name another file in POWERBI_PROFILES_FILE",
    )


def _with_azure_profile(
    explicit: t.Sequence[ConfigSource],
    implicit_sources: list[ConfigSource],
    environ: t.Mapping[str, str],
    files: ProfileFiles,
) -> list[ConfigSource]:
    name = environ.get("AZURE_PROFILE")
    if not name:
        return implicit_sources
    at = next(
        (index for index, source in enumerate(implicit_sources) if source.name in _BELOW_AZURE_PROFILE),
        len(implicit_sources),
    )
    values = files.azure(name)
    if values is None:
        if select_credential(explicit, implicit_sources[:at]) is None:
            raise _not_in_azure_file("auth_profile", f"is {name!r} (AZURE_PROFILE)", name)
        return implicit_sources
    return [*implicit_sources[:at], clean(ConfigSource(f"azure_profile:{name}", values)), *implicit_sources[at:]]


def _not_in_azure_file(option: str, given: str, name: str) -> ConfigError:
    return ConfigError(
        f"{option} {given}, but {AZURE_FILE} has no section [{name}]",
        option=option,
        remedy=f"add the section to {AZURE_FILE}, or name one that is there",
    )
