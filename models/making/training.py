"""The network in real numbers: window -> Conv1D(8, 5, same, ReLU) -> mean over time -> Dense(5) -> softmax, and its training."""

import numpy as np

from making.machine import FEATURES, STATES
from making.numbers import Random, exact_product, exponential, to_grid

WINDOW, FILTERS, KERNEL = 50, 8, 5
CLASSES = len(STATES)
INPUT_BITS, WEIGHT_BITS, GRADIENT_BITS = 10, 16, 18
STEPS, BATCH = 1500, 256
DOUBT = 0.08


class Network:
    """conv [8, 5, 10], conv_bias [8], dense [5, 8], dense_bias [5], all on the grid 2^-WEIGHT_BITS."""

    def __init__(self, conv, conv_bias, dense, dense_bias):
        self.conv, self.conv_bias, self.dense, self.dense_bias = (
            to_grid(p, WEIGHT_BITS) for p in (conv, conv_bias, dense, dense_bias)
        )


def columns(windows):
    """Each row the 5 x 10 values below the kernel, [count * 50, 50]; beyond the ends of a window stand zeros."""
    padded = np.pad(windows, ((0, 0), (KERNEL // 2, KERNEL // 2), (0, 0)))
    shifted = [padded[:, tap : tap + WINDOW] for tap in range(KERNEL)]
    return np.concatenate(shifted, axis=2).reshape(-1, KERNEL * FEATURES)


def forward(network, windows):
    """Input columns, convolution output behind ReLU, its mean over time, logits."""
    cols = columns(to_grid(windows, INPUT_BITS))
    kernel = network.conv.reshape(FILTERS, -1).T
    hidden = np.maximum(exact_product(cols, INPUT_BITS, kernel, WEIGHT_BITS) + network.conv_bias, 0.0)
    hidden = hidden.reshape(-1, WINDOW, FILTERS)
    mean = to_grid(hidden.sum(axis=1) / WINDOW, WEIGHT_BITS)
    logits = exact_product(mean, WEIGHT_BITS, network.dense.T, WEIGHT_BITS) + network.dense_bias
    return cols, hidden, mean, logits


def probabilities(logits):
    power = exponential(np.maximum(logits - logits.max(axis=1, keepdims=True), -60.0))
    total = power[:, 0]
    for state in range(1, CLASSES):
        total = total + power[:, state]
    return power / total[:, None]


def targets(counts):
    """Wanted probabilities: the share of each state in the window, and a little of every state, which keeps the answers graded
    instead of all 0 or 1."""
    return (1.0 - DOUBT) * counts / WINDOW + DOUBT / CLASSES


def gradients(network, windows, wanted):
    """Of the mean cross entropy, in the order of the parameters."""
    cols, hidden, mean, logits = forward(network, windows)
    count = len(wanted)
    error = to_grid(probabilities(logits) - wanted, GRADIENT_BITS)
    dense = exact_product(error.T, GRADIENT_BITS, mean, WEIGHT_BITS)
    back = to_grid(exact_product(error, GRADIENT_BITS, network.dense, WEIGHT_BITS), WEIGHT_BITS)
    back = np.where(hidden > 0.0, back[:, None, :], 0.0).reshape(-1, FILTERS)
    conv = exact_product(cols.T, INPUT_BITS, back, WEIGHT_BITS).T.reshape(FILTERS, KERNEL, FEATURES)
    in_order = (conv / WINDOW, back.sum(axis=0) / WINDOW, dense, error.sum(axis=0))
    return [g / count for g in in_order]


def train(seed, windows, wanted, progress=None):
    """Adam, with a rate that falls linearly to zero, and a little decay that keeps the weights small."""
    random = Random(seed, 3)
    parameters = [
        random.uniform(-0.25, 0.25, (FILTERS, KERNEL, FEATURES)),
        np.full(FILTERS, 0.1),
        random.uniform(-0.6, 0.6, (CLASSES, FILTERS)),
        np.zeros(CLASSES),
    ]
    slope = [np.zeros_like(p) for p in parameters]
    power = [np.zeros_like(p) for p in parameters]
    slope_memory, power_memory = 1.0, 1.0
    order, at = random.order(len(wanted)), 0
    for step in range(STEPS):
        if at + BATCH > len(wanted):
            order, at = random.order(len(wanted)), 0
        chosen = order[at : at + BATCH]
        at += BATCH
        rate = 0.012 * (STEPS - step) / STEPS
        slope_memory, power_memory = slope_memory * 0.9, power_memory * 0.999
        found = gradients(Network(*parameters), windows[chosen], wanted[chosen])
        for i, gradient in enumerate(found):
            slope[i] = 0.9 * slope[i] + 0.1 * gradient
            power[i] = 0.999 * power[i] + 0.001 * gradient * gradient
            change = slope[i] / (1.0 - slope_memory) / (np.sqrt(power[i] / (1.0 - power_memory)) + 1e-8)
            parameters[i] = parameters[i] - rate * (change + 0.01 * parameters[i])
        if progress is not None and (step + 1) % 250 == 0:
            progress(step + 1, STEPS)
    return Network(*parameters)


def classify(network, windows):
    """The most probable state of each window, in pieces that keep the memory small."""
    pieces = [windows[i : i + 1000] for i in range(0, len(windows), 1000)]
    return np.concatenate([forward(network, piece)[3].argmax(axis=1) for piece in pieces])
