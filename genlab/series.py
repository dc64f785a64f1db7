"""Series of numbers that come one after another: sunspots by year, and sounds as codes of the mu-law.

A sound is 8,000 numbers a second. The mu-law (ITU-T G.711, in its continuous form) writes each as one of 256 codes that lie
close together where it is quiet, as the ear does. Origins and licences stand in ``datasets/README.md``.
"""

import numpy as np

from genlab import files
from genlab.texts import held_out

RATE = 8000  # samples a second
MU = 255
KINDS = ("bass drum", "snare", "metal", "tabla", "other")
_METAL = ("cymbal", "splash", "cowbell", "bell", "chime", "triangle", "ping")


def sunspots():
    """Sunspots counted in each year from 1700 to 2008 (NOAA): a pandas Series, indexed by year."""
    import pandas as pd

    return pd.read_csv(files.read("sunspots.csv"), index_col="year")["sunspots"]


def percussion(split):
    """Codes of the sounds (n, 2048), and the place of the kind of each in `KINDS`."""
    with np.load(files.read("percussion.npz"), allow_pickle=False) as arrays:
        codes, names = arrays["codes"], arrays["names"]
    kept = held_out(len(names), split)
    return codes[kept].astype(np.int64), np.array([KINDS.index(_kind(name)) for name in names[kept]])


def to_codes(sound):
    """Codes 0 to 255 of a sound, numbers from -1 to 1; 128 is silence.

    Raises
    ------
    ValueError
        Where a number is not finite, or outside.
    """
    sound = np.asarray(sound, dtype=float)
    if not np.isfinite(sound).all() or np.abs(sound).max(initial=0) > 1:
        raise ValueError("sound: must be finite numbers from -1 to 1; divide it by np.abs(sound).max()")
    bent = np.sign(sound) * np.log1p(MU * np.abs(sound)) / np.log1p(MU)
    return np.round((bent + 1) / 2 * MU).astype(np.int64)


def from_codes(codes):
    """The sound, numbers from -1 to 1, that codes 0 to 255 stand for.

    Raises
    ------
    ValueError
        Where a code is outside.
    """
    codes = np.asarray(codes, dtype=float)
    if not np.isfinite(codes).all() or codes.min(initial=0) < 0 or codes.max(initial=0) > MU:
        raise ValueError(f"codes: must be numbers from 0 to {MU}")
    bent = 2 * codes / MU - 1
    return np.sign(bent) * np.expm1(np.abs(bent) * np.log1p(MU)) / MU


def _kind(name):
    """What a sound of Sonic Pi is, by its file's name."""
    family, _, rest = name.partition("_")
    if family == "bd" or "bass" in rest or "kick" in rest:
        return "bass drum"
    if family == "sn" or "snare" in rest:
        return "snare"
    if family == "tabla":
        return "tabla"
    return "metal" if any(word in rest for word in _METAL) else "other"
