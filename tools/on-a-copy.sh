#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run a command inside a copy of the checkout where Ansible expects a collection, with a HOME of its own.
#
#   tools/on-a-copy.sh COMMAND...
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp --directory -t powerbi-copy.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$("$here/copy-collection.sh" "$work")"
mkdir "$work/home"
export HOME=$work/home ANSIBLE_HOME=$work/home/.ansible ANSIBLE_COLLECTIONS_PATH=$work
export PATH="$here/../.venv/bin:$PATH"
"$@"
