#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Write requirements/constraints.txt: the versions in .venv of what the direct requirements need in turn.
set -euo pipefail

cd "$(dirname "$0")/.."
normalise() { sed --regexp-extended 's/ *[;<>=!~ ].*//; s/[-_.]+/-/g' | tr '[:upper:]' '[:lower:]' | sort --unique; }
direct=$(cat requirements/{runtime,dev,lint}.txt | grep --invert-match --extended-regexp '^(#|$)' | normalise)
{
    sed '/^# [^CS]/,$d' requirements/constraints.txt
    echo '# What the requirements of runtime.txt, dev.txt and lint.txt need in turn (make pins).'
    .venv/bin/pip freeze --exclude-editable | while IFS= read -r line; do
        grep --quiet --line-regexp --fixed-strings "$(normalise <<<"$line")" <<<"$direct" || echo "$line"
    done
} >requirements/constraints.new
mv requirements/constraints.new requirements/constraints.txt
