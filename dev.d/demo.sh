#!/usr/bin/env bash
# ./dev demo: what limpid does, step by step. Runs from the project's root with build/limpid built.
set -euo pipefail
limpid=build/limpid
out=build/demo
model=models/sensor.tflite

step=0
heading()
{
    step=$((step + 1))
    printf '\n== %d. %s\n\n' "$step" "$*"
}

# Shows a command as a user would type it, then runs it.
show()
{
    printf '$ %s\n' "$*"
    "$@"
}

# Prints the class of each window as runs of equal ones, and how many agree with the recorded states.
print_states() # CSV of outputs
{
    awk -F, '
        BEGIN { n = 0 }
        FILENAME == ARGV[1] { label[n_labels++] = $1; next }
        FILENAME == ARGV[2] { if (FNR > 1) truth[FNR - 2] = $2; next }
        FNR == 1 && $1 + 0 != $1 { first = 1 }
        FNR > first {
            best = 1
            for (i = 2; i <= NF; i++) if ($i > $best) best = i
            state[n] = label[best - 1]
            right += state[n] == truth[n]
            n++
        }
        END {
            for (i = 0; i < n; i++) {
                if (i + 1 < n && state[i] == state[i + 1]) continue
                printf "  windows %3d to %3d: %s\n", start, i, state[i]
                start = i + 1
            }
            printf "\n  %d of %d windows agree with the state that was recorded\n", right, n
            exit right < 0.95 * n
        }' models/sensor.labels.txt models/sensor_windows_states.csv "$1"
}

mkdir -p "$out"
heading "What does the model cost, and why?"
show "$limpid" analyze "$model" --target cortex-m55 --link

heading "C that compiles alone"
show "$limpid" generate "$model" --target cortex-m55 -o "$out/sensor"

heading "The recorded log of the machine on an emulated Cortex-M55"
show "$limpid" run "$model" --target cortex-m55 --input models/sensor_windows.csv --real --output "$out/sensor_outputs.csv"
print_states "$out/sensor_outputs.csv"

heading "The same on this PC and on the Cortex-M55, compared with the reference bit for bit"
show "$limpid" validate "$model" --target host,cortex-m55 --input models/sensor_windows.csv --real --layers

. dev.d/demo-npu.sh

[ ! -f dev.d/demo-live.sh ] || . dev.d/demo-live.sh

. dev.d/demo-diagnose.sh

heading "Where things lie"
cat <<TEXT
  $out/sensor/sensor.h            what a program includes
  $out/sensor/sensor_example.c    how it uses the network
  $out/sensor/report.json         every byte and its cause
  $out/sensor_outputs.csv         probabilities of each window
  $out/why/model-insensitive.html why an output does not move, as a page
  $out/live/windows.csv           what the live monitor decided, a row a window
TEXT
