# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""What a semantic model consists of besides its settings: parameters, data sources, and its last refresh."""

from __future__ import annotations

import typing as t

from .._clock import timestamp
from .._errors import ApiError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .model_parameters import ModelParameters
from .refreshes import Refreshes
from .semantic_models import SemanticModel
from .workspaces import Workspace

_REFUSED = (400, 401, 403, 404)  # statuses: the service has no such list for this model, or not for this caller


class DataSource(t.NamedTuple):
    """``type`` and ``connection_details`` as Power BI names them; the ids are those of the gateway, or empty."""

    type: str
    connection_details: dict[str, str]
    gateway_id: str
    data_source_id: str


class ModelDetails:
    """Reads the details of the models of one workspace. ``warn`` is called with what the service refuses to list."""

    def __init__(self, client: Client, workspace: Workspace, warn: t.Callable[[str], None]) -> None:
        self._client = client
        self._workspace = workspace
        self._warn = warn

    def of(self, model: SemanticModel) -> dict[str, t.Any]:
        """The keys parameters, data_sources and last_refresh. Raises ApiError, TransportError for other failures."""
        parameters = ModelParameters(self._client, self._workspace.id, model.id)
        return {
            "parameters": self._read(model, "parameters", lambda: [_listed(one) for one in parameters.all()]),
            "data_sources": self._read(model, "data sources", lambda: self._data_sources(model)),
            "last_refresh": self._last_refresh(model),
        }

    def _data_sources(self, model: SemanticModel) -> list[dict[str, t.Any]]:
        """GET .../datasources."""
        path = quoted_path("groups", self._workspace.id, "datasets", model.id, "datasources")
        return [_data_source(entry)._asdict() for entry in self._client.pages(path)]

    def _last_refresh(self, model: SemanticModel) -> dict[str, str]:
        if not model.refreshable:
            return {}
        refreshes = Refreshes(self._client, self._workspace, model)
        history = self._read(model, "refreshes", refreshes.history)
        if not history:
            return {}
        last = history[0]
        return {
            "id": last.id,
            "status": last.status,
            "started": timestamp(last.started) if last.started else "",
            "ended": timestamp(last.ended) if last.ended else "",
        }

    def _read(self, model: SemanticModel, what: str, read: t.Callable[[], list[t.Any]]) -> list[t.Any]:
        try:
            return read()
        except ApiError as error:
            if error.status not in _REFUSED:
                raise
            self._warn(f"the {what} of the semantic model {model.name} are not listed: {error}")
            return []


def _listed(parameter: t.Any) -> dict[str, t.Any]:
    return {**parameter._asdict(), "suggested_values": list(parameter.suggested_values)}


def _data_source(entry: t.Mapping[str, t.Any]) -> DataSource:
    details = value_of(entry, "connectionDetails")
    return DataSource(
        str(value_of(entry, "datasourceType") or ""),
        {str(key): str(value) for key, value in details.items() if value} if isinstance(details, dict) else {},
        normalise_guid(str(value_of(entry, "gatewayId") or "")),
        normalise_guid(str(value_of(entry, "datasourceId") or "")),
    )
