# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/api_errors.md, which is made from the table of the service's errors: run with UPDATE_DOCS=1 to write that page."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.community.powerbi.plugins.module_utils._http.api_errors import to_error
from ansible_collections.community.powerbi.plugins.module_utils._http.error_rule import POWER_BI, Rule
from ansible_collections.community.powerbi.plugins.module_utils._http.error_table import RULES
from ansible_collections.community.powerbi.plugins.module_utils._http.failure import Failure

PAGE = Path(__file__).resolve().parents[5] / "docs" / "api_errors.md"


API_NAMES = {"graph": "Microsoft Graph", "key_vault": "Azure Key Vault", "storage": "Azure Storage"}


def cell(text: str) -> str:
    for char in "<>|":
        text = text.replace(char, {"<": "&lt;", ">": "&gt;", "|": "\\|"}[char])
    return text


def when(rule: Rule) -> str:
    """In words what makes a rule apply."""
    parts = [
        " or ".join(str(status) for status in rule.statuses),
        "<br>".join(f"`{code}`" for code in rule.codes),
        f"text like `{cell(rule.message)}`" if rule.message else "",
        f"request like `{cell(rule.path)}`" if rule.path else "",
        "" if not rule.apis or rule.apis == POWER_BI else f"only {' and '.join(API_NAMES[api] for api in rule.apis)}",
    ]
    return ", ".join(part for part in parts if part)


def row(rule: Rule) -> str:
    return f"| {when(rule)} | {cell(rule.why)} | {cell(rule.remedy)} |"


def page() -> str:
    example = to_error(
        Failure(401, "GroupNotAccessible", "", "c2f5e7a1-0f0b-4d2c-9a53-0c7f2f8f3b11"),
        "GET",
        "/groups/3d9b93c6-7b6d-4801-a491-1738910904fd/reports",
        caller={"type": "app", "client_id": "11111111-2222-3333-4444-555555555555", "auth_source": "profile:prod"},
    )
    return f"""<!--
Copyright (c) 2026, the community.powerbi authors
{"SPDX"}-License-Identifier: GPL-3.0-or-later
Made by tests/unit/plugins/module_utils/_http/test_error_page.py from plugins/module_utils/_http/error_table.py and its parts:
change the data, then run that test with UPDATE_DOCS=1.
-->
# When Power BI or Fabric refuses

The error of a failed request states what happened, why, the remedy, the caller, and the request ID for Microsoft's support. The
error of a failed long-running operation, import or refresh has the same parts, from the same table. An example:

> {cell(str(example))}

For a failed task, `msg` is the whole text, and `error` has its parts: `kind` (`api`, `not_found`, `forbidden`, `conflict`,
`throttled`, `operation_failed`), `what`, `why`, `remedy`, `status` (of HTTP), `code`, `message` (the text of the service),
`request_id`, `caller` (`type`, `client_id` or `user`, `object_id`, `tenant_id`, `auth_source`), `related_resource` (`type`,
`id`), `more_details` (further codes and texts), `method`, `path`, `retriable` (as the service reports it) and
`retry_after` (in seconds). Where an error has several codes, `code` is the most specific one. Values that a module returns
on success, such as `failed_items`, are returned in addition to `error`.

Texts of the services are shown in one line, without control characters, and without the secrets and tokens of the run and other
texts that resemble a secret.

The collection does the following automatically, within option `retry_timeout`: 429 and 503 are retried no earlier than the
service requires; other server errors and broken connections are retried with backoff, but a write that the service may have
applied is not sent again before the state was read; a rejected token (401, or 403 with TokenExpired) is replaced once.

## Causes and remedies

The first matching row applies. Codes and texts are not case-sensitive.

| When | Why | What to do |
|---|---|---|
{chr(10).join(map(row, RULES))}

An error that no row fits is shown with the service's own text, and without a guess.
"""


def test_the_page_is_made_from_the_table() -> None:
    text = page()
    if os.environ.get("UPDATE_DOCS") == "1":
        PAGE.write_text(text, encoding="ascii")
    assert PAGE.read_text(encoding="ascii") == text, f"{PAGE.name} is out of date: run this test with UPDATE_DOCS=1"


def test_every_row_has_three_cells() -> None:
    for rule in RULES:
        assert len(re.findall(r"(?<!\\)\|", row(rule))) == 4
