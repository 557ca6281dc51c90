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

# What a loop logs: once through the four blocks, then DONE at once for ever (`forgets` 1) or again and again (0).
write_trace() # forgets, inferences
{
    awk -v forgets="$1" -v count="$2" 'BEGIN {
        print "limpid-trace 1\nnetwork blocks=4"
        for (n = 0; n < count; n++) {
            print "inference n=" n
            for (b = 0; b < 4 && (n == 0 || !forgets); b++) print "run result=no_wfe block=" b
            print "run result=done block=4"
            if (!forgets) print "reset result=ok block=4 done=1"
        }
        print "end"
    }'
}

heading "Why is my output stuck? A loop that forgets the reset after DONE (acted out here: the first output stays)"
windows=$(wc -l <"$out/sensor_outputs.csv")
awk 'NR == 1 { first = $0 } { print first }' "$out/sensor_outputs.csv" >"$why/stuck.csv"
verdict network-not-reset "$model" --inputs models/sensor_windows.csv --observed "$why/stuck.csv"
write_trace 1 "$windows" >"$why/loop.txt"
echo "The loop's trace leaves one cause:"
echo
verdict network-not-reset "$model" --inputs models/sensor_windows.csv --observed "$why/stuck.csv" --trace "$why/loop.txt"
write_trace 0 "$windows" >"$why/loop-with-reset.txt"
echo "With the reset the outputs follow:"
echo
verdict healthy "$model" --inputs models/sensor_windows.csv --observed "$out/sensor_outputs.csv" --trace "$why/loop-with-reset.txt"

heading "A board that is right, and a model that does not see its input: one sample in fifty moves by one step"
awk -F, 'NR == 2 { for (n = 0; n < 40; n++) { for (i = 1; i <= NF; i++)
    printf "%s%.5f", (i > 1 ? "," : ""), $i + (i == n * 10 + 5 ? 0.033 : 0); printf "\n" } }' models/sensor_windows.csv >"$why/still.csv"
verdict model-insensitive "$model" --inputs "$why/still.csv" --html "$why/model-insensitive.html"

heading "A layer whose weights balance, compiled by the vendor's rule: its accumulator saturates"
verdict accumulator-saturates models/balanced.tflite --inputs models/balanced_log.csv
