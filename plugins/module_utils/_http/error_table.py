# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Causes and remedies of the service's errors, as data. The first rule that applies counts: special before general."""

from __future__ import annotations

import typing as t


class Rule(t.NamedTuple):
    """When all that is given fits: one of the statuses, one of the codes, the patterns of text and path.

    ``path`` is searched in "METHOD /path", ``message`` in the service's text; all without regard to case.
    """

    why: str
    remedy: str
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    message: str = ""
    path: str = ""


_REFUSED = (401, 403)
_ADD_TO_WORKSPACE = (
    "give it a role in the workspace (powerbi_workspace_access), by the object id of its enterprise application, which "
    "is neither the client_id nor the id of the app registration; new access takes some minutes to work"
)
_DEVELOPER_SETTING = (
    "a Fabric administrator enables 'Service principals can call Fabric public APIs' (to create workspaces: 'Service "
    "principals can create workspaces, connections, and deployment pipelines') in the tenant settings, for all or for "
    "a security group that the service principal is in; it takes up to 15 minutes to work"
)
_ASSIGN_CAPACITY = (
    "assign the workspace to a Premium, Embedded or Fabric capacity (option `capacity` of powerbi_workspace)"
)
_OWNER_OPERATIONS = r"Default\.(UpdateParameters|UpdateDatasources|BindToGateway|SetAllConnections)|refreshSchedule"

