#!/usr/bin/env python3
"""sizes.py MODEL FOLDER host|cortex-m55|stm32n6: the bytes of the weights of a generated folder (made with --keep-dead), computed from the
model file alone by the formulas of the layouts. Shares nothing with limpid but the model: the file is read here by itself."""
import json
import struct
import sys

CONV_2D, DEPTHWISE, FULLY_CONNECTED = 3, 4, 9
INT8 = 9
STRIDE_W, DILATION_W = {CONV_2D: 1, DEPTHWISE: 1}, {CONV_2D: 4, DEPTHWISE: 5}  # fields of the options


class Table:
    """A table of a FlatBuffer: fields by number."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - struct.unpack_from("<i", data, at)[0]
        self.size = struct.unpack_from("<H", data, self.vtable)[0]

    def field(self, number):
        slot = 4 + 2 * number
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0] if slot < self.size else 0
        return self.at + offset if offset else None

    def number(self, number, form="<i", absent=0):
        at = self.field(number)
        return absent if at is None else struct.unpack_from(form, self.data, at)[0]

    def follow(self, number):
        at = self.field(number)
        return None if at is None else at + struct.unpack_from("<I", self.data, at)[0]

    def list(self, number, form):
        at = self.follow(number)
        if at is None:
            return []
        count = struct.unpack_from("<I", self.data, at)[0]
        return list(struct.unpack_from("<%d%s" % (count, form), self.data, at + 4))

    def tables(self, number):
        at = self.follow(number)
        if at is None:
            return []
        starts = [at + 4 + 4 * i for i in range(struct.unpack_from("<I", self.data, at)[0])]
        return [Table(self.data, start + struct.unpack_from("<I", self.data, start)[0]) for start in starts]


def layers(path):
    """Of every convolution and matrix product: operator, kind, shape of the kernel, whether it has a bias."""
    data = open(path, "rb").read()
    model = Table(data, struct.unpack_from("<I", data, 0)[0])
    codes = [max(c.number(0, "<b"), c.number(3)) for c in model.tables(1)]
    graph = model.tables(2)[0]
    tensors = graph.tables(0)
    for index, op in enumerate(graph.tables(3)):
        kind, inputs = codes[op.number(0, "<I")], op.list(1, "i")
        if kind not in (CONV_2D, DEPTHWISE, FULLY_CONNECTED) or tensors[inputs[0]].number(1, "<b") != INT8:
            continue
        kernel = tensors[inputs[1]]
        quantization = Table(data, kernel.follow(4))
        options = Table(data, op.follow(4)) if op.follow(4) else None
        yield {"operator": index, "kind": kind, "shape": kernel.list(0, "i"), "scales": quantization.list(2, "f"),
               "multiplier": options.number(3) if kind == DEPTHWISE and options else 0,
               "stride": options.number(STRIDE_W[kind]) if kind in STRIDE_W and options else 1,
               "dilation": options.number(DILATION_W[kind], absent=1) if kind in STRIDE_W and options else 1,
               "zero": Table(data, tensors[inputs[0]].follow(4)).list(3, "q"), "has_bias": len(inputs) > 2 and inputs[2] >= 0}


def outputs(layer):
    return layer["shape"][-1 if layer["kind"] == DEPTHWISE else 0]


def elements(layer):
    product = 1
    for dimension in layer["shape"]:
        product *= dimension
    return product


def plain(layer):
    """Processor without packing: kernel, int32 biases, an int32 multiplier and an int8 shift for each scale that differs. A bias
    exists when the model has one, or when the input's zero point has to go somewhere."""
    scales = outputs(layer) if len(set(layer["scales"])) > 1 else 1
    bias = 4 * outputs(layer) if layer["has_bias"] or layer["zero"] not in ([], [0]) else 0
    return elements(layer) + bias + 5 * scales


