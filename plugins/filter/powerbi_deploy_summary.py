# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: powerbi_deploy_summary
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Summarise the changes of the tasks for a workspace
description:
  - Creates an entry of a plan or report from the registered results of M(community.powerbi.powerbi_workspace),
    M(community.powerbi.powerbi_workspace_access) and M(community.powerbi.powerbi_deploy), of check mode or of a run.
  - The role P(community.powerbi.powerbi_deploy#role) uses it for its plan and its report.
positional: _input
options:
  _input:
    description:
      - A dictionary with the C(name) of the workspace, its C(capacity) as set in the playbook, and the results
        C(workspace), C(access) and C(content). Results may be missing, skipped or failed.
    type: dict
    required: true
  max_diff_lines:
    description:
      - Maximum number of lines in the diff of an item. If it is exceeded, the last line states the number of omitted
        lines.
    type: int
    default: 400
seealso:
  - module: community.powerbi.powerbi_deploy
"""

EXAMPLES = r"""
- name: Plan the deployment
  community.powerbi.powerbi_deploy:
    workspace: Sales
    src: "{{ playbook_dir }}/content"
  check_mode: true
  register: planned

- name: Show the lines that would change
  ansible.builtin.debug:
    msg: "{{ (dict(name='Sales', content=planned) | community.powerbi.powerbi_deploy_summary)['items'] | map(attribute='diff') }}"
"""

RETURN = r"""
_value:
  description:
    - The workspace's C(name), C(action) (V(create), V(update), V(unchanged) or V(failed)) and C(changes), each with
      C(property), C(before) and C(after).
    - C(access) lists each principal with C(action) (V(add), V(change), V(remove) or V(unchanged)) and its role C(before) and
      C(after), V("") for none.
    - C(items) lists each item with C(name), C(folder), C(action), C(changes) in words and C(diff), a unified diff.
    - C(failed), C(skipped), C(warnings) and C(error) are those of the results. C(partial) states whether a task has written
      something before the error. C(fence) is a sequence of backticks that is longer than any in the diffs.
  type: dict
  sample: {"name": "Sales", "action": "unchanged", "changes": [], "access": [], "items": []}
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.community.powerbi.plugins.plugin_utils._deploy_summary import MAX_DIFF_LINES, summarise


def powerbi_deploy_summary(steps: t.Any, max_diff_lines: int = MAX_DIFF_LINES) -> dict[str, t.Any]:
    """One workspace of the plan or the report. Raises AnsibleFilterError for an input without a name."""
    if not isinstance(steps, t.Mapping) or "name" not in steps:
        raise AnsibleFilterError("powerbi_deploy_summary needs a dictionary with the key 'name'.")
    return summarise(steps, max_diff_lines=max_diff_lines)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"powerbi_deploy_summary": powerbi_deploy_summary}
