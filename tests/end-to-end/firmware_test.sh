#!/usr/bin/env bash
# The firmware of examples/mps3-an547 on an emulated Cortex-M55: a thousand windows decided as `limpid monitor` decides them from
# the same registers; then every fault of a serial line, counted and survived.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/models/sensor.tflite
pids=()
script='40 = state imbalance
70 = state overload'

end_all()
{
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    pids=()
}
trap 'end_all; rm -rf "$work"' EXIT

# name, lines of a script: a sensor on a pseudo terminal that goes one sample on with each request. Its line is ./NAME.line
start_sensor()
{
    { printf '[sensor]\nmachine = %s\ntransport = pty\nlink = %s/%s.line\nstep = request\nseed = 5\nstate = normal\n' "$root/models/sensor.ini" "$work" "$1"
      printf '[channel vibration_x]\nbeat = 0.9\nknock = 0.7\n[script]\n%s\n' "$2"; } >"$1.ini"
    "$limpid" sensor "$1.ini" </dev/null >"$1.out" 2>"$1.err" &
    pids+=($!)
    for _ in $(seq 100); do
        [ ! -s "$1.out" ] || return 0
        sleep 0.05
    done
    fail "the sensor did not start: $(cat "$1.err")"
}

# name, folder of the firmware: the firmware on the line ./NAME.line, its decisions in ./NAME.decisions
start_board()
{
    : >"$1.decisions"
    qemu-system-arm -M mps3-an547 -display none -monitor none -kernel "$2/firmware.elf" -serial "file:$1.decisions" \
        -chardev "serial,id=line,path=$work/$1.line" -serial chardev:line >"$1.qemu" 2>&1 &
    pids+=($!)
}

# file, words, seconds: until a line of the file has the words
wait_for()
{
    for _ in $(seq $((10 * $3))); do
        ! grep -q -- "$2" "$1" || return 0
        sleep 0.1
    done
    return 1
}

# folder, time-out in ms, options of the compiler
make_firmware()
{
    "$limpid" monitor --init "$model" >monitor.ini
    sed -i -e "s|^transport.*|transport = rtu\ndevice = $work/pc.line\nbaud = 115200|" -e 's/^period_ms.*/period_ms = 50/' \
        -e 's/^stride_samples.*/stride_samples = 1/' -e "s/^timeout_ms.*/timeout_ms = $2/" monitor.ini
    LIMPID=$limpid FIRMWARE_CFLAGS=$3 sh "$root/examples/mps3-an547/build.sh" monitor.ini "$model" "$1" >size 2>&1 || fail "the firmware does not build: $(cat size)"
    check "the firmware is there" [ -s "$1/firmware.elf" ]
}

# Both sides go in lockstep with their sensor: a PC that is busy with other things must not make a difference.
thousand_on_pc()
{
    start_sensor pc "$script"
    timeout 200 "$limpid" monitor monitor.ini --lockstep --format csv --windows 1000 >pc.csv 2>pc.err || fail "the monitor failed: $(cat pc.err)"
    end_all
    check "no sample was lost on the PC" grep -q ': 0 samples lost, 0 values missing' pc.err
}

thousand_on_board()
{
    start_sensor board "$script"
    start_board board lockstep
    wait_for board.decisions '^[0-9]*,1000,' 200 || fail "the board stopped: $(tail -1 board.decisions)"
    end_all
    check "no sample was lost on the board" [ "$(grep -c '^#.*fine' board.decisions)" = 0 ]
}

thousand_windows()
{
    thousand_on_pc
    thousand_on_board
    check "a thousand decisions are the same" /usr/bin/python3 - board.decisions pc.csv <<'PY'
import csv, sys
board = [line.strip().split(",") for line in open(sys.argv[1]) if line[0].isdigit() and line.endswith("\n")][:1000]
pc = list(csv.DictReader(open(sys.argv[2])))
same = sum(
    int(b[0]) == round(float(p["time_s"]) * 1000) and b[1] == p["window"] and b[2] == p["class"]
    and int(b[3]) == round(float(p["confidence"]) * 1e6) and b[4] == p["decision"]
    for b, p in zip(board, pc))
print("%d of %d decisions the same; decided %s" % (same, len(pc), sorted({p["decision"] for p in pc})))
sys.exit(0 if same == len(board) == len(pc) == 1000 else 1)
PY
}

every_fault()
{
    start_sensor faults '6 = fault no-answer 2
8 = fault late-answer 1 450
10 = fault wrong-crc 3
12 = fault exception 2 6
14 = fault short-frame 2
16 = fault extra-bytes 2
18 = fault wrong-unit 1
20 = fault out-of-range 1
22 = fault disconnect 1 800
28 = fault exception 1 4'
    start_board faults timed
    wait_for faults.out '28.0.* fault' 60 || fail "the script did not end: $(cat faults.out)"
    sleep 3
    local before after
    before=$(grep -c '^[0-9]' faults.decisions)
    sleep 2
    after=$(grep -c '^[0-9]' faults.decisions)
    check "decisions go on after all faults" [ "$after" -gt $((before + 10)) ]
    end_all
    grep '^#.*requests' faults.decisions | tail -1
    /usr/bin/python3 - faults.decisions <<'PY'
import re, sys
text = open(sys.argv[1]).read()
lines = [line for line in text.splitlines() if line.startswith("# requests")]
number = lambda line, name: int((re.search(name + r" (\d+)", line) or [0, 0])[1])
# The emulator delivers nothing during its first second: what that costs came before the first fault.
before = [line for line in lines if number(line, "requests") < 60][-1:] or [""]
count = lambda name: number(lines[-1], name) - number(before[0], name)
# A busy PC may cut a frame in two: a short frame more, whose rest comes as stray bytes. Everything else is exact.
wanted = {"wrong CRC": 3, "exception": 4, "extra bytes": 2, "wrong unit": 1}
fine = all(count(name) == n for name, n in wanted.items()) and count("short frame") >= 2 and count("stray bytes") >= 25
# Two without answer, one late, and as many as fit into 800 ms of a dead line.
fine = fine and 4 <= count("no answer") <= 6 and sum(count(n) for n in ("fine", "no answer", "short frame", *wanted)) == count("requests")
# No silent shift: each decision is one period after the one before, but where the window was begun anew.
times = [int(line.split(",")[0]) for line in text.splitlines() if line[:1].isdigit() and line.count(",") == 4]
jumps = sum(b - a != 50 for a, b in zip(times, times[1:]))
sys.exit(0 if fine and jumps <= count("restarts") else 1)
PY
}

# Stalls of a busy PC count as faults too, so the exact counters may take several attempts.
faults_are_counted()
{
    for _ in 1 2 3; do
        ! every_fault || { checks=$((checks + 1)); return 0; }
    done
    fail "the counters are not those of the faults in three attempts"
}

if has_emulator; then
    make_firmware timed 300 -DFIRMWARE_PAUSE_US=200000
    make_firmware lockstep 5000 -DFIRMWARE_LOCKSTEP=1
    thousand_windows
    faults_are_counted
else
    skip "the firmware: arm-none-eabi-gcc or qemu-system-arm is not installed"
fi
finish
