# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_credential_info
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Find out when an app's secrets and certificates expire
description:
  - Tells when the credential that logs in expires, and what other credentials the app has.
  - A certificate tells by itself. When a secret expires is known to Microsoft Graph, which needs the application permission
    C(Application.Read.All) or C(Application.ReadWrite.OwnedBy), or it was noted elsewhere (O(expires_on)).
  - This module changes nothing.
options:
  application:
    description:
      - The app registration, by application (client) ID, object ID or unique display name.
      - If not set, the app that logs in.
    type: str
  graph:
    description:
      - Whether to ask Microsoft Graph. V(auto) does so only when it is needed, and does without where the log-in may not.
    type: str
    choices: [auto, always, never]
    default: auto
  key_id:
    description: The key ID of the secret in use.
    type: str
  hint:
    description:
      - The first three characters of the secret in use, by which Microsoft Graph tells secrets apart. If not set, they are
        taken from the secret that logs in.
    type: str
  expires_on:
    description: When the secret in use expires, ISO 8601 in UTC, as it was noted beside it in a vault.
    type: str
  warn_days:
    description: Warn if it expires within so many days.
    type: int
  prove:
    description:
      - Also log in three times in a row with clients of their own, and wait until that works, as it takes a while with a
        secret that is seconds old.
    type: bool
    default: false
  propagation_timeout:
    description: How many seconds that may take.
    type: float
    default: 300
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
  - community.powerbi.attributes.info_module
"""

EXAMPLES = r"""
- name: Warn a month before the secret expires
  community.powerbi.powerbi_credential_info:
    profile: prod
    warn_days: 30

- name: Read the credentials of an app as an identity that may read them
  community.powerbi.powerbi_credential_info:
    profile: directory-reader
    application: 11111111-2222-3333-4444-555555555555
    graph: always
  register: credentials

- name: Show those that expire within a quarter
  ansible.builtin.debug:
    msg: "{{ (credentials.secrets + credentials.certificates) | selectattr('expires_in_days', 'lt', 90) }}"
"""

RETURN = r"""
in_use:
  description: The credential that is in use.
  type: dict
  returned: when it is known
  contains:
    kind:
      description: V(client_secret) or V(certificate).
      type: str
    expires_on:
      description: When it expires, ISO 8601 in UTC.
      type: str
      sample: "2027-05-23T12:00:00Z"
    expires_in_days:
      description: Whole days until then; negative once it has.
      type: int
    known_from:
      description: V(certificate), V(option) or V(graph).
      type: str
graph_readable:
  description: Whether Microsoft Graph let the log-in read the app.
  type: bool
  returned: when it was requested
application:
  description: The app.
  type: dict
  returned: when Graph was called and answered
  contains:
    id:
      description: Its object ID.
      type: str
    client_id:
      description: Its application (client) ID.
      type: str
    display_name:
      description: Its name.
      type: str
secrets:
  description: Its client secrets, never their text.
  type: list
  elements: dict
  returned: when Graph was called and answered
  sample:
    - {key_id: 5ec00000-0000-4000-8000-000000000001, display_name: ansible, starts_on: "2026-11-24T12:00:00Z",
       expires_on: "2027-05-23T12:00:00Z", expires_in_days: 180}
certificates:
  description: Its certificates, with their thumbprints.
  type: list
  elements: dict
  returned: when Graph was called and answered
propagation_seconds:
  description: How long it took until the credential was accepted three times in a row.
  type: float
  returned: when O(prove=true)
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._app_credentials.expiry import describe
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "application": {"type": "str"},
        "graph": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
        "key_id": {"type": "str", "no_log": False},
        "hint": {"type": "str", "no_log": False},
        "expires_on": {"type": "str"},
        "warn_days": {"type": "int"},
        "prove": {"type": "bool", "default": False},
        "propagation_timeout": {"type": "float", "default": 300.0},
    }
)


def run(context: Context) -> Result:
    return Result(values=describe(context))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
