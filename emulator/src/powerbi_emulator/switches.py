# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the tenant that tests change while the emulator runs: ``GET`` and ``PATCH /_emulator/tenant``."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from powerbi_emulator import field_checks
from powerbi_emulator.field_checks import CENTURY, MOST, UnknownFieldError

# The types of switches: the name in a declaration is the key of its check in ``_CHECKS``.
Seconds = float
Offset = float  # seconds, also negative: that long ago
Days = float
Count = float  # a whole number
Size = float  # a whole number from 1
Url = str
ConnectionString = str
CaFile = str
Names = list[str]


@dataclasses.dataclass
class Switches:
    """Times in seconds. A new switch is one line here; ``update`` checks values by the kind in its declaration."""

    # Entra ID
    token_lifetime: Offset = 3600.0  # of access tokens; managed identities have 24 h unless this is set below 3600
    refresh_in: Seconds | None = None  # value of `refresh_in` in token responses; None omits it
    clock_skew: Offset = 0.0  # how far the emulator's clock runs ahead of the real one
    device_auto_approve: bool = False  # device codes need no sign-in: the first user of the seed approves at once
    device_code_interval: Seconds = 5.0  # `interval` in the response to a device code request
    device_code_lifetime: Offset = 900.0
    secret_replication: Seconds = 0.0  # until all replicas have a new credential; they receive it one after the other
    secret_replicas: Size = (
        3.0  # number of replicas, which respond in turn; meanwhile some of them reject the credential
    )
    login_latency: Seconds = 0.0
    graph_read_lag: Seconds = 0.0  # GET of an app returns the credentials that it had that long ago
    # Microsoft Graph: the tenant's app management policy
    password_addition: bool = True  # apps may get new secrets
    password_lifetime_days: Days | None = None  # maximum lifetime of a new secret
    certificate_lifetime_days: Days | None = None
    # Azure Key Vault
    key_vault_firewall: bool = False  # rejects every caller's address
    key_vault_roles: bool = True  # false: as if no role were assigned on any vault
    key_vault_deletion: Seconds = 0.0  # duration of a deletion; the name is in use meanwhile
    # Power BI and Fabric
    service_principals_enabled: bool = True  # tenant setting "Service principals can call Fabric public APIs"
    service_principals_fabric: bool = True  # the same for Fabric's API alone ...
    service_principals_powerbi: bool = (
        True  # ... and for Power BI's alone ("Allow service principals to use Power BI APIs")
    )
    service_principals_can_create: bool = True  # "... can create workspaces, connections, and deployment pipelines"
    service_principals_allowed: Names | None = None  # names or ids of apps and groups; None: all
    inbound_policy: bool = False  # workspaces reject requests from public networks
    insufficient_scopes: bool = False  # tokens of users lack the scopes that Fabric's operations need
    page_size: Size = 5000.0  # maximum number of entries per page of a list
    replication_time: Seconds = 0.0  # a new object is not found for that long ...
    replication_reads: Count = 0.0  # ... and for that many reads
    throttle_requests: Count | None = (
        None  # 429 for a caller with more requests in `throttle_window`, per kind of API; None: never
    )
    throttle_window: Seconds = 60.0
    capacity_assignment_time: Seconds = 0.0  # from the request until the workspace is on its capacity
    import_time: Seconds = 0.0  # how long an import is "Publishing"
    import_rate: Size | None = None  # bytes of the file that an import processes in a second; None: any number
    failing_imports: Names | None = None  # names of datasets and reports whose import ends "Failed"
    imports_refuse_df: bool = False  # an .rdl with MustUnderstand="df" can't be imported
    import_limit: Count | None = float(1 << 30)  # bytes in a POST; larger ones need an upload location
    upload_location_lifetime: Offset = 3600.0
    upload_storage: ConnectionString | None = (
        None  # connection string of the account that has upload locations; None: the emulator
    )
    upload_storage_ca: CaFile | None = None  # PEM file of the CA of that account's certificate
    refresh_time: Seconds = 0.0  # how long a refresh runs
    failing_refreshes: Names | None = None  # names of semantic models whose refresh ends "Failed"
    take_over_drops_bindings: bool = True  # a semantic model loses its connections and gateway when it is taken over
    execute_queries: bool = True  # tenant setting "Dataset Execute Queries REST API"
    query_limit: Count | None = 120.0  # executeQueries of a caller in a minute; None: no limit
    query_rows: Size = 100_000.0  # rows in the result of a query
    sso_models: Names | None = None  # names of semantic models with single sign-on to their data source
    job_time: Seconds = 0.0  # how long an on-demand job of a Fabric item runs
    job_retry_after: Seconds = 60.0  # Retry-After of jobs in seconds
    failing_jobs: Names | None = None  # names of items whose jobs end "Failed"
    export_time: Seconds = 0.0  # how long ExportTo takes
    failing_exports: Names | None = None  # names of reports whose export ends "Failed"
    client_routing_url: Url | None = None  # target of the 307 for `preferClientRouting=true`; None: no redirect
    soft_deletion: bool = True  # DELETE of a Fabric item is a soft deletion
    name_reservation: Seconds = 0.0  # the name of a deleted item can't be used again for that long
    definition_rewrite: bool = True  # definitions are returned in the service's formatting (definition_rewriting.py)
    report_conversion: bool = True  # a report in the legacy format is converted to PBIR when it is edited
    destructive_updates_refused: bool = True  # updateDefinition fails where it would delete rows of a model
    creation_drops_description: bool = False  # a new item has no description, whatever the request contains
    creation_in_root: bool = False  # a new item is in the root of the workspace, whatever folder the request names
    creation_changes_name: bool = False  # a new item has another name than the request: with " 1" at its end
    description_normalisation: bool = False  # descriptions lose blanks at line ends and around them, and have LF
    description_length: Count | None = None  # longer descriptions are cut there
    types_without_description: Names | None = None  # items of these types keep no description
    failing_paginated_imports: Count = 0.0  # number of the next writes of paginated reports that fail to import
    item_limit: Count = 1000.0  # items in a workspace
    folder_limit: Count | None = None  # folders in a workspace; None: no limit, as none is documented
    publish_time: Seconds = 0.0  # how long the publishing of an environment takes
    failing_publishes: Names | None = None  # names of environments whose publishing ends "Failed"
    endpoint_time: Seconds = 0.0  # from the creation of a lakehouse and the like until it has its endpoint
    failing_endpoints: Names | None = (
        None  # names of lakehouses and mirrored databases whose SQL endpoint ends "Failed"
    )
    companion_items: bool = True  # the service's own items appear: SQL endpoints, staging items of dataflows
    default_semantic_models: bool = False  # lakehouses and the like get a default semantic model, as until 2025-09-05
    spark_pools: Names | None = None  # names of the custom Spark pools of every workspace
    bulk_definitions: bool = False  # whether the tenant has the beta bulkExportDefinitions and bulkImportDefinitions
    long_running: bool = True  # Fabric's definitions: 202 and an operation; false: done at once, 200 or 201
    recorded_times: bool = False  # what takes time takes the recorded time of its action and type, and the time of
    # the switches in addition: operation_time, import_time, refresh_time, job_time, export_time ...
    duration_seed: Count = 1.0  # selects the durations from their recorded spread
    operation_time: Seconds = 0.0  # how long Fabric's operations run
    operation_polls: Count = 0.0  # for how many polls they are reported as running
    operation_retry_after: Seconds = 1.0  # the services send 20
    operation_url: Url | None = None  # base URL in the Location of operations; None: the emulator's own
    api_latency: Seconds = 0.0
    write_latency: Seconds | None = None  # of requests other than GET; None: api_latency

    def update(self, changes: t.Mapping[str, t.Any]) -> None:
        """Set the given switches. Raises FieldError for an unknown switch or an invalid value."""
        kinds = {field.name: str(field.type) for field in dataclasses.fields(self)}
        checked: dict[str, t.Any] = {}
        for name, value in changes.items():
            if name not in kinds:
                raise UnknownFieldError(name, kinds, what="switch")
            kind, _, optional = kinds[name].partition(" | ")
            if value is None and optional:
                checked[name] = None
            else:
                checked[name] = _CHECKS[kind](name, value)
        for name, value in checked.items():
            setattr(self, name, value)

    def to_dict(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def _count(name: str, value: t.Any, low: int) -> float:
    return float(field_checks.whole(name, value, low, MOST))


_CHECKS: t.Final[dict[str, t.Callable[[str, t.Any], t.Any]]] = {
    "bool": field_checks.flag,
    "Seconds": functools.partial(field_checks.number, low=0, high=CENTURY),
    "Offset": functools.partial(field_checks.number, low=-CENTURY, high=CENTURY),
    "Days": functools.partial(field_checks.number, low=0, high=CENTURY // 86400),
    "Count": functools.partial(_count, low=0),
    "Size": functools.partial(_count, low=1),
    "Url": field_checks.url,
    "ConnectionString": field_checks.connection_string,
    "CaFile": field_checks.ca_file,
    "Names": field_checks.texts,
}
