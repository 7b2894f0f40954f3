# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The options that powerbi_client_secret and powerbi_client_certificate share, as in _app_credentials/rotation.py.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
notes:
  - A result with a new credential is hidden by callbacks, while C(register) keeps it. Does not run with C(async), since
    Ansible would leave the result on disk in clear.
options:
  display_name:
    description:
      - The name of the credentials that this task manages. With O(state=absent) every credential of that name is removed,
        also one that another pipeline or vault made, so use a name that nothing else uses, or O(key_ids).
    type: str
  state:
    description:
      - V(present) adds a credential where the app has no valid one called O(display_name).
      - V(rotated) adds one where the one in use is unknown, has expired, or expires within O(rotate_before) days.
      - V(absent) removes those called O(display_name) and those in O(key_ids), but none of O(keep_key_ids). What the task logs in
        with is not removed unless O(force) is set.
    type: str
    choices: [present, rotated, absent]
    default: present
  application:
    description:
      - The app registration whose credentials are meant, by application (client) ID, object ID or unique display name.
      - If not set, the app that logs in.
    type: str
  rotate_before:
    description:
      - With O(state=rotated), renew only what expires within so many days. Without it, each run makes a new one.
    type: int
  valid_for:
    description: How many days a new one is valid. A policy of the tenant may allow less.
    type: int
    default: 180
  key_ids:
    description: With O(state=absent), the key IDs to remove, whatever their names. An empty entry is an error.
    type: list
    elements: str
  keep_key_ids:
    description: With O(state=absent), the key IDs that stay in any case. An empty entry is an error, since it keeps nothing.
    type: list
    elements: str
  force:
    description: Remove even the app's last valid credential, and the credential that the task logs in with.
    type: bool
    default: false
  propagation_timeout:
    description:
      - How many seconds a new one may take to be accepted three times in a row. If it takes longer it is removed again,
        and the task fails.
    type: float
    default: 300
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows names, key IDs and times, never a secret. Without a new secret, and in check mode; otherwise the result is
        hidden as a whole.
  async:
    support: none
seealso:
  - module: community.powerbi.powerbi_credential_info
"""
