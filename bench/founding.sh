#!/usr/bin/env bash
# Processor and NPU side by side, as the README shows it: its table, and with --pictures FOLDER its pictures. The vendor's figures
# are published ones, for the same architectures; nobody measured them here.
set -euo pipefail
folder=
if [ "${1-}" = --pictures ]; then
    folder=${2:?a folder for the pictures}
    mkdir -p "$folder"
fi
echo "| model | constants in the model file | | weights | program tables | activations in RAM | epochs HW / SW | with dead channels, weights | vendor, published |"
echo "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
for entry in vww_96_int8:42:227 ad01_int8:270:269 pretrainedResnet_quant::; do
    IFS=: read -r name cpu npu <<<"$entry"
    model=../shared/models/$name.tflite
    if [ ! -f "$model" ]; then
        echo "SKIP $name: ../shared is not present"
        continue
    fi
    pictures=()
    [ -z "$folder" ] || pictures=(--svg "waterfall=$folder/$name.svg")
    build/limpid analyze "$model" --target cortex-m55,stm32n6 "${pictures[@]}" --json >build/founding.json
    build/limpid analyze "$model" --target cortex-m55,stm32n6 --keep-dead --json >build/founding_kept.json
    python3 - "$cpu" "$npu" <<'PY'
import json, sys
now, kept = (json.load(open("build/founding%s.json" % which)) for which in ("", "_kept"))
for i, published in enumerate(sys.argv[1:]):
    t = now["targets"][i]
    print("| %s | %s | %s | %s | %s | %s | %d / %d | %s | %s |" % (
        now["model"]["file"].replace(".tflite", "") if i == 0 else "", "{:,}".format(now["model"]["constants_bytes"]) if i == 0 else "", t["target"],
        "{:,}".format(t["weights_bytes"]), "{:,}".format(t["program_bytes"]), "{:,}".format(t["activations_bytes"]), t["epochs"]["hw"],
        t["epochs"]["sw"], "{:,}".format(kept["targets"][i]["weights_bytes"]), published + " KB" if published else ""))
PY
done
