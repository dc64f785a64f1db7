"""What the model of a table answers besides rows: conditions, gaps and probabilities, on held-out rows of the survey.

``python benchmarks/table_questions.py`` (a minute or two; one thread). Three splits, fixed before the first run. Each answer
stands beside what is usual: shares of the held-out rows themselves for conditions, mode, mean and scikit-learn's
IterativeImputer for gaps, overall shares and boosted trees for probabilities.
"""

import statistics
import time

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from threadpoolctl import threadpool_limits

from genlab import files, tables

SPLITS, DRAWS, ROWS = (110, 111, 112), 20, 1500
CONDITIONS = ({"gender": "female"}, {"grade": "12"}, {"gender": "male", "age": 16.0})
NUMBERS, LEVELS = ("height", "weight", "age"), ("gender", "grade", "strength_training_7d")


def conditions(model, holdout):
    """Largest distance, in standard errors of the held-out rows, of any share under a condition; and the usual one.

    The second number is that of another half of the held-out rows, in the same units.
    """
    far, usual = [], []
    for where in CONDITIONS:
        fits = np.logical_and.reduce([holdout[name] == value for name, value in where.items()])
        one, other = holdout[fits].iloc[::2], holdout[fits].iloc[1::2]
        made = model.sample(5000, where=where, random_state=0)
        for name in holdout.columns.difference(list(where)):
            if holdout[name].nunique() <= 12:
                share = [d[name].value_counts(normalize=True, dropna=False) for d in (one, other, made)]
                p, q, fake = pd.concat(share, axis=1).fillna(0).to_numpy().T
                error = np.sqrt(p * (1 - p) / len(one) + 1 / len(one) ** 2)
                far.append(np.abs(fake - p) / np.hypot(error, np.sqrt(fake * (1 - fake) / 5000)))
                usual.append(np.abs(q - p) / np.hypot(error, np.sqrt(q * (1 - q) / len(other))))
    return {"mean": np.concatenate(far).mean(), "real": np.concatenate(usual).mean()}


def code(df):
    """Numbers for what IterativeImputer takes: levels by their place."""
    return df.apply(lambda c: c.cat.codes if isinstance(c.dtype, pd.CategoricalDtype) else c).astype(float)


def gaps(model, train, holdout, seed):
    """Filled cells beside the truth, several of a row hidden at once, and the log score of cells hidden alone."""
    rows = holdout.dropna().head(ROWS).reset_index(drop=True)
    rng, hidden = np.random.default_rng(seed), rows.copy()
    gone = {name: rng.random(len(rows)) < 0.3 for name in NUMBERS}
    for name, cells in gone.items():
        hidden[name] = hidden[name].mask(cells)
    start = time.process_time()
    ours = model.impute(hidden, draws=DRAWS, random_state=seed)
    middle = time.process_time()
    imputers = [IterativeImputer(sample_posterior=True, random_state=i).fit(code(train.dropna())) for i in range(DRAWS)]
    fill = lambda d: [pd.DataFrame(one.transform(code(d)), columns=d.columns) for one in imputers]
    found = {"genlab": score(ours, rows, gone), "iterative": score(fill(hidden), rows, gone)}
    found["genlab"]["cpu"], found["iterative"]["cpu"] = middle - start, time.process_time() - middle
    flat = [pd.DataFrame({name: np.full(len(rows), train[name].mean()) for name in NUMBERS})] * 2
    found["mean"] = score(flat, rows, gone) | dict(coverage=np.nan, cpu=0.0)
    logs = {how: [] for how in found}
    for name in NUMBERS:
        logs["genlab"].append(model.log_prob(rows, target=name).mean())
        made = np.stack([d[name] for d in fill(rows.assign(**{name: np.nan}))])
        step = model.types_[name].step
        logs["iterative"].append(normal(rows[name], made.mean(0), made.std(0, ddof=1), step))
        logs["mean"].append(normal(rows[name], train[name].mean(), train[name].std(), step))
    return {how: row | {"log": np.mean(logs[how])} for how, row in found.items()}


