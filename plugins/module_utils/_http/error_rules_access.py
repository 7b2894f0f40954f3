# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rules about who calls Power BI and Fabric: tokens, tenant settings, roles in workspaces."""

from __future__ import annotations

from .error_rule import ADD_TO_WORKSPACE, AS_USER, DEVELOPER_SETTING, POWER_BI, REFUSED, Rule

TOKEN_RULES: tuple[Rule, ...] = (
    Rule(
        "The temporary upload location is no longer valid",
        "run the task again: it requests a new one",
        statuses=(401, 403, 404),
        path=r"^PUT https://",
    ),
    Rule(
        "The token was revoked, or a Conditional Access policy does not allow this network location (continuous access "
        "evaluation)",
        "check the caller's sign-in log in the Entra admin center; run from an allowed location, and let the task get a "
        "new token (an access_token that was given must be renewed by hand)",
        codes=("insufficient_claims", "TokenCreatedWithOutdatedPolicies"),
    ),
    Rule(
        "The tenant does not let this service principal use the API",
        DEVELOPER_SETTING,
        statuses=REFUSED,
        message=r"API is not (accessible|available) for application",
    ),
    Rule(
        "The token is expired or for another API",
        "check `cloud` and `scope` (the audience must be the Power BI API), and the clock where the task runs",
        codes=("TokenExpired",),
    ),
    Rule(
        "The service can't read the token: it is none of this tenant and API",
        "check `cloud`, `scope`, and that access_token, if it is set, is complete",
        codes=("InvalidToken", "InvalidAuthenticationToken"),
    ),
    Rule(
        "The token lacks a delegated permission (scope) that the operation needs",
        "add the permission to the app registration (API permissions > Power BI Service), grant consent, and log in again; "
        "a service principal needs none",
        codes=("InsufficientScopes",),
    ),
    Rule(
        "The user has no Power BI licence",
        "assign one, or use a service principal, which needs none",
        codes=("PowerBINotLicensedException",),
    ),
    Rule(
        "The request did not come from a network that the workspace's or the tenant's inbound policy allows",
        "run the task where the private endpoint (private link) is reached, or have the network added to the workspace's "
        "inbound rules; a change takes up to 30 minutes to work",
        codes=("RequestDeniedByInboundPolicy",),
    ),
    Rule(
        "The request went to another region than the one where the caller's tenant has its home, or the caller is not known "
        "to Power BI in this cloud",
        "set `cloud` to the tenant's cloud and drop `api_url` unless a private endpoint needs it; a user signs in once at "
        "the Power BI portal",
        codes=("UserDoesNotBelongToCurrentCluster",),
    ),
    Rule(
        "A service principal profile may not have that role in the workspace",
        "give the role to the service principal that owns the profile, or give the profile another role",
        codes=("WorkspaceRoleNotAllowedForServicePrincipalProfile",),
    ),
    Rule(
        "A gateway can't be shared with a principal of that type",
        "give the principal's real type, or choose another: a gateway takes users, security groups and service principals",
        codes=("GatewayInvalidPrincipalType",),
    ),
    Rule(
        "This operation is for users: callers of this type (service principals, mostly) are not supported",
        AS_USER,
        codes=("PrincipalTypeNotSupported",),
    ),
    Rule(
        "This operation is for users: service principals are not supported",
        AS_USER,
        message=r"(service ?principals?|app[- ]only).{0,40}\b(not|un)[ -]?(supported|allowed)",
    ),
    Rule(
        "The /apps operations are for users: a service principal has no apps",
        AS_USER,
        statuses=REFUSED,
        path=r"^\w+ /apps\b",
        apis=POWER_BI,
    ),
    Rule(
        "Without a workspace this means My workspace, which a service principal does not have",
        "use the same path below /groups/{workspace id}",
        statuses=REFUSED,
        path=r"^\w+ /(reports|datasets|dashboards|imports|dataflows)\b",
        apis=POWER_BI,
    ),
    Rule(
        "This is an admin API: the tenant setting for it is off or does not include the service principal, or its app "
        "registration holds Power BI permissions with admin consent, which exclude it",
        "a Fabric administrator enables 'Service principals can access read-only admin APIs' for a security group with "
        "the service principal; remove all Power BI permissions from the app registration",
        statuses=REFUSED,
        path=r"^GET /admin/",
        apis=POWER_BI,
    ),
    Rule(
        "This is an admin API that writes",
        "a Fabric administrator enables 'Service principals can access admin APIs used for updates', where the "
        "operation supports service principals at all; else log in as a Fabric administrator",
        statuses=REFUSED,
        path=r"^\w+ /admin/",
        apis=POWER_BI,
    ),
    Rule(
        "A tenant setting that this needs is off",
        "have a Fabric administrator enable the setting that the service names (Admin portal > Tenant settings), for all or "
        "for a security group with the caller",
        codes=("TenantSwitchDisabled",),
    ),
    Rule(
        "A tenant setting that this needs is off",
        "have a Fabric administrator enable the setting that the service names (Admin portal > Tenant settings), for all or "
        "for a security group with the caller",
        message=r"feature switch (is )?disabled|tenant setting.{0,40}\b(disabled|not enabled)",
    ),
    Rule(
        "The tenant setting 'Block republish and disable package refresh' lets only a semantic model's owner publish it again",
        "take the semantic model over (powerbi_semantic_model with `take_over: true`), publish as its owner, or "
        "have a Fabric administrator switch the setting off",
        message=r"block republish|disable package refresh|republish.{0,40}(blocked|not allowed|owner)",
    ),
)

