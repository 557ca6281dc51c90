#!/usr/bin/python3
"""Checks the making of the sensor model. What needs ../shared is skipped, and counted as skipped, without it."""

import json
import pathlib
import struct
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
sys.path.insert(0, str(HERE))

import numpy as np

from making import integer, machine, numbers, training
from making.quantization import QuantizedNetwork
from making.training import Network

NAMES = {3: "CONV_2D", 9: "FULLY_CONNECTED", 22: "RESHAPE", 25: "SOFTMAX", 40: "MEAN", 43: "SQUEEZE", 70: "EXPAND_DIMS"}
DTYPES = {2: "<i4", 9: "i1"}


class Table:
    """One table of a flatbuffer: fields by number."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def place(self, number):
        start = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        size = struct.unpack_from("<H", self.data, start)[0]
        offset = struct.unpack_from("<H", self.data, start + 4 + 2 * number)[0] if 4 + 2 * number < size else 0
        return self.at + offset if offset else 0

    def number(self, number, form="i", default=0):
        place = self.place(number)
        return struct.unpack_from("<" + form, self.data, place)[0] if place else default

    def target(self, number):
        place = self.place(number)
        return place + struct.unpack_from("<I", self.data, place)[0] if place else 0

    def table(self, number):
        return Table(self.data, self.target(number))

    def vector(self, number, dtype):
        at = self.target(number)
        return np.frombuffer(self.data, dtype, struct.unpack_from("<I", self.data, at)[0], at + 4) if at else np.zeros(0, dtype)

    def tables(self, number):
        at = self.target(number)
        count = struct.unpack_from("<I", self.data, at)[0]
        places = [at + 4 + 4 * i for i in range(count)]
        return [Table(self.data, p + struct.unpack_from("<I", self.data, p)[0]) for p in places]


class File:
    def __init__(self, data):
        root = Table(data, struct.unpack_from("<I", data, 0)[0])
        graph = root.tables(2)[0]
        self.buffers = [b.vector(0, "u1") for b in root.tables(4)]
        self.tensors = graph.tables(0)
        self.operators = graph.tables(3)
        self.codes = [c.number(3) for c in root.tables(1)]
        self.versions = [c.number(2, default=1) for c in root.tables(1)]

    def shape(self, tensor):
        return self.tensors[tensor].vector(0, "<i4").tolist()

    def value(self, tensor):
        t = self.tensors[tensor]
        return np.frombuffer(self.buffers[t.number(2)].tobytes(), DTYPES[t.number(1, "b")]).reshape(t.vector(0, "<i4"))

    def quantization(self, tensor):
        q = self.tensors[tensor].table(4)
        return q.vector(2, "<f4"), q.vector(3, "<i8")

    def form(self):
        """Per operator: name, version, kind of options, and of each tensor type, rank and number of scales."""
        lines = []
        for op in self.operators:
            code = op.number(0, "I")
            sides = [[(self.tensors[t].number(1, "b"), len(self.shape(t)), len(self.quantization(t)[0]) > 1)
                      for t in op.vector(side, "<i4")] for side in (1, 2)]
            lines.append((NAMES[self.codes[code]], self.versions[code], op.number(3, "B"), sides[0], sides[1]))
        return lines


def quantized_of(file):
    """A QuantizedNetwork with the numbers of a file of six operators in our order."""
    q = QuantizedNetwork.__new__(QuantizedNetwork)
    conv, dense = file.operators[1].vector(1, "<i4"), file.operators[4].vector(1, "<i4")

    def activation(tensor):
        scale, zero = file.quantization(tensor)
        return type("Activation", (), {"scale": scale[0], "zero": int(zero[0])})

    q.input = activation(0)
    q.hidden, q.mean, q.logits = (activation(file.operators[i].vector(2, "<i4")[0]) for i in (1, 3, 4))
    q.conv, q.conv_bias = (file.value(t).astype(np.int64) for t in conv[1:])
    q.conv = q.conv[:, 0]
    q.conv_scales = file.quantization(conv[1])[0]
    q.dense, q.dense_bias = (file.value(t).astype(np.int64) for t in dense[1:])
    q.dense_scale = file.quantization(dense[1])[0][0]
    return q


@unittest.skipUnless(SHARED.is_dir(), "../shared is not present")
class AgainstShared(unittest.TestCase):
    def setUp(self):
        self.theirs = File((SHARED / "models/net_conv1d_gap_dense.tflite").read_bytes())

    def test_integer_arithmetic_equals_the_golden_vectors(self):
        index = json.loads((SHARED / "golden/index.json").read_text())
        entry = next(m for m in index["models"] if m["name"] == "net_conv1d_gap_dense")
        q = quantized_of(self.theirs)
        for vector in entry["vectors"]:
            window = np.fromfile(SHARED / entry["dir"] / vector["inputs"][0], np.int8).astype(np.int64).reshape(1, 50, 10)
            for rounding in ("single", "double"):
                expected = np.fromfile(SHARED / entry["dir"] / vector[rounding][0], np.int8)
                np.testing.assert_array_equal(q.run(window, rounding)[0], expected)

    def test_single_operators_equal_the_golden_vectors(self):
        def one(scales):
            return float(scales[0])

        def softmax(file, op, x, rounding):
            return integer.softmax(x, file.quantization(0)[0][0], rounding)

        def mean(file, op, x, rounding):
            (scale, zero), (out_scale, out_zero) = (file.quantization(t) for t in (0, op.vector(2, "<i4")[0]))
            return integer.mean_over_time(x, int(zero[0]), one(scale) / one(out_scale), int(out_zero[0]), rounding)

        def fully_connected(file, op, x, rounding):
            tensors, out = op.vector(1, "<i4"), op.vector(2, "<i4")[0]
            (scale, zero), (out_scale, out_zero) = file.quantization(0), file.quantization(out)
            factor = float(scale[0] * file.quantization(tensors[1])[0][0]) / one(out_scale)
            weights, bias = (file.value(t).astype(np.int64) for t in tensors[1:])
            return integer.fully_connected(x, int(zero[0]), weights, bias, factor, int(out_zero[0]), rounding)

        cases = {"op_softmax_5": softmax, "op_mean_axis1_3d": mean, "op_fc_k1024_n8": fully_connected, "op_fc_ties": fully_connected}
        index = {m["name"]: m for m in json.loads((SHARED / "golden/index.json").read_text())["models"]}
        for name, compute in cases.items():
            entry = index[name]
            file = File((SHARED / entry["model"]).read_bytes())
            for vector in entry["vectors"]:
                x = np.fromfile(SHARED / entry["dir"] / vector["inputs"][0], np.int8).astype(np.int64).reshape(file.shape(0))
                for rounding in ("single", "double"):
                    expected = np.fromfile(SHARED / entry["dir"] / vector[rounding][0], np.int8)
                    found = compute(file, file.operators[0], x, rounding)
                    np.testing.assert_array_equal(found.reshape(-1), expected, name + " " + rounding)

    def test_operator_form_is_that_of_the_converter(self):
        ours = File((HERE / "sensor.tflite").read_bytes()).form()
        for mine, other in zip(ours, self.theirs.form(), strict=True):
            if other[0] == "SQUEEZE":  # the converter writes SQUEEZE of known axes as RESHAPE to a constant shape
                self.assertEqual(mine[0], "RESHAPE")
                self.assertEqual(mine[3][0], other[3][0])
                self.assertEqual(mine[4], other[4])
            else:
                self.assertEqual(mine, other)


class OwnFiles(unittest.TestCase):
    def setUp(self):
        self.file = File((HERE / "sensor.tflite").read_bytes())
        lines = (HERE / "sensor_windows.csv").read_text().splitlines()[1:]
        self.windows = np.array([[float(v) for v in line.split(",")] for line in lines]).reshape(-1, 50, 10)
        rows = [line.split(",") for line in (HERE / "sensor_windows_states.csv").read_text().splitlines()[1:]]
        labels = (HERE / "sensor.labels.txt").read_text().split()
        self.states = np.array([labels.index(r[1]) for r in rows])
        self.network = quantized_of(self.file)
        scale, zero = self.file.quantization(0)
        self.integers = integer.to_int8(np.rint(self.windows.astype(np.float32) / scale[0]).astype(np.int64) + zero[0])

    def test_the_recorded_windows_are_classified(self):
        for rounding in ("single", "double"):
            right = self.network.run(self.integers, rounding).argmax(axis=1) == self.states
            self.assertGreaterEqual(right.mean(), 0.95)
        self.assertEqual(sorted(set(self.states.tolist())), [0, 1, 2, 3, 4])

    def test_outputs_follow_the_inputs(self):
        outputs = self.network.run(self.integers)
        self.assertGreaterEqual(len(np.unique(outputs, axis=0)), 20)
        for state in range(5):
            self.assertGreater(outputs[self.states == state, state].mean(), 64)  # 75 %

    def test_every_filter_is_alive(self):
        hidden = integer.conv1d_same(self.integers, self.network.input.zero, self.network.conv, self.network.conv_bias,
                                     [float(self.network.input.scale) * float(w) / float(self.network.hidden.scale)
                                      for w in self.network.conv_scales], -128, -128, "single")
        self.assertTrue((np.ptp(hidden, axis=(0, 1)) > 20).all())

    def test_log_and_windows_hold_the_same_values(self):
        log = [line.split(",") for line in (HERE / "sensor_log.csv").read_text().splitlines()]
        values = np.array([[float(v) for v in row[1:11]] for row in log[1:]])
        settings = {}
        for line in (HERE / "sensor.ini").read_text().splitlines():
            key, _, value = line.partition(" = ")
            settings.setdefault(key, []).append(value)
        scaled = (values - np.array(settings["mean"], float)) / np.array(settings["deviation"], float)
        cut = np.stack([scaled[s : s + 50] for s in range(0, len(scaled) - 49, int(settings["stride_samples"][0]))])
        self.assertEqual(log[0][1:11], settings["name"])
        np.testing.assert_allclose(self.windows, cut, atol=6e-5)


class Numbers(unittest.TestCase):
    def test_splitmix64_gives_its_published_first_words(self):
        random = numbers.Random(0)
        random.state = 1234567
        self.assertEqual(random.words(3).tolist(), [6457827717110365317, 3203168211198807973, 9817491932198370423])

    def test_exponential(self):
        x = np.linspace(-60.0, 0.0, 10001)
        np.testing.assert_allclose(numbers.exponential(x), np.exp(x), rtol=1e-14)

    def test_products_that_would_not_be_exact_are_refused(self):
        with self.assertRaises(ArithmeticError):
            numbers.exact_product(np.full((1, 64), 1024.0), 20, np.full((64, 1), 1024.0), 20)

    def test_gradients_equal_differences(self):
        random = numbers.Random(5)
        shapes = ((8, 5, 10), (8,), (5, 8), (5,))
        parameters = [random.uniform(-0.3, 0.3, s) for s in shapes]
        windows = random.normal((16, 50, 10))
        wanted = training.targets(np.eye(5)[random.whole(5, (16,))] * 50.0)

        def loss(p):
            logits = training.forward(Network(*p), windows)[3]
            return -(wanted * np.log(training.probabilities(logits))).sum(axis=1).mean()

        found = training.gradients(Network(*parameters), windows, wanted)
        for i, shape in enumerate(shapes):
            place = tuple(int(random.whole(n, (1,))[0]) for n in shape)
            side = []
            for step in (-2.0**-7, 2.0**-7):
                moved = [p.copy() for p in parameters]
                moved[i][place] += step
                side.append(loss(moved))
            self.assertAlmostEqual((side[1] - side[0]) * 2.0**6, float(found[i][place]), delta=2e-3)

    def test_state_of_a_window_is_that_of_most_samples(self):
        plan = np.array([[0] * 25 + [1] * 25 + [2] * 50])
        _, states, counts = machine.cut_windows(plan[:, :, None], plan, 50, 1)
        self.assertEqual(states[:3].tolist(), [1, 1, 1])
        self.assertEqual((states[25], states[26], states[50]), (2, 2, 2))
        self.assertEqual(counts[[0, 30, 50]].tolist(), [[25, 25, 0, 0, 0], [0, 20, 30, 0, 0], [0, 0, 50, 0, 0]])


if __name__ == "__main__":
    if not SHARED.is_dir():
        print("SKIP three tests against golden vectors: ../shared is not present")
    result = unittest.main(exit=False).result
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
