# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Definitions for the mutations, with all kinds of objects: in TMDL, TMSL, PBIR and RDL."""

from __future__ import annotations

import json
import os
import re
import typing as t
from pathlib import Path

from ansible_collections.community.powerbi.plugins.module_utils._content.model import rules, tmdl_grammar

ROOT: t.Final = Path(__file__).resolve().parents[2]
_DATA: t.Final = Path(os.environ.get("POWERBI_TEST_DATA") or ROOT.parent / "shared" / "data") / "content"

KEYWORDS: t.Final = frozenset(
    (
        *tmdl_grammar.KINDS.values(),
        *rules.DEFAULTS,
        *rules.ENUM_PROPERTIES,
        *rules.SERVICE_PROPERTIES,
        *("ref", "formatString", "displayFolder", "isHidden", "isKey", "mode"),
    )
)


def _with_tabs(text: str) -> str:
    """The text with a tab for each four spaces that a line begins with, as Power BI Desktop indents TMDL."""
    return re.sub(r"(?m)^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text)


MODEL: t.Final = _with_tabs("""model Model
    culture: en-US
    defaultPowerBIDataSourceVersion: powerBI_V3
    discourageImplicitMeasures
    sourceQueryCulture: en-US
    dataAccessOptions
        legacyRedirects
        returnErrorValuesAsNull

queryGroup 'Sources\\Raw'

    annotation PBI_QueryGroupOrder = 0

annotation PBI_QueryOrder = ["Orders"]

annotation Owner = "the finance team"

ref table Orders
ref table Time
ref cultureInfo de-DE
""")

ORDERS: t.Final = _with_tabs("""/// All orders, and those
/// of the year before
table Orders
    lineageTag: 0b3c1f5a-1111-4000-8000-000000000001

    /// Price times quantity
    measure Revenue = SUMX(Orders, Orders[Price] * Orders[Quantity])
        formatString: #,0.00
        displayFolder: Key figures
        detailRowsDefinition = SELECTCOLUMNS(Orders, "id", [Id])

        kpi
            statusGraphic: Three Circles Colored
            targetExpression = 100
            statusExpression =
                    VAR x = [Revenue]
                    RETURN IF(x > 1, "good", "bad")

        annotation PBI_FormatHint = {"isCustom": true}

    measure 'Revenue in %' =
            VAR total = CALCULATE([Revenue], ALL(Orders)) // all
            RETURN DIVIDE([Revenue], total)
        formatStringDefinition = IF([Revenue] > 1, "0", "0.0")

    column Id
        dataType: int64
        isKey
        summarizeBy: none
        sourceColumn: Id

        annotation SummarizationSetBy = Automatic

    column Name
        dataType: string
        isHidden
        sortByColumn: Id
        sourceColumn: Name

        relatedColumnDetails
            groupByColumn: Id
            groupByColumn: 'Sort order'

        extendedProperty Rule =
                {
                  "version": 3,
                  "kind": "NamedList"
                }

        changedProperty = IsHidden

    column 'Sort order'
        dataType: double
        isHidden: false
        summarizeBy: sum
        sourceColumn: Sort

    column Size = IF(Orders[Quantity] > 10, "big", "small")
        dataType: string
        isNameInferred

    column Quantity
        dataType: int64
        sourceColumn: Quantity

    column Price
        dataType: decimal
        formatString: "TRUE"
        sourceColumn: Price

    hierarchy Product
        hideMembers: hideBlankMembers

        level Size
            ordinal: 0
            column: Size

        level Name
            column: Name

    refreshPolicy
        policyType: basic
        rollingWindowGranularity: year
        rollingWindowPeriods: 3
        incrementalGranularity: day
        incrementalPeriods: 10
        sourceExpression =
                let
                    Source = Sql.Database(Server, "sales")
                in
                    Source

    partition Orders = m
        mode: import
        queryGroup: 'Sources\\Raw'
        source =
                let
                    Source = Sql.Database(Server, "sales"),
                    Rows = Source{[Schema="dbo", Item="orders"]}[Data]
                in
                    Rows

    annotation PBI_ResultType = Table
""")

TIME: t.Final = _with_tabs("""table Time
    isPrivate

    calculationGroup
        precedence: 2

        calculationItem Now = SELECTEDMEASURE()

        /// Year to date
        calculationItem YTD = CALCULATE(SELECTEDMEASURE(), DATESYTD('Date'[Date]))
            formatStringDefinition = "0"

        noSelectionExpression = [Revenue]

    column Calculation
        dataType: string
        sourceColumn: Name
        sortByColumn: Ordinal

    column Ordinal
        dataType: int64
        sourceColumn: Ordinal

table Choice

    column Choice
        dataType: string
        sourceColumn: [Value1]

        extendedProperty ParameterMetadata = {"version": 3, "kind": 2}

    partition Choice = calculated
        source = {("Revenue", NAMEOF('Orders'[Revenue]), 0), ("Name", NAMEOF('Orders'[Name]), 1)}
""")

OTHERS: t.Final = {
    "definition/database.tmdl": "database\n\tcompatibilityLevel: 1600\n",
    "definition/expressions.tmdl": (
        'expression Server = "example.database.windows.net" meta [IsParameterQuery=true, Type="Text"]\n'
        "\tqueryGroup: 'Sources\\Raw'\n\n\tannotation PBI_NavigationStepName = Navigation\n"
    ),
    "definition/functions.tmdl": "function Twice = (x) => x * 2\n",
    "definition/relationships.tmdl": (
        "relationship 5a1e\n\tcrossFilteringBehavior: bothDirections\n\tisActive: false\n\tjoinOnDateBehavior: datePartOnly\n"
        "\tfromColumn: Orders.Name\n\ttoColumn: Choice.Choice\n"
    ),
    "definition/roles/Reader.tmdl": (
        "/// Only small ones\nrole Reader\n\tmodelPermission: read\n\n\ttablePermission Orders = [Size] = \"small\"\n\n"
        "\t\tcolumnPermission Price = none\n\n\tmember 'a@example.com'\n\t\tidentityProvider: AzureAD\n"
    ),
    "definition/perspectives/Short.tmdl": (
        "perspective Short\n\n\tperspectiveTable Orders\n\n\t\tperspectiveMeasure Revenue\n\n\t\tperspectiveColumn Name\n\n"
        "\t\tperspectiveHierarchy Product\n"
    ),
    "definition/cultures/de-DE.tmdl": (
        "cultureInfo de-DE\n\n\tlinguisticMetadata =\n\t\t\t{\n\t\t\t  \"Version\": \"1.0.0\",\n"
        "\t\t\t  \"Language\": \"de-DE\"\n\t\t\t}\n"
        "\t\tcontentType: json\n\n\ttranslations\n\t\tmodel Model\n\t\t\ttable Orders\n\t\t\t\tcaption: Bestellungen\n\n"
        "\t\t\t\tmeasure Revenue\n\t\t\t\t\tcaption: Umsatz\n\t\t\t\t\tdescription: Preis mal Menge\n"
    ),
}  # fmt: skip

TMSL: t.Final[dict[str, t.Any]] = {
    "name": "0b5b",
    "compatibilityLevel": 1567,
    "model": {
        "culture": "en-US",
        "discourageImplicitMeasures": True,
        "modifiedTime": "2026-01-01T00:00:00",
        "queryGroups": [{"folder": "Sources\\Raw", "annotations": [{"name": "PBI_QueryGroupOrder", "value": "0"}]}],
        "expressions": [{"name": "Server", "kind": "m", "expression": ['"a" meta', "[IsParameterQuery=true]"]}],
        "tables": [
            {
                "name": "Orders",
                "description": ["All orders", "of the shop"],
                "lineageTag": "0b3c1f5a",
                "columns": [
                    {"name": "Id", "dataType": "int64", "isKey": True, "sourceColumn": "Id", "state": "ready"},
                    {
                        "name": "Name",
                        "dataType": "string",
                        "isHidden": False,
                        "sortByColumn": "Id",
                        "relatedColumnDetails": {
                            "groupByColumns": [{"groupingColumn": "Id"}, {"groupingColumn": "Name"}]
                        },
                        "extendedProperties": [
                            {
                                "type": "json",
                                "name": "Rule",
                                "value": {"state": "open", "isHidden": False, "a": [1, "2"]},
                            }
                        ],
                        "changedProperties": [{"property": "IsHidden"}],
                        "annotations": [{"name": "SummarizationSetBy", "value": "User"}],
                    },
                    {"name": "Size", "type": "calculated", "expression": ["IF(1,", '  "big")'], "dataType": "string"},
                ],
                "measures": [{"name": "Count", "expression": "COUNTROWS(Orders)", "kpi": {"targetExpression": "1"}}],
                "hierarchies": [
                    {
                        "name": "H",
                        "levels": [
                            {"name": "A", "ordinal": 0, "column": "Id"},
                            {"name": "B", "ordinal": 1, "column": "Name"},
                        ],
                    }
                ],
                "partitions": [
                    {"name": "Orders", "mode": "import", "source": {"type": "m", "expression": ["let", "x"]}}
                ],
            },
            {
                "name": "Time",
                "calculationGroup": {
                    "precedence": 1,
                    "calculationItems": [{"name": "Now", "expression": "1"}, {"name": "Ago", "expression": "0"}],
                },
                "columns": [{"name": "Time", "dataType": "string", "sourceColumn": "Name"}],
                "partitions": [{"name": "Time", "source": {"type": "calculationGroup"}}],
            },
        ],
        "relationships": [
            {"name": "r", "fromTable": "Orders", "fromColumn": "Name", "toTable": "Time", "toColumn": "Time"}
        ],
        "roles": [
            {
                "name": "Reader",
                "modelPermission": "read",
                "members": [{"memberName": "a@example.com", "identityProvider": "AzureAD"}],
                "tablePermissions": [{"name": "Orders", "filterExpression": "[Id] > 1"}],
            }
        ],
        "perspectives": [{"name": "Short", "tables": [{"name": "Orders", "columns": [{"name": "Id"}]}]}],
        "cultures": [
            {
                "name": "de-DE",
                "translations": {"model": {"name": "Model", "tables": [{"name": "Orders", "translatedCaption": "B"}]}},
            }
        ],
        "annotations": [{"name": "PBIDesktopVersion", "value": "2.1"}, {"name": "Owner", "value": "me"}],
    },
}

REPORT: t.Final[dict[str, t.Any]] = {
    "definition.pbir": {
        "$schema": "https://example.com/definitionProperties/2.0.0/schema.json",
        "version": "4.0",
        "datasetReference": {"byPath": {"path": "../Orders.SemanticModel"}},
    },
    "definition/version.json": {"$schema": "https://example.com/version.json", "version": "2.0.0"},
    "definition/report.json": {
        "$schema": "https://example.com/report/1.0.0/schema.json",
        "themeCollection": {"baseTheme": {"name": "CY24SU10", "reportVersionAtImport": "5.61", "type": "SharedResources"}},
        "objects": {"section": [{"properties": {"verticalAlignment": {"expr": {"Literal": {"Value": "'Top'"}}}}}]},
        "annotations": [{"name": "Owner", "value": "me"}],
    },
    "definition/pages/pages.json": {"pageOrder": ["p1", "p2"], "activePageName": "p1"},
    "definition/pages/Start/page.json": {"name": "p1", "displayName": "One", "height": 720, "visibility": "HiddenInViewMode"},
    "definition/pages/p2/page.json": {"name": "p2", "displayName": "Two", "filterConfig": {"filters": [{"name": "f"}]}},
    "definition/pages/Start/visuals/Card/visual.json": {
        "name": "v1",
        "position": {"x": 1.5, "y": 2, "tabOrder": 0},
        "visual": {
            "visualType": "card",
            "query": {
                "queryState": {
                    "Values": {
                        "projections": [
                            {
                                "field": {"Measure": {"Expression": {"SourceRef": {"Entity": "Orders"}}, "Property": "Revenue"}},
                                "queryRef": "Orders.Revenue",
                            }
                        ]
                    }
                }
            },
        },
    },
    "definition/bookmarks/bookmarks.json": {"items": [{"name": "b1"}]},
    "definition/bookmarks/b1.bookmark.json": {"name": "b1", "displayName": "Start", "explorationState": {"version": "1.3"}},
}  # fmt: skip

LEGACY: t.Final[dict[str, t.Any]] = {
    "definition.pbir": REPORT["definition.pbir"],
    "report.json": {
        "config": json.dumps({"version": "5.43", "activeSectionIndex": 0}),
        "sections": [
            {
                "name": "s1",
                "displayName": "One",
                "filters": "[]",
                "visualContainers": [
                    {
                        "config": json.dumps({"name": "v", "singleVisual": {"visualType": "card"}}),
                        "x": 1.0,
                        "tabOrder": 2,
                    }
                ],
            }
        ],
    },
}

RDL: t.Final = """<?xml version="1.0" encoding="utf-8"?>
<!-- written by hand -->
<Report MustUnderstand="df" xmlns="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition"
 xmlns:df="http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition/defaultfontfamily">
  <df:DefaultFontFamily>Segoe UI</df:DefaultFontFamily>
  <DataSources>
    <DataSource Name="Sales">
      <ConnectionProperties>
        <DataProvider>SQL</DataProvider>
        <ConnectString>Data Source=host;Initial Catalog=sales</ConnectString>
      </ConnectionProperties>
    </DataSource>
  </DataSources>
  <DataSets><DataSet Name="Orders"><Query><CommandText>SELECT 1 &amp; 2</CommandText></Query></DataSet></DataSets>
  <ReportSections><ReportSection><Body><Height>2in</Height></Body><Width>6in</Width><Page/></ReportSection></ReportSections>
</Report>
"""


def _as_bytes(parts: t.Mapping[str, t.Any]) -> dict[str, bytes]:
    return {path: json.dumps(value, indent=2).encode() for path, value in parts.items()}


def definitions() -> list[tuple[str, dict[str, bytes]]]:
    """Item types and their parts."""
    pbism = {"definition.pbism": json.dumps({"version": "4.0", "settings": {}}, indent=2).encode()}
    model = {
        "definition/model.tmdl": MODEL,
        "definition/tables/Orders.tmdl": ORDERS,
        "definition/tables/Time.tmdl": TIME,
        **OTHERS,
    }
    return [
        ("SemanticModel", {**pbism, **{path: text.encode() for path, text in model.items()}}),
        ("SemanticModel", {**pbism, **_as_bytes({"model.bim": TMSL})}),
        ("Report", _as_bytes(REPORT)),
        ("Report", _as_bytes(LEGACY)),
        ("PaginatedReport", {"A.rdl": RDL.encode()}),
    ]


def folders() -> list[Path]:
    """Folders with more definitions: the project's sample, and real projects where they are."""
    return [folder for folder in (ROOT / "playbooks" / "files" / "sample", _DATA / "pbip") if folder.is_dir()]
