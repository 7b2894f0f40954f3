# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_auth_profile
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Manage a profile in the profiles file of a host
description:
  - Writes the identity that any other module of this collection would get as its options into a section of the profiles
    file, where later runs and tools on that host find it by O(auth_profile).
  - Options that the task does not set are kept in the section, as are comments and all other sections. A credential replaces
    the existing credential of any kind.
  - An empty secret is an error.
  - O(certificate_data) is written to a separate file in the folder of the profiles file, and the section refers to it as
    O(certificate_path). That file is replaced or removed only if it is unchanged since this module wrote it.
notes:
  - Files are created with mode 0600 and replaced atomically. The mode of a file that others can read is corrected.
  - No values are read from the environment or from another profile, and no request is sent.
options:
  name:
    description:
      - Name of the profile, which is the section of the file. V(default) is used by tasks that do not set a profile.
      - If not set, V(default). Required with O(state=absent).
    type: str
  state:
    description: Whether the profile exists in the file.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - Path of the profiles file.
      - If not set, E(POWERBI_PROFILES_FILE), else C(powerbi/profiles.ini) below E(XDG_CONFIG_HOME) or C(~/.config), of
        the user and host that the task runs as.
    type: path
  owner:
    description: Name or ID of the user that owns the files. If not set, the owner is not changed.
    type: str
  group:
    description:
      - Name or ID of the group of the files, which has no permission to read them. If not set, the group is not
        changed.
    type: str
  only_written:
    description:
      - With O(state=absent), whether to keep a section, with a warning, that has another O(tenant_id) or O(client_id),
        or that this
        module did not write if O(client_id) is not set.
    type: bool
    default: false
  auth_profile:
    description: Accepted for C(module_defaults) of the action group, and not written.
    type: str
    aliases: [profile]
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
  - module: community.powerbi.powerbi_token
"""

EXAMPLES = r"""
- name: Write the production profile for the user of the nightly jobs
  community.powerbi.powerbi_auth_profile:
    name: prod
    path: /home/nightly/.config/powerbi/profiles.ini
    owner: nightly
    group: nightly
    tenant_id: 72f988bf-0000-0000-0000-2d7cd011db47
    client_id: 11111111-2222-3333-4444-555555555555
    client_secret: "{{ vault_powerbi_client_secret }}"
  become: true

- name: Write a profile with a certificate, whose key is in a separate file
  community.powerbi.powerbi_auth_profile:
    name: prod
    tenant_id: contoso.onmicrosoft.com
    client_id: 11111111-2222-3333-4444-555555555555
    certificate_data: "{{ lookup('ansible.builtin.file', 'app.pem') }}"

- name: Remove a profile
  community.powerbi.powerbi_auth_profile:
    name: test
    state: absent
"""

RETURN = r"""
path:
  description: Path of the profiles file that the task manages.
  type: str
  returned: success, or failure once it is known
  sample: /home/nightly/.config/powerbi/profiles.ini
name:
  description: Name of the profile, which is the section of the file.
  type: str
  returned: success, or failure once it is known
  sample: prod
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

import os
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._ensure import ensure
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError
from ansible_collections.community.powerbi.plugins.module_utils._module import Context, Result, run_as_module
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.private_file import Owner
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.profiles_file import Profile
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import (
    SHARED_OPTIONS,
    auth_argument_spec,
)
from ansible_collections.community.powerbi.plugins.module_utils._settings.profiles import profiles_path

ARGUMENT_SPEC: dict[str, t.Any] = auth_argument_spec(
    {
        "name": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "path": {"type": "path"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "only_written": {"type": "bool", "default": False},
    }
)


def run(context: Context) -> Result:
    params = context.params
    name, present = _name(context), params["state"] == "present"
    path, owner = params["path"] or profiles_path(os.environ), Owner.named(params["owner"], params["group"])
    options = {option: params.get(option) for option in SHARED_OPTIONS} if present else None
    profile = Profile(path, name, owner, options)
    context.known.update(profile.known())
    reason = "" if present or not params["only_written"] else profile.is_another(params)
    if reason:
        context.warn(f"The section [{name}] of {profile.path} is left alone: {reason}")
        return Result(values=profile.known())
    return ensure(context, profile)


def _name(context: Context) -> str:
    """The section. It is removed only when it is named."""
    params = context.params
    if params["name"] is not None:
        return str(params["name"])
    if params["state"] == "absent":
        raise ConfigError(
            "name is not set, and a profile is removed only when it is named",
            option="name",
            remedy="set name (of the profile that `auth_profile` means, too), to default for the section [default]",
        )
    if params.get("auth_profile"):
        context.warn(
            f"auth_profile is {params['auth_profile']!r}, which does not name the section to write: that is `name`, here default"
        )
    return "default"


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
