"""Synthesizers on disk: ``model.json`` with ``trees.npz``, ``marginals.npz`` or ``network.safetensors``; no rows, no pickle.

Whoever gets such a folder can read from it what :meth:`Synthesizer.save` lists. A folder may come from anybody: sizes
are checked before anything is allocated, and every number before it is used.
"""

import hashlib
import json
import math
import os
import pathlib
import secrets
import shutil
import zipfile
import zlib

import numpy as np

from genlab.tables.synthesis import encoding
from genlab.tables.synthesis.joint import Joint
from genlab.tables.synthesis.marginals import Marginals
from genlab.tables.synthesis.margins import Margin
from genlab.tables.synthesis.privacy import Spent
from genlab.tables.synthesis.trees import Conditional, Tree
from genlab.tables.types import Types, is_plain, plain

FORMAT = 1
MAX_JSON, MAX_ARRAYS = 64 * 2**20, 2**30  # bytes, unpacked
MARGINS = {"p": np.float64, "group": np.int32, "table": np.float64}
NODES, ENTRIES = ("feature", "threshold", "left", "right"), ("node", "code", "count")
FOREST = {name: np.float32 if name == "threshold" else np.int32 for name in (*NODES, *ENTRIES, "nodes", "entries")}
TREES, MARGINALS, NETWORK = "trees.npz", "marginals.npz", "network.safetensors"
KNOBS = ("method", "min_leaf", "rare", "trees", "random_state")
LATER = {"prior": "normal", "epsilon": None, "delta": None}  # knobs that older folders lack


class ModelFileError(ValueError):
    """A folder that cannot be read as a Synthesizer: what is wrong with it, and the mend."""


def save(model, folder):
    """Write a fitted Synthesizer; a model that stands there is replaced once all of the new one is written."""
    folder = pathlib.Path(folder)
    if folder.exists() and not (folder.is_dir() and ((folder / "model.json").is_file() or not any(folder.iterdir()))):
        raise FileExistsError(f"{folder} is there and is no model: name another folder, nothing was written")
    if not folder.absolute().parent.is_dir():
        raise FileNotFoundError(f"{folder} cannot be written: there is no folder {folder.parent}; make it first")
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    old = part.with_suffix(".old")
    try:
        part.mkdir()
        learned = _write(model._joint, part)
        text = json.dumps(_outline(model) | {"digest": _digest(learned)}, ensure_ascii=False, allow_nan=False)
        (part / "model.json").write_text(text, "utf-8")
        if folder.exists():
            os.replace(folder, old)
        os.replace(part, folder)
    finally:
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return folder


def load(cls, folder):
    """A Synthesizer from a folder that :func:`save` wrote.

    Raises
    ------
    ModelFileError
        Where the folder is no model, is damaged, or is newer than this genlab.
    """
    folder = pathlib.Path(folder)
    try:
        rest = json.loads(_bytes(folder / "model.json", MAX_JSON))
        if rest["genlab.tables.synthesis.synthesizer"] != FORMAT:
            raise ModelFileError(
                f"{folder} has format {str(rest['genlab.tables.synthesis.synthesizer'])[:20]!r}, this genlab reads {FORMAT}: "
                "if the model is newer, upgrade genlab (pip install -U genlab)"
            )
        learned = folder / (NETWORK if rest["conditionals"] is None else MARGINALS if "spent" in rest else TREES)
        _bytes(learned, MAX_ARRAYS)
        if _digest(learned) != rest["digest"]:
            raise ValueError(f"{learned.name} does not match its digest")
        return _restored(cls, rest, learned)
    except ModelFileError:
        raise
    except FileNotFoundError as error:
        raise ModelFileError(f"{folder} is no model: it has no {pathlib.Path(error.filename).name}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError, OSError,
            zipfile.BadZipFile, zlib.error, MemoryError) as error:  # fmt: skip
        raise ModelFileError(
            f"{folder} is damaged or not a model that genlab saved: {str(error)[:200]}; save it again, or take another copy"
        ) from None


