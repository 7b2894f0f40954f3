# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: powerbi_hashi_vault
author:
  - the community.powerbi authors (@ansible-collections)
version_added: 0.1.0
short_description: Read and write an app's credentials in HashiCorp Vault or OpenBao
description:
  - Sends the requests to a vault that the role P(community.powerbi.powerbi_credentials#role) needs. Options and environment
    variables have the names of C(community.hashi_vault); neither that collection nor hvac is needed.
  - Error messages contain no token, no header and no text of the server.
  - A token that the task obtains by logging in is revoked at the end of the task, except with O(request=login) and
    O(request=azure_secret).
notes:
  - Callbacks do not show the result; C(register) keeps it. C(async) is not supported, because Ansible would store the result on
    disk unencrypted.
  - TLS is always verified.
  - White space around a token, a secret_id or a JWT is ignored, because mounted files end with a line break.
requirements:
  - requests >= 2.28
options:
  request:
    description:
      - V(read) reads a KV secret.
      - V(write) writes fields of a KV version 2 secret as a new version. Fields that are not in O(data) are kept.
      - V(login) returns a token for later tasks, V(logout) revokes it.
      - V(azure_secret) creates a client secret for an existing app with the Azure engine, V(revoke_lease) removes it.
    type: str
    choices: [read, write, login, logout, azure_secret, revoke_lease]
    default: read
  path:
    description: Path of the secret below the mount, or role of the Azure engine.
    type: str
  mount:
    description: Mount path of the secrets engine.
    type: str
    default: secret
  kv_version:
    description: Version of the KV engine.
    type: int
    choices: [1, 2]
    default: 2
  version:
    description: With O(request=read), version of the secret. If not set, the current version.
    type: int
  data:
    description: With O(request=write), fields to write. V(null) removes a field; an empty string is an error.
    type: dict
  replace:
    description: With O(request=write), whether to remove all fields that are not in O(data).
    type: bool
    default: false
  cas:
    description:
      - With O(request=write), version for check-and-set, which must be the current version. If not set, the version that the
        task has read.
    type: int
  lease_id:
    description: With O(request=revoke_lease), ID of the lease.
    type: str
  url:
    description: URL of the vault, without user and password. If not set, E(ANSIBLE_HASHI_VAULT_ADDR) or E(VAULT_ADDR).
    type: str
    aliases: [addr]
  namespace:
    description: Namespace of the vault. If not set, E(ANSIBLE_HASHI_VAULT_NAMESPACE) or E(VAULT_NAMESPACE).
    type: str
  ca_cert:
    description:
      - PEM file with the certificate authorities to trust. If not set, E(ANSIBLE_HASHI_VAULT_CA_CERT) or
        E(VAULT_CACERT).
    type: path
    aliases: [cacert]
  validate_certs:
    description: Accepted for compatibility with C(community.hashi_vault). V(false) is an error.
    type: bool
  proxies:
    description: Proxy as a URL, or as a dictionary of URLs by scheme.
    type: raw
  timeout:
    description: Number of seconds to wait for each response. If not set, 30.
    type: float
  retries:
    description: Whether failed requests are retried, for at most a minute.
    type: raw
  retry_action:
    description: Accepted for compatibility with C(community.hashi_vault), without effect.
    type: str
  auth_method:
    description:
      - How to log in. If not set, E(ANSIBLE_HASHI_VAULT_AUTH_METHOD), else V(token).
      - V(azure) logs in with the token of a managed identity in O(jwt).
    type: str
    choices: [token, approle, jwt, kubernetes, userpass, ldap, cert, azure, none]
  mount_point:
    description: Mount path of the auth method. If not set, the name of the auth method.
    type: str
  token:
    description:
      - With O(auth_method=token), token of the vault. If not set, E(ANSIBLE_HASHI_VAULT_TOKEN), E(VAULT_TOKEN) or
        O(token_file).
    type: str
  token_path:
    description: Folder of O(token_file). If not set, the home folder.
    type: path
  token_file:
    description: Name of a file that contains the token. If not set, C(.vault-token).
    type: str
  token_validate:
    description: Accepted for compatibility with C(community.hashi_vault), without effect.
    type: bool
  role_id:
    description: The role_id of an AppRole, or the role for the other auth methods.
    type: str
  secret_id:
    description: The secret_id of an AppRole.
    type: str
  wrapped_secret_id:
    description: Wrapping token for the secret_id. It can be unwrapped once.
    type: str
  jwt:
    description: JSON Web Token for O(auth_method=jwt), O(auth_method=kubernetes) and O(auth_method=azure).
    type: str
  jwt_file:
    description:
      - File that contains the JSON Web Token. If not set, O(auth_method=kubernetes) uses the token of the service
        account of the
        pod.
    type: path
  username:
    description: User name for O(auth_method=userpass) and O(auth_method=ldap).
    type: str
  password:
    description: Password of O(username).
    type: str
  cert_auth_public_key:
    description: PEM file with the client certificate for O(auth_method=cert).
    type: path
  cert_auth_private_key:
    description: PEM file with the private key, without a password. If not set, the key is in O(cert_auth_public_key).
    type: path
extends_documentation_fragment:
  - community.powerbi.attributes
attributes:
  check_mode:
    support: full
    details:
      - Logs in and reads. O(request=azure_secret) also creates a client secret in check mode, because later tasks need it.
  diff_mode:
    support: partial
    details:
      - With O(request=write), shows the names of the fields, and whether their values change.
  async:
    support: none
seealso:
  - module: community.powerbi.powerbi_key_vault_secret
"""

EXAMPLES = r"""
- name: Read the app's secret
  community.powerbi.powerbi_hashi_vault:
    url: https://vault.example.com
    auth_method: approle
    role_id: "{{ role_id }}"
    secret_id: "{{ secret_id }}"
    path: powerbi/prod
  register: vaulted

- name: Write a new secret, and keep the other fields of that path
  community.powerbi.powerbi_hashi_vault:
    request: write
    url: https://vault.example.com
    path: powerbi/prod
    data:
      client_secret: "{{ renewed.client_secret }}"
      key_id: "{{ renewed.key_id }}"
"""

RETURN = r"""
fields:
  description: Fields of the secret, by name.
  type: dict
  returned: success with O(request=read)
version:
  description: Version of the secret; after a write, the new version. V(0) for KV version 1.
  type: int
  returned: success with O(request=read) or O(request=write)
  sample: 3
token:
  description: Token of the vault, for O(token) of later tasks.
  type: str
  returned: success with O(request=login)
revocable:
  description: Whether the task obtained the token by logging in, so that O(request=logout) may revoke it.
  type: bool
  returned: success with O(request=login)
num_uses:
  description: Number of requests that the token allows. V(0) for no limit.
  type: int
  returned: success with O(request=login)
secret_id:
  description: The secret_id that O(wrapped_secret_id) held.
  type: str
  returned: success with O(request=login), if O(wrapped_secret_id) was unwrapped
client_id:
  description: Application (client) ID of the app that the Azure engine manages.
  type: str
  returned: success with O(request=azure_secret)
client_secret:
  description: Value of the new client secret of the app.
  type: str
  returned: success with O(request=azure_secret)
lease_id:
  description: ID of the lease. Vault removes the client secret when the lease ends.
  type: str
  returned: success with O(request=azure_secret)
lease_duration:
  description: Validity of the token or of the lease in seconds. V(0) for no limit.
  type: int
  returned: success with O(request=login) or O(request=azure_secret)
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
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.hashi_vault_login import (
    CONNECTION_OPTIONS,
    LOGIN_OPTIONS,
)
from ansible_collections.community.powerbi.plugins.module_utils._secret_stores.hashi_vault_task import run_hashi_vault

ARGUMENT_SPEC: dict[str, t.Any] = {
    "request": {
        "type": "str",
        "choices": ["read", "write", "login", "logout", "azure_secret", "revoke_lease"],
        "default": "read",
    },
    "path": {"type": "str"},
    "mount": {"type": "str", "default": "secret"},
    "kv_version": {"type": "int", "choices": [1, 2], "default": 2},
    "version": {"type": "int"},
    "data": {"type": "dict", "no_log": True},
    "replace": {"type": "bool", "default": False},
    "cas": {"type": "int"},
    "lease_id": {"type": "str"},
    **CONNECTION_OPTIONS,
    **LOGIN_OPTIONS,
}
SECRET_VALUES = ("token", "secret_id", "client_secret", "fields")


def run(context: Context) -> Result:
    return run_hashi_vault(context)


def main() -> None:
    run_as_module(ARGUMENT_SPEC, run, secret_result=True)


if __name__ == "__main__":
    main()
