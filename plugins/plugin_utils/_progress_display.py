# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress lines through Ansible's display: often in a terminal, rarely in a log.

They go to stderr. Callbacks such as `json` write their result to stdout, which further text would damage, and ansible-core
buffers stdout where that is a pipe, so that lines would appear at the end of the run.
"""

from __future__ import annotations

import os
import sys
import typing as t

from ansible.utils.display import Display as AnsibleDisplay

from ansible_collections.community.powerbi.plugins.module_utils._progress.progress import Display

_TERMINAL = (3.0, 2.0)  # seconds until the first line, and between two
_LOG = (30.0, 30.0)
# Set by CI systems, by AWX and Automation Platform, some of which run Ansible in a pseudo terminal.
_LOGS: t.Final = ("CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "AWX_HOST", "AWX_ISOLATED_DATA_DIR", "JOB_ID")


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty() and not any(
            os.environ.get(name, "").lower() not in ("", "false", "0") for name in _LOGS
        )
    except (AttributeError, ValueError):  # stderr is closed
        return False


# Read when Ansible's main process imports this: a worker is detached from the terminal.
_IS_TERMINAL: t.Final = _is_terminal()


def display_of(host: str) -> Display:
    """How a task of that host shows its progress."""
    first, interval = _TERMINAL if _IS_TERMINAL else _LOG
    return Display(show_progress, host, first, interval)


def show_progress(text: str) -> None:
    """Display a line while the task runs; in a worker, ansible-core sends it to the main process."""
    AnsibleDisplay().display(text, stderr=True)
