# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Files of reports: written only if their bytes differ."""

from __future__ import annotations

import os

from ..._errors import ConfigError
from ..export import write_file
from ..text import decode

_MAX_DIFF = 100_000
"""The longest file, in bytes, whose content is in the diff."""


def update(option: str, path: str, data: bytes, *, write: bool) -> dict[str, str] | None:
    """Write a file whose content differs, and return the difference as Ansible shows it; None for an equal file.

    ``option`` names the option with the path. Raises ConfigError for a path that can't be read or written.
    """
    full = os.path.abspath(os.path.expanduser(path))
    try:
        before = _content(full)
        if before == data:
            return None
        if write:
            write_file(full, data)
    except OSError as error:
        raise ConfigError(
            f"`{option}` {full} can't be written: {error.strerror or error}",
            option=option,
            remedy="give the path of a file in a folder that may be written to",
        ) from error
    return {
        "before": "" if before is None else _shown(before),
        "after": _shown(data),
        "before_header": full,
        "after_header": full,
    }


def _shown(data: bytes) -> str:
    text = decode(data) if len(data) <= _MAX_DIFF else None
    return f"{len(data):,} bytes, not shown\n" if text is None else text


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None
