# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check_mode and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  async:
    description: Supports being used with the C(async) keyword.
  action:
    description:
      - Indicates this has a corresponding action plugin so some parts of the options can be executed on the
        controller.
    support: full
    details:
      - If the target is the controller, the module runs in Ansible's own process, without being shipped.
      - On the controller, a relative path in an option is searched for like C(src) of
        M(ansible.builtin.copy), in C(files) of the role, in the role, in C(files) beside the playbook, and in the folder of the
        playbook. A file to write is relative to the folder of the playbook.
      - On another host, a relative path is relative to the working directory of the module, usually the home folder of
        the user.
"""

    # For modules that only read
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  async:
    support: full
"""

    # For modules that write, with full support and no details
    FULL_SUPPORT = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  async:
    support: full
"""

    ACTIONGROUP_POWERBI = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.powerbi.powerbi) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.powerbi.powerbi
"""
