"""Arithmetic that gives the same bits on every x86-64 machine.

Library functions such as exp, sin and the normal distribution, and the order in which a BLAS adds, differ between CPUs and
builds. Here are only operations that IEEE 754 rounds in exactly one way (+ - * / sqrt on single elements), integers, and matrix
products whose every partial sum is exact, so that no order of summation can change them.
"""

import numpy as np

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(value):
    """The output function of splitmix64, on one integer."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


class Random:
    """splitmix64. `purpose` separates streams that are drawn from the same seed."""

    def __init__(self, seed, purpose=0):
        self.state = mix((seed * GOLDEN + mix(purpose + 1)) & MASK)

    def words(self, count):
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
        z = steps + np.uint64(self.state)
        self.state = (self.state + count * GOLDEN) & MASK
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def uniform(self, low, high, shape):
        fraction = (self.words(int(np.prod(shape))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return (low + (high - low) * fraction).reshape(shape)

    def whole(self, limit, shape):
        """Integers 0 .. limit - 1; the bias of the remainder is below limit / 2^64."""
        return (self.words(int(np.prod(shape))) % np.uint64(limit)).astype(np.int64).reshape(shape)

    def normal(self, shape):
        """Mean 0, deviation 1: the sum of twelve uniform numbers, so never beyond 6 deviations."""
        total = self.uniform(0.0, 1.0, shape)
        for _ in range(11):
            total = total + self.uniform(0.0, 1.0, shape)
        return total - 6.0

    def order(self, count):
        return np.argsort(self.words(count), kind="stable")


def wave(turns):
    """A sine to within 6 %, made of parabolas: `turns` counts full periods."""
    phase = 2.0 * (turns - np.floor(turns)) - 1.0
    return -4.0 * phase * (1.0 - np.abs(phase))


def exponential(x):
    """e^x for -700 < x <= 0."""
    power = np.rint(x * 1.4426950408889634)
    rest = x - power * 0.6931471805599453
    result = np.ones_like(x)
    for n in range(12, 0, -1):
        result = 1.0 + result * rest / n
    return np.ldexp(result, power.astype(np.int32))


def to_grid(x, bits):
    """Rounds to multiples of 2^-bits."""
    return np.rint(x * 2.0**bits) * 2.0**-bits


def exact_product(a, a_bits, b, b_bits):
    """a @ b of values on the grids 2^-a_bits and 2^-b_bits. Checks that every partial sum fits the 53 bits of a float64."""
    largest = float(np.max(np.abs(a))) * float(np.max(np.abs(b))) * a.shape[-1]
    if largest * 2.0 ** (a_bits + b_bits) >= 2.0**53:
        raise ArithmeticError("a matrix product would not be exact: choose coarser grids")
    return a @ b
