#!/usr/bin/env bash
# `limpid sensor` and `limpid monitor` together: right decisions over TCP and over a serial line, faults that are counted and
# survived, clean ends, errors that are said once.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
sensor_pid=

end_sensor()
{
    [ -z "$sensor_pid" ] || { kill "$sensor_pid" 2>/dev/null || true; wait "$sensor_pid" 2>/dev/null || true; }
    sensor_pid=
}
trap 'end_sensor; rm -rf "$work"' EXIT

# name; the configuration on standard input. Sets `where` to what the monitor connects to.
start_sensor()
{
    cat >"$1.ini"
    "$limpid" sensor "$1.ini" </dev/null >"$1.out" 2>"$1.err" &
    sensor_pid=$!
    for _ in $(seq 100); do
        [ ! -s "$1.out" ] || break
        sleep 0.05
    done
    where=$(head -1 "$1.out" | cut -d' ' -f2)
    [ -n "$where" ] || fail "the sensor did not start: $(cat "$1.err")"
    port=${where##*:}
    case $port in */*) port=1 ;; esac # a serial line has none
}

# file, sed expressions...: an example's configuration, changed
configure()
{
    local file=$1
    shift
    "$limpid" monitor --init "$model" >"$file"
    sed -i -e "s|^port = .*|port = ${port:-1}|" "$@" "$file"
}

machine()
{
    printf '[sensor]\nmachine = %s\nport = 0\nstep = request\nstate = normal\nseed = %s\n' "$root/models/sensor.ini" "$1"
    printf '[channel vibration_x]\nbeat = 0.9\nknock = 0.7\n[channel vibration_y]\nbeat = 0.9\nbeat_shift = 0.25\nknock = 0.7\n'
    printf '[channel vibration_z]\nbeat = 0.15\nbeat_shift = 0.5\nknock = 1.5\n[channel sound]\nknock = 3\n'
}

# Ten times as fast as the model's samples: the machine goes one sample on for each request. Truth: what state the sensor was
# in when it answered; a window counts as the state that most of its 50 samples have.
decisions_are_right() # target
{
    start_sensor demo < <(machine 11; printf '[script]\n30 = state imbalance\n60 = state overload\n90 = state bearing_wear\n110 = fault short-frame 2\n')
    configure demo_monitor.ini -e 's/^period_ms.*/period_ms = 10/' -e "s/^target = .*/target = $1/"
    observe timeout 60 "$limpid" monitor demo_monitor.ini --format csv --windows 115
    check "the monitor ends well" [ "$status" = 0 ]
    cp out demo.csv
    end_sensor
    check "95 of 100 windows are right on $1" /usr/bin/python3 - demo.out demo.csv <<'PY'
import csv, re, sys
events = [(0, "normal")] + [(int(m[2]), m[1]) for m in re.finditer(r"state (\w+), request (\d+)", open(sys.argv[1]).read())]
state_of = lambda sample: [s for first, s in events if first <= sample][-1]
right = total = 0
for row in csv.DictReader(open(sys.argv[2])):
    last = round(float(row["time_s"]) * 100)
    states = [state_of(i) for i in range(last - 49, last + 1)]
    most = max(reversed(states), key=states.count)
    total += 1
    right += row["class"] == most
print("%d of %d windows right" % (right, total))
sys.exit(0 if len(events) == 4 and total == 115 and right >= 0.95 * total else 1)
PY
}

faults_are_counted()
{
    start_sensor serial < <(machine 3 | sed 's/^port.*/transport = pty/'
        printf '[script]\n2.5 = fault wrong-crc 3\n5 = fault exception 2 6\n7.5 = fault extra-bytes 2\n10 = fault wrong-unit 1\n'
        printf '12.5 = fault short-frame 2\n15 = fault no-answer 2\n')
    configure serial.monitor.ini -e "s|^transport.*|transport = rtu\ndevice = $where\nbaud = 115200|" -e 's/^period_ms.*/period_ms = 20/' \
        -e 's/^timeout_ms.*/timeout_ms = 60/'
    "$limpid" monitor serial.monitor.ini --json --seconds 4.5 >serial.json 2>serial.err || fail "$(cat serial.err)"
    end_sensor
    tail -1 serial.json >end.json
    json_holds end.json 'j["type"] == "end"'
    json_holds end.json '[j["devices"][0][k] for k in ("wrong_CRC", "exception", "extra_bytes", "wrong_unit", "short_frame", "no_answer")] == [3, 2, 2, 1, 2, 2]'
    json_holds end.json 'j["devices"][0]["last_exception"] == 6'
    json_holds end.json 'sum(j["devices"][0][k] for k in ("fine","no_answer","short_frame","wrong_CRC","extra_bytes","wrong_unit","wrong_answer","exception","disconnected","cannot_connect","not_connected","late")) == j["devices"][0]["polls"]'
    json_holds end.json 'j["filled_values"] > 0 and j["windows"] > 5'
}

# Half of the features from one device, half from another, one of which goes away and comes back.
several_devices_feed_one_window()
{
    start_sensor first < <(machine 5)
    local first_pid=$sensor_pid first_port=$port
    start_sensor second < <(machine 5)
    configure two.ini -e 's/^period_ms.*/period_ms = 20/' -e 's/^gap.*/gap = hold/' -e "/^unit = 1$/a [device other]\nport = $first_port\nunit = 1\n"
    /usr/bin/python3 - two.ini <<'PY'
import sys
text = open(sys.argv[1]).read()
parts = text.split("[feature ")
for i, part in enumerate(parts[1:], 1):
    name, rest = part.split("]\n", 1)
    parts[i] = "%s]\ndevice = %s\n%s" % (name, "machine" if i % 2 else "other", rest)
text = "[feature ".join(parts).replace("timeout_ms = 500\n", "")
open(sys.argv[1], "w").write(text)
PY
    "$limpid" monitor two.ini --json --seconds 4 --log two.csv >two.json 2>two.err &
    local monitor_pid=$!
    sleep 2
    kill "$first_pid"
    wait "$first_pid" || true
    wait "$monitor_pid" || fail "$(cat two.err)"
    end_sensor
    tail -1 two.json >end.json
    json_holds end.json 'j["devices"][0]["fine"] > 195 and 60 < j["devices"][1]["fine"] < 110'
    json_holds end.json 'j["devices"][1]["disconnected"] + j["devices"][1]["cannot_connect"] > 0 and j["restarts"] == 1'
    check "the log has a line for each sample" [ "$(wc -l <two.csv)" -eq 201 ]
    check "and empty fields where values are missing" grep -q '^3.900,[^,]*,,[^,]*,,' two.csv
}

ends_are_clean()
{
    start_sensor clean < <(machine 9)
    configure clean.monitor.ini -e 's/^period_ms.*/period_ms = 10/'
    local signal
    for signal in INT TERM; do
        # A background job of a script ignores SIGINT unless it is told otherwise.
        /usr/bin/python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])' \
            "$limpid" monitor clean.monitor.ini --json >"$signal.json" 2>"$signal.err" &
        local pid=$!
        sleep 1.3
        kill "-$signal" "$pid"
        wait "$pid" || fail "SIG$signal: exit status $?: $(cat "$signal.err")"
        check "SIG$signal: the last line is whole" [ "$(tail -c 1 "$signal.json" | od -An -c | tr -d ' ')" = '\n' ]
        tail -1 "$signal.json" >end.json
        json_holds end.json "j['type'] == 'end' and j['windows'] == $(grep -c '"type":"window"' "$signal.json")"
    done
    status=0
    "$limpid" monitor clean.monitor.ini --json --seconds 2 >/dev/full 2>err || status=$?
    check "a full disk: exit status 2" [ "$status" = 2 ]
    check "said once" [ "$(grep -c 'No space left on device' err)" = 1 ]
    status=0
    { "$limpid" monitor clean.monitor.ini --format csv --seconds 5 2>err || echo "$?" >status; } | head -1 >/dev/null
    check "a closed pipe: exit status 2" [ "$(cat status)" = 2 ]
    check "said once" [ "$(grep -c 'Broken pipe' err)" = 1 ]
    if command -v tmux >/dev/null; then
        tmux -L "limpid$$" new-session -d -x 100 -y 40 "$limpid monitor clean.monitor.ini --seconds 4; sleep 5"
        sleep 3
        tmux -L "limpid$$" capture-pane -p >screen
        tmux -L "limpid$$" kill-server
        check "the table shows the decision" grep -q '^decision: normal' screen
        check "the table shows values with units" grep -Eq '^motor_current +[0-9.]+ A$' screen
        check "the table shows the counters" grep -Eq '^machine +[0-9]+ polls' screen
    else
        skip "the live table: tmux is not installed"
    fi
    end_sensor
}

mistakes_are_refused()
{
    configure bad.ini -e 's/^gap = .*/gap = wait/'
    refused "bad.ini:8: gap = wait: allowed is hold, interpolate or restart" monitor bad.ini
    configure bad.ini -e 's/^target = .*/target = moon/'
    refused "target = moon: allowed are host, stm32n6" monitor bad.ini
    configure bad.ini -e '/^\[feature sound\]/,$d'
    refused "the number of [feature NAME] sections is 9" monitor bad.ini
    refused "cannot open nothing.ini" monitor nothing.ini
    refused "cannot open nothing.ini" sensor nothing.ini
    printf '[sensor]\nmachine = %s\nport = 99999\n' "$root/models/sensor.ini" >bad.ini
    refused "bad.ini:3: port = 99999: allowed is a whole number from 0 to 65535" sensor bad.ini
    check "--help explains the configuration" grep -q 'max_gap' <("$limpid" monitor --help)
    check "--help explains the script" grep -q 'short-frame' <("$limpid" sensor --help)
}

decisions_are_right host
decisions_are_right stm32n6
faults_are_counted
several_devices_feed_one_window
ends_are_clean
mistakes_are_refused
finish
