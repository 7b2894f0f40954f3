# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the tenant that a test flips while the emulator runs: ``GET`` and ``PATCH /_emulator/tenant``."""

from __future__ import annotations

import dataclasses
import typing as t


@dataclasses.dataclass
class Switches:
    """Times in seconds. A new switch is one line here; its type is checked by ``update``."""

    # Entra ID
    token_lifetime: float = 3600.0  # of access tokens; managed identities have 24 h unless this is set below 3600
    refresh_in: float | None = None  # value of `refresh_in` in token answers; None leaves it out
    clock_skew: float = 0.0  # how far the emulator's clock runs ahead of the real one
    device_auto_approve: bool = False  # device codes need no person: the first user of the seed approves at once
    device_code_interval: float = 5.0  # `interval` in the answer to a device code request
    device_code_lifetime: float = 900.0
    secret_replication: float = 0.0  # until all replicas know a credential that was added; they learn in turn
    secret_replicas: float = 3.0  # how many replicas take turns to answer; meanwhile some of them say no
    login_latency: float = 0.0
    graph_read_lag: float = 0.0  # GET of an app shows the credentials that it had so long ago
    # Microsoft Graph: the tenant's app management policy
    password_addition: bool = True  # apps may get new secrets
    password_lifetime_days: float | None = None  # the longest that a new secret may live
    certificate_lifetime_days: float | None = None
    # Azure Key Vault
    key_vault_firewall: bool = False  # refuses every caller's address
    key_vault_roles: bool = True  # false: as if nobody had been assigned a role on a vault
    key_vault_deletion: float = 0.0  # that a deletion takes; the name is taken meanwhile
    # Power BI and Fabric
    service_principals_enabled: bool = True  # tenant setting "Service principals can call Fabric public APIs"
    service_principals_fabric: bool = True  # the same for Fabric's API alone ...
    service_principals_powerbi: bool = (
        True  # ... and for Power BI's alone ("Allow service principals to use Power BI APIs")
    )
    service_principals_can_create: bool = True  # "... can create workspaces, connections, and deployment pipelines"
    service_principals_allowed: list[str] | None = None  # names or ids of apps and groups; None: all
    service_principals_admin_read: bool = True  # "Service principals can access read-only admin APIs"
    inbound_policy: bool = False  # workspaces take no requests from public networks
    insufficient_scopes: bool = False  # tokens of users lack the scopes that Fabric's operations need
    page_size: float = 5000.0  # most entries in one answer where a list is paged
    replication_time: float = 0.0  # what was just created is unknown for so long ...
    replication_reads: float = 0.0  # ... and until it was asked for so many times
    throttle_requests: float | None = None  # 429 for a caller who makes more requests in `throttle_window`; None: never
    throttle_window: float = 60.0
    capacity_assignment_time: float = 0.0  # from the request until the workspace is on its capacity
    import_time: float = 0.0  # how long an import is "Publishing"
    failing_imports: list[str] | None = None  # names of datasets and reports whose import ends "Failed"
    imports_refuse_df: bool = False  # an .rdl with MustUnderstand="df" can't be imported
    import_limit: float | None = float(1 << 30)  # bytes in a POST; larger ones need an upload location
    upload_location_lifetime: float = 3600.0
    upload_storage: str | None = None  # connection string of the account that has upload locations; None: the emulator
    upload_storage_ca: str | None = None  # PEM file of the CA of that account's certificate
    refresh_time: float = 0.0  # how long a refresh runs
    failing_refreshes: list[str] | None = None  # names of semantic models whose refresh ends "Failed"
    job_time: float = 0.0  # how long an on-demand job of a Fabric item runs
    job_retry_after: float = 60.0  # Retry-After of jobs in seconds
    failing_jobs: list[str] | None = None  # names of items whose jobs end "Failed"
    export_time: float = 0.0  # how long ExportTo takes
    failing_exports: list[str] | None = None  # names of reports whose export ends "Failed"
    client_routing_url: str | None = None  # where `preferClientRouting=true` is sent with a 307; None: not at all
    soft_deletion: bool = True  # DELETE of a Fabric item is a soft deletion
    name_reservation: float = 0.0  # the name of a deleted item can't be used again for so long
    definition_rewrite: bool = True  # definitions come back in the service's handwriting (item_definitions.py)
    report_conversion: bool = True  # a report in the legacy format becomes one in PBIR when it is edited
    destructive_updates_refused: bool = True  # updateDefinition fails where it would delete rows of a model
    creation_drops_description: bool = False  # a new item has no description, whatever the request says
    failing_paginated_imports: float = 0.0  # how many of the next writes of paginated reports fail to import
    item_limit: float = 1000.0  # items in a workspace
    folder_limit: float | None = None  # folders in a workspace; None: no limit, as none is documented
    publish_time: float = 0.0  # how long the publishing of an environment takes
    failing_publishes: list[str] | None = None  # names of environments whose publishing ends "Failed"
    bulk_definitions: bool = False  # whether the tenant has the beta bulkExportDefinitions and bulkImportDefinitions
    long_running: bool = True  # Fabric's definitions: 202 and an operation; false: done at once, 200 or 201
    operation_time: float = 0.0  # how long Fabric's operations run ...
    operation_polls: float = 0.0  # ... and how many questions are told that they still do
    operation_retry_after: float = 1.0  # the services say 20
    operation_url: str | None = None  # base URL in the Location of operations; None: the emulator's own
    api_latency: float = 0.0

    def update(self, changes: t.Mapping[str, t.Any]) -> None:
        """Set the given switches. Raises ValueError for a switch that does not exist or a value of the wrong type."""
        known = {field.name: str(field.type) for field in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown switch '{name}'; known: {', '.join(known)}")
            if not _fits(value, known[name]):
                raise ValueError(f"switch '{name}': expected {known[name]}, got {value!r}")
        for name, value in changes.items():
            setattr(self, name, float(value) if "float" in known[name] and value is not None else value)

    def to_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def _fits(value: t.Any, declared: str) -> bool:
    if value is None:
        return "None" in declared
    if declared.startswith("bool"):
        return isinstance(value, bool)
    if declared.startswith("float"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if declared.startswith("str"):
        return isinstance(value, str)
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
