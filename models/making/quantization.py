"""Full int8 quantization after training, by the rules of the TensorFlow Lite converter.

Weights are symmetric, -127 .. 127: one scale for each filter of the convolution, one for the dense layer. Biases are int32 with
scale input * weight. Activations are asymmetric, their ranges found by running the calibration windows; softmax has the fixed
scale 1/256 and zero point -128.
"""

import math

import numpy as np

from making import integer
from making.training import forward


class Activation:
    """real = scale * (integer - zero), covering low .. high and always zero."""

    def __init__(self, low, high):
        low, high = min(float(low), 0.0), max(float(high), 0.0)
        scale = (high - low) / 255.0
        self.zero = max(-128, min(127, math.floor(-128.0 - low / scale + 0.5)))
        self.scale = np.float32(scale)

    def quantize(self, real):
        """In float32, ties to even, saturating: as programs do that feed a quantized input."""
        return integer.to_int8(np.rint(real.astype(np.float32) / self.scale).astype(np.int64) + self.zero)


class QuantizedNetwork:
    def __init__(self, network, calibration_windows):
        ranges = [[0.0, 0.0] for _ in range(4)]
        for at in range(0, len(calibration_windows), 1000):
            piece = calibration_windows[at : at + 1000]
            _, hidden, mean, logits = forward(network, piece)
            for found, values in zip(ranges, (piece, hidden, mean, logits)):
                found[0], found[1] = min(found[0], values.min()), max(found[1], values.max())
        self.input, self.hidden, self.mean, self.logits = (Activation(*r) for r in ranges)
        self.conv_scales = (np.abs(network.conv).max(axis=(1, 2)) / 127.0).astype(np.float32)
        self.conv = np.rint(network.conv / self.conv_scales.astype(np.float64)[:, None, None]).astype(np.int64)
        self.dense_scale = np.float32(np.abs(network.dense).max() / 127.0)
        self.dense = np.rint(network.dense / np.float64(self.dense_scale)).astype(np.int64)
        self.conv_bias_scales = self.input.scale * self.conv_scales
        self.conv_bias = np.rint(network.conv_bias / self.conv_bias_scales.astype(np.float64)).astype(np.int64)
        self.dense_bias_scale = self.mean.scale * self.dense_scale
        self.dense_bias = np.rint(network.dense_bias / np.float64(self.dense_bias_scale)).astype(np.int64)

    def run(self, integers, rounding="single"):
        """int8 windows [count, 50, 10] -> int8 probabilities [count, 5]."""
        factors = [float(self.input.scale) * float(w) / float(self.hidden.scale) for w in self.conv_scales]
        hidden = integer.conv1d_same(integers, self.input.zero, self.conv, self.conv_bias, factors, self.hidden.zero,
                                     self.hidden.zero, rounding)
        mean = integer.mean_over_time(hidden, self.hidden.zero, float(self.hidden.scale) / float(self.mean.scale),
                                      self.mean.zero, rounding)
        factor = float(self.mean.scale * self.dense_scale) / float(self.logits.scale)
        logits = integer.fully_connected(mean, self.mean.zero, self.dense, self.dense_bias, factor, self.logits.zero, rounding)
        return integer.softmax(logits, self.logits.scale, rounding)

    def classify(self, windows, rounding="single"):
        pieces = [windows[at : at + 1000] for at in range(0, len(windows), 1000)]
        return np.concatenate([self.run(self.input.quantize(p), rounding).argmax(axis=1) for p in pieces])
