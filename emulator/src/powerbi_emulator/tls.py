# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CA and the server's certificate: made by trustme at the first start, kept in the directory of ``--dir``."""

from __future__ import annotations

import ssl
from pathlib import Path

from powerbi_emulator.private_files import write_private

# the last two: key vaults have host names, where something resolves them to the loopback address
_NAMES = ("localhost", "127.0.0.1", "*.vault.localhost", "*.vault.azure.net")


def server_context(directory: Path, keys: Path) -> ssl.SSLContext:
    """The TLS context of the server. Writes ``ca.pem`` to ``directory``, the private halves to ``keys``."""
    server = keys / "server.pem"
    try:
        return _context(server, directory / "ca.pem")
    except (OSError, ssl.SSLError):
        pass  # first start, or files damaged by a start that was killed
    _issue(directory / "ca.pem", keys / "ca-key.pem", server)
    return _context(server, directory / "ca.pem")


def _context(server: Path, ca: Path) -> ssl.SSLContext:
    ssl.create_default_context(cafile=ca)  # raises for a CA that nobody could use
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return context


def _issue(ca_path: Path, ca_key: Path, server: Path) -> None:
    import trustme  # only a first start needs it

    ca = trustme.CA(organization_name="powerbi-emulator", organization_unit_name="local tests only")
    leaf = ca.issue_cert(*_NAMES, common_name="localhost", organization_name="powerbi-emulator")
    write_private(ca_key, ca.private_key_pem.bytes())
    write_private(ca_path, ca.cert_pem.bytes())
    write_private(server, leaf.private_key_and_cert_chain_pem.bytes())
