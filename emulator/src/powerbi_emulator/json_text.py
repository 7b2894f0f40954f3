# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON that somebody else wrote: a text that is nested too deeply is as damaged as one that ends too early."""

from __future__ import annotations

import json
import typing as t


def load_json(text: str | bytes) -> t.Any:
    """The value. Raises ValueError for anything that is no JSON or can't be read as such."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("objects and lists are nested too deeply") from None
