# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Semantic models, which the Power BI API calls datasets."""

from __future__ import annotations

import typing as t

from .._errors import ConfigError, PowerBIError
from .._guid import normalise_guid
from .._http.client import Client
from .._http.hosts import quoted_path
from .._http.response import value_of
from .names import matching, not_found, similar_names, unique

STORAGE_FORMATS = {"small": "Abf", "large": "PremiumFiles"}  # the API's words


class SemanticModel(t.NamedTuple):
    """``refreshable`` is false for models that hold no data, such as a live connection."""

    id: str
    name: str
    refreshable: bool = True

    def shown(self, settings: ModelSettings) -> dict[str, t.Any]:
        """The model and its settings as a return value."""
        scale_out = {"max_replicas": settings.replicas, "auto_sync": settings.auto_sync}
        values = {**self._asdict(), **settings._asdict(), "query_scale_out": scale_out}
        return {key: value for key, value in values.items() if key not in ("replicas", "auto_sync")}


class ModelSettings(t.NamedTuple):
    """``owner`` is a user principal name, or a GUID of a service principal; ``storage_format`` is small or large.

    ``replicas`` are those of query scale-out: at most that many, or -1 for a number that the service chooses.
    """

    owner: str
    storage_format: str
    replicas: int
    auto_sync: bool
    created: str
    needs_gateway: bool
    needs_identity: bool


class SemanticModels:
    """The semantic models of a workspace."""

    def __init__(self, client: Client, workspace_id: str) -> None:
        self._client = client
        self._path = quoted_path("groups", workspace_id, "datasets")

    def all(self) -> list[SemanticModel]:
        """GET /groups/{id}/datasets."""
        return [_model(entry) for entry in self._client.pages(self._path)]

    def all_with_settings(self) -> list[tuple[SemanticModel, ModelSettings]]:
        """The same request, with the settings of each model."""
        return [(_model(entry), _settings(entry)) for entry in self._client.pages(self._path)]

    def settings(self, model_id: str) -> ModelSettings:
        """GET /groups/{id}/datasets/{id}."""
        return _settings(self._client.request("GET", f"{self._path}{quoted_path(model_id)}").body)

    def update(self, model_id: str, properties: t.Mapping[str, t.Any]) -> None:
        """PATCH /groups/{id}/datasets/{id}. Raises ForbiddenError for a caller who does not own the model."""
        self._client.request("PATCH", f"{self._path}{quoted_path(model_id)}", body=dict(properties), idempotent=True)

    def find(self, name_or_id: str, option: str = "semantic_model") -> SemanticModel | None:
        """The model with this name (in any case) or id. Raises ConfigError for several."""
        return _the_one(self.all(), name_or_id, option)

    def get(self, name_or_id: str, workspace: str, option: str = "semantic_model") -> SemanticModel:
        """The model with this name or id. Raises ConfigError for none and for several, with the name of the workspace."""
        models = self.all()
        found = _the_one(models, name_or_id, option)
        if found is None:
            raise no_model(name_or_id, workspace, [one.name for one in models], option)
        return found


def _the_one(models: t.Sequence[SemanticModel], name_or_id: str, option: str) -> SemanticModel | None:
    return unique(matching(models, name_or_id), "semantic model", name_or_id, lambda item: item.id, option)


def _model(entry: t.Mapping[str, t.Any]) -> SemanticModel:
    return SemanticModel(
        normalise_guid(str(value_of(entry, "id"))),
        str(value_of(entry, "name", "")),
        value_of(entry, "isRefreshable") is not False,
    )


def _settings(entry: t.Any) -> ModelSettings:
    scale_out = value_of(entry, "queryScaleOutSettings")
    replicas = value_of(scale_out, "maxReadOnlyReplicas")
    return ModelSettings(
        str(value_of(entry, "configuredBy") or ""),
        "large" if value_of(entry, "targetStorageMode") == STORAGE_FORMATS["large"] else "small",
        replicas if isinstance(replicas, int) else 0,
        value_of(scale_out, "autoSyncReadOnlyReplicas") is not False,
        str(value_of(entry, "createdDate") or ""),
        value_of(entry, "isOnPremGatewayRequired") is True,
        value_of(entry, "isEffectiveIdentityRequired") is True,
    )


def no_model(name_or_id: str, workspace: str, names: t.Sequence[str], option: str = "semantic_model") -> PowerBIError:
    """The error for a semantic model that does not exist or that the caller can't see; ``names`` are those in the workspace."""
    error = not_found(
        "semantic model",
        name_or_id,
        option,
        "check name and workspace, or deploy it first (powerbi_deploy)",
    )
    error.what += f" in the workspace {workspace!r}"
    error.why = similar_names(name_or_id, names, "semantic models")
    return error


def not_refreshable(model: SemanticModel) -> ConfigError:
    """The error for a semantic model that holds no data of its own."""
    return ConfigError(
        f"the semantic model {model.name!r} can't be refreshed",
        option="semantic_model",
        why="It holds no data of its own, such as a live connection or a model that is pushed to",
        remedy="refresh the model that it connects to",
    )
