#!/usr/bin/env bash
# How long the compiler takes: milliseconds per run of 20, process start included.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

milliseconds() # command...
{
    local start end
    start=$(date +%s%N)
    for _ in $(seq 20); do "$@" >/dev/null; done
    end=$(date +%s%N)
    awk "BEGIN { printf \"%.1f\", ($end - $start) / 20e6 }"
}

printf '%-28s %20s %17s %18s\n' "" "analyze, cortex-m55" "analyze, stm32n6" "generate, stm32n6"
for model in models/sensor.tflite ../shared/models/{ad01_int8,kws_ref_model,vww_96_int8,pretrainedResnet_quant}.tflite; do
    [ -f "$model" ] || { echo "SKIP $model: ../shared is not present"; continue; }
    printf '%-28s %17s ms %14s ms %15s ms\n' "$(basename "$model" .tflite)" \
        "$(milliseconds build/limpid analyze "$model" --target cortex-m55)" \
        "$(milliseconds build/limpid analyze "$model" --target stm32n6)" \
        "$(milliseconds build/limpid generate "$model" --target stm32n6 -o "$work/out")"
done
