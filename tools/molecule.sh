#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# molecule, the ansible-native way: scenarios of extensions/molecule run on this machine, against an emulator. On a copy,
# since molecule searches for a collection below ansible_collections and keeps its own copies in HOME otherwise.
#
#   tools/molecule.sh test --all
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ -t 1 ] || export NO_COLOR=1
# Scenarios with a vault need community.hashi_vault; the copy takes it, and .venv-bao, from the checkout.
"$here/../.venv/bin/python" "$here/fetch_collections.py" "$here/../.cache/collections"
exec "$here/with-emulator.sh" env CHECKOUT="$here/.." "$here/on-a-copy.sh" "$here/../.venv/bin/molecule" "$@"
