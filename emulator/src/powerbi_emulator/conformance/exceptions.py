# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known deviations of the service from its documents, each with the recorded or reported fact as its reason."""

from __future__ import annotations

import re
import typing as t

from powerbi_emulator.conformance.checker import Finding, Part


class Deviation(t.NamedTuple):
    """``operation``, ``where`` and ``problem`` are regular expressions that are searched, ignoring case."""

    part: Part
    operation: str
    where: str
    problem: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return self.part == finding.part and all(
            re.search(pattern, text, re.IGNORECASE)
            for pattern, text in (
                (self.operation, finding.operation),
                (self.where, finding.where),
                (self.problem, finding.problem),
            )
        )


DEVIATIONS: t.Final = (
    Deviation(
        "answer",
        "GetOperationState",
        "^body/(percentComplete|error)$",
        "None is not of type",
        "an operation's percentComplete is null while it runs, and its error is null unless it failed (recorded)",
    ),
    Deviation(
        "answer",
        "GetOperationState",
        "TimeUtc$",
        "date-time",
        "an operation's times come without a zone and with seven digits (recorded)",
    ),
    Deviation(
        "answer",
        "GetOperationState",
        "^header (Location|Retry-After)$",
        "absent",
        "Location and Retry-After come only while an operation runs, Location also where there is a result (recorded)",
    ),
    Deviation(
        "answer",
        "^(Workspaces_|Items_)",
        "^body(/value/[0-9]+)?$",
        "'description' is a required",
        "a description that was never set is left out (recorded)",
    ),
    Deviation(
        "answer",
        "^Datasets_RefreshDataset",
        "^header (Location|x-ms-request-id)$",
        "absent",
        "the document's text: these headers are returned only for an enhanced refresh",
    ),
    Deviation(
        "answer",
        "^(Items|.*)_Create",
        "^header Location$",
        "absent",
        "the creation of an item that is done at once has no Location (recorded)",
    ),
    Deviation(
        "answer",
        "",
        "^body/moreDetails/[0-9]+$",
        "is a required property",
        "details that name a related resource have neither code nor message (recorded)",
    ),
    Deviation(
        "request",
        "^Datasets_RefreshDataset",
        "^body/effectiveDate$",
        "date-time",
        "the examples of Microsoft Learn write effectiveDate as a date without a time",
    ),
    Deviation(
        "answer",
        "ItemJobInstance",
        "^body(/value/[0-9]+)?/(failureReason|endTimeUtc)$",
        "None is not of type",
        "a job's failureReason is null unless it failed, its endTimeUtc is null while it runs (recorded)",
    ),
    Deviation(
        "answer",
        "",
        "^body$",
        "the document has none",
        "Fabric answers 202 with the literal null (recorded)",
    ),
    Deviation(
        "answer",
        "GetOperationResult",
        "^body$",
        "is not of type 'string'",
        "the result of an operation is described as a file; it is the JSON of the item or of the definition (recorded)",
    ),
    Deviation(
        "answer",
        "RefreshExecutionDetails",
        "Time$",
        "date-time",
        "the document's own example has times without a zone in the details of a refresh",
    ),
    Deviation(
        "answer",
        "^Pipelines_GetPipelineOperation$",
        "^body/executionPlan/steps/",
        "'lastUpdatedTime' is a required",
        "a step's lastUpdatedTime is required, but not described, and the document's own example has none",
    ),
    Deviation(
        "answer",
        "^(Imports_PostImport|Reports_ExportReport)",
        "^status$",
        "^307 ",
        "preferClientRouting=true may be responded with a redirection (Microsoft Learn)",
    ),
    Deviation(
        "request",
        "^(Imports_PostImport|Reports_ExportReport)",
        "^query preferClientRouting$",
        "not a parameter",
        "preferClientRouting is described in Microsoft Learn only",
    ),
    Deviation(
        "request",
        "^Imports_PostImport",
        "^body$",
        "multipart/form-data",
        "the document states that the body is multipart/form-data, but describes only the JSON that can take its place",
    ),
    Deviation(
        "request",
        "^Datasets_RefreshDataset",
        "^body$",
        "notifyOption.* is a required|required, but absent",
        "notifyOption is required in the document, and it must be left out of an enhanced refresh (Microsoft Learn)",
    ),
    Deviation(
        "request",
        "^Datasets_RefreshDataset",
        "^/timeout$",
        "not a property",
        "timeout is a parameter of the enhanced refresh (Microsoft Learn)",
    ),
    Deviation(
        "request",
        "^Datasets_RefreshDataset",
        "^body/(type|commitMode)$",
        "is not one of",
        "types and commit modes are case-insensitive; Microsoft Learn's examples write them in lower case",
    ),
    Deviation(
        "request",
        "^Groups_(Add|Update)GroupUser",
        "^body$",
        "'(identifier|principalType)' is a required",
        "the document's own example gives a user by emailAddress alone",
    ),
    Deviation(
        "request",
        "^Items_Create",
        "^body/folderId$",
        "'' is not a 'uuid'",
        "fabric-cicd sends an empty folderId for the root of a workspace, and the service accepts it",
    ),
    Deviation(
        "operation",
        "",
        "",
        "no document",
        "the documents for this type of item are not among those at hand (only semantic models, reports, paginated "
        "reports and dataflows are)",
    ),
)


def deviation_of(finding: Finding) -> Deviation | None:
    """The known deviation that explains a finding."""
    return next((one for one in DEVIATIONS if one.covers(finding)), None)
