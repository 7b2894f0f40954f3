# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imported by Ansible's main process when it looks for a task's action, before it forks a worker for each host.

What every task of ours needs is imported here once and inherited by all workers; otherwise each would do it again, for
a third of what a cached token costs. Nothing here talks to anybody, and no library is imported.
"""

from __future__ import annotations

from ansible_collections.community.powerbi.plugins.plugin_utils import _bytecode

_bytecode.install()

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils import _module  # noqa: F401
from ansible_collections.community.powerbi.plugins.plugin_utils import _run  # noqa: F401
