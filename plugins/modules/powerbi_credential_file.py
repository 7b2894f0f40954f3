# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_credential_file
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read an app's credentials from a file on the controller, or change them in an encrypted file
description:
  - Reads a file in one of the formats that the role P(community.powerbi.powerbi_credentials#role) supports. Errors state line
    and column, never the content.
  - Values are strings, exactly as written in the file. Templates in the file are not evaluated.
  - With O(values), fields of a YAML or JSON file that is encrypted with Ansible Vault are changed. In YAML only the lines of
    these fields change, and comments are kept. JSON is written with an indentation of 4.
notes:
  - Callbacks do not show the result; C(register) keeps it. C(async) is not supported, because Ansible would store the result on
    disk unencrypted.
  - Files that are encrypted with Ansible Vault can be read on the controller only.
options:
  path:
    description: Path of the file.
    type: path
    required: true
  format:
    description:
      - Format of the file. V(env) is an environment file, as M(community.powerbi.powerbi_environment_file) writes it.
    type: str
    choices: [yaml, json, ini, properties, env]
    default: yaml
  section:
    description: Key (YAML, JSON) or section (INI) that contains the fields. If not set, the top level, or C([default]).
    type: str
    default: ""
  env_prefix:
    description: With O(format=env) and O(format=properties), prefix of the names of the variables.
    type: str
    default: POWERBI_
  vault_password:
    description: Ansible Vault password of the file. If not set, the vault passwords of the run.
    type: str
  vault_id:
    description: With O(values), vault ID to write. If not set, the vault ID of the file.
    type: str
  values:
    description: Fields to write; V(null) removes a field. If not set, the file is only read.
    type: dict
  try_only:
    description: With O(values), only check whether the file can be changed, without a write.
    type: bool
    default: false
extends_documentation_fragment:
  - community.powerbi.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  async:
    support: none
seealso:
  - module: community.powerbi.powerbi_environment_file
"""

EXAMPLES = r"""
- name: Read the credentials
  community.powerbi.powerbi_credential_file:
    path: secrets/prod.yml
    section: powerbi
  register: found
"""

RETURN = r"""
fields:
  description: Fields of the file or of O(section), by name. Values are strings, as written in the file.
  type: dict
  returned: success without O(values)
options:
  description:
    - With O(format=env), values of the variables by the option names of the modules of this collection; else empty.
  type: dict
  returned: success without O(values)
field_names:
  description: Keys of the fields, without those that may themselves be secret.
  type: list
  elements: str
  returned: success without O(values)
encrypted:
  description: Whether the whole file is encrypted with Ansible Vault.
  type: bool
  returned: success without O(values)
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

from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.credential_file import FORMATS
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.credential_file_task import (
    run_credential_file,
)

ARGUMENT_SPEC: dict[str, t.Any] = {
    "path": {"type": "path", "required": True},
    "format": {"type": "str", "choices": list(FORMATS), "default": "yaml"},
    "section": {"type": "str", "default": ""},
    "env_prefix": {"type": "str", "default": "POWERBI_"},
    "vault_password": {"type": "str", "no_log": True},
    "vault_id": {"type": "str"},
    "values": {"type": "dict", "no_log": True},
    "try_only": {"type": "bool", "default": False},
}
SECRET_VALUES = ("fields", "options")


def run(context: Context) -> Result:
    return run_credential_file(context)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True)


if __name__ == "__main__":
    main()
