# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # For modules
    DOCUMENTATION = r"""
requirements:
  - requests >= 2.28
  - PySocks (for a SOCKS URL in O(proxy))
options:
  cloud:
    description:
      - The cloud that the tenant lives in.
      - One of V(public), V(gcc), V(gcc_high), V(dod) and V(china). When it is not set, V(public).
      - >-
        Environment: E(POWERBI_CLOUD), E(FABRIC_ENVIRONMENT), E(AZURE_CLOUD_ENVIRONMENT), E(ARM_ENVIRONMENT).
    type: str
    aliases: [cloud_environment]
  authority:
    description:
      - The base URL of the identity provider, without the tenant, for private endpoints and the emulator.
      - When it is not set, that of the cloud.
      - >-
        Environment: E(POWERBI_AUTHORITY), E(AZURE_AUTHORITY_HOST).
    type: str
    aliases: [authority_host]
  api_url:
    description:
      - The base URL of the Power BI and Fabric APIs, for private endpoints and the emulator.
      - When it is not set, those of the cloud. Tokens are sent to no other host.
      - >-
        Environment: E(POWERBI_API_URL).
    type: str
  ca_path:
    description:
      - A PEM file or a folder of certificate authorities to trust instead of the default ones.
      - When it is not set, E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE) and E(SSL_CERT_FILE) count. Verification can't
        be switched off.
      - >-
        Environment: E(POWERBI_CA_PATH).
    type: path
  proxy:
    description:
      - The proxy for all hosts but local ones, as C(http://host:port).
      - When it is not set, E(HTTPS_PROXY), E(ALL_PROXY) and E(NO_PROXY) count.
      - >-
        Environment: E(POWERBI_PROXY).
    type: str
  timeout:
    description:
      - How many seconds a request may take with its repetitions and the waiting between them.
      - When it is not set, 120.
    type: float
  request_timeout:
    description:
      - How many seconds one try of a request may take.
      - When it is not set, 30.
    type: float
  subscription_id:
    description: Not used. It is accepted so that C(module_defaults) can be shared with azure.azcollection.
    type: str
  cert_validation_mode:
    description:
      - It is accepted so that C(module_defaults) can be shared with azure.azcollection.
      - Certificates are always verified. V(ignore) is an error; see O(ca_path).
      - >-
        Environment: E(AZURE_CERT_VALIDATION_MODE).
    type: str
    choices: [validate, ignore]
  api_profile:
    description: Not used. It is accepted so that C(module_defaults) can be shared with azure.azcollection.
    type: str
  disable_instance_discovery:
    description:
      - Not used. It is accepted so that C(module_defaults) can be shared with azure.azcollection.
      - For an identity provider of your own see O(authority).
    type: bool
"""

    # For lookups, beside DOCUMENTATION: where else their options may come from
    PLUGIN = r"""
options:
  cloud:
    vars:
      - name: powerbi_cloud
    ini:
      - section: powerbi
        key: cloud
  authority:
    vars:
      - name: powerbi_authority
    ini:
      - section: powerbi
        key: authority
  api_url:
    vars:
      - name: powerbi_api_url
    ini:
      - section: powerbi
        key: api_url
  ca_path:
    vars:
      - name: powerbi_ca_path
    ini:
      - section: powerbi
        key: ca_path
  proxy:
    vars:
      - name: powerbi_proxy
    ini:
      - section: powerbi
        key: proxy
  timeout:
    vars:
      - name: powerbi_timeout
    ini:
      - section: powerbi
        key: timeout
  request_timeout:
    vars:
      - name: powerbi_request_timeout
    ini:
      - section: powerbi
        key: request_timeout
  subscription_id:
    vars:
      - name: powerbi_subscription_id
    ini:
      - section: powerbi
        key: subscription_id
  cert_validation_mode:
    vars:
      - name: powerbi_cert_validation_mode
    ini:
      - section: powerbi
        key: cert_validation_mode
  api_profile:
    vars:
      - name: powerbi_api_profile
    ini:
      - section: powerbi
        key: api_profile
  disable_instance_discovery:
    vars:
      - name: powerbi_disable_instance_discovery
    ini:
      - section: powerbi
        key: disable_instance_discovery
"""
