"""Each family on the processor and on the GPU, where there is one: steps a second, and what is the same on both.

Small networks are bound by the cost of each operation, which a GPU does not lower: expect it to pay for wide stacks and
large networks only. A model that was saved on one device goes on on the other.

Run: ``python benchmarks/devices.py``
"""

import pathlib
import tempfile
import time

import torch

import genlab as gl

DIGITS, NAMES, RING = gl.datasets.digits(), gl.datasets.names(), gl.datasets.ring()
MNIST = gl.datasets.mnist()
MODELS = {  # what is trained: family, data, knobs
    "GAN, ring": (gl.GAN, RING, {}),
    "GAN, ring, 256 seeds": (gl.GAN, RING, dict(seed=range(256))),
    "VAE, digits": (gl.VAE, DIGITS, gl.vae.RECIPES["digits"]),
    "VAE, MNIST, 512 wide": (
        gl.VAE,
        MNIST,
        dict(hidden=512, latent_dim=16, likelihood="learned sigma", batch_size=512),
    ),
    "GRU, names": (gl.Autoregressive, NAMES, dict(network="gru")),
    "transformer, names": (gl.Autoregressive, NAMES, dict(network="transformer")),
    "transformer, 512 wide": (gl.Autoregressive, NAMES, dict(network="transformer", hidden=512, batch_size=1024)),
    "masked, digits": (gl.Autoregressive, DIGITS, gl.autoregressive.RECIPES["digits"]),
}
SECONDS = 2.0  # of training for each row and device


def trained(family, data, knobs, device):
    """A model after SECONDS of training there, and its steps a second."""
    model = family(data, device=device, **dict(seed=1) | knobs)
    loop = model.steps(data)
    gl.run(loop, steps=3)  # the first steps load what the others use
    start, first = time.perf_counter(), model.step
    while time.perf_counter() - start < SECONDS:
        gl.run(loop, steps=5)  # reads its numbers back, so that the clock waits for the device
    return model, (model.step - first) / (time.perf_counter() - start)


def crosses(model, data, device):
    """Whether a file written on one device is read on the other with the same weights, and goes on there."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.safetensors"
        model.save(path)
        other = type(model).load(path, device=device)
    there, here = other.state()[0], model.state()[0]
    same = all(torch.equal(there[name], here[name]) for name in here)
    gl.run(other.steps(data), steps=2, strict=True)
    return same and other.sample(4, seed=1).isfinite().all().item()


def main():
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    print(f"{'steps a second':<24}" + "".join(f"{device:>10}" for device in devices) + f"{'ratio':>8}  crosses over")
    for name, (family, data, knobs) in MODELS.items():
        made = [trained(family, data, knobs, device) for device in devices]
        rates = [rate for _, rate in made]
        ratio = f"{rates[1] / rates[0]:8.2f}" if len(rates) > 1 else f"{'no GPU':>8}"
        over = crosses(made[-1][0], data, "cpu")
        print(f"{name:<24}" + "".join(f"{rate:>10,.0f}" for rate in rates) + f"{ratio}  {'yes' if over else 'NO'}")


if __name__ == "__main__":
    main()
