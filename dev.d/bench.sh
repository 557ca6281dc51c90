#!/usr/bin/env bash
# ./dev bench [WHAT [OPTION...]]: runs bench/WHAT.sh, or all of them. Each is a script that prints its own table.
set -euo pipefail
what=${1-}
if [ -n "$what" ]; then
    [ -f "bench/$what.sh" ] || { echo "bench: there is no bench/$what.sh" >&2; exit 2; }
    shift
    exec bash "bench/$what.sh" "$@"
fi
found=0
for script in bench/*.sh; do
    [ -f "$script" ] || continue
    found=1
    printf '\n== %s\n' "$(basename "$script" .sh)"
    bash "$script"
done
[ "$found" = 1 ] || echo "bench: no measurement exists yet"
