#!/usr/bin/env bash
# A folder that was generated, checked against its own account: every byte that is appended, removed or changed is found, and
# the place is named. On every model and target the causes are the size of the files.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite

# folder: one after the other, each of its files is changed in every way, and put back
every_file_counts()
{
    fine "$limpid" analyze --check "$1"
    /usr/bin/python3 - "$limpid" "$1" <<'PY' || fail "a change in $1 was not found"
import os, subprocess, sys
limpid, folder = sys.argv[1:]
names = sorted(os.path.relpath(os.path.join(where, name), folder) for where, _, files in os.walk(folder) for name in files)
assert len(names) > 20
for name in names:
    path = os.path.join(folder, name)
    data = open(path, "rb").read()
    middle = len(data) // 2
    changes = {"a byte appended to": data + b" ", "a byte removed from": data[:-1], "the first byte removed from": data[1:],
               "a byte put into": data[:middle] + b"\n" + data[middle:],
               "a byte changed in": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:], "removed": None}
    for what, changed in changes.items():
        if changed is not None:
            open(path, "wb").write(changed)
        elif name == "report.json":
            continue
        else:
            os.remove(path)
        p = subprocess.run([limpid, "analyze", "--check", folder], capture_output=True, text=True)
        if p.returncode not in (1, 2) or name not in p.stdout + p.stderr:
            sys.exit("%s %s: exit status %d: %s" % (what, name, p.returncode, p.stdout + p.stderr))
    open(path, "wb").write(data)
PY
    fine "$limpid" analyze --check "$1"
}

# Wherever a byte of the report changes, it is no longer the report that was written.
every_byte_of_the_report_counts()
{
    /usr/bin/python3 - "$limpid" "$1" <<'PY' || fail "a change of the report was not found"
import subprocess, sys
limpid, folder = sys.argv[1:]
path = folder + "/report.json"
data = open(path, "rb").read()
for at in range(0, len(data), max(1, len(data) // 150)):
    changed = bytearray(data)
    changed[at] = ord("7") if changed[at] != ord("7") else ord("3")
    open(path, "wb").write(changed)
    p = subprocess.run([limpid, "analyze", "--check", folder], capture_output=True)
    if p.returncode not in (1, 2) or b"report.json" not in p.stdout + p.stderr:
        sys.exit("byte %d: exit status %d, %s" % (at, p.returncode, p.stdout + p.stderr))
open(path, "wb").write(data)
PY
    fine "$limpid" analyze --check "$1"
}

# The place: lines of a text, the constant with its operator and cause in either kind of file.
places_are_named()
{
    sed -i '0,/51, -21/s//52, -21/' m55/sensor_weights.c
    observe "$limpid" analyze --check m55
    check "the lines" grep -Eq '^sensor_weights.c: the first difference lies in bytes 0 to 511 \(lines 1 to ' out
    check "the constant" grep -Fq "sensor_weights.c: 'packed_1' (model-constants of operator 1), 486 bytes from byte 0 of the weights on, is not what was written" out
    sed -i '0,/52, -21/s//51, 3, -21/' m55/sensor_weights.c
    observe "$limpid" analyze --check m55
    check "one constant too many" grep -Eq "^sensor_weights.c, line [0-9]+: no member 'packed_1' with 486 constants stands here" out
    sed -i '0,/51, 3, -21/s//51, -21/' m55/sensor_weights.c
    fine "$limpid" analyze --check m55
    printf '\x55' | dd of=npu/sensor.octoFlash.bin bs=1 seek=410 conv=notrunc 2>dd.txt
    observe "$limpid" analyze --check npu --json
    json_holds out "any(f.startswith('sensor.octoFlash.bin: \'factor_1\' (scale-vectors of operator 1)') for f in j['check']['findings'])"
    printf 'abc' >>npu/sensor.octoFlash.bin
    observe "$limpid" analyze --check npu
    check "bytes without a cause" grep -q '^sensor.octoFlash.bin has 519 bytes, the causes of its constants explain 516' out
}

what_is_no_such_folder_is_refused()
{
    mkdir -p empty
    refused 'has no report.json' analyze --check empty
    refused "can't be read" analyze --check missing
    refused 'takes a folder and no model' analyze "$model" --check m55
    "$limpid" analyze "$model" --json >empty/report.json
    refused 'does not list files' analyze --check empty
    # A report of somebody else's must not read what lies outside.
    /usr/bin/python3 -c 'import json; j = json.load(open("m55/report.json")); j["files"][0]["file"] = "../m55/sensor.c"; json.dump(j, open("empty/report.json", "w"))'
    observe "$limpid" analyze --check empty
    check "a name outside" grep -q "outside of the folder: '../m55/sensor.c'" out
}

# Size of the images on disk, and of the structure that the compiler lays out (its assertion), for every model and target.
on_every_model() # targets, models...
{
    local targets=$1 file target taken=0
    shift
    for file in "$@"; do
        for target in $targets; do
            rm -rf every
            observe "$limpid" generate "$file" --target "$target" -o every --name net
            [ "$status" != 2 ] || continue
            [ "$status" = 0 ] || fail "exit status $status: generate $file for $target"
            weights=$(sed -n 's/^weights \([0-9]*\) bytes.*/\1/p' out)
            observe "$limpid" analyze --check every
            [ "$status" = 0 ] || fail "$file for $target: $(cat out err)"
            taken=$((taken + 1))
            if [ "$target" = stm32n6 ]; then
                check "images of $file" [ "$(cat every/net.*.bin 2>/dev/null | wc -c)" = "$weights" ]
            fi
        done
    done
    check "most of $# models can be compiled" [ "$taken" -ge $(($# * 3 / 4)) ]
}

"$limpid" generate "$model" --target cortex-m55 -o m55 >/dev/null
"$limpid" generate "$model" --target stm32n6 -o npu >/dev/null
"$limpid" generate "$root/tests/vectors/models/net_inverted_residual.tflite" --target stm32n6 --epoch-controller --hex -o npu2 >/dev/null
every_file_counts m55
every_file_counts npu
every_file_counts npu2
every_byte_of_the_report_counts m55
every_byte_of_the_report_counts npu
places_are_named
what_is_no_such_folder_is_refused
on_every_model "cortex-m55 stm32n6" "$root"/tests/vectors/models/*.tflite
on_every_model "host cortex-m4 cortex-m0plus" "$model" "$root"/tests/vectors/models/net_*.tflite
# A second network in the folder: the report of the first one is checked, too.
"$limpid" generate "$model" --target cortex-m55 -o two --name one >/dev/null
"$limpid" generate "$model" --target cortex-m55 -o two --name other >/dev/null
fine "$limpid" analyze --check m55
files=$(sed -n 's/^\([0-9]*\) files.*/\1/p' out)
check "files are counted" test "${files:-0}" -gt 20
fine "$limpid" analyze --check two
check "both" grep -q "^$((2 * files)) files" out
echo >>two/one.c
observe "$limpid" analyze --check two
check "a line more" grep -q '^one.c, 1 bytes longer than written' out
if [ -d "$root/../shared/models" ]; then
    on_every_model "host cortex-m55 stm32n6" "$root"/../shared/models/[ahkpv]*.tflite
else
    skip "models beside the project: there are none"
fi
finish
