# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real files of other projects: nothing to find wrong, and nothing that changes on the way."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.community.powerbi.plugins.module_utils._content import export, graph, rebind
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare, normalise
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import WARNING

MODEL = "11111111-2222-3333-4444-555555555555"


def test_real_content_has_no_problem(real_content: Path) -> None:
    result = scan(str(real_content))

    assert {problem.severity for problem in result.problems} <= {WARNING}
    assert [problem.file for problem in result.problems] == ["pbip/ABC.Report/report.json"], "the legacy format"
    assert {str(item) for item in result.items} >= {
        "ABC.Report",
        "ABC.SemanticModel",
        "ABC Paginated.PaginatedReport",
        "Revenue Opportunities.Report",
        "resource_pbix_report_only.Report",
    }


def test_real_definitions_are_stable(real_content: Path) -> None:
    for item in scan(str(real_content / "pbip")).items:
        once = normalise(item.parts, item.type)
        assert dict(normalise(once.parts, item.type).parts) == dict(once.parts)
        assert (once.model is not None) == (item.type == "SemanticModel")
        crlf = {path: data if b"\0" in data else data.replace(b"\n", b"\r\n") for path, data in item.parts.items()}
        assert compare(item.parts, crlf, item.type).equal


def test_the_real_report_needs_the_real_model(real_content: Path) -> None:
    items = scan(str(real_content / "pbip")).items
    built, problems = graph.build(items)
    report = next(item for item in items if item.type == "Report")

    assert problems == ()
    assert [str(item) for item in built.needed_by(report)] == ["ABC.SemanticModel"]
    after = rebind.rebind(report.parts["definition.pbir"], MODEL)
    assert rebind.read(after, "")[0].model_id == MODEL
    assert compare({**report.parts, "definition.pbir": after}, report.parts, "Report").changed == ("definition.pbir",)


def test_a_changed_real_model_differs_in_one_part(real_content: Path) -> None:
    model = next(item for item in scan(str(real_content / "pbip")).items if item.type == "SemanticModel")
    path = "definition/tables/Table.tmdl"
    changed = {**model.parts, path: model.parts[path].replace(b"formatString: 0", b"formatString: 0.0")}

    assert compare(changed, model.parts, model.type).changed == (path,)


def test_an_export_of_real_definitions_changes_nothing(real_content: Path, tmp_path: Path) -> None:
    for item in scan(str(real_content / "pbip")).items:
        target = tmp_path / f"{item.display_name}.{item.type}"
        shutil.copytree(item.source, target)
        done = export.write(str(target), item.type, item.display_name, item.parts)
        assert not done.changed, done
