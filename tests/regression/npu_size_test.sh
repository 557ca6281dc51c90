#!/usr/bin/env bash
# Self-check, poison, probe and the run loop with its time-outs take at most 2 KB on a Cortex-M55.
set -euo pipefail
root=${SOURCE_DIR:-$(dirname "$(readlink -f "$0")")/../..}
if ! command -v arm-none-eabi-gcc >/dev/null; then
    echo "SKIP size of the self-check: arm-none-eabi-gcc is not installed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in run selfcheck; do
    arm-none-eabi-gcc -std=c11 -mcpu=cortex-m55 -mthumb -mfloat-abi=hard -Os -Wall -Wextra -Wconversion -Wshadow -Werror \
        -I"$root" -c "$root/runtime/npu/$file.c" -o "$work/$file.o"
done
bytes=$(arm-none-eabi-size "$work"/*.o | awk 'NR > 1 { sum += $1 + $2 + $3 } END { print sum }')
echo "self-check and run loop: $bytes bytes, allowed are 2048"
[ "$bytes" -le 2048 ]
