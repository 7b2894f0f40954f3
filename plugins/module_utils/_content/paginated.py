# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""Paginated reports (RDL): validation, and the semantic models that a report reads."""

from __future__ import annotations

import codecs
import re
import typing as t
import xml.parsers.expat

from .problem import Problem
from .rebind import Binding, connection_string, id_in, workspace_of

_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"'<>]{0,40})""")
_DECLARED = re.compile(r"""^(<\?xml[^>]*?encoding\s*=\s*["'])[^"'<>]+(["'])""")
_CHARACTER_SETS = re.compile(
    rb"utf-?8|utf-?16(?:-?[bl]e)?|us-ascii|iso-?8859-\d+|latin-?\d|windows-\d+|cp\d+|ibm\d+|koi8-[ru]|macintosh",
    re.IGNORECASE,
)
"""Encodings of XML that are given to the parser. It would search for others among Python's codecs, some of which are none."""

_NAMESPACE = "/reporting/"
_MODEL_PROVIDERS = frozenset(("PBIDATASET",))
_DEEPEST = 200
_READ = frozenset(("DataProvider", "ConnectString", "PowerBIWorkspaceName", "PowerBIDatasetName"))


class _StopError(Exception):
    """Ends the parsing early: the rest of the file is not needed."""


class Rdl(t.NamedTuple):
    """The semantic models that a report's data sources reference, and the problems of the file."""

    models: tuple[Binding, ...]
    problems: tuple[Problem, ...]


def plain(data: bytes) -> bytes:
    """A report as UTF-8 without a byte order mark, which imports refuse as corrupted; the same document otherwise."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    declared = _ENCODING.search(data[:200])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif declared and declared[1].lower() in (b"iso-8859-1", b"us-ascii"):
        encoding = "iso-8859-1"
    else:
        return data
    try:
        return _DECLARED.sub(r"\1utf-8\2", data.decode(encoding), count=1).encode()
    except UnicodeDecodeError:
        return data


def read(data: bytes, file: str) -> Rdl:
    """Check and parse a report."""
    reader = _Reader(file)
    problems = []
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    reader.parser = parser
    problem = _parse(parser, data, file)
    if problem is not None:
        problems.append(problem)
    problems.extend(reader.problems)
    return Rdl(tuple(reader.models), tuple(problems))


def named_after(parts: t.Mapping[str, bytes], display_name: str) -> dict[str, bytes]:
    """The parts with the .rdl part renamed to the item's name, as the service requires. Its name has no other meaning."""
    documents = [path for path in parts if path.lower().endswith(".rdl") and "/" not in path]
    if len(documents) != 1:
        return dict(parts)
    return {f"{display_name}.rdl" if path == documents[0] else path: data for path, data in parts.items()}


def _parse(parser: t.Any, data: bytes, file: str) -> Problem | None:
    """Run the parser until a handler ends it. Returns the problem of the XML, None if it is well-formed."""
    try:
        _refuse_codec(data)
        parser.Parse(data, True)
    except _StopError:
        return None
    except xml.parsers.expat.ExpatError as exc:
        what = f"this isn't XML: {xml.parsers.expat.ErrorString(exc.code)}"
        return Problem(file, exc.lineno, exc.offset + 1, what, "Correct the XML at this place")
    except (ValueError, LookupError):
        # Of pyexpat: encodings of several bytes a character (gb2312, Shift_JIS), and names that are none.
        found = _ENCODING.search(data[:200])
        name = found[1].decode("ascii", "replace") if found else ""
        encoding = f"the encoding {name!r}" if name else "an encoding"
        what = f"the XML declaration names {encoding}, which this parser does not support"
        return Problem(file, 1, 1, what, "Save the file as UTF-8, and name that in its first line")
    return None


def _refuse_codec(data: bytes) -> None:
    """Raises LookupError for an XML declaration with a name that is no encoding of XML."""
    found = _ENCODING.search(data[:200]) if data.lstrip().startswith(b"<?xml") else None
    if found and not _CHARACTER_SETS.fullmatch(found[1]):
        raise LookupError(found[1])


def is_shallow(data: bytes) -> bool:
    """Whether this is XML whose elements are nested no deeper than a report's ever are."""
    depth = 0

    def start(*_unused: t.Any) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise _StopError

    def end(*_unused: t.Any) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_unused: t.Any) -> None:
        raise _StopError

    parser = xml.parsers.expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        _refuse_codec(data)
        parser.Parse(data, True)
    except (_StopError, xml.parsers.expat.ExpatError, ValueError, LookupError):
        return False
    return True


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.models: list[Binding] = []
        self.depth = 0
        self.element = ""
        self.source: dict[str, str] = {}
        self.parser: t.Any = None

    def _add_problem(self, what: str, remedy: str) -> None:
        place = (self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        self.problems.append(Problem(self.file, *place, what, remedy))
        raise _StopError

    def doctype(self, *_unused: t.Any) -> None:
        self._add_problem("the file has a document type declaration", "Remove it: a report needs none")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, dummy, local = name.rpartition(" ")
        if self.depth == 0 and (local != "Report" or _NAMESPACE not in namespace.lower()):
            self._add_problem(
                f"the root element is {local!r}, not the Report of a report definition", "Give an .rdl file"
            )
        self.depth += 1
        if self.depth > _DEEPEST:
            self._add_problem(f"the elements are nested more than {_DEEPEST} deep", "Give an .rdl file")
        if local == "DataSource":
            self.source = {}
        self.element = local

    def text(self, text: str) -> None:
        if self.element in _READ:
            self.source[self.element] = self.source.get(self.element, "") + text

    def end(self, name: str) -> None:
        self.depth -= 1
        self.element = ""
        if name.rpartition(" ")[2] == "DataSource":
            self._data_source({key: value.strip() for key, value in self.source.items()})
            self.source = {}

    def _data_source(self, source: dict[str, str]) -> None:
        members = connection_string(source.get("ConnectString", ""))
        catalog = members.get("initialcatalog", "").rpartition("sobe_wowvirtualserver-")[2]
        service = members.get("datasource", "").lower().startswith(("pbiazure://", "powerbi://"))
        if not service and source.get("DataProvider", "").upper() not in _MODEL_PROVIDERS:
            return
        model_id = id_in(catalog)
        workspace = source.get("PowerBIWorkspaceName", "") or workspace_of(members.get("datasource", ""))
        model = source.get("PowerBIDatasetName", "") or ("" if model_id else catalog)
        self.models.append(Binding("", model_id, workspace, model))
