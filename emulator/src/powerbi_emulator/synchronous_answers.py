# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The synchronous operations on items (200, 201) and the long-running ones (202), by item type.

From the recordings of fabric-cli and fabric-cicd. Operations without a recording are long-running with a definition,
and synchronous without one.
"""

from __future__ import annotations

import typing as t

# creations with a definition whose response is 201
_WITH_DEFINITION: t.Final = frozenset(
    (
        *("DataBuildToolJob", "DataPipeline", "Dataflow", "KQLDashboard", "KQLQueryset", "MirroredDatabase"),
        *("MountedDataFactory", "PaginatedReport", "Reflex", "SparkJobDefinition"),
    )
)
# creations without a definition whose response is 202
_WITHOUT_DEFINITION: t.Final = frozenset(
    (
        *("CosmosDBDatabase", "DigitalTwinBuilder", "Eventstream", "KQLDatabase", "MLExperiment", "MLModel"),
        *("SQLDatabase", "Warehouse"),
    )
)
_READS: t.Final = frozenset(
    (
        *("CopyJob", "DataPipeline", "Dataflow", "Eventstream", "KQLDashboard", "KQLQueryset", "Lakehouse"),
        *("MirroredDatabase", "MountedDataFactory", "Reflex", "SparkJobDefinition"),
    )
)
_UPDATES: t.Final = frozenset(
    (
        *("DataPipeline", "Eventstream", "KQLDashboard", "KQLQueryset", "MirroredDatabase", "Reflex"),
        "SparkJobDefinition",
    )
)


def creation_is_done(item_type: str, form: str | None, *, has_definition: bool) -> bool:
    """Whether the response to a creation is 201; ``form`` is the format of the request."""
    if not has_definition:
        return item_type not in _WITHOUT_DEFINITION
    return item_type in _WITH_DEFINITION and form != "SparkJobDefinitionV2"


def reading_is_done(item_type: str) -> bool:
    """Whether the response to getDefinition is 200."""
    return item_type in _READS


def update_is_done(item_type: str) -> bool:
    """Whether the response to updateDefinition is 200."""
    return item_type in _UPDATES
