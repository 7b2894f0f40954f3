# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.
"""The table of what is no difference between two definitions. docs/deploying.md is made from it; `normalise` applies it."""

from __future__ import annotations

import typing as t


class Rule(t.NamedTuple):
    """A rule for what is not a difference: where, what, and the reason. Rules about both sides apply in `compare`."""

    scope: str
    what: str
    reason: str


RULES: tuple[Rule, ...] = (
    Rule("all", "order of parts; `.pbi/` and other files of a user", "no part of the definition"),
    Rule("text", "byte order mark, CR LF or LF, line breaks at the end of the file", "git and editors change them"),
    Rule(
        "JSON",
        "order of keys, whitespace, comments, 1 or 1.0, digits beyond the precision of a number",
        "the service parses and writes it anew",
    ),
    Rule("JSON", "`$schema`", "names the schema that describes the file; the service updates it"),
    Rule("PBIR", "names of the folders of pages and visuals, and of the files of bookmarks", "`name` identifies them"),
    Rule("PBIR-Legacy", "the same inside config, filters, query and dataTransforms", "they are JSON held in strings"),
    Rule(
        ".platform", "all but type, display name and description", "logical ids and versions are git's, not the item's"
    ),
    Rule("definition.pbir", "the form of a connection to the same model; `version`", "two schemas for one thing"),
    Rule("definition.pbism, version.json", "`version`; empty `settings`", "the service writes its own version"),
    Rule(
        "TMDL, TMSL",
        "order of objects, but for levels and calculation items; `ref` lines",
        "the service keeps or writes an order of its own",
    ),
    Rule(
        "TMDL",
        "layout: indentation, quotes, case of keywords, files, an object declared again without content",
        "the service writes it anew",
    ),
    Rule("TMDL, TMSL", "properties that state their default value", "the service leaves them out"),
    Rule("TMDL, TMSL", "name and id of the database", "they are the item's in the service"),
    Rule(
        "TMDL, TMSL",
        "blanks at line ends and around an expression or a line of a description",
        "no result depends on them (see tmdl_expression)",
    ),
    Rule("TMSL", "times and states of the last change and refresh", "no part of a definition"),
    Rule(
        "RDL", "encoding, order of attributes, kind of quotes, the XML declaration, comments", "the same XML document"
    ),
    Rule("TMDL, TMSL, PBIR", "the ownership annotation of this collection", "it names the owning deployment"),
    Rule("both sides", "lineage tags that the files don't state", "the service gives every object one"),
    Rule("both sides", "annotations of editors that the files don't have", "an editor's state, without effect"),
    Rule("both sides", "diagram layout, DAX queries, TMDL scripts, Copilot files on one side", "editor state"),
    Rule("both sides", "shared base themes and .platform that only the service has", "the service adds them"),
)
