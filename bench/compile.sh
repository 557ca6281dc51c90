#!/usr/bin/env bash
# How long the compiler takes: 20 runs of analyze, milliseconds per run, process start included.
set -euo pipefail
for model in models/sensor.tflite ../shared/models/{ad01_int8,kws_ref_model,vww_96_int8,pretrainedResnet_quant}.tflite; do
    [ -f "$model" ] || { echo "SKIP $model: ../shared is not present"; continue; }
    start=$(date +%s%N)
    for _ in $(seq 20); do build/limpid analyze "$model" --target cortex-m55 >/dev/null; done
    end=$(date +%s%N)
    printf '%-28s %6.1f ms\n' "$(basename "$model" .tflite)" "$(awk "BEGIN { print ($end - $start) / 20e6 }")"
done
