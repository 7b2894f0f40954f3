# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_app_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Find published Power BI apps
description:
  - Lists the apps that are installed for the person who runs the task.
  - The service refuses this to service principals. Log in as a person, for example with O(auth_method=device_code).
options:
  app:
    description:
      - Name or id of one app. An unknown one gives an empty list.
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
- name: Which apps are there for me?
  community.powerbi.powerbi_app_info:
    auth_method: device_code
"""

RETURN = r"""
apps:
  description: What was found, by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id.
      type: str
      sample: a9900000-0000-4000-8000-0000000000aa
    name:
      description: The name.
      type: str
      sample: Sales
    description:
      description: What it is for.
      type: str
      sample: Sales figures
    published_by:
      description: Who published it.
      type: str
      sample: Megan Bowen
    last_update:
      description: When it was last published, ISO 8601 in UTC.
      type: str
      sample: "2026-11-24T09:00:00Z"
    workspace_id:
      description: The workspace that it was published from.
      type: str
      sample: f01de400-0000-4000-8000-000000000001
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._api.apps import Apps
from ansible_collections.community.powerbi.plugins.module_utils._api.names import matching
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import ONE_OR_ALL, auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec({"app": ONE_OR_ALL})


def run(context: Context) -> Result:
    found = matching(Apps(context.client).all(), context.params["app"])
    return Result(values={"apps": [app._asdict() for app in found]})


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
