# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_environment_file
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage the variables of an identity in an environment file of a host
description:
  - Writes the authentication and connection options as C(POWERBI_*) variables, for C(EnvironmentFile=) of systemd, a shell,
    containers and CI runners.
  - The variables are in a block between two comment lines that name the profile. All other lines of the file are kept.
  - O(state=absent) removes the block. A file without any other content is removed.
  - Other lines within the block are moved after it, also with O(state=absent), and a warning lists them.
notes:
  - The file has mode 0600 and is replaced atomically. If O(path) is a symbolic link, its target is replaced.
  - A variable that is also set outside the block causes a warning, because the last assignment takes effect.
  - A value before the block without an end (a quote that is not closed, a backslash at the end of the line) is an
    error, because
    the block would be part of that value. With O(format=plain), which has no quotes, it is a warning.
options:
  path:
    description: Path of the file.
    type: path
    required: true
  name:
    description: Name of the profile in the comment lines. A file may have blocks of several profiles.
    type: str
    default: default
  state:
    description: Whether the block exists in the file.
    type: str
    choices: [present, absent]
    default: present
  format:
    description:
      - V(systemd) quotes values for systemd and shells. V(plain) does not quote, as C(docker --env-file) and CI runners
        require.
      - Line feeds of a certificate are written as C(\n). Any other line terminator in a value is an error.
    type: str
    choices: [systemd, plain]
    default: systemd
  owner:
    description: Name or ID of the user that owns the file. If not set, the owner is not changed.
    type: str
  group:
    description:
      - Name or ID of the group of the file, which has no permission to read it. If not set, the group is not changed.
    type: str
extends_documentation_fragment:
  - community.powerbi.auth
  - community.powerbi.connection
  - community.powerbi.attributes
  - community.powerbi.attributes.actiongroup_powerbi
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Secrets are replaced by placeholders that show only whether the values differ.
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_auth_profile
"""

EXAMPLES = r"""
- name: Write the identity of the nightly service to its environment file
  community.powerbi.powerbi_environment_file:
    path: /etc/default/nightly
    tenant_id: 72f988bf-0000-0000-0000-2d7cd011db47
    client_id: 11111111-2222-3333-4444-555555555555
    client_secret: "{{ vault_powerbi_client_secret }}"
  become: true
"""

RETURN = r"""
path:
  description: Path of the environment file, as given in O(path).
  type: str
  returned: always
  sample: /etc/default/nightly
error:
  description:
    - Cause of the failure, for evaluation in a playbook. The same information is in RV(ignore:msg) as text.
    - C(kind), C(what), C(why) and C(remedy) are always present. Other keys are present if their value is known. The pages
      C(docs/errors.md) and C(docs/api_errors.md) of the collection list all of them.
    - A failure that Ansible itself reports, such as an unknown option, has no RV(error).
  type: dict
  returned: failure
  contains:
    kind:
      description:
        - Category of the error, one of V(config), V(content), V(missing_library), V(auth), V(not_propagated),
          V(transport), V(api), V(not_found), V(forbidden), V(conflict), V(throttled), V(operation_failed),
          V(operation_timeout), V(drift), V(error) and V(defect). V(defect) is a defect of the collection.
      type: str
      sample: forbidden
    what:
      description: Statement of what failed, in one sentence.
      type: str
      sample: The client secret has expired (AADSTS7000222)
    why:
      description: Cause of the failure in words. Empty if it is unknown.
      type: str
    remedy:
      description: Action that resolves the failure, in words. Empty if none is known.
      type: str
    option:
      description: Name of the option, environment variable or file whose value caused the error.
      type: str
    library:
      description: Name of the Python library that is missing on the host where the task runs.
      type: str
    code:
      description: Error code of the service. For Microsoft Entra ID, the AADSTS number or the OAuth error code.
      type: str
      sample: PowerBINotAuthorizedException
    status:
      description: HTTP status code of the response that reported the error.
      type: int
      sample: 403
    message:
      description: Error text of the API, in one line and without secrets.
      type: str
    request_id:
      description: Request ID of the API, for a support request.
      type: str
    correlation_id:
      description: Correlation ID of Microsoft Entra ID, for a support request.
      type: str
    timestamp:
      description: Time of the error in UTC, as Microsoft Entra ID reports it.
      type: str
    retryable:
      description: Whether the same token request can succeed later.
      type: bool
    retry_after:
      description: Number of seconds after which the service accepts the request again.
      type: float
    url:
      description: URL of the request that received no usable response.
      type: str
    caller:
      description:
        - Identity that the API refused, with C(type), C(client_id) or C(user), C(object_id), C(tenant_id) and
          C(auth_source). Unknown keys are omitted.
      type: dict
    problems:
      description:
        - Problems of the content, each with C(file), C(line), C(column), C(what), C(remedy), C(severity) and C(code).
      type: list
      elements: dict
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.environment_file import EnvironmentFile
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.environment_lines import STYLES
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import auth_argument_spec

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "path": {"type": "path", "required": True},
        "name": {"type": "str", "default": "default"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "format": {"type": "str", "choices": list(STYLES), "default": "systemd"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
    }
)


def run(context: Context) -> Result:
    return ensure(context, EnvironmentFile(context.params))


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
