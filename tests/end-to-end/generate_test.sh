#!/usr/bin/env bash
# What `limpid generate` leaves behind: the same bytes from everywhere, C that compiles alone under every compiler, a report
# whose numbers are those of the compiled objects.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
vectors=$root/tests/vectors

# One model for every kernel, and one with several operators that meet.
models=(net_inverted_residual op_add_bcast_hw op_avgpool_3x3_s2_same op_conv2d_ties op_dequantize_int8 op_dwconv2d_3x3_m2
    op_fc_per_channel op_maxpool_3x1_s2_same op_mean_axis1_3d op_pad_channels op_quantize_float_int8 op_quantize_uint8_int8
    op_relu6 op_reshape_flatten op_softmax_beta)

generate() # model file, target, folder, further options...
{
    local file=$1 target=$2 folder=$3
    shift 3
    fine "$limpid" generate "$file" --target "$target" -o "$folder" "$@"
}

same_bytes_from_everywhere()
{
    local target
    for target in host cortex-m55 cortex-m4 cortex-m0plus; do
        mkdir -p "elsewhere/$target/deep"
        generate "$model" "$target" "here/$target"
        cp "$model" "elsewhere/$target/deep/sensor.tflite"
        (
            cd "elsewhere/$target/deep" || exit
            umask 077
            LC_ALL=C.UTF-8 TZ=Asia/Tokyo "$limpid" generate sensor.tflite --target "$target" -o ../out >/dev/null
        )
        check "$target: two runs give the same bytes" diff -r "here/$target" "elsewhere/$target/out"
        check "$target: a run over old results changes nothing" "$limpid" generate "$model" --target "$target" -o "elsewhere/$target/out" >/dev/null
        check "$target: and leaves nothing behind" diff -r "here/$target" "elsewhere/$target/out"
        if grep -rlF -e "$root" -e "$work" -e "$(date +%Y)" "here/$target"; then
            fail "$target: a generated file above names a folder or a date of this machine"
        fi
    done
    generate "$model" host double --rounding double
    observe diff -rq here/host double
    check "the rounding makes a difference" [ "$status" = 1 ]
    generate "$model" host kept --keep-inputs
    check "--keep-inputs is in the report of what made the file" grep -q -- '--keep-inputs' kept/sensor.c
}

