# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imported by Ansible's main process when it resolves a task's action plugin, before it forks a worker for each host.

What every task of this collection needs is imported here once and inherited by all workers; otherwise each worker would
import it again, which costs a third of the time of a cached token. Nothing here sends a request or imports a library.
"""

from __future__ import annotations

from ansible_collections.community.powerbi.plugins.plugin_utils import _bytecode

_bytecode.install()

# isort: split
from ansible_collections.community.powerbi.plugins.module_utils import _module  # noqa: F401
from ansible_collections.community.powerbi.plugins.plugin_utils import (  # noqa: F401
    _progress_display,
    _run,
)
