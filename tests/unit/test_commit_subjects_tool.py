# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/commit_subjects.py: which commits are checked, and what is printed where they can't be determined."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "commit_subjects.py"
SETTINGS = ("user.name=A", "user.email=a@example.invalid", "commit.gpgsign=false", "init.defaultBranch=main")


def git(folder: Path, *arguments: str) -> None:
    options = [part for setting in SETTINGS for part in ("-c", setting)]
    subprocess.run(["git", *options, *arguments], cwd=folder, capture_output=True, check=True, env=environment())


def environment() -> dict[str, str]:
    """Without GIT_DIR and the like, which a hook sets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def commit(folder: Path, *subjects: str) -> None:
    for subject in subjects:
        git(folder, "commit", "--quiet", "--allow-empty", "--message", subject)


def check(folder: Path) -> tuple[int, str]:
    command = [sys.executable, str(TOOL)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment())
    return done.returncode, done.stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Its history has a subject that is too long."""
    folder = tmp_path / "remote"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, "old " * 30, "First")
    return folder


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "--quiet", str(remote), "clone")
    return tmp_path / "clone"


def test_what_the_remote_has_is_not_checked(clone: Path) -> None:
    assert check(clone) == (0, "")


def test_72_characters_are_allowed(clone: Path) -> None:
    commit(clone, "x" * 72, "é" * 72)
    assert check(clone) == (0, "")


def test_73_are_not(clone: Path) -> None:
    commit(clone, "x" * 73, "Short")
    code, output = check(clone)
    assert code == 1
    assert f"the subject has 73 characters; at most 72 are allowed: {'x' * 73}\n" in output
    assert "Short" not in output


def test_a_branch_is_compared_with_main(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "topic")
    commit(clone, "y" * 80)
    assert check(clone)[0] == 1


def test_a_shallow_clone(remote: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", remote.as_uri(), "shallow")
    assert check(tmp_path / "shallow") == (0, "")
    commit(tmp_path / "shallow", "z" * 73)
    assert check(tmp_path / "shallow")[0] == 1


def test_a_clone_that_shares_no_commit_with_main(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--orphan", "other")
    commit(clone, "z" * 73)
    code, output = check(clone)
    assert (code, output[:8]) == (0, "SKIPPED:")


def test_without_a_remote_it_is_skipped(remote: Path) -> None:
    code, output = check(remote)
    assert code == 0
    assert output.startswith("SKIPPED: commit subjects, since this clone has no main branch of a remote 'origin'")


def test_without_a_repository_it_is_skipped(tmp_path: Path) -> None:
    assert check(tmp_path) == (
        0,
        "SKIPPED: commit subjects, since there is no git repository with commits here\n",
    )
