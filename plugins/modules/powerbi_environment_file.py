# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_environment_file
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Keep an identity as variables in an environment file of a host
description:
  - Writes the identity that any other module of this collection would get as its options as C(POWERBI_*) variables, for
    C(EnvironmentFile=) of systemd, a shell, containers and CI runners.
  - The variables stand in a block between two comment lines that name the profile. All other lines of the file stay as they are.
  - V(absent) removes the block. A file that holds nothing else is removed.
  - Lines that somebody wrote into the block are kept after it, also with V(absent), with a warning that names them.
notes:
  - The file has mode 0600 and is replaced as a whole. A link stays a link.
  - A variable that is set outside of the block as well is a warning, since the last line counts.
  - A value before the block that has no end (a quote that is not closed, a backslash at the end of the line) is an error, as the
    block would be a part of it. With O(format=plain), whose readers know no quotes, it is a warning.
options:
  path:
    description: The file.
    type: path
    required: true
  name:
    description: The name of the profile, which the comment lines bear. A file may have blocks of several profiles.
    type: str
    default: default
  state:
    description: Whether there is such a block.
    type: str
    choices: [present, absent]
    default: present
  format:
    description:
      - V(systemd) quotes as systemd and shells read it; V(plain) does not quote, as C(docker --env-file) and CI runners want it.
      - Line feeds of a certificate are written as C(\n). Any other character that ends a line is an error.
    type: str
    choices: [systemd, plain]
    default: systemd
  owner:
    description: Name or number of the user whose file it is. If not set, it is left as it is.
    type: str
  group:
    description: Name or number of the file's group, which may not read it all the same. If not set, it is left as it is.
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
      - Secrets are shown as marks that tell whether they differ.
  async:
    support: full
seealso:
  - module: community.powerbi.powerbi_profile
"""

EXAMPLES = r"""
- name: Give the nightly service its identity, beside the other variables of that file
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
  returned: success
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
          C(auth_source), as far as they are known.
      type: dict
    problems:
      description:
        - Problems of the content, each with C(file), C(line), C(column), C(what), C(remedy) and C(severity).
      type: list
      elements: dict
"""

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.environment_file import (
    ensure_environment_file,
)
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
    return ensure_environment_file(context)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
