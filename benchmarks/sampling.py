"""How much quicker a transformer samples when it keeps the keys and values of the places behind it.

``python benchmarks/sampling.py`` (a minute). The naive way reads the whole row anew for each symbol. Both ways draw the
same numbers on one thread in one process, in turns, and must give the same rows; the smallest time of the rounds counts.
"""

import time
import types

import torch

import genlab as gl
from genlab.sequences import Network

WANTED = {256: 3, 512: 6}  # times quicker, by length, for one row
LENGTHS, BATCHES, ROUNDS = (32, 64, 128, 256, 512), ((1, 64), (8, 64), (32, 64), (1, 128), (8, 128), (32, 128)), 3


def both_ways(length):
    """Two equal models of rows so long, never trained: one samples with the cache, one without."""
    codes = torch.randint(64, (2, length), generator=torch.Generator().manual_seed(1))
    data = gl.Dataset(codes, levels=64)
    cached, naive = (gl.Autoregressive(data, context=length, hidden=64, seed=1) for _ in range(2))
    for name in ("begin", "step"):  # those of any network, which read the whole row
        setattr(naive.average, name, types.MethodType(getattr(Network, name), naive.average))
    return cached, naive


def seconds(model, n):
    start = time.perf_counter()
    x = model.sample(n, seed=1)
    return time.perf_counter() - start, x


def compare(length, n):
    """Seconds with the cache and without."""
    cached, naive = both_ways(length)
    seconds(cached, 1)
    best = [float("inf")] * 2
    for _ in range(ROUNDS if length < 512 else 2):
        rows = []
        for way, model in enumerate((cached, naive)):
            took, x = seconds(model, n)
            best[way] = min(best[way], took)
            rows.append(x)
        assert torch.equal(*rows), "the cache draws other rows"
    return best


def show(length, n, cached, naive):
    print(
        f"{length:>7}{n:>6}{1000 * cached:>12.0f}{1000 * naive:>11.0f}{naive / cached:>8.1f}{length * n / cached:>15,.0f}"
    )


def main():
    print(f"{'length':>7}{'rows':>6}{'cached, ms':>12}{'naive, ms':>11}{'ratio':>8}{'symbols a s':>15}")
    ratios = {}
    for length in LENGTHS:
        cached, naive = compare(length, 1)
        show(length, 1, cached, naive)
        ratios[length] = naive / cached
    print()
    for n, length in BATCHES:
        show(length, n, *compare(length, n))
    met = ", ".join(f"{ratios[length]:.1f} times at {length} (wanted: {least})" for length, least in WANTED.items())
    print(f"\nwith the cache one row comes quicker by {met}")


if __name__ == "__main__":
    main()
