# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever happened to a folder: the next run makes the workspace equal to it. `make fuzz ARGS=histories` tries more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import histories


@given(st.binary(min_size=10, max_size=80))
@settings(max_examples=80, database=None, deadline=None, derandomize=True)
def test_after_each_run_the_workspace_is_the_folder(data: bytes) -> None:
    histories.check(data)
