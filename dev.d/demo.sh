#!/usr/bin/env bash
# ./dev demo: what limpid does, step by step. Runs from the project's root with build/limpid built.
set -euo pipefail
limpid=build/limpid
out=build/demo

step=0
heading()
{
    step=$((step + 1))
    printf '\n== %d. %s\n' "$step" "$*"
}

# Shows a command as a user would type it, then runs it.
show()
{
    printf '$ %s\n' "$*"
    "$@"
}

mkdir -p "$out"
heading "The program"
show "$limpid" --version
