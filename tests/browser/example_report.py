"""A report as an evaluation makes it, small and with hostile names, for the tests of the page."""

import types

import numpy as np
import pandas as pd

from genlab.tables.evaluation.bins import distributions
from genlab.tables.types import Column, Types

EVIL = "<script>alert('x')</script>\u202e"
SCALE = ("never", "rarely", "sometimes", "often", "always")
SCORES = {  # name: section, value, low, high, floor, ceiling, copy, ideal
    "column shapes": ("fidelity", 0.986, 0.983, 0.989, 1.0, 0.988, 1.0, 1.0),
    "pair trends": ("fidelity", 0.954, 0.951, 0.957, 0.918, 0.965, 1.0, 1.0),
    "missingness": ("fidelity", 0.991, 0.986, 0.995, 1.0, 0.993, 1.0, 1.0),
    "rare levels": ("fidelity", 0.962, 0.931, 0.983, 1.0, 0.979, 1.0, 1.0),
    "coverage": ("fidelity", 0.994, 0.988, 1.0, 1.0, 0.996, 1.0, 1.0),
    "discriminator AUC": ("fidelity", 0.538, 0.521, 0.553, 0.945, 0.492, 0.071, 0.5),
    "train synthetic, test real": ("utility", 0.988, 0.978, 0.997, 0.566, 1.0, 1.0, 1.0),
    "same answers": ("utility", 0.912, 0.871, 0.944, 0.433, 0.951, 1.0, 1.0),
    "distance share": ("leaks", 0.539, 0.522, 0.556, 0.505, 0.5, 1.0, 0.5),
    "replicated uniques": ("leaks", 0.011, 0.006, 0.018, 0.002, 0.009, 1.0, np.nan),
}


def survey(rows, seed):
    """A made-up survey of `rows` rows with a scale, categories, numbers, dates and gaps."""
    rng = np.random.default_rng(seed)
    age = rng.normal(47, 17, rows).clip(18, 93).round()
    habit = np.minimum((rng.random(rows) * 3 + age / 30).astype(int), 4)
    frame = pd.DataFrame(
        {
            "age": age,
            "habit": np.array(SCALE, dtype=object)[habit],
            EVIL: rng.choice(["<b>yes</b>", "no & never", "\N{PARTY POPPER} maybe"], rows, p=[0.5, 0.3, 0.2]),
            "income": np.where(rng.random(rows) < 0.2, np.nan, rng.lognormal(7.6, 0.6, rows).round(-1)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D"),
        }
    )
    frame.loc[rng.random(rows) < 0.06, "habit"] = "don't know"
    return frame


def declared():
    """Its types."""
    return Types(
        [
            Column("age", "number", dtype="float64"),
            Column("habit", "ordinal", levels=SCALE, missing=("don't know",), declared=True),
            Column(EVIL, "category", levels=("<b>yes</b>", "no & never", "\N{PARTY POPPER} maybe")),
            Column("income", "number", dtype="float64", step=10),
            Column("day", "date", dtype="datetime64[us]", step=86400),
        ]
    )


def example(*, holdout=True, leak=False, warnings=()):
    """The report: with or without rows held out, with or without a leak."""
    train, fake, names = survey(2000, 0), survey(2000, 1), list(declared())
    fields = ["section", "value", "low", "high", "floor", "ceiling", "copy", "ideal"]
    scores = pd.DataFrame.from_dict(SCORES, orient="index", columns=fields)
    scores["meaning"] = "What share of the synthetic rows stands where the real rows stand."
    scores["blind"] = "an exact copy of the real rows; columns shuffled, each alone."
    rates = pd.DataFrame(
        {"tries": [1000, 1000, 1000], "successes": [131, 412, 508], "naive": [0.09, 0.391, 0.5]},
        index=["singling out", f"attribute inference {EVIL}", "membership"],
    )
    rates["rate"] = rates["successes"] / rates["tries"] + (0.2 if leak else 0)
    rates[["low", "high"]] = np.c_[rates["rate"] - 0.03, rates["rate"] + 0.03]
    rates["control"] = [0.126, 0.409, 0.5]
    rates[["control_low", "control_high"]] = np.c_[rates["control"] - 0.03, rates["control"] + 0.03]
    rates["risk"] = (rates["rate"] - rates["control"]) / (1 - rates["control"])
    rates[["risk_low", "risk_high"]] = np.c_[(rates["risk"] - 0.04).clip(0), rates["risk"] + 0.04]
    rates["leak"] = leak
    rates["sentence"] = "Leak found." if leak else "No leak found by this attack in 1,000 tries."
    pairs = pd.DataFrame(np.random.default_rng(0).uniform(0.88, 0.99, (5, 5)), names, names)
    answers = pd.DataFrame({"real": np.linspace(5, 60, 15)}, index=[f"% often | {EVIL}: {i}" for i in range(15)])
    for side, away in (("fake", 0.4), ("holdout", 0.3)):
        answers[side] = answers["real"] + away
    for side in ("real", "fake", "holdout"):
        answers[[f"{side}_low", f"{side}_high"]] = np.c_[answers[side] - 2, answers[side] + 2]
    answers["overlap"], answers["question"] = np.linspace(0.95, 0.5, 15), "cross-table"
    if not holdout:
        scores = scores[scores["section"] != "leaks"].assign(ceiling=np.nan)
        rates, answers = rates.iloc[:0], answers.drop(columns=[name for name in answers if name.startswith("holdout")])
    return types.SimpleNamespace(
        scores=scores,
        columns=pd.DataFrame(
            {"kind": [column.kind for column in declared().values()], "shape": [0.98, 0.97, 0.99, 0.96, 0.98],
             "missing real": [0, 0, 0, 0.2, 0], "missing fake": [0, 0, 0, 0.19, 0], "levels lost": 0},
            index=names,
        ),
        pairs=pairs,
        attacks=rates,
        answers=answers,
        shapes=distributions(train, fake, declared()),
        facts={
            "n_train": 2000, "n_fake": 2000, "n_holdout": 2000 if holdout else 0, "columns": names, "target": "income",
            "keys": ["age", EVIL], "random_state": 0, "date": "2026-01-31T12:00:00",
            "versions": {"genlab": "0.1.0", "pandas": "3.1.1"}, "seconds": {"fidelity": 2.1, "leaks": 9.87},
        },
        warnings=list(warnings),
        verdicts={
            "manager": "Pairs of columns go together almost as in fresh real rows.",
            "lawyer": "No leak found by these attacks, 3,000 tries." if holdout and not leak else "Leak found." if leak else "",
        },
    )  # fmt: skip
