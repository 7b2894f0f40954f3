# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same responses checked by schemathesis: a test of `checker`, which alone checks requests and errors.

``python -m powerbi_emulator.conformance.schemathesis_check FILE --documents DIR``; needs schemathesis and jsonschema.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import json
import sys
import typing as t
from pathlib import Path

from powerbi_emulator.conformance.checker import Finding
from powerbi_emulator.conformance.documents import Documents
from powerbi_emulator.conformance.exceptions import deviation_of


class Opinion(t.NamedTuple):
    """``violations`` are findings that no known deviation explains, as text, with their number."""

    answers: int
    explained: int
    violations: collections.Counter[str]


def schemathesis_check(record: Path, directory: Path) -> Opinion:
    """Check the responses that are not errors. Raises ImportError without schemathesis."""
    operations, documents = _operations(directory), Documents(directory)
    answers, explained, violations = 0, 0, collections.Counter[str]()
    with record.open(encoding="utf-8") as lines:
        for exchange in map(json.loads, lines):
            ours = documents.find(exchange["method"], exchange["path"])
            theirs = operations.get((ours.api, ours.id)) if ours else None
            if ours is None or theirs is None or exchange["fault"] or exchange["status"] >= 400:
                continue
            answers += 1
            for where, problem in _failures(theirs, exchange):
                about = (ours.id, exchange["method"], exchange["path"], exchange["status"], where, problem)
                finding = Finding("answer", *about)
                if deviation_of(finding):
                    explained += 1
                else:
                    violations[str(finding)] += 1
    return Opinion(answers, explained, violations)


def _operations(directory: Path) -> dict[tuple[str, str], t.Any]:
    """schemathesis' operations by API and id; those with references that it can't resolve are omitted."""
    openapi = importlib.import_module("schemathesis.openapi")
    found = {}
    for path in (directory / "powerbi" / "swagger.json", *sorted((directory / "fabric").glob("*/swagger.json"))):
        api = "powerbi" if path.parent.name == "powerbi" else "fabric"
        for result in openapi.from_path(str(path)).get_all_operations():
            if type(result).__name__ == "Ok":
                operation = result.ok()
                found[api, operation.definition.raw.get("operationId", "")] = operation
    return found


def _failures(operation: t.Any, exchange: dict[str, t.Any]) -> t.Iterator[tuple[str, str]]:
    transport = importlib.import_module("schemathesis.core.transport")
    failures = importlib.import_module("schemathesis.core.failures")
    requests = importlib.import_module("requests")
    content = b"" if exchange["empty"] else json.dumps(exchange["answer"]).encode()
    response = transport.Response(
        status_code=exchange["status"],
        headers={name: [value] for name, value in exchange["headers"].items()},
        content=content,
        request=requests.Request(exchange["method"], f"https://localhost{exchange['path']}").prepare(),
        elapsed=0.0,
        verify=True,
    )
    try:
        operation.validate_response(response)
    except (failures.FailureGroup, failures.Failure) as error:
        for failure in getattr(error, "exceptions", [error]):
            path = getattr(failure, "instance_path", [])
            text = getattr(failure, "validation_message", "") or str(failure)
            first = text.partition("\n")[0].replace('"', "'").replace("null is not", "None is not")
            yield "body" + "".join(f"/{step}" for step in path), first


def main() -> int:
    """Print the findings of schemathesis. Returns 0 without new ones, 1 with new ones, 2 without schemathesis."""
    parser = argparse.ArgumentParser(prog="python -m powerbi_emulator.conformance.schemathesis_check")
    parser.add_argument("record", type=Path)
    parser.add_argument("--documents", type=Path, required=True, help="directory with powerbi/ and fabric/")
    options = parser.parse_args()
    try:
        opinion = schemathesis_check(options.record, options.documents)
    except ImportError as error:
        print(f"this needs schemathesis, which can't be imported ({error}): requirements/openapi.txt", file=sys.stderr)
        return 2
    print(f"responses checked by schemathesis: {opinion.answers}; explained deviations: {opinion.explained}")
    for text, count in opinion.violations.most_common():
        print(f"{count:6}  {text}")
    return 1 if opinion.violations else 0


if __name__ == "__main__":
    sys.exit(main())
