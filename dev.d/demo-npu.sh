# shellcheck shell=bash
# Part of dev.d/demo.sh: the same model on the NPU, beside the processor: bytes, work, epochs, decisions.

heading "The same model for the NPU of an STM32N6: what each target needs, and what makes the difference"
show "$limpid" analyze "$model" --target cortex-m55,stm32n6 --link

heading "The NPU's program: generated, then run from its files on the simulated NPU"
show "$limpid" generate "$model" --target stm32n6 -o "$out/npu"
show "$limpid" run "$out/npu" --input models/sensor_windows.csv --real --output "$out/npu_outputs.csv"
print_states "$out/npu_outputs.csv"

# The largest output of each row in two files of outputs: how often it is the same one.
same_classes() # CSV of outputs, CSV of outputs
{
    awk -F, '
        $1 + 0 != $1 { next }
        { best = 1; for (i = 2; i <= NF; i++) if ($i > $best) best = i }
        FILENAME == ARGV[1] { first[n++] = best; next }
        { same += first[m++] == best }
        END { printf "%d of %d", same, n; exit !(n > 0 && n == m && same == n) }' "$1" "$2"
}

instructions=$(/usr/bin/python3 bench/emulated.py cortex-m55 "$model" | awk '$1 == "sensor" { print $2 }')
printf '\n  %-38s %20s %20s\n' "one inference" "Cortex-M55" "NPU and Cortex-M55"
"$limpid" analyze "$model" --target cortex-m55,stm32n6 --json >"$out/both.json"
/usr/bin/python3 - "$out/both.json" "$instructions" <<'PY'
import json, sys
cpu, npu = json.load(open(sys.argv[1]))["targets"]
rows = [("weights, bytes", "weights_bytes"), ("program tables, bytes", "program_bytes"), ("activations, bytes", "activations_bytes")]
for name, key in rows:
    print("  %-38s %20s %20s" % (name, "{:,}".format(cpu[key]), "{:,}".format(npu[key])))
print("  %-38s %20d %20d" % ("epochs in hardware", cpu["epochs"]["hw"], npu["epochs"]["hw"]))
print("  %-38s %20d %20d" % ("epochs in software", cpu["epochs"]["sw"], npu["epochs"]["sw"]))
print("  %-38s %20s %20s" % ("instructions (counted by QEMU)", sys.argv[2], "-"))
print("  %-38s %20s %20s" % ("cycles of the NPU (model)", "-", "{:,}".format(sum(l["cycles"] or 0 for l in npu["layers"]))))
PY
printf '\n  %s windows have the same class on both\n' "$(same_classes "$out/sensor_outputs.csv" "$out/npu_outputs.csv")"
