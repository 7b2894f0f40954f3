# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._guid import (
    GUID,
    GUID_IN_BYTES,
    is_guid,
    normalise_guid,
)

ID = "f01de400-0000-4000-8000-000000000001"


@pytest.mark.parametrize("text", [ID, ID.upper(), f"{{{ID}}}", f"  {ID}\n"])
def test_ids_in_any_spelling(text: str) -> None:
    assert is_guid(text)
    assert normalise_guid(text) == ID


@pytest.mark.parametrize("text", ["", "Sales", ID[:-1], ID + "0", f"{ID} or 1 eq 1", ID.replace("-", ""), f"{ID}/../x"])
def test_what_is_no_id(text: str) -> None:
    assert not is_guid(text)


def test_a_guid_inside_a_text_and_inside_bytes() -> None:
    assert GUID.findall(f"groups/{ID.upper()}/reports") == [ID.upper()]
    assert GUID_IN_BYTES.findall(f'"id": "{ID}"'.encode()) == [ID.encode()]


def test_no_other_file_defines_what_a_guid_is() -> None:
    """A second pattern, or a second zero GUID, would be a second answer to the same question."""
    own = Path(__file__).resolve().parents[4] / "plugins" / "module_utils"
    again = re.compile(r"\{4\}\)?-?\)?\{3\}|0{8}(-0{4}){3}-0{12}")
    assert [path.name for path in own.rglob("*.py") if again.search(path.read_text())] == ["_guid.py"]
