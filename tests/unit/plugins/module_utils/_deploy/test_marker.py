# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mark in a description: read back as written, whatever people do to the text before it."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._deploy import marker
from ansible_collections.community.powerbi.plugins.module_utils._deploy.marker import Mark, read, short, write

LOGICAL_ID = "10000000-0000-4000-8000-000000000001"
FILE, DEFINITION = (short(hashlib.sha256(text).hexdigest()) for text in (b"file", b"definition"))
MARKS = [
    Mark(),
    Mark(LOGICAL_ID),
    Mark("", FILE, DEFINITION),
    Mark("", FILE),
    Mark(LOGICAL_ID, FILE, DEFINITION, LOGICAL_ID),
]


@pytest.mark.parametrize("text", ["", "What Sales looks at", "a [note]", "two\nlines", "Umsätze 📈"])
@pytest.mark.parametrize("mark", MARKS)
def test_it_is_read_as_it_was_written(text: str, mark: Mark) -> None:
    written = write(text, mark)
    assert read(written) == (text, mark)
    assert write(written, mark) == written, "a mark is replaced, not added"
    assert len(written) <= marker.LONGEST_DESCRIPTION


@pytest.mark.parametrize("mark", MARKS)
def test_a_long_text_is_cut(mark: Mark) -> None:
    written = write("x" * 300, mark)
    assert len(written) == marker.LONGEST_DESCRIPTION
    assert read(written).mark == mark and read(written).text.endswith("xxx...")


@pytest.mark.parametrize("text", ["", "mine", "[powerbi_deploy", "[powerbi_deploy] more", "[powerbi_deployed]"])
def test_what_is_no_mark(text: str) -> None:
    assert read(text) == (text, None)
    assert not read(text).ours


@pytest.mark.parametrize(
    ("damaged", "mark"),
    [
        (f"[powerbi_deploy f:{FILE}]", Mark("", FILE)),
        (f"[powerbi_deploy x:{FILE}]", Mark()),
        ("[powerbi_deploy f:]", Mark()),
        ("[powerbi_deploy 10000000-0000]", Mark()),
        ("[powerbi_deploy later versions may say more]", Mark()),
    ],
)
def test_a_damaged_mark_is_still_one(damaged: str, mark: Mark) -> None:
    assert read(damaged).mark == mark


def test_short_digests() -> None:
    digests = {short(hashlib.sha256(str(number).encode()).hexdigest()) for number in range(1000)}
    assert len(digests) == 1000
    assert {len(digest) for digest in digests} == {22}
    assert not any(set(digest) & set(" ]:") for digest in digests)
