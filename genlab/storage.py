"""Models on disk: one safetensors file with tensors and a JSON header; no pickle, so opening a file runs no code.

A file is written whole or not at all. It carries a format version and a digest, since a flipped bit in a tensor would
otherwise load without a word. Sizes are checked before anything is allocated.
"""

import hashlib
import json
import os
import pathlib
import secrets

FORMAT = 1
MAX_HEADER = 4 * 2**20  # bytes; the header of a GAN has about 5 kB
MAX_FILE = 2 * 2**30  # bytes


class StorageError(ValueError):
    """A file that cannot be read as a genlab model: what is wrong with it, and the mend."""


def save(path, tensors, rest):
    """Write `tensors` (name -> Tensor) and `rest` (JSON values) to `path`, replacing it only once all is written."""
    from safetensors.torch import save as to_bytes

    path = pathlib.Path(path)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    text = json.dumps(rest, sort_keys=True, allow_nan=True)
    header = {"format": str(FORMAT), "genlab": text, "digest": _digest(tensors, text)}
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")  # same folder, so that replace is atomic
    try:
        with open(part, "wb") as file:
            file.write(to_bytes(tensors, metadata=header))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def load_header(path):
    """The JSON `rest` of a file and the shapes of its tensors, read without allocating any tensor.

    Returns
    -------
    rest : dict
    shapes : dict of name -> tuple of int
    """
    header = _header(path)
    meta = header.pop("__metadata__", None) or {}
    if "format" not in meta or "genlab" not in meta or "digest" not in meta:
        raise StorageError(f"{path} is a safetensors file, but not one that genlab wrote")
    if not meta["format"].isdigit() or int(meta["format"]) > FORMAT:
        raise StorageError(
            f"{path} has format {meta['format']}, this genlab reads up to {FORMAT}: upgrade genlab (pip install -U genlab)"
        )
    try:
        rest = json.loads(meta["genlab"])
        shapes = {name: tuple(map(int, entry["shape"])) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, "its header does not describe a model") from error
    if not isinstance(rest, dict):
        raise _damaged(path, "its header does not describe a model")
    return rest, shapes


def load_tensors(path):
    """The tensors of a file whose header has been accepted, after the digest has been checked."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata()
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (SafetensorError, OSError) as error:
        raise _damaged(path, f"{error}") from error
    if _digest(tensors, meta["genlab"]) != meta["digest"]:
        raise _damaged(path, "its contents do not match its digest")
    return tensors


def _header(path):
    """The header of a safetensors file as a dict: an 8-byte length, then JSON, then the tensors' bytes."""
    size = os.stat(path).st_size  # FileNotFoundError speaks for itself
    if size > MAX_FILE:
        raise StorageError(f"{path} has {size:,} bytes: a genlab model has at most {MAX_FILE:,}; this is some other file")
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 10 or length > size - 8:
            raise _damaged(path, f"it has {size:,} bytes, its header alone claims {length:,}")
        if length > MAX_HEADER:
            raise StorageError(f"{path} claims a header of {length:,} bytes: at most {MAX_HEADER:,} are read")
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise _damaged(path, "its header is not the JSON of a safetensors file") from error
    if not all(isinstance(end, int) for end in ends) or max(ends, default=0) != size - 8 - length:
        raise _damaged(path, "its length is not the one that its header claims (cut off, or added to)")
    return header


def _damaged(path, why):
    return StorageError(f"{path} is damaged or not a genlab model: {why}; save the model again, or take another copy")


def _digest(tensors, text):
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
