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

# What an inference leaves for the next one: the same sequence in every form in which the NPU's program exists.
streams_on_every_target()
{
    local model form
    python3 -c 'import sys; sys.stdout.buffer.write(bytes(n * 73 % 251 for n in range(400)))' >sequence.bin
    for model in streaming svdf; do
        "$make_model" $model >$model.tflite
        fine "$limpid" validate $model.tflite --target host,stm32n6 --layers --input random:9 --rounding double
        fine "$limpid" run $model.tflite --input sequence.bin --output host.bin
        for form in "" --epoch-controller; do
            fine "$limpid" generate $model.tflite --target stm32n6 $form -o $model-n6$form
            fine "$limpid" analyze --check $model-n6$form
            fine "$limpid" run $model-n6$form --input sequence.bin --output npu.bin
            observe "$limpid" run "$model-n6$form/$model.c" --image "octoFlash=$model-n6$form/$model.octoFlash.bin" \
                --input sequence.bin --output source.bin
            [ "$status" = 0 ] || fail "$model$form as C: $(cat err)"
            check "$model$form as C" cmp npu-0.bin source-0.bin
            check "$model$form, last output as C" cmp npu-1.bin source-1.bin
            check "$model$form" cmp npu-1.bin host-1.bin
        done
        # A sequence that goes on differs from one that begins anew.
        tail -c 200 sequence.bin >later.bin
        fine "$limpid" run $model-n6 --input later.bin --output later.bin
        tail -c "$(stat -c %s later-1.bin)" npu-1.bin >end.bin
        ! cmp -s later-1.bin end.bin || fail "$model: nothing is kept between inferences"
    done
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
streams_on_every_target
no_shape_is_computed_at_run_time
if has_emulator; then
    more_tensors_than_a_byte_counts
else
    skip "boards: arm-none-eabi-gcc or qemu-system-arm is not installed"
fi
finish
