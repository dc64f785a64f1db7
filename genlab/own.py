"""A reader's own pictures and lines of text, as arrays: every size is checked before anything is read or allocated.

Pictures become small and grey, text becomes codes. Tables are read by ``genlab.tables.read``.
"""

import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

from genlab.rows import is_whole

MOST, SIDE = 20_000, 32  # pictures or lines, and pixels along a side
FILE, PIXELS = 20 * 10**6, 40 * 10**6  # bytes of a file, and pixels of one picture in it
UNPACKED = 500 * 10**6  # bytes of an archive once it is unpacked
SYMBOLS, LENGTH = 200, 256  # different characters, and characters in a line
KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def pictures(path, side, levels):
    """Grey pictures (n, side, side) with whole numbers from 0 to levels - 1, dark being high, and how many were left out."""
    path = Path(path)
    problems = [
        f"{name}={value!r}: must be a whole number from {low} to {high}"
        for name, value, low, high in (("side", side, 4, SIDE), ("levels", levels, 2, 256))
        if not is_whole(value, low, high)
    ]
    if not path.exists() or path.is_file() and path.suffix != ".npz":
        problems.append(f"{path}: must be a folder of pictures, or a file .npz with an array (n, height, width)")
    _complain("pictures", problems)
    grey, left_out = (_folder if path.is_dir() else _archive)(path, side)  # (n, side, side) from 0 to 1
    return np.round((1 - grey) * (levels - 1)), left_out


def _folder(folder, side):
    """The pictures of a folder in the order of their names; what is no picture is counted."""
    from PIL import Image

    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in KINDS)
    if not 2 <= len(files) <= MOST:
        raise ValueError(f"{folder} holds {len(files):,} pictures ({', '.join(KINDS)}): needs 2 to {MOST:,}")
    found, problems = [], []
    for file in files:
        try:
            if file.stat().st_size > FILE:
                raise ValueError(f"{file.stat().st_size:,} bytes, at most {FILE:,}")
            with Image.open(file) as image:
                if math.prod(image.size) > PIXELS:  # known from the file's beginning, before it is unpacked
                    raise ValueError(f"{image.size[0]} by {image.size[1]} pixels, at most {PIXELS:,} in all")
                found.append(np.asarray(image.convert("L").resize((side, side), Image.Resampling.BOX)) / 255)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            problems.append(f"{file.name}: {error}")
    if len(found) < 2:
        _complain(f"pictures in {folder}", problems[:10])
    return np.stack(found), len(problems)


def _archive(path, side):
    """The only array (n, height, width) of an .npz; its least value is black, its greatest white."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > UNPACKED:
            raise ValueError(f"unpacked it has {size:,} bytes: at most {UNPACKED:,}")
        with np.load(path, allow_pickle=False) as arrays:
            stacks = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"pictures: {path} cannot be read: {error}; write it with numpy.savez, arrays of numbers only"
        ) from None
    stacks = {name: array for name, array in stacks.items() if array.ndim == 3 and array.dtype.kind in "buif"}
    if len(stacks) != 1:
        raise ValueError(
            f"pictures: {path} holds {len(stacks)} arrays (n, height, width) of numbers: needs exactly one"
        )
    (x,) = stacks.values()
    x = x.astype(float)
    if not 2 <= len(x) <= MOST or min(x.shape) < 2 or not np.isfinite(x).all() or x.min() == x.max():
        raise ValueError(
            f"pictures: {path} has an array {x.shape}: needs 2 to {MOST:,} pictures of finite numbers, not all alike"
        )
    from PIL import Image

    x = (x - x.min()) / (x.max() - x.min())
    small = [Image.fromarray(row.astype(np.float32)).resize((side, side), Image.Resampling.BOX) for row in x]
    return np.clip(np.stack([np.asarray(row) for row in small]), 0, 1), 0


def lines(path, length):
    """Codes (n, length) of the lines of a text, the characters that they stand for, and how many lines were cut."""
    path = Path(path)
    problems = [] if is_whole(length, 2, LENGTH) else [f"length={length!r}: must be a whole number from 2 to {LENGTH}"]
    if not path.is_file():
        problems.append(f"{path}: no such file; give a text file, a row on each line")
    elif path.stat().st_size > FILE:
        problems.append(f"{path} has {path.stat().st_size:,} bytes: at most {FILE:,}")
    _complain("lines", problems)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"lines: {path} is no text in UTF-8 ({error.reason}): save it as UTF-8") from None
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    symbols = "\n" + "".join(sorted(set("".join(rows))))  # the first one ends a row, and fills what is behind it
    if not 2 <= len(rows) <= MOST:
        problems.append(f"{len(rows):,} lines: needs 2 to {MOST:,}")
    if len(symbols) > SYMBOLS:
        problems.append(f"{len(symbols) - 1} different characters: at most {SYMBOLS - 1}; lower() and fewer signs help")
    _complain(f"lines of {path}", problems)
    place = {symbol: code for code, symbol in enumerate(symbols)}
    codes = np.zeros((len(rows), length), dtype=np.int64)
    for code, row in zip(codes, rows, strict=True):
        kept = row[: length - 1]
        code[: len(kept)] = [place[symbol] for symbol in kept]
    return codes, symbols, sum(len(row) >= length for row in rows)


def _complain(where, problems):
    if problems:
        raise ValueError(f"{where}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