# compiler, folder, flags...: every file of every NAME.sources and every example, each once, with the folder alone
compile_folder()
{
    local compiler=$1 folder=$2 file
    shift 2
    mkdir -p "$folder/objects"
    sort -u "$folder"/*.sources >all.sources
    (cd "$folder" && ls ./*_example.c) >>all.sources
    while read -r file; do
        (cd "$folder" && "$compiler" "$@" "${emitted_flags[@]}" -Os -I. -c "$file" -o "objects/$(basename "$file" .c).$compiler.o") ||
            fail "$compiler does not accept $folder/$file"
        checks=$((checks + 1))
    done <all.sources
}

# compiler, nm of its tools, folder: the networks ask for nothing but memory functions and what comes with the compiler
needs_nothing() # nm, objects...
{
    local nm=$1
    shift
    "$nm" --undefined-only "$@" | sed -n 's/^ *U //p' | sort -u >undefined
    "$nm" --defined-only "$@" | sed -n 's/^[0-9a-f]* [A-Za-z] //p' | sort -u >defined
    # Of the C library: copying and filling. Of the compiler: arithmetic that the processor lacks. Of the host's port: its clock.
    comm -23 undefined defined | grep -vxE 'mem(cpy|move|set|cmp)|__aeabi_[a-z0-9_]*|__gnu_thumb1_[a-z0-9_]*|clock_gettime|_GLOBAL_OFFSET_TABLE_' >foreign || true
    [ ! -s foreign ] || fail "the generated code needs: $(tr '\n' ' ' <foreign)"
    checks=$((checks + 1))
}

compiles_alone()
{
    local name compiler
    for name in "${models[@]}"; do
        generate "$vectors/models/$name.tflite" host alone
    done
    generate "$model" host alone
    for compiler in gcc clang; do
        if command -v "$compiler" >/dev/null; then
            compile_folder "$compiler" alone
            needs_nothing nm alone/objects/*."$compiler".o
        else
            skip "generated C under $compiler: it is not installed"
        fi
    done
}

compiles_for_boards()
{
    if ! command -v arm-none-eabi-gcc >/dev/null; then
        skip "generated C under arm-none-eabi-gcc: it is not installed"
        return
    fi
    local name
    for name in "${models[@]}"; do
        generate "$vectors/models/$name.tflite" cortex-m0plus boards
    done
    compile_folder arm-none-eabi-gcc boards -mcpu=cortex-m0plus -mthumb -mfloat-abi=soft
    needs_nothing arm-none-eabi-nm boards/objects/*.o
    generate "$model" cortex-m55 board
    compile_folder arm-none-eabi-gcc board -mcpu=cortex-m55 -mthumb -mfloat-abi=hard
    needs_nothing arm-none-eabi-nm board/objects/*.o
    # Nothing that calls: none of the device's own objects may know these names.
    if arm-none-eabi-nm board/objects/*.o boards/objects/*.o | grep -E ' U (malloc|calloc|realloc|free|printf|puts|putchar|fopen|abort)$'; then
        fail "the generated code allocates or prints"
    fi
}

examples_run()
{
    local example name sources
    for example in alone/*_example.c; do
        name=$(basename "$example" _example.c)
        mapfile -t sources <"alone/$name.sources"
        (cd alone && gcc -std=c11 -I. "$name"_example.c "${sources[@]}" -o "$name.example")
        fine "alone/$name.example"
    done
}

# names...: a program that runs all these networks, open at the same time, each from NAME.in to NAME.out
write_program()
{
    local name
    printf '#include "%s.h"\n' "$@"
    cat <<'TEXT'
#include "runtime/ports/port.h"
#include <stdio.h>

static const struct {
    const struct lp_network_desc *desc;
    const char *in, *out;
} rows[] = {
TEXT
    for name in "$@"; do
        printf '    {&%s_network, "%s.in", "%s.out"},\n' "$name" "$name" "$name"
    done
    cat <<'TEXT'
};
enum { COUNT = sizeof rows / sizeof rows[0] };

static int read_all(const char *path, void *data, size_t size_bytes)
{
    FILE *file = fopen(path, "rb");
    return file != NULL && fread(data, 1, size_bytes, file) == size_bytes && fclose(file) == 0;
}

static int write_all(const char *path, const void *data, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    return file != NULL && fwrite(data, 1, size_bytes, file) == size_bytes && fclose(file) == 0;
}

int main(void)
{
    static struct lp_network nets[COUNT];
    for (int i = 0; i < COUNT; i++)
        if (lp_network_open(&nets[i], rows[i].desc, lp_port_default()) != LP_OK ||
            !read_all(rows[i].in, lp_network_input(&nets[i], 0), lp_network_input_bytes(&nets[i], 0)))
            return 1;
    for (int i = 0; i < COUNT; i++)
        if (lp_network_run(&nets[i]) != LP_OK)
            return 2;
    for (int i = 0; i < COUNT; i++)
        if (!write_all(rows[i].out, lp_network_output(&nets[i], 0), lp_network_output_bytes(&nets[i], 0)))
            return 3;
    return 0;
}
TEXT
}

several_networks_in_one_program()
{
    local names=(net_inverted_residual op_conv2d_ties op_softmax_beta) name sources
    write_program "${names[@]}" >alone/main.c
    for name in "${names[@]}"; do
        cp "$vectors/golden/$name/v0.in0.bin" "alone/$name.in"
    done
    # What the networks share stands in every list and is compiled once.
    mapfile -t sources < <(cd alone && sort -u "${names[@]/%/.sources}")
    (cd alone && gcc "${emitted_flags[@]}" -I. main.c "${sources[@]}" -o program && ./program) || fail "three networks in one program: exit status $?"
    for name in "${names[@]}"; do
        check "$name beside two others gives its recorded output" cmp "alone/$name.out" "$vectors/golden/$name/v0.out0.single.bin"
    done
}

another_abi_is_refused()
{
    cp -r here/host abi
    sed -i 's/^#define LP_ABI .*/#define LP_ABI 999/' abi/contract/network.h
    observe gcc -std=c11 -Iabi -c abi/sensor.c -o abi.o
    check "another ABI does not compile" [ "$status" != 0 ]
    check "and the message says why" grep -q 'sensor was written for runtime ABI' err
}

