#!/usr/bin/env bash
# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-test sanity, without ignore files, on a copy of the checkout.
#
#   tools/sanity.sh [--venv DIRECTORY] [ARGUMENT_OF_ANSIBLE_TEST...]
#
# Without arguments: all but tests/, compiled and imported with the oldest Python of targets, what runs on the controller with that of
# the environment. With MORE, modules with that of the environment, too. With FULL, all files, and each Python that modules run on. An
# argument --python names another one.
#
# ansible-test keeps its environments in ~/.ansible/test, here below .cache/ansible-test: the user's HOME is not touched.
set -euo pipefail

cd "$(dirname "$0")/.."
repository=$PWD
venv=.venv
if [ "${1:-}" = --venv ]; then
    venv=$2
    shift 2
fi

home=$repository/.cache/ansible-test
mkdir -p "$home/.ansible/test/cache"
for version in 23_1_2 24_2 25_2; do # what ansible-core 2.16 and 2.17, 2.18 and 2.19, 2.20 to 2.22 ask for
    cp tools/get_pip.py "$home/.ansible/test/cache/get_pip_$version.py"
done

# The environment's programs; shellcheck from .venv, which the others don't have; and each Python that modules run on, by
# its real folder: ansible-test finds the shims of pyenv and then can't run them.
mkdir -p "$home/bin"
ln -sf "$repository/.venv/bin/shellcheck" "$home/bin/shellcheck"
path=$repository/$venv/bin:$home/bin
own=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
versions=(3.9)
if [ -n "${MORE:-}" ] || ! tools/find-python.sh 3.9 >/dev/null 2>&1; then
    versions+=("$own")
fi
pythons=(--controller origin:python=default)
if [ -n "${FULL:-}" ] || [[ " $* " == *" --python "* ]]; then
    versions=(3.9 3.10 3.11 3.12 3.13 3.14)
    pythons=(--local --python default) # the last --python counts
elif [ $# = 0 ]; then
    pythons+=(--exclude tests/)
fi
for version in "${versions[@]}"; do
    if python=$(tools/find-python.sh "$version" 2>/dev/null); then
        path=$path:$(dirname "$python")
        [ "${pythons[0]}" != --controller ] || pythons+=(--target-python "$version")
    else
        echo "SKIPPED: Python $version is not here; nothing is compiled or imported with it"
    fi
done
path=$path:$(tr ':' '\n' <<<"$PATH" | grep --invert-match '/shims$' | paste --serial --delimiters=:)

# Of a pre-release, a test may require what is on no index. ansible-test would give up at the first that it can't install.
mapfile -t requirements < <("$venv/bin/python" -c 'import pathlib, ansible_test; print(*sorted(
    (pathlib.Path(ansible_test.__file__).parent / "_data/requirements").glob("sanity.*.txt")), sep="\n")')
skip=()
for file in "${requirements[@]}"; do
    test=$(basename "$file" .txt) test=${test#sanity.}
    while read -r url; do
        "$venv/bin/python" -c 'import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], method="HEAD"), timeout=10)' \
            "$url" 2>/dev/null && continue
        echo "SKIPPED: sanity test $test, since $url can't be reached, which it has to install"
        skip+=(--skip-test "$test")
        break
    done < <(sed --quiet --regexp-extended 's/^[^#]* @ (https?:[^ #]+).*/\1/p' "$file")
done

work=$(mktemp --directory -t powerbi-sanity.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$(tools/copy-collection.sh "$work")"
git rm -r --quiet --force tests/fuzz/corpus # damaged files: no UTF-8, byte order marks
if compgen -G 'tests/sanity/ignore-*.txt' >/dev/null; then
    echo "tests/sanity has ignore files: mend the causes instead." >&2
    exit 1
fi

# Of the environment, only what pip may need to reach its index.
mapfile -t network < <(env | grep --extended-regexp --ignore-case '^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE=|(https?|no|all)_proxy=)')
mkdir "$work/tmp" # what an ansible-test that is killed leaves goes with the copy
env --ignore-environment "${network[@]}" TMPDIR="$work/tmp" HOME="$home" ANSIBLE_HOME="$home/.ansible" PATH="$path" LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" \
    ansible-test sanity "${pythons[@]}" --color no "${skip[@]}" "$@"
