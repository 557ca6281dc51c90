#!/usr/bin/env bash
# limpid diagnose as a user types it: verdicts, exit status, JSON keys, files that are damaged.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
log=$root/models/sensor_windows.csv
tmp=$work
fine "$limpid" run "$model" --input "$log" --real --output right.csv
first=$(head -1 "$tmp/right.csv")
rows=$(wc -l < "$tmp/right.csv")
yes "$first" | head -"$rows" > "$tmp/stuck.csv" || true

verdict() # EXPECTED STATUS ARGUMENTS...
{
    local want=$1 status=$2 got=0
    shift 2
    "$limpid" diagnose "$@" --json > "$tmp/out.json" 2> "$tmp/err.txt" || got=$?
    [ $got -eq "$status" ] || fail "diagnose $*: status $got instead of $status: $(cat "$tmp/err.txt")"
    local name
    name=$(jq_get verdict)
    [ "$name" = "$want" ] || fail "diagnose $*: $name instead of $want"
    checks=$((checks + 1))
}
jq_get() # KEY
{
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$tmp/out.json" "$1"
}

# The founding scenario: right outputs, stuck ones, stuck ones with the loop's trace.
verdict healthy 0 "$model" --inputs "$log"
verdict healthy 0 "$model" --inputs "$log" --observed "$tmp/right.csv"
verdict healthy 0 "$model" --inputs "$log" --observed "$tmp/right.csv" --target cortex-m55
[ "$(jq_get confidence)" = 0.99 ] || fail "a CPU's outputs are exact"
verdict network-not-reset 1 "$model" --inputs "$log" --observed "$tmp/stuck.csv"
[ "$(jq_get evidence_level)" = 1 ] || fail "level"
python3 - "$tmp/out.json" <<'PY' || fail "keys of the JSON"
import json, sys
d = json.load(open(sys.argv[1]))
for key in ("verdict", "evidence_level", "ties", "confidence", "evidence", "remedy", "next_experiment", "considered", "layers"):
    assert key in d, key
assert "output-not-invalidated" in d["ties"] and d["confidence"] < 0.5
assert {"cause", "matches", "why"} <= set(d["considered"][0]) and len(d["considered"]) == 21
assert sorted(c["cause"] for c in d["considered"] if c["matches"]) == sorted(d["ties"])
assert {"index", "name", "distinct_inputs", "distinct_outputs"} <= set(d["layers"][0])
PY
{
    echo "limpid-trace 1"
    for n in $(seq 0 $((rows - 1))); do
        echo "inference n=$n"
        [ "$n" != 0 ] || for b in 0 1 2 3; do echo "run result=no_wfe block=$b"; done
        echo "run result=done block=4"
    done
    echo end
} > "$tmp/loop.txt"
verdict network-not-reset 1 "$model" --inputs "$log" --observed "$tmp/stuck.csv" --trace "$tmp/loop.txt"
[ "$(jq_get ties)" = "['network-not-reset']" ] || fail "the trace leaves one cause"
[ "$(jq_get confidence)" = 0.99 ] || fail "confidence with a trace"
verdict network-not-reset 1 "$model" --inputs "$log" --trace "$tmp/loop.txt"

# The device's own program as limpid made it, softmax on the processor included.
fine "$limpid" generate "$model" --target stm32n6 -o npu
fine "$limpid" run npu --input "$log" --real --output npu.csv
yes "$(head -1 "$tmp/npu.csv")" | head -"$rows" > "$tmp/npu_stuck.csv" || true
verdict healthy 0 "$model" --inputs "$log" --observed "$tmp/npu.csv" --program "$tmp/npu"
[ "$(jq_get tolerance_lsb)" = 0.0 ] || fail "a generated program is exact"
verdict network-not-reset 1 "$model" --inputs "$log" --observed "$tmp/npu_stuck.csv" --program "$tmp/npu" --trace "$tmp/loop.txt"

# The device's own program, as generated C: its outputs are then known bit by bit.
network=$root/tests/vectors/neural-art/network/network.c
"$make_model" network > "$tmp/network.tflite"
/usr/bin/python3 - "$tmp" <<'PY'
import struct, sys
kernels = [1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12, 127, -128, 100, -100]
open(sys.argv[1] + "/parameters.raw", "wb").write(struct.pack("<16bffbb", *kernels, 0.05, 0.25, -3, 5).ljust(32, b"\0"))
open(sys.argv[1] + "/in.bin", "wb").write(struct.pack("<40f", *[((i * 37) % 41 - 20) / 17 for i in range(40)]))
PY
observe "$limpid" run "$network" --image octoFlash="$tmp/parameters.raw" --input "$tmp/in.bin" --output "$tmp/own.bin"
check "the program runs" [ "$status" = 0 ]
(for _ in 1 2 3 4 5; do head -c 32 "$tmp/own.bin"; done) > "$tmp/same.bin"
own=("$tmp/network.tflite" --inputs "$tmp/in.bin" --program "$network" --image octoFlash="$tmp/parameters.raw")
verdict healthy 0 "${own[@]}" --observed "$tmp/own.bin"
[ "$(jq_get tolerance_lsb)" = 0.0 ] || fail "the device's own program is exact"
verdict network-not-reset 1 "${own[@]}" --observed "$tmp/same.bin"

