"""Models on disk: one safetensors file with tensors and a JSON header; no pickle, so opening a file runs no code.

A file is written whole or not at all. It carries a format version and a digest, since a flipped bit in a tensor would
otherwise load without a word. Sizes are checked before anything is allocated.
"""

import dataclasses
import hashlib
import json
import math
import os
import pathlib
import stat

import torch

from genlab.files import whole
from genlab.rows import MAX_LABELS, MAX_ROW, is_plain, is_whole, plain_call

FORMAT = 1
MAX_HEADER = 4 * 2**20  # bytes; the header of a GAN has about 5 kB
MAX_FILE = 2 * 2**30  # bytes
DTYPES = {"F32": torch.float32, "F64": torch.float64, "U8": torch.uint8}  # of the tensors that a model has


VALUES = ("seed", "hp", "shape", "classes", "image", "cursor", "log", "fingerprint", "data")  # beside its tensors


class StorageError(ValueError):
    """A file that cannot be read as a genlab model: what is wrong with it, and the mend."""


def save(path, tensors, rest):
    """Write `tensors` (name -> Tensor) and `rest` (JSON values) to `path`, replacing it only once all is written."""
    from safetensors.torch import save as to_bytes

    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    text = json.dumps(rest, sort_keys=True, allow_nan=False)
    header = {"format": str(FORMAT), "genlab": text, "digest": _digest(tensors, text)}
    with whole(path, example="model.safetensors") as part:
        part.write_bytes(to_bytes(tensors, metadata=header))
    return pathlib.Path(path)


def load_header(path):
    """The JSON `rest` of a file and an outline of its tensors, read without allocating any of them.

    Returns
    -------
    rest : dict
    outline : dict of name -> Tensor
        On torch's "meta" device: shape and type without values.
    """
    header = _header(path)
    meta = header.pop("__metadata__", None)
    if not isinstance(meta, dict) or not all(
        isinstance(meta.get(name), str) for name in ("format", "genlab", "digest")
    ):
        raise StorageError(f"{path} is a safetensors file, but not one that genlab wrote")
    if meta["format"] not in map(str, range(1, FORMAT + 1)):
        raise StorageError(
            f"{path} has format {meta['format'][:20]!r}, this genlab reads up to {FORMAT}: "
            "if the file is newer, upgrade genlab (pip install -U genlab)"
        )
    rest = _json(path, meta["genlab"])
    return rest, {name: torch.empty(e["shape"], dtype=DTYPES[e["dtype"]], device="meta") for name, e in header.items()}


def load_tensors(path, rest):
    """The tensors of a file whose `rest` has been accepted, after the digest of both has been checked."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (SafetensorError, OSError) as error:
        raise _damaged(path, f"{error}") from error
    if _json(path, meta.get("genlab", "")) != rest:
        raise StorageError(f"{path} was replaced while it was read: load it again")
    if _digest(tensors, meta["genlab"]) != meta.get("digest"):
        raise _damaged(path, "its contents do not match its digest")
    return tensors


def problems(rest, family, params):
    """What is wrong with the `rest` of a model's file, which may come from anybody; its seed and tensors aside.

    Parameters
    ----------
    rest : dict
    family : str
        Name of the class that is to be loaded.
    params : class
        Its declared knobs.
    """
    if rest.get("model") != family:
        return [f"it holds a {rest.get('model')!r}, not a {family}"]
    missing = [name for name in VALUES if name not in rest]
    if missing:
        return [f"it says nothing of its {', '.join(missing)}"]
    shape, cursor, log, data, hp = (rest[name] for name in ("shape", "cursor", "log", "data", "hp"))
    knobs = {field.name for field in dataclasses.fields(params)}
    right = {
        "shape": _is_list(shape, 1, 3) and all(is_whole(s, 1) for s in shape) and math.prod(shape) <= MAX_ROW,
        "classes": is_whole(rest["classes"], 0, MAX_LABELS),
        "image": isinstance(rest["image"], bool),
        "hp": isinstance(hp, dict) and set(hp) == knobs,
        "cursor": isinstance(cursor, dict) and set(cursor) == {"step", "rows"} and all(map(is_whole, cursor.values())),
        "log": isinstance(log, list) and all(_is_change(entry, knobs) for entry in log),
        "fingerprint": isinstance(rest["fingerprint"], str | None),
        "data": _is_list(data, 2) and isinstance(data[0], str | None) and plain_call(data[1]),
    }
    wrong = [f"{name} is not what a {family} can have" for name, fine in right.items() if not fine]
    if right["hp"]:
        try:
            params.check(hp)
        except ValueError as error:
            wrong.append(str(error))
    return wrong


def _is_change(entry, knobs):
    """Whether `entry` can be one of a log: [step, name of a knob, old value, new value]."""
    if not _is_list(entry, 4):
        return False
    step, name, *values = entry
    return is_whole(step) and isinstance(name, str) and name in knobs and all(map(is_plain, values))


def _is_list(value, *lengths):
    return isinstance(value, list) and len(value) in lengths


def _header(path):
    """The header of a safetensors file as a dict: an 8-byte length, then JSON, then the tensors' bytes."""
    found = os.stat(path)  # FileNotFoundError speaks for itself
    size = found.st_size
    if not stat.S_ISREG(found.st_mode):
        raise StorageError(f"{path} is not a file: give the name of one that genlab saved")
    if size > MAX_FILE:
        raise StorageError(
            f"{path} has {size:,} bytes: a genlab model has at most {MAX_FILE:,}; this is some other file"
        )
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 10 or length > size - 8:
            raise _damaged(path, f"it has {size:,} bytes, its header alone claims {length:,}")
        if length > MAX_HEADER:
            raise StorageError(f"{path} claims a header of {length:,} bytes: at most {MAX_HEADER:,} are read")
        header = _json(path, file.read(length))
    end = 0  # the tensors fill the rest of the file, one after the other: none can be larger than it says
    entries = [entry for name, entry in header.items() if name != "__metadata__"]
    if not all(map(_is_entry, entries)):
        raise _damaged(path, "its header does not describe the tensors of a model")
    for entry in sorted(entries, key=lambda entry: entry["data_offsets"]):
        start = end
        end += math.prod(entry["shape"]) * DTYPES[entry["dtype"]].itemsize
        if entry["data_offsets"] != [start, end]:
            raise _damaged(path, "a tensor in it has not the size that its shape asks for")
    if end != size - 8 - length:
        raise _damaged(path, "its length is not the one that its header claims (cut off, or added to)")
    return header


def _is_entry(entry):
    """Whether `entry` can describe a tensor: {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}."""
    if not isinstance(entry, dict) or not isinstance(entry.get("dtype"), str) or entry["dtype"] not in DTYPES:
        return False
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    right = _is_list(shape, *range(9)) and all(is_whole(n, 1, MAX_FILE) for n in shape)
    return right and _is_list(offsets, 2) and all(is_whole(n, 0, MAX_FILE) for n in offsets)


def _json(path, text):
    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    try:
        values = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its header is not JSON") from error
    if not isinstance(values, dict):
        raise _damaged(path, "its header does not describe a model")
    return values


def _damaged(path, why):
    return StorageError(f"{path} is damaged or not a genlab model: {why}; save the model again, or take another copy")


def _digest(tensors, text):
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