def _write(joint, folder):
    """What was learned as a file in the folder; its path."""
    if isinstance(joint, Marginals):
        parts = {"p": [m.p for m in joint.found], "group": [m.group for m in joint.found], "table": joint.tables}
        arrays = {
            name: np.concatenate([part.ravel() for part in parts[name]] or [[]]).astype(MARGINS[name])
            for name in MARGINS
        }
        np.savez_compressed(folder / MARGINALS, **arrays)
        return folder / MARGINALS
    if joint.chain is None:
        return joint.write(folder / NETWORK)
    trees = [tree for conditional in joint.chain for tree in conditional.trees]
    arrays = {name: _joined(trees, name, FOREST[name]) for name in NODES + ENTRIES}
    arrays |= {"nodes": _lengths(trees, "left"), "entries": _lengths(trees, "node")}
    np.savez_compressed(folder / TREES, **arrays)
    return folder / TREES


def _outline(model):
    private = isinstance(model._joint, Marginals)
    knobs = {name: plain(getattr(model, name)) for name in (*KNOBS, *LATER)}
    told = isinstance(knobs["random_state"], int) and not private  # the seed would take the noise away
    knobs["random_state"] = knobs["random_state"] if told else None
    skips = [[i, j, np.argwhere(excluded).tolist()] for (i, j), excluded in model._joint.skips.items()]
    chain = model._joint.chain
    return {
        "genlab.tables.synthesis.synthesizer": FORMAT,
        "knobs": knobs,
        "types": json.loads(model.types_.to_json()),
        "codes": [codes.to_json() for codes in model.codes_],
        "fixed": [[name, plain(value) if is_plain(plain(value)) else None] for name, value in model.fixed_.items()],
        "id_digits": [[name, digits] for name, digits in model.id_digits_.items()],
        "n_rows": model.n_rows_,
        "skips": skips,
        "conditionals": model._joint.order
        if private
        else None
        if chain is None
        else [[c.target, c.given, len(c.trees)] for c in chain],
        **({"spent": model._spent.to_json()} if private else {}),
    }


def _restored(cls, rest, path):
    knobs = LATER | rest["knobs"]
    model = cls(**{name: knobs[name] for name in (*KNOBS, *LATER)})
    model.check_knobs()
    types = Types.from_json(json.dumps(rest["types"]))
    learned = [column for column in types.values() if column.kind in encoding.LEARNED]
    codes = [encoding.Codes.from_json(column, one) for column, one in zip(learned, rest["codes"], strict=True)]
    sizes = [one.size for one in codes]
    _require(_is_count(rest["n_rows"], 1), "its number of rows")
    model.min_leaf_ = model._leaf(rest["n_rows"])
    model.types_, model.n_rows_, model.codes_ = types, rest["n_rows"], codes
    model.fixed_, model.id_digits_ = dict(rest["fixed"]), dict(rest["id_digits"])
    for kind, found in (("constant", model.fixed_), ("id", model.id_digits_)):
        _require(list(found) == [n for n, c in types.items() if c.kind == kind], f"its columns of kind {kind}")
    _require(all(value is None or is_plain(value) for value in model.fixed_.values()), "a constant")
    _require(all(_is_count(digits, 1, 12) for digits in model.id_digits_.values()), "the digits of an id")
    how = dict(n_rows=rest["n_rows"], min_leaf=model.min_leaf_, trees=model.trees, salt=model._salt)
    found = _skips(rest["skips"], sizes)
    if rest["conditionals"] is None:
        from genlab.tables.synthesis.synthesizer import NETWORKS, network

        _require(model.method in NETWORKS, "its method")
        model._joint = network(model.method).read(path, codes, found, **how)
        kept = model.method == "vae" and "prior" in model._joint.network
        _require(kept == (model.prior == "aggregate"), "its prior")
    elif model.method == "marginals":
        model._spent = Spent.from_json(rest["spent"])
        model._joint = _marginals(codes, rest["conditionals"], _arrays(path, MARGINS), how)
    else:
        model._joint = Joint(codes, found, _chain(rest["conditionals"], sizes, _arrays(path, FOREST)), **how)
    return model


def _marginals(codes, order, arrays, how):
    """A Marginals, each of its numbers checked."""
    place, found = 0, []
    for one in codes:
        p, group = (arrays[name][place : place + one.size] for name in ("p", "group"))
        _require(len(p) == one.size == len(group) and _shares(p), f"the shares of {one.column.name!r}")
        _require(np.array_equal(np.unique(group), np.arange(group.max() + 1)), f"the groups of {one.column.name!r}")
        found.append(Margin(one, p, group))
        place += one.size
    _require(place == len(arrays["p"]) == len(arrays["group"]), "its number of shares")
    start, tables, drawn = 0, [], []
    for j, parents in order:
        _require(_is_count(j, 0, len(codes) - 1) and j not in drawn and len(parents) <= 2, "an order of columns")
        _require(all(_is_count(i, 0) and i in drawn for i in parents) and len(set(parents)) == len(parents), "a parent")
        shape = tuple(int(found[i].group.max()) + 1 for i in (*parents, j))
        table = arrays["table"][start : start + math.prod(shape)]
        _require(len(table) == math.prod(shape), "its number of probabilities")
        tables.append(table.reshape(shape))
        _require(_shares(tables[-1]), f"the probabilities of column {j}")
        start += len(table)
        drawn.append(j)
    _require(len(drawn) == len(codes) and start == len(arrays["table"]), "its number of columns")
    return Marginals(found, [(j, tuple(parents)) for j, parents in order], tables, **how)


