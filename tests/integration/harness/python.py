# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other Python interpreters, as targets have them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def other_python(directory: Path) -> Path:
    """Another virtual environment with the same packages: another path, so another interpreter to Ansible."""
    python = _environment(directory)
    (directory / "lib").symlink_to(Path(sys.prefix) / "lib")
    return python


def bare_python(directory: Path) -> Path:
    """A virtual environment without packages."""
    python = _environment(directory)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (directory / "lib" / version / "site-packages").mkdir(parents=True)
    return python


def _environment(directory: Path) -> Path:
    (directory / "bin").mkdir(parents=True)
    python = directory / "bin" / "python"
    python.symlink_to(Path(sys.executable).resolve())
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", directory / "pyvenv.cfg")
    return python
