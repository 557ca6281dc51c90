"""Signatures and metadata of a .tflite, written and read by nothing but the format's own rules.

  python3 signed_model.py sign IN.tflite OUT.tflite   the same model with a signature "classify" and metadata "note"
  python3 signed_model.py show FILE.tflite            what its signatures and metadata say, as JSON

A FlatBuffer refers forwards, so what is new stands in front (a root that refers to what there was) and behind it.
"""
import json
import struct
import sys

VERSION, CODES, SUBGRAPHS, DESCRIPTION, BUFFERS, METADATA_BUFFER, METADATA, SIGNATURES = range(8)
NOTE = b"what a user keeps beside the model"


class Reader:
    def __init__(self, data):
        self.data = data
        self.root = self.follow(0)

    def number(self, at, form="<I"):
        return struct.unpack_from(form, self.data, at)[0]

    def follow(self, at):
        return at + self.number(at)

    def field(self, table, index):
        """Where the field lies; None when it is absent."""
        vtable = table - self.number(table, "<i")
        if 4 + 2 * index >= self.number(vtable, "<H"):
            return None
        offset = self.number(vtable + 4 + 2 * index, "<H")
        return table + offset if offset else None

    def elements(self, table, index):
        """Places of the vector's elements of four bytes."""
        at = self.field(table, index)
        if at is None:
            return []
        vector = self.follow(at)
        return [vector + 4 + 4 * i for i in range(self.number(vector))]

    def tables(self, table, index):
        return [self.follow(at) for at in self.elements(table, index)]

    def text(self, table, index):
        vector = self.follow(self.field(table, index))
        return self.data[vector + 4:vector + 4 + self.number(vector)]

    def scalar(self, table, index):
        at = self.field(table, index)
        return 0 if at is None else self.number(at)


class Tail:
    """Appends; a reference is patched when what it refers to is there."""

    def __init__(self, data):
        self.data = data

    def align(self, to):
        self.data += bytes(-len(self.data) % to)

    def refer(self, at):
        struct.pack_into("<I", self.data, at, len(self.data) - at)

    def string(self, at, text):
        self.align(4)
        self.refer(at)
        self.data += struct.pack("<I", len(text)) + text + b"\0"

    def table(self, at, fields):
        """All fields of four bytes; returns where they lie."""
        self.align(4)
        self.data += struct.pack("<HH%dH" % len(fields), 4 + 2 * len(fields), 4 + 4 * len(fields),
                                 *[4 + 4 * i for i in range(len(fields))])
        vtable = len(self.data) - 4 - 2 * len(fields)
        self.align(4)
        self.refer(at)
        table = len(self.data)
        self.data += struct.pack("<i", table - vtable) + b"".join(struct.pack("<I", f) for f in fields)
        return [table + 4 + 4 * i for i in range(len(fields))]

    def vector(self, at, count):
        self.align(4)
        self.refer(at)
        start = len(self.data)
        self.data += struct.pack("<I", count) + bytes(4 * count)
        return [start + 4 + 4 * i for i in range(count)]


def sign(old):
    r = Reader(old)
    buffers = r.tables(r.root, BUFFERS)
    size = 96 + 4 * len(buffers)
    shift = size + -size % 16
    # version, codes, subgraphs, description, buffers, metadata buffers, metadata, signatures
    head = Tail(bytearray(struct.pack("<I4s", 0, b"TFL3")))
    fields = head.table(0, [r.scalar(r.root, VERSION)] + [0] * 7)
    place = head.vector(fields[BUFFERS], len(buffers) + 1)
    assert len(head.data) <= shift
    head.align(shift)
    data = head.data + old
    for at, target in zip(place, buffers):
        struct.pack_into("<I", data, at, target + shift - at)
    for index in (CODES, SUBGRAPHS, DESCRIPTION):
        struct.pack_into("<I", data, fields[index], r.follow(r.field(r.root, index)) + shift - fields[index])
    t = Tail(data)
    note = t.table(place[-1], [0])
    t.string(note[0], NOTE)
    t.vector(fields[METADATA_BUFFER], 0)
    metadata = t.table(t.vector(fields[METADATA], 1)[0], [0, len(buffers)])
    t.string(metadata[0], b"note")
    graph = r.tables(r.root, SUBGRAPHS)[0]
    ports = [[r.number(at) for at in r.elements(graph, i)] for i in (1, 2)]
    # The deprecated tag is a number here, which the form has no word for: 0 refers to nothing and is not read.
    signature = t.table(t.vector(fields[SIGNATURES], 1)[0], [0, 0, 0])
    for i, names in enumerate(("picture_%d", "class_%d")):
        for n, at in enumerate(t.vector(signature[i], len(ports[i]))):
            entry = t.table(at, [0, ports[i][n]])
            t.string(entry[0], (names % n).encode())
    t.string(signature[2], b"classify")
    t.align(16)
    return t.data


def show(data):
    r = Reader(data)
    graph = r.tables(r.root, SUBGRAPHS)[0]
    tensors = r.tables(graph, 0)
    buffers = r.tables(r.root, BUFFERS)

    def ports(table, index, graph_index):
        graph_ports = [r.number(at) for at in r.elements(graph, graph_index)]
        return [{"name": r.text(e, 0).decode(), "tensor": r.text(tensors[r.scalar(e, 1)], 3).decode(),
                 "port": graph_ports.index(r.scalar(e, 1))} for e in r.tables(table, index)]

    return {"signatures": [{"key": r.text(s, 2).decode(), "inputs": ports(s, 0, 1), "outputs": ports(s, 1, 2)}
                           for s in r.tables(r.root, SIGNATURES)],
            "metadata": {r.text(m, 0).decode(): r.text(buffers[r.scalar(m, 1)], 0).decode()
                         for m in r.tables(r.root, METADATA)}}


def main():
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    if sys.argv[1] == "sign":
        with open(sys.argv[3], "wb") as file:
            file.write(sign(data))
    else:
        print(json.dumps(show(data), indent=1))


main()
