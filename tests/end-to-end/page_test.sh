#!/usr/bin/env bash
# The page and the pictures of a report, in a browser: drawn, the same numbers as in the JSON, nothing from elsewhere.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
model=$root/tests/vectors/models/net_dead_channels.tflite
browser=$(command -v chromium || command -v chromium-browser || true)

chrome() # ARGUMENTS...
{
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$work/profile" \
        --enable-logging=stderr "$@" 2>browser.txt || fail "the browser: $(tail -3 browser.txt)"
    if grep 'CONSOLE' browser.txt; then
        fail "the console of the browser is not empty"
    fi
}

the_files()
{
    fine "$limpid" analyze "$model" --target cortex-m55,stm32n6 --html page.html --svg both.svg --svg waterfall=fall.svg --svg memory=map.svg --json
    cp out report.json
    fine "$limpid" analyze "$model" --target cortex-m55,stm32n6 --html again.html --json
    check "the same page again" cmp page.html again.html
    check "nothing from elsewhere" bash -c '! grep -Eq "http|src=|url\(|@import|<script" page.html'
    check "dark and print" bash -c 'grep -q "prefers-color-scheme:dark" page.html && grep -q "@media print" page.html'
    # Without a browser, too: the numbers that the page names are those of the report.
    check "numbers of the page" /usr/bin/python3 "$root/tests/end-to-end/page.py" page.html report.json
    sed 's/\(data-json="targets.1.weights_bytes">\)[0-9,]*/\17/' page.html >changed.html
    check "a changed number is found" bash -c '! /usr/bin/python3 "$1" changed.html report.json 2>/dev/null >/dev/null' _ "$root/tests/end-to-end/page.py"
    refused 'no-such-folder' analyze "$model" --html no-such-folder/page.html
    refused 'name is missing' analyze "$model" --svg waterfall=
}

# Texts of the pictures: each step of each target with its bytes.
the_pictures()
{
    check "texts of the pictures" /usr/bin/python3 - <<'PY'
import json, xml.etree.ElementTree as tree
report = json.load(open("report.json"))
texts = {name: ["".join(t.itertext()) for t in tree.parse(name).iter("{http://www.w3.org/2000/svg}text")] for name in ("both.svg", "fall.svg", "map.svg")}
for target in report["targets"]:
    steps = [(c["cause"], c["bytes"]) for c in target["ledger"] + target["program_ledger"] if c["cause"] != "model-constants"]
    for cause, size in steps:
        assert cause in texts["fall.svg"] and "{:+,}".format(size) in texts["fall.svg"], (cause, size)
    for size in (target["weights_bytes"], target["weights_bytes"] + target["program_bytes"]):
        assert "{:,}".format(size) in texts["fall.svg"], size
    peak = target["memory_map"]["peak"]
    assert "peak: {:,} bytes alive in epoch {}".format(peak["alive_bytes"], peak["epoch"]) in texts["map.svg"]
    titles = [t.text for t in tree.parse("map.svg").iter("{http://www.w3.org/2000/svg}title")]
    for b in target["memory_map"]["buffers"]:
        assert any(b["name"] in t and "{:,} bytes at {:,}".format(b["size_bytes"], b["offset_bytes"]) in t for t in titles), b
assert sorted(texts["both.svg"]) == sorted(texts["fall.svg"] + texts["map.svg"])
PY
}

# Names out of a model are foreign text.
foreign_names()
{
    "$make_model" two-ports | sed 's/positive/<b>\&"\xff\n\x01/' >'<b>odd"&.tflite'
    fine "$limpid" analyze '<b>odd"&.tflite' --target host --html names.html --svg names.svg --json
    check "nothing of a name is HTML" bash -c '! grep -q "<b>odd\|<b>&\"" names.html'
    check "the name is there" grep -q '&lt;b&gt;odd&quot;&amp;.tflite' names.html
    check "well formed" /usr/bin/python3 -c 'import xml.etree.ElementTree as t; t.parse("names.svg")'
}

