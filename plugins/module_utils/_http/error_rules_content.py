# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Rules about what is written: capacities, definitions, imports, names, folders, refreshes."""

from __future__ import annotations

from .error_rule import ASSIGN_CAPACITY, Rule

_READ_TEXT = "correct what the service's text names; Power BI Desktop opens the same folder and shows the same problem"

CAPACITY_RULES: tuple[Rule, ...] = (
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
        ASSIGN_CAPACITY,
        codes=("WorkspaceHasNoCapacityAssigned", "WorkspaceHaveNoCapacity"),
    ),
    Rule(
        "The workspace's capacity has a SKU that does not support this item type or feature",
        "assign the workspace to a Fabric (F) or Premium (P) capacity: option `capacity` of powerbi_workspace",
        codes=("UnsupportedSku", "UnsupportedCapacitySKU"),
    ),
    Rule(
        "The feature is not available here: its tenant setting is off, or the capacity does not have it",
        "have a Fabric administrator check the tenant settings and the capacity's SKU",
        codes=("FeatureNotAvailable",),
    ),
    Rule(
        "There is no such capacity, or the caller may not assign workspaces to it",
        "check the name or id of the capacity (powerbi_capacity_info lists those that the caller sees), and make the caller "
        "an administrator or contributor of it",
        codes=("CapacityNotFound", "InsufficientPermissionsOverCapacity"),
    ),
    Rule(
        "This needs a workspace on a capacity",
        ASSIGN_CAPACITY,
        message=r"\b(premium|dedicated capacity|not on a capacity|requires.{0,30}capacity)\b",
    ),
)

