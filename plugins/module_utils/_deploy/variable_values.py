# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Values of variables in parameters that only the service knows: endpoints of items, ids of Spark pools."""

from __future__ import annotations

import typing as t

from .._api.items import Item
from .._api.type_properties import TypeProperties
from .._content.parameters.dynamic_variable import PROPERTIES, Variable
from .._errors import ConfigError, listed
from .._http.client import Client


class VariableValues:
    """The values that were read, by variable: an endpoint does not change, and many items may use it."""

    def __init__(self, client: Client, *, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._known: dict[Variable, str] = {}
        self._pools: dict[tuple[str, str], str] | None = None

    def endpoint(self, variable: Variable, item: Item, workspace_id: str, *, wait: bool) -> str | None:
        """An attribute of an item other than its id; None while it is not provisioned, unless ``wait``.

        Raises OperationFailedError, OperationTimeoutError.
        """
        if variable not in self._known:
            properties = TypeProperties(self._client, workspace_id, timeout=self._timeout)
            path = PROPERTIES[variable.attribute][variable.item_type]
            found = properties.endpoint(item, path)
            if not found and wait:
                found = t.cast("str", properties.endpoint_operation(item, path).wait())
            if not found:
                return None
            self._known[variable] = found
        return self._known[variable]

    def pool(self, variable: Variable, workspace_id: str) -> str | None:
        """The id of a Spark pool; None for a workspace that does not exist yet. Raises ConfigError for an unknown pool."""
        if not workspace_id:
            return None
        if self._pools is None:
            pools = TypeProperties(self._client, workspace_id, timeout=self._timeout).spark_pools()
            self._pools = {(kind, name): pool_id for kind, name, pool_id in pools}
        found = self._pools.get((variable.pool_type, variable.item_name))
        if found is None:
            raise ConfigError(
                f"{variable} of spark_pool is not in the workspace",
                option="parameters",
                why=f"Its pools are: {listed(f'{name} ({kind})' for kind, name in sorted(self._pools)) or 'none'}",
                remedy="correct the name or the type in spark_pool, or create the pool",
            )
        return found
