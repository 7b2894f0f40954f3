# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of errors, and docs/errors.md, which is made from it: run with UPDATE_DOCS=1 to write that page."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._auth.entra_codes import (
    BY_CODE,
    ENTRA_CODES,
    OAUTH_ERRORS,
    REFUSED_BY_MACHINE,
    UNKNOWN_MANAGED_IDENTITY,
    EntraCode,
    Retry,
)
from ansible_collections.community.powerbi.plugins.module_utils._auth.explain import LoginFacts, explain
from ansible_collections.community.powerbi.plugins.module_utils._settings.clouds import CLOUDS
from ansible_collections.community.powerbi.plugins.module_utils._settings.options import AUTH_METHODS, SHARED_OPTIONS

ROOT = Path(__file__).resolve().parents[5]
PAGE = ROOT / "docs" / "errors.md"

# Frozen, so that no code is lost by accident: what a retry can do -> codes.
KNOWN = {
    "no": "7000222 7000216 7000218 700025 7000112 90002 900023 50059 90019 9001023 50194 500011 50001 650057 65005 65001 "
    "650051 650052 501051 50105 1002012 70011 28003 901002 900144 90014 9002313 900561 700030 1000502 7000214 50048 "
    "7002137 7002138 700222 700226 700227 700229 53003 50034 500014 50053 50055 50057 50072 530035 "
    "50126 50076 50079 70016 70019 70020 "
    "900382 900432 90038 50049 100007 5000225",
    "after_change": "7000215 700016 7000229 700027 70021 700211 700212 7002121 700213",
    "fresh_assertion": "700024 50012 50013 50027 500133",
    "yes": "50196 90055 90033 90024 90006 90012 90090 50033 50000",
}

# Words with an underscore that are values, claims or names of others, not options.
VALUES = {*AUTH_METHODS, *CLOUDS, "federated_identity"}

ENTRIES = [pytest.param(entry, id="-".join(entry.codes)) for entry in ENTRA_CODES]
ENTRIES_AND_MACHINES = [
    *ENTRIES,
    pytest.param(UNKNOWN_MANAGED_IDENTITY, id="managed_identity"),
    pytest.param(REFUSED_BY_MACHINE, id="managed_identity refused"),
]


def reference() -> Path | None:
    """The reference that the table was made from, where a checkout has it beside it."""
    places = [os.environ.get("POWERBI_TEST_REFERENCE"), ROOT.parent / "shared" / "reference"]
    found = [Path(place) / "auth.md" for place in places if place]
    return next((path for path in found if path.is_file()), None)


def test_the_frozen_codes_are_all_there_is_and_retry_as_they_should():
    expected = {code: when for when, codes in KNOWN.items() for code in codes.split()}
    assert {code: entry.retry.when for code, entry in BY_CODE.items()} == expected


def test_every_code_of_the_reference_is_there():
    path = reference()
    if path is None:
        pytest.skip("no reference: set POWERBI_TEST_REFERENCE to the folder that has auth.md")
    section = re.search(r"^## 3\..*?(?=^## )", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert section
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section[0].splitlines() if line[:3] != "|--"
    ]
    rows = [row for row in rows if len(row) == 5 and row[0] != "Code"]
    assert len(rows) > 40
    seen: dict[EntraCode, str] = {}
    for codes, oauth, _cause, _remedy, retry in rows:
        for code in re.findall(r"\d+", codes):
            entry = BY_CODE[code]
            seen[entry] = f"{seen.get(entry, '')} {oauth}"
            assert retry not in ("no", "yes") or entry.retry.when == retry, code
    for entry, oauth in seen.items():
        assert set(entry.errors) <= set(re.findall(r"[a-z]+_[a-z]+", oauth)), entry.codes
        assert set(map(str, entry.statuses)) <= set(re.findall(r"\b\d{3}\b", oauth)), entry.codes


def test_no_code_is_in_two_entries():
    codes = [code for entry in ENTRA_CODES if not entry.methods for code in entry.codes]
    assert len(codes) == len(set(codes)) == len(BY_CODE)
    assert all(re.fullmatch(r"\d+", code) for code in codes)


@pytest.mark.parametrize("entry", ENTRIES_AND_MACHINES)
def test_an_entry_has_what_why_and_the_remedy_in_sentences_that_join(entry):
    for text in (entry.what, entry.why, entry.remedy):
        assert len(text) > 15
        assert text.isascii() and text.isprintable() and "  " not in text
        assert not text.endswith((".", " ")), "the error adds the full stop"
    assert entry.what[0].isupper() or entry.what.split()[0] in SHARED_OPTIONS
    assert entry.remedy[0].islower()
    assert len(f"{entry.what} {entry.why} {entry.remedy}") < 900
    assert set(entry.errors) <= {*OAUTH_ERRORS, "invalid_instance"}
    assert set(entry.statuses) <= {400, 401, 429}


