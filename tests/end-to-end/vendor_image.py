#!/usr/bin/env python3
"""vendor_image.py MODEL IMAGE: parameters of a model as another compiler for the NPU lays them out, by the published orders and
formulas alone: kernel streams in several tilings, factors and constants of the fused form, larger ones first, each start a
multiple of 16. Prints how many bytes belong to what."""
import json
import math
import struct
import sys

from sizes import DEPTHWISE, Table, elements, layers, outputs


def values(data, tensors, buffers, index, form):
    raw = bytes(Table(data, buffers[tensors[index].number(2, "<I")].at).list(0, "B"))
    return list(struct.unpack("<%d%s" % (len(raw) // struct.calcsize(form), form), raw))


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def half_away(value):
    return int(math.floor(abs(value) + 0.5)) * (1 if value >= 0 else -1)


def kernel(layer, weights, style):
    """One list of weights for each filter, tap by tap, becomes a stream."""
    count, shape = outputs(layer), layer["shape"]
    if layer["kind"] == DEPTHWISE:
        taps, block, out = shape[1] * shape[2], 2, []
        for channel in range(count):
            for tap in range(taps):
                out += [weights[tap * count + channel] if lane == channel % block else 0 for lane in range(block)]
        return out
    inputs, taps = shape[-1], elements(layer) // count // shape[-1]
    at = lambda o, t, c: weights[(o * taps + t) * inputs + c]
    if style == "deep":
        out, n, b = [], 8, inputs
        for o in range(0, count, n):
            part = [at(k, 0, c) for c in range(b) for k in range(o, min(o + n, count))]
            out += part + [0] * (-len(part) % 3)
        return out
    n, b = 4, inputs // 2
    return [at(k, t, c) for o in range(0, count, n) for s in range(0, inputs, b) for k in range(o, min(o + n, count))
            for t in range(taps) for c in range(s, s + b)]


def vectors(layer, weights, bias, scale_in, scale_out, zero_out):
    count = outputs(layer)
    per = elements(layer) // count
    filters = [weights[o::count] if layer["kind"] == DEPTHWISE else weights[o * per:(o + 1) * per] for o in range(count)]
    shift = max(0, (256 * max(abs(sum(f)) for f in filters)).bit_length() - 15)
    scales = layer["scales"] * (count if len(layer["scales"]) == 1 else 1)
    ratio = [scale_in * s / scale_out for s in scales]
    m = 40
    while half_away(max(ratio) * 2.0 ** (shift + m)) > 32767:
        m -= 1
    factor = [half_away(r * 2.0 ** (shift + m)) for r in ratio]
    constant = [half_away((zero_out + b * scale_in * s / scale_out) * 2.0 ** m) for b, s in zip(bias, scales)]
    assert all(abs(c) < 2 ** 31 for c in constant)
    return struct.pack("<%dh" % count, *factor), struct.pack("<%di" % count, *constant)


def main():
    data = open(sys.argv[1], "rb").read()
    model = Table(data, struct.unpack_from("<I", data, 0)[0])
    graph, buffers = model.tables(2)[0], model.tables(4)
    tensors, operators = graph.tables(0), graph.tables(3)
    quantization = lambda i: Table(data, tensors[i].follow(4))
    items, kernels, rest = [], 0, 0
    for number, layer in enumerate(layers(sys.argv[1])):
        op = operators[layer["operator"]]
        inputs, output = op.list(1, "i"), op.list(2, "i")[0]
        weights, bias = values(data, tensors, buffers, inputs[1], "b"), values(data, tensors, buffers, inputs[2], "i")
        stream = bytes(v & 255 for v in kernel(layer, weights, "deep" if number % 2 == 0 else "plain"))
        kernels += elements(layer)
        rest += len(stream) - elements(layer)
        items.append(stream)
        items += vectors(layer, weights, bias, quantization(inputs[0]).list(2, "f")[0], quantization(output).list(2, "f")[0],
                         quantization(output).list(3, "q")[0])
    image = b""
    for item in sorted(items, key=len, reverse=True):
        image += bytes(-len(image) % 16) + item
    open(sys.argv[2], "wb").write(image)
    print(json.dumps({"bytes": len(image), "kernels": kernels, "beside": rest,
                      "biases": 4 * sum(outputs(l) for l in layers(sys.argv[1])), "scales": 2 * sum(outputs(l) for l in layers(sys.argv[1]))}))


if __name__ == "__main__":
    main()
