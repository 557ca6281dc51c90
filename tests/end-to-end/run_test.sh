#!/usr/bin/env bash
# `limpid run`: every kind of input gives the recorded outputs, every kind of output holds the same values.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
vectors=$root/tests/vectors
conv=$vectors/models/op_conv2d_ties.tflite
recorded=$vectors/golden/op_conv2d_ties

run() # arguments of limpid run...
{
    fine "$limpid" run "$@"
}

# Python with NumPy as `np`; what it writes is the oracle.
numpy()
{
    /usr/bin/python3 -c "import numpy as np
$1" || fail "NumPy: $1"
}

binary_files_in_both_roundings()
{
    local name v rounding
    for name in op_conv2d_ties op_fc_per_channel net_inverted_residual op_quantize_float_int8; do
        for v in 0 1 2 3; do
            for rounding in single double; do
                run "$vectors/models/$name.tflite" --rounding $rounding --input "$vectors/golden/$name/v$v.in0.bin" --output out.bin
                check "$name, vector $v, $rounding" cmp out.bin "$vectors/golden/$name/v$v.out0.$rounding.bin"
            done
        done
    done
}

several_inferences_in_one_file()
{
    cat "$recorded"/v[0-5].in0.bin >all.bin
    cat "$recorded"/v[0-5].out0.single.bin >expected.bin
    run "$conv" --input all.bin --output out.bin
    check "six inferences back to back" cmp out.bin expected.bin
    check "nothing is printed when a file is written" [ ! -s out ]
    if has_emulator; then
        run "$conv" --input all.bin --output out.bin --target cortex-m55
        check "six inferences on the emulated Cortex-M55" cmp out.bin expected.bin
    else
        skip "inferences on the emulated Cortex-M55: arm-none-eabi-gcc or qemu-system-arm is not installed"
    fi
}

# The same integers as .npy and .csv, in and out.
every_format_holds_the_same()
{
    run "$conv" --input all.bin --json
    cp out conv.json
    local shape
    shape=$("$limpid" analyze "$conv" --json | /usr/bin/python3 -c 'import json, sys; print(tuple([6] + json.load(sys.stdin)["model"]["inputs"][0]["shape"][1:]))')
    numpy "a = np.fromfile('all.bin', np.int8).reshape($shape)
np.save('all.npy', a)
np.save('wide.npy', a.astype(np.int64))
np.savetxt('all.csv', a.reshape(6, -1), fmt='%d', delimiter=',')
np.save('fortran.npy', np.asfortranarray(a))
np.save('wrong.npy', a[:, 1:])
np.save('large.npy', a.astype(np.int16) * 2)"
    run "$conv" --input all.npy --output out.bin
    check ".npy of int8" cmp out.bin expected.bin
    run "$conv" --input wide.npy --output out.bin
    check ".npy of int64" cmp out.bin expected.bin
    run "$conv" --raw --input all.csv --output out.csv
    run "$conv" --input all.bin --output out.npy
    numpy "import json
e = np.fromfile('expected.bin', np.int8).reshape(6, -1)
n = np.load('out.npy')
assert n.dtype == np.int8 and (n.reshape(6, -1) == e).all()
assert (np.loadtxt('out.csv', delimiter=',', ndmin=2) == e).all()
assert np.array(json.load(open('conv.json'))['outputs'][0]['values']).tolist() == e.tolist()"
    checks=$((checks + 3))
    refused "fortran.npy" run "$conv" --input fortran.npy
    refused "wrong.npy" run "$conv" --input wrong.npy
    refused "large.npy" run "$conv" --input large.npy
    refused "say --real or --raw" run "$conv" --input all.csv
    printf '%s' "$(sed 's/-\?[0-9]*/128/' all.csv | head -1)" >large.csv
    refused "128 is outside the range of int8, -128 to 127" run "$conv" --raw --input large.csv
    refused "raw integers" run "$conv" --real --input all.bin
}

# Real values are quantized like NumPy does it, and come back as real values.
real_units()
{
    "$make_model" two-ports >two.tflite
    numpy "a = np.random.default_rng(7).uniform(-70, 70, (5, 4)).astype(np.float32)
a[0] = [0.25, -0.25, 0.75, -0.75]
np.save('real.npy', a)
np.save('double.npy', a.astype(np.float64))
open('real.csv', 'w').write('a,b,c,d\n' + '\n'.join(','.join('%.9e' % v for v in r) for r in a) + '\n')
q = np.clip(np.round(a / np.float32(0.5)) + 3, -128, 127).astype(np.int8)
np.save('integers.npy', q)
np.save('positive.npy', np.maximum(q, 3))"
    local input
    for input in real.npy double.npy real.csv integers.npy; do
        run two.tflite --input $input --input $input --output out.npy
        numpy "assert (np.load('out-1.npy') == np.load('positive.npy')).all()"
        checks=$((checks + 1))
    done
    run two.tflite --real --input real.csv --input real.csv --output out.npy
    run two.tflite --real --input real.csv --input real.csv --output out.csv
    run two.tflite --real --input real.csv --input real.csv --json
    numpy "import json
e = (np.load('positive.npy').astype(np.float32) - 3) * np.float32(0.5)
n = np.load('out-1.npy')
assert n.dtype == np.float32 and (n == e).all()
assert (np.loadtxt('out-1.csv', delimiter=',', dtype=np.float32) == e).all()
assert (np.array(json.load(open('out'))['outputs'][1]['values'], np.float32) == e).all()"
    checks=$((checks + 3))
    refused "is not an integer" run two.tflite --raw --input real.csv --input real.csv
    printf '1.5,nan,0,0\n' >nan.csv
    refused "nan.csv, line 1, column 2" run two.tflite --input nan.csv --input nan.csv
}

