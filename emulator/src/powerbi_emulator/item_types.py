# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The item types: the names of their collections in paths, and their supported operations."""

from __future__ import annotations

import typing as t


class ItemType(t.NamedTuple):
    """``needs_definition``: can't be created without one. ``needs_capacity``: not in a workspace on shared capacity.

    ``creation_payload`` are the members of creationPayload that are known; ``needs_payload``: can't be created without
    one. ``root_only``: created in the root of the workspace, whatever folder the request names. ``display_name``:
    a regular expression for display names.
    """

    name: str
    collection: str
    needs_definition: bool = False
    has_definition: bool = True
    can_be_created: bool = True
    needs_capacity: bool = True
    creation_payload: tuple[str, ...] = ()
    needs_payload: bool = False
    root_only: bool = False
    display_name: str = ""


_IDENTIFIER: t.Final = r"[A-Za-z]\w{0,122}"
_TYPES: t.Final = (
    ItemType("SemanticModel", "semanticModels", needs_definition=True, needs_capacity=False),
    ItemType("Report", "reports", needs_definition=True, needs_capacity=False),
    ItemType(
        "PaginatedReport",
        "paginatedReports",
        needs_definition=True,
        needs_capacity=False,
        root_only=True,
    ),
    ItemType("Dashboard", "dashboards", has_definition=False, can_be_created=False, needs_capacity=False),
    ItemType("Datamart", "datamarts", has_definition=False, can_be_created=False),
    ItemType("SQLEndpoint", "sqlEndpoints", has_definition=False, can_be_created=False),
    ItemType("MirroredWarehouse", "mirroredWarehouses", has_definition=False, can_be_created=False),
    ItemType("Dataflow", "dataflows"),
    ItemType("Notebook", "notebooks"),
    ItemType("DataPipeline", "dataPipelines"),
    ItemType("Lakehouse", "lakehouses", creation_payload=("enableSchemas",), display_name=_IDENTIFIER),
    ItemType("Warehouse", "warehouses", has_definition=False, creation_payload=("defaultCollation", "collationType")),
    ItemType(
        "WarehouseSnapshot",
        "warehouseSnapshots",
        has_definition=False,
        creation_payload=("parentWarehouseId", "snapshotDateTime"),
        needs_payload=True,
    ),
    ItemType("Environment", "environments"),
    ItemType("VariableLibrary", "variableLibraries"),
    ItemType("CopyJob", "copyJobs"),
    ItemType("Eventhouse", "eventhouses", creation_payload=("minimumConsumptionUnits",)),
    ItemType("Eventstream", "eventstreams"),
    ItemType("GraphQLApi", "graphQLApis"),
    ItemType("KQLDatabase", "kqlDatabases", creation_payload=("databaseType", "parentEventhouseItemId")),
    ItemType("KQLDashboard", "kqlDashboards"),
    ItemType("KQLQueryset", "kqlQuerysets"),
    ItemType("MLExperiment", "mlExperiments", has_definition=False),
    ItemType("MLModel", "mlModels", has_definition=False),
    ItemType("MirroredDatabase", "mirroredDatabases"),
    ItemType("Reflex", "reflexes"),
    ItemType("SparkJobDefinition", "sparkJobDefinitions"),
    ItemType(
        "SQLDatabase",
        "sqlDatabases",
        creation_payload=("creationMode", "backupRetentionDays", "collation"),
    ),
    ItemType("AnomalyDetector", "anomalyDetectors"),
    ItemType("ApacheAirflowJob", "apacheAirflowJobs"),
    ItemType("AppBackend", "appBackends"),
    ItemType("AzureDatabricksStorage", "azureDatabricksStorages"),
    ItemType("CosmosDBDatabase", "cosmosDbDatabases"),
    ItemType("DataAgent", "dataAgents"),
    ItemType("DataBuildToolJob", "dataBuildToolJobs"),
    ItemType("DigitalTwinBuilder", "digitalTwinBuilders"),
    ItemType("DigitalTwinBuilderFlow", "digitalTwinBuilderFlows"),
    ItemType("EventSchemaSet", "eventSchemaSets"),
    ItemType("GraphModel", "graphModels"),
    ItemType("GraphQuerySet", "graphQuerySets"),
    ItemType("Map", "maps"),
    ItemType("MirroredAzureDatabricksCatalog", "mirroredAzureDatabricksCatalogs"),
    ItemType("MirroredCatalog", "mirroredCatalogs"),
    ItemType("MountedDataFactory", "mountedDataFactories"),
    ItemType("Ontology", "ontologies"),
    ItemType("OperationsAgent", "operationsAgents"),
    ItemType("OrgApp", "orgApps"),
    ItemType("OrgAppAudience", "orgAppAudiences"),
    ItemType("Plan", "plans"),
    ItemType("SnowflakeDatabase", "snowflakeDatabases"),
    ItemType("UserDataFunction", "userDataFunctions"),
)
BY_NAME: t.Final = {one.name: one for one in _TYPES}
BY_COLLECTION: t.Final = {one.collection.lower(): one for one in _TYPES}
