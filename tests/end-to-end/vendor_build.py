#!/usr/bin/env python3
"""vendor_build.py MODEL FOLDER SEED [OPTION...]: the files that another compiler for the NPU would leave of a model, by the published
orders and formulas alone: kernel streams in slices, groups and row parts, plain, deep or block-diagonal; factors and constants in the
two-stage and the fused form, as vectors, as rows beyond 512 channels, or as scalars; kernels that only pad; quantization scalars;
copies. SEED chooses among the forms. Options:
  fused two-stage    which requantization (else by chance)        info source   network_c_info.json, network.c beside the images
  shuffled           items in any order                           align=N       instead of 16
  pools              two images                                   program       coefficients in an epoch-controller header
  copies             some items twice                             listed        c_info lists deep kernels without their padding
Writes FOLDER/network_atonbuf.*.raw and prints the truth: bytes by layer and cause."""
import json
import math
import os
import random
import struct
import sys

from sizes import DEPTHWISE, Table, elements, layers, outputs

BASES = {"xSPI2": 0x71000000, "npuRAM3": 0x34200000}


def values(data, tensors, buffers, index, form):
    raw = bytes(Table(data, buffers[tensors[index].number(2, "<I")].at).list(0, "B"))
    return list(struct.unpack("<%d%s" % (len(raw) // struct.calcsize(form), form), raw))


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def nearest(value):
    return int(math.floor(abs(value) + 0.5)) * (1 if value >= 0 else -1)


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


class Layer:
    """Weights as [out][row][column][in], whatever the operator."""

    def __init__(self, model, layer):
        data, tensors, buffers, operators = model
        op = operators[layer["operator"]]
        inputs, output = op.list(1, "i"), op.list(2, "i")[0]
        quantization = lambda i: Table(data, tensors[i].follow(4))
        self.number, self.count, self.is_depthwise = layer["operator"], outputs(layer), layer["kind"] == DEPTHWISE
        shape = layer["shape"] if len(layer["shape"]) == 4 else [layer["shape"][0], 1, 1, layer["shape"][1]]
        raw = values(data, tensors, buffers, inputs[1], "b")
        self.h, self.w = shape[1], shape[2]
        self.inputs = 1 if self.is_depthwise else shape[3]
        taps = self.h * self.w
        at = (lambda o, t, c: raw[t * self.count + o]) if self.is_depthwise else (lambda o, t, c: raw[(o * taps + t) * self.inputs + c])
        self.weight = [[[[at(o, y * self.w + x, c) for c in range(self.inputs)] for x in range(self.w)] for y in range(self.h)]
                       for o in range(self.count)]
        self.group = layer["multiplier"] or 1
        has_bias = len(inputs) > 2 and inputs[2] >= 0
        self.bias = values(data, tensors, buffers, inputs[2], "i") if has_bias else [0] * self.count
        self.scales = layer["scales"] * (self.count if len(layer["scales"]) == 1 else 1)
        self.scale_in, self.zero_in = quantization(inputs[0]).list(2, "f")[0], (quantization(inputs[0]).list(3, "q") or [0])[0]
        self.scale_out, self.zero_out = quantization(output).list(2, "f")[0], (quantization(output).list(3, "q") or [0])[0]
        dims = tensors[output].list(0, "i")
        self.out_w = dims[2] if len(dims) == 4 else 1
        self.name = ("Gemm_%d_conv_4" if layer["kind"] == 9 else "Conv2D_%d") % self.number


def plain(layer, rows, n, b):
    return [layer.weight[k][y][x][c] for o in range(0, layer.count, n) for s in range(0, layer.inputs, b)
            for k in range(o, min(o + n, layer.count)) for y in rows for x in range(layer.w) for c in range(s, s + b)]


def deep(layer, n, b):
    out = []
    for o in range(0, layer.count, n):
        end = min(o + n, layer.count)
        for s in range(0, layer.inputs, b):
            block = [layer.weight[k][0][0][c] for h in range(o, end, 8) for c in range(s, s + b) for k in range(h, min(h + 8, end))]
            out += block + [0] * (-len(block) % 3)
    return out


def diagonal(layer, rows, b):
    out = []
    for k in range(layer.count):
        for y in rows:
            for x in range(layer.w):
                lane = [0] * b
                lane[k // layer.group % b] = layer.weight[k][y][x][0]
                out += lane
    return out


def parts(chance, height):
    """Row groups: whole up to three rows; threes and a rest beyond, or any other cut."""
    if height <= 3:
        return [range(height)]
    step = chance.choice([3, 3, 2, height])
    return [range(y, min(y + step, height)) for y in range(0, height, step)]


class Item:
    def __init__(self, name, shape, data, causes, layer, reader, listed=None, unit=None):
        self.unit, self.name, self.shape, self.data, self.causes, self.layer, self.reader = unit, name, shape, bytes(v & 255 for v in data), causes, layer, reader
        self.listed = len(self.data) if listed is None else listed


def kernels(chance, layer, options):
    """Streams of one layer."""
    for part, rows in enumerate(parts(chance, layer.h)):
        weights = layer.count * len(rows) * layer.w * layer.inputs
        name, suffix = layer.name.replace("_conv_4", "") + "_weights", "_%d" % part if part else ""
        if layer.is_depthwise:
            b = chance.choice([d for d in divisors(layer.count // layer.group) if d <= 16])
            stream = diagonal(layer, rows, b)
            yield Item(name + ("_inflated" if b > 1 else "") + suffix, [layer.count, b, len(rows), layer.w], stream,
                       {"model-constants": weights, "depthwise-block-diagonal": len(stream) - weights}, layer, "Conv")
            continue
        n, b, listed = chance.randint(1, min(24, layer.count)), chance.choice(divisors(layer.inputs)), None
        if layer.h * layer.w == 1 and chance.random() < 0.6:
            n = max(n, min(8, layer.count))
            stream, unit = deep(layer, n, b), {"deepmode": 1, "nKernels": n, "batchDepth": b}
            listed = weights if "listed" in options and b > 1 else None
        else:
            stream, unit = plain(layer, rows, n, b), {"nKernels": n, "batchDepth": b}
        shape = [layer.count, layer.inputs, len(rows), layer.w]
        if "slices" in options:
            shape = [layer.count, layer.inputs // b, len(rows), layer.w, b]
        yield Item(name + suffix, shape, stream, {"model-constants": weights, "frame-padding": len(stream) - weights}, layer, "Conv", listed, unit)


def two_stage(layer):
    real = [float32(layer.scale_in) * float32(s) for s in layer.scales]
    n = 0
    while nearest(max(real) * 2.0 ** n) <= 32767:
        n += 1
    factor = [nearest(r * 2.0 ** (n - 1)) for r in real]
    exact = [b * r / layer.scale_out + layer.zero_out for b, r in zip(layer.bias, real)]
    bits = 20
    while max(abs(nearest(e * 2.0 ** bits)) for e in exact) > 2 ** 31 - 1:
        bits -= 1
    return factor, [nearest(e * 2.0 ** bits) for e in exact], exact


def fused(layer):
    sums = [abs(sum(w for row in o for tap in row for w in tap)) for o in layer.weight]
    shift = max(0, (256 * max(sums)).bit_length() - 15)
    ratio = [layer.scale_in * s / layer.scale_out for s in layer.scales]
    m = 60
    while nearest(max(ratio) * 2.0 ** (shift + m)) > 32767:
        m -= 1
    exact = [layer.zero_out + b * r for b, r in zip(layer.bias, ratio)]
    bits = m
    while max(abs(nearest(e * 2.0 ** bits)) for e in exact) > 2 ** 31 - 1:
        bits -= 1
    return [nearest(r * 2.0 ** (shift + m)) for r in ratio], [nearest(e * 2.0 ** bits) for e in exact], exact


def rows(chance, layer, vector):
    """[C/b][W][b] in 16 bits."""
    b = chance.choice([d for d in divisors(layer.count) if d <= 24])
    return struct.pack("<%dh" % (layer.count * layer.out_w),
                       *[vector[s + i] for s in range(0, layer.count, b) for x in range(layer.out_w) for i in range(b)])


def vectors(chance, layer, is_fused):
    factor, constant, exact = (fused if is_fused else two_stage)(layer)
    base, number = layer.name, chance.randint(100, 999)
    scale_name = base + ("_off_bias_%d_A_16_%d" % (number, number + 1) if is_fused else "_mul_scale_%d" % number)
    bias_name, n = base + "_off_bias_%d" % (number + 3), layer.count
    if n > 512:
        bits = 0
        while max(abs(nearest(e * 2.0 ** (bits + 1))) for e in exact) <= 32767:
            bits += 1
        data = rows(chance, layer, factor)
        yield Item(scale_name, [n, 1, 1], data, {"scale-vectors": 2 * n, "row-vectors": len(data) - 2 * n}, layer, "Mul")
        data = rows(chance, layer, [nearest(e * 2.0 ** bits) for e in exact])
        kept = min(len(data), 4 * n)
        yield Item(bias_name, [n, 1, 1], data, {"model-constants": kept, "row-vectors": len(data) - kept}, layer, "Add")
        return
    yield Item(scale_name, [n, 1, 1], struct.pack("<%dh" % n, *factor), {"scale-vectors": 2 * n}, layer, "Mul")
    if len(set(constant)) > 1 or n == 1:
        yield Item(bias_name, [n, 1, 1], struct.pack("<%di" % n, *constant), {"model-constants": 4 * n}, layer, "Add")
    else:
        yield Item(bias_name, [1], struct.pack("<h", chance.choice([0, 4, 128])), {"zero-point-terms": 2}, None, "Add")


def scalars(chance, layer):
    if layer.zero_in == -128:
        yield Item(layer.name + "_zero_off_%d" % chance.randint(100, 999), [1], b"\0", {"zero-point-terms": 1}, None, "Add")


def build(chance, model, path, options):
    items, all_layers = [], [Layer(model, layer) for layer in layers(path)]
    is_fused = "fused" in options or ("two-stage" not in options and chance.random() < 0.5)
    for layer in all_layers:
        made = list(kernels(chance, layer, options))
        if "program" not in options:
            made += list(vectors(chance, layer, is_fused))
        items += made + list(scalars(chance, layer))
        if "copies" in options and chance.random() < 0.3 and len(made[0].data) >= 64:
            items.append(Item(made[0].name + "_again", made[0].shape, made[0].data, {"layout-padding": len(made[0].data)}, layer, "Conv"))
    if chance.random() < 0.7:
        items.append(Item("Pad_900_weights_identity", [7, 1, 1, 1], [1] * chance.randint(5, 20), {}, None, "Pad"))
        items[-1].name, items[-1].causes = "Pad_900_kernel", {"pad-kernels": len(items[-1].data)}
    first = all_layers[0]
    items.append(Item("Quantize_901_scale", [1], struct.pack("<f", first.scale_in), {"io": 4}, None, "QuantizeLinear"))
    return items, is_fused, all_layers


def place(items, align, image):
    """Starts of the items, and the image."""
    starts = []
    for item in items:
        image += bytes(-len(image) % align)
        starts.append(len(image))
        image += item.data
    return starts


def write_info(folder, placed, pools, version):
    buffers, nodes, edges = [], [], []
    for index, (item, pool, start) in enumerate(placed):
        buffers.append({"id": index + 1, "name": item.name, "mpool_id": pool, "offset_start": start, "size_bytes": item.listed, "is_param": True,
                        "shape": item.shape})
        nodes.append({"id": 1000 + index, "description": "Node kind=" + item.reader})
        edges.append({"buffer": index + 1, "end": {"node_id": 1000 + index}})
    info = {"environment": {"tools": [{"name": "ATONN Compiler", "version": version}]}, "buffers": buffers,
            "graphs": [{"nodes": [{"id": 1, "subgraph_nodes": nodes}], "edges": edges}],
            "memory_pools": [{"id": i, "name": name, "fname": "atonbuf.%s.raw" % name, "address": str(BASES[name]), "size_bytes": 1 << 24, "subpools": []}
                             for i, name in enumerate(pools)]}
    json.dump(info, open(folder + "/network_c_info.json", "w"))


def write_source(folder, placed, pools, version):
    text = ["/* index=%d file postfix=%s name=%s offset=%#x  absolute_mode size=16777216 READ_ONLY */" % (i, p, p, BASES[p]) for i, p in enumerate(pools)]
    text += ["#if " + " || ".join("LL_ATON_VERSION_%s != %s" % pair for pair in zip(("MAJOR", "MINOR", "MICRO", "DEV"), version.replace("-", ".").split("."))),
             "#endif", "const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_Default(void) { return 0; }"]
    text += ["  static const LL_Convacc_InitTypeDef %s_init%d = {%s };" % (item.layer.name, i, ", ".join(".%s = %d" % u for u in item.unit.items()))
             for i, (item, pool, start) in enumerate(placed) if item.unit]
    text += ["  static const uint32_t shape_%d[] = { %s };" % (i, ", ".join(map(str, item.shape))) for i, (item, pool, start) in enumerate(placed)]
    text.append("  static const LL_Buffer_InfoTypeDef buff_info[] = {")
    for i, (item, pool, start) in enumerate(placed):
        text.append('    {\n      .name = "%s",\n      .addr_base = {(unsigned char *)(%#xUL)},\n      .offset_start = %d,\n      .offset_end = %d,\n'
                    "      .is_param = 1,\n      .mem_shape = shape_%d,\n    }," % (item.name, BASES[pools[pool]], start, start + item.listed, i))
    open(folder + "/network.c", "w").write("\n".join(text + ["    {\n      .name = NULL,\n    }\n  };"]) + "\n")


def write_program(folder, all_layers, is_fused):
    """One epoch-controller program: rows of coefficients (A and B in one word, C in the next) and other settings."""
    words = []
    for layer in all_layers:
        factor, constant, exact = (fused if is_fused else two_stage)(layer)
        for first in range(0, min(layer.count, 384), 128):
            rows = [w for a, c in list(zip(factor, constant))[first:min(first + 128, 384)] for w in ((a & 65535) | (c >> 16 & 65535) << 16, c & 65535)]
            words.append((23 << 26) | (256 + 2 * first) << 16 | len(rows) << 5 | 3)
            words += rows
        words += [(15 << 26) | 4 << 16 | 31 << 10 | 0, 7]
    channels = sum(min(layer.count, 384) for layer in all_layers)
    blob = [0xCA057A7A, len(words)] + words
    blob += [0] * (len(blob) % 2)
    pairs = ["0x%08x%08xULL" % (blob[i + 1], blob[i]) for i in range(0, len(blob), 2)]
    open(folder + "/network_ecblobs.h", "w").write("static const uint64_t _ec_blob_1[] = {\n  %s\n};\n" % ",\n  ".join(pairs))
    return {"scale-vectors": 2 * channels, "model-constants": 4 * channels, "layout-padding": 2 * channels,
            "epoch-program": 4 * len(blob) - 8 * channels}


def main():
    path, folder, seed = sys.argv[1:4]
    options = {o.split("=")[0]: o.split("=")[-1] for o in sys.argv[4:]}
    chance, data = random.Random(int(seed)), open(path, "rb").read()
    whole = Table(data, struct.unpack_from("<I", data, 0)[0])
    graph = whole.tables(2)[0]
    items, is_fused, all_layers = build(chance, (data, graph.tables(0), whole.tables(4), graph.tables(3)), path, options)
    chance.shuffle(items) if "shuffled" in options else items.sort(key=lambda i: len(i.data), reverse=True)
    pools = ["xSPI2", "npuRAM3"] if "pools" in options else ["xSPI2"]
    os.makedirs(folder, exist_ok=True)
    placed, total, truth = [], 0, {}
    for index, pool in enumerate(pools):
        mine, image = [i for i in items if sum(i.name.encode()) % len(pools) == index], bytearray()
        placed += [(item, index, start) for item, start in zip(mine, place(mine, int(options.get("align", 16)), image))]
        open("%s/network_atonbuf.%s.raw" % (folder, pool), "wb").write(image)
        total += len(image)
    for item in items:
        key = "operator_%d" % item.layer.number if item.layer else ""
        for cause, count in item.causes.items():
            truth.setdefault(key, {})[cause] = truth.get(key, {}).get(cause, 0) + count
    version = options.get("version", "1.1.3-262" if is_fused else "1.1.1-14")
    if "info" in options:
        write_info(folder, placed, pools, version)
    if "source" in options:
        write_source(folder, placed, pools, version)
    if "program" in options:
        for cause, count in write_program(folder, all_layers, is_fused).items():
            truth.setdefault("", {})[cause] = truth.get("", {}).get(cause, 0) + count
            total += count
    known = {cause: sum(t.get(cause, 0) for t in truth.values()) for t in truth.values() for cause in t}
    print(json.dumps({"bytes": total, "causes": {c: n for c, n in known.items() if n}, "alignment": total - sum(known.values()),
                      "layers": {k: {c: n for c, n in v.items() if n} for k, v in truth.items() if k}}))


if __name__ == "__main__":
    main()
