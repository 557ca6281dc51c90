#!/usr/bin/env bash
# `limpid explain` on builds whose truth is known: vendor_build.py lays a model out in the storage forms that are published, the
# account of the build must name at least 99 of 100 bytes, and each layer's causes as they were put there.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1

# model, seed, option...
build()
{
    rm -rf build
    /usr/bin/python3 "$root/tests/end-to-end/vendor_build.py" "$1" build "${@:2}" >truth.json || fail "no build of $*"
}

explained() # as above
{
    build "$@"
    observe "$limpid" explain build "$1" --json
    [ "$status" -le 1 ] || fail "$*: exit status $status: $(cat err)"
    check "$*" /usr/bin/python3 "$root/tests/end-to-end/vendor_compare.py" truth.json out
}

every_form_is_explained() # seed, model...
{
    local seed=$1 model
    for model in "${@:2}"; do
        explained "$model" "$seed"
        explained "$model" "$seed" two-stage shuffled copies
        explained "$model" "$seed" fused pools copies
        explained "$model" "$seed" program
        explained "$model" "$seed" source listed pools shuffled
        explained "$model" "$seed" info slices copies
    done
}

# More than four kernels: that all parameters start at multiples of 32 can't be chance.
wider_alignment_is_seen() # model
{
    explained "$1" 5 align=32 shuffled
    explained "$1" 6 align=64 two-stage
    explained "$1" 7 align=32 info
}

# What is no parameter of this model is not explained, wherever it stands.
other_bytes_are_not_explained()
{
    local model=$1 image=build/network_atonbuf.xSPI2.raw words
    words=$(head -c 1000 "$root/README.md")
    build "$model" 3
    printf '%s' "$words" >>$image
    observe "$limpid" explain build "$model" --json
    check "status" [ "$status" = 1 ]
    json_holds out "j['build']['unexplained_bytes'] >= $(printf '%s' "$words" | wc -c)"
    printf '%s' "${words:0:160}" | head -c 160 | cat - $image >shifted
    mv shifted $image
    observe "$limpid" explain build "$model" --json
    json_holds out "j['build']['unexplained_bytes'] >= 1160"
    refused 'with the model as second argument' explain build
    # A list of parameters hides nothing that stands behind or between them.
    build "$model" 3 info
    printf '%s' "$words" >>$image
    observe "$limpid" explain build "$model" --json
    check "status" [ "$status" = 1 ]
    json_holds out "j['build']['unexplained_bytes'] >= 1000 - 16"
    # One byte of a gap.
    build "$model" 3 info
    /usr/bin/python3 - $image <<'PY'
import json, sys
buffers = sorted((b["offset_start"] + b["size_bytes"], b["offset_start"]) for b in json.load(open("build/network_c_info.json"))["buffers"])
image = bytearray(open(sys.argv[1], "rb").read())
end = next(a for (a, _), (_, b) in zip(buffers, buffers[1:]) if b > a)
image[end] = 77
open(sys.argv[1], "wb").write(image)
PY
    observe "$limpid" explain build "$model" --json
    check "a byte in a gap" [ "$status" = 1 ]
}

# A kernel of which one weight differs is another model's.
changed_kernels_are_not_explained()
{
    build "$1" 4
    /usr/bin/python3 - build/network_atonbuf.xSPI2.raw <<'PY'
import sys
image = bytearray(open(sys.argv[1], "rb").read())
image[100] ^= 64
open(sys.argv[1], "wb").write(image)
PY
    observe "$limpid" explain build "$1" --json
    check "status" [ "$status" = 1 ]
    json_holds out "j['build']['unexplained_bytes'] >= 256"
}

# Versions and members that nobody knows are said, and change nothing.
unknown_versions_are_reported()
{
    build "$1" 8 info version=9.9.9-1
    /usr/bin/python3 - <<'PY'
import json
info = json.load(open("build/network_c_info.json"))
info["novelty"] = {"a": [1]}
info["buffers"].append({"id": 999, "name": "Whatever_77_x", "mpool_id": 0, "offset_start": 1 << 20, "size_bytes": 7, "is_param": True, "shape": [7]})
json.dump(info, open("build/network_c_info.json", "w"))
PY
    observe "$limpid" explain build "$1"
    check "status" [ "$status" = 1 ]
    check "the member is said" grep -q "'novelty' is not known" err
    check "the version is said" grep -q 'versions 1.1.0 to 1.1.3 are known' err
    check "its version" grep -q 'NPU compiler 9.9.9-1' out
}

# Names, sizes and order of dimensions that this compiler itself wrote, the bytes of its image.
captured_names_are_understood() # folder of a capture
{
    local dimensions
    for dimensions in shape mem_shape; do
        rm -rf build
        mkdir build
        /usr/bin/python3 - "$1" $dimensions <<'PY'
import json, shutil, sys
program = json.load(open(sys.argv[1] + "/program.json"))
image = program["images"][0]
shutil.copyfile(sys.argv[1] + "/" + image["file"], "build/network_atonbuf.flash.raw")
buffers = [{"id": i, "name": p["name"], "mpool_id": 1, "offset_start": p["address"] - image["base"], "size_bytes": p["bytes"], "is_param": True,
            "shape": p[sys.argv[2]]} for i, p in enumerate(program["parameters"])]
json.dump({"buffers": buffers, "graphs": [], "memory_pools": [{"id": 1, "name": "flash", "fname": "atonbuf.flash.raw", "address": str(image["base"]),
           "size_bytes": 1 << 24}]}, open("build/network_c_info.json", "w"))
PY
        fine "$limpid" explain build --json
        # Of 128, 64 and 32 channels: factors of 2 bytes. 32 + 64 + 128 kernels of 9 taps in blocks of two.
        json_holds out "{c['cause']: c['bytes'] for c in j['build']['ledger']}['scale-vectors'] == 2208"
        json_holds out "{c['cause']: c['bytes'] for c in j['build']['ledger']}['depthwise-block-diagonal'] == 9 * (32 + 64 + 128)"
        json_holds out "{l['name']: l['block'] for l in j['build']['layers'] if l['block'] != 1} == {'Conv2D_12': 2, 'Conv2D_39': 2, 'Conv2D_66': 2}"
    done
    # The place of activations behind the parameters is no constant.
    head -c 4096 /dev/zero >>build/network_atonbuf.flash.raw
    fine "$limpid" explain build --json
    json_holds out "j['build']['bytes'] == 57505"
}

nets=("$root"/tests/vectors/models/net_*.tflite)
every_form_is_explained 1 "${nets[@]}"
every_form_is_explained 2 "${nets[@]}"
other_bytes_are_not_explained "$root/tests/vectors/models/net_inverted_residual.tflite"
changed_kernels_are_not_explained "$root/tests/vectors/models/net_inverted_residual.tflite"
unknown_versions_are_reported "$root/tests/vectors/models/net_inverted_residual.tflite"
if [ -d "$root/../shared/models" ]; then
    every_form_is_explained 3 "$root"/../shared/models/{vww_96_int8,ad01_int8,kws_ref_model,pretrainedResnet_quant}.tflite
    wider_alignment_is_seen "$root/../shared/models/vww_96_int8.tflite"
    captured_names_are_understood "$root/../shared/captures/cnn_small"
else
    skip "the MLPerf Tiny models and a captured program: not beside the source"
fi
finish
