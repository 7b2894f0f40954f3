# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The options that the modules for content share. The argument specs of the sections are in module_utils/_deploy/options.py.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  workspace:
    description: Name or ID of the workspace.
    type: str
    required: true
"""

    SELECTION = r"""
options:
  include:
    description:
      - Patterns of items to include, such as V(*.Report), V(Sales.*) or V(Finance/). If empty, all items are included.
    type: list
    elements: str
    default: []
  exclude:
    description: Patterns of items to exclude, as for O(include). What is left out is not deleted by O(ignore:prune) either.
    type: list
    elements: str
    default: []
"""

    PARAMETERS = r"""
requirements:
  - PyYAML (where O(parameters) names a file)
  - jsonpath-ng >= 1.5 (for C(key_value_replace) in O(parameters))
options:
  environment:
    description:
      - Environment whose values of O(parameters) apply, spelled as in the rules.
      - An environment that no rule has a value for is an error, if the rules have values by environment. A rule without a value
        for it causes a warning.
    type: str
    default: ""
  parameters:
    description:
      - Rules that change the content for the environment.
      - Path of a C(parameter.yml) of fabric-cicd, or its content as a dictionary, or a list of rules with C(find) and
        C(replace), or C(key) and C(value).
      - A rule without effect causes a warning, because no file matches its filters or its search value is not found.
    type: raw
  strict_parameters:
    description:
      - Whether a rule of O(parameters) without effect, or without a value for O(environment), is an error instead of
        a warning.
    type: bool
    default: false
"""

    RULES = r"""
options:
  preserve:
    description:
      - Parts of semantic models in the service that are kept although the folder does not have them. A role that was renamed in
        the folder keeps its members.
    type: list
    elements: str
    choices: [role_members, refresh_partitions]
    default: [role_members, refresh_partitions]
"""

    TYPES = r"""
options:
  allow_unknown_types:
    description:
      - Item types that are deployed although this collection does not know them, such as new types of Fabric. Their files are
        sent unchanged.
      - Any other type that is not in the table of docs/deploying.md is an error before the first write.
    type: list
    elements: str
    default: []
"""

    DELETION = r"""
options:
  hard_delete:
    description:
      - Whether to delete items permanently. Otherwise the service retains deleted items of most types for some time, so that a
        workspace admin can restore them. During that time they count towards the limit of 1000 items in the workspace, and
        their folder can't be deleted.
      - Requires the workspace role Admin.
    type: bool
    default: false
"""

    DEPLOYMENT = r"""
options:
  deployment:
    description:
      - Name of the deployment, which the ownership annotations of its items contain. Give each folder that is deployed to one
        workspace a name of its own.
      - Items are recognised as renamed, and deleted by O(ignore:prune=deployed), only if they have the annotation of this
        deployment.
      - Under the name V(default) the annotations also contain the name of the folder. Items that were deployed under this name
        from another folder are neither overwritten nor deleted, unless an item of this folder has their logical ID. Instead,
        the task fails.
    type: str
    default: default
"""

    OWNERSHIP = r"""
options:
  take_ownership:
    description:
      - Whether an item that has the name of a local one becomes an item of this deployment, if another deployment owns it.
      - The ownership annotation is then replaced, with a warning. Otherwise such an item is an error before the first write.
    type: bool
    default: false
"""

    TAKE_OVER = r"""
options:
  take_over:
    description:
      - Whether to take over a semantic model whose data sources are to be bound to a connection, if the service rejects the
        binding because another account owns the model.
      - The service then drops the credentials and bindings of the data sources. They are bound to the same connections again, and
        what can't be restored is a warning.
    type: bool
    default: false
"""

    PRUNING = r"""
options:
  prune:
    description:
      - Which items are deleted because they are in the workspace but not in the folder.
      - With a folder that contains no item, any other value than V(none) is an error.
      - Items that the service makes for itself stay, such as usage metrics and SQL analytics endpoints, and so does what
        O(ignore:include) and O(ignore:exclude) leave out.
      - With a semantic model the service deletes the reports on it. They are found before, also in other workspaces; see
        O(ignore:allow_data_loss).
      - V(deployed) deletes only items that have the ownership annotation of this O(ignore:deployment). V(all) deletes all other
        items, also those of other deployments.
    type: str
    choices: [none, deployed, all]
    default: none
  protect:
    description: Patterns of items that O(prune) never deletes, such as V(*.Dashboard) or V(Board.Report).
    type: list
    elements: str
    default: []
"""

    ANNOTATION = r"""
options:
  ownership_annotation:
    description:
      - Whether deployed items get an ownership annotation, which identifies them after they were renamed, and for pruning.
      - V(auto) writes it to the definition of semantic models and of reports in PBIR, where users do not see it, and at the end
        of the description of other items and of imported files.
      - V(never) writes no annotation. Then items that are renamed in the folder are created as new items,
        O(ignore:prune=deployed) does not delete them, and C(.pbix) files are imported in every run.
      - In a workspace that is connected to Git, the annotations appear as changes. V(never) prevents that.
    type: str
    choices: [auto, never]
    default: auto
"""

    BULK_API = r"""
options:
  bulk_api:
    description:
      - Whether to read many definitions in one operation of the service, with an API of Fabric that is a beta.
      - V(auto) does so for more than a few items, and reads item by item if the service refuses.
      - V(always) also does so for few items. If the service refuses, the task fails before it writes anything, or issues a
        warning where the definitions are those of files that the task has just imported.
      - V(never) reads item by item.
      - The result is used only for items that are already up to date. All other definitions are read item by item, and so are
        models in TMSL and reports in the legacy format.
    type: str
    choices: [auto, always, never]
    default: auto
"""

    BULK_IMPORT = r"""
options:
  bulk_import:
    description:
      - Whether to create many items in one operation of the service, with an API of Fabric that is a beta in its specification.
        Items that exist are updated one by one.
      - Items are created so in steps, such as semantic models and then the reports on them. Models in TMSL, reports in the legacy
        format, paginated reports and items without a definition are created one by one.
      - What the operation does not create is created one by one, without a warning. RV(bulk_import) has the reason.
      - The service does not accept it for workspaces that are connected to git.
    type: bool
    default: false
"""

    PARALLEL = r"""
options:
  parallel:
    description: Maximum number of concurrent requests. Operations that run in the service do not count.
    type: int
    default: 8
"""

    ON_ERROR = r"""
options:
  on_error:
    description:
      - V(stop) starts no further item after the first failure. V(continue) continues with the items that do not depend on the
        failed item.
      - In both cases the task fails, and the next run continues with the remaining items.
    type: str
    choices: [stop, continue]
    default: stop
"""
