# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The options that powerbi_client_secret and powerbi_client_certificate share, as in _app_credentials/rotation.py.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
notes:
  - Callbacks do not show a result with a new credential; C(register) keeps it. C(async) is not supported, because Ansible would
    store the result on disk unencrypted.
options:
  display_name:
    description:
      - Display name of the credentials that are managed by this task. With O(state=absent) every credential of that name is
        removed, also one that another pipeline or vault has created. Use a unique name, or O(key_ids).
    type: str
  state:
    description:
      - V(present) adds a credential if the app has no valid credential with the name O(display_name).
      - V(rotated) adds a credential if the credential in use is unknown, has expired, or expires within O(rotate_before) days.
      - V(absent) removes the credentials with the name O(display_name) and those in O(key_ids), except those in
        O(keep_key_ids). The credential that the task logs in with is removed only with O(allow_lockout=true).
    type: str
    choices: [present, rotated, absent]
    default: present
  application:
    description:
      - Application (client) ID, object ID or unique display name of the app registration.
      - If not set, the app that the task logs in with.
    type: str
  rotate_before:
    description:
      - With O(state=rotated), number of days before the expiry at which the credential is renewed. If not set, every run adds a
        new credential.
    type: int
  valid_for:
    description: Validity of a new credential in days. A policy of the tenant may limit it.
    type: int
    default: 180
  key_ids:
    description:
      - With O(state=absent), key IDs of the credentials to remove, independent of their name. An empty entry is an
        error.
    type: list
    elements: str
  keep_key_ids:
    description:
      - With O(state=absent), key IDs of credentials that are never removed. An empty entry is an error, because it
        protects nothing.
    type: list
    elements: str
  allow_lockout:
    description:
      - With O(state=absent), also remove the last valid credential of the app, and the credential that the task logs in with.
    type: bool
    default: false
  propagation_timeout:
    description:
      - Number of seconds to wait until three successive logins with the new credential succeed. After that, the credential is
        removed again, and the task fails.
    type: float
    default: 300
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows names, key IDs and times, never a secret. A result with a new credential is hidden as a whole, with its diff.
  async:
    support: none
seealso:
  - module: community.powerbi.powerbi_credential_info
"""
