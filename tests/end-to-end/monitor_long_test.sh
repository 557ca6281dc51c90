#!/usr/bin/env bash
# Two minutes of polls every 10 ms: no drift, no growth of memory, and every poll accounted for. (An hour of the same runs on
# virtual time in the unit tests.)
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
seconds=120
case ${BUILD_DIR:-} in */asan) echo "SKIP two minutes of polls: once is enough, in the plain build"; exit 77 ;; esac
cd "$work"

printf '[sensor]\nmachine = %s/models/sensor.ini\ntransport = tcp\nport = 0\nstate = normal\n' "$root" >sensor.ini
"$limpid" sensor sensor.ini </dev/null >sensor.out 2>sensor.err &
sensor_pid=$!
trap 'kill "$sensor_pid" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    [ ! -s sensor.out ] || break
    sleep 0.05
done
port=$(head -1 sensor.out | sed 's/.*://')
"$limpid" monitor --init "$root/models/sensor.tflite" >monitor.ini
sed -i -e "s/^port = .*/port = $port/" -e 's/^period_ms = .*/period_ms = 10/' monitor.ini

started=$(date +%s%N)
"$limpid" monitor monitor.ini --format csv --seconds "$seconds" >windows.csv 2>summary &
monitor_pid=$!
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$monitor_pid/status"; }
sleep 10
early_kb=$(rss)
sleep $((seconds - 20))
late_kb=$(rss)
wait "$monitor_pid"
took_ms=$((($(date +%s%N) - started) / 1000000))

samples=$(sed -n 's/^\([0-9]*\) samples.*/\1/p' summary)
polls=$(sed -n 's/.* \([0-9]*\) polls.*/\1/p' summary)
fine=$(sed -n 's/.* \([0-9]*\) fine.*/\1/p' summary)
late=$(sed -n 's/^machine .* late \([0-9]*\).*/\1/p' summary)
late=${late:-0}
lost=$(sed -n 's/.* \([0-9]*\) samples lost.*/\1/p' summary)
echo "$samples samples, $polls polls, $fine fine in $took_ms ms; memory $early_kb kB early, $late_kb kB late"
cat summary
# The grid of samples belongs to the clock: a slow PC may lose polls, which are counted, but the grid never drifts.
grid=$((samples + lost))
[ "$grid" -ge $((seconds * 100 - 2)) ] && [ "$grid" -le $((seconds * 100 + 2)) ] || fail "expected $((seconds * 100)) places in time, found $grid"
# Nothing but lateness may take a poll: of two processors that run the whole suite one is now and then busy for longer than an
# answer may take.
[ $((fine + late)) -eq "$polls" ] || fail "of $polls polls $fine were fine and $late late: others failed"
[ "$fine" -ge $((seconds * 95)) ] || fail "more than one poll in twenty was late"
[ $((late_kb - early_kb)) -le 64 ] || fail "memory grew"
[ "$took_ms" -ge $((seconds * 1000 - 100)) ] && [ "$took_ms" -le $((seconds * 1000 + 2000)) ] || fail "took $took_ms ms"
