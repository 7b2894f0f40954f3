# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What belongs to one Ansible run, on the controller."""

from __future__ import annotations

import os

from ansible import constants as C
from ansible.utils.display import Display


def token_directory() -> str:
    """The folder for the run's tokens: below Ansible's own, which is 0700, shared by all forks and removed at the end."""
    return os.path.join(C.DEFAULT_LOCAL_TMP, "powerbi-tokens")


def show_prompt(text: str) -> None:
    """Print it while the task still runs: to stderr, because ansible-core buffers stdout where that is a pipe."""
    Display().display(text, stderr=True)


def show_warning(text: str) -> None:
    """Display an Ansible warning for a plugin without a result, or whose result is hidden together with its warnings."""
    Display().warning(text)
