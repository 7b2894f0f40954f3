#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Copy the checkout, as git sees it (with changes that are not committed, without the emulator), to
# ROOT/ansible_collections/community/powerbi and print that path. Several of Ansible's tools refuse the link in
# .collections/ or walk through it without end, so they get a copy.
#
#   tools/copy-collection.sh ROOT
set -euo pipefail

cd "$(dirname "$0")/.."
target=$1/ansible_collections/community/powerbi
mkdir -p "$target"
git ls-files -z --cached --others --exclude-standard --deduplicate -- . ':!emulator' |
    while IFS= read -r -d '' path; do
        [ -e "$path" ] && printf '%s\0' "$path"
    done |
    tar --create --null --files-from=- | tar --extract --directory="$target"
git -C "$target" init --quiet
git -C "$target" add --all
printf '%s\n' "$target"
