# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # For modules
    DOCUMENTATION = r"""
requirements:
  - requests >= 2.28
  - msal >= 1.29 (not for O(auth_method=azure_cli) and O(auth_method=access_token))
  - cryptography >= 3.4 (for O(auth_method=certificate))
notes:
  - The value of an option that is not set is read from the environment (C(POWERBI_*), C(FABRIC_*), C(AZURE_*), C(ARM_*), in
    this order), then from the profiles file, on the host where the task runs. Identity and credential are always read from the
    same configuration source.
options:
  auth_method:
    description:
      - Authentication method.
      - >-
        V(auto) selects the method by the credential that is set. Two kinds of credential in one configuration source are an
        error, as is no credential at all.
      - >-
        V(managed_identity), V(azure_cli), V(device_code) and V(password) are used only if they are set explicitly.
      - >-
        V(device_code) and V(password) log in as a user, for operations that the service does not support for service principals.
        V(device_code) shows its prompt while the task runs, which is possible on the controller only.
      - >-
        Environment: E(POWERBI_AUTH_METHOD).
    type: str
    choices: [auto, client_secret, certificate, federated, managed_identity, azure_cli, device_code, password, access_token]
    default: auto
  tenant_id:
    description:
      - Microsoft Entra tenant, as GUID or domain name.
      - >-
        Environment: E(POWERBI_TENANT_ID), E(FABRIC_TENANT_ID), E(AZURE_TENANT_ID), E(AZURE_TENANT),
        E(ARM_TENANT_ID).
    type: str
    aliases: [tenant]
  client_id:
    description:
      - Application (client) ID of the app registration.
      - With O(auth_method=managed_identity), client ID of a user-assigned identity.
      - >-
        Environment: E(POWERBI_CLIENT_ID), E(FABRIC_CLIENT_ID), E(AZURE_CLIENT_ID), E(ARM_CLIENT_ID).
    type: str
    aliases: [app_id]
  client_secret:
    description:
      - Value of a client secret of the app, not its ID.
      - >-
        Environment: E(POWERBI_CLIENT_SECRET), E(FABRIC_CLIENT_SECRET), E(AZURE_CLIENT_SECRET), E(AZURE_SECRET),
        E(ARM_CLIENT_SECRET).
    type: str
    aliases: [secret]
  client_secret_file:
    description:
      - Path of a file that contains the client secret, on the host where the task runs.
      - >-
        Environment: E(POWERBI_CLIENT_SECRET_FILE), E(FABRIC_CLIENT_SECRET_FILE_PATH),
        E(ARM_CLIENT_SECRET_FILE_PATH).
    type: path
  certificate_path:
    description:
      - >-
        Path of a PEM file with certificate and private key, or of a PFX (PKCS#12) file, on the host where the task runs.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_PATH), E(FABRIC_CLIENT_CERTIFICATE_FILE_PATH),
        E(AZURE_CLIENT_CERTIFICATE_PATH), E(AZURE_X509_CERTIFICATE_PATH), E(ARM_CLIENT_CERTIFICATE_PATH).
    type: path
    aliases: [x509_certificate_path]
  certificate_data:
    description:
      - >-
        Certificate and private key as PEM, or as PFX in base64.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_DATA), E(FABRIC_CLIENT_CERTIFICATE), E(ARM_CLIENT_CERTIFICATE).
    type: str
  certificate_password:
    description:
      - Password of the private key or of the PFX.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_PASSWORD), E(FABRIC_CLIENT_CERTIFICATE_PASSWORD),
        E(AZURE_CLIENT_CERTIFICATE_PASSWORD), E(ARM_CLIENT_CERTIFICATE_PASSWORD).
    type: str
  certificate_thumbprint:
    description:
      - SHA-1 thumbprint of the certificate. Required only if the PEM contains a key without its certificate.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_THUMBPRINT), E(AZURE_THUMBPRINT).
    type: str
    aliases: [thumbprint]
  send_certificate_chain:
    description:
      - Whether to send the certificate with its chain, for subject name and issuer (SN/I) authentication instead of the
        thumbprint.
      - >-
        Environment: E(POWERBI_SEND_CERTIFICATE_CHAIN), E(AZURE_CLIENT_SEND_CERTIFICATE_CHAIN).
    type: bool
  federated_provider:
    description:
      - Source of the token for a federated credential.
      - >-
        V(auto) uses O(federated_token), O(federated_token_file), or the pipeline or pod that is detected from the environment.
      - >-
        V(github), V(azure_devops), V(gitlab) and V(kubernetes) get a new token from that environment for each login.
      - >-
        Environment: E(POWERBI_FEDERATED_PROVIDER).
    type: str
    choices: [auto, github, azure_devops, gitlab, kubernetes, file, token]
  federated_token:
    description:
      - Token of an identity provider that the app trusts (workload identity federation).
      - >-
        Environment: E(POWERBI_FEDERATED_TOKEN), E(FABRIC_OIDC_TOKEN), E(AZURE_FEDERATED_TOKEN), E(ARM_OIDC_TOKEN).
    type: str
    aliases: [oidc_token]
  federated_token_file:
    description:
      - Path of a file that contains such a token. It is read for each login, because the token is rotated.
      - >-
        Environment: E(POWERBI_FEDERATED_TOKEN_FILE), E(FABRIC_OIDC_TOKEN_FILE_PATH), E(AZURE_FEDERATED_TOKEN_FILE),
        E(ARM_OIDC_TOKEN_FILE_PATH).
    type: path
    aliases: [oidc_token_file_path]
  federated_audience:
    description:
      - Audience of the token that is requested from the identity provider of a pipeline.
      - If not set, the audience of the cloud, such as V(api://AzureADTokenExchange).
      - >-
        Environment: E(POWERBI_FEDERATED_AUDIENCE).
    type: str
  service_connection_id:
    description:
      - ID of the Azure DevOps service connection, for O(federated_provider=azure_devops).
      - >-
        Environment: E(POWERBI_SERVICE_CONNECTION_ID), E(FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID),
        E(ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID).
    type: str
  managed_identity_resource_id:
    description:
      - Azure resource ID of a user-assigned managed identity.
    type: str
  managed_identity_object_id:
    description:
      - Object ID of a user-assigned managed identity.
    type: str
  username:
    description:
      - User principal name, for O(auth_method=password).
      - >-
        Environment: E(POWERBI_USERNAME), E(AZURE_USERNAME), E(AZURE_AD_USER).
    type: str
    aliases: [ad_user]
  password:
    description:
      - Password of the user, for O(auth_method=password). Users with multi-factor authentication can't log in this way.
      - >-
        Environment: E(POWERBI_PASSWORD), E(AZURE_PASSWORD).
    type: str
  access_token:
    description:
      - Access token that was obtained elsewhere. Its audience and expiry are checked, and it is never renewed.
      - >-
        Environment: E(POWERBI_ACCESS_TOKEN).
    type: str
  access_token_file:
    description:
      - Path of a file that contains such a token.
      - >-
        Environment: E(POWERBI_ACCESS_TOKEN_FILE).
    type: path
  auth_profile:
    description:
      - Section of the profiles file, which is C(~/.config/powerbi/profiles.ini) or the file in E(POWERBI_PROFILES_FILE).
      - A section that does not exist there is read from the credentials file of azure.azcollection, C(~/.azure/credentials).
      - A profile in this option takes precedence over the environment; in a lookup, also over variables. A profile in
        E(POWERBI_PROFILE) takes precedence over the variables C(FABRIC_*), C(AZURE_*) and C(ARM_*). The section C([default])
        is read if no other configuration source has a credential.
      - The profiles file must not be readable by other users than its owner.
      - >-
        Environment: E(POWERBI_PROFILE). E(AZURE_PROFILE) is a section of C(~/.azure/credentials) and takes precedence over
        the variables C(AZURE_*).
    type: str
    aliases: [profile]
  auth_source:
    description:
      - Source of the credential, with the values of azure.azcollection, so that C(module_defaults) can be shared with it.
      - V(auto) is the same as not set. V(cli) is O(auth_method=azure_cli), V(msi) is O(auth_method=managed_identity).
      - V(env) reads the credential from environment variables only. V(credential_file) reads it from C(~/.azure/credentials),
        from the section in O(auth_profile) or E(AZURE_PROFILE), or from C([default]). With either, a credential in the options is
        an error.
      - >-
        Environment: E(ANSIBLE_AZURE_AUTH_SOURCE).
    type: str
    choices: [auto, cli, credential_file, env, msi]
  scope:
    description:
      - Scope of the requested token.
      - If neither this nor O(resource) is set, the scope of the Power BI API of the cloud, which Fabric accepts as well.
      - >-
        Environment: E(POWERBI_SCOPE).
    type: str
  resource:
    description:
      - Resource of the requested token, which is O(scope) without the suffix C(/.default).
      - >-
        Environment: E(POWERBI_RESOURCE).
    type: str
  min_validity:
    description:
      - Minimum remaining validity of a cached token in seconds. A token that expires earlier is renewed.
      - If not set, 300.
    type: int
  cache:
    description:
      - >-
        V(run) caches tokens for the duration of the run, in the run's private temporary folder on the controller. This is the
        default.
      - >-
        V(none) requests a token each time.
    type: str
    choices: [run, none]
"""

    # For lookups, together with DOCUMENTATION: further configuration sources of the options
    PLUGIN = r"""
options:
  auth_method:
    vars:
      - name: powerbi_auth_method
    ini:
      - section: powerbi
        key: auth_method
  tenant_id:
    vars:
      - name: powerbi_tenant_id
    ini:
      - section: powerbi
        key: tenant_id
  client_id:
    vars:
      - name: powerbi_client_id
    ini:
      - section: powerbi
        key: client_id
  client_secret:
    vars:
      - name: powerbi_client_secret
    ini:
      - section: powerbi
        key: client_secret
  client_secret_file:
    vars:
      - name: powerbi_client_secret_file
    ini:
      - section: powerbi
        key: client_secret_file
  certificate_path:
    vars:
      - name: powerbi_certificate_path
    ini:
      - section: powerbi
        key: certificate_path
  certificate_data:
    vars:
      - name: powerbi_certificate_data
    ini:
      - section: powerbi
        key: certificate_data
  certificate_password:
    vars:
      - name: powerbi_certificate_password
    ini:
      - section: powerbi
        key: certificate_password
  certificate_thumbprint:
    vars:
      - name: powerbi_certificate_thumbprint
    ini:
      - section: powerbi
        key: certificate_thumbprint
  send_certificate_chain:
    vars:
      - name: powerbi_send_certificate_chain
    ini:
      - section: powerbi
        key: send_certificate_chain
  federated_provider:
    vars:
      - name: powerbi_federated_provider
    ini:
      - section: powerbi
        key: federated_provider
  federated_token:
    vars:
      - name: powerbi_federated_token
    ini:
      - section: powerbi
        key: federated_token
  federated_token_file:
    vars:
      - name: powerbi_federated_token_file
    ini:
      - section: powerbi
        key: federated_token_file
  federated_audience:
    vars:
      - name: powerbi_federated_audience
    ini:
      - section: powerbi
        key: federated_audience
  service_connection_id:
    vars:
      - name: powerbi_service_connection_id
    ini:
      - section: powerbi
        key: service_connection_id
  managed_identity_resource_id:
    vars:
      - name: powerbi_managed_identity_resource_id
    ini:
      - section: powerbi
        key: managed_identity_resource_id
  managed_identity_object_id:
    vars:
      - name: powerbi_managed_identity_object_id
    ini:
      - section: powerbi
        key: managed_identity_object_id
  username:
    vars:
      - name: powerbi_username
    ini:
      - section: powerbi
        key: username
  password:
    vars:
      - name: powerbi_password
    ini:
      - section: powerbi
        key: password
  access_token:
    vars:
      - name: powerbi_access_token
    ini:
      - section: powerbi
        key: access_token
  access_token_file:
    vars:
      - name: powerbi_access_token_file
    ini:
      - section: powerbi
        key: access_token_file
  auth_profile:
    vars:
      - name: powerbi_auth_profile
    ini:
      - section: powerbi
        key: auth_profile
  auth_source:
    vars:
      - name: powerbi_auth_source
    ini:
      - section: powerbi
        key: auth_source
  scope:
    vars:
      - name: powerbi_scope
    ini:
      - section: powerbi
        key: scope
  resource:
    vars:
      - name: powerbi_resource
    ini:
      - section: powerbi
        key: resource
  min_validity:
    vars:
      - name: powerbi_min_validity
    ini:
      - section: powerbi
        key: min_validity
  cache:
    vars:
      - name: powerbi_cache
    ini:
      - section: powerbi
        key: cache
"""
