#!/usr/bin/env bash
# The manual of the NPU is what the compiler itself prints, and analyze names its rules.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"

manual_is_printed_by_the_compiler()
{
    fine "$limpid" rules --target stm32n6
    sed -n '/^# What the NPU/,$p' "$root/docs/npu.md" >manual
    check "docs/npu.md ends with what limpid rules prints" cmp -s manual out
}

software_epochs_name_a_rule()
{
    fine "$limpid" analyze "$root/models/sensor.tflite" --target stm32n6 --json
    json_holds out "[l['reason']['rule'] for l in j['targets'][0]['layers'] if l['runs_on'] == 'cpu'] == ['operator']"
    json_holds out "j['targets'][0]['epochs'] == {'hw': 3, 'sw': 1}"
    json_holds out "all(l['evidence'] in (None, 'exact', 'envelope') for l in j['targets'][0]['layers'])"
}

validate_counts_saturations()
{
    fine "$limpid" validate "$root/models/sensor.tflite" --target stm32n6 --layers
    check "saturations are counted" grep -q 'saturations before the last stage: 0' out
}

manual_is_printed_by_the_compiler
software_epochs_name_a_rule
validate_counts_saturations
finish
