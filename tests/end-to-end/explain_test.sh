#!/usr/bin/env bash
# `limpid explain`: builds in the form of the NPU's compiler, made here from layout rules and known sizes.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"

# A network of five layers: 3x3 convolution, depthwise in blocks of 2, deep 1x1, dense of 600 outputs with row vectors, and a
# sigmoid. Every parameter starts at a multiple of 16, larger ones first, as the compiler places them.
cat >make.py <<'PY'
import json, random, struct, sys
random.seed(3)
form, folder = sys.argv[1], sys.argv[2]
rnd = lambda n: bytes(random.choice([v for v in range(1, 256)]) for _ in range(n))
def diagonal(channels, taps, block):
    out = bytearray()
    for k in range(channels):
        for t in range(taps):
            line = bytearray(block)
            line[k % block] = random.randrange(1, 256)
            out += line
    return bytes(out)
# name, shape, bytes, stored bytes, reader
P = [("Gemm_40_weights_transposed_3", [600, 8, 1, 1], rnd(4800), 4800, "Conv"),
     ("Gemm_40_conv_4_mul_scale_9", [600, 1, 1], rnd(2400), 2400, "Mul"),
     ("Gemm_40_conv_4_off_bias_12", [600, 1, 1], rnd(4800), 4800, "Add"),
     ("Conv2D_20_weights", [64, 40, 1, 1], rnd(2560), 2560 + 4 * 2, "Conv"),
     ("Conv2D_3_weights", [16, 8, 3, 3], rnd(1152), 1152, "Conv"),
     ("Conv2D_12_weights_inflated_66" if form != "bytes" else "Conv2D_12_weights", [16, 2, 3, 3], diagonal(16, 9, 2), 288, "Conv"),
     ("Conv2D_3_off_bias_5", [16, 1, 1], rnd(64), 64, "Add"),
     ("Conv2D_12_off_bias_15", [16, 1, 1], rnd(64), 64, "Add"),
     ("Conv2D_20_off_bias_23", [1], rnd(2), 2, "Add"),
     ("Conv2D_3_mul_scale_8", [16, 1, 1], rnd(32), 32, "Mul"),
     ("Conv2D_12_mul_scale_18", [16, 1, 1], rnd(32), 32, "Mul"),
     ("Conv2D_20_zero_off_30", [1], rnd(1), 1, "Add"),
     ("Quantize_50_q", [1], rnd(4), 4, "QuantizeLinear")]
if form == "strange":
    P.append(("Whatever_60_x", [7], rnd(7), 7, "Hardmax"))
BASE, end, blob, places = 0x71000000, 0, bytearray(), []
for name, shape, data, stored, reader in P:
    start = (end + 15) // 16 * 16
    blob += bytes(start - len(blob)) + data + bytes(stored - len(data))
    places.append(start)
    end = start + stored
buffers, nodes, edges = [], [], []
for i, ((name, shape, data, stored, reader), start) in enumerate(zip(P, places)):
    buffers.append({"id": i + 1, "name": name, "mpool_id": 9, "offset_start": start, "size_bytes": len(data), "is_param": True,
                    "shape": shape, "nbits": 8, "format": "STAI_FORMAT_S8"})
    nodes.append({"id": 100 + i, "description": "Node kind=" + reader})
    edges.append({"buffer": i + 1, "end": {"node_id": 100 + i}})
buffers.append({"id": 99, "name": "Input_0_out_0", "mpool_id": 5, "offset_start": 0, "size_bytes": 10, "is_param": False, "shape": [1, 10]})
info = {"environment": {"tools": [{"name": "ATONN Compiler", "version": "1.1.3-262"}, {"name": "ST.EdgeAI.Core", "version": "4.0.0"}]},
        "buffers": buffers, "graphs": [{"nodes": [{"id": 1, "subgraph_nodes": nodes}], "edges": edges}],
        "memory_pools": [{"id": 5, "name": "cpuRAM2", "fname": "atonbuf.AXISRAM2.raw", "address": "873463808", "size_bytes": 1048576,
                          "used_size_bytes": 10, "subpools": []},
                         {"id": 9, "name": "octoFlash", "fname": "atonbuf.xSPI2.raw", "address": str(BASE), "size_bytes": 1 << 26,
                          "used_size_bytes": end, "subpools": []}],
        "memory_footprint": {"weights": end, "activations": 10}}
source = ["/* index=9 file postfix=xSPI2 name=octoFlash offset=0x71000000  absolute_mode size=67108864 READ_ONLY */",
          "#if LL_ATON_VERSION_MAJOR != 1 || LL_ATON_VERSION_MINOR != 1 || LL_ATON_VERSION_MICRO != 1 || LL_ATON_VERSION_DEV != 14", "#endif",
          "  static const LL_Convacc_InitTypeDef Conv2D_20_init4 = {\n    .simd = 1,\n    .deepmode = 1,\n    .nKernels = 16,\n    .batchDepth = 40,\n    .shift_o = 3,\n  };",
          "const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_Default(void) { return 0; }"]
