# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_gateway_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Find on-premises gateways
description:
  - Lists the gateways that the identity of the task administers, with their data sources on request.
options:
  gateway:
    description:
      - Name or id of one gateway. An unknown one gives an empty list.
      - When it is not set, all of them.
    type: str
    aliases: [name, id]
  sources:
    description: Also read the data sources, with one more request for each gateway.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
"""

EXAMPLES = r"""
- name: The gateways and what they reach
  community.powerbi.powerbi_gateway_info:
    sources: true
"""

RETURN = r"""
gateways:
  description: What was found, by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id.
      type: str
      sample: 9a7e0000-0000-4000-8000-000000000001
    name:
      description: The name.
      type: str
      sample: Contoso on-premises
    type:
      description: What kind of gateway it is.
      type: str
      sample: Resource
    status:
      description: What the service last heard of it, or empty.
      type: str
      sample: Live
    sources:
      description: Its data sources, each with id, name, type, connection (JSON text) and credential_type.
      type: list
      elements: dict
      returned: when O(sources=true)
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.gateways import Gateways
from ansible_collections.community.powerbi.plugins.module_utils._api.names import matching
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import ONE_OR_ALL, auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "gateway": ONE_OR_ALL,
        "sources": {"type": "bool", "default": False},
    }
)


def run(context: Context) -> Result:
    gateways = Gateways(context.client)
    shown = [gateway._asdict() for gateway in matching(gateways.all(), context.params["gateway"])]
    if context.params["sources"]:
        for state in shown:
            state["sources"] = [source._asdict() for source in gateways.sources(state["id"])]
    return Result(values={"gateways": shown})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
