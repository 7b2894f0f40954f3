# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Write a definition to a folder: the same bytes for the same content, nothing outside of the folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import tempfile
import typing as t

from ansible_collections.community.powerbi.plugins.module_utils._content import (
    json_text,
    normalise,
    part_path,
    platform,
)
from ansible_collections.community.powerbi.plugins.module_utils._content.item import PBIX, RDL, XLSX
from ansible_collections.community.powerbi.plugins.module_utils._content.problem import ContentError, Problem
from ansible_collections.community.powerbi.plugins.module_utils._content.text import TEXT_SUFFIXES, decode, suffix

_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)

# There is no way to read it but to set it; the stricter value harms no file that another thread makes just then.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


@dataclasses.dataclass(frozen=True)
class Written:
    """What an export did to an item's folder, as part paths."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.removed)


def folder_name(display_name: str, item_type: str) -> str:
    """The folder of an item: its name with what a file system refuses as ``_``, and its type."""
    return f"{file_stem(display_name)}.{item_type}"


def file_stem(display_name: str) -> str:
    stem = _NOT_IN_FILE_NAMES.sub("_", display_name).strip(" .") or "_"
    return f"{stem}_" if _RESERVED.match(stem) else stem[:200]


def layout(
    item_type: str, display_name: str, parts: t.Mapping[str, bytes], *, description: str = "", logical_id: str = ""
) -> dict[str, bytes]:
    """The files of an item's folder: texts with LF, JSON with two spaces in the order of keys that the service gave,
    and a `.platform` with a logical id of our own choice, because the service answers none."""
    result = {}
    for path, data in parts.items():
        if path != platform.PART and not part_path.ignored(path):
            result[path] = _stable(path, data)
    described = platform.Platform(item_type, display_name, description, logical_id)
    result[platform.PART] = platform.write(described)
    return {path: result[path] for path in sorted(result)}


def _stable(path: str, data: bytes) -> bytes:
    text = decode(data) if suffix(path) in TEXT_SUFFIXES else None
    if text is None:
        return data
    if suffix(path) in json_text.SUFFIXES:
        try:
            return json_text.dump(json.loads(text), indent=2).encode()
        except ValueError:
            return text.encode()
    return text.encode()


def write(
    target: str, item_type: str, display_name: str, parts: t.Mapping[str, bytes], *, description: str = "",
    logical_id: str = "", check_mode: bool = False,
) -> Written:  # fmt: skip
    """Bring the folder ``target`` (the item's own) to the layout of a definition.

    A file whose content is equal in canonical form stays as it is, bytes and all, so that version control shows only
    real changes; so does the logical id that the folder has. Files of the item that the definition doesn't have are
    removed; ignored ones (`.pbi/`) are left alone. Raises ContentError, before anything is written, for a part path
    that would leave the folder or that a link in the folder leads elsewhere.
    """
    present = _present(target)
    known = platform.read(present[platform.PART], platform.PART)[0] if platform.PART in present else None
    files = layout(
        item_type, display_name, parts, description=description, logical_id=(known and known.logical_id) or logical_id
    )
    _refuse_hostile(target, files)
    model = normalise.normalise(present, item_type).model
    same_model = model is not None and model == normalise.normalise(files, item_type).model
    created: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    # Equal models may be split into files differently: then the folder's own files are as good as the service's.
    kept = {path for path in (*present, *files) if same_model and suffix(path) == ".tmdl"}
    unchanged.extend(path for path in present if path in kept)
    for path, data in files.items():
        if path in kept:
            continue
        before = present.get(path)
        if before == data or (before is not None and _equal(item_type, path, before, data)):
            unchanged.append(path)
            continue
        (created if before is None else updated).append(path)
        if not check_mode:
            write_file(os.path.join(target, *path.split("/")), data)
    removed = [path for path in present if path not in files and path not in kept]
    if not check_mode:
        for path in removed:
            _remove(target, path)
    return Written(tuple(created), tuple(updated), tuple(removed), tuple(sorted(unchanged)))


def _equal(item_type: str, path: str, before: bytes, after: bytes) -> bool:
    return normalise.normalise({path: before}, item_type).parts == normalise.normalise({path: after}, item_type).parts


def _present(target: str) -> dict[str, bytes]:
    found = {}
    for folder, folders, names in os.walk(target):
        inside = os.path.relpath(folder, target).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = sorted(name for name in folders if not part_path.ignored(f"{prefix}{name}/"))
        for name in sorted(names):
            path = f"{prefix}{name}"
            full = os.path.join(folder, name)
            if not part_path.ignored(path) and os.path.isfile(full) and not os.path.islink(full):
                with open(full, "rb") as handle:
                    found[path] = handle.read()
    return found


def _refuse_hostile(target: str, files: t.Iterable[str]) -> None:
    problems = []
    root = os.path.realpath(target)
    for path in files:
        fault = part_path.fault(path)
        if not fault:
            real = os.path.realpath(os.path.join(target, *path.split("/")))
            fault = "" if real.startswith(root + os.sep) else "leads out of the folder through a link"
        if fault:
            problems.append(Problem(path, 0, 0, f"the part's path {fault}", "Don't export this item"))
    for first, second in part_path.collisions(list(files)):
        problems.append(
            Problem(second, 0, 0, f"the part's path differs from {first!r} only in case", "Rename the part")
        )
    if problems:
        raise ContentError(problems, option="dest")


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; its folders are made. A link at its place is replaced, not followed."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".powerbi-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        take_place(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def take_place(temporary: str, path: str) -> None:
    """Put a temporary file, in the same folder, in a file's place, readable as files of this user are."""
    os.chmod(temporary, 0o666 & ~_UMASK)
    os.replace(temporary, path)


def _remove(target: str, path: str) -> None:
    os.unlink(os.path.join(target, *path.split("/")))
    folder = os.path.dirname(path)
    while folder:
        try:
            os.rmdir(os.path.join(target, *folder.split("/")))
        except OSError:
            return
        folder = os.path.dirname(folder)


def single_file(display_name: str, kind: str) -> str:
    """The file name of an item that is one file (pbix, rdl, xlsx)."""
    if kind not in (PBIX, RDL, XLSX):
        raise ValueError(f"{kind!r} is no kind of file")
    return f"{file_stem(display_name)}.{kind}"
