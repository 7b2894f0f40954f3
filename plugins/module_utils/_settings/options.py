# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The options that every module and plugin shares, as data: their types, aliases and environment variables. `resolve.py`
reads their values. The lookups import this file in every fork, so it must stay small.
"""

from __future__ import annotations

import typing as t

AUTH_METHODS = (
    "auto",
    "client_secret",
    "certificate",
    "federated",
    "managed_identity",
    "azure_cli",
    "device_code",
    "password",
    "access_token",
)

# The source of a credential, by azure.azcollection's names.
AUTH_SOURCES = ("auto", "cli", "credential_file", "env", "msi")

FEDERATED_PROVIDERS = ("auto", "github", "azure_devops", "gitlab", "kubernetes", "file", "token")

# The options of an argument spec, without defaults (those are in `resolve.py`), because an environment variable or a
# profile may set them. `auto` has that meaning only.
AUTH_OPTIONS: dict[str, dict[str, t.Any]] = {
    "auth_method": {"type": "str", "choices": list(AUTH_METHODS), "default": "auto"},
    "tenant_id": {"type": "str", "aliases": ["tenant"]},
    "client_id": {"type": "str", "aliases": ["app_id"]},
    "client_secret": {"type": "str", "aliases": ["secret"], "no_log": True},
    "client_secret_file": {"type": "path", "no_log": False},
    "certificate_path": {"type": "path", "aliases": ["x509_certificate_path"]},
    "certificate_data": {"type": "str", "no_log": True},
    "certificate_password": {"type": "str", "no_log": True},
    "certificate_thumbprint": {"type": "str", "aliases": ["thumbprint"]},
    "send_certificate_chain": {"type": "bool"},
    "federated_provider": {"type": "str", "choices": list(FEDERATED_PROVIDERS)},
    "federated_token": {"type": "str", "aliases": ["oidc_token"], "no_log": True},
    "federated_token_file": {"type": "path", "aliases": ["oidc_token_file_path"], "no_log": False},
    "federated_audience": {"type": "str"},
    "service_connection_id": {"type": "str"},
    "managed_identity_resource_id": {"type": "str"},
    "managed_identity_object_id": {"type": "str"},
    "username": {"type": "str", "aliases": ["ad_user"]},
    "password": {"type": "str", "no_log": True},
    "access_token": {"type": "str", "no_log": True},
    "access_token_file": {"type": "path", "no_log": False},
    "auth_profile": {"type": "str", "aliases": ["profile"]},
    "auth_source": {"type": "str", "choices": list(AUTH_SOURCES)},
    "scope": {"type": "str"},
    "resource": {"type": "str"},
    "min_validity": {"type": "int"},
    "cache": {"type": "str", "choices": ["run", "none"]},
}

CONNECTION_OPTIONS: dict[str, dict[str, t.Any]] = {
    "cloud": {"type": "str", "aliases": ["cloud_environment"]},
    "authority": {"type": "str", "aliases": ["authority_host"]},
    "api_url": {"type": "str"},
    "ca_path": {"type": "path"},
    "proxy": {"type": "str", "no_log": True},
    "timeout": {"type": "float"},
    "retry_timeout": {"type": "float"},
    "rate_limit": {"type": "int"},
    # Accepted so that module_defaults can be shared with azure.azcollection.
    "subscription_id": {"type": "str"},
    "cert_validation_mode": {"type": "str", "choices": ["validate", "ignore"]},
    "api_profile": {"type": "str"},
    "disable_instance_discovery": {"type": "bool"},
}

# The option of a module that lists resources of one type: the name or id of one of them; all if it is not set.
ONE_OR_ALL: dict[str, t.Any] = {"type": "str", "aliases": ["name", "id"]}

SHARED_OPTIONS = {**AUTH_OPTIONS, **CONNECTION_OPTIONS}
SECRET_OPTIONS = frozenset(name for name, spec in SHARED_OPTIONS.items() if spec.get("no_log"))

# The options of each kind of credential. More than one kind in one source is an error.
CREDENTIAL_KINDS: dict[str, tuple[str, ...]] = {
    "client_secret": ("client_secret", "client_secret_file"),
    "certificate": ("certificate_path", "certificate_data"),
    "federated": ("federated_token", "federated_token_file", "federated_provider"),
    "access_token": ("access_token", "access_token_file"),
}

# The options of each login method that are taken from the source of its credential.
METHOD_OPTIONS: dict[str, tuple[str, ...]] = {
    "client_secret": CREDENTIAL_KINDS["client_secret"],
    "certificate": (
        *CREDENTIAL_KINDS["certificate"],
        "certificate_password",
        "certificate_thumbprint",
        "send_certificate_chain",
    ),
    "federated": (*CREDENTIAL_KINDS["federated"], "federated_audience", "service_connection_id"),
    "managed_identity": ("managed_identity_resource_id", "managed_identity_object_id"),
    "azure_cli": (),
    "device_code": (),
    "password": ("username", "password"),
    "access_token": CREDENTIAL_KINDS["access_token"],
}

# Families of environment variables. Identity and credential always come from the same family.
# The first variable that is set and not empty sets its option.
ENVIRONMENT: dict[str, dict[str, tuple[str, ...]]] = {
    "POWERBI": {
        "auth_method": ("POWERBI_AUTH_METHOD",),
        "tenant_id": ("POWERBI_TENANT_ID",),
        "client_id": ("POWERBI_CLIENT_ID",),
        "client_secret": ("POWERBI_CLIENT_SECRET",),
        "client_secret_file": ("POWERBI_CLIENT_SECRET_FILE",),
        "certificate_path": ("POWERBI_CLIENT_CERTIFICATE_PATH",),
        "certificate_data": ("POWERBI_CLIENT_CERTIFICATE_DATA",),
        "certificate_password": ("POWERBI_CLIENT_CERTIFICATE_PASSWORD",),
        "certificate_thumbprint": ("POWERBI_CLIENT_CERTIFICATE_THUMBPRINT",),
        "send_certificate_chain": ("POWERBI_SEND_CERTIFICATE_CHAIN",),
        "federated_provider": ("POWERBI_FEDERATED_PROVIDER",),
        "federated_token": ("POWERBI_FEDERATED_TOKEN",),
        "federated_token_file": ("POWERBI_FEDERATED_TOKEN_FILE",),
        "federated_audience": ("POWERBI_FEDERATED_AUDIENCE",),
        "service_connection_id": ("POWERBI_SERVICE_CONNECTION_ID",),
        "username": ("POWERBI_USERNAME",),
        "password": ("POWERBI_PASSWORD",),
        "access_token": ("POWERBI_ACCESS_TOKEN",),
        "access_token_file": ("POWERBI_ACCESS_TOKEN_FILE",),
        "auth_profile": ("POWERBI_PROFILE",),
        "scope": ("POWERBI_SCOPE",),
        "resource": ("POWERBI_RESOURCE",),
        "cloud": ("POWERBI_CLOUD",),
        "authority": ("POWERBI_AUTHORITY",),
        "api_url": ("POWERBI_API_URL",),
        "ca_path": ("POWERBI_CA_PATH",),
        "proxy": ("POWERBI_PROXY",),
        "rate_limit": ("POWERBI_RATE_LIMIT",),
    },
    "FABRIC": {
        "tenant_id": ("FABRIC_TENANT_ID",),
        "client_id": ("FABRIC_CLIENT_ID",),
        "client_secret": ("FABRIC_CLIENT_SECRET",),
        "client_secret_file": ("FABRIC_CLIENT_SECRET_FILE_PATH",),
        "certificate_path": ("FABRIC_CLIENT_CERTIFICATE_FILE_PATH",),
        "certificate_data": ("FABRIC_CLIENT_CERTIFICATE",),
        "certificate_password": ("FABRIC_CLIENT_CERTIFICATE_PASSWORD",),
        "federated_token": ("FABRIC_OIDC_TOKEN",),
        "federated_token_file": ("FABRIC_OIDC_TOKEN_FILE_PATH",),
        "service_connection_id": ("FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID",),
        "cloud": ("FABRIC_ENVIRONMENT",),
    },
    "AZURE": {
        "tenant_id": ("AZURE_TENANT_ID", "AZURE_TENANT"),
        "client_id": ("AZURE_CLIENT_ID",),
        "client_secret": ("AZURE_CLIENT_SECRET", "AZURE_SECRET"),
        "certificate_path": ("AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_X509_CERTIFICATE_PATH"),
        "certificate_password": ("AZURE_CLIENT_CERTIFICATE_PASSWORD",),
        "certificate_thumbprint": ("AZURE_THUMBPRINT",),
        "send_certificate_chain": ("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",),
        "federated_token": ("AZURE_FEDERATED_TOKEN",),
        "federated_token_file": ("AZURE_FEDERATED_TOKEN_FILE",),
        "username": ("AZURE_USERNAME", "AZURE_AD_USER"),
        "password": ("AZURE_PASSWORD",),
        "auth_source": ("ANSIBLE_AZURE_AUTH_SOURCE",),
        "cloud": ("AZURE_CLOUD_ENVIRONMENT",),
        "authority": ("AZURE_AUTHORITY_HOST",),
        "cert_validation_mode": ("AZURE_CERT_VALIDATION_MODE",),
    },
    "ARM": {
        "tenant_id": ("ARM_TENANT_ID",),
        "client_id": ("ARM_CLIENT_ID",),
        "client_secret": ("ARM_CLIENT_SECRET",),
        "client_secret_file": ("ARM_CLIENT_SECRET_FILE_PATH",),
        "certificate_path": ("ARM_CLIENT_CERTIFICATE_PATH",),
        "certificate_data": ("ARM_CLIENT_CERTIFICATE",),
        "certificate_password": ("ARM_CLIENT_CERTIFICATE_PASSWORD",),
        "federated_token": ("ARM_OIDC_TOKEN",),
        "federated_token_file": ("ARM_OIDC_TOKEN_FILE_PATH",),
        "service_connection_id": ("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",),
        "cloud": ("ARM_ENVIRONMENT",),
    },
}


def auth_argument_spec(own: t.Mapping[str, t.Any] | None = None) -> dict[str, t.Any]:
    """The argument spec of a module: the shared options, then the module's own."""
    return {**SHARED_OPTIONS, **(own or {})}


def config_definitions() -> dict[str, dict[str, t.Any]]:
    """The shared options as ansible-core's config definitions for a lookup: vars, ini and aliases, but no env.

    The environment is read family by family in `resolve.py`, which Ansible's option system can't do. Types are converted
    there as well: a variable reaches a lookup untemplated.
    """
    return {
        name: {
            "type": "raw",
            "default": spec.get("default"),
            "aliases": spec.get("aliases", []),
            "vars": [{"name": f"powerbi_{name}"}],
            "ini": [{"section": "powerbi", "key": name}],
        }
        for name, spec in SHARED_OPTIONS.items()
    }
