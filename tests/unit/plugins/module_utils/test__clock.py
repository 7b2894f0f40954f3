# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.community.powerbi.plugins.module_utils._clock import parse_timestamp, timestamp
from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError


def test_times() -> None:
    assert timestamp(parse_timestamp("2026-11-24T13:05:00Z")) == "2026-11-24T13:05:00Z"
    with pytest.raises(ConfigError, match="is not a time"):
        parse_timestamp("tomorrow")
