"""Exact figures of one inference on an emulated Cortex-M: instructions (QEMU counts them by address), flash by section, RAM.

  python3 bench/emulated.py TARGET [--check | --store] [--functions] [--readme] [--clang] [MODEL.tflite...]

Instructions are counted by a plugin of QEMU and once more by its virtual clock; both must agree. --check fails when a figure
grew by more than 2 % over bench/figures/TARGET.csv, --store writes that file. --clang compiles the kernels by clang. Exit status
77: a model was not there.
"""
import argparse
import collections
import configparser
import csv
import os
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD_DIR", os.path.join(ROOT, "build"))
LIMPID = os.environ.get("LIMPID", os.path.join(BUILD, "limpid"))
MODELS = ["models/sensor.tflite"] + ["../shared/models/%s.tflite" % name for name in (
    "ad01_int8", "kws_ref_model", "vww_96_int8", "pretrainedResnet_quant", "micro_speech_quantized", "hello_world_int8")]
# As cli/emulate/build.c compiles.
CFLAGS = "-std=c11 -Os -ffunction-sections -fdata-sections -ffp-contract=off".split()
FIGURES = ["instructions", "text_bytes", "rodata_bytes", "data_bytes", "weights_bytes", "arena_bytes", "state_bytes", "stack_bytes"]
LARGEST_GROWTH = 0.02
# Of the processor's clock in QEMU: ticks of SysTick become nanoseconds, and an instruction takes one under -icount shift=0.
NANOSECONDS_PER_TICK = {"mps3-an547": 31.25, "mps2-an386": 40.0}


