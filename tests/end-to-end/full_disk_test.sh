#!/usr/bin/env bash
# A full disk at every call that makes or changes a file: an error that says so, and each file is whole or absent.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
shim=$work/full_disk.so
cc -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -o "$shim" "$root/tests/end-to-end/full_disk.c" -ldl || fail "the shim does not compile"
export ASAN_OPTIONS=verify_asan_link_order=0

# The command, whose files go to $folder, with call number AT failing (0: none).
attempt() # AT COMMAND...
{
    local at=$1
    shift
    rm -rf "$folder"
    mkdir "$folder"
    status=0
    FULL_DISK_AT=$at FULL_DISK_COUNT=$work/count LD_PRELOAD=$shim "$limpid" "$@" >"$work/out" 2>"$work/err" || status=$?
}

survives() # COMMAND...
{
    local total at wrong
    folder=$work/folder
    : >"$work/count"
    attempt 0 "$@"
    [ "$status" = 0 ] || fail "$*: $(cat "$work/err")"
    total=$(cat "$work/count")
    [ "${total:-0}" -ge 3 ] || fail "$*: only ${total:-0} calls were seen"
    rm -rf "$work/good"
    cp -r "$folder" "$work/good"
    for ((at = 1; at <= total; at++)); do
        attempt "$at" "$@"
        [ "$status" = 2 ] || fail "$*: call $at of $total fails: status $status"
        grep -q "No space left on device" "$work/err" || fail "$*: call $at of $total fails: $(cat "$work/err")"
        wrong=$(diff -rq "$folder" "$work/good" | grep -v "^Only in $work/good") || true
        [ -z "$wrong" ] || fail "$*: call $at of $total fails, left behind or half written: $wrong"
        checks=$((checks + 1))
    done
    echo "$1: $total calls"
}

survives generate "$model" --target cortex-m55 -o "$work/folder/made"
survives generate "$model" --target stm32n6 --hex --epoch-controller -o "$work/folder/made"
survives optimize "$root/tests/vectors/models/net_dead_channels.tflite" -o "$work/folder/small.tflite"
survives run "$model" --input random:3 --output "$work/folder/out.npy"
survives run "$model" --input random:1 --dump "$work/folder/tensors"
survives analyze "$model" --target host,stm32n6 --html "$work/folder/page.html" --svg "$work/folder/pictures.svg"
survives diagnose "$model" --inputs random:5 --html "$work/folder/page.html"
finish
