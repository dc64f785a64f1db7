"""How much quicker two processes do a sweep of the GAN of the plane than one does.

``python benchmarks/sweep.py`` (two minutes on two cores). The same runs, one after the other here and by two of joblib's
loky workers, in turns; the workers are started and have loaded genlab before the clock runs. The rows must be the same.
"""

import time

from joblib.externals.loky import get_reusable_executor

import genlab as gl

WANTED = 1.6  # times quicker
GRID, SEEDS, STEPS, ROUNDS = {"lr_d": [1e-3, 2e-3, 5e-3, 1e-2]}, 2, 1000, 2


def seconds(executor):
    """Wall time of the sweep, and its rows."""
    start = time.perf_counter()
    recipe = {name: value for name, value in gl.gan.RECIPES["ring"].items() if name not in GRID}
    found = gl.sweep(
        gl.GAN, gl.datasets.ring(), GRID, seeds=SEEDS, steps=STEPS, executor=executor, progress=False, **recipe
    )
    return time.perf_counter() - start, found.frame.drop(columns="seconds")


def main():
    gl.sweep(gl.GAN, gl.datasets.ring(), GRID, seeds=2, steps=1, executor=get_reusable_executor(2), progress=False)
    best = {}
    for _ in range(ROUNDS):
        rows = []
        for name, executor in {"serial": None, "2 workers": get_reusable_executor(2)}.items():
            took, frame = seconds(executor)
            best[name] = min(took, best.get(name, took))
            rows.append(frame)
        assert rows[0].equals(rows[1]), "the workers' rows are others"
    for name, took in best.items():
        print(f"{name:>10}{took:>8.1f} s for {len(rows[0])} runs of {STEPS:,} steps")
    print(f"\ntwo workers are {best['serial'] / best['2 workers']:.2f} times as quick (wanted: {WANTED})")


if __name__ == "__main__":
    main()
