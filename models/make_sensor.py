#!/usr/bin/python3
"""Makes the project's own model and everything beside it, from a seed:

    sensor.tflite              window 50 x 10 int8 -> Conv1D(8, 5, same, ReLU) -> mean over time -> Dense(5) -> softmax
    sensor.labels.txt          a state's name a line, in the order of the outputs
    sensor.ini                 features with unit, mean and deviation; window; how the machine behaves in each state
    sensor_log.csv             a recorded test log in real units, with the true state
    sensor_windows.csv         that log cut into windows and normalized: a row an inference, real units of the network's input
    sensor_windows_states.csv  the true state of each of these windows, and whether it is the only one in it
    sensor_figures.md          accuracy and confusion

Needs python3-numpy and python3-flatbuffers. The same seed gives the same bytes on every x86-64 machine.
"""

import argparse
import hashlib
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import numpy as np

from making import machine, report, tflite_file, training
from making.machine import FEATURES
from making.quantization import QuantizedNetwork

TRAIN_RUNS, TRAIN_SAMPLES, TRAIN_STRIDE = 40, 1500, 5
TEST_SEEDS, TEST_RUNS, TEST_SAMPLES, TEST_STRIDE = (1001, 1002, 1003), 20, 1500, 10
LOG_SEED, LOG_STRIDE = 2001, 10
# State and number of samples: 1240 of them give 120 windows.
LOG_PLAN = [(0, 160), (1, 210), (2, 180), (1, 160), (3, 190), (4, 180), (1, 160)]


class Scaling:
    """(value - mean) / deviation, with both as they stand in sensor.ini."""

    def __init__(self, registers):
        counts = registers.reshape(-1, FEATURES)
        total = counts.sum(axis=0)
        squares = (counts * counts).sum(axis=0)
        mean = total / len(counts)
        deviation = np.sqrt(squares / len(counts) - mean * mean)
        unit = 10.0**-machine.DECIMALS
        self.mean = np.round(mean * unit, 3)
        self.deviation = np.round(deviation * unit, 3)

    def __call__(self, registers):
        return (machine.real_values(registers) - self.mean) / self.deviation


def train(seed, progress):
    registers, plan = machine.record_random(seed, TRAIN_RUNS, TRAIN_SAMPLES)
    scaling = Scaling(registers)
    windows, _, counts = machine.cut_windows(registers, plan, training.WINDOW, TRAIN_STRIDE)
    windows = scaling(windows)
    network = training.train(seed, windows, training.targets(counts), progress)
    return network, QuantizedNetwork(network, windows), scaling


def result(seed, windows, states, counts, network, quantized):
    pure = counts.max(axis=1) == training.WINDOW
    return report.Result(seed, states, pure, training.classify(network, windows), quantized.classify(windows))


def test(network, quantized, scaling):
    """Per seed: true states, whether a window holds one state only, what the real and the int8 network say."""
    results = []
    for seed in TEST_SEEDS:
        registers, plan = machine.record_random(seed, TEST_RUNS, TEST_SAMPLES)
        windows, states, counts = machine.cut_windows(registers, plan, training.WINDOW, TEST_STRIDE)
        windows = scaling(windows)
        results.append(result(seed, windows, states, counts, network, quantized))
    return results


def make(seed, progress):
    """Name -> bytes of every file."""
    network, quantized, scaling = train(seed, progress)
    results = test(network, quantized, scaling)
    plan = np.concatenate([np.full(samples, state) for state, samples in LOG_PLAN])[None, :]
    registers = machine.record(LOG_SEED, plan)
    windows, states, counts = machine.cut_windows(registers, plan, training.WINDOW, LOG_STRIDE)
    windows = scaling(windows)
    log = result(LOG_SEED, windows, states, counts, network, quantized)
    files = {
        "sensor.tflite": tflite_file.write(quantized, "limpid sensor model, seed %d" % seed),
        "sensor.labels.txt": "".join(s + "\n" for s in machine.STATES).encode(),
        "sensor.ini": report.configuration(scaling, LOG_STRIDE),
        "sensor_log.csv": report.log_csv(registers[0], plan[0]),
        "sensor_windows.csv": report.windows_csv(windows, quantized.input),
        "sensor_windows_states.csv": report.states_csv(states, log.pure),
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["sensor_figures.md"] = report.figures(seed, results, log, quantized, sums)
    return files


def show_progress(step, steps):
    if sys.stderr.isatty():
        print("\rtraining: step %d of %d" % (step, steps), end="\n" if step == steps else "", file=sys.stderr, flush=True)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Makes the sensor model and its logs from a seed.")
    parser.add_argument("--seed", type=int, default=1, help="default 1: the files of this folder")
    parser.add_argument("--out", type=pathlib.Path, default=here, help="folder for the files, default: beside this script")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file of the folder differs")
    options = parser.parse_args()
    files = make(options.seed, show_progress)
    different = 0
    for name, data in files.items():
        path = options.out / name
        if options.check:
            same = path.is_file() and path.read_bytes() == data
            different += not same
            print("%-26s %s" % (name, "as made" if same else "DIFFERENT"))
        else:
            options.out.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print("%-26s %7d bytes" % (name, len(data)))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
