# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The app: all route groups, in one static list. A new group of routes is a file in ``routes/`` and a line here."""

from __future__ import annotations

import typing as t

from starlette.applications import Starlette
from starlette.types import ASGIApp

from powerbi_emulator.clock import Clock
from powerbi_emulator.control_body import BodyError, answer_wrong_control_request
from powerbi_emulator.emulator_state import EmulatorState
from powerbi_emulator.errors import ServiceError, answer_service_error
from powerbi_emulator.field_checks import FieldError
from powerbi_emulator.front_middleware import FrontMiddleware
from powerbi_emulator.keys import Keyring
from powerbi_emulator.route_index import IndexedRouter
from powerbi_emulator.routes import (
    blobs,
    capacities,
    control,
    dashboards,
    dataset_sources,
    datasets,
    empty_collections,
    entra_device,
    entra_discovery,
    entra_token,
    environments,
    execute_queries,
    fabric_bulk_definitions,
    fabric_connections,
    fabric_deployment_pipelines,
    fabric_deployments,
    fabric_folders,
    fabric_gateways,
    fabric_item_connections,
    fabric_item_definitions,
    fabric_items,
    fabric_jobs,
    fabric_operations,
    fabric_role_assignments,
    fabric_workspaces,
    gateways,
    graph_applications,
    graph_credentials,
    groups,
    imports,
    item_edits,
    key_vault_certificates,
    key_vault_secrets,
    managed_identity,
    oidc_issuers,
    paginated_reports,
    pipelines,
    published_apps,
    refreshes,
    report_exports,
    reports,
    spark_pools,
    workspace_users,
)
from powerbi_emulator.routing import RouteGroup
from powerbi_emulator.seed import Seed
from powerbi_emulator.service_profile import switches_of

ROUTE_GROUPS: t.Final[tuple[RouteGroup, ...]] = (
    control.GROUP,
    item_edits.GROUP,
    entra_token.GROUP,
    entra_device.GROUP,
    entra_discovery.GROUP,
    managed_identity.GROUP,
    oidc_issuers.GROUP,
    graph_applications.GROUP,
    graph_credentials.GROUP,
    key_vault_secrets.GROUP,
    key_vault_certificates.GROUP,
    groups.GROUP,
    workspace_users.GROUP,
    capacities.GROUP,
    gateways.GROUP,
    published_apps.GROUP,
    blobs.GROUP,
    imports.GROUP,
    datasets.GROUP,
    dataset_sources.GROUP,
    refreshes.GROUP,
    execute_queries.GROUP,
    reports.GROUP,
    paginated_reports.GROUP,
    report_exports.GROUP,
    dashboards.GROUP,
    empty_collections.GROUP,
    fabric_workspaces.GROUP,
    fabric_role_assignments.GROUP,
    fabric_gateways.GROUP,
    fabric_connections.GROUP,
    fabric_operations.GROUP,
    fabric_folders.GROUP,
    fabric_deployment_pipelines.GROUP,
    fabric_deployments.GROUP,
    pipelines.GROUP,
    fabric_bulk_definitions.GROUP,
    fabric_item_definitions.GROUP,
    fabric_item_connections.GROUP,
    environments.GROUP,
    spark_pools.GROUP,
    fabric_jobs.GROUP,
    fabric_items.GROUP,
)


def build_state(
    seed: Seed, keys: Keyring, url: str, plain_url: str, profile: str | None = None, clock: Clock | None = None
) -> EmulatorState:
    """The state for all route groups, with the switches of a profile (`service_profile`). Raises SeedError."""
    stores = [store for group in ROUTE_GROUPS for store in group.stores]
    return EmulatorState(seed, stores, keys, url, plain_url, switches_of(profile) if profile else None, clock)


def build_app(emulated: EmulatorState) -> ASGIApp:
    """The ASGI app that serves ``emulated``."""
    app = Starlette(
        exception_handlers={
            ServiceError: answer_service_error,
            FieldError: answer_wrong_control_request,
            BodyError: answer_wrong_control_request,
        }
    )
    app.router = IndexedRouter([route for group in ROUTE_GROUPS for route in group.routes])
    app.state.emulated = emulated
    return FrontMiddleware(app, emulated)


def environment(emulated: EmulatorState) -> dict[str, str]:
    """The variables that the route groups add to ``D/env``."""
    variables: dict[str, str] = {}
    for group in ROUTE_GROUPS:
        if group.environment is not None:
            variables.update(group.environment(emulated))
    return variables


def identity_environment(emulated: EmulatorState) -> dict[str, dict[str, str]]:
    """The variables of other kinds of hosts and pipelines, by heading, for ``D/identity.env``."""
    headings: dict[str, dict[str, str]] = {}
    for group in ROUTE_GROUPS:
        if group.identity_environment is not None:
            headings.update(group.identity_environment(emulated))
    return headings
