# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CA and the server's certificate: created by trustme at the first start, kept in the directory of ``--dir``."""

from __future__ import annotations

import ssl
import typing as t
from pathlib import Path

from cryptography import x509

from powerbi_emulator.private_files import write_private

# the last two: host names of key vaults, for clients that resolve them to the loopback address
NAMES: t.Final = ("localhost", "127.0.0.1", "*.vault.localhost", "*.vault.azure.net")
# with --service-hosts: the hosts of the services, for clients with fixed hosts
SERVICE_HOSTS: t.Final = (
    *("api.powerbi.com", "api.fabric.microsoft.com", "login.microsoftonline.com", "graph.microsoft.com"),
    *("login.windows.net", "login.microsoft.com", "sts.windows.net", "analysis.windows.net", "*.analysis.windows.net"),
    *("app.powerbi.com", "vault.azure.net", "*.blob.core.windows.net", "management.azure.com"),
    # the other clouds
    *("login.microsoftonline.us", "login.partner.microsoftonline.cn", "graph.microsoft.us", "dod-graph.microsoft.us"),
    *("microsoftgraph.chinacloudapi.cn", "api.powerbigov.us", "api.high.powerbigov.us", "api.mil.powerbigov.us"),
    *("api.powerbi.cn", "*.vault.usgovcloudapi.net", "*.vault.azure.cn"),
)


def server_context(directory: Path, keys: Path, *, service_hosts: bool = False) -> ssl.SSLContext:
    """The TLS context of the server. Writes ``ca.pem`` to ``directory``, the private halves to ``keys``.

    With ``service_hosts`` its certificate also contains the hosts of the services. A certificate with other names than
    those needed is reissued by the same CA.
    """
    server, ca, ca_key = keys / "server.pem", directory / "ca.pem", keys / "ca-key.pem"
    names = NAMES + SERVICE_HOSTS if service_hosts else NAMES
    try:
        if _names_of(server) != set(names):
            _issue(ca, ca_key, server, names, anew=False)
        return _context(server, ca)
    except (OSError, ValueError, ssl.SSLError):
        pass  # first start, or files damaged by a start that was killed
    _issue(ca, ca_key, server, names, anew=True)
    return _context(server, ca)


def _names_of(server: Path) -> set[str]:
    """The names in the certificate. Raises OSError or ValueError without a readable one."""
    certificate = x509.load_pem_x509_certificates(server.read_bytes())[0]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    hosts = names.get_values_for_type(x509.DNSName)
    return {*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress))}


def _context(server: Path, ca: Path) -> ssl.SSLContext:
    ssl.create_default_context(cafile=ca)  # raises for an invalid CA
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return context


def _issue(ca_path: Path, ca_key: Path, server: Path, names: t.Sequence[str], *, anew: bool) -> None:
    import trustme  # needed only at the first start, and for other names

    if anew:
        ca = trustme.CA(organization_name="powerbi-emulator", organization_unit_name="local tests only")
        write_private(ca_key, ca.private_key_pem.bytes())
        write_private(ca_path, ca.cert_pem.bytes())
    else:
        ca = trustme.CA.from_pem(ca_path.read_bytes(), ca_key.read_bytes())
    leaf = ca.issue_cert(*names, common_name="localhost", organization_name="powerbi-emulator")
    write_private(server, leaf.private_key_and_cert_chain_pem.bytes())
