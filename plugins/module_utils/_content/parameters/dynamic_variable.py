# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Values that exist only in the target: ``$workspace...`` and ``$items...``, in the syntax of fabric-cicd.

    $workspace.$id  $workspace.id  $workspace.$name  $workspace.$name_encoded     the workspace deployed to
    $workspace.<name>  $workspace.<name>.$id                                      another workspace's id
    $items.<type>.<name>.$<attribute>  $items.<type>.<name>.<attribute>           an item of the workspace deployed to
    $workspace.<name>.$items.<type>.<name>.$<attribute>                           an item of another workspace

Attributes are id and those of `PROPERTIES`, in any case. Names may have dots; types are Fabric's, with their case. The pools of
spark_pool, which have no such syntax, are variables as well.
"""

from __future__ import annotations

import dataclasses
import re

from ..._errors import listed
from .. import item_types
from ..item import ITEM_TYPES

ITEMS = "$items."
WORKSPACE = "$workspace."
ENVIRONMENT = "$ENV:"

PROPERTIES: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlendpoint": {
        "Lakehouse": ("sqlEndpointProperties", "connectionString"),
        "MirroredDatabase": ("sqlEndpointProperties", "connectionString"),
        "Warehouse": ("connectionString",),
        "SQLDatabase": ("serverFqdn",),
    },
    "sqlendpointid": {
        "Lakehouse": ("sqlEndpointProperties", "id"),
        "MirroredDatabase": ("sqlEndpointProperties", "id"),
    },
    "queryserviceuri": {"Eventhouse": ("queryServiceUri",)},
}
"""Attribute -> the types that have it, each with the path of the value in the `properties` of an item."""

ATTRIBUTES = ("id", *PROPERTIES)

_OWN = {"id": "id", "$id": "id", "$name": "name", "$name_encoded": "name_encoded"}
_INNER_ITEMS = ".$items."


@dataclasses.dataclass(frozen=True)
class Variable:
    """A dynamic variable. ``workspace`` is "" for the one deployed to; ``item_type`` is "" for a workspace's attribute.

    ``pool_type`` is "Workspace" or "Capacity" for the id of the Spark pool ``item_name``.
    """

    attribute: str
    workspace: str = ""
    item_type: str = ""
    item_name: str = ""
    pool_type: str = ""

    def __str__(self) -> str:
        if self.pool_type:
            return f"the {self.pool_type} Spark pool {self.item_name!r}"
        item = f"{ITEMS}{self.item_type}.{self.item_name}" if self.item_type else ""
        if not item:
            return f"{WORKSPACE}{self.workspace + '.' if self.workspace else ''}${self.attribute}"
        return (
            f"{WORKSPACE}{self.workspace}.{item}.${self.attribute}" if self.workspace else f"{item}.${self.attribute}"
        )


def is_dynamic(text: str) -> bool:
    """Whether a text is meant as a dynamic variable: it starts with a dollar sign."""
    return text.startswith("$")


def parse(text: str) -> Variable:
    """Parse a text that starts with a dollar sign. Raises ValueError with the defect for a malformed variable."""
    if text.startswith(ITEMS):
        return _item(text, text[len(ITEMS) :], "", legacy=True)
    if not text.startswith(WORKSPACE):
        raise ValueError(f"{text!r} is no variable: they start with $items. or $workspace.")
    rest = text[len(WORKSPACE) :]
    if rest in _OWN:
        return Variable(_OWN[rest])
    if rest.startswith(ITEMS):
        raise ValueError(f"{text!r} names no workspace; for the workspace deployed to, start with $items.")
    if _INNER_ITEMS in rest:
        name, inner = rest.split(_INNER_ITEMS, 1)
        if not name.strip():
            raise ValueError(f"{text!r} names no workspace")
        return _item(text, inner, name.strip(), legacy=False)
    if rest.startswith("$"):
        raise ValueError(f"{text!r} is not known: a workspace has $id, $name and $name_encoded")
    name = re.sub(r"\.\$id$", "", rest)
    if ".$" in name:
        raise ValueError(f"{text!r} is not known: of another workspace there is only $id")
    if not name.strip():
        raise ValueError(f"{text!r} names no workspace")
    return Variable("id", name.strip())


def _item(text: str, rest: str, workspace: str, *, legacy: bool) -> Variable:
    if ".$" in rest:
        names, attribute = rest.rsplit(".$", 1)
    elif legacy and rest.count(".") >= 2:
        names, attribute = rest.rsplit(".", 1)
    else:
        raise ValueError(f"{text!r} is incomplete: write $items.<type>.<name>.$<attribute>")
    item_type, dummy, name = (part.strip() for part in names.partition("."))
    attribute = attribute.strip().lower()
    if not item_type or not name:
        raise ValueError(f"{text!r} is incomplete: write $items.<type>.<name>.$<attribute>")
    if item_type not in ITEM_TYPES:
        meant = item_types.nearest(item_type)
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise ValueError(f"{text!r} names the type {item_type!r}, which isn't an item type{hint}")
    if attribute not in ATTRIBUTES:
        raise ValueError(
            f"{text!r} has the attribute {attribute!r}, which does not exist; use one of {', '.join(ATTRIBUTES)}"
        )
    having = PROPERTIES.get(attribute)
    if having is not None and item_type not in having:
        raise ValueError(
            f"{text!r} has no value: items of the types {listed(having)} have a {attribute}, a {item_type} has none"
        )
    return Variable(attribute, workspace, item_type, name)