def _shares(p):
    """Whether the last axis holds probabilities that add up to 1."""
    return bool(np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(-1), 1, atol=1e-6))


def _skips(rows, sizes):
    found = {}
    for i, j, pairs in rows:
        found[i, j] = np.zeros((sizes[i], sizes[j]), dtype=bool)
        for a, b in pairs:
            _require(_is_count(a, 0) and _is_count(b, 0), "a skip pattern")
            found[i, j][a, b] = True
    return found


def _chain(rows, sizes, arrays):
    trees, chain = _trees(arrays), []
    for j, (target, given, count) in enumerate(rows):
        _require(target == j and given in ([], list(range(j))) and _is_count(count, 1, 100), f"distribution {j}")
        own = [next(trees) for _ in range(count)]
        for tree in own:
            _require(tree.feature.max() < max(len(given), 1) and tree.code.max() < sizes[j], f"a tree of column {j}")
        chain.append(Conditional(j, given, sizes[j], own))
    _require(len(chain) == len(sizes) and next(trees, None) is None, "its number of trees")
    return chain


def _trees(arrays):
    """One Tree after another, each checked to be one."""
    start = dict.fromkeys((NODES, ENTRIES), 0)
    for nodes, entries in zip(arrays["nodes"].tolist(), arrays["entries"].tolist(), strict=True):
        _require(nodes > 0 and entries > 0, "an empty tree")
        cut = {}
        for names, length in ((NODES, nodes), (ENTRIES, entries)):
            for name in names:
                cut[name] = arrays[name][start[names] : start[names] + length]
                _require(len(cut[name]) == length, "its number of nodes")
            start[names] += length
        tree, number = Tree(**cut), np.arange(nodes)
        inner = tree.left >= 0
        for child in (tree.left, tree.right):
            _require(((child > number) & (child < nodes))[inner].all() and (child[~inner] == -1).all(), "a branch")
        _require((tree.feature >= 0).all() and (tree.code >= 0).all() and (tree.count > 0).all(), "a count")
        _require((tree.node >= 0).all() and tree.node.max() < nodes, "a leaf's number")
        _require(np.array_equal(np.unique(tree.node), number[~inner]), "which nodes are leaves")
        yield tree
    _require(all(start[names] == len(arrays[name]) for names in start for name in names), "its number of nodes")


def _arrays(path, kinds):
    """The arrays of an npz file by name, of the `kinds` wanted; sizes checked before any is unpacked."""
    with zipfile.ZipFile(path) as file:
        _require(sorted(file.namelist()) == sorted(f"{name}.npy" for name in kinds), "the names of its arrays")
        _require(sum(info.file_size for info in file.infolist()) <= MAX_ARRAYS, "the size of its arrays")
        for info in file.infolist():  # a header may claim more than the file holds
            with file.open(info) as one:
                version = np.lib.format.read_magic(one)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(one)
                _require(
                    len(shape) == 1 and dtype.kind in "if" and shape[0] * dtype.itemsize <= info.file_size,
                    info.filename,
                )
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in kinds}
    for name, array in arrays.items():
        _require(array.dtype == kinds[name], f"the type of {name}")
    return arrays


def _bytes(path, most):
    size = os.stat(path).st_size
    if size > most:
        raise ModelFileError(f"{path} has {size:,} bytes: at most {most:,} are read; this is some other file")
    return path.read_bytes()


def _joined(trees, name, dtype):
    return np.concatenate([getattr(tree, name) for tree in trees] or [[]]).astype(dtype)


def _lengths(trees, name):
    return np.array([len(getattr(tree, name)) for tree in trees], dtype=np.int32)


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_count(value, low, high=10**12):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _require(right, what):
    if not right:
        raise ValueError(f"{what} is not what it can be")
