"""The price of formal privacy: the survey at epsilon 1, 3, 10 and without, between columns drawn apart and real rows.

``python benchmarks/privacy_price.py`` (about three processor minutes, one thread). Medians of three splits. The shares of the
budget were set beforehand, without a search; splits 7 to 9 were looked at, these were not.

AUC: of a discriminator between held-out and made rows, 0.5 is best. pairs: how much pairs of columns share with held-out
rows. TSTR: train on synthetic, test on real, as a share of training on real. membership, singling out: what an attack wins
beyond its control, with the upper end of its 95 % interval; 0 is best.
"""

import pandas as pd
from peers import scores
from tables import SPLITS, TARGETS, declared, halves, table
from threadpoolctl import threadpool_limits

from genlab.tables.evaluation.attacks import attack
from genlab.tables.synthesis.synthesizer import Synthesizer

EPSILONS, DELTA = (1.0, 3.0, 10.0), 1e-5
ATTACKS = {"membership": "membership inference", "singling out": "singling out by several columns"}


def price(seed):
    """What each model is worth on one split: by model, a dict of scores."""
    train, holdout = halves(table("survey", None), seed)
    types, models = declared("survey"), {"columns apart": Synthesizer("independent", random_state=seed)}
    for epsilon in EPSILONS:
        models[f"epsilon {epsilon:g}"] = Synthesizer("marginals", epsilon=epsilon, delta=DELTA, random_state=seed)
    models["none (trees)"] = Synthesizer(random_state=seed)
    found = {}
    for name, model in models.items():
        fake = model.fit(train, types=types).sample(len(train), random_state=seed)
        score = scores.score(train, holdout, fake, TARGETS["survey"], seed)
        row = {"pairs": score["pairs"], "AUC": score["discriminator"], "TSTR": score["utility"]}
        tried = attack(train, fake, holdout, types=types, only=list(ATTACKS.values()), random_state=seed)
        for short, long in ATTACKS.items():
            row |= {short: tried.loc[long, "risk"], f"{short}, at most": tried.loc[long, "risk_high"]}
        found[name] = row
    train, holdout = halves(table("survey", None), seed)
    real = scores.score(train, holdout, train, TARGETS["survey"], seed)
    found["real rows"] = {"pairs": real["pairs"], "AUC": real["discriminator"], "TSTR": real["utility"]}
    return pd.DataFrame.from_dict(found, orient="index")


def main():
    every = pd.concat([price(seed) for seed in SPLITS])
    print(f"survey, epsilon at delta {DELTA:g}, one row replaced; medians of splits {', '.join(map(str, SPLITS))}")
    print(every.groupby(level=0, sort=False).median().to_string(float_format="{:.3f}".format, na_rep=""))
    print("AUC by split: " + "; ".join(f"{name} {', '.join(f'{x:.3f}' for x in rows)}"
                                       for name, rows in every["AUC"].groupby(level=0, sort=False)))  # fmt: skip


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
