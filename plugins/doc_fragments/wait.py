# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the service has completed the operation. Otherwise the task ends when the request was
        accepted.
    type: bool
    default: true
  wait_timeout:
    description: Maximum number of seconds to wait, in addition to O(retry_timeout) for the requests themselves.
    type: float
    default: 1800
"""

    # Modules that need the result of each operation, and so have no option `wait`.
    OPERATIONS = r"""
options:
  wait_timeout:
    description:
      - Maximum number of seconds to wait for the operations of one item, in addition to O(retry_timeout) for the requests
        themselves. The module always waits, because it needs the results of the operations.
    type: float
    default: 1800
"""
