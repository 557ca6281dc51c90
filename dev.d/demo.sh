#!/usr/bin/env bash
# ./dev demo: what limpid does, step by step. Runs from the project's root with build/limpid built.
set -euo pipefail
limpid=build/limpid
model=models/sensor.tflite
log=models/sensor_windows.csv
out=build/demo

step=0
heading()
{
    step=$((step + 1))
    printf '\n== %d. %s\n' "$step" "$*"
}

# Shows a command as a user would type it, then runs it.
show()
{
    printf '$ %s\n' "$*"
    "$@"
}

# Windows in a row that were given the same state, and how many agree with the log.
print_states()
{
    awk -F, '
    BEGIN { windows = 0 }
    FILENAME == ARGV[1] { label[labels++] = $0; next }
    FILENAME == ARGV[2] { if (FNR > 1) truth[$1] = $2; next }
    {
        best = 1
        for (i = 2; i <= NF; i++)
            if ($i > $best)
                best = i
        found = label[best - 1]
        right += found == truth[windows]
        if (found != last) {
            if (windows)
                printf "  windows %3d to %3d  %s\n", first, windows - 1, last
            first = windows
            last = found
        }
        windows++
    }
    END {
        if (!windows)
            exit 1
        printf "  windows %3d to %3d  %s\n", first, windows - 1, last
        printf "  %d of %d windows as the log says\n", right, windows
    }' models/sensor.labels.txt models/sensor_windows_states.csv "$1"
}

rm -rf "$out"
mkdir -p "$out"
heading "What would the sample model cost on this PC and on a Cortex-M55, and why?"
show "$limpid" analyze "$model" --target host,cortex-m55
"$limpid" analyze "$model" --target host,cortex-m55 --json >"$out/analyze.json"

heading "C source for the Cortex-M55, in a folder that compiles alone"
show "$limpid" generate "$model" --target cortex-m55 -o "$out/sensor"

heading "A recorded log of ten sensors, run on the emulated Cortex-M55"
show "$limpid" run "$model" --target cortex-m55 --input "$log" --real --output "$out/answers.csv"
print_states "$out/answers.csv"

heading "The same on both targets, compared with the reference bit for bit"
show "$limpid" validate "$model" --target host,cortex-m55 --input "$log" --real
"$limpid" validate "$model" --target host,cortex-m55 --input "$log" --real --layers --json >"$out/validate.json"

heading "What is left to look at"
cat <<TEXT
  $out/analyze.json        every byte with its cause and layer
  $out/sensor/             the generated C; sensor_example.c shows how to call it
  $out/sensor/report.json  the same figures for exactly this source
  $out/answers.csv         what the emulated Cortex-M55 answered, a row an inference
  $out/validate.json       the comparison, layer by layer
TEXT
