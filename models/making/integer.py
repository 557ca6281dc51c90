"""The published integer arithmetic of TensorFlow Lite for the operators of this network, in both roundings.

Written for clarity and used to measure the quantized network; every value is an int64 holding what the format says is 8 or 32
bits wide. "single" rounds once, halves upwards; "double" rounds after the product and again after the shift.
"""

import math

import numpy as np


def quantize_multiplier(real):
    """real = multiplier * 2^(shift - 31) with 2^30 <= multiplier < 2^31."""
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2.0**31 + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = multiplier // 2, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def high_product(a, b):
    """Upper half of 2ab, halves away from zero: the product of two numbers with 31 fraction bits."""
    product = a * b
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    total = product + nudge
    quotient = np.where(total >= 0, total >> 31, -((-total) >> 31))
    return np.minimum(quotient, (1 << 31) - 1)


def shift_right(value, bits):
    """value / 2^bits, halves away from zero."""
    mask = (1 << bits) - 1
    rest = value & mask
    return (value >> bits) + (rest > (mask >> 1) + (value < 0))


def requantize(value, multiplier, shift, rounding):
    if rounding == "double":
        return shift_right(high_product(value << max(shift, 0), multiplier), max(-shift, 0))
    total = 31 - shift
    return (value * multiplier + (1 << (total - 1))) >> total


def to_int8(value):
    return np.clip(value, -128, 127)


def conv1d_same(x, x_zero, weights, bias, factors, out_zero, lowest, rounding):
    """x [count, time, in], weights [out, taps, in], factors per output channel; stride 1, zeros (real) beyond the ends."""
    taps, time = weights.shape[1], x.shape[1]
    before = (taps - 1) // 2
    padded = np.pad(x - x_zero, ((0, 0), (before, taps - 1 - before), (0, 0)))
    total = np.zeros((x.shape[0], time, weights.shape[0]), dtype=np.int64) + bias
    for tap in range(taps):
        for channel in range(x.shape[2]):
            total += padded[:, tap : tap + time, channel, None] * weights[:, tap, channel]
    out = np.empty_like(total)
    for channel, factor in enumerate(factors):
        out[:, :, channel] = requantize(total[:, :, channel], *quantize_multiplier(factor), rounding)
    return np.maximum(to_int8(out + out_zero), lowest)


def mean_over_time(x, x_zero, factor, out_zero, rounding):
    """The division by the number of samples goes into the multiplier, with as many more bits as it needs."""
    count = x.shape[1]
    multiplier, shift = quantize_multiplier(factor)
    more = min(count.bit_length() - 1, 32, 31 + shift)
    multiplier, shift = (multiplier << more) // count, shift - more
    return to_int8(requantize((x - x_zero).sum(axis=1), multiplier, shift, rounding) + out_zero)


def fully_connected(x, x_zero, weights, bias, factor, out_zero, rounding):
    total = np.zeros((x.shape[0], weights.shape[0]), dtype=np.int64) + bias
    for channel in range(x.shape[1]):
        total += (x[:, channel, None] - x_zero) * weights[:, channel]
    return to_int8(requantize(total, *quantize_multiplier(factor), rounding) + out_zero)


def saturate32(value):
    return np.clip(value, -(1 << 31), (1 << 31) - 1)


def exp_of_negative(a):
    """e^a; a with 26 fraction bits, -32 < a <= 0; the result with 31."""
    quarter = 1 << 24
    in_quarter = (a & (quarter - 1)) - quarter
    x = (in_quarter << 5) + (1 << 28)
    x2 = high_product(x, x)
    series = high_product(shift_right(high_product(x2, x2), 2) + high_product(x2, x), 715827883) + x2
    result = saturate32(1895147668 + high_product(1895147668, x + shift_right(series, 1)))
    rest = in_quarter - a
    for bit, power in zip(range(24, 31), (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)):
        result = np.where(rest & (1 << bit), high_product(result, power), result)
    return np.where(a == 0, (1 << 31) - 1, result)


def reciprocal_of_one_plus(a):
    """1 / (1 + a), 31 fraction bits, by three steps of Newton's method."""
    half = (a + ((1 << 31) - 1) + 1) >> 1
    x = 1515870810 + high_product(half, -1010580540)
    for _ in range(3):
        rest = (1 << 29) - high_product(half, x)
        x = x + saturate32(high_product(x, rest) << 2)
    return saturate32(x << 1)


def softmax(x, scale, rounding):
    """Output scale 1/256, zero point -128."""
    real = min(float(scale) * 2.0**26, 2.0**31 - 1.0)
    multiplier, shift = quantize_multiplier(real)
    deepest = -math.floor(31.0 * 2.0**26 / 2.0**shift)
    below = x - x.max(axis=1, keepdims=True)
    counted = below >= deepest
    powers = exp_of_negative(requantize(np.maximum(below, deepest), multiplier, shift, rounding))
    total = np.where(counted, shift_right(powers, 12), 0).sum(axis=1, keepdims=True)
    leading = 32 - np.frompyfunc(lambda v: int(v).bit_length(), 1, 1)(total).astype(np.int64)
    inverse = reciprocal_of_one_plus((total << leading) - (1 << 31))
    scaled = high_product(inverse, powers)
    out = np.empty_like(x)
    for row in range(x.shape[0]):
        out[row] = shift_right(scaled[row], int(12 - leading[row, 0]) + 31 - 8) - 128
    return np.where(counted, to_int8(out), -128)
