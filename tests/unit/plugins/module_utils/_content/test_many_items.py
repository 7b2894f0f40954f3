# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three hundred items of ten parts: scanned, checked, compared and ordered. `make bench` measures what that costs."""

from __future__ import annotations

import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import graph
from ansible_collections.community.powerbi.plugins.module_utils._content.folder import scan
from ansible_collections.community.powerbi.plugins.module_utils._content.normalise import compare


def test_scanning_and_comparing_300_items(tree: t.Callable[[t.Mapping[str, str]], str]) -> None:
    files: dict[str, str] = {}
    for number in range(150):
        model, report = f"F{number % 7}/M{number}.SemanticModel", f"F{number % 7}/R{number}.Report"
        files[f"{model}/definition.pbism"] = '{"version": "4.0"}'
        files[f"{model}/definition/model.tmdl"] = "model Model\n\tculture: en-US\n"
        for table in range(8):
            text = f"table T{table}\n\tlineageTag: {number}-{table}\n"
            for place in range(12):
                text += f"\n\tmeasure 'M {table} {place}' =\n\t\t\tVAR x = SUM(T{table}[C{place}])\n\t\t\tRETURN x\n"
                text += f"\t\tformatString: 0\n\n\tcolumn C{place}\n\t\tdataType: int64\n\t\tsourceColumn: C{place}\n"
            files[f"{model}/definition/tables/T{table}.tmdl"] = text
        files[f"{report}/definition.pbir"] = (
            f'{{"datasetReference": {{"byPath": {{"path": "../M{number}.SemanticModel"}}}}}}'
        )
        files[f"{report}/definition/report.json"] = files[f"{report}/definition/version.json"] = "{}"
        files[f"{report}/definition/pages/pages.json"] = '{"pageOrder": ["p"]}'
        files[f"{report}/definition/pages/p/page.json"] = '{"displayName": "P"}'
        for place in range(5):
            path = f"{report}/definition/pages/p/visuals/v{place}/visual.json"
            files[path] = '{"position": {"x": 1}, "visual": {"query": [' + ",".join(["{}"] * 40) + "]}}"
    src = tree(files)

    items = scan(src).check()
    built, problems = graph.build(items)
    queue = graph.ReadyQueue(built)
    live = [{path: data + b"\n" for path, data in item.parts.items()} for item in items]
    equal = [compare(item.parts, other, item.type).equal for item, other in zip(items, live, strict=True)]

    assert len(items) == 300 and sum(len(item.parts) for item in items) == 3000
    assert problems == () and queue.take() is not None
    assert all(equal)