@pytest.mark.parametrize("entry", ENTRIES_AND_MACHINES)
def test_a_remedy_names_options_and_only_ones_that_exist(entry):
    named = set()
    for text in (entry.what, entry.why, entry.remedy):
        with_underscore = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))
        assert with_underscore <= {*SHARED_OPTIONS, *VALUES}
        single = set(re.findall(r"\b[Oo]ption (\w+)", text))
        assert single <= set(SHARED_OPTIONS), text
        assert not re.search(r"\boptions \w", text), "write 'option x and option y', which can be checked"
        named |= (with_underscore & set(SHARED_OPTIONS)) | single
    assert named, "name the option to check"


@pytest.mark.parametrize("name", OAUTH_ERRORS)
def test_oauth_errors_name_only_options_that_exist(name):
    error = OAUTH_ERRORS[name]
    assert error.meaning and error.remedy
    assert set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", error.remedy)) <= set(SHARED_OPTIONS)
    assert set(re.findall(r"\boption (\w+)", error.remedy)) <= set(SHARED_OPTIONS)


# -- docs/errors.md


def retry_words(retry: Retry) -> str:
    return {
        "no": "no",
        "yes": f"yes, after {retry.seconds} s" if retry.seconds else "yes",
        "after_change": f"within {retry.seconds} s of the change",
        "fresh_assertion": "once, with a fresh assertion",
    }[retry.when]


def marked(text: str) -> str:
    """Markdown for a table cell: options as code, nothing that breaks the table or reads as a tag."""
    text = text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"\b([Oo]ption) (\w+)", r"\1 `\2`", text)
    options = "|".join(sorted((name for name in SHARED_OPTIONS if "_" in name), key=len, reverse=True))
    return re.sub(rf"(?<![`\w])(?:{options})(?!\w)", r"`\g<0>`", text)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def row(entry: EntraCode) -> str:
    codes = "<br>".join(f"AADSTS{code}" for code in entry.codes)
    codes += f"<br>with auth_method {' or '.join(entry.methods)}" if entry.methods else ""
    seen = "<br>".join([*(f"`{error}`" for error in entry.errors), *map(str, entry.statuses)])
    cells = (codes, seen, f"{marked(entry.what)}.", f"{marked(entry.why)}.", f"{marked(capital(entry.remedy))}.")
    return f"| {' | '.join(cells)} | {retry_words(entry.retry)} |"


def page() -> str:
    example = explain(
        {
            "error": "invalid_client",
            "error_description": "AADSTS7000222: The provided client secret keys are expired.",
            "error_codes": [7000222],
            "timestamp": "2026-01-31 08:15:00Z",
            "correlation_id": "7a4f6a0e-8a56-4a4e-8d5c-0a9a0f0c7d11",
        },
        status=401,
        facts=LoginFacts(
            method="client_secret",
            tenant_id="11111111-1111-1111-1111-111111111111",
            client_id="22222222-2222-2222-2222-222222222222",
            authority="login.microsoftonline.com",
            cloud="public",
            auth_source="env:AZURE_*",
        ),
    )
    oauth = "\n".join(f"| `{n}` | {e.meaning} | {marked(capital(e.remedy))} |" for n, e in OAUTH_ERRORS.items())
    return f"""<!--
Copyright (c) 2026, the community.powerbi authors
{"SPDX"}-License-Identifier: GPL-3.0-or-later
Made by tests/unit/plugins/module_utils/_auth/test_entra_codes.py from plugins/module_utils/_auth/entra_codes.py:
change the data, then run that test with UPDATE_DOCS=1.
-->
# When Entra ID refuses

The error of a failed login states what happened, why, the remedy, and the IDs for Microsoft's support. An example:

> {marked(str(example))}

For a failed task, `error` has the same information in parts: `kind`, `what`, `why`, `remedy`, `code`, `oauth_error`, `suberror`,
`status` (of HTTP), `correlation_id`, `trace_id`, `timestamp`, `description` (the text of the server), `auth_source`,
`retryable`, `retry` and `retry_after` (in seconds). Where they are known: `clock_skew` (how many seconds the clock of
the machine is ahead of Entra ID's) and `assertion` (iss, sub, aud and exp of a federated token). Secrets and tokens are
taken out of all of it, also where the server repeats them.

*Retry* states whether the same request can succeed later. The collection itself repeats a request only where the response
is HTTP 429 or 5xx or does not arrive, within option `retry_timeout`; a wrong credential is never sent again, because that
locks accounts. *Within n s of the change* means that a change according to the remedy may not have been
propagated to all of Entra ID yet.

## Codes of Entra ID

| Code | OAuth error, HTTP status | What happened | Why | What to do | Retry |
|---|---|---|---|---|---|
{chr(10).join(map(row, ENTRA_CODES))}

A code that is not in this table is shown with the server's full text, and without a guess.

## Errors of OAuth

For other providers, and for codes that the table does not have. CREDENTIAL stands for the options of the way to log in.

| Error | What it means | What to do |
|---|---|---|
{oauth}
"""


def test_the_page_of_errors_is_made_from_the_table():
    text = page()
    if os.environ.get("UPDATE_DOCS") == "1":
        PAGE.write_text(text, encoding="ascii")
    assert PAGE.read_text(encoding="ascii") == text, "docs/errors.md is out of date: run this test with UPDATE_DOCS=1"
    assert all(line.count("|") - line.count("\\|") == 7 for line in text.splitlines() if line.startswith("| AADSTS"))
