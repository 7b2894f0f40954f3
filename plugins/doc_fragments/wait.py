# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description: Wait until the service has finished the operation. Otherwise return as soon as the request was accepted.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds to wait at most, besides O(timeout) for the requests themselves.
    type: float
    default: 1800
"""
