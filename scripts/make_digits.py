"""Make datasets/digits.npz from the copy of the UCI digits that scikit-learn ships, and print its SHA-256.

Run once, when the file is to be made anew: ``python scripts/make_digits.py``.
"""

import hashlib
import pathlib

import numpy as np
from sklearn.datasets import load_digits

raw = load_digits()
path = pathlib.Path(__file__).parent.parent / "datasets" / "digits.npz"
np.savez_compressed(path, images=raw.images.astype(np.uint8), labels=raw.target.astype(np.uint8))
print(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
