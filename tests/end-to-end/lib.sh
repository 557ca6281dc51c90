# shellcheck shell=bash
# Helpers of the end-to-end tests; sourced. Everything happens in a folder of its own, which is removed at the end.
set -euo pipefail

root=$(readlink -f "${SOURCE_DIR:-$(dirname "${BASH_SOURCE[0]}")/../..}")
limpid=$(readlink -f "${LIMPID:-$root/build/limpid}")
make_model=$(readlink -f "${BUILD_DIR:-$root/build}")/tests/make_model
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The warnings that the emitted C has to pass.
emitted_flags=(-std=c11 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror)

checks=0
skips=0

fail()
{
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

check() # what, command...: the command must succeed
{
    local what=$1
    shift
    "$@" || fail "$what: $*"
    checks=$((checks + 1))
}

skip()
{
    printf 'SKIP %s\n' "$*"
    skips=$((skips + 1))
}

# To be called last.
finish()
{
    printf '%d checks passed, %d skipped\n' "$checks" "$skips"
    [ "$skips" = 0 ] || exit 77
}

# Runs a command with its standard output in ./out and its standard error in ./err, and sets `status`.
observe()
{
    status=0
    "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# command...: must end well and say nothing but results
fine()
{
    observe "$@"
    [ "$status" = 0 ] || fail "exit status $status, expected 0: $* -- $(cat "$work/err")"
    [ ! -s "$work/err" ] || fail "unexpected message: $* -- $(cat "$work/err")"
    checks=$((checks + 1))
}

# words, arguments of limpid...: must be refused with exit status 2, the words in a message, and no result. Every line of
# the message says who speaks (argp adds where help is found), so that a sanitizer's report is never taken for one.
refused()
{
    local words=$1
    shift
    observe "$limpid" "$@"
    [ "$status" = 2 ] || fail "exit status $status, expected 2: limpid $* -- $(cat "$work/err")"
    grep -qF -- "$words" "$work/err" || fail "'$words' is not in the message of: limpid $* -- $(cat "$work/err")"
    if grep -vE '^(limpid[ :]|Try .limpid |information\.$)' "$work/err"; then
        fail "a line that does not begin with limpid, above: limpid $*"
    fi
    [ ! -s "$work/out" ] || fail "output besides the error: limpid $*"
    checks=$((checks + 1))
}

# file, Python expression about `j`, the file's JSON: must be true
json_holds()
{
    local file=$1 expression=$2
    /usr/bin/python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)' "$file" "$expression" || fail "$file does not hold: $expression -- $(head -c 2000 "$file")"
    checks=$((checks + 1))
}

# file, Python expression about `j`: prints it
json_value()
{
    /usr/bin/python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

has_emulator()
{
    command -v arm-none-eabi-gcc >/dev/null && command -v qemu-system-arm >/dev/null
}
