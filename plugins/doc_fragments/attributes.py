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
    description: Runs in the controller's own process where the target is the controller, which takes milliseconds.
    support: full
    details:
      - On the controller, a relative path of an option is looked for as M(ansible.builtin.copy) does it. The places are C(files)
        of the role, the role, C(files) beside the playbook, and the folder of the playbook. A file to write goes below the
        folder of the playbook.
      - On another host it is relative to the folder where the module runs, usually the user's home.
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

    # For modules that write, where nothing is left to say about how
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
