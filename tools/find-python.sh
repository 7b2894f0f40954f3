#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Print the path of a Python interpreter that can make virtual environments.
#
#   tools/find-python.sh        Python 3.11 if there is one, else the next newer (what ansible-core 2.19 or later needs)
#   tools/find-python.sh 3.12   exactly that minor version
#
# $PYTHON, if set, is the only candidate for the first. Exit 1, with a message on stderr, when nothing fits.
set -euo pipefail

required=${1:-}
versions=(3.11 3.12 3.13 3.14)
[ -n "$required" ] && versions=("$required")

mapfile -t pyenv_roots < <(tr ':' '\n' <<<"$PATH" | sed --quiet 's|/shims$||p')
pyenv_roots+=("${PYENV_ROOT:-${HOME:-}/.pyenv}")

candidates=()
if [ -z "$required" ] && [ -n "${PYTHON:-}" ]; then
    candidates=("$PYTHON")
else
    for version in "${versions[@]}"; do
        mapfile -t found < <(type -aP "python$version")
        candidates+=("${found[@]}")
        # A pyenv shim answers only when its version is selected, hence the real paths behind it.
        for root in "${pyenv_roots[@]}"; do
            for path in "$root"/versions/"$version"*/bin/"python$version"; do
                [ -x "$path" ] && candidates+=("$path")
            done
        done
    done
    [ -n "$required" ] || candidates+=(python3)
fi

probe='
import sys
required = sys.argv[1]
found = "%d.%d" % sys.version_info[:2]
if (found != required) if required else (sys.version_info < (3, 11)):
    sys.exit(1)
import ensurepip, ssl, venv
print(sys.executable)
'
for candidate in "${candidates[@]}"; do
    if path=$("$candidate" -I -c "$probe" "$required" 2>/dev/null); then
        printf '%s\n' "$path"
        exit 0
    fi
done

{
    if [ -z "$required" ] && [ -n "${PYTHON:-}" ]; then
        echo "PYTHON=$PYTHON is not a Python ${required:-3.11 or newer} with venv, ensurepip and ssl."
    else
        echo "No Python ${required:-3.11 or newer} with venv, ensurepip and ssl was found."
    fi
    echo "Install one (Debian: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3 ..."
} >&2
exit 1
