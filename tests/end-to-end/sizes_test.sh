#!/usr/bin/env bash
# Sizes of weights by the published formulas of the layouts, from the model file alone, against the ledger.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
compared=0

sizes() # target, models...
{
    local target=$1 file count
    shift
    for file in "$@"; do
        rm -rf sized
        "$limpid" generate "$file" --target "$target" --keep-dead --name net -o sized >out 2>err || continue
        count=$(/usr/bin/python3 "$root/tests/end-to-end/sizes.py" "$file" sized "$target") || fail "$file on $target"
        compared=$((compared + count))
        checks=$((checks + 1))
    done
}

vectors=$root/tests/vectors/models
for target in host cortex-m55 stm32n6; do
    sizes $target "$root/models/sensor.tflite" "$vectors"/op_conv2d_*.tflite "$vectors"/op_dwconv2d_*.tflite "$vectors"/op_fc_*.tflite "$vectors"/net_*.tflite
done
check "most layers are compared: $compared" [ "$compared" -ge 115 ]
if [ -d "$root/../shared/models" ]; then
    compared=0
    for target in host cortex-m55 stm32n6; do
        sizes $target "$root"/../shared/models/{vww_96_int8,ad01_int8,kws_ref_model,pretrainedResnet_quant}.tflite
    done
    check "most layers of whole networks are compared: $compared" [ "$compared" -ge 155 ]
else
    skip "sizes of whole networks beside the project: there are none"
fi
# A byte more in a layer's account is found.
"$limpid" generate "$vectors/op_conv2d_3x3_same.tflite" --target stm32n6 --keep-dead --name net -o sized >out
/usr/bin/python3 - <<'PY'
import json
j = json.load(open("sized/report.json"))
j["targets"][0]["layers"][0]["weights_bytes"] += 1
json.dump(j, open("sized/report.json", "w"))
PY
check "a byte more is found" bash -c '! /usr/bin/python3 "$1" "$2" sized stm32n6 >out 2>err' _ "$root/tests/end-to-end/sizes.py" "$vectors/op_conv2d_3x3_same.tflite"
finish
