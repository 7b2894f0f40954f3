# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Decoding of definition parts: detection of text, byte order marks, line ends."""

from __future__ import annotations

import codecs
import unicodedata

from .problem import Problem

TEXT_SUFFIXES = frozenset(
    (".json", ".pbir", ".pbism", ".platform", ".bim", ".tmdl", ".rdl", ".xml", ".dax", ".pq", ".yml", ".yaml", ".sql")
)


def suffix(path: str) -> str:
    """The suffix of a part path in lower case, with its dot; ``.platform`` counts as one."""
    name = path.rsplit("/", 1)[-1].lower()
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


def decode(data: bytes) -> str | None:
    """UTF-8 text with a byte order mark removed and line ends as LF, or None if the bytes are not UTF-8 text."""
    if b"\0" in data:
        return None
    try:
        text = data.decode("utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def folded(name: str) -> str:
    """A name or a path for comparisons: case and the composition of characters (NFC, NFD) differ among file systems."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def undecodable(data: bytes, file: str) -> Problem:
    """The problem of a part that must be UTF-8 text and isn't, with the place of the first invalid byte."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem(file, 1, 1, "the file is UTF-16 text", "Save it as UTF-8")
    at = data.find(b"\0")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        at = exc.start if at < 0 else min(at, exc.start)
    line = data.count(b"\n", 0, at) + 1
    column = at - (data.rfind(b"\n", 0, at) + 1) + 1
    return Problem(file, line, column, f"the file isn't UTF-8 text (byte 0x{data[at]:02x})", "Save it as UTF-8")


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1
