"""A pump driven by an electric motor, as ten sensors see it, in five states.

Every sensor follows its level with a first-order lag; the load wanders slowly; faults come in different strengths; each machine
and each mounting of the sensors differs a little. Imbalance makes the radial vibration beat, a worn bearing knocks in bursts.
Values are kept as whole multiples of the sensor's resolution, as a Modbus register would hold them.
"""

import numpy as np

from making.numbers import Random, wave

STATES = ["idle", "normal", "imbalance", "bearing_wear", "overload"]
IDLE, NORMAL, IMBALANCE, BEARING_WEAR, OVERLOAD = range(5)
SAMPLE_PERIOD_MS = 100

# name, unit, decimals, lag in samples, share of the load, noise (in the unit), level in each state
CHANNELS = [
    ("vibration_x", "mm/s", 2, 4, 0.10, 0.16, (0.45, 1.60, 4.60, 2.60, 2.20)),
    ("vibration_y", "mm/s", 2, 4, 0.10, 0.16, (0.40, 1.45, 4.30, 2.40, 2.10)),
    ("vibration_z", "mm/s", 2, 4, 0.08, 0.13, (0.30, 0.90, 1.50, 2.60, 1.30)),
    ("motor_current", "A", 2, 3, 0.35, 0.22, (2.20, 8.20, 8.60, 8.90, 13.2)),
    ("bearing_temperature", "degC", 1, 250, 0.05, 0.25, (33.0, 52.0, 56.0, 68.0, 60.0)),
    ("motor_temperature", "degC", 1, 400, 0.10, 0.25, (36.0, 61.0, 63.0, 65.0, 82.0)),
    ("speed", "rpm", 0, 6, -0.01, 4.0, (600.0, 1482.0, 1478.0, 1474.0, 1430.0)),
    ("pressure", "bar", 2, 6, 0.20, 0.09, (0.70, 4.20, 4.10, 4.10, 5.30)),
    ("torque", "Nm", 1, 3, 0.40, 1.40, (5.0, 48.0, 49.5, 51.5, 77.0)),
    ("sound", "dB", 1, 4, 0.02, 0.80, (58.0, 74.0, 78.0, 79.5, 78.5)),
]
FEATURES = len(CHANNELS)
DECIMALS = np.array([c[2] for c in CHANNELS])
LAG = np.array([float(c[3]) for c in CHANNELS])
LOAD_SHARE = np.array([c[4] for c in CHANNELS])
NOISE = np.array([c[5] for c in CHANNELS])
LEVELS = np.array([c[6] for c in CHANNELS]).T

BEAT = np.array([0.90, 0.90, 0.15, 0, 0, 0, 0, 0, 0, 0])  # imbalance: amplitude of the beat
BEAT_SHIFT = np.array([0.0, 0.25, 0.5, 0, 0, 0, 0, 0, 0, 0])  # in turns: x and y turn in quadrature
KNOCK = np.array([0.70, 0.70, 1.50, 0, 0, 0, 0, 0, 0, 3.0])  # bearing wear: height of one knock
KNOCKS_PER_SAMPLE = 0.12
KNOCK_DECAY = 0.6


def state_plan(random, runs, samples, shortest, longest):
    """The true state of each sample, [runs, samples], with changes to a random other state."""
    plan = np.zeros((runs, samples), dtype=np.int64)
    for run in range(runs):
        at, state = 0, int(random.whole(5, (1,))[0])
        while at < samples:
            length = shortest + int(random.whole(longest - shortest + 1, (1,))[0])
            plan[run, at : at + length] = state
            at += length
            state = (state + 1 + int(random.whole(4, (1,))[0])) % 5
    return plan


class Run:
    """Several machines at once; every array has one row a machine."""

    def __init__(self, random, plan):
        runs = plan.shape[0]
        self.random = random
        self.gain = random.uniform(0.96, 1.04, (runs, FEATURES))
        self.load = random.uniform(-0.5, 0.5, (runs,))
        self.phase = random.uniform(0.0, 1.0, (runs,))
        self.turns_per_sample = random.uniform(0.10, 0.16, (runs,))
        self.strength = random.uniform(0.6, 1.3, (runs,))
        self.knock = np.zeros(runs)
        self.drift = np.zeros((runs, FEATURES))
        self.reading = self.levels(plan[:, 0])

    def levels(self, state):
        """Where the readings would settle. A fault departs from `normal` by its strength."""
        fault = (state >= IMBALANCE)[:, None]
        full = LEVELS[state]
        level = np.where(fault, LEVELS[NORMAL] + self.strength[:, None] * (full - LEVELS[NORMAL]), full)
        return level * self.gain * (1.0 + LOAD_SHARE * self.load[:, None])

    def step(self, state, changed):
        runs = state.shape[0]
        self.strength = np.where(changed, self.random.uniform(0.6, 1.3, (runs,)), self.strength)
        self.load = 0.98 * self.load + 0.05 * self.random.normal((runs,))
        self.drift = 0.995 * self.drift + 0.08 * NOISE * self.random.normal((runs, FEATURES))
        self.reading = self.reading + (self.levels(state) - self.reading) / LAG
        self.phase = self.phase + self.turns_per_sample
        starts = self.random.uniform(0.0, 1.0, (runs,)) < KNOCKS_PER_SAMPLE
        height = self.random.uniform(0.5, 1.5, (runs,))
        self.knock = KNOCK_DECAY * self.knock + np.where(starts & (state == BEARING_WEAR), height, 0.0)
        beat = np.where((state == IMBALANCE)[:, None], self.strength[:, None] * BEAT, 0.0)
        value = self.reading + self.drift + NOISE * self.random.normal((runs, FEATURES))
        value = value + beat * wave(self.phase[:, None] + BEAT_SHIFT) + self.knock[:, None] * KNOCK
        return np.maximum(value, 0.0)


def record(seed, plan):
    """Registers [runs, samples, 10]: the reading as a whole multiple of 10^-decimals."""
    run = Run(Random(seed, 2), plan)
    scale = 10.0**DECIMALS
    registers = np.zeros(plan.shape + (FEATURES,), dtype=np.int64)
    before = plan[:, 0]
    for sample in range(plan.shape[1]):
        state = plan[:, sample]
        registers[:, sample] = np.rint(run.step(state, state != before) * scale).astype(np.int64)
        before = state
    return registers


def record_random(seed, runs, samples):
    plan = state_plan(Random(seed, 1), runs, samples, 150, 400)
    return record(seed, plan), plan


def real_values(registers):
    return registers / 10.0**DECIMALS


def cut_windows(values, plan, length, stride):
    """Windows [count, length, ...], their states (that of most of the samples, of two equally frequent the later one), and how
    many of the samples are in each state [count, 5]."""
    starts = range(0, values.shape[1] - length + 1, stride)
    windows = np.concatenate([values[:, s : s + length] for s in starts])
    plans = np.concatenate([plan[:, s : s + length] for s in starts])
    counts = np.stack([np.count_nonzero(plans == state, axis=1) for state in range(5)], axis=1)
    last = plans[:, -1]
    last_is_most = counts[np.arange(len(last)), last] == counts.max(axis=1)
    states = np.where(last_is_most, last, counts.argmax(axis=1))
    return windows, states, counts
