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
import types
import typing as t

from . import confined, json_text, normalise, part_path, platform
from .item import SEMANTIC_MODEL
from .model import tmsl
from .problem import ContentError, Problem
from .text import TEXT_SUFFIXES, decode, suffix

_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
_MAX_STEM = 200
"""Bytes of a name before its suffix: with the longest type, and a counter that a user's tool adds, below 255."""
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)

# Reading it requires setting it; the stricter value does no harm to files that another thread creates meanwhile.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


@dataclasses.dataclass(frozen=True)
class Written:
    """The changes of an export in an item's folder, as part paths.

    ``foreign`` are files that the definition doesn't have and that no export wrote: they are kept. ``own`` are files
    that an export may remove when the service no longer has them.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        return tuple(sorted((*self.created, *self.updated, *self.unchanged)))

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated or self.removed)


def folder_name(display_name: str, item_type: str) -> str:
    """The folder name of an item: its file name (`file_name`), and its type."""
    return f"{file_stem(display_name)}.{item_type}"


def file_stem(display_name: str) -> str:
    """A display name as a file name: characters that file systems reject become ``_``, and 200 bytes are the limit."""
    stem = _NOT_IN_FILE_NAMES.sub("_", display_name).strip(" .")
    stem = stem.encode()[:_MAX_STEM].decode(errors="ignore").strip(" .") or "_"
    return f"{stem}_" if _RESERVED.match(stem) else stem


class Properties(t.NamedTuple):
    """What the `.platform` of an item contains besides its type and name. The service returns no logical id."""

    description: str = ""
    logical_id: str = ""
    creation_payload: t.Mapping[str, t.Any] = types.MappingProxyType({})


_NONE = Properties()


def layout(
    item_type: str, display_name: str, parts: t.Mapping[str, bytes], properties: Properties = _NONE
) -> dict[str, bytes]:
    """The files of an item's folder: texts with LF, JSON indented by two spaces in the service's order of keys, and a
    `.platform`."""
    result = {}
    for path, data in parts.items():
        if path != platform.PART and not part_path.ignored(path):
            result[path] = _stable(path, data)
    described = platform.Platform(item_type, display_name, properties.description, properties.logical_id)
    result[platform.PART] = platform.write(described, properties.creation_payload)
    return {path: result[path] for path in sorted(result)}


def _stable(path: str, data: bytes) -> bytes:
    text = decode(data) if suffix(path) in TEXT_SUFFIXES else None
    if text is None:
        return data
    if suffix(path) in json_text.SUFFIXES:
        try:
            return json_text.dump(json.loads(text), indent=2).encode()
        except (ValueError, RecursionError):
            return text.encode()
    return text.encode()


def write(
    target: str, item_type: str, display_name: str, parts: t.Mapping[str, bytes], properties: Properties = _NONE, *,
    check_mode: bool = False, root: str = "", known: t.Collection[str] = (),
    on_write: t.Callable[[], object] = lambda: None,
) -> Written:  # fmt: skip
    """Write a definition to ``target``, the item's folder.

    A file whose content is equal in canonical form is not rewritten, so that version control shows only real changes;
    the logical id in the folder is kept as well unless another one is given. Files that the definition doesn't have are
    removed if they are ``known``, that is, written by an earlier export. All other files are kept.

    ``root`` is the folder of the user's option, else the parent of ``target``; ``on_write`` is called after each file.
    Raises ContentError, before the first write, for a part path that would leave the folder, or that can't be written
    without following a link below root.
    """
    root = root or os.path.dirname(os.path.abspath(target))
    place = os.path.relpath(target, root).replace(os.sep, "/")
    _refuse_hostile(root, place, (platform.PART,))
    present = read_folder(target)
    described = platform.read(present[platform.PART], platform.PART)[0] if platform.PART in present else None
    present_id = described.logical_id if described is not None else ""
    properties = properties._replace(logical_id=properties.logical_id or present_id)
    files = layout(item_type, display_name, parts, properties)
    _refuse_hostile(root, place, files)
    same_model = _same_model(present, files)
    created: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    # Equal models may be split into files differently: then the folder's own files are kept.
    kept = {path for path in (*present, *files) if same_model and suffix(path) == ".tmdl"}
    unchanged.extend(path for path in present if path in kept)
    for path, data in files.items():
        if path in kept:
            continue
        before = present.get(path)
        renewed = path == platform.PART and present_id != properties.logical_id
        if before == data or (before is not None and not renewed and _equal(item_type, path, before, data)):
            unchanged.append(path)
            continue
        (created if before is None else updated).append(path)
        if not check_mode:
            _write_part(root, f"{place}/{path}", data)
            on_write()
    gone = [path for path in present if path not in files and path not in kept]
    removed = [path for path in gone if path in known]
    if not check_mode:
        for path in removed:
            _remove(target, path)
            on_write()
    foreign = tuple(path for path in gone if path not in known)
    return Written(tuple(created), tuple(updated), tuple(removed), tuple(sorted(unchanged)), foreign)


def _write_part(root: str, path: str, data: bytes) -> None:
    try:
        write_file(os.path.join(root, *path.split("/")), data)
    except OSError as exc:
        what = f"the file can't be written: {exc.strerror or exc}"
        raise ContentError(
            [Problem(path, 0, 0, what, "Give a folder that may be written to, with a shorter path")], option="dest"
        ) from exc


def _same_model(before: t.Mapping[str, bytes], after: t.Mapping[str, bytes]) -> bool:
    """Whether two definitions in TMDL are equal, but for what the service adds by itself, such as lineage tags."""
    old, new = ({path: data for path, data in parts.items() if suffix(path) == ".tmdl"} for parts in (before, after))
    return bool(old and new) and normalise.compare(old, new, SEMANTIC_MODEL).equal


def _equal(item_type: str, path: str, before: bytes, after: bytes) -> bool:
    if item_type == SEMANTIC_MODEL and (suffix(path) == ".tmdl" or path == tmsl.PART):
        return normalise.compare({path: before}, {path: after}, item_type).equal
    return normalise.normalise({path: before}, item_type).parts == normalise.normalise({path: after}, item_type).parts


def read_folder(target: str) -> dict[str, bytes]:
    """The parts in an item's folder; links are not parts."""
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


def _refuse_hostile(root: str, place: str, files: t.Collection[str]) -> None:
    problems = []
    for path in files:
        full = f"{place}/{path}"
        fault = part_path.fault(path) or confined.obstacle(root, full)
        if fault:
            problems.append(
                Problem(full, 0, 0, f"the part's path {fault}", "Correct dest at this place, or leave the item out")
            )
    for first, second in part_path.collisions(list(files)):
        what = f"the part's path differs from {first!r} only in case"
        problems.append(Problem(f"{place}/{second}", 0, 0, what, "Rename the part"))
    for above, path in part_path.below_files(frozenset(files)):
        what = f"the part's path needs a folder where {above!r} is a part itself"
        problems.append(Problem(f"{place}/{path}", 0, 0, what, "Leave the item out with exclude"))
    if problems:
        raise ContentError(problems, option="dest")


def write_file(path: str, data: bytes) -> None:
    """Write a file atomically and create its folders. The caller has checked for links (`confined`)."""
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
    """Replace a file by a temporary one in the same folder, with the permissions of a new file of this user."""
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
