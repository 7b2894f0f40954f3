# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_credential_file
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read an app's credentials from a file on the controller, and change them in an encrypted one
description:
  - Reads a file of any of the formats that the role P(community.powerbi.powerbi_credentials#role) takes. Errors name line
    and column, and never show what is there.
  - Values are texts as they are written in the file. Templates in it are not evaluated.
  - With O(values), fields of a YAML or JSON file that Ansible Vault encrypts are changed. In YAML only the lines of these
    fields are changed, and comments stay; JSON is written with an indentation of 4.
notes:
  - The result is hidden by callbacks, while C(register) keeps it. Does not run with C(async), since Ansible would leave
    the result on disk in clear.
  - Files that Ansible Vault encrypts are only read on the controller.
options:
  path:
    description: The file.
    type: path
    required: true
  format:
    description: Its format. V(env) is an environment file, as M(community.powerbi.powerbi_environment_file) writes it.
    type: str
    choices: [yaml, json, ini, properties, env]
    default: yaml
  section:
    description: The key (YAML, JSON) or the section (INI) that has the fields. If not set, the top, or C([default]).
    type: str
    default: ""
  env_prefix:
    description: With V(env) and V(properties), what the names of the variables begin with.
    type: str
    default: POWERBI_
  vault_password:
    description: The password with which Ansible Vault encrypts the file. If not set, those of the run.
    type: str
  vault_id:
    description: With O(values), the vault ID to write. If not set, the one that the file has.
    type: str
  values:
    description: The fields to write; V(null) removes one. If not set, the file is only read.
    type: dict
  try_only:
    description: With O(values), whether to find out only if the file can be changed so.
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
  description: The fields by their names in the file.
  type: dict
  returned: without O(values)
options:
  description: In an environment file, what its variables are as options of this collection's modules.
  type: dict
  returned: without O(values)
field_names:
  description: The names of the fields that look like names.
  type: list
  elements: str
  returned: without O(values)
encrypted:
  description: Whether Ansible Vault encrypts the file as a whole.
  type: bool
  returned: without O(values)
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
