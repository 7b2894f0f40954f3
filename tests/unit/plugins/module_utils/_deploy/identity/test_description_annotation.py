# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The annotation in a description: read back as written, whatever stands before it; no text is ever cut for it."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._content.ownership_annotation import Ownership
from ansible_collections.community.powerbi.plugins.module_utils._deploy.identity.description_annotation import (
    LONGEST_DESCRIPTION,
    Annotation,
    is_damaged,
    missing_room,
    read,
    short,
    shorter,
    text_of,
    write,
)

LOGICAL_ID = "10000000-0000-4000-8000-000000000001"
FILE, DEFINITION = (short(hashlib.sha256(text).hexdigest()) for text in (b"file", b"definition"))
MODEL, REPORT, OUTLINE = (shorter(hashlib.sha256(text).hexdigest()) for text in (b"model", b"report", b"outline"))
ANNOTATIONS = [
    Annotation(),
    Annotation(LOGICAL_ID),
    Annotation(LOGICAL_ID, deployment="sales"),
    Annotation(file=FILE, model=MODEL, report=REPORT, outline=OUTLINE),
    Annotation(file=FILE),
    Annotation(LOGICAL_ID, FILE, MODEL, REPORT, OUTLINE, bound=LOGICAL_ID),
]


@pytest.mark.parametrize("text", ["", "What Sales reads", "a [note]", "two\nlines", "Umsätze 📈"])
@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_it_is_read_as_it_was_written(text: str, annotation: Annotation) -> None:
    written = write(text, annotation)
    assert written is not None
    assert read(written) == (text, annotation)
    assert write(written, annotation) == written, "an annotation is replaced, not added"
    assert len(written) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_a_text_that_leaves_no_room_is_not_cut(annotation: Annotation) -> None:
    assert write("x" * 250, annotation) is None
    missing = missing_room("x" * 250, annotation)
    written = write("x" * (250 - missing), annotation)
    assert written is not None
    assert len(written) == LONGEST_DESCRIPTION
    assert write("x" * (251 - missing), annotation) is None
    assert missing_room("short", annotation) == 0


@pytest.mark.parametrize("text", ["", "mine", "[powerbi_deploy", "[powerbi_deploy] more", "[powerbi_deployed]"])
def test_what_is_no_annotation(text: str) -> None:
    assert read(text) == (text, None)


@pytest.mark.parametrize(
    ("damaged", "annotation"),
    [
        (f"[powerbi_deploy f:{FILE}]", Annotation(file=FILE)),
        (f"[powerbi_deploy x:{FILE}]", Annotation()),
        ("[powerbi_deploy f:]", Annotation()),
        ("[powerbi_deploy 10000000-0000]", Annotation()),
        ("[powerbi_deploy later versions may have more]", Annotation()),
    ],
)
def test_a_damaged_one_is_still_one(damaged: str, annotation: Annotation) -> None:
    assert read(damaged).annotation == annotation


@pytest.mark.parametrize(
    "annotation",
    ["[powerbi_deploy", f"[powerbi_deploy {LOGICAL_ID[:9]}]", f"[powerbi_deploy f:{FILE} m:", "[powerbi_deploy f:]"],
)
@pytest.mark.parametrize("text", ["", "What Sales reads"])
def test_a_damaged_one_is_known_as_such_and_replaced(text: str, annotation: str) -> None:
    damaged = f"{text} {annotation}".strip()
    assert (is_damaged(damaged), text_of(damaged)) == (True, text)
    assert write(damaged, Annotation(LOGICAL_ID)) == f"{text} [powerbi_deploy {LOGICAL_ID}]".strip()


@pytest.mark.parametrize(
    "text",
    ["", "mine", "[powerbi_deployed", "[powerbi_deploy] more", "[powerbi_deploy]", f"[powerbi_deploy {LOGICAL_ID}]"],
)
def test_what_is_not_damaged(text: str) -> None:
    assert not is_damaged(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mine [powerbi_deploy {}] Added in the portal", "Mine Added in the portal"),
        ("[powerbi_deploy {}] Added", "Added"),
        ("Mine\n[powerbi_deploy {}]\nAdded", "Mine\nAdded"),
        ("Mine [powerbi_deploy {}].", "Mine."),
    ],
)
def test_a_text_that_was_added_behind_it_does_not_hide_it(text: str, expected: str) -> None:
    described = text.format(f"f:{FILE} m:{MODEL}")
    assert read(described) == (expected, Annotation(file=FILE, model=MODEL))
    assert not is_damaged(described)
    assert write(described, Annotation(file=FILE)) == f"{expected} [powerbi_deploy f:{FILE}]"


def test_what_earlier_versions_wrote_is_understood() -> None:
    old = f"What Sales reads [powerbi_deploy {LOGICAL_ID} f:{FILE} d:{DEFINITION}]"
    assert read(old) == ("What Sales reads", Annotation(LOGICAL_ID, FILE, definition=DEFINITION))


def test_without_a_name_the_owner_is_the_default_deployment() -> None:
    assert Annotation(LOGICAL_ID).ownership == Ownership("default", LOGICAL_ID)
    assert Annotation(LOGICAL_ID, deployment="sales").ownership == Ownership("sales", LOGICAL_ID)


def test_short_digests() -> None:
    digests = {short(hashlib.sha256(str(number).encode()).hexdigest()) for number in range(1000)}
    assert len(digests) == 1000
    assert {len(digest) for digest in digests} == {22}
    assert not any(set(digest) & set(" ]:") for digest in digests)
    assert len({digest[:11] for digest in digests}) == 1000


def test_the_length_is_counted_in_utf_16() -> None:
    """The service may count a character beyond the basic plane as two."""
    annotation = Annotation(LOGICAL_ID)
    room = LONGEST_DESCRIPTION - len(write("", annotation) or "") - 1
    assert write("\N{CHART WITH UPWARDS TREND}" * (room // 2), annotation) is not None
    assert write("\N{CHART WITH UPWARDS TREND}" * (room // 2 + 1), annotation) is None
    assert missing_room("\N{CHART WITH UPWARDS TREND}" * room, annotation) == room
