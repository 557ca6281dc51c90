#!/usr/bin/env bash
# Random models of a single operator on the targets: every rank, broadcast, option and type of elements through the lowering to
# the NPU, and some of them as C on the emulated boards. What they compute is compared with somebody else's in litert_test.sh.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
make_random=$(dirname "$make_model")/make_random
models=800 # of which every second one is a chain

# Its exit status is 1 when anything differs by more than the target may.
validate_some() # rounding, target, first, step
{
    local model
    for ((model = $3; model < models; model += $4)); do
        fine "$limpid" validate --target "$2" --rounding "$1" "models/$model.tflite"
    done
}

mkdir models
check "making models" "$make_random" "$models" models
validate_some single stm32n6 1 2
validate_some double stm32n6 1 2
if command -v arm-none-eabi-gcc >/dev/null && command -v qemu-system-arm >/dev/null; then
    validate_some single cortex-m55 1 30
    validate_some double cortex-m4 11 110
    validate_some single cortex-m0plus 21 110
else
    skip "emulated boards: install gcc-arm-none-eabi and qemu-system-arm"
fi
finish
