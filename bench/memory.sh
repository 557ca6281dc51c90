#!/usr/bin/env bash
# Flash and RAM of the linked program on a Cortex-M55: the README's table. Models from ../shared are added when present.
set -euo pipefail
models=(models/sensor.tflite)
for name in ad01_int8 kws_ref_model vww_96_int8 pretrainedResnet_quant; do
    file=../shared/models/$name.tflite
    if [ -f "$file" ]; then models+=("$file"); else echo "SKIP $name: ../shared is not present"; fi
done
for model in "${models[@]}"; do
    build/limpid analyze "$model" --target cortex-m55 --link --json
done | python3 -c '
import json, sys
decoder, text, at = json.JSONDecoder(), sys.stdin.read(), 0
print("%-26s %12s %10s %9s %7s %11s %11s" % ("model", "MACs", "constants", "weights", "code", "activations", "lower bound"))
while text[at:].strip():
    report, end = decoder.raw_decode(text[at:].lstrip())
    at += len(text[at:]) - len(text[at:].lstrip()) + end
    model, target = report["model"], report["targets"][0]
    print("%-26s %12s %10s %9s %7s %11s %11s" % tuple([model["file"]] + ["{:,}".format(n) for n in (
        model["macs"], model["constants_bytes"], target["weights_bytes"], target["code_bytes"],
        target["activations_bytes"], target["activations_lower_bound_bytes"])]))
'
