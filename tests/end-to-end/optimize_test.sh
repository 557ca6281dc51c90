#!/usr/bin/env bash
# `limpid optimize`: what it writes gives the recorded outputs in both roundings, and others can read it: flatc, which walks
# through every byte, and LiteRT's build for the web.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
vectors=$root/tests/vectors
litert=${LITERT:-$(readlink -m "${BUILD_DIR:-$root/build}")/litert}

# Every model that can be compiled, written without dead channels and as it is.
write_all()
{
    local model name
    for model in "$vectors"/models/*.tflite; do
        name=$(basename "$model" .tflite)
        observe "$limpid" analyze "$model"
        [ "$status" = 0 ] || continue
        fine "$limpid" optimize "$model" -o "$name.small.tflite"
        fine "$limpid" optimize --keep-dead "$model" -o "$name.same.tflite"
    done
    [ "$(find . -name '*.small.tflite' | wc -l)" -ge 60 ] || fail "too few models"
}

outputs_stay()
{
    local name v rounding kind
    for name in net_dead_channels net_conv_dead_all_bias net_inverted_residual net_conv1d_gap_dense op_pad_hw; do
        for v in 0 1 2 3; do
            for rounding in single double; do
                for kind in small same; do
                    fine "$limpid" run "$name.$kind.tflite" --rounding $rounding --input "$vectors/golden/$name/v$v.in0.bin" --output out.bin
                    check "$name, vector $v, $rounding" cmp out.bin "$vectors/golden/$name/v$v.out0.$rounding.bin"
                done
            done
        done
    done
}

# What was written is as small as it gets, and as regular as the first time.
second_time_changes_nothing()
{
    local name
    for name in net_dead_channels net_inverted_residual; do
        fine "$limpid" optimize "$name.small.tflite" -o again.tflite
        check "$name again" cmp again.tflite "$name.small.tflite"
        fine "$limpid" optimize --keep-dead "$name.same.tflite" -o again.tflite
        check "$name as it is again" cmp again.tflite "$name.same.tflite"
    done
    # Where nothing is dead, not a byte changes.
    check "no dead channels" cmp op_conv2d_1x1.small.tflite "$vectors/models/op_conv2d_1x1.tflite"
}

# Names by which others call the model, and what its user keeps in it, stay with the right tensors.
signatures_stay()
{
    local name
    for name in net_dead_channels net_inverted_residual net_conv1d_gap_dense; do
        check "signing $name" python3 "$root/tests/support/signed_model.py" sign "$vectors/models/$name.tflite" "$name.signed.tflite"
        check "what $name says" python3 "$root/tests/support/signed_model.py" show "$name.signed.tflite" >said.json
        json_holds said.json "j['signatures'][0]['key'] == 'classify' and len(j['signatures'][0]['inputs']) == 1"
        json_holds said.json "j['metadata'] == {'note': 'what a user keeps beside the model'}"
        fine "$limpid" optimize "$name.signed.tflite" -o "$name.signed.small.tflite"
        fine "$limpid" optimize --keep-dead "$name.signed.tflite" -o "$name.signed.same.tflite"
        for kind in small same; do
            check "what $name.$kind says" python3 "$root/tests/support/signed_model.py" show "$name.signed.$kind.tflite" >says.json
            check "$name.$kind says the same" cmp says.json said.json
        done
    done
    [ "$(stat -c %s net_dead_channels.signed.small.tflite)" -lt "$(stat -c %s net_dead_channels.signed.tflite)" ] ||
        fail "nothing was removed from the signed model"
}

analyze_tells()
{
    fine "$limpid" analyze --json "$vectors/models/net_dead_channels.tflite"
    cp out analyze.json
    json_holds analyze.json "sum(l['dead'] for l in j['targets'][0]['dead_channels']) == 10"
    json_holds analyze.json "all(l['dead'] == sum(l['reasons'].values()) for l in j['targets'][0]['dead_channels'])"
    json_holds analyze.json "dict((c['cause'], c['bytes']) for c in j['targets'][0]['ledger'])['dead-channels'] < 0"
    json_holds analyze.json "sum(c['bytes'] for c in j['targets'][0]['ledger']) == j['targets'][0]['weights_bytes']"
    json_holds analyze.json "dict((c['cause'], c['bytes']) for c in j['targets'][0]['ledger'])['model-constants'] == j['model']['constants_bytes']"
    fine "$limpid" analyze --json --keep-dead "$vectors/models/net_dead_channels.tflite"
    cp out kept.json
    json_holds kept.json "not any(c['cause'] == 'dead-channels' for c in j['targets'][0]['ledger'])"
    observe "$limpid" analyze --json --input-range=-5,-5 "$vectors/models/op_conv2d_1x1.tflite"
    cp out narrow.json
    json_holds narrow.json "j['targets'][0]['input_range_declared']"
    json_holds narrow.json "len(j['targets'][0]['reachable_outputs'][0]['constant']) == j['model']['outputs'][0]['shape'][-1]"
    grep -q 'holds only for inputs within it' err || fail "nothing is said about the declared range"
}

refusals()
{
    refused 'is missing: where to write' optimize "$vectors/models/op_add_same.tflite"
    refused 'unrecognized option' optimize --input-range=0,1 "$vectors/models/op_add_same.tflite" -o x.tflite
    refused 'the smaller one first' analyze --input-range=5,1 "$vectors/models/op_add_same.tflite"
    refused 'int8 allows -128 to 127' analyze --input-range=0,128 "$vectors/models/op_conv2d_1x1.tflite"
    refused 'input ranges are declared' analyze --input-range=0,1 --input-range=0,1 "$vectors/models/op_conv2d_1x1.tflite"
    printf 'low,high\n0,1\n2,3\n' >two.csv
    refused 'channels, 2 ranges are declared' analyze --input-range=two.csv "$vectors/models/op_conv2d_1x1.tflite"
}

flatc_walks_through()
{
    local file
    command -v flatc >/dev/null || { skip "flatc: install flatbuffers-compiler"; return; }
    check "schema" flatc -b --schema "$root/tests/support/tflite.fbs"
    for file in *.small.tflite *.same.tflite; do
        # Where nothing is dead, the file is somebody else's.
        cmp -s "$file" "$vectors/models/${file%.small.tflite}.tflite" && continue
        check "flatc on $file" flatc --annotate tflite.bfbs -- "$file" >flatc.out
        grep -q 'root_table (tflite.Model)' "${file%.tflite}.afb" || fail "flatc did not find the model in $file"
        ! grep -a -m1 ERROR "${file%.tflite}.afb" || fail "flatc finds an error in $file"
    done
}

litert_agrees()
{
    [ -d "$litert/node_modules/@litertjs/core" ] || { skip "LiteRT: npm install --prefix $litert @litertjs/core"; return; }
    check "LiteRT" node "$root/tests/support/litert.mjs" "$litert" "$vectors/golden/index.json" "$vectors" .
    local golden=$vectors/golden/net_dead_channels
    check "LiteRT by names" node "$root/tests/support/litert_signature.mjs" "$litert" net_dead_channels.signed.small.tflite \
        "$golden/v1.in0.bin" named.bin
    check "outputs by names" cmp named.bin "$golden/v1.out0.single.bin"
}

write_all
outputs_stay
second_time_changes_nothing
signatures_stay
analyze_tells
refusals
flatc_walks_through
litert_agrees
finish
