# Copyright (c) 2026, the community.powerbi authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python's bytecode cache for this collection's private modules. docs/architecture.md explains it.

Ansible's collection loader compiles a module from source on every import, and every task is a new fork: that was three
quarters of the time of a cached token. Plugins themselves are loaded with the cache; this finder uses the same loader for
their imports. It finds modules of this collection only, and leaves packages to Ansible.
"""

from __future__ import annotations

import os
import sys
import typing as t
from importlib.util import spec_from_file_location

SWITCH: t.Final = "POWERBI_BYTECODE_CACHE"
"""The environment variable that switches the finder off: 0, false, no or off."""

_PLUGINS = __name__.rpartition(".plugin_utils.")[0] + "."


class BytecodeFinder:
    """A finder for sys.meta_path."""

    @staticmethod
    def find_spec(fullname: str, path: t.Iterable[str] | None = None, _target: t.Any = None) -> t.Any:
        if not fullname.startswith(_PLUGINS) or path is None:
            return None
        for folder in path:
            file = f"{folder}/{fullname.rpartition('.')[2]}.py"
            if os.path.isfile(file):
                return spec_from_file_location(fullname, file)
        return None


def install() -> None:
    """Put this finder before Ansible's own. To be called before any other module of this collection is imported.

    Does nothing where Ansible caches by itself, and where the environment variable switches it off.
    """
    if BytecodeFinder in sys.meta_path or is_switched_off(os.environ) or caches(__spec__.loader):
        return
    for place, finder in enumerate(sys.meta_path):
        if type(finder).__name__ == "_AnsibleCollectionFinder":
            sys.meta_path.insert(place, BytecodeFinder)
            return


def is_switched_off(environ: t.Mapping[str, str]) -> bool:
    """Whether the environment variable has one of the texts that mean false."""
    return environ.get(SWITCH, "").strip().lower() in ("0", "false", "no", "off", "n", "f")


def caches(loader: t.Any) -> bool:
    """Whether a loader of modules keeps bytecode: one that does implements ``set_data`` of importlib.abc.SourceLoader."""
    return hasattr(loader, "set_data")
