# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of TMDL and their equivalents in TMSL."""

from __future__ import annotations

import re
import typing as t

Json = dict[str, t.Any]

# keyword of a child object -> the property of its parent that contains such objects
COLLECTIONS: t.Final = {
    "table": "tables",
    "measure": "measures",
    "column": "columns",
    "hierarchy": "hierarchies",
    "level": "levels",
    "partition": "partitions",
    "calculationItem": "calculationItems",
    "variation": "variations",
    "relationship": "relationships",
    "role": "roles",
    "tablePermission": "tablePermissions",
    "columnPermission": "columnPermissions",
    "member": "members",
    "expression": "expressions",
    "function": "functions",
    "cultureInfo": "cultures",
    "perspective": "perspectives",
    "perspectiveTable": "tables",
    "perspectiveColumn": "columns",
    "perspectiveMeasure": "measures",
    "perspectiveHierarchy": "hierarchies",
    "dataSource": "dataSources",
    "queryGroup": "queryGroups",
    "annotation": "annotations",
    "extendedProperty": "extendedProperties",
    "changedProperty": "changedProperties",
}
# the property whose value follows the `=` after an object's name
DEFAULTS: t.Final = {
    "measure": "expression",
    "column": "expression",
    "expression": "expression",
    "function": "expression",
    "calculationItem": "expression",
    "tablePermission": "filterExpression",
    "annotation": "value",
    "extendedProperty": "value",
    "changedProperty": "property",
    "linguisticMetadata": "content",
    "columnPermission": "metadataPermission",
    "member": "memberType",
    "dataSource": "type",
}
# the property that is the object's name, where it is not `name`
NAMES: t.Final = {"member": "memberName", "queryGroup": "folder"}
# objects that are the value of a property; those with a default property have it as `name = text`
WRAPPED: t.Final = frozenset(
    ("formatStringDefinition", "detailRowsDefinition", "noSelectionExpression", "multipleOrEmptySelectionExpression")
)
NUMBERS: t.Final = frozenset(("ordinal", "compatibilityLevel", "precedence", "version", "maxParallelismPerQuery"))
EXPRESSIONS: t.Final = frozenset(("expression", "filterExpression"))
# collection of the model -> keyword, and the folder with a file for each object or the file for all
REFERENCED: t.Final = {
    "tables": ("table", "tables/"),
    "roles": ("role", "roles/"),
    "cultures": ("cultureInfo", "cultures/"),
    "perspectives": ("perspective", "perspectives/"),
    "relationships": ("relationship", "relationships"),
    "expressions": ("expression", "expressions"),
    "functions": ("function", "functions"),
    "dataSources": ("dataSource", "dataSources"),
}
# properties that are the path of another object, as an object with the table and the name: collection of the name
PATHS: t.Final = {"defaultHierarchy": "hierarchy", "baseColumn": "column"}
# properties of translations: TMDL -> TMSL
TRANSLATED: t.Final = {
    name: f"translated{name[0].upper()}{name[1:]}" for name in ("caption", "description", "displayFolder")
}
KEYWORDS: t.Final = {collection: keyword for keyword, collection in reversed(list(COLLECTIONS.items()))}
_PERSPECTIVE: t.Final = {
    "tables": "perspectiveTable",
    "columns": "perspectiveColumn",
    "measures": "perspectiveMeasure",
    "hierarchies": "perspectiveHierarchy",
}


class TranslationError(ValueError):
    """The model can't be converted to the other language."""


def keyword_of(collection: str, parent: str) -> str:
    """The keyword of the objects in ``collection`` below an object with the keyword ``parent``."""
    if parent.startswith("perspective"):
        return _PERSPECTIVE.get(collection, KEYWORDS[collection])
    return KEYWORDS[collection]


def unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def quoted(name: str) -> str:
    """A name in TMDL: in quotes if it contains characters that would end it."""
    return "'" + name.replace("'", "''") + "'" if not name or re.search(r"[\s.=:'\"]", name) else name


def split_path(path: str) -> list[str]:
    """``'A b'.C`` as its parts."""
    return [unquoted(part) for part in re.findall(r"'(?:[^']|'')*'|[^.']+", path)]