def run(folder, *command):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit("bench: %s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stdout))
    return done.stdout


def build_plugin():
    folder = os.path.join(BUILD, "bench")
    os.makedirs(folder, exist_ok=True)
    plugin = os.path.join(folder, "count.so")
    run(ROOT, "gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "bench/count/plugin.c", "-o", plugin)
    return plugin


def read_target(name):
    ini = configparser.ConfigParser(inline_comment_prefixes=(";",))
    ini.read(os.path.join(ROOT, "targets", name + ".ini"))
    return ini["target"]["board"], ini["target"]["cflags"].split()


def clang():
    """The compiler's command; the headers of the C library are those of gcc's."""
    places = subprocess.run(["arm-none-eabi-gcc", "-xc", "-E", "-v", "/dev/null"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                            text=True).stderr.splitlines()
    headers = next(place.strip() for place in places if place.endswith("/arm-none-eabi/include"))
    return ["clang", "--target=arm-none-eabi", "-fshort-enums", "-isystem", headers]


def link(target, model, name, kernel_compiler):
    """The program of one network with measure.c as its main(); start-up, main() and semihosting are in a section apart."""
    board, cflags = read_target(target)
    folder = os.path.join(BUILD, "bench", target, name)
    run(ROOT, LIMPID, "generate", model, "--target", target, "-o", folder, "--name", name)
    with open(os.path.join(folder, name + ".sources")) as lines:
        sources = [(os.path.join(folder, line.strip()), []) for line in lines]
    cortex = os.path.join(ROOT, "runtime/ports/cortex-m")
    define = ["-DLP_MEASURED_NETWORK=%s_network" % name]
    objects = []
    for i, (source, extra, target_object) in enumerate(
            [(s, e, "n%d.o" % i) for i, (s, e) in enumerate(sources)] +
            [(os.path.join(cortex, "startup.c"), [], "startup.o"),
             (os.path.join(cortex, "semihosting.c"), [], "startup_semihosting.o"),
             (os.path.join(ROOT, "bench/count/measure.c"), define, "measure.o")]):
        compiler = kernel_compiler if "/runtime/kernels/" in source else ["arm-none-eabi-gcc"]
        run(folder, *compiler, *cflags, *CFLAGS, *extra, "-I.", "-I" + ROOT, "-c", source, "-o", target_object)
        objects.append(target_object)
    run(folder, "arm-none-eabi-gcc", *cflags, "-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-L" + cortex, "-T",
        os.path.join(cortex, board + ".ld"), *objects, "-lm", "-o", "image.elf")
    return board, folder


def read_symbols(folder):
    """Functions by address, and the size of every symbol by name."""
    functions, sizes = [], {}
    for line in run(folder, "arm-none-eabi-nm", "-S", "image.elf").splitlines():
        words = line.split()
        if len(words) == 4:
            functions.append((int(words[0], 16) & ~1, int(words[1], 16), words[3]))
            sizes[words[3]] = int(words[1], 16)
        elif len(words) == 3 and words[1] in "tT" and not words[2].startswith("$"):
            functions.append((int(words[0], 16) & ~1, 0, words[2]))
    return sorted(functions), sizes


def read_sections(folder):
    sizes = collections.Counter()
    for line in run(folder, "arm-none-eabi-size", "-A", "image.elf").splitlines():
        words = line.split()
        if len(words) == 3 and words[0].startswith("."):
            sizes[words[0]] += int(words[1])
    return sizes


def count_by_function(folder, functions):
    counts = collections.Counter()
    with open(os.path.join(folder, "counts")) as lines:
        executed = sorted(tuple(map(int, line.split())) for line in lines)
    i = 0
    for address, count in executed:
        while i + 1 < len(functions) and functions[i + 1][0] <= address:
            i += 1
        counts[functions[i][2]] += count
    return counts


def measure(target, model, name, plugin, kernel_compiler):
    board, folder = link(target, model, name, kernel_compiler)
    functions, sizes = read_symbols(folder)
    address = {symbol: at for at, _, symbol in functions}
    run(folder, "qemu-system-arm", "-M", board, "-display", "none", "-monitor", "none", "-serial", "none", "-icount", "shift=0",
        "-semihosting-config", "enable=on,target=native", "-kernel", "image.elf", "-plugin", "%s,begin=%d,end=%d,output=counts" % (
            plugin, address["lp_count_begin"], address["lp_count_end"]))
    with open(os.path.join(folder, "measured.bin"), "rb") as file:
        status, ticks, stack, state, arena = struct.unpack("<5I", file.read())
    if status != 0:
        sys.exit("bench: %s ended with status %d on the emulated %s" % (name, status, board))
    by_function = count_by_function(folder, functions)
    instructions = sum(by_function.values())
    by_clock = ticks * NANOSECONDS_PER_TICK[board]
    # A tick at either end, and the calls of the two markers.
    if abs(by_clock - instructions) > 2 * NANOSECONDS_PER_TICK[board] + 20:
        sys.exit("bench: %s: the plugin counts %d instructions, QEMU's clock %d" % (name, instructions, by_clock))
    sections = read_sections(folder)
    weights = sizes.get(name + "_weights", 0)
    figures = dict(instructions=instructions, text_bytes=sections[".text"],
                   rodata_bytes=sections[".rodata"] + sections[".ARM.exidx"] - weights, data_bytes=sections[".data"],
                   weights_bytes=weights, arena_bytes=arena, state_bytes=state, stack_bytes=stack)
    return figures, by_function


def read_csv(path, key):
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        return {key(row): row for row in csv.DictReader(line for line in file if not line.startswith("#"))}


def write_csv(path, target, rows):
    with open(path, "w") as file:
        file.write("# ./dev bench %s writes this with --store; the suite fails when a figure grows by more than 2 %%.\n" % target)
        writer = csv.DictWriter(file, ["model"] + FIGURES, lineterminator="\n")
        writer.writeheader()
        for name, figures in rows.items():
            writer.writerow(dict(figures, model=name))


def print_row(name, figures, peer):
    code = figures["text_bytes"] + figures["rodata_bytes"] + figures["data_bytes"]
    peer_count = int(peer["instructions"]) if peer else 0
    print("%-24s %12s %12s %6s %8s %8s %6s %8s %9s %8s %6s %6s" % (
        name, "{:,}".format(figures["instructions"]), "{:,}".format(peer_count) if peer else "-",
        "%.3f" % (figures["instructions"] / peer_count) if peer else "-", "{:,}".format(figures["text_bytes"]),
        "{:,}".format(figures["rodata_bytes"]), figures["data_bytes"], "{:,}".format(code), "{:,}".format(figures["weights_bytes"]),
        "{:,}".format(figures["arena_bytes"]), figures["state_bytes"], figures["stack_bytes"]), flush=True)


def print_readme(target, stored, peers):
    print("| model | instructions | peer's | ratio | code in flash, bytes | peer's | arena in RAM, bytes | peer's | stack, bytes |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, row in stored.items():
        peer = peers.get((target, name))
        count = int(row["instructions"])
        code = sum(int(row[what]) for what in ("text_bytes", "rodata_bytes", "data_bytes"))
        cells = ["{:,}".format(count), "", "", "{:,}".format(code), "", "{:,}".format(int(row["arena_bytes"])), "",
                 "{:,}".format(int(row["stack_bytes"]))]
        if peer:
            cells[1] = "{:,}".format(int(peer["instructions"]))
            cells[2] = "%.2f" % (count / int(peer["instructions"]))
            cells[4] = "{:,}".format(int(peer["flash_bytes"]))
            cells[6] = "{:,}".format(int(peer["arena_bytes"]))
        print("| %s | %s |" % (name, " | ".join(cells)))


def compare(name, figures, stored):
    """Sentences about what grew."""
    if stored is None:
        return ["%s has no stored figures: store them with --store" % name]
    return ["%s: %s grew from %s to %d" % (name, what, stored[what], figures[what]) for what in FIGURES
            if figures[what] > int(stored[what]) * (1 + LARGEST_GROWTH)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--readme", action="store_true", help="the README's table, from the stored figures")
    parser.add_argument("--clang", action="store_true", help="kernels compiled by clang instead of gcc")
    parser.add_argument("--functions", action="store_true", help="also where the instructions were executed")
    arguments = parser.parse_intermixed_args()
    path = os.path.join(ROOT, "bench/figures", arguments.target + ".csv")
    peers = read_csv(os.path.join(ROOT, "bench/peers.csv"), lambda row: (row["target"], row["model"]))
    stored = read_csv(path, lambda row: row["model"])
    if arguments.readme:
        return print_readme(arguments.target, stored, peers)
    plugin = build_plugin()
    rows, grown, missing = {}, [], 0
    print("%-24s %12s %12s %6s %8s %8s %6s %8s %9s %8s %6s %6s" % (
        "one inference", "instructions", "peer's", "ratio", "text", "rodata", "data", "= code", "weights", "arena", "state", "stack"))
    for model in arguments.models or MODELS:
        name = os.path.splitext(os.path.basename(model))[0]
        if not os.path.exists(os.path.join(ROOT, model)):
            print("SKIP figures of %s: %s is not present" % (name, model))
            missing += 1
            continue
        figures, by_function = measure(arguments.target, os.path.join(ROOT, model), name, plugin,
                                       clang() if arguments.clang else ["arm-none-eabi-gcc"])
        rows[name] = figures
        print_row(name, figures, peers.get((arguments.target, name)))
        if arguments.functions:
            for function, count in by_function.most_common(12):
                print("    %12s  %s" % ("{:,}".format(count), function))
        grown += compare(name, figures, stored.get(name)) if arguments.check else []
    if arguments.store:
        write_csv(path, arguments.target, {**stored, **rows})
    for sentence in grown:
        print("bench: " + sentence, file=sys.stderr)
    sys.exit(1 if grown else 77 if missing and arguments.check else 0)


main()
