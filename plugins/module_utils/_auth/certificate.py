# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Log in with a certificate: PEM or PFX, from `certificate_path` or `certificate_data`."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError
from .._settings.resolve import Settings
from . import certificate_file, msal_adapter
from .facts import facts_of
from .login import Login
from .tokens import AccessToken


def acquire(settings: Settings, scope: str, login: Login) -> AccessToken:
    """Client credentials grant with a certificate (a signed client assertion). Raises as `Method`."""
    certificate = certificate_file.load(settings.credential, login.now())
    facts = facts_of(settings, scope)
    return msal_adapter.client_credentials(settings, scope, login, _msal_credential(settings, certificate), facts)


def _msal_credential(settings: Settings, certificate: certificate_file.Certificate) -> dict[str, t.Any]:
    """As msal's ``client_credential``: msal signs with RS256 and x5t, and sends the whole chain as x5c only with a thumbprint.

    Without one it would take the thumbprints from the leaf, sign with PS256 and x5t#S256, and leave the issuers out.
    """
    credential = {"private_key": certificate.private_key.reveal(), "thumbprint": certificate.thumbprint}
    if not certificate_file.is_true(settings.credential.options.get("send_certificate_chain")):
        return credential
    if not certificate.chain:
        raise ConfigError(
            "send_certificate_chain is set, but the certificate is not there, only its key and thumbprint",
            option="send_certificate_chain",
            remedy="add the certificate and its issuers to the file",
        )
    return {**credential, "public_certificate": certificate.chain}
