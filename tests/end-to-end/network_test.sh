#!/usr/bin/env bash
# `limpid run network.c` and `limpid disasm`: options, forms of output, refusals. What networks compute is compared in
# tests/conformance.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
network=$root/tests/vectors/neural-art/network/network.c

/usr/bin/python3 -c '
import struct
kernels = [1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12, 127, -128, 100, -100]
data = struct.pack("<16bffbb", *kernels, 0.05, 0.25, -3, 5).ljust(32, b"\0")
open("parameters.raw", "wb").write(data)
lines = [b"\x02\x00\x00\x04\x71\x00", b"\x10\x00\x00\x00" + data[:16], b"\x10\x00\x10\x00" + data[16:], b"\0\0\0\1"]
open("parameters.hex", "w").write("".join(":" + (line + bytes([-sum(line) % 256])).hex() + "\n" for line in lines))
open("cut.hex", "w").write(open("parameters.hex").read()[:16])
open("in.bin", "wb").write(struct.pack("<16f", 0.1, -0.7, 1.3, 2.9, -3.1, 0.02, 6.6, -8.0, 1, 2, 3, 4, -1, -2, -3, -4))
open("plain.bin", "wb").write(struct.pack("<7I", 0xCA057A7A, 4, 29 | 2 << 5, 31 << 10 | 2 << 16 | 10 << 26, 0x342e0010, 12, 0))
open("unknown.bin", "wb").write(struct.pack("<4I", 0xCA057A7A, 2, 29, 30))'

images_are_found_by_pool_address_and_file()
{
    fine "$limpid" run "$network" --image octoFlash=parameters.raw --input in.bin
    cp out expected
    check "values" grep -q ' 10.75 .* 16.25 .* 30.5' out
    fine "$limpid" run "$network" --image 0x71000000=parameters.raw --input in.bin
    check "by address" cmp out expected
    fine "$limpid" run "$network" --image parameters.hex --input in.bin
    check "by the file's own addresses" cmp out expected
    observe "$limpid" run "$network" --input in.bin
    check "bytes that nobody wrote are counted" grep -q ' 32 bytes read that nobody wrote' out
}

outputs_go_where_they_are_sent()
{
    observe "$limpid" run "$network" --image parameters.hex --input in.bin --output out.bin
    check "exit status" [ "$status" = 0 ]
    check "bytes" [ "$(stat -c %s out.bin)" = 64 ]
    fine "$limpid" run "$network" --image parameters.hex --input in.bin --json
    cp out run.json
    json_holds run.json 'len(j["outputs"]) == 1 and [len(v) for v in j["outputs"][0]["values"]] == [8, 8]'
    json_holds run.json 'j["outputs"][0]["values"][0][:2] == [10.75, 16.25]'
    fine "$limpid" run "$network" --image parameters.hex --input random:3:1
    check "three inferences" [ "$(grep -c '^ *[0-9]*:' out)" = 3 ]
    fine "$limpid" run "$network" --image parameters.hex --input in.bin --no-reset
    check "without a reset the first output stays" [ "$(sed -n 's/^ *[01]://p' out | sort -u | wc -l)" = 1 ]
}

saturation_is_found()
{
    sed 's/\.shift_o = 2,/.shift_o = 0,/' "$network" >wide.c
    /usr/bin/python3 -c 'import struct
open("small.bin", "wb").write(struct.pack("<8f", *[0.1] * 8))
open("large.bin", "wb").write(struct.pack("<8f", *[6, -6] * 4))'
    fine "$limpid" run wide.c --image parameters.hex --input small.bin
    check "nothing saturates" grep -q ' 0 intermediate values saturated' out
    # 117 * 127 + 123 * 128 + 117 * 100 + 123 * 100 is more than 16 bits, at both pixels.
    observe "$limpid" run wide.c --image parameters.hex --input large.bin
    check "exit status" [ "$status" = 1 ]
    check "where" grep -qx 'epoch 1, CONVACC 1: 2 intermediate values saturated' out
    observe "$limpid" run wide.c --image parameters.hex --input large.bin --output out.bin
    check "exit status with a file" [ "$status" = 1 ]
    check "a line of its own" grep -qx 'limpid: note: epoch 1, CONVACC 1: 2 intermediate values saturated' err
    observe "$limpid" run wide.c --image parameters.hex --input large.bin --json
    check "exit status of JSON" [ "$status" = 1 ]
    cp out run.json
    json_holds run.json 'j["saturations"] == 2'
}

