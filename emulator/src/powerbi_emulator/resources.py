# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The APIs for which tokens are issued: the requested resources, and the audiences of the tokens.

The names of all clouds are accepted, since one emulator serves clients of any cloud.
"""

from __future__ import annotations

import typing as t

POWERBI_APP_ID: t.Final = "00000009-0000-0000-c000-000000000000"
PUBLIC_POWERBI: t.Final = "https://analysis.windows.net/powerbi/api"

POWERBI_AUDIENCES: t.Final = frozenset(
    (
        PUBLIC_POWERBI,
        "https://analysis.usgovcloudapi.net/powerbi/api",
        "https://high.analysis.usgovcloudapi.net/powerbi/api",
        "https://mil.analysis.usgovcloudapi.net/powerbi/api",
        "https://analysis.chinacloudapi.cn/powerbi/api",
    )
)
GRAPH_AUDIENCES: t.Final = frozenset(
    (
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    )
)
KEY_VAULT_AUDIENCES: t.Final = frozenset(
    ("https://vault.azure.net", "https://vault.usgovcloudapi.net", "https://vault.azure.cn")
)
FEDERATION_AUDIENCES: t.Final = frozenset(
    ("api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina")
)
_OTHERS: t.Final = frozenset(
    ("https://management.azure.com", "https://management.core.windows.net", "https://storage.azure.com")
)
# Fabric's names have Power BI's audience: one token is valid for both APIs.
_ALIASES: t.Final = {
    POWERBI_APP_ID: PUBLIC_POWERBI,
    "https://api.fabric.microsoft.com": PUBLIC_POWERBI,
    "00000003-0000-0000-c000-000000000000": "https://graph.microsoft.com",
}


def audience_of(resource: str) -> str | None:
    """The audience of a token for ``resource``, or None for an unknown resource. Case-insensitive."""
    requested = resource.lower()
    if requested in _ALIASES:
        return _ALIASES[requested]
    known = POWERBI_AUDIENCES | GRAPH_AUDIENCES | KEY_VAULT_AUDIENCES | FEDERATION_AUDIENCES | _OTHERS
    return next((audience for audience in known if audience.lower() == requested), None)
