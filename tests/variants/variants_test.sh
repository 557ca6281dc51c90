#!/usr/bin/env bash
# The kernels for one instruction set on an emulated board against the reference kernels (device.c), for each that has some.
set -euo pipefail
cd "$SOURCE_DIR"
for tool in arm-none-eabi-gcc qemu-system-arm; do
    command -v "$tool" >/dev/null || { echo "SKIP kernel variants on the emulated boards: $tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

run() # instruction set, its target
{
    local isa=$1 flags board source number=0
    flags=$(sed -n 's/^cflags = //p' "targets/$2.ini")
    board=$(sed -n 's/^board = //p' "targets/$2.ini")
    mkdir "$folder/$isa"
    for source in runtime/kernels/"$isa"/*.c runtime/kernels/reference/*.c tests/variants/{device,weighted,plain,"$isa"}.c \
        compiler/lower/cpu/{pack,slide}.c runtime/ports/cortex-m/{startup,semihosting}.c; do
        case $source in *_test.c) continue ;; esac
        number=$((number + 1))
        echo "$source $folder/$isa/$number.o"
    done | xargs -P "$(nproc)" -L 1 sh -c '
        arm-none-eabi-gcc '"$flags"' -std=c11 -O2 -ffunction-sections -ffp-contract=off -Wall -Wextra -Wconversion -Wshadow -Werror \
            -I. -c "$0" -o "$1"'
    # shellcheck disable=SC2086
    arm-none-eabi-gcc $flags -nostartfiles --specs=nano.specs -Wl,--gc-sections -Lruntime/ports/cortex-m \
        -T "runtime/ports/cortex-m/$board.ld" "$folder/$isa"/*.o -o "$folder/$isa/image.elf"
    (cd "$folder/$isa" && timeout 100 qemu-system-arm -M "$board" -display none -monitor none -serial none \
        -semihosting-config enable=on,target=native -kernel image.elf </dev/null)
}

run helium cortex-m55
run dsp cortex-m4
