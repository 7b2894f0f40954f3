# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  progress:
    description:
      - Whether to display a line about the progress of the task while it runs. In a terminal, the first one is displayed after 3
        seconds, and others every 2 seconds if something has changed. In logs and CI, one is displayed every 30 seconds.
      - If not set, the value is that of the environment variable E(POWERBI_PROGRESS), and V(true) without it.
      - The lines are written to the standard error stream. They are displayed only if the task runs on the controller, in the
        process of Ansible, because Ansible returns the output of other hosts at the end of the task. Tasks in check mode or with
        C(no_log) do not display any.
      - The page C(docs/progress.md) of the collection shows examples.
    type: bool
  progress_file:
    description:
      - Path of a file to which the progress is appended as JSON lines, on the host where the task runs, also if
        O(progress=false). Each line is an object with C(time), C(task), C(host), C(subject), C(event) and the values of the
        event.
      - The file is created for its owner alone (mode 0600). Several tasks, hosts and runs may share it. In check mode nothing is
        written.
      - If the file can't be written, the task fails before it sends a request.
    type: path
"""