# A log in which hardly anything moves, and one beyond the input's range.
python3 - "$log" "$tmp" <<'PY'
import sys
rows = [line.split(",") for line in open(sys.argv[1]) if line[0] not in "v"][:40]
base = [float(x) for x in rows[0]]
with open(sys.argv[2] + "/still.csv", "w") as out:
    for n in range(40):
        row = list(base)
        row[n * 10 + 4] += 0.033
        out.write(",".join("%.5f" % x for x in row) + "\n")
with open(sys.argv[2] + "/loud.csv", "w") as out:
    for row in rows:
        out.write(",".join("%.5f" % (30 * float(x)) for x in row) + "\n")
PY
verdict model-insensitive 1 "$model" --inputs "$tmp/still.csv"
grep -q 'MEAN' "$tmp/out.json" || fail "the layer in which it dies"
verdict input-range-mismatch 1 "$model" --inputs "$tmp/loud.csv"

# Text and page.
"$limpid" diagnose "$model" --inputs "$tmp/still.csv" --html "$tmp/page.html" > "$tmp/out.txt" && fail "status of a finding"
for text in "model-insensitive" "the change dies here" "what to do"; do
    check "text of the report" grep -q "$text" "$tmp/out.txt"
done
for text in '<h1 id="verdict">model-insensitive</h1>' "the change dies here" "prefers-color-scheme:dark" 'role="img"'; do
    check "text of the page" grep -qF "$text" "$tmp/page.html"
done
grep -q 'src=\|http' "$tmp/page.html" && fail "the page needs something else"

# Damaged input: line, found, allowed; nothing written.
refused() # TEXT ARGUMENTS...
{
    local want=$1 got=0
    shift
    "$limpid" diagnose "$@" > "$tmp/out.txt" 2> "$tmp/err.txt" || got=$?
    [ $got -eq 2 ] || fail "diagnose $*: status $got"
    grep -qF -- "$want" "$tmp/err.txt" || fail "diagnose $*: $(cat "$tmp/err.txt")"
    [ ! -s "$tmp/out.txt" ] || fail "diagnose $*: printed something"
    checks=$((checks + 1))
}
printf '1.0,2.0\n' > "$tmp/short.csv"
sed '7s/[^,]*/nan/' "$log" > "$tmp/nan.csv"
head -5 "$tmp/right.csv" > "$tmp/few.csv"
printf 'limpid-trace 1\ninference n=0\nrun result=sometimes block=0\n' > "$tmp/bad.txt"
head -c 3000 "$limpid" > "$tmp/junk"
refused "line 1" "$model" --inputs "$tmp/short.csv"
refused "line 7" "$model" --inputs "$tmp/nan.csv"
refused "has 5 inferences" "$model" --inputs "$log" --observed "$tmp/few.csv"
refused "line 3" "$model" --inputs "$log" --trace "$tmp/bad.txt"
refused "allowed are done, wfe, no_wfe, error" "$model" --inputs "$log" --trace "$tmp/bad.txt"
refused "limpid-device-log 1" "$model" --inputs "$log" --device-log "$tmp/junk"
refused "program.json" "$model" --inputs "$log" --program "$root/models"
"${BUILD_DIR:-$root/build}/tests/make_model" streaming > "$tmp/streaming.tflite"
refused "keeps 3 variables between inferences" "$tmp/streaming.tflite" --inputs random:4
refused "is it the program of this model" "$model" --inputs "$log" --program "$network"
refused "no-such" "$model" --inputs "$tmp/no-such.csv"
refused "a log of inputs is missing" "$model"
cp "$tmp/junk" "$tmp/junk.csv"
refused "junk.csv" "$model" --inputs "$tmp/junk.csv"

# The page in a browser: drawn, as wide as the window, the verdict to be read, in the light and in the dark.
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ]; then
    skip "the page in a browser: no chromium"
else
    for scheme in light dark; do
        blink=preferredColorScheme=$([ $scheme = dark ] && echo 0 || echo 1)
        timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$tmp/profile" \
            --blink-settings="$blink" --window-size=900,1400 --screenshot="$tmp/$scheme.png" "file://$tmp/page.html" \
            > /dev/null 2> "$tmp/browser.txt" || fail "the browser: $(tail -3 "$tmp/browser.txt")"
        check "a picture of the $scheme page" [ "$(stat -c %s "$tmp/$scheme.png")" -gt 20000 ]
    done
    check "what keyboards and screen readers need" /usr/bin/python3 "$root/tests/end-to-end/page.py" "$tmp/page.html"
    check "two schemes" bash -c '! cmp -s "$1" "$2"' _ "$tmp/light.png" "$tmp/dark.png"
fi
finish