def normal(x, mean, sd, step):
    """Mean log probability that normal distributions give to x at its own resolution."""
    return (-0.5 * ((x - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)).mean() + np.log(step)


def score(draws, rows, gone):
    """Root mean squared error in standard deviations, and coverage of the middle 90 % of draws."""
    error, coverage = [], []
    for name, cells in gone.items():
        made = np.stack([draw[name][cells].to_numpy(float) for draw in draws])
        truth = rows[name][cells].to_numpy()
        low, high = np.quantile(made, [0.05, 0.95], axis=0)
        error.append(np.sqrt(((made.mean(0) - truth) ** 2).mean()) / rows[name].std())
        coverage.append(((low <= truth) & (truth <= high)).mean())
    return dict(error=np.mean(error), coverage=np.mean(coverage))


def probabilities(model, train, holdout):
    """Mean log score of one column given all others, by column."""
    found = {}
    for name in LEVELS:
        rows = holdout[holdout[name].notna()].head(ROWS)
        p = model.predict_proba(rows, name)
        known = train[train[name].notna()]
        boosted = HistGradientBoostingClassifier(early_stopping=True, random_state=0, categorical_features="from_dtype")
        kinds = {c: "category" for c in train if not pd.api.types.is_numeric_dtype(train[c])}
        boosted.fit(
            known.drop(columns=name).astype({k: v for k, v in kinds.items() if k != name}), known[name].astype(str)
        )
        q = boosted.predict_proba(rows.drop(columns=name).astype({k: v for k, v in kinds.items() if k != name}))
        place = np.searchsorted(boosted.classes_, rows[name].astype(str))
        answered = p[[c for c in p if c is not None]]
        answered = answered.div(answered.sum(axis=1), axis=0)
        ours = answered.to_numpy()[np.arange(len(p)), answered.columns.get_indexer(rows[name])]
        shares = known[name].value_counts(normalize=True)
        found[name] = dict(
            genlab=np.log(ours).mean(), boosted=np.log(q[np.arange(len(q)), place]).mean(),
            overall=np.log(shares.reindex(rows[name]).to_numpy(float)).mean(),
        )  # fmt: skip
    return found


def main():
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    asked, filled, told = [], [], []
    for seed in SPLITS:
        train, holdout = tables.split(df, random_state=seed)
        model = tables.Synthesizer(random_state=seed).fit(train, types=types)
        asked.append(conditions(model, holdout))
        filled.append(gaps(model, train, holdout, seed))
        told.append(probabilities(model, train, holdout))
    median = lambda rows: statistics.median(map(float, rows))
    ours, usual = median(r["mean"] for r in asked), median(r["real"] for r in asked)
    print("conditions: mean distance of shares from those of held-out rows, in standard errors (.8 is chance)")
    print(f"  genlab {ours:.2f}, the other half of the held-out rows {usual:.2f}")
    print(f"\ngaps: {', '.join(NUMBERS)}; 30 % hidden, {DRAWS} draws; log score of a cell hidden alone")
    print(f"{'':>12}{'error / sd':>12}{'90 % covers':>13}{'log score':>11}{'cpu s':>8}")
    for how in ("genlab", "iterative", "mean"):
        row = {name: median(r[how][name] for r in filled) for name in ("error", "coverage", "log", "cpu")}
        print(f"{how:>12}{row['error']:>12.3f}{row['coverage']:>13.3f}{row['log']:>11.3f}{row['cpu']:>8.1f}")
    print(f"\nprobabilities: log score of a column given all others\n{'':>22}{'genlab':>9}{'boosted':>9}{'overall':>9}")
    for name in LEVELS:
        row = [median(r[name][how] for r in told) for how in ("genlab", "boosted", "overall")]
        print(f"{name:>22}" + "".join(f"{value:9.3f}" for value in row))


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
