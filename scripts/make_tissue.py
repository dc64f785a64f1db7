"""Make datasets/tissue.npz from the picture of colon tissue that scikit-image 0.26.0 ships, and print its SHA-256.

Run once, when the file is to be made anew: ``python scripts/make_tissue.py ihc.png``, with the picture out of the wheel
(``skimage/data/ihc.png``); scikit-image itself is not needed.
"""

import hashlib
import pathlib
import sys

import matplotlib.image
import numpy as np

SIDE = 16  # pixels along a patch
raw = matplotlib.image.imread(sys.argv[1])[..., :3]  # (512, 512, 3), from 0 to 1
stain = np.rint(255 * (1 - raw.mean(2))).astype(np.uint8)  # dark where there is stain, as ink is in the digits
n = len(stain) // SIDE
patches = stain.reshape(n, SIDE, n, SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE, SIDE)  # row by row of the picture
path = pathlib.Path(__file__).parent.parent / "datasets" / "tissue.npz"
np.savez_compressed(path, images=patches)
print(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
