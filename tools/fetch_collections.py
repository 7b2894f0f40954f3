# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get the collections that the tests of vaults use, without Ansible Galaxy.

    python tools/fetch_collections.py DIRECTORY

The community package `ansible` on PyPI holds them all; only what is named below is taken out of it, to
DIRECTORY/ansible_collections. Does nothing when it is there already; several at once wait for each other.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "ansible==12.3.0"  # community.hashi_vault 7.1.0, which works with all the ansible-cores that we test with
COLLECTIONS = ("community/hashi_vault",)


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = directory / ".fetched"
        expected = f"{PACKAGE} {' '.join(COLLECTIONS)}\n"
        if not stamp.exists() or stamp.read_text() != expected:
            fetch(directory)
            stamp.write_text(expected)


def fetch(directory: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="powerbi-collections-") as name:
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, "--no-deps", "--no-cache-dir", "--only-binary=:all:", "-d", name, PACKAGE], check=True)
        wheel = next(Path(name).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            for collection in COLLECTIONS:
                prefix = f"ansible_collections/{collection}/"
                shutil.rmtree(directory / prefix, ignore_errors=True)
                archive.extractall(directory, [item for item in archive.namelist() if item.startswith(prefix)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
