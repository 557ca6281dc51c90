# shellcheck shell=bash
# Part of dev.d/demo.sh: why is my output stuck? A run loop that forgets the reset, a model that does not see its input, and
# an accumulator that saturates.

why=$out/why
mkdir -p "$why"

# limpid diagnose ends with 1 for any verdict but healthy; here the verdict itself is what must be right.
verdict() # EXPECTED ARGUMENTS...
{
    local want=$1 status=0
    shift
    printf '$ %s\n' "$limpid diagnose $*"
    "$limpid" diagnose "$@" >"$why/report.txt" || status=$?
    sed '/^What the model makes of/,$d' "$why/report.txt"
    head -1 "$why/report.txt" | grep -q ": $want\$" || { echo "demo: expected $want" >&2; exit 1; }
    [ "$status" = "$([ "$want" = healthy ] && echo 0 || echo 1)" ] || { echo "demo: exit status $status" >&2; exit 1; }
}

# The loop of examples/run-loops on the simulated board; what it got stays in $why for diagnose.
loop() # MISTAKE
{
    show build/run-loops "$model" --inputs models/sensor_windows.csv --mistake "$1" --output "$why/$1.csv" --trace "$why/$1.txt" \
        --device-log "$why/$1.log"
    printf '  %s different outputs in %s inferences\n\n' "$(sort -u "$why/$1.csv" | wc -l)" "$(wc -l <"$why/$1.csv")"
}

heading "Why is my output stuck? A run loop that forgets the reset after DONE, on the simulated STM32N6"
loop forgotten-reset
[ "$(sort -u "$why/forgotten-reset.csv" | wc -l)" = 1 ] || { echo "demo: the output should be stuck" >&2; exit 1; }
verdict network-not-reset "$model" --inputs models/sensor_windows.csv --observed "$why/forgotten-reset.csv" \
    --trace "$why/forgotten-reset.txt"

heading "The same loop with the reset, on the same board"
loop none
verdict healthy "$model" --inputs models/sensor_windows.csv --observed "$why/none.csv" --trace "$why/none.txt"
print_states "$why/none.csv"

heading "A board that is right, and a model that does not see its input: one sample in fifty moves by one step"
awk -F, 'NR == 2 { for (n = 0; n < 40; n++) { for (i = 1; i <= NF; i++)
    printf "%s%.5f", (i > 1 ? "," : ""), $i + (i == n * 10 + 5 ? 0.033 : 0); printf "\n" } }' models/sensor_windows.csv >"$why/still.csv"
verdict model-insensitive "$model" --inputs "$why/still.csv" --html "$why/model-insensitive.html"

heading "A layer whose weights balance, compiled by the vendor's rule: its accumulator saturates"
verdict accumulator-saturates models/balanced.tflite --inputs models/balanced_log.csv
