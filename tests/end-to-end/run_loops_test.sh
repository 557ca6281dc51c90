#!/usr/bin/env bash
# The table of examples/run-loops/README.md: each mistake on the simulated board, and what limpid diagnose says about it from
# outputs and device log, and from outputs and trace. The program's own errors.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
run_loops=$(readlink -f "${BUILD_DIR:-$root/build}")/run-loops

head -41 "$root/models/sensor_windows.csv" >sensor.csv
# A last epoch on the NPU: what the processor computes is in its own cache.
awk 'BEGIN { for (n = 0; n < 12; n++) for (i = 0; i < 240; i++)
    printf "%.5f%s", ((n * 7919 + i * 104729 + n * i * 31) % 200 - 100) * 0.02, i < 239 ? "," : "\n" }' >nets.csv

diagnosed() # MODEL INPUTS WANT ARGUMENTS...: the verdict is one of WANT, parted by blanks
{
    local model=$1 inputs=$2 want=$3 status=0 verdict
    shift 3
    "$limpid" diagnose "$model" --inputs "$inputs" --observed out.csv "$@" >report.txt || status=$?
    verdict=$(sed -n '1s/^.*: //p' report.txt)
    case " $want " in
    *" $verdict "*) ;;
    *) fail "$mistake: diagnose says $verdict, expected $want" ;;
    esac
    [ "$status" = "$([ "$verdict" = healthy ] && echo 0 || echo 1)" ] || fail "$mistake: exit status $status"
    checks=$((checks + 1))
}

rows=0
while IFS='|' read -r _ names _ _ want _; do
    want=$(tr -d ' `' <<<"$want")
    for mistake in $(tr -d ' `' <<<"$names" | tr ',' ' '); do
        model=$root/models/sensor.tflite inputs=sensor.csv
        case $mistake in
        forgotten-invalidate | shared-line) model=$root/tests/vectors/models/net_inverted_residual.tflite inputs=nets.csv ;;
        esac
        check "$mistake" "$run_loops" "$model" --inputs "$inputs" --mistake "$mistake" --output out.csv --trace loop.txt \
            --device-log device.txt
        diagnosed "$model" "$inputs" "$want" --device-log device.txt
        case $want in
        healthy | network-not-reset | reset-too-early) diagnosed "$model" "$inputs" "$want" --trace loop.txt ;;
        esac
        rows=$((rows + 1))
    done
done < <(grep '^| `' "$root/examples/run-loops/README.md" | grep -v '^| `--')
[ "$rows" = 17 ] || fail "the table of README.md has $rows mistakes, expected 17"

mistake=none
check "adapter" "$run_loops" "$root/models/sensor.tflite" --inputs sensor.csv --adapter --output out.csv
diagnosed "$root/models/sensor.tflite" sensor.csv healthy

# The experiment that tells a missing cache call from everything else.
for mistake in forgotten-clean invalidate-before-clean; do
    check "$mistake without cache" "$run_loops" "$root/models/sensor.tflite" --inputs sensor.csv --mistake "$mistake" --no-cache \
        --output out.csv
    diagnosed "$root/models/sensor.tflite" sensor.csv healthy
done

refuses() # TEXT ARGUMENTS...: exit status 2 and a message that holds TEXT
{
    local text=$1
    shift
    observe "$run_loops" "$@"
    [ "$status" = 2 ] || fail "exit status $status, expected 2: run-loops $*"
    grep -qF -- "$text" err || fail "'$text' is not in the message of: run-loops $* -- $(cat err)"
    checks=$((checks + 1))
}
refuses "there is none of that name" "$root/models/sensor.tflite" --inputs sensor.csv --mistake no-such
refuses "a model and --inputs are needed" "$root/models/sensor.tflite"
refuses "has no mistakes" "$root/models/sensor.tflite" --inputs sensor.csv --adapter --trace t.txt
refuses "leave out --target" "$root/models/sensor.tflite" --inputs sensor.csv --target host
refuses "cannot open" "$root/models/none.tflite" --inputs sensor.csv
refuses "fills its last cache line" "$root/tests/vectors/models/net_dead_channels.tflite" --inputs nets.csv --mistake shared-line
refuses "a number is needed" "$root/models/sensor.tflite" --inputs sensor.csv --variant x
finish
