# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_api
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Call any operation of the Power BI and Fabric REST APIs
description:
  - Calls an operation that has no module of its own yet, with everything that the modules have, such as tokens,
    repetition of what may be repeated, paging, waiting for long-running operations, and errors that name their remedy.
  - The token goes to the hosts of the API only, whatever an answer says.
notes:
  - The task is C(changed) for every O(method) but V(GET) and V(HEAD). Say better with C(changed_when).
  - In check mode only V(GET) and V(HEAD) are sent.
options:
  path:
    description:
      - The path below the API, such as V(/groups) or V(/workspaces/{id}/items), percent-encoded where it needs to be.
    type: str
    required: true
  method:
    description: The HTTP method.
    type: str
    choices: [GET, HEAD, POST, PUT, PATCH, DELETE]
    default: GET
  api:
    description:
      - V(powerbi) is C(https://api.powerbi.com/v1.0/myorg), V(admin) is its C(/admin).
      - V(fabric) is C(https://api.fabric.microsoft.com/v1).
      - Or what they are in the O(cloud), or below O(api_url).
    type: str
    choices: [powerbi, admin, fabric]
    default: powerbi
  query:
    description: Query parameters, such as C($filter).
    type: dict
    default: {}
  body:
    description: What to send, as JSON. A text is taken for JSON.
    type: raw
  src:
    description: A file to send, as multipart/form-data, which is how the service takes imports.
    type: path
  dest:
    description:
      - A file to write the answer to as it comes, for exports and other downloads.
      - It is replaced if the content differs, and only once the download is complete.
    type: path
  paginate:
    description:
      - Follow a list to its end, and give its entries in RV(entries).
      - Lists that go on by C($top) and C($skip) are followed so when O(query) has a C($top).
    type: bool
    default: false
  status_code:
    description: The statuses that are no error. When it is not set, 200 to 299.
    type: list
    elements: int
attributes:
  check_mode:
    support: partial
    details:
      - The task says C(changed) for whatever it would have sent.
  diff_mode:
    support: none
  async:
    support: full
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.wait
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
seealso:
  - plugin: community.powerbi.powerbi_api
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: All reports of a workspace
  community.powerbi.powerbi_api:
    path: /groups/f01de400-0000-4000-8000-000000000001/reports
    paginate: true
  register: reports

- name: Create a folder in a Fabric workspace
  community.powerbi.powerbi_api:
    api: fabric
    method: POST
    path: /workspaces/f01de400-0000-4000-8000-000000000002/folders
    body:
      displayName: Monthly

- name: Download a report
  community.powerbi.powerbi_api:
    path: /groups/{{ workspace_id }}/reports/{{ report_id }}/Export
    dest: /tmp/sales.pbix
"""

RETURN = r"""
status:
  description: The HTTP status of the answer.
  type: int
  returned: when a single request was sent
  sample: 200
json:
  description:
    - The answer. Of a long-running operation that was waited for, its result.
    - V(null) for an answer without a body.
  type: raw
  returned: when a single request was sent, without O(dest)
entries:
  description: The entries of the list.
  type: list
  elements: dict
  returned: when O(paginate=true)
location:
  description: Where the service says that the result will be.
  type: str
  returned: when the service says so
request_id:
  description: What the service's support asks for.
  type: str
  returned: when a single request was sent
dest:
  description: The file that was written.
  type: str
  returned: when O(dest) is set
size:
  description: Bytes that were written.
  type: int
  returned: when O(dest) is set
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._options import auth_argument_spec
from ansible_collections.community.powerbi.plugins.module_utils._resources.raw_calls import (
    Call,
    call,
    check,
    download,
    entries,
)

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "path": {"type": "str", "required": True},
        "method": {"type": "str", "choices": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "default": "GET"},
        "api": {"type": "str", "choices": ["powerbi", "admin", "fabric"], "default": "powerbi"},
        "query": {"type": "dict", "default": {}},
        "body": {"type": "raw"},
        "src": {"type": "path"},
        "dest": {"type": "path"},
        "paginate": {"type": "bool", "default": False},
        "status_code": {"type": "list", "elements": "int"},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "float", "default": 1800.0},
    }
)
RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("body", "src"), ("src", "dest"), ("paginate", "dest"), ("paginate", "src")]
}


def run(context: Context) -> Result:
    params = context.params
    wanted = Call(**{field: params[field] for field in Call._fields})
    check(wanted, dest=params["dest"], paginate=params["paginate"])
    writes = wanted.method not in ("GET", "HEAD")
    if writes and context.check_mode:
        return Result(True)
    if params["dest"]:
        changed, values = download(context.client, wanted, params["dest"], write=not context.check_mode)
        return Result(changed, values)
    if params["paginate"]:
        return Result(values={"entries": entries(context.client, wanted)})
    wait = params["wait_timeout"] if params["wait"] else None
    written = context.written if writes else None
    return Result(writes, call(context.client, wanted, src=params["src"], wait=wait, written=written))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, **RULES)


if __name__ == "__main__":
    main()
