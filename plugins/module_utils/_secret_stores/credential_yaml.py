# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""YAML with credentials: read as texts, and changed line by line. Errors contain line and column, never the text there."""

from __future__ import annotations

import importlib
import json
import typing as t

from .._requirements import missing


class FileError(Exception):
    """A defect of a file: ``what`` (without any text of the file), ``line`` and ``column``."""

    def __init__(self, what: str, line: int = 0, column: int = 0) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


_VAULT_TAGS = ("!vault", "!vault-encrypted")
_TEXT_TAGS = ("tag:yaml.org,2002:str", "!unsafe", "!")


def fields(text: str, section: str, decrypt: t.Callable[[bytes], bytes]) -> dict[str, str]:
    """The scalars of the mapping, or of the one below ``section``, as unchanged texts. Raises FileError."""
    node = _mapping(text, section, merged=True)
    return {} if node is None else {key.value: _text(value, decrypt) for key, value in node.value if _is_scalar(value)}


def changed(text: str, section: str, values: t.Mapping[str, str | None]) -> str:
    """The text with these fields, None for none: only their lines differ. Raises FileError for other forms of YAML."""
    for name, value in values.items():
        text = _with_field(text, section, name, value)
    return text


def _with_field(text: str, section: str, name: str, value: str | None) -> str:
    node = _mapping(text, section)
    if node is None or (node.flow_style and not node.value):
        raise _error("it has no lines of that section to change", node)
    if node.flow_style:
        raise _error("it is written in one line with braces; write each field on a line of its own", node)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    field = next(((key, old) for key, old in node.value if key.value == name), None)
    if field is None:
        if value is None:
            return text
        last = node.value[-1]
        indent = " " * node.value[0][0].start_mark.column
        at = _after(last[1], lines)
        return "".join([*lines[:at], f"{indent}{name}: {_quoted(value)}\n", *lines[at:]])
    key, old = field
    first, after = key.start_mark.line, _after(old, lines)
    if not _is_scalar(old):
        raise _error("a field that has to be changed holds more than one value", old)
    if value is None:
        return "".join([*lines[:first], *lines[after:]])
    head = lines[first][: key.end_mark.column] if key.end_mark.line == first else f"{name}"
    tail = ""
    if old.end_mark.line == first:  # a comment behind the value stays
        rest = lines[first][old.end_mark.column :].rstrip("\n")
        tail = rest if rest.lstrip().startswith("#") else ""
    return "".join([*lines[:first], f"{head}: {_quoted(value)}{tail}\n", *lines[after:]])


def _after(node: t.Any, lines: t.Sequence[str]) -> int:
    """The number of lines up to the end of a value; a block's end mark is at the line after it."""
    end = node.end_mark
    line = end.line if end.column == 0 and end.line > node.start_mark.line else end.line + 1
    while line > node.start_mark.line + 1 and line <= len(lines) and not lines[line - 1].strip():
        line -= 1
    return int(min(line, len(lines)))


def _quoted(value: str) -> str:
    """A YAML scalar in ASCII. JSON's escapes are valid YAML except surrogate pairs, which YAML reads as two characters."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(
        char if " " <= char < "\x7f" else f"\\U{ord(char):08x}" if char > "\uffff" else f"\\u{ord(char):04x}"
        for char in text
    )


def _mapping(text: str, section: str, *, merged: bool = False) -> t.Any:
    """The node of the mapping; ``merged``: with the keys that `<<` merges into it, before its own keys."""
    yaml = _library()
    loader = yaml.SafeLoader(text) if _printable(yaml, text) else None
    if loader is None:
        raise _error("there is a character that YAML can't have", None)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _located("it is not valid YAML", mark) from None
    except yaml.YAMLError:
        raise _error("it is not valid YAML", None) from None
    finally:
        loader.dispose()
    node = _checked(node, yaml)
    if section and node is not None:
        node = _checked(next((value for key, value in node.value if key.value == section), None), yaml)
    if merged and node is not None:
        try:
            loader.flatten_mapping(node)
        except yaml.MarkedYAMLError as error:
            raise _located("a merge key has no mapping", error.problem_mark) from None
    return node


def _checked(node: t.Any, yaml: t.Any) -> t.Any:
    """The node, if it is a mapping with plain, unique keys; None for an empty document. Raises FileError otherwise."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"):
        return None
    if not isinstance(node, yaml.MappingNode):
        raise _error("it holds no mapping with fields", node)
    seen: set[str] = set()
    for key, _value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _error("a key is not a plain text", key)
        if key.value in seen:
            raise _error("a key is repeated", key)
        seen.add(key.value)
    return node


def _is_scalar(node: t.Any) -> bool:
    return isinstance(node.value, str)


def _text(node: t.Any, decrypt: t.Callable[[bytes], bytes]) -> str:
    if node.tag in _VAULT_TAGS:
        lines = [line.strip() for line in node.value.strip().splitlines()]
        if not lines or not lines[0].startswith("$ANSIBLE_VAULT;"):
            raise _error("a value with the tag !vault is not encrypted with Ansible Vault", node)
        return decrypt("\n".join(lines).encode()).decode("utf-8")
    if node.tag == "tag:yaml.org,2002:null":
        return ""
    if node.tag.startswith("!") and node.tag not in _TEXT_TAGS:
        raise _error("a value has an unknown tag", node)
    # PyYAML reads an escaped surrogate pair, JSON's form of one character, as two characters.
    return str(node.value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _printable(yaml: t.Any, text: str) -> bool:
    return yaml.reader.Reader.NON_PRINTABLE.search(text) is None


def _library() -> t.Any:
    try:
        return importlib.import_module("yaml")
    except ImportError as exc:
        raise missing("parameter_file", exc) from exc


def _error(what: str, node: t.Any) -> Exception:
    return _located(what, getattr(node, "start_mark", None))


def _located(what: str, mark: t.Any) -> Exception:
    return FileError(what, mark.line + 1, mark.column + 1) if mark else FileError(what)
