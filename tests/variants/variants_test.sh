#!/usr/bin/env bash
# The kernels for one instruction set on an emulated board against the reference kernels (device.c), for each that has some:
# compiled by gcc, and by clang, which a project may use for them as well.
set -euo pipefail
cd "$SOURCE_DIR"
for tool in arm-none-eabi-gcc qemu-system-arm; do
    command -v "$tool" >/dev/null || { echo "SKIP kernel variants on the emulated boards: $tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# clang has no C library of its own for the board.
library_headers=$(arm-none-eabi-gcc -xc -E -v /dev/null 2>&1 | sed -n 's|^ \(.*/arm-none-eabi/include\)$|\1|p' | head -1)

run() # instruction set, its target, compiler of the kernels
{
    local isa=$1 flags board source number=0 compiler=arm-none-eabi-gcc
    flags=$(sed -n 's/^cflags = //p' "targets/$2.ini")
    board=$(sed -n 's/^board = //p' "targets/$2.ini")
    [ "$3" != clang ] || compiler="clang --target=arm-none-eabi -fshort-enums -isystem $library_headers"
    rm -rf "${folder:?}/$isa"
    mkdir "$folder/$isa"
    for source in runtime/kernels/"$isa"/*.c runtime/kernels/reference/*.c tests/variants/{device,weighted,plain,"$isa"}.c \
        compiler/lower/cpu/{pack,slide}.c runtime/ports/cortex-m/{startup,semihosting}.c; do
        case $source in *_test.c) continue ;; esac
        number=$((number + 1))
        echo "$source $folder/$isa/$number.o"
    done | xargs -P "$(nproc)" -L 1 sh -c '
        compiler=arm-none-eabi-gcc
        case $0 in runtime/kernels/'"$isa"'/*) compiler="'"$compiler"'" ;; esac
        $compiler '"$flags"' -std=c11 -O2 -ffunction-sections -ffp-contract=off -Wall -Wextra -Wconversion -Wshadow -Werror \
            -I. -c "$0" -o "$1"'
    # shellcheck disable=SC2086
    arm-none-eabi-gcc $flags -nostartfiles --specs=nano.specs -Wl,--gc-sections -Lruntime/ports/cortex-m \
        -T "runtime/ports/cortex-m/$board.ld" "$folder/$isa"/*.o -o "$folder/$isa/image.elf"
    (cd "$folder/$isa" && timeout 100 qemu-system-arm -M "$board" -display none -monitor none -serial none \
        -semihosting-config enable=on,target=native -kernel image.elf </dev/null)
}

run helium cortex-m55 gcc
run dsp cortex-m4 gcc
if command -v clang >/dev/null; then
    run helium cortex-m55 clang
    run dsp cortex-m4 clang
else
    echo "SKIP kernels compiled by clang: clang is not installed"
    exit 77
fi
