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
      - Cloud of the tenant.
      - One of V(public), V(gcc), V(gcc_high), V(dod) and V(china). If not set, V(public).
      - >-
        Environment: E(POWERBI_CLOUD), E(FABRIC_ENVIRONMENT), E(AZURE_CLOUD_ENVIRONMENT), E(ARM_ENVIRONMENT).
    type: str
    aliases: [cloud_environment]
  authority:
    description:
      - Base URL of the identity provider, without the tenant, for private endpoints and the emulator.
      - If not set, the identity provider of the cloud.
      - >-
        Environment: E(POWERBI_AUTHORITY), E(AZURE_AUTHORITY_HOST).
    type: str
    aliases: [authority_host]
  api_url:
    description:
      - Base URL of the Power BI and Fabric APIs, for private endpoints and the emulator.
      - If not set, the URLs of the cloud. Tokens are not sent to any other host.
      - >-
        Environment: E(POWERBI_API_URL).
    type: str
  ca_path:
    description:
      - Path of a PEM file or a folder with the certificate authorities to trust, instead of the default ones.
      - If not set, E(REQUESTS_CA_BUNDLE), E(CURL_CA_BUNDLE) and E(SSL_CERT_FILE) are used. Verification can't be disabled.
      - >-
        Environment: E(POWERBI_CA_PATH).
    type: path
  proxy:
    description:
      - URL of the proxy for all hosts except local ones, such as C(http://host:port).
      - If not set, E(HTTPS_PROXY), E(ALL_PROXY) and E(NO_PROXY) are used.
      - >-
        Environment: E(POWERBI_PROXY).
    type: str
  timeout:
    description:
      - Maximum number of seconds for each request, without its retries.
      - If not set, 30.
    type: float
  retry_timeout:
    description:
      - Maximum number of seconds for a request with its retries and the delays between them.
      - If not set, 120.
    type: float
  rate_limit:
    description:
      - Maximum number of requests a minute of one identity, for each kind of API (Fabric platform, Fabric job scheduler, Fabric
        operations, Power BI). All hosts, forks and tasks of the run share it; without the run's folder, such as on other
        hosts than the controller, each task has its own.
      - A request waits until there is room for it, so that the service does not refuse it. This wait does not count in
        O(retry_timeout). Limits of single APIs are observed as well, as documented and as the service's responses show.
      - Divide the quota of the service, 200, between jobs that use the same identity at the same time, such as slices of a
        job or parallel pipelines. With four slices, set 50.
      - V(0) disables the limit, so that only responses with status 429 delay requests.
      - If not set, 200.
      - >-
        Environment: E(POWERBI_RATE_LIMIT).
    type: int
  subscription_id:
    description: Accepted for C(module_defaults) that are shared with azure.azcollection, without effect.
    type: str
  cert_validation_mode:
    description:
      - Accepted for C(module_defaults) that are shared with azure.azcollection.
      - Certificates are always verified. V(ignore) is an error; see O(ca_path).
      - >-
        Environment: E(AZURE_CERT_VALIDATION_MODE).
    type: str
    choices: [validate, ignore]
  api_profile:
    description: Accepted for C(module_defaults) that are shared with azure.azcollection, without effect.
    type: str
  disable_instance_discovery:
    description:
      - Accepted for C(module_defaults) that are shared with azure.azcollection, without effect.
      - For another identity provider, see O(authority).
    type: bool
"""

    # For lookups, together with DOCUMENTATION: further configuration sources of the options
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
  retry_timeout:
    vars:
      - name: powerbi_retry_timeout
    ini:
      - section: powerbi
        key: retry_timeout
  rate_limit:
    vars:
      - name: powerbi_rate_limit
    ini:
      - section: powerbi
        key: rate_limit
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
