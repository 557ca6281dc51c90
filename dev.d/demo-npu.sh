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

# Bytes of what the NPU's folder brings along: code and tables that a program needs, without the vendor's runtime.
code_of() # folder
{
    local work file
    work=$(mktemp -d)
    while read -r file; do
        arm-none-eabi-gcc -std=c11 -mcpu=cortex-m55 -mthumb -mfloat-abi=hard -Os -ffunction-sections -fdata-sections -I"$1" \
            -Ineural-art/shim -Itests/support/stm32n6 -I. -c "$1/$file" -o "$work/${file//\//_}.o"
    done <"$1/sensor.sources"
    arm-none-eabi-ld -r --gc-sections -u sensor_network -u lp_network_open -u lp_network_run -o "$work/all" "$work"/*.o
    arm-none-eabi-size "$work/all" | awk 'NR == 2 { print $1 + $2 }'
    rm -rf "$work"
}

instructions=$(/usr/bin/python3 bench/emulated.py cortex-m55 "$model" | awk '$1 == "sensor" { print $2 }')
printf '\n  %-38s %20s %20s\n' "one inference" "Cortex-M55" "NPU and Cortex-M55"
"$limpid" analyze "$model" --target cortex-m55,stm32n6 --link --json >"$out/both.json"
/usr/bin/python3 - "$out/both.json" "$instructions" "$(code_of "$out/npu")" <<'PY'
import json, sys
cpu, npu = json.load(open(sys.argv[1]))["targets"]
rows = [("weights, bytes", "weights_bytes"), ("program tables, bytes", "program_bytes"), ("activations, bytes", "activations_bytes")]
for name, key in rows:
    print("  %-38s %20s %20s" % (name, "{:,}".format(cpu[key]), "{:,}".format(npu[key])))
code = ["{:,}".format(n) for n in (cpu["code_bytes"], int(sys.argv[3]))]
print("  %-38s %20s %20s" % ("code with its tables, bytes", code[0], code[1] + " *"))
print("  %-38s %20d %20d" % ("epochs in hardware", cpu["epochs"]["hw"], npu["epochs"]["hw"]))
print("  %-38s %20d %20d" % ("epochs in software", cpu["epochs"]["sw"], npu["epochs"]["sw"]))
print("  %-38s %20s %20s" % ("instructions (counted by QEMU)", sys.argv[2], "-"))
print("  %-38s %20s %20s" % ("cycles of the NPU (model)", "-", "{:,}".format(sum(l["cycles"] or 0 for l in npu["layers"]))))
print("  * without the vendor's runtime, which runs the epochs")
PY
printf '\n  %s windows have the same class on both\n' "$(same_classes "$out/sensor_outputs.csv" "$out/npu_outputs.csv")"