ROLE_RULES: tuple[Rule, ...] = (
    Rule(
        "The caller has no role in the workspace, or there is no such workspace",
        ADD_TO_WORKSPACE,
        codes=("GroupNotAccessible", "PowerBIFolderNotFound", "WorkspaceNotFound"),
    ),
    Rule(
        "The tenant setting 'Dataset Execute Queries REST API' is off or does not include the caller, or the caller is a service "
        "principal and the semantic model has row-level security or single sign-on",
        "a Fabric administrator enables the setting (Admin portal > Tenant settings > Integration settings); query a model with "
        "row-level security as a user with Build permission",
        statuses=REFUSED,
        path=r"^POST /groups/[^/]+/datasets/[^/]+/executeQueries$",
        apis=POWER_BI,
    ),
    Rule(
        "The caller may not query this semantic model: it needs Build permission, which the role Viewer does not include",
        "give it the role Contributor (powerbi_workspace_access), or Build permission on the semantic model",
        statuses=(404,),
        message=r"can ?not query the dataset",
        path=r"/executeQueries$",
        apis=POWER_BI,
    ),
    Rule(
        "Only the owner of a semantic model may change this",
        "take the semantic model over first (powerbi_semantic_model with `take_over: true`), or run the task as its owner",
        statuses=REFUSED,
        path=r"Default\.(UpdateParameters|UpdateDatasources|BindToGateway|SetAllConnections)|refreshSchedule"
        r"|^PATCH /groups/[^/]+/datasets/[^/]+$",
        apis=POWER_BI,
    ),
    Rule(
        "The service principal may not create workspaces",
        DEVELOPER_SETTING,
        statuses=REFUSED,
        path=r"^POST /(groups|workspaces)$",
        apis=POWER_BI,
    ),
    Rule(
        "The quota of embed tokens without a capacity is used up, or the caller may not make them here",
        "assign the workspace to a Premium, Embedded or Fabric capacity (option `capacity` of powerbi_workspace)",
        statuses=(403,),
        path=r"GenerateToken",
        apis=POWER_BI,
    ),
    Rule(
        "The caller's role in the workspace is too low to import (it needs Contributor), or the caller is a service principal "
        "and the .pbix has a live connection through an XMLA endpoint, which service principals can't import",
        "give it the role Contributor (powerbi_workspace_access); deploy a report with such a connection as a project folder "
        "(PBIP) with powerbi_deploy",
        statuses=REFUSED,
        path=r"^POST /groups/[^/]+/imports\b",
        apis=POWER_BI,
    ),
    Rule(
        "The caller's role in the workspace is too low, or the report's semantic model is in another workspace where the "
        "caller has no role (or the tenant setting 'Use semantic models across workspaces' is off)",
        "give it a role in the report's workspace, and Build on the semantic model or a role in the model's workspace, which "
        "GET /groups/{workspace}/reports names as datasetWorkspaceId",
        statuses=REFUSED,
        path=r"^\w+ /groups/[^/]+/reports/[^/]+",
        apis=POWER_BI,
    ),
    Rule(
        "The caller may not do this: no role in the workspace or too low a one, a wrong workspace id, or it is not in "
        "the security group that the tenant setting names",
        ADD_TO_WORKSPACE,
        codes=("PowerBINotAuthorizedException", "InsufficientPrivileges", "Unauthorized", "InsufficientWorkspaceRole"),
        apis=POWER_BI,
    ),
    Rule(
        "There is no such principal in the tenant",
        "give the object id of the enterprise application (not the client_id) for a service principal, the object id "
        "of a group, or the user principal name of a user",
        codes=("PrincipalNotFound",),
    ),
    Rule(
        "The principal has a role already",
        "change it with PUT, as powerbi_workspace_access does",
        codes=("AddingAlreadyExistsGroupUserNotSupportedError",),
    ),
)
