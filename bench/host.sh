#!/usr/bin/env bash
# Microseconds of one inference on this PC, the median of many on one pinned thread: ours beside LiteRT's build for the web, measured
# here in the same run, and ONNX Runtime's as recorded (peers.csv). The ratio is to the faster of the two.
set -euo pipefail
litert=${LITERT:-build/litert}
cmake --build build --target host_time >/dev/null
names=(ad01_int8 kws_ref_model vww_96_int8 pretrainedResnet_quant)
[ -d "$litert/node_modules/@litertjs/core" ] || { command -v npm >/dev/null && npm install --silent --no-audit --no-fund --prefix "$litert" @litertjs/core@2.5.3 </dev/null; } ||
    echo "SKIP LiteRT: npm install --prefix $litert @litertjs/core"

recorded() # model
{
    awk -F, -v model="$1" '$1 == "host" && $2 == model { print $3 }' bench/peers-host.csv
}

peer_time() # model file
{
    [ -d "$litert/node_modules/@litertjs/core" ] && taskset -c 0 node bench/host/litert.mjs "$litert" "$1" 2>/dev/null
}

printf '%-26s %10s %10s %14s %8s\n' model "ours, us" "LiteRT, us" "ONNX Rt. (*)" ratio
for file in models/sensor.tflite "${names[@]/#/../shared/models/}"; do
    [ "$file" = models/sensor.tflite ] || file=$file.tflite
    name=$(basename "$file" .tflite)
    [ -f "$file" ] || { echo "SKIP $name: ../shared is not present"; continue; }
    read -r ours _ <<<"$(taskset -c 0 build/bench/host_time "$file")"
    theirs=$(peer_time "$file" || true)
    onnx=$(recorded "$name")
    awk -v n="$name" -v a="$ours" -v b="$theirs" -v c="$onnx" 'BEGIN {
        best = b == "" ? c : c == "" || b + 0 < c + 0 ? b : c
        printf "%-26s %10.1f %10s %14s %8s\n", n, a, b == "" ? "-" : b, c == "" ? "-" : c, best == "" ? "-" : sprintf("%.2f", a / best) }'
done
echo "(*) recorded on another day on a machine of this kind: bench/peers-host.csv"
