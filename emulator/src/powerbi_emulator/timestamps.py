# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in the formats of the services."""

from __future__ import annotations

import datetime


def utc(epoch: float, digits: int = 3) -> str:
    """ISO 8601 with ``Z`` and a fraction of ``digits`` digits, as in Power BI: 2026-05-13T07:06:56.117Z."""
    return f"{_text(epoch, digits)}Z"


def utc_bare(epoch: float) -> str:
    """Without ``Z`` and with seven digits, as in Fabric: 2026-05-13T07:06:56.1173061."""
    return _text(epoch, 7)


def _text(epoch: float, digits: int) -> str:
    moment = datetime.datetime.fromtimestamp(epoch, tz=datetime.UTC)
    fraction = f"{moment.microsecond:06d}0"[:digits]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "")
