#!/usr/bin/env bash
# What the NPU needs for the MLPerf Tiny models: bytes of parameters, who runs where, and that no layer takes more cycles without
# its dead channels than with them.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/../end-to-end/lib.sh"
shared=$root/../shared/models

limit() # model, bytes, options...
{
    local model=$shared/$1.tflite bytes=$2
    shift 2
    fine "$limpid" analyze "$model" --target stm32n6 --json --optimize size "$@"
    json_holds out "j['targets'][0]['weights_bytes'] <= $bytes"
    # Addresses, too, decide how many words of the tables are alike: some hundred bytes.
    json_holds out "(lambda stored: stored[0] <= 1.001 * min(stored))([r['weights_bytes'] + r['program_bytes'] for r in j['targets'][0]['choices']])"
    json_holds out "[l['op'] for l in j['targets'][0]['layers'] if l['runs_on'] == 'cpu'] in ([], ['SOFTMAX'])"
    json_holds out "all(l['evidence'] in (None, 'exact', 'envelope') for l in j['targets'][0]['layers'])"
}

if [ ! -d "$shared" ]; then
    skip "figures of the NPU: ../shared is not present"
    finish
    exit
fi
limit ad01_int8 275000
limit kws_ref_model 27500
limit pretrainedResnet_quant 81500
limit vww_96_int8 42000
limit vww_96_int8 230000 --keep-dead

fine "$limpid" analyze "$shared/vww_96_int8.tflite" --target stm32n6 --json
mv out without
fine "$limpid" analyze "$shared/vww_96_int8.tflite" --target stm32n6 --json --keep-dead
check "no layer is slower without its dead channels" python3 -c "
import json
a, b = (json.load(open(f))['targets'][0]['layers'] for f in ('without', 'out'))
assert all(x['cycles'] <= y['cycles'] for x, y in zip(a, b)), [(x['index'], x['cycles'], y['cycles']) for x, y in zip(a, b)]"
finish