for i, (name, shape, data, stored, reader) in enumerate(P):
    source.append("  static const uint32_t shape_%d[] = { %s };" % (i, ", ".join(map(str, shape))))
source.append("  static const LL_Buffer_InfoTypeDef buff_info[] = {")
for i, ((name, shape, data, stored, reader), start) in enumerate(zip(P, places)):
    source.append('    {\n      .name = "%s",\n      .addr_base = {(unsigned char *)(0x71000000UL) /* Equivalent hex address = 0x71000000UL */},\n'
                  "      .offset_start = %d,\n      .offset_end = %d,\n      .is_param = 1,\n      .mem_shape = shape_%d,\n    }," % (name, start, start + len(data), i))
source.append("    {\n      .name = NULL,\n    }\n  };")
if form in ("info", "strange", "bytes"):
    json.dump(info, open(folder + "/network_c_info.json", "w"))
else:
    open(folder + "/network.c", "w").write("\n".join(source) + "\n")
if form in ("bytes", "source"):
    open(folder + "/network_atonbuf.xSPI2.raw", "wb").write(blob)
open(folder + "/network_generate_report.txt", "w").write("ST Edge AI Core v4.0.0-1 abc\nCompiler version: 1.1.3-262\n"
    "Total:      %d  B       -- weights:  %d  B    activations:   10  B\n>> pure software (SW) epochs   1\n"
    ">> hybrid epochs (using both software and hardware)   0\n>> pure hardware (HW or EC) epochs  5  (implemented in 0 epoch controller blobs/meta epochs)\n" % (end, end))
print(end)
PY

make() # form
{
    mkdir -p "$1"
    /usr/bin/python3 make.py "$1" "$1"
}

value() # python expression on d: prints it
{
    /usr/bin/python3 -c 'import json,sys; d=json.load(open("out"))["build"]; c={r["cause"]:r["bytes"] for r in d["ledger"]}; print(eval(sys.argv[1]))' "$1"
}

# The sums by hand: weights 4800+2560+1152+144, biases 600*4+64+64; dense vectors of 600 channels come twice.
causes_are_right() # folder, total
{
    check "total of $1" [ "$(value 'd["bytes"]')" = "$2" ]
    check "all explained in $1" [ "$(value 'd["unexplained_bytes"]')" = 0 ]
    check "sum of $1" [ "$(value 'sum(c.values())')" = "$2" ]
    check "weights and biases of $1" [ "$(value 'c["model-constants"]')" = $((4800 + 2560 + 1152 + 144 + 2400 + 64 + 64)) ]
    check "zeros in blocks of $1" [ "$(value 'c["depthwise-block-diagonal"]')" = 144 ]
    check "scales of $1" [ "$(value 'c["scale-vectors"]')" = $((1200 + 32 + 32)) ]
    check "rows of $1" [ "$(value 'c["row-vectors"]')" = $((1200 + 2400)) ]
    check "zero points of $1" [ "$(value 'c["zero-point-terms"]')" = 3 ]
    check "frames of $1" [ "$(value 'c["frame-padding"]')" = 8 ]
    check "block of $1" [ "$(value '[l["block"] for l in d["layers"] if l["name"] == "Conv2D_12"][0]')" = 2 ]
    check "gaps of $1" [ "$(value 'c["alignment"] + c["io"]')" = "$(value 'd["bytes"] - sum(v for k, v in c.items() if k not in ("alignment", "io"))')" ]
}

every_source_of_facts_gives_the_same_ledger()
{
    local form total
    for form in info bytes source; do
        total=$(make "$form")
        fine "$limpid" explain "$form" --json
        causes_are_right "$form" "$total"
    done
    fine "$limpid" explain source
    check "version of the source" grep -q 'NPU compiler 1.1.1-14' out
    check "epochs" grep -q '^5 epochs in hardware, 1 in software' out
    check "table" grep -Eq 'depthwise-block-diagonal +144 ' out
}

what_is_not_understood_is_said()
{
    make strange >/dev/null
    observe "$limpid" explain strange --json
    check "status" [ "$status" = 1 ]
    check "bytes" [ "$(value 'd["unexplained_bytes"]')" = 7 ]
    /usr/bin/python3 -c 'import json; d=json.load(open("info/network_c_info.json")); d["novelty"]=1; json.dump(d, open("info/network_c_info.json","w"))'
    observe "$limpid" explain info
    check "a new member is said" grep -q "'novelty' is not known" err
}

bad_builds_are_refused()
{
    mkdir -p empty damaged
    refused 'lists the parameters of a network' explain empty
    refused "can't be read" explain not-there
    head -c 300 info/network_c_info.json >damaged/network_c_info.json
    refused 'damaged/network_c_info.json, line' explain damaged
    echo '{"memory_pools": [], "buffers": 3}' >damaged/network_c_info.json
    refused "'buffers' must be an array" explain damaged
    /usr/bin/python3 -c 'import json; d=json.load(open("bytes/network_c_info.json")); d["buffers"][1]["offset_start"]=4000; json.dump(d, open("damaged/network_c_info.json","w"))'
    refused 'overlap' explain damaged
    head -c 3000 source/network.c >damaged/network.c
    rm damaged/network_c_info.json
    refused 'is the file whole' explain damaged
}

