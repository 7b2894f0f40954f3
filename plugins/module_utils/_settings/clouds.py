# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The clouds of Power BI: authority, audience and trusted hosts of each.

Sources: Microsoft Learn, "Embed a Power BI content in a national or regional cloud" and "Power BI for US government";
Fabric's hosts outside the public cloud are not documented, so they are not in this table: ``api_url`` sets them.
"""

from __future__ import annotations

import typing as t


class Cloud(t.NamedTuple):
    """One cloud. URLs without a trailing slash; scopes end in ``/.default`` as client credentials need them."""

    name: str
    authority: str
    scope: str
    powerbi_url: str
    fabric_url: str
    graph_url: str
    key_vault_scope: str
    federated_audience: str

    @property
    def graph_scope(self) -> str:
        """The scope of a Microsoft Graph token."""
        return f"{self.graph_url}/.default"


_PUBLIC = "https://login.microsoftonline.com"
_US = "https://login.microsoftonline.us"

CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "public",
            _PUBLIC,
            "https://analysis.windows.net/powerbi/api/.default",
            "https://api.powerbi.com",
            "https://api.fabric.microsoft.com",
            "https://graph.microsoft.com",
            "https://vault.azure.net/.default",
            "api://AzureADTokenExchange",
        ),
        Cloud(
            "gcc",
            _PUBLIC,
            "https://analysis.usgovcloudapi.net/powerbi/api/.default",
            "https://api.powerbigov.us",
            "",
            "https://graph.microsoft.com",
            "https://vault.azure.net/.default",
            "api://AzureADTokenExchange",
        ),
        Cloud(
            "gcc_high",
            _US,
            "https://high.analysis.usgovcloudapi.net/powerbi/api/.default",
            "https://api.high.powerbigov.us",
            "",
            "https://graph.microsoft.us",
            "https://vault.usgovcloudapi.net/.default",
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud(
            "dod",
            _US,
            "https://mil.analysis.usgovcloudapi.net/powerbi/api/.default",
            "https://api.mil.powerbigov.us",
            "",
            "https://dod-graph.microsoft.us",
            "https://vault.usgovcloudapi.net/.default",
            "api://AzureADTokenExchangeUSGov",
        ),
        Cloud(
            "china",
            "https://login.partner.microsoftonline.cn",
            "https://analysis.chinacloudapi.cn/powerbi/api/.default",
            "https://api.powerbi.cn",
            "",
            "https://microsoftgraph.chinacloudapi.cn",
            "https://vault.azure.cn/.default",
            "api://AzureADTokenExchangeChina",
        ),
    )
}

# The names of clouds in other tools (azure.azcollection, az, Terraform), accepted from their environment variables.
CLOUD_ALIASES = {
    "azurecloud": "public",
    "azurepubliccloud": "public",
    "global": "public",
    "usgovernment": "gcc_high",
    "azureusgovernment": "gcc_high",
    "azurechinacloud": "china",
    "gcchigh": "gcc_high",
}

# The audience of a Fabric token is Power BI's: both APIs accept either.
EQUIVALENT_AUDIENCES = frozenset(
    (
        "https://analysis.windows.net/powerbi/api",
        "https://api.fabric.microsoft.com",
        "00000009-0000-0000-c000-000000000000",
    )
)
