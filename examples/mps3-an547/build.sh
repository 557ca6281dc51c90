#!/bin/sh
# Builds the firmware: build.sh CONFIG.ini MODEL.tflite OUT_FOLDER. Needs limpid (LIMPID=path, default build/limpid),
# gcc-arm-none-eabi and libnewlib-arm-none-eabi. FIRMWARE_CFLAGS: more options, for example -DFIRMWARE_GAP_US=0.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
limpid=${LIMPID:-$root/build/limpid}
[ $# -eq 3 ] || { echo "usage: build.sh CONFIG.ini MODEL.tflite OUT_FOLDER" >&2; exit 2; }
config=$1 model=$2 out=$3

"$limpid" generate "$model" --target cortex-m55 --name sensor -o "$out/network" >/dev/null
"$limpid" monitor --header "$out/monitor_config.h" "$config"

sources="$here/main.c $here/board.c"
for file in $(cat "$out/network/sensor.sources"); do sources="$sources $out/network/$file"; done
for file in pipeline/decide pipeline/grid pipeline/pipeline pipeline/quantize pipeline/softmax pipeline/window \
            modbus/client modbus/crc16 modbus/frame modbus/registers runtime/ports/cortex-m/startup; do
    sources="$sources $root/$file.c"
done
# shellcheck disable=SC2086
arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -mfloat-abi=hard -std=c11 -O2 -ffp-contract=off -Wall -Wextra -Wconversion -Wshadow \
    -Wstrict-prototypes -Werror -ffunction-sections -fdata-sections ${FIRMWARE_CFLAGS:-} -I"$here" -I"$out" -I"$out/network" -I"$root" $sources \
    -nostartfiles --specs=nano.specs -Wl,--gc-sections -L"$root/runtime/ports/cortex-m" -T mps3-an547.ld -o "$out/firmware.elf"
arm-none-eabi-size "$out/firmware.elf"
