"""Frames: what the kernel sends to the view, as one buffer of a few kilobytes.

Layout, little-endian: the version (uint32), the length of the header (uint32), the header in JSON, then the arrays that
the header lists under "arrays" as [name, type, shape], one after another. Header and arrays are padded to multiples of 4.
``browser/frames.js`` reads the same layout by the same names, so that a new view needs no new format.
"""

import json
import struct

import numpy as np

VERSION = 1
TYPES = {"f4": np.dtype("<f4"), "u1": np.dtype("u1")}  # numbers; brightness and beliefs from 0 to 255


def pack(numbers, arrays):
    """One buffer of `numbers` (a dict of JSON values) and `arrays` (a dict of numpy arrays, uint8 or float32)."""
    listed, body = [], []
    for name, array in arrays.items():
        kind = "u1" if array.dtype == np.uint8 else "f4"
        listed.append([name, kind, list(array.shape)])
        body.append(_padded(np.ascontiguousarray(array, TYPES[kind]).tobytes(), b"\0"))
    header = _padded(json.dumps(numbers | {"arrays": listed}, allow_nan=False).encode(), b" ")
    return b"".join([struct.pack("<II", VERSION, len(header)), header, *body])


def unpack(buffer):
    """(numbers, arrays) of a buffer that :func:`pack` made."""
    version, length = struct.unpack_from("<II", buffer)
    if version != VERSION:
        raise ValueError(f"this frame has version {version}, this genlab reads {VERSION}: use the one that made it")
    numbers = json.loads(buffer[8 : 8 + length])
    arrays, start = {}, 8 + length
    for name, kind, shape in numbers.pop("arrays"):
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(buffer, TYPES[kind], count, start).reshape(shape)
        start += count * TYPES[kind].itemsize + -count * TYPES[kind].itemsize % 4
    return numbers, arrays


def _padded(data, filler):
    return data + filler * (-len(data) % 4)
