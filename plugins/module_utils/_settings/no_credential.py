# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The error of a task without a credential: which incomplete ones were found, and what each lacks."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError, NoCredentialError
from .credential import kinds_of
from .options import CREDENTIAL_KINDS, SECRET_OPTIONS
from .sources import ConfigSource, first_value

# The variable that identifies a pipeline's job, the provider's name, and the setting that gives the job an identity.
_PIPELINES = (
    ("GITHUB_ACTIONS", "GitHub Actions", "permissions: id-token: write"),
    ("TF_BUILD", "Azure Pipelines", "env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)"),
    ("GITLAB_CI", "GitLab", "id_tokens: POWERBI_ID_TOKEN: aud: api://AzureADTokenExchange"),
)


def no_credential_error(
    method: str,
    explicit_sources: t.Sequence[ConfigSource],
    implicit_sources: t.Sequence[ConfigSource],
    raw: t.Sequence[ConfigSource],
    environ: t.Mapping[str, str],
    provider: str | None,
) -> ConfigError:
    """Why no credential was selected, with the incomplete ones that were found. ``provider`` as for ``workload``."""
    seen = [
        f"{source.name} has {names[0]}"
        for source in implicit_sources
        for kind, names in kinds_of(source).items()
        if method in ("auto", kind)
    ]
    empty = sorted(
        {name for source in raw for name in source.values if name in SECRET_OPTIONS and source.values[name] == ""}
    )
    why = []
    if empty:
        why.append(f"{', '.join(empty)} is given but empty: check that the variable behind it has a value")
    if first_value(explicit_sources, "client_id") and seen:
        why.append(f"client_id is given, and {'; '.join(seen)}, but an app is never paired with another place's secret")
    elif seen and method == "auto":
        why.append(f"{'; '.join(seen)}, but the same place has no client_id")
    if any(source.values.get("password") for source in explicit_sources) and method == "auto":
        why.append("a password is given, which is used only with auth_method: password")
    if method in ("auto", "federated"):
        why += _about_pipelines(environ, provider, first_value([*explicit_sources, *implicit_sources], "client_id"))
    if method != "auto":
        needs = CREDENTIAL_KINDS.get(method) or ("client_id",) if method != "password" else ("username", "password")
        return ConfigError(
            f"auth_method is {method}, but {' or '.join(needs)} is not set",
            option=needs[0],
            why=". ".join(why),
            remedy=f"set {' or '.join(needs)}, here, in the environment (POWERBI_*) or in a profile",
        )
    return NoCredentialError(
        "no credential is set",
        option="client_secret",
        why=". ".join(why),
        remedy="set tenant_id, client_id and one of client_secret, client_secret_file, certificate_path, "
        "certificate_data, federated_token, federated_token_file; or access_token alone; as options, as POWERBI_*, "
        "FABRIC_*, AZURE_* or ARM_* environment variables, or in ~/.config/powerbi/profiles.ini. "
        "A managed identity or a signed-in az is used only when auth_method names it",
    )


def _about_pipelines(environ: t.Mapping[str, str], provider: str | None, client_id: str | None) -> list[str]:
    """The setting that a pipeline's job lacks for an identity of its own, if only that is missing."""
    if provider:
        return (
            []
            if client_id
            else [f"{provider} gives this job a token, but there is no client_id of the app that trusts it"]
        )
    lacking = (
        f"this is a job of {name}, but without {what}" for variable, name, what in _PIPELINES if environ.get(variable)
    )
    return list(lacking) if client_id else []
