"""What large tables cost: six attacks on 20,000 rows of 20 columns, and a million rows drawn in chunks.

``python benchmarks/large_tables.py`` (a minute). Memory is the most that the process held in all. The fake rows were drawn
anew and leak nothing: a leak that is found nevertheless is one of the one in twenty that chance is allowed.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd

from genlab import tables

ROWS, MANY, CHUNK = 20_000, 1_000_000, 50_000


def draw(n, seed):
    """Rows of 20 columns that hang together by three hidden numbers: the same distribution for every seed."""
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(0)
    hidden, pulls = rng.normal(size=(n, 3)), fixed.normal(size=(3, 20))
    x = hidden @ pulls + rng.normal(size=(n, 20))
    numbers = {f"number {j}": x[:, j].round(2) for j in range(8)}
    levels = {f"level {j}": np.array(list("abcdefgh"))[np.clip(x[:, j] + 4, 0, 7).astype(int)] for j in range(8, 16)}
    return pd.DataFrame(numbers | levels | {f"flag {j}": x[:, j] > 0 for j in range(16, 20)})


def megabytes():
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def main():
    train, holdout, fake = (draw(ROWS, seed) for seed in (1, 2, 3))
    types = tables.guess(train)
    start = time.perf_counter()
    attacks = tables.attack(train, fake, holdout, types=types, random_state=0)
    took = time.perf_counter() - start
    print(f"six attacks on {ROWS:,} rows of {train.shape[1]} columns: {took:.1f} s, {megabytes():.0f} MB")
    print(attacks[["tries", "rate", "control", "leak"]].round(3).to_string())
    model = tables.Synthesizer(random_state=0).fit(train, types=types)
    print(f"{'rows drawn':>12}{'seconds':>9}{'MB':>6}")
    start, drawn = time.perf_counter(), 0
    for part in model.chunks(MANY, chunksize=CHUNK):
        drawn += len(part)
        if drawn % (MANY // 5) == 0 or drawn == CHUNK:
            print(f"{drawn:>12,}{time.perf_counter() - start:>9.1f}{megabytes():>6.0f}")


if __name__ == "__main__":
    main()
