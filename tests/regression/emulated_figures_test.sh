#!/usr/bin/env bash
# No figure of an emulated Cortex-M grows by more than 2 % over those in bench/figures. Models of ../shared where present.
set -euo pipefail
cd "$SOURCE_DIR"
for tool in arm-none-eabi-gcc qemu-system-arm; do
    command -v "$tool" >/dev/null || { echo "SKIP figures of emulated boards: $tool is not installed"; exit 77; }
done
status=0
for figures in bench/figures/*.csv; do
    result=0
    /usr/bin/python3 bench/emulated.py "$(basename "$figures" .csv)" --check || result=$?
    [ "$result" = 0 ] || [ "$status" = 1 ] || status=$result
    [ "$result" = 0 ] || [ "$result" = 77 ] || status=1
done
exit "$status"
