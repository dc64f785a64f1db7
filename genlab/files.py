"""Files that come with genlab, checked when they are read, and files that are written whole, or a line at a time.

What the shipped files hold, and on what terms, stands in ``datasets/README.md``.
"""

import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import platform
import secrets

FILES = {  # file in datasets/: its SHA-256
    "digits.npz": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
    "mnist.npz": "246e0c30eeea57c8d0037d3f38c8e00651ec204cc61b8022563e9aeeb9d756f4",
    "molecules.csv": "cac9022e8494037f300ec197f3dcfc5a478e6a101632ebffc0fe1f198b496770",
    "names.csv": "4026b531354c86acd6402ef98fa9c99f180aff8a9e8080bf586d9111e6117eda",
    "opinions.csv": "4e7ac4d52092e6fa910b66d1c5c6ecb95b0e596244ce7a747d41454c2c93491f",
    "opinions.types.json": "b26586f690affebf2224c13445e352a35d8ffa4ff557477c018130810b37b125",
    "percussion.npz": "136ca489f5393641f2e32ae2e150c78e2e1a097a1286b3431b5ddafe23fe90fc",
    "prose.txt": "94e9fc7d92f496e3f3968497bcdff48ede646056b69e7f44922da526a20866b9",
    "sunspots.csv": "a7459ac790a1e40cf4b78b44fdf8248c9a0514ed672ec42cc555f4e8ddcbfd1b",
    "survey.csv": "c6c0fa4245737400b5be36d6419dfb707b26a93156d507eb5f5b1bf1ed576508",
    "survey.types.json": "f9c9333a8026a29383c9e1136f233fd4b9c3e1ef0d4e1b576e02208c7c72de65",
    "tissue.npz": "c2778737db10bbd8e23aa7d1a8e7884ee5772aac37101585787805d28df57479",
}


def shipped(room):
    """Folder of files that come with genlab: ``shipped("datasets")`` or ``shipped("notebooks")``.

    A built wheel holds them inside the package; in a checkout of the repository they stand beside it.
    """
    here = pathlib.Path(__file__).parent
    for folder in (here / "_share" / room, here.parent / room):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"genlab came without its folder {room!r}: install it again (pip install --force-reinstall genlab)"
    )


def read(name):
    """Path of a shipped data file, after its digest has been checked.

    Raises
    ------
    ValueError
        Where genlab has no file of that name, or the file is damaged.
    FileNotFoundError
        Where the file is missing.
    """
    if name not in FILES:
        raise ValueError(f"genlab has no data file {name!r}; there are {', '.join(FILES)}")
    path = shipped("datasets") / name
    mend = "install genlab again (pip install --force-reinstall genlab), or restore the file from the repository"
    if not path.is_file():
        raise FileNotFoundError(f"the data file {name} is missing: {mend}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name]:
        raise ValueError(f"the data file {name} is damaged (its SHA-256 is not the recorded one): {mend}")
    return path


MAX_LINES = 2**28  # bytes of a file of JSON lines


@contextlib.contextmanager
def whole(path, *, example="file"):
    """Write a file whole or not at all: a ``with`` block that fills another file, put at `path` once the block is over.

    Parameters
    ----------
    path : str or Path
        Where the file is to be; one that is there is replaced, and stays as it is when the block fails.
    example : str
        A file's name for the message to a reader who gave a folder.

    Yields
    ------
    Path
        The file to write, in the folder of `path` and with its suffix.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        Before the block, where nothing can be written at `path`.

    Examples
    --------
    >>> with whole("report.html") as part:
    ...     part.write_text(page, "utf-8")
    """
    path = _writable(path, example)
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part{path.suffix}")  # same folder: replace is atomic
    try:
        yield part
        with open(part, "r+b") as file:  # also of a file that the block has closed
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def lines(path, head, *, what):
    """The records in a file of JSON lines that begins with `head`; the file is begun where there is none.

    What a crash broke off, the last line without its end, is dropped from the file, so that the next one is whole.

    Parameters
    ----------
    path : str or Path
    head : dict
        What the records are of, as JSON values: the first line of the file, which must be the same.
    what : str
        What the file is of, for messages.

    Returns
    -------
    list of dict

    Raises
    ------
    ValueError
        The file is of something else, or a line in it is no record; it is not touched.
    """
    path, first = _writable(path, "rows.jsonl"), json.dumps(head)
    size = path.stat().st_size if path.exists() else 0
    if size > MAX_LINES:
        raise ValueError(f"{path} has {size:,} bytes: no {what}, which has at most {MAX_LINES:,}; take another path")
    text = path.read_bytes() if size else b""
    if f"{first}\n".encode().startswith(text) and len(text) <= len(first):  # none, or broken off in its first line
        path.write_text(first + "\n", "utf-8")
        return []
    begin, *full = text.split(b"\n")
    torn = full.pop() if full else b""
    if _record(begin) != json.loads(first):
        raise ValueError(
            f"{path} holds another {what}{_differs(_record(begin), head)}; take another path, or delete it"
        )
    records = [_record(line) for line in full]
    bad = [str(number) for number, record in enumerate(records, 2) if record is None]
    if bad:
        raise ValueError(
            f"{path}: damaged in line {', '.join(bad[:10])}; delete these lines, what they held is done again"
        )
    if torn:
        os.truncate(path, len(text) - len(torn))
    return records


def digest(recipe):
    """A short digest of JSON values."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


def keep(path, recipe, rows, *, releases, **head):
    """Write a study that ships with genlab, a row a line, under the digest of its recipe; returns the path.

    Parameters
    ----------
    path : Path
    recipe : str
        A :func:`digest` of everything that its numbers depend on.
    rows : list of JSON values
    releases : str
        Of the libraries that made it.
    **head
        JSON values that stand before the rows.
    """
    made = f"{platform.system()} {platform.machine()}, {releases}, {datetime.date.today().isoformat()}"
    whole = json.dumps(dict(recipe=recipe, made=made) | head)
    path.parent.mkdir(exist_ok=True)
    path.write_text(whole[:-1] + ', "rows": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n", "utf-8")
    return path


def kept(path, recipe):
    """What :func:`keep` wrote, a dict.

    Raises
    ------
    ValueError
        There is none, or it was made by another recipe.
    """
    if not path.exists():
        raise ValueError(f"no study of {path.stem!r} is stored: make one by .study(seeds)")
    found = json.loads(path.read_text("utf-8"))
    if found["recipe"] != recipe:
        raise ValueError(f"the stored study of {path.stem!r} was made by another recipe: make one by .study(seeds)")
    return found


def append(path, record):
    """Add a record to a file that :func:`lines` has read or begun; it is on the disk when this returns."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _record(line):
    """A line as a dict; None for one that is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _differs(found, head):
    """In what a first line differs from the one wanted, in words."""
    if found is None or found.get("genlab") != head["genlab"]:
        return ""
    other = [f"{key} is {json.dumps(found.get(key))[:80]} there and {json.dumps(head[key])[:80]} here"
             for key in head if found.get(key) != head[key]]  # fmt: skip
    return f" ({'; '.join(other)})"


def _writable(path, example):
    path = pathlib.Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: give the name of a file, such as {path / example}")
    return path