CONTENT_RULES: tuple[Rule, ...] = (
    Rule(
        "The change would delete data that the semantic model holds (a removed or replaced table, column or partition), which "
        "the service refuses",
        "clear the model's rows first (powerbi_refresh with type=clear_values), or delete and create the model again, then "
        "deploy and refresh; `allow_data_loss` alone does not make the service accept it",
        codes=("Alm_InvalidRequest_PurgeRequired",),
    ),
    Rule(
        "The service could not load the semantic model's definition",
        "correct what its text names (TMDL or model.bim: a reference, an expression, a data type); Power BI Desktop opens "
        "the same folder and shows the same problem",
        codes=("Dataset_Import_FailedToImportDataset",),
    ),
    Rule(
        "The service could not load the report's definition, or the report's semantic model is not there",
        "check definition.pbir (does the semantic model exist, may the caller use it?) and " + _READ_TEXT,
        codes=("Report_Import_FailedToImportReport",),
    ),
    Rule(
        "The service can't read a file of the definition",
        _READ_TEXT,
        codes=("Workload_FailedToParseFile",),
    ),
    Rule(
        "A file that this item type needs is missing from its definition",
        "add the file that the service's text names (git may have ignored it)",
        codes=("Workload_MissingFileFromDefinition", "MissingDefinitionParts"),
    ),
    Rule(
        "The request lacks an option that this change of the definition needs",
        "read in the service's text which; for a change that deletes data of a semantic model clear the data first "
        "(powerbi_refresh with type=clear_values)",
        codes=("RequiredOptionsMissing",),
    ),
    Rule(
        "A part of the definition is not what the service expects: not base64, empty, or in another format than named",
        "check that the files are whole and in a format of this item type (TMDL or TMSL, PBIR or PBIR-Legacy)",
        codes=("CorruptedPayload", "InvalidDefinitionParts"),
    ),
    Rule(
        "The service does not know the item type, or does not create it this way",
        "check the folder's ending and `type` in its .platform file",
        codes=("InvalidItemType", "UnsupportedItemType"),
    ),
    Rule(
        "This operation does not exist for this item or its state (a type without definitions, a model with a sensitivity "
        "label or made by the service)",
        "leave the item out (exclude), or use the operations that the service documents for its type",
        codes=("OperationNotSupportedForItem",),
    ),
    Rule(
        "A sensitivity label protects the item: without rights on the label its content is neither read nor written",
        "give the caller rights on the label in Microsoft Purview, allow service principals in the label's policy, or "
        "remove the label",
        codes=("ItemHasProtectedLabel", "ProtectedLabel"),
    ),
    Rule(
        "A sensitivity label protects the item: without rights on the label its content is neither read nor written",
        "give the caller rights on the label in Microsoft Purview, allow service principals in the label's policy, or "
        "remove the label",
        message=r"(protected|encrypted|sensitivity).{0,30}\blabel",
    ),
    Rule(
        "The workspace is full: it has as many items as the service allows (deleted ones count until they are purged)",
        "delete items that are not needed, with hardDelete where that is meant, or use a second workspace",
        codes=("WorkspaceItemsLimitExceeded",),
    ),
    Rule(
        "The workspace has a folder of that name there already",
        "use that folder, or rename one of the two (names are compared without regard to case)",
        codes=("FolderDisplayNameAlreadyInUse",),
    ),
    Rule(
        "Folders can be nested ten deep, not deeper",
        "move the items into a folder further up",
        codes=("FolderDepthOutOfRange",),
    ),
    Rule(
        "The service does not allow this name for a folder",
        "use letters, digits, spaces, - and _, at most 255 characters, and no blank at either end",
        codes=("InvalidFolderDisplayName",),
    ),
    Rule(
        "The workspace has as many folders as the service allows",
        "delete folders that are not needed, or use fewer of them",
        codes=("TooManyFolders",),
    ),
    Rule(
        "The folder still holds items or folders (deleted items count until they are purged)",
        "move or delete them first",
        codes=("FolderNotEmpty",),
    ),
    Rule(
        "A folder can't be moved into itself, or into a folder in it",
        "give another folder as the target",
        codes=("InfiniteFolderHierarchyLoop",),
    ),
    Rule(
        "The environment has no libraries",
        "nothing, where none are expected; else upload libraries to its staging area and publish it",
        codes=("EnvironmentLibrariesNotFound",),
    ),
    Rule(
        "The service does not change this parameter: it is of the type Any or Binary, or the semantic model was changed through "
        "the XMLA endpoint, is a live connection, or has DirectQuery without enhanced metadata",
        "give the parameter a type in Power Query (Manage Parameters) and deploy the semantic model again; change parameters of "
        "other models in their definition (option `parameters` of powerbi_deploy)",
        statuses=(400,),
        message=r"parameter.{0,100}ActionNotSupported",
        path=r"Default\.UpdateParameters",
    ),
    Rule(
        "A parameter does not exist (names are case-sensitive), is named more than once, or its value is not of its type",
        "compare names, types and values with those of powerbi_semantic_model_info; a required parameter needs a value",
        statuses=(400,),
        message=r"parameter.{0,60}\binvalid\b",
        path=r"Default\.UpdateParameters",
    ),
    Rule(
        "The storage format or the query scale-out needs a workspace on a capacity, and query scale-out the large storage format",
        "assign the workspace to a capacity (option `capacity` of powerbi_workspace), and set `storage_format` to large",
        statuses=(400,),
        message=r"scale-?out|PremiumFiles",
        path=r"^PATCH /groups/[^/]+/datasets/[^/]+$",
    ),
    Rule(
        "The service can't run the DAX query: it has a mistake, or names what the semantic model does not have",
        "correct what its text names (the DAX query view of Power BI runs the same query); refresh a new semantic model first",
        codes=("DatasetExecuteQueriesError",),
    ),
    Rule(
        "There is nothing of that name to overwrite",
        "use CreateOrOverwrite (not for .rdl: Abort), or correct the name",
        codes=("DuplicatePackageNotFoundError",),
    ),
    Rule(
        "There is more than one item of that name",
        "rename or delete the others: the service can't decide which to overwrite",
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
        'name ends in .rdl; and that the tenant\'s network policy allows imports. An .rdl with MustUnderstand="df" can '
        "be deployed as a folder X.PaginatedReport with a .platform file instead",
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
        "the service reserves it for some minutes: try again then",
        codes=("ItemDisplayNameNotAvailableYet",),
    ),
    Rule(
        "A refresh of this semantic model is running",
        "wait for its end, or cancel it (enhanced refreshes only)",
        message=r"another refresh request is already executing",
    ),
    Rule(
        "The semantic model has no credentials for a data source",
        "set them in the model's settings, or bind it to a connection or gateway",
        codes=("ModelRefreshFailed_CredentialsNotSpecified",),
    ),
    Rule(
        "The query is wrong",
        "read the service's text: it names the place in the DAX",
        codes=("DatasetExecuteQueriesError",),
    ),
    Rule(
        "The gateway does not respond",
        "start the gateway's machine and service, and check that it is online in the portal",
        codes=("DM_GWPipeline_Client_GatewayUnreachable",),
    ),
)
