# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The grammar of the Tabular Model Definition Language as data: the allowed parents of objects, and named objects.

The tables follow the TMDL overview of Analysis Services and the Tabular Object Model. A new kind of object is one
entry here; without it, a model that uses the kind causes a warning and is sent unchanged.
"""

from __future__ import annotations

import typing as t

_NOTES = ("annotation", "extendedProperty", "changedProperty", "excludedArtifact")

_MODEL_CHILDREN = (
    "table", "relationship", "role", "cultureInfo", "perspective", "expression", "dataSource", "queryGroup", "function",
    "bindingInfo", "dataAccessOptions", "automaticAggregationOptions", "analyticsAIMetadata",
)  # fmt: skip

ANYTHING = "*"

CHILDREN: t.Mapping[str, frozenset[str]] = {
    parent: frozenset((*children, *_NOTES))
    for parent, children in {
        "": ("database", "model", *_MODEL_CHILDREN),
        "database": ("model",),
        "model": _MODEL_CHILDREN,
        "table": (
            "column", "measure", "hierarchy", "partition", "calculationGroup", "refreshPolicy", "calendar",
            "defaultDetailRowsDefinition", "set",
        ),
        "column": ("variation", "alternateOf", "attributeHierarchy", "relatedColumnDetails"),
        "measure": ("kpi", "detailRowsDefinition", "formatStringDefinition"),
        "hierarchy": ("level",),
        "partition": ("source", "dataCoverageDefinition"),
        "source": ("attributes",),
        "calculationGroup": ("calculationItem", "multipleOrEmptySelectionExpression", "noSelectionExpression"),
        "multipleOrEmptySelectionExpression": ("formatStringDefinition",),
        "noSelectionExpression": ("formatStringDefinition",),
        "calculationItem": ("formatStringDefinition",),
        "relatedColumnDetails": ("groupByColumn",),
        "role": ("tablePermission", "member"),
        "tablePermission": ("columnPermission",),
        "perspective": ("perspectiveTable",),
        "perspectiveTable": ("perspectiveColumn", "perspectiveMeasure", "perspectiveHierarchy", "perspectiveSet"),
        "cultureInfo": ("linguisticMetadata", "translations", "translation"),
        "dataSource": ("connectionDetails", "credential", "options"),
        "calendar": ("calendarColumnGroup", "timeUnitColumnAssociation", "timeRelatedColumnGroup"),
        "translations": (ANYTHING,),
        "translation": (ANYTHING,),
    }.items()
}  # fmt: skip
"""Parent kind ("" is the document) -> kinds of objects that it may contain. Kinds without a row contain only notes."""

NAMELESS = frozenset(
    (
        "calculationGroup", "refreshPolicy", "defaultDetailRowsDefinition", "alternateOf", "attributeHierarchy",
        "relatedColumnDetails", "kpi", "detailRowsDefinition", "formatStringDefinition", "source", "attributes",
        "dataCoverageDefinition", "multipleOrEmptySelectionExpression", "noSelectionExpression", "linguisticMetadata",
        "translations", "translation", "dataAccessOptions", "automaticAggregationOptions", "analyticsAIMetadata",
        "connectionDetails", "credential", "options", "calendarColumnGroup", "timeUnitColumnAssociation",
        "timeRelatedColumnGroup", "changedProperty", "excludedArtifact",
    )
)  # fmt: skip
"""Kinds whose name is optional."""

OPTIONAL_NAME = frozenset(("database", "model"))

_WORDS = {*CHILDREN, *NAMELESS, *(word for row in CHILDREN.values() for word in row)} - {"", ANYTHING}

KINDS: t.Mapping[str, str] = {**{kind.lower(): kind for kind in sorted(_WORDS)}, "culture": "cultureInfo"}
"""Keyword in lower case (TMDL is case-insensitive when read) -> as it is written."""

COMMANDS: t.Mapping[str, str] = {
    word.lower(): word for word in ("createOrReplace", "create", "alter", "delete", "refresh", "sequence")
}
"""Commands of TMDL scripts and of XMLA, in lower case -> as they are written."""

ORDERED = frozenset(("level", "calculationItem"))
"""Kinds whose order among their siblings is content: the object model stores it as their ordinal."""

REPEATED = frozenset(
    (
        "changedProperty",
        "excludedArtifact",
        "calendarColumnGroup",
        "timeUnitColumnAssociation",
        "timeRelatedColumnGroup",
    )
)
"""Kinds without a name of which an object may have several: their value distinguishes them."""

REPEATED_PROPERTIES = frozenset(("groupByColumn", "associatedColumn", "column"))
"""Properties that an object may state several times; their order is content."""

TEXT_UNITS: t.Mapping[str, str] = {
    "table": "tables", "role": "roles", "cultureInfo": "cultures", "perspective": "perspectives",
}  # fmt: skip
"""Kinds that get a file each, and the folder of those files."""

ROOT_FILES: t.Mapping[str, str] = {
    "database": "database", "model": "model", "relationship": "relationships", "expression": "expressions",
    "dataSource": "dataSources", "function": "functions",
}  # fmt: skip
"""Kinds that share a file in the definition folder; all others are in the model's file."""


def allowed(parent: str, kind: str) -> bool:
    row = CHILDREN.get(parent)
    if row is None:
        return kind in _NOTES
    return kind in row or ANYTHING in row


def places(kind: str) -> list[str]:
    """The kinds that may contain an object of this kind, for the remedy of a misplaced one."""
    return sorted(parent for parent, row in CHILDREN.items() if kind in row and parent not in ("", "translations"))
