"""The text files beside the model."""

import numpy as np

from making import machine
from making.machine import CHANNELS, STATES
from making.training import WINDOW

CLASSES = len(STATES)


class Result:
    """One test set: true states, which windows hold one state only, and the answers in real and in int8 arithmetic."""

    def __init__(self, seed, states, pure, real, int8):
        self.seed, self.states, self.pure, self.real, self.int8 = seed, states, pure, real, int8


def percent(right):
    """Two decimals, rounded down, in integers, so that no figure flatters."""
    count = int(np.count_nonzero(right)) * 10000 // len(right)
    return "%d.%02d %%" % (count // 100, count % 100)


def value_text(register, decimals):
    if decimals == 0:
        return str(register)
    return "%d.%0*d" % (register // 10**decimals, decimals, register % 10**decimals)


def log_csv(registers, plan):
    lines = ["time_s," + ",".join(c[0] for c in CHANNELS) + ",state"]
    for sample, (row, state) in enumerate(zip(registers.tolist(), plan.tolist())):
        time = value_text(sample * machine.SAMPLE_PERIOD_MS // 100, 1)
        values = [value_text(v, c[2]) for v, c in zip(row, CHANNELS)]
        lines.append(",".join([time] + values + [STATES[state]]))
    return ("\n".join(lines) + "\n").encode()


def windows_csv(windows, activation):
    """Four decimals, or more where four would quantize to another integer than the exact value."""
    exact = activation.quantize(windows)
    lines = [",".join("%s_t%d" % (c[0], t) for t in range(WINDOW) for c in CHANNELS)]
    for window, integers in zip(windows.reshape(len(windows), -1), exact.reshape(len(windows), -1)):
        short = np.array([float("%.4f" % v) for v in window])
        same = activation.quantize(short) == integers
        lines.append(",".join("%.4f" % v if fine else "%.9f" % v for v, fine in zip(window, same)))
    return ("\n".join(lines) + "\n").encode()


def states_csv(states, pure):
    lines = ["window,state,only_state"]
    lines += ["%d,%s,%d" % (i, STATES[s], p) for i, (s, p) in enumerate(zip(states, pure))]
    return ("\n".join(lines) + "\n").encode()


def configuration(scaling, stride):
    """Names, units and scaling for a pipeline, and the levels of the machine for whoever simulates it."""
    lines = [
        "; The sensor model: what its inputs mean. normalized = (value - mean) / deviation.",
        "[model]",
        "file = sensor.tflite",
        "labels = sensor.labels.txt",
        "window_samples = %d" % WINDOW,
        "stride_samples = %d" % stride,
        "sample_period_ms = %d" % machine.SAMPLE_PERIOD_MS,
        "features = %d" % len(CHANNELS),
        "",
        "; Features stand in the order of the network's input. resolution: one count of the register.",
        "; lag_samples, load_share, noise and the level in each state describe the machine that the data come from.",
    ]
    for i, (name, unit, decimals, lag, load, noise, levels) in enumerate(CHANNELS):
        lines += ["[feature.%d]" % i, "name = %s" % name, "unit = %s" % unit, "resolution = %s" % value_text(1, decimals),
                  "mean = %.3f" % scaling.mean[i], "deviation = %.3f" % scaling.deviation[i], "lag_samples = %d" % lag,
                  "load_share = %.2f" % load, "noise = %.2f" % noise]
        lines += ["level_%s = %.2f" % (state, level) for state, level in zip(STATES, levels)]
        lines.append("")
    return "\n".join(lines[:-1] + [""]).encode()


def confusion(results):
    true = np.concatenate([r.states for r in results])
    said = np.concatenate([r.int8 for r in results])
    lines = ["| true \\ said | " + " | ".join(STATES) + " |", "| --- |" + " ---: |" * CLASSES]
    for state in range(CLASSES):
        row = [int(np.count_nonzero((true == state) & (said == other))) for other in range(CLASSES)]
        lines.append("| %s | " % STATES[state] + " | ".join(str(n) for n in row) + " |")
    return lines


def figures(seed, results, log, quantized, sums):
    lines = ["# Figures of the sensor model", "", "Written by `make_sensor.py` with `--seed %d`." % seed, "",
             "| set | seed | windows | real | int8 | int8, one state in the window | int8, two or more | both agree |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, r in [("test", r) for r in results] + [("recorded log", log)]:
        right = r.int8 == r.states
        lines.append("| %s | %d | %d | %s | %s | %s | %s | %s |" % (
            name, r.seed, len(r.states), percent(r.real == r.states), percent(right), percent(right[r.pure]),
            percent(right[~r.pure]), percent(r.real == r.int8)))
    lines += ["", "Confusion of the int8 network on the test sets, in windows:", ""] + confusion(results)
    lines += ["", "| tensor | scale | zero point |", "| --- | ---: | ---: |"]
    for name, a in (("input", quantized.input), ("convolution", quantized.hidden), ("mean", quantized.mean),
                    ("logits", quantized.logits)):
        lines.append("| %s | %.9g | %d |" % (name, a.scale, a.zero))
    lines += ["", "| file | sha256 |", "| --- | --- |"] + ["| %s | %s |" % item for item in sums.items()]
    return ("\n".join(lines) + "\n").encode()