# nm, objects, symbol: its size in bytes
symbol_bytes()
{
    local size
    size=$("$1" -S "$2" | sed -n "s/^[0-9a-f]* \([0-9a-f]*\) [A-Za-z] $3\$/\1/p")
    [ -n "$size" ] || fail "no symbol $3 in $2"
    echo $((16#$size))
}

# folder, name, nm, compiler with flags...: the report against the compiled objects
report_matches_objects()
{
    local folder=$1 name=$2 nm=$3 tables t="j['targets'][0]"
    shift 3
    "$@" "${emitted_flags[@]}" -Os -I"$folder" -c "$folder/$name.c" -o network.o
    "$@" "${emitted_flags[@]}" -Os -I"$folder" -c "$folder/${name}_weights.c" -o weights.o
    json_holds "$folder/report.json" "sum(c['bytes'] for c in ${t}['ledger']) == ${t}['weights_bytes']"
    json_holds "$folder/report.json" "sum(c['bytes'] for c in ${t}['program_ledger']) == ${t}['program_bytes']"
    json_holds "$folder/report.json" "sum(l['constants_bytes'] for l in ${t}['layers']) == j['model']['constants_bytes']"
    json_holds "$folder/report.json" "sum(l['macs'] for l in ${t}['layers']) == ${t}['macs'] <= j['model']['macs']"
    json_holds "$folder/report.json" "all(sum(c['bytes'] for c in l['ledger']) == l['weights_bytes'] for l in ${t}['layers'])"
    json_holds "$folder/report.json" "${t}['weights_bytes'] == $(symbol_bytes "$nm" weights.o "${name}_weights")"
    json_holds "$folder/report.json" "${t}['activations_bytes'] == $(symbol_bytes "$nm" network.o "${name}_arena")"
    tables=$("$nm" -S network.o | sed -n 's/^[0-9a-f]* \([0-9a-f]*\) [dDrR] .*/0x\1/p' | tr '\n' '+')
    json_holds "$folder/report.json" "${t}['program_bytes'] == $((${tables}0))"
    json_holds "$folder/report.json" "0 < ${t}['activations_lower_bound_bytes'] <= ${t}['activations_bytes']"
    check "the header says the same" grep -q "_ARENA_BYTES $(json_value "$folder/report.json" "${t}['activations_bytes']")\$" "$folder/$name.h"
}

reports_match_objects()
{
    local name
    report_matches_objects here/host sensor nm gcc
    for name in net_inverted_residual op_conv2d_5x5_same op_fc_k33_n19_nobias; do
        generate "$vectors/models/$name.tflite" host "report/$name"
        report_matches_objects "report/$name" "$name" nm gcc
        command -v arm-none-eabi-gcc >/dev/null || continue
        generate "$vectors/models/$name.tflite" cortex-m55 "report/$name.m55"
        report_matches_objects "report/$name.m55" "$name" arm-none-eabi-nm arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -mfloat-abi=hard
        generate "$vectors/models/$name.tflite" cortex-m0plus "report/$name.m0"
        report_matches_objects "report/$name.m0" "$name" arm-none-eabi-nm arm-none-eabi-gcc -mcpu=cortex-m0plus -mthumb
    done
}

# A generated program runs from its files, software epochs included, and gives the bytes of the compiled model.
npu_programs_give_the_same_bytes()
{
    local name model
    for name in sensor net_inverted_residual op_fc_k10_n8_relu op_softmax_5 op_transpose_conv_3x3_s2_same op_mul_same op_transpose_nhwc_nchw op_quantize_float_int8 op_split_3; do
        model="$vectors/models/$name.tflite"
        [ $name != sensor ] || model="$root/models/sensor.tflite"
        check "$name for stm32n6" "$limpid" generate "$model" --target stm32n6 -o "npu_$name" >npu.txt
        check "$name runs" "$limpid" run "npu_$name" --input random:5:3 --output "program_$name.bin" 2>errors.txt
        check "$name as a model" "$limpid" run "$model" --target stm32n6 --input random:5:3 --output "model_$name.bin"
        for file in program_"$name"*.bin; do
            check "$name: the same bytes in $file" cmp "$file" "model_${file#program_}"
        done
        "$limpid" run "npu_$name" --input random:2 --json >counted.json
        check "$name reads only what was written" grep -q '"unwritten_bytes":0,' counted.json
        check "$name is described" "$limpid" analyze "npu_$name" >analyzed.txt
    done
    "$limpid" run npu_sensor --input random:1 --dump dumped >refused.txt 2>&1 && fail "--dump of a program is believed"
    check "the refusal names the option" grep -q -e "--dump is for models" refused.txt
    cp -r npu_op_softmax_5 hostile
    sed -i 's/"depth":[0-9]*/"depth":2000000000/' hostile/program.json
    "$limpid" run hostile --input random:1 >refused.txt 2>&1 && fail "a kernel's arguments are believed"
    check "the refusal names the kernel" grep -q "the arguments of lp_softmax_s8__reference" refused.txt
    sed -i 's/lp_softmax_s8__reference/lp_softmax_s8__nowhere/' hostile/program.json
    "$limpid" run hostile --input random:1 >refused.txt 2>&1 && fail "an unknown kernel is believed"
    check "the refusal names the epoch" grep -q "epoch 0, sw_op: no kernel" refused.txt
}

# analyze says before what generate does: the same memory, bytes and causes, whatever is chosen.
npu_reports_agree()
{
    local name goal
    for name in op_conv2d_5x5_same net_inverted_residual net_dead_channels; do
        for goal in size balanced speed; do
            "$limpid" analyze "$vectors/models/$name.tflite" --target stm32n6 --optimize $goal --json >analyzed.json
            generate "$vectors/models/$name.tflite" stm32n6 npu_agrees --optimize $goal
            python3 - analyzed.json npu_agrees/report.json <<'PY' || fail "analyze and generate disagree on $name for $goal"
import json, sys
said, done = (json.load(open(path))["targets"][0] for path in sys.argv[1:])
sys.exit([key for key in said if said[key] != done[key]] or said["weights_bytes"] != sum(m["weights_bytes"] for m in said["memory"]))
PY
            checks=$((checks + 1))
            cp analyzed.json "choice_$goal.json"
        done
        python3 - choice_size.json choice_balanced.json choice_speed.json <<'PY' || fail "the choices of $name are not what they say"
import json, sys
reports = [json.load(open(path))["targets"][0] for path in sys.argv[1:]]
keys = ["weights_bytes", "program_bytes", "activations_bytes", "epochs"]
for chosen, report in enumerate(reports):
    rows = report["choices"]
    assert [row["optimize"] for row in rows] == ["size", "balanced", "speed"]
    assert [row["chosen"] for row in rows] == [i == chosen for i in range(3)]
    for row, other in zip(rows, reports):
        assert all(row[key] == other[key] for key in keys), (row, other["weights_bytes"])
        assert row["cycles"] == sum(layer["cycles"] for layer in other["layers"])
    stored, cycles = [row["weights_bytes"] + row["program_bytes"] for row in rows], [row["cycles"] for row in rows]
    assert stored[0] == min(stored) and cycles[2] == min(cycles), rows
    weakest = max((l["evidence"] for l in report["layers"] if l["evidence"]), key=["exact", "envelope", "unproven"].index)
    assert report["evidence"] == weakest
PY
        checks=$((checks + 1))
    done
    # Five filters of 75 bytes in two frames of three: one filter, its factor and its offset lie there twice.
    "$limpid" analyze "$vectors/models/op_conv2d_5x5_same.tflite" --target stm32n6 --json >analyzed.json
    json_holds analyzed.json '{l["cause"]: l["bytes"] for l in j["targets"][0]["ledger"]}["tiling-padding"] == 81'
    json_holds analyzed.json '"split-kernels" not in [l["cause"] for l in j["targets"][0]["ledger"]]'
}

# What is generated for the NPU is the program that the simulator runs: the same values, read back from program.json.
npu_program_runs()
{
    local name=op_conv2d_ties folder=npu
    check "generate for stm32n6" "$limpid" generate "$vectors/models/$name.tflite" --target stm32n6 -o $folder >npu.txt
    check "the summary says how to run it" grep -q "limpid run $folder" npu.txt
    for file in "${name}_npu.c" "${name}_board.c" "${name}_placement.txt" program.json report.json; do
        check "$file is there" test -s "$folder/$file"
    done
    "$limpid" run "$folder" --input random:7 >program.txt
    "$limpid" run "$vectors/models/$name.tflite" --target stm32n6 --input random:7 --json >model.json
    python3 - program.txt model.json >compared.txt <<'PY' || fail "program.json computes other values than the compiled model"
import json, re, sys
first = next(line for line in open(sys.argv[1]) if re.match(r"\s+0:", line))
program = [int(v) for v in first.split(":")[1].replace("...", "").split()]
def numbers(value):
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [value] if isinstance(value, int) else []
model = numbers([o["values"] for o in json.load(open(sys.argv[2]))["outputs"]])[:len(program)]
print(program, model)
sys.exit(not program or program != model)
PY
    checks=$((checks + 1))
    "$limpid" generate "$vectors/models/$name.tflite" --target host --hex -o not_here >refused.txt 2>&1 && fail "--hex for host was taken"
    check "the refusal names the flag" grep -q -e "--hex" refused.txt
    check "nothing is left of a refused run" test ! -e not_here
}

# A second run touches nothing, so that nothing is built again; a file that was changed is written anew.
unchanged_files_stay()
{
    local model=$vectors/models/op_conv2d_ties.tflite
    "$limpid" generate "$model" --target cortex-m55 -o stays >/dev/null
    find stays -type f -exec touch -d '2001-02-03' {} +
    echo "/* changed */" >>stays/op_conv2d_ties.c
    touch -d '2001-02-03' stays/op_conv2d_ties.c
    "$limpid" generate "$model" --target cortex-m55 -o stays >/dev/null
    find stays -type f -newermt '2001-02-04' >newer.txt
    check "only the changed file is written" test "$(cat newer.txt)" = stays/op_conv2d_ties.c
    check "and is as it was" test "$(grep -c changed stays/op_conv2d_ties.c)" = 0
}

same_bytes_from_everywhere
unchanged_files_stay
compiles_alone
compiles_for_boards
examples_run
several_networks_in_one_program
another_abi_is_refused
reports_match_objects
npu_program_runs
npu_programs_give_the_same_bytes
npu_reports_agree
finish
