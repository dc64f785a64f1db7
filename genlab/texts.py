"""Real text as whole numbers: first names of the 1990 US census, the Psalms in the words of the King James Bible, molecules.

A text becomes codes, the places of its characters in a string of `symbols`. What is held out is fixed: every fifth name,
every fifth psalm, every fifth molecule. Splitting into words or parts of words is not here. Origins and licences stand in
``datasets/README.md``.
"""

import csv

import numpy as np

from genlab import files

NAME_SYMBOLS = ".abcdefghijklmnopqrstuvwxyz"  # the first one ends a name, and fills the row behind it
NAME_LENGTH = 12  # characters in a row: the longest name has 11, and one ends it
MOLECULE_SYMBOLS = "\n#()+-123456=BCFHINOPS[]clnors"  # of SMILES; the first one ends a molecule
MOLECULE_LENGTH = 51
SPLITS = ("train", "test", "all")


def held_out(number, split):
    """Which of so many rows belong to a split: every fifth one to "test"."""
    if split not in SPLITS:
        raise ValueError(f"split={split!r}: one of {', '.join(map(repr, SPLITS))}")
    fifth = np.arange(number) % 5 == 4
    return np.ones(number, bool) if split == "all" else fifth == (split == "test")


def encode(text, symbols, length):
    """Codes of a text in `symbols`, cut into rows: (n, length); what is left over at the end is dropped."""
    codes = np.array([symbols.index(character) for character in text])
    return codes[: len(codes) // length * length].reshape(-1, length)


def names(split):
    """Codes of the names (n, 12), and for each whether more men (1) than women (0) bear it."""
    with files.read("names.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))  # not by pandas, to which the name Nan is a missing one
    rows = [row for row, kept in zip(rows, held_out(len(rows), split), strict=True) if kept]
    text = "".join(row["name"].ljust(NAME_LENGTH, NAME_SYMBOLS[0]) for row in rows)
    men = np.array([float(row["male"]) > float(row["female"]) for row in rows])
    return encode(text, NAME_SYMBOLS, NAME_LENGTH), men.astype(np.int64)


def prose(split, length):
    """Codes of the psalms of a split in rows (n, length), and the characters that the codes stand for."""
    if isinstance(length, bool) or not isinstance(length, int | np.integer) or not 2 <= length <= 4096:
        raise ValueError(f"length={length!r}: must be a whole number from 2 to 4096")
    text = files.read("prose.txt").read_text("ascii")
    psalms = text.removesuffix("\n").split("\n\n")
    kept = [psalm for psalm, kept in zip(psalms, held_out(len(psalms), split), strict=True) if kept]
    symbols = "".join(sorted(set(text)))
    return encode("\n\n".join(kept), symbols, length), symbols


def molecules(split):
    """Codes of the molecules (n, 51), and for each in which third of all its logP lies: 0, 1 or 2."""
    with files.read("molecules.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    logp = np.array([float(row["logp"]) for row in rows])
    third = np.digitize(logp, np.quantile(logp, [1 / 3, 2 / 3]))
    kept = held_out(len(rows), split)
    text = "".join(
        row["smiles"].ljust(MOLECULE_LENGTH, MOLECULE_SYMBOLS[0]) for row, own in zip(rows, kept, strict=True) if own
    )
    return encode(text, MOLECULE_SYMBOLS, MOLECULE_LENGTH), third[kept]
