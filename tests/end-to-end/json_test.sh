#!/usr/bin/env bash
# The machine-readable form: keys that programs may rely on, and numbers that agree with each other.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite

analyze_keys()
{
    fine "$limpid" analyze "$model" --target host,cortex-m55,cortex-m4,cortex-m0plus --json
    json_holds out "j['limpid'].keys() >= {'version', 'schema'} and j['limpid']['schema'] == 1"
    json_holds out "j['model'].keys() >= {'file', 'sha256', 'format', 'operators', 'macs', 'constants_bytes', 'inputs', 'outputs'}"
    json_holds out "j['model']['sha256'] == '$(sha256sum "$model" | cut -d' ' -f1)'"
    json_holds out "j['model']['file'] == 'sensor.tflite' and j['model']['format'] == 'tflite'"
    # 50 x 8 values of 5 x 10 products, and 5 of 8; 8 filters of 50 and 5 of 8 weights, with a bias of 4 bytes each.
    json_holds out "j['model']['operators'] == 6 and j['model']['macs'] == 50 * 8 * 5 * 10 + 5 * 8"
    json_holds out "j['model']['constants_bytes'] == 8 * (50 + 4) + 5 * (8 + 4)"
    json_holds out "all(p.keys() >= {'name', 'shape', 'dtype', 'scale', 'zero_point'} for p in j['model']['inputs'] + j['model']['outputs'])"
    json_holds out "[p['shape'] for p in j['model']['inputs'] + j['model']['outputs']] == [[1, 50, 10], [1, 5]]"
    json_holds out "[t['target'] for t in j['targets']] == ['host', 'cortex-m55', 'cortex-m4', 'cortex-m0plus']"
    json_holds out "all(t.keys() >= {'target', 'weights_bytes', 'program_bytes', 'code_bytes', 'activations_bytes', 'activations_lower_bound_bytes', 'macs',
        'epochs', 'ledger', 'layers', 'memory'} for t in j['targets'])"
    json_holds out "all(t['epochs']['hw'] == 0 and t['epochs']['sw'] > 0 for t in j['targets'])"
    json_holds out "all(c.keys() >= {'cause', 'bytes'} for t in j['targets'] for c in t['ledger'])"
    json_holds out "all(l.keys() >= {'index', 'op', 'name', 'runs_on', 'reason', 'constants_bytes', 'weights_bytes', 'ledger', 'macs'}
        for t in j['targets'] for l in t['layers'])"
    json_holds out "all([l['index'] for l in t['layers']] == list(range(6)) for t in j['targets'])"
    json_holds out "all(p.keys() >= {'pool', 'base', 'size_bytes', 'weights_bytes', 'activations_bytes'} for t in j['targets'] for p in t['memory'])"
    json_holds out "all(sum(p['weights_bytes'] for p in t['memory']) in (0, t['weights_bytes']) for t in j['targets'])"
}

# The picture for people; an output that lies over its input must not count twice.
memory_over_time_stays_in_the_arena()
{
    local file arena alive
    "$make_model" two-ports >two.tflite
    for file in two.tflite "$model" "$root/tests/vectors/models/net_inverted_residual.tflite"; do
        fine "$limpid" analyze "$file"
        arena=$(sed -n 's/^  activations (RAM) *\([0-9,]*\) .*/\1/p' out | tr -d ,)
        alive=$(sed '1,/^  epoch  operator/d' out | awk '$1 ~ /^[0-9]+$/ { gsub(",", "", $3); if ($3 + 0 > most) most = $3 + 0 } END { print most }')
        check "$file: $alive bytes alive, $arena in the arena" test "$alive" -le "$arena"
        check "$file: something is alive" test "$alive" -gt 0
    done
}

ledgers_add_up() # for every model that can be compiled
{
    local file compiled=0
    for file in "$root"/models/*.tflite "$root"/tests/vectors/models/*.tflite; do
        observe "$limpid" analyze "$file" --target host,cortex-m55 --json
        [ "$status" != 2 ] || continue
        [ "$status" = 0 ] || fail "exit status $status: limpid analyze $file"
        compiled=$((compiled + 1))
        json_holds out "all(sum(c['bytes'] for c in t['ledger']) == t['weights_bytes'] and
            sum(c['bytes'] for c in t['program_ledger']) == t['program_bytes'] and
            sum(l['weights_bytes'] for l in t['layers']) <= t['weights_bytes'] and
            t['activations_lower_bound_bytes'] <= t['activations_bytes'] for t in j['targets'])"
    done
    check "most of the models can be compiled" [ "$compiled" -ge 60 ]
}

other_commands()
{
    fine "$limpid" run "$model" --input random:2 --json
    json_holds out "j['outputs'][0].keys() >= {'name', 'shape', 'values'} and j['outputs'][0]['shape'] == [1, 5]"
    json_holds out "[len(v) for v in j['outputs'][0]['values']] == [5, 5]"
    fine "$limpid" validate "$model" --input random:2 --layers --json
    json_holds out "all(r.keys() >= {'exact', 'max_abs_diff', 'bias', 'rmse', 'mae', 'cosine', 'nse', 'argmax_agreement'}
        for t in j['targets'] for r in t['outputs'] + t['layers'])"
    json_holds out "j['targets'][0]['outputs'][0] | {'name': 0} == {'name': 0, 'exact': 1, 'max_abs_diff': 0, 'bias': 0, 'rmse': 0, 'mae': 0, 'cosine': 1,
        'nse': 1, 'argmax_agreement': 1}"
    fine "$limpid" targets --json
    json_holds out "{'host', 'cortex-m55', 'cortex-m4', 'cortex-m0plus'} <= {t['target'] for t in j['targets']}"
    fine "$limpid" generate "$model" -o folder --json
    check "generate prints the report that it writes" cmp out folder/report.json
    check "for Python, too" /usr/bin/python3 -m json.tool folder/report.json /dev/null
}

# Names of tensors and files are foreign text: quotes, line ends and what is no UTF-8 must not break the JSON or the C.
foreign_names()
{
    "$make_model" two-ports | sed 's/positive/"*\/\\?\xff\n\x01/' >"odd \"name\"*.tflite"
    fine "$limpid" generate "odd \"name\"*.tflite" -o odd --name odd --json
    json_holds out "j['name'] == 'odd'"
    check "C with foreign names compiles" gcc "${emitted_flags[@]}" -Iodd -c odd/odd.c -o odd.o
    fine "$limpid" run "odd \"name\"*.tflite" --input random:1 --json
    json_holds out "len(j['outputs']) == 2"
    fine "$limpid" validate "odd \"name\"*.tflite" --layers --json
    json_holds out "len(j['targets'][0]['outputs']) == 2"
}

analyze_keys
memory_over_time_stays_in_the_arena
ledgers_add_up
other_commands
foreign_names
finish
