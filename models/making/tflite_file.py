"""Writes the network as a .tflite file, in the operators that the TensorFlow converter makes of
Conv1D + GlobalAveragePooling1D + Dense(softmax): EXPAND_DIMS, CONV_2D, RESHAPE, MEAN, FULLY_CONNECTED, SOFTMAX.

The converter keeps the batch open: shape signatures begin with -1, and RESHAPE's constant shape too. Field numbers are those of
the schema, version 3.
"""

import flatbuffers
import numpy as np

from making.machine import FEATURES
from making.training import CLASSES, FILTERS, KERNEL, WINDOW

INT32, INT8 = 2, 9
SAME_PADDING, RELU = 0, 1


def table(builder, fields):
    """fields: (field number, kind, value); kind is the suffix of Builder.Prepend...Slot, or "offset"."""
    builder.StartObject(max((number for number, _, _ in fields), default=-1) + 1)
    for number, kind, value in fields:
        if kind == "offset":
            builder.PrependUOffsetTRelativeSlot(number, value, 0)
        else:
            getattr(builder, "Prepend%sSlot" % kind)(number, value, 0)
    return builder.EndObject()


def offsets(builder, items):
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return builder.EndVector()


def vector(builder, values, dtype):
    return builder.CreateNumpyVector(np.asarray(values, dtype=dtype))


def raw_buffer(builder, data):
    """A buffer's bytes begin at a multiple of 16, as the format demands."""
    if data is None:
        return table(builder, [])
    raw = np.ascontiguousarray(data).view(np.uint8).reshape(-1)
    builder.StartVector(1, len(raw), 16)
    builder.head -= len(raw)
    builder.Bytes[builder.head : builder.head + len(raw)] = raw.tobytes()
    return table(builder, [(0, "offset", builder.EndVector())])


class Model:
    def __init__(self):
        self.builder = flatbuffers.Builder(8192)
        self.data, self.tensors, self.codes, self.operators = [None], [], [], []

    def tensor(self, name, shape, dtype, scales=None, zero=0, data=None, axis=None, open_batch=False):
        """Returns the tensor's index. One scale, or one for each index of dimension `axis`."""
        b = self.builder
        self.data.append(data)
        fields = []
        if scales is not None:
            scales = np.atleast_1d(scales)
            fields = [(2, "offset", vector(b, scales, np.float32)),
                      (3, "offset", vector(b, np.full(len(scales), zero), np.int64)), (6, "Int32", axis or 0)]
        parts = [(0, "offset", vector(b, shape, np.int32)), (1, "Int8", dtype), (2, "Uint32", len(self.data) - 1),
                 (3, "offset", b.CreateString(name)), (4, "offset", table(b, fields)), (8, "Bool", True)]
        if open_batch:
            parts.append((7, "offset", vector(b, [-1] + shape[1:], np.int32)))
        self.tensors.append(table(b, parts))
        return len(self.tensors) - 1

    def operator(self, builtin, version, inputs, outputs, options_type=0, options=()):
        b = self.builder
        self.codes.append(table(b, [(0, "Int8", builtin), (2, "Int32", version), (3, "Int32", builtin)]))
        fields = [(0, "Uint32", len(self.codes) - 1), (1, "offset", vector(b, inputs, np.int32)),
                  (2, "offset", vector(b, outputs, np.int32))]
        if options_type != 0:
            fields += [(3, "Uint8", options_type), (4, "offset", table(b, list(options)))]
        self.operators.append(table(b, fields))

    def signature(self, inputs, outputs):
        """inputs and outputs: (name, tensor)."""
        b = self.builder
        maps = [offsets(b, [table(b, [(0, "offset", b.CreateString(n)), (1, "Uint32", t)]) for n, t in side])
                for side in (inputs, outputs)]
        key = b.CreateString("serving_default")
        return table(b, [(0, "offset", maps[0]), (1, "offset", maps[1]), (2, "offset", key)])

    def finish(self, description, inputs, outputs):
        b = self.builder
        buffers = offsets(b, [raw_buffer(b, data) for data in self.data])
        graph = table(b, [(0, "offset", offsets(b, self.tensors)),
                          (1, "offset", vector(b, [t for _, t in inputs], np.int32)),
                          (2, "offset", vector(b, [t for _, t in outputs], np.int32)),
                          (3, "offset", offsets(b, self.operators)), (4, "offset", b.CreateString("main"))])
        signatures = offsets(b, [self.signature(inputs, outputs)])
        root = table(b, [(0, "Uint32", 3), (1, "offset", offsets(b, self.codes)), (2, "offset", offsets(b, [graph])),
                         (3, "offset", b.CreateString(description)), (4, "offset", buffers), (7, "offset", signatures)])
        b.Finish(root, file_identifier=b"TFL3")
        return bytes(b.Output())


