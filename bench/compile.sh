#!/usr/bin/env bash
# How long the compiler takes: milliseconds per run of 20, process start included; and of a large detector the most memory.
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

printf '%-24s %20s %21s %17s %18s\n' "" "analyze, cortex-m55" "generate, cortex-m55" "analyze, stm32n6" "generate, stm32n6"
for model in models/sensor.tflite ../shared/models/{ad01_int8,kws_ref_model,vww_96_int8,pretrainedResnet_quant}.tflite; do
    [ -f "$model" ] || { echo "SKIP $model: ../shared is not present"; continue; }
    printf '%-24s %17s ms %18s ms %14s ms %15s ms\n' "$(basename "$model" .tflite)" \
        "$(milliseconds build/limpid analyze "$model" --target cortex-m55)" \
        "$(milliseconds build/limpid generate "$model" --target cortex-m55 -o "$work/m55")" \
        "$(milliseconds build/limpid analyze "$model" --target stm32n6)" \
        "$(milliseconds build/limpid generate "$model" --target stm32n6 -o "$work/out")"
done

# 367 operators and 1.6 MB, made by the tests; for one of 232 operators take about two thirds.
cmake --build build --target make_model >/dev/null
build/tests/make_model large-yolox >"$work/detector.tflite"
printf '\n%-40s %10s %12s\n' "detector of 367 operators" "time" "most memory"
for target in cortex-m55 stm32n6; do
    for command in analyze "generate -o $work/detector"; do
        # shellcheck disable=SC2086 # the command's words
        /usr/bin/time -f '%e %M' -o "$work/time" build/limpid $command "$work/detector.tflite" --target $target >/dev/null 2>&1
        awk -v what="${command%% *}, $target" '{ printf "%-40s %7.0f ms %9.1f MB\n", what, $1 * 1000, $2 / 1024 }' "$work/time"
    done
done
