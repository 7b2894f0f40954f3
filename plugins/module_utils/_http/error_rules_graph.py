# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rules of Microsoft Graph: permissions on app registrations, and the tenant's app management policy."""

from __future__ import annotations

from .error_rule import Rule

_FEDERATION = "use a federated credential, which needs no secret (auth_method: federated)"

GRAPH_RULES: tuple[Rule, ...] = (
    Rule(
        "The tenant's app management policy limits how long credentials may live",
        "set `valid_for` to at most what the policy allows (the service names the policy), or " + _FEDERATION,
        codes=("CredentialInvalidLifetimeAsPerAppPolicy",),
    ),
    Rule(
        "The tenant's app management policy does not allow this type of credential",
        "use a certificate (powerbi_client_certificate), or "
        + _FEDERATION
        + ", or have an administrator exempt the app from the policy",
        codes=("CredentialTypeNotAllowedAsPerAppPolicy",),
    ),
    Rule(
        "The caller lacks a permission of Microsoft Graph for this, or does not own the app registration",
        "grant the caller's app registration the application permission Application.ReadWrite.OwnedBy of Microsoft Graph "
        "with admin consent and make its service principal an owner of the app that it changes (to read any app: "
        "Application.Read.All)",
        codes=("Authorization_RequestDenied",),
    ),
    Rule(
        "The caller lacks a permission of Microsoft Graph for this, or does not own the app registration",
        "grant the caller's app registration the application permission Application.ReadWrite.OwnedBy of Microsoft Graph "
        "with admin consent and make its service principal an owner of the app that it changes (to read any app: "
        "Application.Read.All)",
        statuses=(403,),
        apis=("graph",),
    ),
    Rule(
        "Microsoft Graph refused the token",
        "check `cloud` and `tenant_id`, and the clock where the task runs",
        statuses=(401,),
        apis=("graph",),
    ),
    Rule(
        "There is no such object in the directory, or it was created moments ago and not all of Graph knows it yet",
        "check the id (an app registration has a client id and an object id) and `tenant_id`; after a creation try again "
        "a minute later",
        statuses=(404,),
        apis=("graph",),
    ),
)
