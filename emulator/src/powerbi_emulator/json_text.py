# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parses untrusted JSON: a text that is nested too deeply is as invalid as a truncated one."""

from __future__ import annotations

import json
import typing as t


def load_json(text: str | bytes) -> t.Any:
    """The value of a JSON text. Raises ValueError for invalid JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("objects and lists are nested too deeply") from None
