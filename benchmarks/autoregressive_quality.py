"""How well autoregressive models learn names, prose and pixels: bits a symbol held out, beside counting.

``python benchmarks/autoregressive_quality.py`` (ten minutes; ``names``, ``prose`` or ``pixels`` for one part). Each
model is trained alone on one thread; settings were chosen on seed 0 and a part of the training rows; the seeds and
thresholds below were fixed before the held-out rows were looked at.
"""

import statistics
import sys
import time

import genlab as gl
from genlab.parts import threads

SEEDS = range(2000, 2003)
NAMES = {  # what is printed: knobs, steps, and at most so many bits
    "bigram": (dict(network="counts", context=1), 33, None),
    "trigram": (dict(network="counts", context=2), 33, None),
    "4-gram": (dict(network="counts", context=3, smoothing=8.0), 33, None),
    "mlp, context 3": (dict(network="mlp", context=3), 600, None),
    "mlp, context 8": (dict(network="mlp"), 600, 2.87),
    "gru": (dict(network="gru"), 400, 2.83),
    "transformer": (dict(network="transformer"), 400, None),
}
PROSE = {
    **{f"counts, context {c}": (dict(network="counts", context=c), 45, None) for c in (1, 2, 3)},
    **{f"mlp, context {c}": (dict(network="mlp", context=c, dropout=0.0), 400, None) for c in (1, 2, 4, 8, 16)},
    "gru": (dict(network="gru", hidden=128, dropout=0.0), 300, None),
    **{f"transformer, context {c}": (dict(context=c, dropout=0.0), 200, None) for c in (4, 16, 128)},
}
PIXELS = {"masked, by class": (dict(network="masked", conditional=True), 240, 1.89)}


def measure(train, test, seed, knobs, steps, start):
    """Bits a symbol on held-out rows, on those trained on, and processor seconds of the training."""
    model = gl.Autoregressive(train, seed=seed, **knobs)
    begun = time.process_time()
    gl.run(model.steps(train), steps, strict=True, every=steps)
    seconds = time.process_time() - begun
    weights = sum(weight.numel() for weight in model.network.parameters())
    return model.bits(test, start=start).item(), model.bits(train, start=start).item(), seconds, weights


def report(title, load, cases, *, start=0, **knobs):
    train, test = load("train"), load("test")
    print(f"\n{title}\n{'':>26}{'held out (each seed)':>24}{'median':>8}{'training':>10}{'cpu s':>7}{'weights':>9}")
    for name, (own, steps, most) in cases.items():
        rows = [measure(train, test, seed, knobs | own, steps, start) for seed in SEEDS]
        bits, trained, seconds, weights = (statistics.median(column) for column in zip(*rows, strict=True))
        each = " ".join(f"{row[0]:.3f}" for row in rows)
        wanted = "" if most is None else f"  (wanted: at most {most})"
        print(f"{name:>26}{each:>24}{bits:>8.3f}{trained:>10.3f}{seconds:>7.1f}{weights:>9,.0f}{wanted}", flush=True)


def main(parts):
    with threads(1):
        if "names" in parts:
            report("names, bits a character", gl.datasets.names, NAMES)
        if "prose" in parts:
            title = "prose, bits a character from the 65th of a row on, so that all have seen as much as they can"
            report(title, gl.datasets.prose, PROSE, start=64, batch_size=32)
        if "pixels" in parts:
            report("digits, bits a pixel", gl.datasets.digits, PIXELS)


if __name__ == "__main__":
    main(sys.argv[1:] or ("names", "prose", "pixels"))
