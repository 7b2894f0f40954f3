# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Items that the service makes for itself, or together with another item. Pruning leaves them alone.

Nothing in the API marks them, so they are recognised as Microsoft's documents name them:

- usage metrics: powerbi-docs, service-modern-usage-metrics.md ("Report Usage Metrics Model")
- staging of dataflows: fabric-docs, dataflow-gen2-staging-artifacts.md; newer ones have the time of their creation in the name
- workspace monitoring: fabric-docs, workspace-monitoring-overview.md
- default semantic models: those with the name of a lakehouse, a warehouse or a database (fabric-docs, semantic-models.md)
"""

from __future__ import annotations

import re
import typing as t

from ..._api.items import Item
from ..._content.item import REPORT, SEMANTIC_MODEL

SQL_ENDPOINT = "SQLEndpoint"

_STAGING = re.compile(r"dataflowsstaging(?:lakehouse|warehouse)|staging(?:lakehouse|warehouse)fordataflows(?:_\d+)?")
_NAMES: t.Mapping[str, re.Pattern[str]] = {
    REPORT: re.compile(r"(?:(?:report|dashboard) )?usage metrics report"),
    SEMANTIC_MODEL: re.compile(rf"(?:(?:report|dashboard) )?usage metrics model|{_STAGING.pattern}"),
    "Lakehouse": _STAGING,
    "Warehouse": _STAGING,
    "Eventhouse": re.compile(r"monitoring eventhouse"),
    "KQLDatabase": re.compile(r"monitoring (?:kql database|eventhouse)"),
}
_MADE_WITH: t.Mapping[str, frozenset[str]] = {
    SEMANTIC_MODEL: frozenset(
        ("Lakehouse", "Warehouse", "MirroredDatabase", "MirroredAzureDatabricksCatalog", "SQLDatabase")
    ),
    "KQLDatabase": frozenset(("Eventhouse",)),
}


def is_of_the_service(item: Item) -> bool:
    """Whether the service makes such an item by itself, by its type and name."""
    pattern = _NAMES.get(item.type)
    return item.type == SQL_ENDPOINT or (pattern is not None and pattern.fullmatch(item.name.casefold()) is not None)


def made_with(item: Item, others: t.Iterable[Item]) -> list[Item]:
    """Those of the other items with which the service may have made this one: of its name, and of the types that do so."""
    types = _MADE_WITH.get(item.type, ())
    return [other for other in others if other.type in types and other.name.casefold() == item.name.casefold()]


def sql_endpoint_of(item: Item, others: t.Iterable[Item]) -> Item | None:
    """The SQL analytics endpoint of a lakehouse or a database, which is deleted with it."""
    named = (other for other in others if other.type == SQL_ENDPOINT and other.name.casefold() == item.name.casefold())
    return next(named, None) if item.type in _MADE_WITH[SEMANTIC_MODEL] else None