RULES: tuple[Rule, ...] = (
    Rule(
        "The temporary upload location is no longer valid",
        "run the task again: it asks for a new one",
        statuses=(401, 403, 404),
        path=r"^PUT https://",
    ),
    # Who asks
    Rule(
        "The tenant does not let this service principal use the API",
        _DEVELOPER_SETTING,
        statuses=_REFUSED,
        message=r"API is not (accessible|available) for application",
    ),
    Rule(
        "The service takes the token for expired or for another API's",
        "check `cloud` and `scope` (the audience must be the Power BI API), and the clock where the task runs",
        codes=("TokenExpired",),
    ),
    Rule(
        "The service can't read the token: it is none of this tenant and API",
        "check `cloud`, `scope`, and where access_token is given, that all of it is",
        codes=("InvalidToken", "InvalidAuthenticationToken"),
    ),
    Rule(
        "The user has no Power BI licence",
        "assign one, or use a service principal, which needs none",
        codes=("PowerBINotLicensedException",),
    ),
    Rule(
        "This operation is for users: service principals are not supported",
        "log in as a user for this task (auth_method: device_code, or access_token of a user)",
        codes=(
            "PrincipalTypeNotSupported",
            "WorkspaceRoleNotAllowedForServicePrincipalProfile",
        ),
    ),
    Rule(
        "This operation is for users: service principals are not supported",
        "log in as a user for this task (auth_method: device_code, or access_token of a user)",
        message=r"(service ?principals?|app[- ]only).{0,40}\b(not|un)[ -]?(supported|allowed)",
    ),
    Rule(
        "The /apps operations are for users: a service principal has no apps",
        "log in as a user for this task (auth_method: device_code, or access_token of a user)",
        statuses=_REFUSED,
        path=r"^\w+ /apps\b",
    ),
    Rule(
        "Without a workspace this means My workspace, which a service principal does not have",
        "use the same path below /groups/{workspace id}",
        statuses=_REFUSED,
        path=r"^\w+ /(reports|datasets|dashboards|imports|dataflows)\b",
    ),
    # Admin APIs
    Rule(
        "This is an admin API: the tenant setting for it is off or does not include the service principal, or its app "
        "registration holds Power BI permissions with admin consent, which exclude it",
        "a Fabric administrator enables 'Service principals can access read-only admin APIs' for a security group with "
        "the service principal; remove all Power BI permissions from the app registration",
        statuses=_REFUSED,
        path=r"^GET /admin/",
    ),
    Rule(
        "This is an admin API that writes",
        "a Fabric administrator enables 'Service principals can access admin APIs used for updates', where the "
        "operation supports service principals at all; else log in as a Fabric administrator",
        statuses=_REFUSED,
        path=r"^\w+ /admin/",
    ),
    # Capacities
    Rule(
        "The workspace's capacity is paused",
        "resume the capacity in the Azure portal, or assign the workspace to a running one",
        codes=("CapacityNotActive",),
    ),
    Rule(
        "The workspace's capacity is paused",
        "resume the capacity in the Azure portal, or assign the workspace to a running one",
        message=r"capacity.{0,60}\b(paused|suspended|inactive|not active|not in active)",
    ),
    Rule(
        "The workspace is on no capacity, and this needs one",
        _ASSIGN_CAPACITY,
        codes=("WorkspaceHasNoCapacityAssigned", "WorkspaceHaveNoCapacity"),
    ),
    Rule(
        "The feature is not available here: its tenant setting is off, or the capacity does not have it",
        "have a Fabric administrator check the tenant settings and the capacity's SKU",
        codes=("FeatureNotAvailable",),
    ),
    Rule(
        "This needs a workspace on a capacity",
        _ASSIGN_CAPACITY,
        message=r"\b(premium|dedicated capacity|not on a capacity|requires.{0,30}capacity)\b",
    ),
    # Workspaces
    Rule(
        "The caller has no role in the workspace, or there is no such workspace",
        _ADD_TO_WORKSPACE,
        codes=("GroupNotAccessible", "PowerBIFolderNotFound", "WorkspaceNotFound"),
    ),
    Rule(
        "Only the owner of a semantic model may change this",
        "take the semantic model over first",
        statuses=_REFUSED,
        path=_OWNER_OPERATIONS,
    ),
    Rule(
        "The service principal may not create workspaces",
        _DEVELOPER_SETTING,
        statuses=_REFUSED,
        path=r"^POST /(groups|workspaces)$",
    ),
    Rule(
        "The quota of embed tokens without a capacity is used up, or the caller may not make them here",
        _ASSIGN_CAPACITY,
        statuses=(403,),
        path=r"GenerateToken",
    ),
    Rule(
        "The caller may not do this: no role in the workspace or too low a one, a wrong workspace id, or it is not in "
        "the security group that the tenant setting names",
        _ADD_TO_WORKSPACE,
        codes=("PowerBINotAuthorizedException", "InsufficientPrivileges", "Unauthorized", "InsufficientWorkspaceRole"),
    ),
    Rule(
        "There is no such principal in the tenant",
        "give the object id of the enterprise application (not the client_id) for a service principal, the object id "
        "of a group, or the user principal name of a user",
        codes=("PrincipalNotFound", "GatewayInvalidPrincipalType"),
    ),
    Rule(
        "The principal has a role already",
        "change it with PUT, as powerbi_workspace_access does",
        codes=("AddingAlreadyExistsGroupUserNotSupportedError",),
    ),
    # Content
    Rule(
        "There is nothing of that name to overwrite",
        "use CreateOrOverwrite (not for .rdl: Abort), or correct the name",
        codes=("DuplicatePackageNotFoundError",),
    ),
    Rule(
        "There is more than one item of that name",
        "rename or delete the others: the service can't tell which to overwrite",
        codes=("MoreThanOneDuplicatePackageFoundError",),
    ),
    Rule(
        "There is an item of that name already",
        "overwrite it, or use another name",
        codes=("PbixAlreadyImported",),
    ),
    Rule(
        "The service can't read the file",
        "check that it is a whole .pbix without a protection label, or an .rdl without byte order mark whose display "
        "name ends in .rdl; and that the tenant's network policy lets imports in",
        codes=("RequestedFileIsEncryptedOrCorrupted",),
    ),
    Rule(
        "The name is taken",
        "use another name, or let the task manage the one that exists",
        codes=(
            "ItemDisplayNameAlreadyInUse",
            "PowerBIEntityAlreadyExists",
            "WorkspaceNameAlreadyExists",
            "DuplicateGatewayName",
            "DuplicateConnectionName",
        ),
    ),
    Rule(
        "The name was that of an item deleted a moment ago",
        "the service keeps it back for some minutes: try again then",
        codes=("ItemDisplayNameNotAvailableYet",),
    ),
    Rule("The folder still holds items", "move or delete them first", codes=("FolderNotEmpty",)),
    Rule(
        "A refresh of this semantic model is running",
        "wait for its end, or cancel it (enhanced refreshes only)",
        message=r"another refresh request is already executing",
    ),
    Rule(
        "The query is wrong",
        "read the service's text: it names the place in the DAX",
        codes=("DatasetExecuteQueriesError",),
    ),
    Rule(
        "The gateway does not answer",
        "start the gateway's machine and service, and check that it is online in the portal",
        codes=("DM_GWPipeline_Client_GatewayUnreachable",),
    ),
    # In general
    Rule("The service throttles this caller", "run less at once, or raise `timeout`", statuses=(429,)),
    Rule("The service throttles this caller", "run less at once, or raise `timeout`", codes=("RequestBlocked",)),
    Rule("The service is busy or down", "try again later, or raise `timeout`", statuses=(502, 503, 504)),
    Rule(
        "The service failed; for models beyond 1 GB it does so where they are not in the large storage format",
        "try again; if it stays so, open a support request with the request id",
        statuses=(500,),
        path=r"Default\.UpdateParameters",
    ),
    Rule(
        "The service failed", "try again; if it stays so, open a support request with the request id", statuses=(500,)
    ),
    Rule("It does not exist, or the caller may not see it", "check the id and the caller's role", statuses=(404,)),
    Rule("The caller may not do this", _ADD_TO_WORKSPACE, statuses=_REFUSED),
    Rule(
        "The service takes the request for wrong",
        "correct what its text names; if that says nothing, ask its support with the request id",
        statuses=(400,),
    ),
)
