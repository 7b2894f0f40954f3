# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Whether a file may be written at a path below a folder: no link on the way is followed, no name is too long."""

from __future__ import annotations

import os
import stat

MAX_NAME_BYTES = 255
"""The longest file name of common file systems (ext4, xfs, apfs, NFS); NTFS counts 255 UTF-16 units."""

_MAX_PATH_BYTES = 4000
"""Below Linux' PATH_MAX, with room for the name of a temporary file."""


def obstacle(root: str, path: str) -> str:
    """Why no regular file can be written at ``path`` (relative, with forward slashes) below ``root``, "" when it can.

    ``root`` itself may be reached through links: the user chose it. Below it a link is never followed, wherever it
    points, and never replaced.
    """
    steps = path.split("/")
    for step in steps:
        fault = name_fault(step)
        if fault:
            return f"{fault}: {step[:40]!r}"
    if len(os.fsencode(os.path.join(os.path.abspath(root), *steps))) > _MAX_PATH_BYTES:
        return f"can't be written: the path is too long, systems take {_MAX_PATH_BYTES} bytes"
    full = root
    for depth, step in enumerate(steps, 1):
        full = os.path.join(full, step)
        here = "/".join(steps[:depth])
        try:
            mode = os.lstat(full).st_mode
        except FileNotFoundError:
            return ""
        except OSError as exc:
            return f"can't be written: {exc.strerror or exc}"
        if stat.S_ISLNK(mode):
            return f"leads through the link {here!r}, and links below dest are not followed"
        if depth < len(steps) and not stat.S_ISDIR(mode):
            return f"needs a folder where the file {here!r} is"
        if depth == len(steps) and not stat.S_ISREG(mode):
            return f"needs a file where {'the folder' if stat.S_ISDIR(mode) else 'something else'} {here!r} is"
    return ""


def name_fault(name: str) -> str:
    """Why a file system rejects a file of this name, "" if it does not."""
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError:
        return "has a character that is no Unicode text (half of a surrogate pair)"
    if "\0" in name:
        return "has a NUL character"
    return f"has a name of {size} bytes, file systems take {MAX_NAME_BYTES}" if size > MAX_NAME_BYTES else ""
