#!/usr/bin/env python3
"""vendor_compare.py TRUTH EXPLAINED: whether `limpid explain --json` says of each layer and cause what vendor_build.py put there.
Scalars and identity kernels show only what they are, not whose: they are compared in sum."""
import json
import re
import sys

NOBODYS = {"alignment", "zero-point-terms", "pad-kernels", "io", "epoch-program"}


def operator(name):
    """The operator's number stands in the names that the builds give, and in those that are made for what is found."""
    match = re.match(r"(?:operator|Conv2D|Gemm)_(\d+)", name)
    return "operator_" + match.group(1) if match else None


def main():
    truth, build = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))["build"]
    faults = []
    if build["bytes"] != truth["bytes"]:
        faults.append("%d bytes, there are %d" % (build["bytes"], truth["bytes"]))
    if build["unexplained_bytes"] * 100 > truth["bytes"]:
        faults.append("%d of %d bytes unexplained" % (build["unexplained_bytes"], truth["bytes"]))
    causes = {c["cause"]: c["bytes"] for c in build["ledger"] if c["bytes"]}
    want = dict(truth["causes"], alignment=truth["alignment"])
    for cause in sorted(set(causes) | set(want)):
        if causes.get(cause, 0) != want.get(cause, 0):
            faults.append("%s: %d, there are %d" % (cause, causes.get(cause, 0), want.get(cause, 0)))
    layers = {}
    for layer in build["layers"]:
        name = operator(layer["name"])
        for row in layer["ledger"]:
            if name and row["cause"] not in NOBODYS:
                layers.setdefault(name, {}).setdefault(row["cause"], 0)
                layers[name][row["cause"]] += row["bytes"]
    for name in sorted(set(layers) | set(truth["layers"])):
        expected = {c: n for c, n in truth["layers"].get(name, {}).items() if c not in NOBODYS}
        if layers.get(name, {}) != expected:
            faults.append("%s: %s, there are %s" % (name, layers.get(name), expected))
    for fault in faults[:12]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
