#!/usr/bin/python3
"""Makes a layer whose weights balance, from a seed: the kind of Dense that saturates the NPU's 16-bit accumulator when its
shift follows the net weight sum.

    balanced.tflite   32 values, int8 -> Dense(4), int8
    balanced_log.csv  60 inputs in real units that go along with the weights' signs, by a strength of their own

Needs python3-numpy and python3-flatbuffers. The same seed gives the same bytes on every machine.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import numpy as np

from making.tflite_file import INT8, INT32, Model

INPUTS, CLASSES, ROWS = 32, 4, 60
INPUT_SCALE, INPUT_ZERO, WEIGHT_SCALE, OUTPUT_SCALE = 0.05, 0, 0.01, 2.0


def numbers(seed):
    """Whole numbers of 0..2^31 - 1, for ever (Lehmer's generator)."""
    state = seed * 7919 + 1
    while True:
        state = state * 48271 % 2147483647
        yield state


def signs():
    return np.array([1 if i % 2 == 0 else -1 for i in range(INPUTS)], dtype=np.int32)


def weights(source):
    """By class and input: signs alternate, sizes differ a little, so that the sum of a row is small beside its parts."""
    rows = []
    for o in range(CLASSES):
        sizes = np.array([70 + next(source) % 50 for _ in range(INPUTS)], dtype=np.int32)
        rows.append(sizes * signs() * (1 if o % 2 == 0 else -1) // (1 + o // 2))
    return np.array(rows, dtype=np.int8)


def model(source):
    m = Model()
    values = m.tensor("values", [1, INPUTS], INT8, np.float32(INPUT_SCALE), INPUT_ZERO)
    w = m.tensor("dense/MatMul", [CLASSES, INPUTS], INT8, np.float32(WEIGHT_SCALE), data=weights(source))
    b = m.tensor("dense/bias", [CLASSES], INT32, np.float32(INPUT_SCALE * WEIGHT_SCALE),
                 data=np.array([0, 0, 400, -400], dtype=np.int32))
    out = m.tensor("dense/BiasAdd", [1, CLASSES], INT8, np.float32(OUTPUT_SCALE), 0)
    m.operator(9, 4, [values, w, b], [out], 8)
    return m.finish("limpid model with balanced weights", [("values", values)], [("logits", out)])


def log(source):
    lines = []
    for n in range(ROWS):
        strength = (-120 + 240 * n // (ROWS - 1)) * INPUT_SCALE
        noise = [(next(source) % 7 - 3) * INPUT_SCALE for _ in range(INPUTS)]
        lines.append(",".join("%.2f" % (s * strength + e) for s, e in zip(signs(), noise)))
    return ("\n".join(lines) + "\n").encode()


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Makes the model with balanced weights and its log.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file of the folder differs")
    options = parser.parse_args()
    source = numbers(1)
    different = 0
    for name, data in (("balanced.tflite", model(source)), ("balanced_log.csv", log(source))):
        path = here / name
        if options.check:
            same = path.is_file() and path.read_bytes() == data
            different += not same
            print("%-18s %s" % (name, "as made" if same else "DIFFERENT"))
        else:
            path.write_bytes(data)
            print("%-18s %6d bytes" % (name, len(data)))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
