#!/usr/bin/env bash
# What a user does wrong: exit status 2 and one sentence that says what to do; never a crash, never half a result.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite

no_command()
{
    observe "$limpid"
    check "without a command: usage and exit status 2" [ "$status" = 2 ]
    check "usage names the commands" grep -q '^  analyze' err
    refused "there is no command 'frobnicate'" frobnicate
    fine "$limpid" --help
    check "help lists the commands" grep -q '^  validate' out
    fine "$limpid" --version
    check "version" grep -qE '^limpid [0-9]+\.[0-9]+\.[0-9]+$' out
    local command
    for command in analyze generate run validate targets; do
        fine "$limpid" "$command" --help
        check "help of $command says how to call it" grep -q "Usage: limpid $command" out
        fine "$limpid" "$command" --version
        refused "unrecognized option '--frobnicate'" "$command" --frobnicate
    done
}

bad_options()
{
    local command
    for command in analyze generate run validate; do
        refused "a model file is missing" "$command"
        refused "is too many" "$command" "$model" "$model"
        refused "there is no target 'cortex-x1': known are" "$command" "$model" --target cortex-x1
        refused "there is no target ''" "$command" "$model" --target host,
        refused "allowed are single and double" "$command" "$model" --rounding triple
    done
    refused "-o DIR" generate "$model"
    refused "one target" generate "$model" -o folder --target host,cortex-m55
    refused "one target" run "$model" --input random:1 --target host,cortex-m55
    refused "more than 8 targets" analyze "$model" --target host,host,host,host,host,host,host,host,host
    refused "there is no stage 'middle'" analyze "$model" --dump-after middle
    refused "can't become a C name" generate "$model" -o folder --name '+-*'
    refused "can't become a C name" generate "$model" -o folder --name "$(printf 'a%.0s' {1..65})"
    refused "input is missing" run "$model"
    refused "exclude each other" run "$model" --input random:1 --real --raw
    refused "exclude each other" validate "$model" --raw --real
    refused "--dump-after prints text" analyze "$model" --dump-after import --json
    refused "'more' is too many" targets more
    check "nothing was written" [ ! -e folder ]
}

# Every command reads the model in the same way.
bad_models()
{
    : >empty.tflite
    printf 'no model at all\n' >text.tflite
    printf '\010\007\022\007pytorch\032\0032.0:\200\001' >network.onnx
    head -c 1000 "$model" >half.tflite
    mkdir folder.tflite
    "$make_model" float >float.tflite
    "$make_model" unsupported >unsupported.tflite
    refused "cannot open missing.tflite: No such file or directory" analyze missing.tflite
    refused "empty.tflite is not a .tflite model" analyze empty.tflite
    refused "text.tflite is not a .tflite model" analyze text.tflite
    refused "folder.tflite is not a regular file" analyze folder.tflite
    refused "network.onnx looks like an ONNX model" analyze network.onnx
    refused "half.tflite" analyze half.tflite
    refused "quantize the whole model to int8" analyze float.tflite
    refused "operator 0 (FULLY_CONNECTED 'out'): its input is float32" analyze float.tflite
    refused "operator 0 ('magnitude') is SIN" analyze unsupported.tflite
    check "every unsupported operator is listed" grep -qF "operator 2 ('custom') is COS" err
    check "the count is said" grep -qF "2 of 3 operators" err
    check "the supported operator is not listed" test 3 = "$(wc -l <err)"
    refused "text.tflite" run text.tflite --input random:1
    refused "text.tflite" validate text.tflite
    refused "text.tflite" generate text.tflite -o folder
    check "nothing was written" [ ! -e folder ]
    cp "$model" sensor.dat
    fine "$limpid" analyze sensor.dat
}

# Inputs of `run`; tests/end-to-end/run_test.sh has those that are right.
bad_inputs()
{
    printf '1,2,3\n' >short.csv
    head -c 499 /dev/zero >short.bin
    printf 'no array' >damaged.npy
    refused "cannot open missing.npy" run "$model" --input missing.npy
    refused "inputs are .npy, .csv, .bin" run "$model" --input text.txt
    refused "random:N" run "$model" --input random:0
    refused "random:N" run "$model" --input random:1:
    refused "1 inputs, 2 were given" run "$model" --input random:1 --input random:1
    refused "short.csv" run "$model" --raw --input short.csv
    refused "500 bytes of one inference" run "$model" --input short.bin
    refused "damaged.npy" run "$model" --input damaged.npy
    refused "written as .npy, .csv or .bin" run "$model" --input random:1 --output out.txt
    refused "missing/out.csv" run "$model" --input random:1 --output missing/out.csv
}

# A path below a regular file can't be made, not even by root.
unwritable_places()
{
    : >file
    refused "file" generate "$model" -o file
    refused "file" generate "$model" -o file/below
    refused "file/out.csv" run "$model" --input random:1 --output file/out.csv
    refused "file" run "$model" --input random:1 --dump file/below
    check "the file is untouched" [ ! -s file ]
}

# arguments of limpid...: with a full disk behind standard output
on_full_disk()
{
    status=0
    "$limpid" "$@" >/dev/full 2>"$work/err" || status=$?
    [ "$status" = 2 ] || fail "exit status $status on a full disk, expected 2: limpid $*"
    [ "$(cat err)" = "limpid: cannot write to standard output: No space left on device" ] || fail "limpid $* on a full disk: $(cat err)"
    checks=$((checks + 1))
}

# arguments of limpid...: with nobody at the other end of the pipe
on_closed_pipe()
{
    mkfifo pipe
    exec 3<>pipe 4>pipe 3<&-
    status=0
    "$limpid" "$@" >&4 2>"$work/err" || status=$?
    exec 4>&-
    rm pipe
    [ "$status" = 2 ] || fail "exit status $status on a closed pipe, expected 2: limpid $*"
    [ "$(cat err)" = "limpid: cannot write to standard output: Broken pipe" ] || fail "limpid $* on a closed pipe: $(cat err)"
    checks=$((checks + 1))
}

failing_output()
{
    local where
    for where in on_full_disk on_closed_pipe; do
        "$where" analyze "$model"
        "$where" analyze "$model" --json
        "$where" generate "$model" -o generated
        "$where" run "$model" --input random:1
        "$where" run "$model" --input random:1 --json
        "$where" validate "$model" --input random:1
        "$where" targets
        "$where" --help
        "$where" --version
        "$where" analyze --help
    done
}

no_command
bad_options
bad_models
bad_inputs
unwritable_places
failing_output
finish
