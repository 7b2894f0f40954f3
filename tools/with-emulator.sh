#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Run a command with an emulator of its own: what the emulator writes to its `env` is exported, and Ansible gets a HOME
# of its own. Emulator and temporary files are gone afterwards, however the command ends.
#
#   tools/with-emulator.sh COMMAND...
#   tools/with-emulator.sh               print the variables to export and serve until Ctrl-C
#
# PORT and SEED in the environment choose the port (default: any free one) and the tenant.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp --directory -t powerbi-emulator.XXXXXX)
emulator=
finish() {
    trap - EXIT INT TERM
    if [ -n "$emulator" ]; then
        kill -TERM "$emulator" 2>/dev/null || true
        wait "$emulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

: >"$work/log"
"$repository/.venv/bin/powerbi-emulator" --port "${PORT:-0}" --dir "$work/emulator" ${SEED:+--seed "$SEED"} \
    >"$work/log" 2>&1 </dev/null &
emulator=$!
SECONDS=0
until grep --quiet ' ready at ' "$work/log"; do
    if ! kill -0 "$emulator" 2>/dev/null || [ "$SECONDS" -ge 60 ]; then
        echo "The emulator did not start:" >&2
        cat "$work/log" >&2
        exit 1
    fi
    sleep 0.05
done

if [ $# -eq 0 ]; then
    cat "$work/log"
    printf '\nTo use it, in another terminal:\n\n'
    while IFS='=' read -r name value; do
        printf '  export %s=%q\n' "$name" "$value"
    done <"$work/emulator/env"
    # Expanded in the user's terminal, so that the user's other collections are found as before.
    # shellcheck disable=SC2016
    printf '  export ANSIBLE_COLLECTIONS_PATH=%q:%s\n' "$repository/.collections" \
        '"${ANSIBLE_COLLECTIONS_PATH:-${ANSIBLE_HOME:-$HOME/.ansible}/collections:/usr/share/ansible/collections}"'
    printf '\n(Where ansible.cfg has a collections_path, add this one to it: the variable replaces it.)\n'
    printf '\nThen: %q my.yml\n' "$repository/.venv/bin/ansible-playbook"
    printf '\nOther ways to log in: %s. Ctrl-C ends it.\n' "$work/emulator/identity.env"
    trap 'exit 0' INT TERM
    wait "$emulator"
    exit
fi

# Neither the caller's credentials nor a proxy, which would not find this machine's localhost, take part.
for name in $(compgen -e); do
    case $name in
    POWERBI_* | FABRIC_* | AZURE_* | ARM_* | ANSIBLE_* | [Hh][Tt][Tt][Pp]*_[Pp][Rr][Oo][Xx][Yy] | [Aa][Ll][Ll]_[Pp][Rr][Oo][Xx][Yy]) unset "$name" ;;
    esac
done
while IFS= read -r line; do
    export "${line?}"
done <"$work/emulator/env"
mkdir -p "$work/home"
: >"$work/home/ansible.cfg"
export HOME=$work/home ANSIBLE_HOME=$work/home/.ansible ANSIBLE_CONFIG=$work/home/ansible.cfg
export ANSIBLE_REMOTE_TEMP=$work/home/.ansible/tmp # else below the account's real home
export ANSIBLE_COLLECTIONS_PATH=$repository/.collections ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=0
export ANSIBLE_INVENTORY_UNPARSED_WARNING=0 PATH="$repository/.venv/bin:$PATH"
"$@"