def packed(layer):
    """Cortex-M55 (contract/packing.h): groups of four channels with int32 biases and, when their scales differ, an int32
    multiplier and an int8 shift each; then their weights row by row. The last channels follow one by one. A vector of 16 may be
    read wherever one starts in a group. Depthwise: blocks of 16 channels with heads of 9 bytes each. One scale for all stands
    beside it."""
    shape, count, differ = layer["shape"], outputs(layer), len(set(layer["scales"])) > 1
    if layer["kind"] == DEPTHWISE and layer["multiplier"] == count:
        shape = [count, shape[1], shape[2], 1]  # one input channel for all: the same as a convolution
    elif layer["kind"] == DEPTHWISE:
        taps, lanes = shape[1] * shape[2], count
        if taps == 9 and shape[1] == 3 and layer["stride"] == 1 and count < 16 and 16 % count == 0:
            lanes = 16  # pixels side by side share the lanes
        return sum(16 * 9 + taps * min(16, lanes - first) for first in range(0, lanes, 16))
    window = elements(layer) // count
    row = window if layer["kind"] == FULLY_CONNECTED or (shape[1] > 1 and shape[2] * shape[3] < 16) or \
        (shape[2] > 1 and layer["dilation"] > 1) else shape[2] * shape[3]
    groups, rest = divmod(count, 4)
    size = groups * (4 * 4 + (4 * 5 if differ else 0) + 4 * window)
    behind = rest * 4 + (up(rest * 5, 4) if differ else 0) + rest * window
    read_ahead = max(0, 16 - (row % 16 or 16) - behind) if groups else 0
    return size + behind + read_ahead + (0 if differ else 5)


def convolutions(folder, operator):
    """What the units of this operator's epoch are set to, in the order of the program."""
    program, report = json.load(open(folder + "/program.json")), json.load(open(folder + "/report.json"))
    epochs = report["targets"][0]["memory_map"]["epochs"]
    return [unit for e in epochs if e["layer"] == operator for unit in program["epochs"][e["index"]]["units"].get("convacc", [])]


def up(value, step):
    return (value + step - 1) // step * step


def streams(layer, units):
    """Kernels as streams: O*I*kh*kw; C*kh*kw*b for depthwise ones in blocks of b; deep ones fill frames of nK*bd up to three
    bytes. Then an int16 factor and an int32 offset for each channel; a single one stands in the unit's own setting."""
    unit, count = units[0], outputs(layer)
    kernel = elements(layer)
    if layer["kind"] == DEPTHWISE:
        kernel *= unit["batchDepth"]
    elif unit["deepmode"]:
        inputs, n, b = kernel // count, unit["nKernels"], unit["batchDepth"]
        groups = [n] * (count // n) + ([count % n] if count % n else [])
        kernel = sum(up(g * b, 3) * (inputs // b) for g in groups)
    return kernel + (2 * count if len(set(layer["scales"])) > 1 else 0) + (4 * count if count > 1 else 0)


def main():
    path, folder, target = sys.argv[1:4]
    report = json.load(open(folder + "/report.json"))["targets"][0]
    constants = json.load(open(folder + "/report.json"))["constants"]
    by_index = {l["index"]: l for l in report["layers"]}
    wrong, compared = 0, 0
    for layer in layers(path):
        found = by_index.get(layer["operator"])
        if found is None:
            continue
        have = found["weights_bytes"] - sum(c["bytes"] for c in found["ledger"] if c["cause"] == "alignment")
        if target == "host":
            want = plain(layer)
        elif target == "cortex-m55":
            if not any(c["layer"] == layer["operator"] and c["name"].startswith("packed") for c in constants):
                continue  # a shape that a plain kernel serves
            want = packed(layer)
        else:
            units = convolutions(folder, layer["operator"])
            if found["runs_on"] != "npu" or len({(u["nKernels"], u["batchDepth"], u["deepmode"]) for u in units}) != 1:
                continue  # cut into parts that are not alike
            if any(c["cause"] == "tiling-padding" for c in found["ledger"]):
                continue  # how a window of more than three columns is cut is the compiler's choice
            want = streams(layer, units)
        compared += 1
        if want != have:
            wrong += 1
            print("%s, operator %d (%s) on %s: %d bytes by the formula, %d in the ledger %s" %
                  (path, layer["operator"], layer["shape"], target, want, have, found["ledger"]), file=sys.stderr)
    print(compared)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
