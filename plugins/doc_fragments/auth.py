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
  - An option that is not set is looked for in the environment, family by family (C(POWERBI_*), C(FABRIC_*), C(AZURE_*),
    C(ARM_*)), then in the profiles file, on the host where the task runs. Identity and credential are always taken
    from the same place.
options:
  auth_method:
    description:
      - How to log in.
      - >-
        V(auto) decides by what is given. Two kinds of credential in one place are an error, and so is none.
      - >-
        V(managed_identity), V(azure_cli), V(device_code) and V(password) are used only when they are named here.
      - >-
        V(device_code) and V(password) log in a person, for operations that the service refuses to apps.
        V(device_code) shows its prompt while it waits, and so works only on the controller.
      - >-
        Environment: E(POWERBI_AUTH_METHOD).
    type: str
    choices: [auto, client_secret, certificate, federated, managed_identity, azure_cli, device_code, password, access_token]
    default: auto
  tenant_id:
    description:
      - The Microsoft Entra tenant, as GUID or domain name.
      - >-
        Environment: E(POWERBI_TENANT_ID), E(FABRIC_TENANT_ID), E(AZURE_TENANT_ID), E(AZURE_TENANT),
        E(ARM_TENANT_ID).
    type: str
    aliases: [tenant]
  client_id:
    description:
      - The application (client) ID of the app registration.
      - With O(auth_method=managed_identity), the client ID of a user-assigned identity.
      - >-
        Environment: E(POWERBI_CLIENT_ID), E(FABRIC_CLIENT_ID), E(AZURE_CLIENT_ID), E(ARM_CLIENT_ID).
    type: str
    aliases: [app_id]
  client_secret:
    description:
      - The Value of a client secret of the app, not its ID.
      - >-
        Environment: E(POWERBI_CLIENT_SECRET), E(FABRIC_CLIENT_SECRET), E(AZURE_CLIENT_SECRET), E(AZURE_SECRET),
        E(ARM_CLIENT_SECRET).
    type: str
    aliases: [secret]
  client_secret_file:
    description:
      - A file that holds the client secret, on the host where the task runs.
      - >-
        Environment: E(POWERBI_CLIENT_SECRET_FILE), E(FABRIC_CLIENT_SECRET_FILE_PATH),
        E(ARM_CLIENT_SECRET_FILE_PATH).
    type: path
  certificate_path:
    description:
      - >-
        A PEM file with certificate and private key, or a PFX (PKCS#12) file, on the host where the task runs.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_PATH), E(FABRIC_CLIENT_CERTIFICATE_FILE_PATH),
        E(AZURE_CLIENT_CERTIFICATE_PATH), E(AZURE_X509_CERTIFICATE_PATH), E(ARM_CLIENT_CERTIFICATE_PATH).
    type: path
    aliases: [x509_certificate_path]
  certificate_data:
    description:
      - >-
        The same as text: PEM, or a PFX in base64.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_DATA), E(FABRIC_CLIENT_CERTIFICATE), E(ARM_CLIENT_CERTIFICATE).
    type: str
  certificate_password:
    description:
      - The password of the private key or of the PFX.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_PASSWORD), E(FABRIC_CLIENT_CERTIFICATE_PASSWORD),
        E(AZURE_CLIENT_CERTIFICATE_PASSWORD), E(ARM_CLIENT_CERTIFICATE_PASSWORD).
    type: str
  certificate_thumbprint:
    description:
      - The SHA-1 thumbprint of the certificate. Needed only where the PEM holds a key without its certificate.
      - >-
        Environment: E(POWERBI_CLIENT_CERTIFICATE_THUMBPRINT), E(AZURE_THUMBPRINT).
    type: str
    aliases: [thumbprint]
  send_certificate_chain:
    description:
      - Send the certificate and its chain along, so that Entra checks subject name and issuer (SN/I) instead of the
        thumbprint.
      - >-
        Environment: E(POWERBI_SEND_CERTIFICATE_CHAIN), E(AZURE_CLIENT_SEND_CERTIFICATE_CHAIN).
    type: bool
  federated_provider:
    description:
      - Where the token of a federated credential comes from.
      - >-
        V(auto) takes O(federated_token), O(federated_token_file), or the pipeline whose environment it finds.
      - >-
        V(github), V(azure_devops), V(gitlab) and V(kubernetes) ask that environment for a fresh token each time.
      - >-
        Environment: E(POWERBI_FEDERATED_PROVIDER).
    type: str
    choices: [auto, github, azure_devops, gitlab, kubernetes, file, token]
  federated_token:
    description:
      - A token of an identity provider that the app trusts (workload identity federation).
      - >-
        Environment: E(POWERBI_FEDERATED_TOKEN), E(FABRIC_OIDC_TOKEN), E(AZURE_FEDERATED_TOKEN), E(ARM_OIDC_TOKEN).
    type: str
    aliases: [oidc_token]
  federated_token_file:
    description:
      - A file that holds such a token. It is read again for each log-in, because it rotates.
      - >-
        Environment: E(POWERBI_FEDERATED_TOKEN_FILE), E(FABRIC_OIDC_TOKEN_FILE_PATH), E(AZURE_FEDERATED_TOKEN_FILE),
        E(ARM_OIDC_TOKEN_FILE_PATH).
    type: path
    aliases: [oidc_token_file_path]
  federated_audience:
    description:
      - The audience to ask a pipeline's identity provider for.
      - When it is not set, the one of the cloud, such as V(api://AzureADTokenExchange).
      - >-
        Environment: E(POWERBI_FEDERATED_AUDIENCE).
    type: str
  service_connection_id:
    description:
      - The id of the Azure DevOps service connection, for O(federated_provider=azure_devops).
      - >-
        Environment: E(POWERBI_SERVICE_CONNECTION_ID), E(FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID),
        E(ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID).
    type: str
  managed_identity_resource_id:
    description:
      - The Azure resource id of a user-assigned managed identity.
    type: str
  managed_identity_object_id:
    description:
      - The object id of a user-assigned managed identity.
    type: str
  username:
    description:
      - The user principal name, for O(auth_method=password).
      - >-
        Environment: E(POWERBI_USERNAME), E(AZURE_USERNAME), E(AZURE_AD_USER).
    type: str
    aliases: [ad_user]
  password:
    description:
      - The password, for O(auth_method=password). Fails for users with multi-factor authentication.
      - >-
        Environment: E(POWERBI_PASSWORD), E(AZURE_PASSWORD).
    type: str
  access_token:
    description:
      - An existing token. It is used as it is, after its audience and its expiry were checked.
      - >-
        Environment: E(POWERBI_ACCESS_TOKEN).
    type: str
  access_token_file:
    description:
      - A file that holds such a token.
      - >-
        Environment: E(POWERBI_ACCESS_TOKEN_FILE).
    type: path
  profile:
    description:
      - A section of the profiles file, C(~/.config/powerbi/profiles.ini) or what E(POWERBI_PROFILES_FILE) names.
      - A name that is no section there is looked for in the file of azure.azcollection, C(~/.azure/credentials).
      - A profile that is named here takes precedence over the environment; in a lookup, over variables too. One that
        E(POWERBI_PROFILE) names takes precedence over the variables C(FABRIC_*), C(AZURE_*) and C(ARM_*). The section
        C([default]) is read when nothing else is set.
      - The profiles file must be readable by its owner alone.
      - >-
        Environment: E(POWERBI_PROFILE). E(AZURE_PROFILE) names a section of C(~/.azure/credentials) and takes precedence over
        the variables C(AZURE_*).
    type: str
  auth_source:
    description:
      - Where the credential comes from, in the words of azure.azcollection, so that C(module_defaults) can be shared with it.
      - V(auto) is as if it was not set. V(cli) means O(auth_method=azure_cli), V(msi) means
        O(auth_method=managed_identity).
      - V(env) takes the credential from environment variables only. V(credential_file) takes it from
        C(~/.azure/credentials), from the section that O(profile) or E(AZURE_PROFILE) names, or from C([default]).
        With either, a credential among the options is an error.
      - >-
        Environment: E(ANSIBLE_AZURE_AUTH_SOURCE).
    type: str
    choices: [auto, cli, credential_file, env, msi]
  scope:
    description:
      - The scope to ask a token for.
      - When neither this nor O(resource) is set, the Power BI API of the cloud, which Fabric accepts as well.
      - >-
        Environment: E(POWERBI_SCOPE).
    type: str
  resource:
    description:
      - The same as O(scope), without the ending C(/.default).
      - >-
        Environment: E(POWERBI_RESOURCE).
    type: str
  min_validity:
    description:
      - Replace a cached token that has fewer seconds left than this.
      - When it is not set, 300.
    type: int
  cache:
    description:
      - >-
        V(run) keeps tokens in the run's private temporary folder on the controller, and only for this run. It counts
        when nothing is set.
      - >-
        V(none) requests a token each time.
    type: str
    choices: [run, none]
"""

    # For lookups, beside DOCUMENTATION: where else their options may come from
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
  profile:
    vars:
      - name: powerbi_profile
    ini:
      - section: powerbi
        key: profile
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
