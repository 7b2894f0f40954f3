# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings from configuration sources as keywords; profiles and the environment of a workload are dictionaries."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._auth.oidc_pipelines import detect
from ansible_collections.community.powerbi.plugins.module_utils._errors import ProfileNotFoundError
from ansible_collections.community.powerbi.plugins.module_utils._settings.resolve import ConfigSource, Settings, resolve

Values = t.Mapping[str, t.Any]

# One identity for each place, which differ in the last digit.
TENANT = "11111111-1111-1111-1111-11111111111"
CLIENT = "22222222-2222-2222-2222-22222222222"


def app(digit: str, **more: t.Any) -> dict[str, t.Any]:
    """The three options of an app that logs in with a secret."""
    return {"tenant_id": TENANT + digit, "client_id": CLIENT + digit, "client_secret": f"secret-{digit}", **more}


def environment(family: str, digit: str, **more: str) -> dict[str, str]:
    """The same as a family's variables."""
    values = app(digit, **more)
    return {f"{family}_{name.upper()}": value for name, value in values.items()}


def settings(
    option: Values | None = None,
    *,
    variables: Values | None = None,
    ini: Values | None = None,
    environ: t.Mapping[str, str] | None = None,
    profiles: t.Mapping[str, Values] | None = None,
    azure_profiles: t.Mapping[str, Values] | None = None,
) -> Settings:
    """What ``resolve`` makes of it. ``profiles`` None: there is no profiles file; ``azure_profiles``: ~/.azure/credentials."""

    def read_profile(name: str | None) -> dict[str, t.Any] | None:
        if profiles is None:
            return None
        if name is not None and name not in profiles:
            raise ProfileNotFoundError(f"no section [{name}]", option="auth_profile")
        section = profiles.get(name or "default")
        return None if section is None else dict(section)

    given = (("option", option), ("vars", variables), ("ini", ini))
    sources = [ConfigSource(source, dict(values), True) for source, values in given if values is not None]

    def read_azure_profile(name: str) -> dict[str, t.Any] | None:
        section = (azure_profiles or {}).get(name)
        return None if section is None else dict(section)

    return resolve(sources, environ or {}, read_profile, detect, read_azure_profile)
