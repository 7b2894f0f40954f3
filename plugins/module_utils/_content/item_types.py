# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The table of item types: how items of each type are created, written and compared. docs/deploying.md is made from it.

Sources: the item types and "Create Item" pages of the Fabric REST API documents, recorded exchanges of fabric-cicd and
fabric-cli. A type that is not listed here is an error before the first write, unless the user allows it.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
import typing as t

from .._errors import ConfigError

PLATFORM_PAYLOAD = ".platform"
LAKEHOUSE_PAYLOAD = "lakehouse.metadata.json"

PUBLISH = "publish"
VALUE_SET = "value set"
_LEGACY = "PBIR-Legacy"


class ItemType(t.NamedTuple):
    """One row.

    ``formats``: (pattern of a part's path, format): the first pattern that a part matches gives the format of the
    definition; without one the API has a single format. ``has_definition``: whether the API accepts one. ``payload``: the
    file that contains the creationPayload, "" for none. ``can_be_created``: whether the API creates such items.
    ``needs_capacity``: whether the workspace must be on a capacity. ``in_root``: the service creates it in the root, so
    it is moved to its folder afterwards. ``after``: the operation that must follow each write. ``longest_description`` in
    characters. ``name_rule``: a regular expression for names, and its text.
    """

    name: str
    formats: tuple[tuple[str, str], ...] = ()
    has_definition: bool = True
    payload: str = ""
    can_be_created: bool = True
    needs_capacity: bool = True
    in_root: bool = False
    after: str = ""
    longest_description: int = 256
    name_rule: tuple[str, str] = ("", "")


_IDENTIFIER = (r"[A-Za-z]\w{0,122}", "begins with a letter and has letters, digits and underscores only, 123 at most")
_SHELL: dict[str, t.Any] = {"has_definition": False, "payload": PLATFORM_PAYLOAD}
_GIVEN: dict[str, t.Any] = {"has_definition": False, "can_be_created": False}

_TYPES = (
    ItemType("SemanticModel", (("model.bim", "TMSL"), ("*", "TMDL")), needs_capacity=False),
    ItemType("Report", (("report.json", _LEGACY), ("*", "PBIR")), needs_capacity=False),
    ItemType("PaginatedReport", (("*", "PaginatedReportDefinition"),), needs_capacity=False, in_root=True),
    ItemType("Dashboard", needs_capacity=False, **_GIVEN),
    ItemType("OrgApp", needs_capacity=False),
    ItemType("OrgAppAudience", needs_capacity=False),
    ItemType("Datamart", **_GIVEN),
    ItemType("SQLEndpoint", **_GIVEN),
    ItemType("MirroredWarehouse", **_GIVEN),
    ItemType("Lakehouse", has_definition=False, payload=LAKEHOUSE_PAYLOAD, name_rule=_IDENTIFIER),
    ItemType("Warehouse", **_SHELL),
    ItemType("WarehouseSnapshot", **_SHELL),
    ItemType("SQLDatabase", **_SHELL),
    ItemType("MLExperiment", **_SHELL),
    ItemType("MLModel", **_SHELL),
    ItemType("Notebook", (("*.ipynb", "ipynb"),)),
    ItemType("SparkJobDefinition", (("*", "SparkJobDefinitionV2"),)),
    ItemType("Environment", after=PUBLISH),
    ItemType("VariableLibrary", after=VALUE_SET),
    *(
        ItemType(name)
        for name in (
            "AnomalyDetector", "ApacheAirflowJob", "AppBackend", "AzureDatabricksStorage", "CopyJob", "CosmosDBDatabase",
            "DataAgent", "DataBuildToolJob", "Dataflow", "DataPipeline", "DigitalTwinBuilder", "DigitalTwinBuilderFlow",
            "Eventhouse", "EventSchemaSet", "Eventstream", "GraphModel", "GraphQLApi", "GraphQuerySet", "KQLDashboard",
            "KQLDatabase", "KQLQueryset", "Map", "MirroredAzureDatabricksCatalog", "MirroredCatalog", "MirroredDatabase",
            "MountedDataFactory", "Ontology", "OperationsAgent", "Plan", "Reflex", "SnowflakeDatabase",
            "UserDataFunction",
        )
    ),
)  # fmt: skip
TYPES: t.Mapping[str, ItemType] = {one.name: one for one in _TYPES}


def canonical(name: str, others: t.Iterable[str] = ()) -> str:
    """A type in the API's spelling; `Dataset` is the former name of SemanticModel. ``others`` are additional known types.

    Raises ConfigError for an unknown type.
    """
    known = _spellings(others)
    found = known.get(name.strip().lower())
    if found is None:
        close = nearest(name, others)
        raise ConfigError(
            f"type is {name!r}, which is no item type that is known here",
            option="type",
            remedy=f"did you mean {close}?" if close else "use the type as Fabric's API spells it",
        )
    return found


def nearest(name: str, others: t.Iterable[str] = ()) -> str:
    """The type that is most similar to an unknown one; "" if none is similar. ``others`` as for `canonical`."""
    known = _spellings(others)
    plain = re.sub(r"[\s_-]", "", name).lower()
    return "".join(known[one] for one in difflib.get_close_matches(plain, known, 1))


def _spellings(others: t.Iterable[str]) -> dict[str, str]:
    return {one.lower(): one for one in (*TYPES, *others)} | {"dataset": "SemanticModel"}


def of(name: str) -> ItemType:
    """The row of a type. A type that is not in the table, and that the user allows, has the defaults of a row."""
    return TYPES.get(name) or ItemType(name, needs_capacity=False)


def definition_format(item_type: str, paths: t.Iterable[str]) -> str:
    """The `format` of a definition with these parts, or "" where the API has only one."""
    names = list(paths)
    for pattern, content in of(item_type).formats:
        if pattern == "*" or any(fnmatch.fnmatchcase(name, pattern) for name in names):
            return content
    return ""


def reading_format(item_type: str, paths: t.Iterable[str]) -> str:
    """The `format` parameter for getDefinition, to compare with these parts; "" for the item's own format.

    A report in the legacy format may have been converted to PBIR, which the service does not return in the legacy format
    (semantic-link-labs issue 680).
    """
    content = definition_format(item_type, paths)
    return "" if content == _LEGACY else content