def constants(model, q):
    """Tensors 1 .. 7; the converter lists them before all results of operators."""
    int32 = lambda values: np.array(values, dtype=np.int32)
    layer, dense = "model/conv1d/", "model/dense/"
    return {
        "axis": model.tensor(layer + "Conv1D/ExpandDims/dim", [], INT32, data=int32([-3])),
        "filter": model.tensor(layer + "Conv1D", [FILTERS, 1, KERNEL, FEATURES], INT8, q.conv_scales, axis=0,
                               data=q.conv.astype(np.int8)),
        "bias": model.tensor(layer + "BiasAdd/ReadVariableOp", [FILTERS], INT32, q.conv_bias_scales, axis=0,
                             data=int32(q.conv_bias)),
        "shape": model.tensor(layer + "Conv1D/Squeeze/shape", [3], INT32, data=int32([-1, WINDOW, FILTERS])),
        "time": model.tensor("model/global_average_pooling1d/Mean/reduction_indices", [1], INT32, data=int32([1])),
        "weights": model.tensor(dense + "MatMul", [CLASSES, FILTERS], INT8, q.dense_scale, data=q.dense.astype(np.int8)),
        "dense_bias": model.tensor(dense + "BiasAdd/ReadVariableOp", [CLASSES], INT32, q.dense_bias_scale,
                                   data=int32(q.dense_bias)),
    }


def write(q, description):
    """The file's bytes for a QuantizedNetwork."""
    model = Model()
    result = lambda name, shape, scale, zero: model.tensor(name, shape, INT8, scale, zero, open_batch=True)
    window = result("serving_default_window:0", [1, WINDOW, FEATURES], q.input.scale, q.input.zero)
    c = constants(model, q)
    wide = result("model/conv1d/Conv1D/ExpandDims", [1, 1, WINDOW, FEATURES], q.input.scale, q.input.zero)
    conv = result("model/conv1d/Relu", [1, 1, WINDOW, FILTERS], q.hidden.scale, q.hidden.zero)
    narrow = result("model/conv1d/Conv1D/Squeeze", [1, WINDOW, FILTERS], q.hidden.scale, q.hidden.zero)
    mean = result("model/global_average_pooling1d/Mean", [1, FILTERS], q.mean.scale, q.mean.zero)
    logits = result("model/dense/BiasAdd", [1, CLASSES], q.logits.scale, q.logits.zero)
    state = result("StatefulPartitionedCall:0", [1, CLASSES], np.float32(1.0 / 256.0), -128)
    conv_options = [(0, "Int8", SAME_PADDING), (1, "Int32", 1), (2, "Int32", 1), (3, "Int8", RELU)]
    model.operator(70, 1, [window, c["axis"]], [wide], 52)
    model.operator(3, 3, [wide, c["filter"], c["bias"]], [conv], 1, conv_options)
    model.operator(22, 1, [conv, c["shape"]], [narrow])
    model.operator(40, 2, [narrow, c["time"]], [mean], 27)
    model.operator(9, 4, [mean, c["weights"], c["dense_bias"]], [logits], 8)
    model.operator(25, 2, [logits], [state], 9, [(0, "Float32", 1.0)])
    return model.finish(description, [("window", window)], [("state", state)])
