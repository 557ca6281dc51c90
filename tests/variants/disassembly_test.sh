#!/usr/bin/env bash
# What the vector kernels compile to: the instructions that make them fast are there, with the flags of a product. Where clang
# is installed, it compiles them too.
set -euo pipefail
cd "$SOURCE_DIR"
command -v arm-none-eabi-gcc >/dev/null || { echo "SKIP disassembly of the vector kernels: arm-none-eabi-gcc is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags=$(sed -n 's/^cflags = //p' targets/cortex-m55.ini)
failed=0

# function | instructions that it must contain: le and letp end low-overhead loops, letp with tail predication
expectations='
dot_s8 | lp_helium_dot_pair_single | vmlava.s8 vctp.8 vldrbt.u8 vmulh.s32 vrshl.s32 vstrb.32
dot_s8 | lp_helium_dot_pair_double | vmlava.s8 vqrdmulh.s32 vqadd.s32 vrshl.s32
dot_s8 | lp_helium_dot_one_single  | vmlava.s8 wls le vctp.8
dot_s8 | lp_helium_dot_one_double  | vmlava.s8 wls le vctp.8
dot_s8 | lp_helium_dot_rest        | vmlava.s8 dlstp.8 letp
blocks_s8 | lp_helium_blocks_single | wls le vmullb.s8 vmullt.s8 vldrbt.u8 vstrbt.8 vqmovnb.s16
blocks_s8 | lp_helium_blocks_double | wls le vmullb.s8 vmullt.s8 vqrdmulh.s32
add_s8 | add_row_single | dlstp.32 letp vmlas.s32 vmulh.s32
conv2d_s8 | run_map_narrow | dlstp.8 letp
conv2d_s8 | run_map | wlstp.8 letp
requantize_s8 | lp_requantize_s8_single__helium | dlstp.32 letp vmlas.s32 vmulh.s32
softmax_s8 | exponentials | vqrdmulh.s32 vqrdmulht.s32
max_pool_s8 | largest | vmax.s8
average_pool_s8 | average | vadd.i16
mean_s8 | lp_mean_s8__helium | vadd.i16
'
for source in runtime/kernels/helium/*.c; do
    # shellcheck disable=SC2086
    arm-none-eabi-gcc $flags -std=c11 -Os -ffunction-sections -I. -c "$source" -o "$folder/$(basename "$source" .c).o"
done
while IFS='|' read -r object function wanted; do
    object=${object// /} function=${function// /}
    [ -n "$object" ] || continue
    # A function may have been taken in by its only caller, or named after its parameters.
    arm-none-eabi-objdump -d -m armv8.1-m.main "$folder/$object.o" | awk -v name="$function" '
        /^[0-9a-f]+ <.*>:$/ { inside = index($2, "<" name) == 1 || index($2, "<run_gathered") == 1 && name ~ /^run_map/; next }
        inside { sub(/^[^\t]*\t[^\t]*\t/, ""); print $1 }' >"$folder/found"
    for instruction in $wanted; do
        grep -qxF "$instruction" "$folder/found" || { echo "$object.c: $function has no $instruction"; failed=1; }
    done
done <<<"$expectations"
[ "$failed" = 0 ] || exit 1
echo "the vector kernels contain what is expected of $(grep -c '|' <<<"$expectations") functions"
command -v clang >/dev/null || { echo "SKIP vector kernels by clang: it is not installed"; exit 77; }
for source in runtime/kernels/helium/*.c; do
    # shellcheck disable=SC2086
    clang --target=arm-none-eabi $flags -std=c11 -Os -Wall -Wextra -Werror -I. -isystem /usr/lib/arm-none-eabi/include -c "$source" \
        -o "$folder/clang.o"
done
echo "clang compiles all of them"
