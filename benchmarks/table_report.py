"""The report on a large table, and how far the model of tables leans towards the rows it learned from.

``python benchmarks/table_report.py`` (about five minutes; one thread). First ``tables.evaluate`` on 50,000 by 20 drawn
numbers and levels: seconds and peak memory. Then twelve splits of the survey at three sizes, with the
default leaves and with large ones: in how many an attack is said
to have found a leak, and by how much attacks do better on training rows than on held-out rows.
"""

import itertools
import resource
import sys
import time

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from genlab import files, tables

ROWS, SPLITS = 50_000, range(200, 212)
SIZES, LEAVES = (600, 2000, 13_583), (None, 100)  # rows, half of them learned from; least rows in a leaf


def drawn(n, rng):
    """n rows with eight numbers, eight scales and four skewed amounts with gaps, all from four hidden factors."""
    hidden = rng.normal(size=(n, 4))
    mixed = lambda: hidden @ rng.normal(size=4) + rng.normal(size=n)
    made = {f"number {i}": mixed().round(2) for i in range(8)}
    for i in range(8):
        made[f"scale {i}"] = pd.Categorical.from_codes(
            np.clip(np.round(mixed() + 3), 0, 6).astype(int), list("abcdefg")
        )
    for i in range(4):
        made[f"amount {i}"] = np.where(rng.random(n) < 0.1, np.nan, np.round(np.exp(hidden[:, i]) * 1000))
    return pd.DataFrame(made)


def large():
    df = drawn(3 * ROWS, np.random.default_rng(0))
    train, holdout, fake = (df.iloc[i * ROWS : (i + 1) * ROWS].reset_index(drop=True) for i in range(3))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    marks = time.process_time(), time.monotonic()
    tables.evaluate(train, fake, holdout=holdout, target="scale 0", keys=["scale 1", "scale 2", "number 1"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(
        f"evaluate, {ROWS:,} x {df.shape[1]}: {time.process_time() - marks[0]:.0f} processor s, "
        f"{time.monotonic() - marks[1]:.0f} s, peak {peak / unit:.0f} MiB ({before / unit:.0f} before it); wanted: 120 s, "
        "1,024 MiB"
    )


def lean():
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    print(
        f"\nattacks on the model, {len(SPLITS)} splits; excess: rate on training rows minus rate on held-out rows, mean (se)"
    )
    for size, leaf in itertools.product(SIZES, LEAVES):
        excess, leaks = [], 0
        for seed in SPLITS:
            train, holdout = tables.split(df.sample(size, random_state=seed), random_state=seed)
            fake = tables.Synthesizer(min_leaf=leaf, random_state=seed).fit(train, types=types).sample(len(train))
            attacks = tables.attack(train, fake, holdout, types=types, target="gender", random_state=seed)
            share = tables.distance_share(train, holdout, fake, types=types, random_state=seed)
            leaks += attacks["leak"].any()
            excess.append(dict(attacks["rate"] - attacks["control"], **{"distance share": share.value}))
        table = pd.DataFrame(excess)
        told = "; ".join(f"{name} {table[name].mean():+.3f} ({table[name].sem():.3f})" for name in table)
        print(
            f"{size // 2:>6} rows learned from, {leaf or 'default'} leaves: a leak found in {leaks} of {len(SPLITS)}; {told}"
        )


if __name__ == "__main__":
    with threadpool_limits(1):
        large()
        lean()