# The kernels of a model as such a build would hold them; 5 + 5 of the model's filters are dead (its own README says which).
dead_filters_of_the_model_are_named()
{
    local model=$root/tests/vectors/models/net_dead_channels.tflite
    mkdir -p model
    /usr/bin/python3 - <<'PY'
import json
shapes = [(3, 16, 8, 1, 1), (6, 16, 1, 3, 3), (9, 8, 16, 1, 1)]
buffers, at = [], 0
for number, *shape in shapes:
    size = shape[0] * shape[1] * shape[2] * shape[3]
    buffers.append({"id": number, "name": "Conv2D_%d_weights" % number, "mpool_id": 9, "offset_start": at, "size_bytes": size, "is_param": True, "shape": shape})
    at = (at + size + 15) // 16 * 16
json.dump({"buffers": buffers, "graphs": [], "memory_pools": [{"id": 9, "name": "octoFlash", "fname": "atonbuf.xSPI2.raw", "address": "1895825408",
          "size_bytes": 1 << 26, "subpools": []}]}, open("model/network_c_info.json", "w"))
PY
    fine "$limpid" explain model "$model" --json
    check "every layer is found" [ "$(value '[l["operator"] for l in d["layers"]]')" = "[0, 1, 2]" ]
    check "dead filters" [ "$(value '[l["dead_filters"] for l in d["layers"]]')" = "[5, 5, 0]" ]
    check "their bytes" [ "$(value 'sum(l["dead_constants_bytes"] for l in d["layers"])')" = 165 ]
    fine "$limpid" explain model "$model"
    check "in words" grep -q '^10 of 40 filters can be changed by no input' out
    check "nothing saturates" grep -q "^No layer saturates by this compiler's shift rule" out
    # What limpid would store is what analyze says.
    fine "$limpid" explain model "$model" --json
    cp out explained.json
    fine "$limpid" analyze "$model" --target stm32n6 --json
    check "what limpid would store" [ "$(json_value explained.json 'j["build"]["limpid_instead"]["weights_bytes"]')" = "$(json_value out 'j["targets"][0]["weights_bytes"]')" ]
    json_holds explained.json "sum(c['bytes'] for c in j['build']['limpid_instead']['ledger']) == j['build']['limpid_instead']['weights_bytes']"
}

# One layer of 32 inputs whose weights balance: the net sum says nothing about the largest sum.
layers_that_saturate_are_named()
{
    mkdir -p balanced
    /usr/bin/python3 - <<'PY'
import json
json.dump({"buffers": [{"id": 1, "name": "Gemm_4_weights_transposed_3", "mpool_id": 9, "offset_start": 0, "size_bytes": 128, "is_param": True, "shape": [4, 32, 1, 1]}],
           "graphs": [], "memory_pools": [{"id": 9, "name": "octoFlash", "fname": "atonbuf.xSPI2.raw", "address": "1895825408", "size_bytes": 1 << 26, "subpools": []}]},
          open("balanced/network_c_info.json", "w"))
PY
    fine "$limpid" explain balanced "$root/models/balanced.tflite" --json
    json_holds out "j['build']['layers'][0]['saturation']['shift_by_rule'] < j['build']['layers'][0]['saturation']['shift_that_cannot_saturate']"
    fine "$limpid" explain balanced "$root/models/balanced.tflite"
    check "named" grep -Eq '^  Gemm_4 +[0-9]+ +not said +[0-9]+ +[0-9]+ of 16$' out
    # A report with less than the kernels of the living channels is a contradiction.
    printf "ST Edge AI Core v4.0.0-1 abc\nTotal:      128  B       -- weights:  128  B    activations:   10  B\n" >balanced/network_generate_report.txt
    fine "$limpid" explain balanced "$root/models/balanced.tflite"
    sed -i 's/128/127/g' balanced/network_generate_report.txt
    refused 'contradiction: this build reports 127 bytes of weights' explain balanced "$root/models/balanced.tflite"
    rm balanced/network_generate_report.txt
    # A layer of another shape.
    sed -i 's/"size_bytes": 128/"size_bytes": 100/; s/\[4, 32, 1, 1\]/[4, 25, 1, 1]/' balanced/network_c_info.json
    observe "$limpid" explain balanced "$root/models/balanced.tflite"
    check "another model's layer is not taken for one of this" grep -q "^0 of the model's 1 layers" out
    check "nothing is said of it" grep -q 'is this the model of the build' out
    check "nor of saturation" bash -c '! grep -q "saturates" out'
}

every_source_of_facts_gives_the_same_ledger
what_is_not_understood_is_said
bad_builds_are_refused
dead_filters_of_the_model_are_named
layers_that_saturate_are_named
finish
