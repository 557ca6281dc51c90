#!/usr/bin/env bash
# The vector kernels on an emulated Cortex-M55 against the reference kernels (device.c).
set -euo pipefail
cd "$SOURCE_DIR"
for tool in arm-none-eabi-gcc qemu-system-arm; do
    command -v "$tool" >/dev/null || { echo "SKIP kernel variants on the emulated board: $tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=$(sed -n 's/^cflags = //p' targets/cortex-m55.ini)
sources=$(find runtime/kernels/helium runtime/kernels/reference tests/variants compiler/lower/cpu/pack.c compiler/lower/cpu/slide.c \
    runtime/ports/cortex-m/startup.c runtime/ports/cortex-m/semihosting.c -name '*.c' ! -name '*_test.c')
number=0
for source in $sources; do
    number=$((number + 1))
    echo "$source $folder/$number.o"
done | xargs -P "$(nproc)" -L 1 sh -c '
    arm-none-eabi-gcc '"$flags"' -std=c11 -O2 -ffunction-sections -ffp-contract=off -Wall -Wextra -Wconversion -Wshadow -Werror -I. -c "$0" -o "$1"'
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -nostartfiles --specs=nano.specs -Wl,--gc-sections -Lruntime/ports/cortex-m \
    -T runtime/ports/cortex-m/mps3-an547.ld "$folder"/*.o -o "$folder/image.elf"
cd "$folder"
timeout 100 qemu-system-arm -M mps3-an547 -display none -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel image.elf </dev/null
