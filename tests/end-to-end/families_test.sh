#!/usr/bin/env bash
# Networks as well-known families are put together: they compile for every kind of target, and run with the reference's bits.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
families="mobilenet-v1 mobilenet-v2 blazeface osnet movenet yolox birdsong"

every_family_on_every_target()
{
    local family
    for family in $families; do
        "$make_model" "$family" >"$family.tflite"
        fine "$limpid" analyze "$family.tflite" --target host,cortex-m55,stm32n6 --json
        json_holds out "[t['target'] for t in j['targets']] == ['host', 'cortex-m55', 'stm32n6']"
        for rounding in single double; do
            fine "$limpid" validate "$family.tflite" --layers --input random:2 --rounding $rounding --json
            json_holds out "all(r['exact'] == 1 for t in j['targets'] for r in t['outputs'] + t['layers'])"
        done
        fine "$limpid" validate "$family.tflite" --target stm32n6 --layers --input random:1
        fine "$limpid" generate "$family.tflite" --target cortex-m55 -o "$family-m55"
        fine "$limpid" generate "$family.tflite" --target stm32n6 -o "$family-n6"
    done
    fine "$limpid" analyze yolox.tflite --json
    json_holds out "j['model']['operators'] > 232 and j['model']['inputs'][0]['dtype'] == 'uint8'"
    json_holds out "[o['dtype'] for o in j['model']['outputs']] == ['float32'] * 3"
}

# Shapes that operators compute are constants of the program.
no_shape_is_computed_at_run_time()
{
    fine "$limpid" analyze birdsong.tflite --json
    json_holds out "not {'SHAPE', 'PACK', 'FILL'} & {l['op'] for l in j['targets'][0]['layers']}"
}

more_tensors_than_a_byte_counts()
{
    fine "$limpid" validate yolox.tflite --target cortex-m55 --layers --input random:1
    fine "$limpid" validate birdsong.tflite --target cortex-m0plus --input random:2
}

every_family_on_every_target
no_shape_is_computed_at_run_time
if has_emulator; then
    more_tensors_than_a_byte_counts
else
    skip "boards: arm-none-eabi-gcc or qemu-system-arm is not installed"
fi
finish
