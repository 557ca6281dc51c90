#!/usr/bin/env python3
"""How far the NPU is from the reference: the tables of docs/accuracy.md, which this prints.

For each model: who runs in hardware, cycles by the model, bytes; then every layer from exact inputs, with the largest deviation
that any input can cause and the largest that was seen; then the outputs after all layers. Run in the project's folder:
    bench/accuracy.py > docs/accuracy.md
"""
import json
import os
import subprocess
import sys
import tempfile

LIMPID, TARGET, RANDOM = "build/limpid", "stm32n6", "random:1000"
MODELS = ["models/sensor.tflite"] + ["../shared/models/%s.tflite" % name for name in (
    "ad01_int8", "kws_ref_model", "vww_96_int8", "pretrainedResnet_quant")]


def limpid(command, model, *options):
    done = subprocess.run([LIMPID, command, model, "--target", TARGET, "--json", *options], capture_output=True, text=True)
    if done.returncode == 2:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["targets"][0]


def natural_inputs(name, folder):
    """The golden inputs of a model that were recorded, not made up, back to back; or None."""
    if not os.path.exists("../shared/golden/index.json"):
        return None
    with open("../shared/golden/index.json") as file:
        models = json.load(file)["models"]
    vectors = [v for m in models if m["name"] == name for v in m["vectors"]
               if v["kind"] not in ("random uniform", "all zero point", "ramp mod 256")]
    if not vectors:
        return None
    joined = os.path.join(folder, name + ".bin")
    with open(joined, "wb") as out:
        for vector in vectors:
            with open("../shared/golden/%s/%s" % (name, vector["inputs"][0]), "rb") as one:
                out.write(one.read())
    return joined


def output_row(kind, target):
    o = target["outputs"][0]
    return "| %s | %d | %.4f %% | %g | %+.4f | %.4f | %.1f %% |" % (
        kind, target["inferences"], 100 * o["exact"], o["max_abs_diff"], o["bias"], o["mae"], 100 * o["argmax_agreement"])


def describe(model, folder):
    name = os.path.basename(model)[:-len(".tflite")]
    print("\n## %s\n" % name)
    seen = limpid("validate", model, "--layers", "-i", RANDOM)
    layers = {row["index"]: row for row in seen["layers"]}
    print("| layer | operator | runs on | cycles | evidence | deviation at most, before rounding | seen: exact | seen: largest |")
    print("|---|---|---|---|---|---|---|---|")
    for row in limpid("analyze", model)["layers"]:
        if row["index"] not in layers:
            continue
        bound, layer = row["deviation_bound"], layers[row["index"]]
        print("| %d | %s | %s | %s | %s | %s | %.4f %% | %g |" % (
            row["index"], row["op"], row["runs_on"], format(row["cycles"], ","), row["evidence"] or "",
            "" if bound is None else "%.3f" % bound, 100 * layer["exact"], layer["max_abs_diff"]))
    print("\n| inputs | inferences | exact | largest | bias | mean | same class |\n|---|---|---|---|---|---|---|")
    print(output_row("random", seen))
    natural = natural_inputs(name, folder)
    if natural:
        print(output_row("natural (golden vectors)", limpid("validate", model, "-i", natural, "--raw")))


def main():
    present = [m for m in MODELS if os.path.exists(m)]
    for model in set(MODELS) - set(present):
        print("SKIP %s: not present" % model, file=sys.stderr)
    print("# How far the NPU is from the reference\n\nMade by `bench/accuracy.py`. Reference: rounding single. Layers are compared "
          "from exact inputs, each stored by itself; outputs\nafter all layers, as users get them. No sum saturates for any "
          "input: the simulator counted none.\n")
    print("| model | `--optimize` | epochs HW + SW | cycles (model) | weights | program | activations |\n|---|---|---|---|---|---|---|")
    for model in present:
        for row in limpid("analyze", model)["choices"]:
            print("| %s | %s | %d + %d | %s | %s | %s | %s |" % (
                os.path.basename(model), row["optimize"], row["epochs"]["hw"], row["epochs"]["sw"], *(
                    format(row[key], ",") for key in ("cycles", "weights_bytes", "program_bytes", "activations_bytes"))))
    with tempfile.TemporaryDirectory() as folder:
        for model in present:
            describe(model, folder)


main()
