# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other tools that deploy Power BI content, in an environment of their own, pointed at the emulator."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

from harness.ansible_run import REPOSITORY
from harness.emulator import Emulator

_VENV: t.Final = REPOSITORY / ".venv-peers"
_DRIVER: t.Final = Path(__file__).with_name("fabric_cicd_driver.py")


def install() -> Path:
    """The interpreter that has them, installed from PyPI at first use. Raises RuntimeError where they can't be."""
    python = _VENV / "bin" / "python"
    found = list(_VENV.glob("lib/python*/site-packages/fabric_cicd/__init__.py"))
    if not found:
        requirements = ["-r", "requirements/peers.txt", "-c", "requirements/constraints.txt"]
        command = [str(REPOSITORY / "tools" / "venv.sh"), str(_VENV), "-", *requirements]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"fabric-cicd can't be installed from PyPI:\n{done.stderr[-1000:]}")
    return python


def fabric_cicd(
    python: Path,
    emulator: Emulator,
    workspace_id: str,
    folder: Path,
    *,
    environment: str = "N/A",
    ca: Path | None = None,
) -> tuple[list[str], dict[str, str]]:
    """The command and the environment that publish ``folder`` with its default of 8 workers.

    ``ca``: the bundle to trust, the emulator's own by default.
    """
    bundle = str(ca or emulator.ca_path)
    variables = {
        **emulator.env,
        "POWERBI_FABRIC_URL": emulator.url,
        "REQUESTS_CA_BUNDLE": bundle,
        "PATH": "/usr/bin:/bin",
        "HOME": str(emulator.directory),
        "NO_PROXY": "*",
    }
    return [str(python), str(_DRIVER), workspace_id, str(folder), environment], variables
