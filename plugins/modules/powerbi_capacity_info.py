# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_capacity_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Find capacities
description:
  - Lists the Premium, Embedded and Fabric capacities that the identity of the task may see.
options:
  capacity:
    description:
      - Name or id of one capacity. An unknown one gives an empty list.
      - When it is not set, all of them.
    type: str
    aliases: [name, id]
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
"""

EXAMPLES = r"""
- name: Is the capacity running?
  community.powerbi.powerbi_capacity_info:
    capacity: Contoso F64
  register: found
  failed_when: found.capacities | selectattr('state', 'eq', 'Active') | length == 0
"""

RETURN = r"""
capacities:
  description: What was found, by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id.
      type: str
      sample: ca900000-0000-4000-8000-00000000000f
    name:
      description: The name.
      type: str
      sample: Contoso F64
    sku:
      description: Its size.
      type: str
      sample: F64
    state:
      description: Whether it runs, such as V(Active) or V(Suspended).
      type: str
      sample: Active
    region:
      description: Where it is.
      type: str
      sample: North Europe
    access:
      description: What the identity may do with it, such as V(Assign) or V(Admin).
      type: str
      sample: Admin
    admins:
      description: Who administers it.
      type: list
      elements: str
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.capacities import Capacities
from ansible_collections.community.powerbi.plugins.module_utils._api.names import matching
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import ONE_OR_ALL, auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec({"capacity": ONE_OR_ALL})


def run(context: Context) -> Result:
    found = matching(Capacities(context.client).all(), context.params["capacity"])
    return Result(values={"capacities": [capacity.to_dict() for capacity in found]})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
