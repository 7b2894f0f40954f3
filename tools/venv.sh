#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make a virtual environment if there is none, and install into it.
#
#   tools/venv.sh DIRECTORY PYTHON_VERSION PIP_ARGUMENT...
#
# PYTHON_VERSION is 3.12 or the like; '-' takes what tools/find-python.sh prefers. Runs for one DIRECTORY wait for each
# other, since several terminals may call make at once.
set -euo pipefail

directory=$1 version=${2#-}
shift 2

if command -v flock >/dev/null; then
    exec 9>"$directory.lock"
    flock 9
fi

if [ -x "$directory/bin/python" ] && ! "$directory/bin/python" -c 'import pip' 2>/dev/null; then
    echo "The environment $directory is damaged (its interpreter is gone or pip is missing): making it anew." >&2
    rm -rf "$directory"
fi
if [ ! -x "$directory/bin/python" ]; then
    rm -rf "$directory"
    python=$("$(dirname "$0")/find-python.sh" "$version")
    echo "==> $directory: $("$python" --version) ($python)"
    "$python" -m venv "$directory"
fi
[ $# -eq 0 ] && exit 0

echo "==> $directory: pip install $*"
exec "$directory/bin/python" -m pip install -qq --disable-pip-version-check --no-input "$@"
