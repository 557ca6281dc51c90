#!/usr/bin/env bash
# Costs side by side, against an earlier report, and within a budget, as a user types it.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
dead=$root/tests/vectors/models/net_dead_channels.tflite
depthwise=$root/tests/vectors/models/net_inverted_residual.tflite

# What stands between two targets is the same sum by section, by cause and by layer, and is what the targets themselves say.
differences_add_up()
{
    local file
    for file in "$model" "$dead" "$depthwise"; do
        fine "$limpid" analyze "$file" --target cortex-m55,stm32n6,host --json
        json_holds out "[(d['from']['target'], d['to']['target']) for d in j['differences']] == [('cortex-m55', 'stm32n6'), ('cortex-m55', 'host')]"
        json_holds out "all(sum(r['difference'] for r in d['ledger']) == sum(r['difference'] for r in d['layers']) ==
            d['weights_bytes']['difference'] + d['program_bytes']['difference'] for d in j['differences'])"
        json_holds out "all(r['difference'] == r['to'] - r['from'] for d in j['differences'] for r in d['ledger'] + d['layers'])"
        json_holds out "all(d[k]['from'] == j['targets'][0][k] and d[k]['to'] == j['targets'][i + 1][k]
            for i, d in enumerate(j['differences']) for k in ('weights_bytes', 'program_bytes', 'activations_bytes'))"
        json_holds out "all(abs(a['difference']) >= abs(b['difference']) for d in j['differences'] for l in (d['ledger'], d['layers'])
            for a, b in zip(l, l[1:]))"
    done
}

the_table_and_the_questions()
{
    fine "$limpid" analyze "$dead" --target cortex-m55,stm32n6
    check "columns" grep -Eq '^ +cortex-m55 +stm32n6 +difference$' out
    check "epochs" grep -Eq '^  epochs in hardware +0 +[1-9]' out
    check "causes" grep -Eq '^  epoch-program, program +[0-9]+ +' out
    check "layers" grep -Eq 'CONV_2D ' out
    # 16 channels of 3 x 3 in the model's README: 7 zeros more for each weight in blocks of 8.
    check "depthwise" grep -q "model's 144 bytes of depthwise kernels in blocks of 8 channels takes 1,008 bytes" out
    check "dead channels" grep -q 'bytes of the model belong to' out
    check "scales" grep -q 'Nothing is re-quantized' out
    fine "$limpid" analyze "$model" --target cortex-m55,stm32n6
    check "no depthwise layer" grep -q 'no depthwise convolution' out
    fine "$limpid" analyze "$model" --target cortex-m55,host
    check "no question without hardware" bash -c '! grep -q "Does the NPU" out'
}

against_models_and_reports()
{
    fine "$limpid" analyze "$dead" --target cortex-m55,stm32n6 --keep-dead --json
    cp out kept.json
    fine "$limpid" analyze "$dead" --against kept.json --json
    # What the removal saves is what the report of the removal says (165 bytes of weights and biases).
    json_holds out "[d['to']['target'] for d in j['differences']] == ['cortex-m55', 'stm32n6']"
    json_holds out "all([r['difference'] for r in d['ledger'] if r['cause'] == 'dead-channels'] == [-165] for d in j['differences'])"
    fine "$limpid" optimize "$dead" -o smaller.tflite
    fine "$limpid" analyze smaller.tflite --target cortex-m55 --against "$dead" --json
    json_holds out "j['differences'][0]['weights_bytes']['difference'] == 0"
    fine "$limpid" analyze "$dead" --target cortex-m55 --against "$dead"
    check "no difference" grep -q 'bytes of flash: nothing' out
    fine "$limpid" generate "$model" --target cortex-m55 -o folder
    fine "$limpid" analyze "$model" --against folder
    check "a folder that was generated" grep -q '^cortex-m55$' out
}

budgets()
{
    fine "$limpid" analyze "$model" --target cortex-m55 --budget weights=556,ram=532
    check "kept" grep -q '556 of 556 bytes, 0 to spare' out
    observe "$limpid" analyze "$model" --target cortex-m55,host --budget weights=555,ram=1K
    check "exceeded" [ "$status" = 1 ]
    check "which and by how much" grep -q '^budget: weights on cortex-m55: 556 of 555 bytes, 1 TOO MANY' out
    observe "$limpid" analyze "$model" --target cortex-m55 --budget ram=500 --json
    check "exceeded in JSON" [ "$status" = 1 ]
    json_holds out "j['budget'] == [{'target': 'cortex-m55', 'what': 'ram', 'limit_bytes': 500, 'bytes': 532, 'exceeded_bytes': 32}]"
    if has_emulator; then
        fine "$limpid" analyze "$model" --target cortex-m55 --budget flash=1M --json
        json_holds out "j['budget'][0]['bytes'] == j['targets'][0]['weights_bytes'] + j['targets'][0]['code_bytes']"
    else
        skip "a budget for flash: no compiler for Cortex-M"
    fi
}

# What the linker says of the objects against what was emitted: tables as large as computed, causes that add up.
linked_code_has_causes()
{
    local file
    if ! has_emulator; then
        skip "causes of linked code: no compiler for Cortex-M"
        return
    fi
    for file in "$model" "$depthwise" "$root/tests/vectors/models/op_softmax_5.tflite"; do
        fine "$limpid" analyze "$file" --target cortex-m55,cortex-m0plus --link --json
        json_holds out "all(sum(c['bytes'] for c in t['code_ledger']) == t['code_bytes'] for t in j['targets'])"
        json_holds out "all(c['bytes'] == t['program_bytes'] for t in j['targets'] for c in t['code_ledger'] if c['cause'] == 'epoch-program')"
        json_holds out "all(c['bytes'] > 200 for t in j['targets'] for c in t['code_ledger'] if c['cause'] in ('kernels', 'runtime'))"
    done
    fine "$limpid" analyze "$model" --target host,stm32n6 --link --json
    json_holds out "all(t['code_bytes'] is None and t['code_ledger'] is None for t in j['targets'])"
}

what_is_refused()
{
    refused 'allowed are weights=BYTES' analyze "$model" --budget rom=3
    refused 'whole number' analyze "$model" --budget ram=3.5
    refused 'No such file' analyze "$model" --against missing.json
    printf '{"limpid": {' >broken.json
    refused 'broken.json, line 1' analyze "$model" --against broken.json
    echo '{"a": 1}' >other.json
    refused 'is not a report of limpid' analyze "$model" --against other.json
    echo '{"limpid": {"schema": 99}}' >future.json
    refused 'has schema 99' analyze "$model" --against future.json
    refused "has no target 'host': it has cortex-m55, stm32n6" analyze "$model" --target host --against kept.json
    sed '0,/"weights_bytes": /s//"weights_bytes": 1/' kept.json >changed.json
    refused 'add up to' analyze "$dead" --against changed.json
    refused 'is not a .tflite model' analyze "$model" --against "$root/README.md"
}

differences_add_up
the_table_and_the_questions
against_models_and_reports
budgets
linked_code_has_causes
what_is_refused
finish
