# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Rules for what is not content in a semantic model's definition, each with its reason.

The principle: a difference is ignored only where publishing could not remove it (the service writes it that way again),
or where the local files lack a value and the service sets a default. Two different stated values are always a
difference.
"""

from __future__ import annotations

import typing as t

DEFAULTS: t.Mapping[str, str] = {
    "isHidden": "false", "isKey": "false", "isUnique": "false", "isNullable": "true", "isAvailableInMdx": "true",
    "isActive": "true", "isPrivate": "false", "isDefaultLabel": "false",
    "isDefaultImage": "false", "keepUniqueRows": "false", "isNameInferred": "false", "isDataTypeInferred": "false",
    "showAsVariationsOnly": "false", "excludeFromModelRefresh": "false", "excludeFromAutomaticAggregations": "false",
    "systemManaged": "false", "isSimpleMeasure": "false", "relyOnReferentialIntegrity": "false",
    "discourageImplicitMeasures": "false", "discourageReportMeasures": "false", "forceUniqueNames": "false",
    "disableSystemDefaultExpression": "false", "retainDataTillForceCalculate": "false", "includeAll": "false",
    "legacyRedirects": "false", "returnErrorValuesAsNull": "false", "crossFilteringBehavior": "oneDirection",
    "securityFilteringBehavior": "oneDirection", "joinOnDateBehavior": "dateAndTime", "fromCardinality": "many",
    "toCardinality": "one", "summarizeBy": "default", "alignment": "default", "tableDetailPosition": "-1",
    "encodingHint": "default", "dataView": "default", "hideMembers": "default", "displayOrdinal": "0",
}  # fmt: skip
"""Properties and their default values in the object model. The service omits default values, so a file that states one
would always differ."""


def is_flag(name: str) -> bool:
    """Whether the values of a property are true and false. All other texts are case-sensitive: a format "TRUE", too."""
    return DEFAULTS.get(name) in ("true", "false") or (name[:2] == "is" and name[2:3].isupper())


ENUM_WORDS: t.Mapping[str, str] = {
    word.lower(): word
    for word in (
        "true", "false", "none", "default", "automatic", "import", "directQuery", "directLake", "dual", "push", "string",
        "int64", "double", "decimal", "dateTime", "boolean", "binary", "variant", "unknown", "sum", "min", "max", "count",
        "average", "distinctCount", "oneDirection", "bothDirections", "one", "many", "dateAndTime", "datePartOnly",
        "read", "readRefresh", "refresh", "administrator", "full", "sample", "left", "right", "center", "hash", "value",
        "basic", "hybrid", "day", "month", "quarter", "year", "json", "xml", "user", "group", "auto", "activeDirectory",
        "m", "calculated", "entity", "policyRange", "query", "calculationGroup", "inferred", "parquet",
        "powerBI_V1", "powerBI_V2", "powerBI_V3", "hideBlankMembers", "allowed", "blocked", "enabled", "disabled",
    )
}  # fmt: skip
"""Enumeration values in lower case -> as the service writes them: TMDL is case-insensitive when read."""

ENUM_PROPERTIES = frozenset(
    (
        "dataType", "summarizeBy", "alignment", "encodingHint", "mode", "dataView", "crossFilteringBehavior",
        "securityFilteringBehavior", "joinOnDateBehavior", "fromCardinality", "toCardinality", "modelPermission",
        "metadataPermission", "policyType", "incrementalGranularity", "rollingWindowGranularity", "contentType",
        "memberType", "hideMembers", "defaultMode", "defaultDataView", "defaultPowerBIDataSourceVersion", "directLakeBehavior",
    )
)  # fmt: skip
"""Properties whose value is an enumeration; all others are case-sensitive texts."""

ENUM_VALUED_KINDS = frozenset(("partition", "member", "columnPermission", "dataSource"))
"""Kinds whose value after the equals sign is an enumeration, not an expression."""

JSON_VALUED_KINDS = frozenset(
    ("linguisticMetadata", "extendedProperty", "dataAccessOptions", "connectionDetails", "credential", "options")
)
"""Kinds whose value may be JSON, where key order and whitespace are not content."""

SERVICE_PROPERTIES = frozenset(("lineageTag", "sourceLineageTag"))
"""The service sets a lineage tag on every object without one. A tag that the files state is compared."""

TOOL_ANNOTATIONS = frozenset(
    (
        "PBI_QueryOrder", "PBIDesktopVersion", "PBI_ProTooling", "__PBI_TimeIntelligenceEnabled", "PBI_ResultType",
        "PBI_NavigationStepName", "PBI_FormatHint", "PBI_ChangedProperties", "SummarizationSetBy",
        "UnderlyingDateTimeDataType", "PBI_RemovedChildren", "PBI_QueryRelationships", "PBI_ModelExtensionQueries",
        "TabularEditor_SerializeOptions", "DataTypeAnnotation", "PBI_Id", "LinkedQueryName", "PBIMColumnName",
        "PBI_QueryGroupOrder", "TemplateId", "__PBI_LocalDateTable", "__PBI_TemplateDateTable", "__TEdtr", "DefaultItem",
    )
)  # fmt: skip
"""Annotations with the state of editors: added by an editor or the service, without effect on any result.
They are ignored where the files don't have them, and compared where they do."""

OWNERSHIP_ANNOTATION = "community_powerbi_deployment"
"""The ownership annotation of this collection: see `ownership_annotation`."""

SERVICE_OWNED = {
    "database": ("the name and id of the database are the item's in the service", ("id",)),
}
"""Kinds whose name the service sets, with the properties that it sets as well."""

VOLATILE_TMSL = frozenset(
    (
        "modifiedTime",
        "structureModifiedTime",
        "refreshedTime",
        "createdTimestamp",
        "lastUpdate",
        "lastSchemaUpdate",
        "lastProcessed",
        "errorMessage",
        "state",
    )
)
"""Members of TMSL with times and states of the last change or processing: not part of a definition."""