what_cannot_run_is_refused()
{
    refused 'give POOL=FILE or ADDRESS=FILE' run "$network" --image parameters.raw --input in.bin
    refused 'no memory pool is named "ram"' run "$network" --image ram=parameters.raw --input in.bin
    sed 's/0x71000000:/there:/; s/0x71000\([0-9]*\)UL/FLASH(\1)/; 1i #define FLASH(x) (0x7100u << 16 | 0x##x)' "$network" >hidden.c
    refused 'does not say where in octoFlash it begins' run hidden.c --image octoFlash=parameters.raw --input in.bin
    sed 's/0x71000000UL/KERNELS/; 1i #define KERNELS (0x7100u << 16)' "$network" >higher.c
    refused 'lowest address 0x71000010' run higher.c --image octoFlash=parameters.raw --input in.bin
    sed '1i /* index=9 file postfix=xSPI2 name=octoFlash offset=0x71000000  absolute_mode size=67108864 READ_ONLY */' higher.c >said.c
    fine "$limpid" run said.c --image octoFlash=parameters.raw --input in.bin
    check "place by the pool's comment" cmp out expected
    refused 'without an end record' run "$network" --image cut.hex --input in.bin
    refused 'has 1 inputs, 2 were given' run "$network" --input in.bin --input in.bin
    refused '--timeout 0' run "$network" --timeout 0 --input in.bin
    refused 'cannot be run' run "$network" --compiler no-such-compiler --input in.bin
    echo 'int x;' >other.c
    refused 'not a generated network' run other.c --input in.bin
    sed 's/LL_ATON_LIB_UNUSED(epoch_block);/for (;;) ;/' "$network" >endless.c
    # A folder of its own: elsewhere, other programs' folders come and go.
    mkdir temporary
    TMPDIR=$PWD/temporary refused 'did not end within 1 s' run endless.c --timeout 1 --input in.bin
    check "no folder stays behind" [ -z "$(ls temporary)" ]
}

programs_are_described()
{
    fine "$limpid" analyze "$root/tests/vectors/neural-art/pipe_deep"
    check "weakest evidence" grep -q 'weakest evidence: seen$' out
    check "unit" grep -q '^    CONVACC 3: deep, 1x1 stride 2,2, 8 -> 15 channels, .*  \[seen\]$' out
    check "route" grep -q '^    CONVACC 0 -> CONVACC 1.2  \[executed\]$' out
    check "parameter" grep -q '^    STRENG 4: reads 0x70000000, 1 frame of 160, 24 bits, parameter ' out
    check "bytes" grep -qx '    flash: 480 bytes read, 0 bytes written' out
    fine "$limpid" analyze "$root/tests/vectors/neural-art/pipe_deep" --json
    cp out run.json
    json_holds run.json '[e["evidence"] for e in j["program"]["epochs"]] == ["seen"]'
    json_holds run.json 'len(j["program"]["epochs"][0]["units"]) == 11 and len(j["program"]["epochs"][0]["routes"]) == 13'
    json_holds run.json '{"pool": "flash", "read": 480, "written": 0} in j["program"]["epochs"][0]["bytes"]'
    json_holds run.json 'j["program"]["epochs"][0]["units"][4]["fields"]["kfilt_tot"] == 60'
}

programs_are_measured()
{
    fine "$limpid" run "$root/tests/vectors/neural-art/pipe_deep" --input random:2 --json
    cp out run.json
    json_holds run.json 'j["cycles"] == sum(e["cycles"] for e in j["epochs"]) and j["cycles"] > 0'
    json_holds run.json 'j["epochs"][0]["bytes"] == [{"pool": "ram", "read": 864, "written": 360}, {"pool": "flash", "read": 480, "written": 0}]'
    # Four units, each 15 kernels of 8 channels at 12 pixels.
    json_holds run.json '[u["macs"] for u in j["epochs"][0]["units"] if u["type"] == "CONVACC"] == [1440] * 4'
    json_holds run.json 'all(u["cycles"] <= j["epochs"][0]["cycles"] for u in j["epochs"][0]["units"])'
}

programs_become_text_and_the_same_words()
{
    fine "$limpid" disasm plain.bin --output plain.txt
    check "text" grep -qx '  write STRENG5.ADDR 0x342e0010' plain.txt
    fine "$limpid" disasm --assemble plain.txt --output again.bin
    check "the same words" cmp plain.bin again.bin
    { echo 'blob net_1'; cat plain.txt; echo 'padding 2'; } >named.txt
    sed -i '/^padding 1$/d' named.txt
    fine "$limpid" disasm --assemble named.txt --output blobs.h
    fine "$limpid" disasm blobs.h
    check "a header survives" cmp out named.txt
    refused 'instruction word 0x0000001e at word 1' disasm unknown.bin
    echo hello >hello.txt
    refused 'line 1: not an instruction: "hello"' disasm --assemble hello.txt
}

images_are_found_by_pool_address_and_file
outputs_go_where_they_are_sent
saturation_is_found
what_cannot_run_is_refused
programs_are_described
programs_are_measured
programs_become_text_and_the_same_words
finish
