"""Make datasets/percussion.npz, and print its size and SHA-256.

Run once, when the file is to be made anew: ``python scripts/make_sounds.py FOLDER``, where FOLDER holds the FLAC files of
Debian's ``sonic-pi-samples`` 3.2.2. It needs ``soundfile`` beside genlab. Another number of sounds ends in an error.
"""

import argparse
import hashlib
import math
import pathlib

import numpy as np
import soundfile
from scipy.signal import resample_poly

from genlab.series import RATE, to_codes

FILE = pathlib.Path(__file__).parent.parent / "datasets" / "percussion.npz"
LENGTH, HITS = 2048, 98  # samples kept of each, and how many sounds come out
FAMILIES = ("bd", "drum", "elec", "perc", "sn", "tabla")  # how the names of single hits begin


def hit(path):
    """The first quarter of a second after the onset: mono, 8 kHz, as loud as can be."""
    sound, rate = soundfile.read(path, always_2d=True)
    common = math.gcd(rate, RATE)
    sound = resample_poly(sound.mean(1), RATE // common, rate // common)
    sound = sound / np.abs(sound).max()
    sound = sound[np.flatnonzero(np.abs(sound) > 0.02)[0] :][:LENGTH]
    return np.pad(sound, (0, LENGTH - len(sound)))


def main():
    parser = argparse.ArgumentParser(description="Make the sounds of datasets/ anew.")
    parser.add_argument("folder", type=pathlib.Path)
    files = sorted(
        path for path in parser.parse_args().folder.glob("*.flac") if path.stem.partition("_")[0] in FAMILIES
    )
    if len(files) != HITS:
        raise SystemExit(f"{len(files)} sounds, not {HITS}: is this sonic-pi-samples 3.2.2?")
    codes = to_codes(np.stack([hit(path) for path in files])).astype(np.uint8)
    np.savez_compressed(FILE, codes=codes, names=np.array([path.stem for path in files]))
    print(FILE.name, FILE.stat().st_size, hashlib.sha256(FILE.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
