#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Make or complete the environment .venv-core-SERIES of an ansible-core that requirements/cores.txt lists.
#
#   tools/core-venv.sh 2.16
#
# Exit 3, with the reason as the last line of stderr, where this machine can't have it.
set -euo pipefail

cd "$(dirname "$0")/.."
series=$1
read -r _ version pythons < <(grep --extended-regexp "^${series//./\\.} " requirements/cores.txt) ||
    { echo "requirements/cores.txt does not list ansible-core $series" >&2; exit 2; }

for python in $pythons; do
    tools/find-python.sh "$python" >/dev/null 2>&1 || continue
    requirements=$(mktemp -t powerbi-core.XXXXXX)
    trap 'rm -f "$requirements"' EXIT
    { grep --invert-match '^ansible-core' requirements/runtime.txt; cat requirements/dev.txt; } >"$requirements"
    tools/venv.sh ".venv-core-$series" "$python" "ansible-core==$version" -r "$requirements" --editable ./emulator && exit 0
    echo "ansible-core $version could not be installed (see above)" >&2
    exit 3
done
echo "none of Python ${pythons// /, } is here" >&2
exit 3
