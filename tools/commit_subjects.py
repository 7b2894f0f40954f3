# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the subjects of this branch's commits have at most 72 characters.

Only commits that the main branch of the remote `origin` does not have are checked. Where they can't be determined (no git
repository, no such remote branch, a shallow clone that does not reach it), the check is skipped, and that is printed.
"""

from __future__ import annotations

import subprocess
import sys
import typing as t

LONGEST: t.Final = 72


class Git(t.NamedTuple):
    code: int
    output: str


def git(*arguments: str) -> Git:
    done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", errors="replace", check=False)
    return Git(done.returncode, done.stdout.strip())


def main_branch() -> str:
    """The remote's main branch as this clone knows it, or nothing."""
    names = (git("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD").output, "refs/remotes/origin/main")
    return next((name for name in names if name and git("rev-parse", "--verify", "--quiet", name).code == 0), "")


def main() -> int:
    if git("rev-parse", "--verify", "--quiet", "HEAD").code:
        print("SKIPPED: commit subjects, since there is no git repository with commits here")
        return 0
    base = main_branch()
    if not base:
        print("SKIPPED: commit subjects, since this clone has no main branch of a remote 'origin' to compare with")
        return 0
    if git("merge-base", base, "HEAD").code:
        print(f"SKIPPED: commit subjects, since this clone has no commit that HEAD and {base} have in common")
        return 0
    commits = git("log", "--no-merges", "--format=%h %s", f"{base}..HEAD").output.splitlines()
    subjects = [commit.split(" ", 1) for commit in commits if " " in commit]
    long = [(name, subject) for name, subject in subjects if len(subject) > LONGEST]
    for name, subject in long:
        print(f"{name}: the subject has {len(subject)} characters; at most {LONGEST} are allowed: {subject}")
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
