# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official Power BI swagger, which the emulator's answers are checked against where it can be read."""

from __future__ import annotations

import functools
import json
import os
import typing as t
from pathlib import Path

import jsonschema
import pytest
import requests

_HERE = Path(__file__).resolve()
DATA = Path(os.environ.get("POWERBI_TEST_DATA") or _HERE.parents[3] / "shared" / "data")
_SWAGGER = DATA / "specs" / "powerbi" / "swagger.json"


@functools.cache
def _document() -> dict[str, t.Any]:
    if not _SWAGGER.is_file():
        pytest.skip(f"{_SWAGGER} is absent; POWERBI_TEST_DATA may name another data directory")
    document: dict[str, t.Any] = json.loads(_SWAGGER.read_text(encoding="utf-8"))
    return document


def operations(pattern: str) -> list[tuple[str, str]]:
    """Method and path of the operations whose id begins with ``pattern``."""
    return [
        (method.upper(), path)
        for path, item in _document()["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and operation.get("operationId", "").startswith(pattern)
    ]


def check_answer(response: requests.Response, method: str, path: str) -> None:
    """Fail unless the answer has a status and a body that the operation ``method path`` declares.

    Keys that the swagger does not know are allowed: the live service adds some (``type``, ``@odata.count``).
    """
    document = _document()
    declared = document["paths"][path][method.lower()]["responses"]
    assert str(response.status_code) in declared, f"{response.status_code} is not among {list(declared)}"
    schema = declared[str(response.status_code)].get("schema")
    if schema is None:
        assert response.content == b"", "the operation declares no body"
        return
    validator = jsonschema.Draft4Validator(
        {**schema, "definitions": document["definitions"]}, format_checker=jsonschema.FormatChecker(["uuid"])
    )
    errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(response.json())]
    assert not errors, errors
