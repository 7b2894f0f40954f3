# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_util is private to community.powerbi: it may change at any time.

"""The options of the modules for content: as parts of argument specs, and as what each part of a deployment needs.

The doc fragment `content` documents each part of an argument spec in the section of its name.
"""

from __future__ import annotations

import typing as t

from .._api.imports import LARGE_FILE
from .._content import ownership_annotation, preserve

Options = dict[str, dict[str, t.Any]]

PATTERNS: dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}

WORKSPACE: Options = {"workspace": {"type": "str", "required": True}}
SELECTION: Options = {"include": PATTERNS, "exclude": PATTERNS}
PARAMETERS: Options = {
    "environment": {"type": "str", "default": ""},
    "parameters": {"type": "raw"},
    "strict_parameters": {"type": "bool", "default": False},
}
RULES: Options = {
    **PARAMETERS,
    "preserve": {
        "type": "list",
        "elements": "str",
        "choices": list(preserve.CHOICES),
        "default": list(preserve.CHOICES),
    },
}
TYPES: Options = {"allow_unknown_types": PATTERNS}
DELETION: Options = {"hard_delete": {"type": "bool", "default": False}}
TAKE_OVER: Options = {"take_over": {"type": "bool", "default": False}}
DEPLOYMENT: Options = {"deployment": {"type": "str", "default": ownership_annotation.DEFAULT_DEPLOYMENT}}
OWNERSHIP: Options = {"take_ownership": {"type": "bool", "default": False}}
PRUNING: Options = {
    "prune": {"type": "str", "choices": ["none", "deployed", "all"], "default": "none"},
    "protect": PATTERNS,
}
ANNOTATION: Options = {"ownership_annotation": {"type": "str", "choices": ["auto", "never"], "default": "auto"}}
BULK_API: Options = {"bulk_api": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"}}
BULK_IMPORT: Options = {"bulk_import": {"type": "bool", "default": False}}
PARALLEL: Options = {"parallel": {"type": "int", "default": 8}}
ON_ERROR: Options = {"on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"}}
WAIT_TIMEOUT: Options = {"wait_timeout": {"type": "float", "default": 1800.0}}


class DefinitionOptions(t.NamedTuple):
    """For items with a definition. ``take_over``: take over models that only their owner may change."""

    preserve: t.Sequence[str] = preserve.CHOICES
    take_over: bool = False


class FileOptions(t.NamedTuple):
    """For files. ``name_conflict`` is auto, abort (replace nothing) or overwrite (create nothing); ``fingerprint``: whether
    to write a fingerprint; ``large_file``: bytes from which files are uploaded in blocks; ``wait`` for the end of imports;
    ``own``: whether to write an ownership annotation (for ``prune``), also where no fingerprint is needed.
    """

    name_conflict: str = "auto"
    skip_report: bool = False
    fingerprint: bool = True
    large_file: int = LARGE_FILE
    wait: bool = True
    own: bool = True


class PruneOptions(t.NamedTuple):
    """``prune`` is none, deployed or all; ``protect`` are patterns of Name.Type. ``hard_delete``: deleted items can't be
    restored. ``find_dependents``: whether what the service deletes with an item is looked for.
    """

    prune: str = "none"
    protect: t.Sequence[str] = ()
    max_deletions: int | None = None
    hard_delete: bool = False
    find_dependents: bool = True


class DeployOptions(t.NamedTuple):
    """The options of a deployment, of which each step gets what it needs.

    ``annotate``: whether items get an ownership annotation; ``move``: whether an existing item is moved to its desired
    folder; ``bulk_api``: whether to read definitions in one operation: auto, where that is faster, always or never.
    ``bulk_import``: whether to create many items in one operation.
    ``deployment`` is the name in annotations; ``take_ownership``: whether items of other deployments become its own.
    """

    definitions: DefinitionOptions = DefinitionOptions()
    files: FileOptions = FileOptions()
    pruning: PruneOptions = PruneOptions()
    annotate: bool = True
    move: bool = True
    allow_data_loss: bool = False
    bulk_api: str = "auto"
    bulk_import: bool = False
    deployment: str = ownership_annotation.DEFAULT_DEPLOYMENT
    take_ownership: bool = False

    @classmethod
    def of(cls, **values: t.Any) -> DeployOptions:
        """From the options of a module: each of the fields by its name, and ``ownership_annotation`` (auto or never)."""
        values["annotate"] = values.pop("ownership_annotation", "auto") != "never"

        def taken(names: t.Iterable[str]) -> dict[str, t.Any]:
            return {name: values.pop(name) for name in names if name in values}

        definitions = DefinitionOptions(**taken(DefinitionOptions._fields))
        files = FileOptions(**taken(FileOptions._fields))
        return cls(definitions, files, PruneOptions(**taken(PruneOptions._fields)), **values)
