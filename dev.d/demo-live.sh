# shellcheck shell=bash
# Part of dev.d/demo.sh: a simulated machine on Modbus TCP, watched live through three changes of its state and one fault.

live=$PWD/$out/live
mkdir -p "$live"
cat >"$live/sensor.ini" <<TEXT
[sensor]
machine = $PWD/models/sensor.ini
transport = tcp
port = 0
state = normal
seed = 7
[channel vibration_x]
beat = 0.90
knock = 0.70
[channel vibration_y]
beat = 0.90
beat_shift = 0.25
knock = 0.70
[channel vibration_z]
beat = 0.15
beat_shift = 0.5
knock = 1.50
[channel sound]
knock = 3.0
[script]
7 = state imbalance
12 = state overload
14 = fault no-answer 3
17 = state normal
60 = quit
TEXT

# Right is the state that the machine had in the middle of the window; half a second around a change either one is.
judge_live() # CSV of the monitor
{
    awk -F, '
        function state_at(t) { return t < 7 ? "normal" : t < 12 ? "imbalance" : t < 17 ? "overload" : "normal" }
        $1 == "time_s" || NF < 5 { next }
        {
            middle = $1 - 2.45
            right = $3 == state_at(middle - 0.5) || $3 == state_at(middle + 0.5)
            sum += right
            n++
            if ($5 != shown) printf "  %5.1f s  decision: %s\n", $1, $5
            shown = $5
        }
        END {
            printf "\n  %d of %d windows right\n", sum, n
            exit n < 20 || sum < 0.95 * n
        }' "$1"
}

heading "Live: a simulated machine on Modbus TCP, three changes of its state, one fault (22 seconds)"
coproc sensor_process { exec "$limpid" sensor "$live/sensor.ini"; }
sensor_pid=$!
trap 'kill "$sensor_pid" 2>/dev/null || true' EXIT
IFS= read -r -t 10 address <&"${sensor_process[0]}"
printf '$ limpid sensor %s\n  %s; at 7 s imbalance, at 12 s overload, at 17 s normal; at 14 s three requests get no answer\n' \
    "$out/live/sensor.ini" "$address"
"$limpid" monitor --init "$model" |
    sed -e "s/^port = .*/port = ${address##*:}/; s/^stride_samples = .*/stride_samples = 5/; s/^timeout_ms = .*/timeout_ms = 60/" \
        >"$live/monitor.ini"
show "$limpid" monitor "$out/live/monitor.ini" --seconds 22 --format csv --output "$out/live/windows.csv"
judge_live "$live/windows.csv"
kill "$sensor_pid" 2>/dev/null || true
wait "$sensor_pid" 2>/dev/null || true
trap - EXIT
