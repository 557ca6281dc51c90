#!/usr/bin/env bash
# `limpid validate`: exit status 0 when every bit is the reference's, 1 and the place when one is not, 2 when it can't tell.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
boards=cortex-m55,cortex-m4,cortex-m0plus

equal_on_this_pc()
{
    local name
    for name in net_inverted_residual op_conv2d_ties op_quantize_float_int8 op_dequantize_int8; do
        fine "$limpid" validate "$root/tests/vectors/models/$name.tflite" --layers
        check "$name is said to be equal" grep -q 'every value equals the reference, bit for bit' out
        fine "$limpid" validate "$root/tests/vectors/models/$name.tflite" --rounding double --input random:5:9 --json
        json_holds out "j['rounding'] == 'double' and j['targets'][0]['inferences'] == 5"
        json_holds out "[o['exact'] for o in j['targets'][0]['outputs']] == [1.0]"
    done
    "$make_model" two-ports >two.tflite
    fine "$limpid" validate two.tflite --json
    json_holds out "[o['name'] for o in j['targets'][0]['outputs']] == ['sum', 'positive']"
}

equal_on_the_boards()
{
    fine "$limpid" validate "$model" --target host,$boards --input "$root/models/sensor_windows.csv" --real --layers --json
    json_holds out "[t['target'] for t in j['targets']] == ['host', 'cortex-m55', 'cortex-m4', 'cortex-m0plus']"
    json_holds out "all(t['first_different_layer'] is None for t in j['targets'])"
    json_holds out "all(r['exact'] == 1 and r['max_abs_diff'] == 0 for t in j['targets'] for r in t['outputs'] + t['layers'])"
    json_holds out "all(t['inferences'] == 120 for t in j['targets'])"
    json_holds out "all(len(t['layers']) >= 4 for t in j['targets'])"
    check "nothing is left in the temporary folder" [ -z "$(find tmp -mindepth 1)" ]
    # What one inference leaves for the next.
    for kind in streaming svdf; do
        "$make_model" $kind >$kind.tflite
        fine "$limpid" validate $kind.tflite --target host,$boards --layers --input random:30 --json
        json_holds out "all(r['exact'] == 1 for t in j['targets'] for r in t['outputs'] + t['layers'])"
    done
}

# A compiler that makes an error in one layer: it takes the file that limpid wrote and clamps an activation lower.
plant_difference() # sed script for sensor.c
{
    mkdir -p bin
    cat >bin/arm-none-eabi-gcc <<TEXT
#!/usr/bin/env bash
for argument in "\$@"; do
    case \$argument in
    */sensor.c) sed -i '$1' "\$argument" ;;
    esac
done
exec $(command -v arm-none-eabi-gcc) "\$@"
TEXT
    chmod +x bin/arm-none-eabi-gcc
}

different_on_the_board()
{
    # The first .act_max is that of the convolution, operator 1; the second that of the dense layer, operator 4.
    plant_difference '0,/\.act_max = 127/s//.act_max = -120/'
    PATH=$work/bin:$PATH observe "$limpid" validate "$model" --target host,cortex-m55 --layers --json
    check "a difference is exit status 1" [ "$status" = 1 ]
    json_holds out "[t['first_different_layer'] for t in j['targets']] == [None, 1]"
    json_holds out "j['targets'][1]['outputs'][0]['exact'] < 1 and j['targets'][1]['outputs'][0]['max_abs_diff'] > 0"
    json_holds out "j['targets'][0]['outputs'][0]['exact'] == 1"
    PATH=$work/bin:$PATH observe "$limpid" validate "$model" --target cortex-m55
    check "also without --json" [ "$status" = 1 ]
    check "and said in words" grep -q 'DIFFERENT from the reference' out
    # Both lines, so the second one alone differs in layer 4 only.
    plant_difference '/\.in_c = 8,/,/\.act_max/s/\.out_offset = .*/.out_offset = 0,/'
    PATH=$work/bin:$PATH observe "$limpid" validate "$model" --target cortex-m55 --layers --json
    check "a difference is exit status 1" [ "$status" = 1 ]
    json_holds out "j['targets'][0]['first_different_layer'] == 4"
    json_holds out "[l['exact'] == 1 for l in j['targets'][0]['layers'] if l['index'] < 4] == [True] * len([l for l in j['targets'][0]['layers'] if l['index'] < 4])"
}

# A compiler whose code stops in the middle must not pass for a difference.
failure_on_the_board()
{
    plant_difference 's/{lp_mean_s8__[a-z]*,/{(lp_kernel *)1,/'
    PATH=$work/bin:$PATH observe "$limpid" validate "$model" --target cortex-m55
    check "a crash on the board is exit status 2" [ "$status" = 2 ]
    check "and names network and board" grep -q 'sensor_network on the emulated mps3-an547' err
}

missing_tools()
{
    mkdir -p empty
    PATH=$work/empty observe "$limpid" validate "$model" --target cortex-m55
    check "missing tools are exit status 2" [ "$status" = 2 ]
    check "the message names the packages" grep -q 'apt install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm' err
    PATH=$work/empty fine "$limpid" validate "$model"
}

mkdir tmp
export TMPDIR=$work/tmp
equal_on_this_pc
missing_tools
if has_emulator; then
    equal_on_the_boards
    different_on_the_board
    failure_on_the_board
    check "nothing is left in the temporary folder" [ -z "$(find tmp -mindepth 1)" ]
else
    skip "boards: arm-none-eabi-gcc or qemu-system-arm is not installed"
fi
finish
