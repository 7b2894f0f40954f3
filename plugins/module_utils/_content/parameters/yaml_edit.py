# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""Set values in a YAML text and leave the rest as it is written: comments, layout, and keys such as NO or 010."""

from __future__ import annotations

import json
import typing as t

from .. import located_yaml


class YamlText:
    """A YAML text that `located_yaml.read` accepts. ``value`` is its content as plain data; keys are as written.

    Set values in ``value`` and call `place` for each before, then `text`.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._yaml = located_yaml.load_library()
        self._loader = self._yaml.SafeLoader(text)
        self._nodes: dict[tuple[int, t.Any], t.Any] = {}  # by the identity of a container, and a key or an index
        self._seen: dict[int, t.Any] = {}
        self._edits: dict[tuple[int, int], t.Any] = {}
        self._is_placed = True
        try:
            node = self._loader.get_single_node()
            self.value = None if node is None else self._plain(node)
        finally:
            self._loader.dispose()

    def place(self, container: t.Any, key: t.Any, value: t.Any) -> None:
        """Note that the entry ``key`` of a dict or list within ``value`` becomes ``value``."""
        node = self._nodes.get((id(container), key))
        if node is None:
            self._is_placed = False
        else:
            self._edits[node.start_mark.index, node.end_mark.index] = value

    def text(self) -> str:
        """The text with the values that were set; written anew where they can't be inserted, as for aliases."""
        edited = self._text
        spans = sorted(self._edits, reverse=True)
        if self._is_placed and all(later[0] >= earlier[1] for later, earlier in zip(spans, spans[1:])):
            for start, end in spans:
                before, after = edited[:start], edited[end:]
                value = json.dumps(self._edits[start, end], ensure_ascii=False)
                blank = " " if before[-1:] in (":", "-") else ""
                edited = f"{before}{blank}{value}{_line_end(self._text[start:end])}{after}"
            if self._is_expected(edited):
                return edited
        written: str = self._yaml.safe_dump(self.value, default_flow_style=False, allow_unicode=True, sort_keys=False)
        return written

    def _is_expected(self, text: str) -> bool:
        found, problems = located_yaml.read(text, "")
        return not problems and bool(found.plain == self.value)

    def _plain(self, node: t.Any) -> t.Any:
        if id(node) in self._seen:
            return self._seen[id(node)]
        found: t.Any
        if isinstance(node, self._yaml.MappingNode):
            found = self._seen[id(node)] = {}
            self._loader.flatten_mapping(node)
            for key, child in node.value:
                found[str(key.value)] = self._plain(child)
                self._nodes[id(found), str(key.value)] = child
        elif isinstance(node, self._yaml.SequenceNode):
            found = self._seen[id(node)] = []
            for index, child in enumerate(node.value):
                found.append(self._plain(child))
                self._nodes[id(found), index] = child
        else:
            found = self._seen[id(node)] = self._loader.construct_object(node)
        return found


def _line_end(replaced: str) -> str:
    """The line break that belongs to a block: the replacement stands in one line."""
    return "\n" if replaced.endswith("\n") else ""