several_ports()
{
    numpy "np.save('left.npy', np.array([[1, 2, 3, 4]], np.int8))
np.save('right.npy', np.array([[10, 20, 30, 120]], np.int8))
np.save('two.npy', np.zeros((2, 4), np.int8))"
    run two.tflite --input left.npy --input right.npy --json
    json_holds out "[o['name'] for o in j['outputs']] == ['sum', 'positive']"
    json_holds out "j['outputs'][0]['values'] == [[8, 19, 30, 121]]"
    json_holds out "j['outputs'][1]['values'] == [[3, 3, 3, 4]]"
    run two.tflite --input left.npy --input right.npy --output ports.bin
    check "one file an output" [ -s ports-0.bin ] && check "one file an output" [ -s ports-1.bin ]
    check "and none without a number" [ ! -e ports.bin ]
    refused "2 inputs, 1 were given" run two.tflite --input left.npy
    refused "2 inputs, 3 were given" run two.tflite --input left.npy --input left.npy --input left.npy
    refused "every input needs the same number" run two.tflite --input left.npy --input two.npy
}

random_inputs()
{
    run two.tflite --input random:3 --json
    cp out first
    run two.tflite --input random:3:0 --json
    check "no seed is seed 0" cmp out first
    run two.tflite --input random:3:1 --json
    check "another seed gives other values" bash -c '! cmp -s out first'
    run two.tflite --input random:3:1 --input random:3:2 --json
    json_holds out "len(j['outputs'][0]['values']) == 3"
    run two.tflite --input random:1 --input left.npy --json
    json_holds out "len(j['outputs'][0]['values']) == 1"
}

# A picture of 6 x 4 pixels; expected is the largest of each 2 x 2 square, computed by NumPy.
pictures()
{
    "$make_model" image >image.tflite
    numpy "import struct, zlib
a = np.random.default_rng(3).integers(0, 256, (4, 6, 3), np.uint8)
def chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
def png(path, a):
    rows = b''.join(b'\0' + r.tobytes() for r in a)
    head = struct.pack('>IIBBBBB', a.shape[1], a.shape[0], 8, 2, 0, 0, 0)
    open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
png('picture.png', a)
png('small.png', a[:3])
np.save('picture.npy', (a.astype(np.int16) - 128).astype(np.int8)[None])
(a.reshape(2, 2, 3, 2, 3).max((1, 3)).astype(np.int16) - 128).astype(np.int8).tofile('picture.expected')"
    run image.tflite --input picture.png --output picture.bin
    check "largest values of a picture" cmp picture.bin picture.expected
    run image.tflite --input picture.npy --output picture.bin
    check "the same from an array" cmp picture.bin picture.expected
    refused "small.png" run image.tflite --input small.png
    head -c 60 picture.png >cut.png
    refused "cut.png" run image.tflite --input cut.png
}

# Every tensor that the model computes, as the recorded ones are.
intermediate_tensors()
{
    run "$root/models/sensor.tflite" --input random:2 --dump dump --output out.npy
    check "every tensor has a line" [ "$(wc -l <dump/tensors.txt)" = 7 ]
    numpy "import glob
rows = [l.split('  ') for l in open('dump/tensors.txt').read().splitlines()]
for name, dtype, shape, title in rows:
    a = np.load('dump/%s.npy' % name)
    assert str(a.dtype) == dtype and a.shape == (2,) + tuple(map(int, shape.split('x')))[1:], name
conv = np.load('dump/' + next(r[0] for r in rows if r[3].endswith('Relu')) + '.npy')
squeezed = np.load('dump/' + next(r[0] for r in rows if r[3].endswith('Squeeze')) + '.npy')
last = np.load('dump/' + next(r[0] for r in rows if r[3].startswith('StatefulPartitionedCall')) + '.npy')
assert (conv.reshape(2, 50, 8) == squeezed).all() and (last == np.load('out.npy')).all()"
    checks=$((checks + 1))
    has_emulator || return 0
    run "$root/models/sensor.tflite" --input random:2 --dump board --target cortex-m55
    check "the same tensors on the emulated Cortex-M55" diff -r dump board
}

binary_files_in_both_roundings
several_inferences_in_one_file
every_format_holds_the_same
real_units
several_ports
random_inputs
pictures
intermediate_tensors
finish
