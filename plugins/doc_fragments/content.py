# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The options that the modules for content share. The argument specs of the sections are in module_utils/_deploy/options.py.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  workspace:
    description: Name or id of the workspace.
    type: str
    required: true
"""

    SELECTION = r"""
options:
  include:
    description:
      - Take only what matches one of these patterns, such as V(*.Report), V(Sales.*) or V(Finance/).
    type: list
    elements: str
    default: []
  exclude:
    description: Leave out what matches one of these patterns.
    type: list
    elements: str
    default: []
"""

    RULES = r"""
requirements:
  - PyYAML (where O(parameters) names a file)
  - jsonpath-ng >= 1.5 (for C(key_value_replace) in O(parameters))
options:
  environment:
    description:
      - The environment whose values of O(parameters) count, written as in the rules.
      - One that no rule names is an error, if the rules have values by environment. A rule without a value for it is a
        warning.
    type: str
    default: ""
  parameters:
    description:
      - Rules that change the content for the environment.
      - The path of a C(parameter.yml) of fabric-cicd, or the same as a dictionary, or a list of rules with C(find) and
        C(replace), or C(key) and C(value).
      - A rule that does nothing is a warning, because no file matches its filters or what it looks for is not found.
    type: raw
  strict_parameters:
    description: Fail, instead of a warning, on a rule of O(parameters) that does nothing or lacks the O(environment).
    type: bool
    default: false
  preserve:
    description: What live semantic models keep although the folder does not have it.
    type: list
    elements: str
    choices: [role_members, refresh_partitions]
    default: [role_members, refresh_partitions]
"""

    TYPES = r"""
options:
  allow_unknown_types:
    description:
      - Item types that are sent as they are, although this collection does not know them, such as new ones of Fabric.
      - An item of any other type that is not in the table of docs/deploying.md is refused before the first write.
    type: list
    elements: str
    default: []
"""

    DELETION = r"""
options:
  hard_delete:
    description:
      - Delete for good. Otherwise the service keeps deleted items of most types for a while, so that an administrator of
        the workspace can restore them. They count towards the 1000 items of the workspace meanwhile, and their folder
        can't be deleted.
      - Needs the workspace role Admin.
    type: bool
    default: false
"""

    OWNERSHIP = r"""
options:
  take_ownership:
    description:
      - Take over a semantic model whose data sources are to be bound to a connection, if the service refuses that
        because another account owns it.
      - The new owner's credentials then count for the data sources that are bound to no connection.
    type: bool
    default: false
"""

    PRUNING = r"""
options:
  prune:
    description:
      - Delete what is in the workspace but not in the folder.
      - With a folder that holds no item it is refused.
      - V(deployed) deletes only what bears the ownership annotation of a deployment, V(all) deletes whatever else there
        is.
    type: str
    choices: [none, deployed, all]
    default: none
  protect:
    description: Patterns of items that O(prune) passes over, such as V(*.Dashboard) or V(Board.Report).
    type: list
    elements: str
    default: []
"""

    ANNOTATION = r"""
options:
  ownership_annotation:
    description:
      - Whether deployed items get an ownership annotation, by which they are recognised when they are renamed or pruned.
      - V(auto) writes it into the definition of semantic models and of reports in PBIR, where no user sees it, and at the
        end of the description of other items and of imported files.
      - V(never) writes none. Then items that are renamed in the folder are created anew, O(ignore:prune=deployed) does not
        know them, and C(.pbix) files are imported each time.
      - In a workspace that is connected to git the annotations show as changes. That is a reason for V(never).
    type: str
    choices: [auto, never]
    default: auto
"""

    BULK_READ = r"""
options:
  bulk_read:
    description:
      - Read many definitions in one operation of the service, where the tenant has this beta.
      - It is only believed when it shows that an item is as it should be. Everything else is read item by item.
    type: bool
    default: true
"""

    PARALLEL = r"""
options:
  parallel:
    description: How many requests to send at once. What runs in the service does not count.
    type: int
    default: 8
"""

    ON_ERROR = r"""
options:
  on_error:
    description:
      - V(stop) begins nothing more after the first failure. V(continue) goes on with what does not depend on it.
      - Either way the task fails, and running it again goes on from there.
    type: str
    choices: [stop, continue]
    default: stop
"""
