# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Relative paths of a task on the controller, found as ansible.builtin.copy finds its `src`.

Files that are read are searched for in the role (its folder `files`, then the role itself) and beside the playbook; paths
that are written to are relative to the playbook's folder. A path that is absolute, or begins with `~` or a variable, is
not changed.
"""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleFileNotFound

from ansible_collections.community.powerbi.plugins.module_utils._errors import ConfigError

_WRITTEN: t.Final = frozenset(("dest", "path", "sarif_path", "junit_path", "progress_file"))
_RULES: t.Final = "parameters"  # rules, or the path of a file with rules


class Loader(t.Protocol):
    """The methods of ansible-core's DataLoader that are used here."""

    def path_dwim(self, given: str) -> str:
        """The absolute path of a file, relative to the task."""

    def path_dwim_relative_stack(self, paths: list[str], dirname: str, source: str) -> str:
        """The absolute path of the first existing file, relative to each of these folders."""


def absolute_paths(
    args: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Any], loader: Loader, search_path: list[str]
) -> dict[str, t.Any]:
    """A task's arguments with absolute paths. ``spec`` is the module's argument spec.

    Where profiles are written (``path`` is a path) files may be named that are made later.

    Raises ConfigError for a file that does not exist, with all paths that were tried.
    """
    options = {name: option for option, one in spec.items() for name in (option, *one.get("aliases", ()))}
    later = spec.get("path", {}).get("type") == "path"
    absolute = dict(args)
    for name, value in args.items():
        option = options.get(name, "")
        kind = spec.get(option, {})
        if kind.get("type") == "path" or (option == _RULES and isinstance(value, str)):
            absolute[name] = _absolute(name, value, option in _WRITTEN, later, loader, search_path)
        elif kind.get("type") == "list" and kind.get("elements") == "path":
            values = value.split(",") if isinstance(value, str) else value
            if isinstance(values, (list, tuple)):
                absolute[name] = [_absolute(name, one, False, later, loader, search_path) for one in values]
    return absolute


def refuse_ambiguous_keys(args: t.Mapping[str, t.Any]) -> None:
    """Raises ConfigError for a key of `parameters` that YAML has read as something else than a text: NO is False."""
    for key in _keys(args.get(_RULES)):
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise ConfigError(
                f"`parameters` has the key {key!r}, which is no text",
                option=_RULES,
                why="YAML reads an unquoted NO, on, yes, null or 1.0 as a boolean, as nothing or as a number",
                remedy='put the key in quotes, such as "NO"',
            )


def _keys(value: t.Any) -> t.Iterator[t.Any]:
    if isinstance(value, dict):
        yield from value
    if isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _keys(item)


def _absolute(name: str, value: t.Any, written: bool, later: bool, loader: Loader, search_path: list[str]) -> t.Any:
    text = value.strip() if isinstance(value, str) else ""
    if not text or text.startswith(("~", "$", os.sep)):
        return value
    if written:
        return loader.path_dwim(text)
    try:
        return loader.path_dwim_relative_stack(search_path, "files", text)
    except AnsibleFileNotFound as error:
        if later:
            return loader.path_dwim(text)
        places = list(dict.fromkeys(str(path) for path in getattr(error, "paths", None) or ()))
        own = os.path.abspath(text)
        here = f"; there is one in the current directory, {own}" if os.path.exists(own) else ""
        raise ConfigError(
            f"`{name}` {text} does not exist",
            option=name,
            why=f"A relative path is searched for in the role and beside the playbook: {', '.join(places)}{here}",
            remedy=f"correct `{name}`, or give an absolute path",
        ) from None