in_a_browser()
{
    if [ -z "$browser" ]; then
        skip "the page in a browser: no chromium"
        return
    fi
    chrome --dump-dom "file://$work/page.html" >dom.html
    check "what the browser made of it" /usr/bin/python3 "$root/tests/end-to-end/page.py" dom.html report.json
    # A copy that measures itself: the page is never wider than the window, on a phone either.
    sed 's|</body>|<script>document.body.dataset.fits = document.documentElement.scrollWidth <= window.innerWidth</script></body>|' page.html >measure.html
    for width in 360 1100; do
        chrome --window-size=$width,900 --dump-dom "file://$work/measure.html" >measured.html
        check "as wide as a window of $width" grep -q 'data-fits="true"' measured.html
    done
    for scheme in light dark; do
        chrome --blink-settings="preferredColorScheme=$([ $scheme = dark ] && echo 0 || echo 1)" --window-size=900,1400 --screenshot="$work/$scheme.png" \
            "file://$work/page.html" >/dev/null
        check "a picture of the $scheme page" [ "$(stat -c %s "$work/$scheme.png")" -gt 20000 ]
    done
    check "two schemes" bash -c '! cmp -s light.png dark.png'
    chrome --screenshot="$work/map.png" "file://$work/map.svg" >/dev/null
    check "a picture alone" [ "$(stat -c %s "$work/map.png")" -gt 5000 ]
}

# The words of a printed page and where they stand, in points.
printed() # page.html
{
    chrome --print-to-pdf="$work/page.pdf" "file://$work/$1" >/dev/null
    pdftotext -bbox page.pdf words.html
    pdftotext -layout page.pdf words.txt
}

# Nothing cut, nothing shrunk to fit, nothing hidden that the screen shows on demand; no page begins in the middle of a picture.
on_paper()
{
    if [ -z "$browser" ] || ! command -v pdftotext >/dev/null; then
        skip "the page on paper: no chromium, or no pdftotext"
        return
    fi
    printed page.html
    check "the page on paper" /usr/bin/python3 - <<'PY'
import json, re
report, words = json.load(open("report.json")), open("words.html", encoding="utf-8").read()
text = open("words.txt", encoding="utf-8").read()
width = float(re.search(r'<page width="([0-9.]+)"', words).group(1))
boxes = [tuple(map(float, m)) for m in re.findall(r'xMin="([0-9.-]+)" yMin="([0-9.-]+)" xMax="([0-9.-]+)" yMax="([0-9.-]+)"', words)]
assert len(boxes) > 300 and all(0 <= b[0] and b[2] <= width for b in boxes), "a word beyond the paper's edge"
assert sorted(b[3] - b[1] for b in boxes)[len(boxes) // 2] > 8, "letters too small to read: the page was shrunk"
for t in report["targets"]:
    for b in t["memory_map"]["buffers"]:
        assert re.search(r"%s +\S+ +%s +%s" % (re.escape(b["name"][-31:]), "{:,}".format(b["offset_bytes"]), "{:,}".format(b["size_bytes"])),
                         re.sub(r" (input|output|activation|scratch|state) ", " ", text)), b
last = report["targets"][0]["ranges"][-1]
lines = [l.split() for l in text.splitlines() if l.split()]
assert [str(last["index"]), str(last["range"][0]), str(last["range"][1]), str(last["channels"]), str(last["constant_channels"])] in \
    [[l[0]] + l[2:] for l in lines if len(l) == 6], "the last row of the last table"
PY
    # Without the rule for closed parts the test sees the difference.
    sed 's/details::details-content/nothing::nothing/' page.html >closed.html
    cp words.txt open.txt
    printed closed.html
    check "closed parts are shown on paper" [ "$(wc -l <open.txt)" -gt "$(wc -l <words.txt)" ]
}

the_files
the_pictures
foreign_names
in_a_browser
on_paper
finish
