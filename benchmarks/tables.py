"""Synthetic tables: genlab's trees and networks beside other generators, on three tables, each cut into halves three times.

``python benchmarks/tables.py`` fits genlab, the floor (columns drawn apart) and the ceiling (real rows), and prints them
with the peers' stored outcomes (``benchmarks/peers.json``). ``--peers`` runs the peers again, which takes hours; they
live in environments of their own, as do the two tables that genlab does not ship (``benchmarks/peers/environments.py``
makes both). One thread; scores are medians over the splits. The splits were fixed before the first run, and no setting
of genlab was chosen on them. ``--figure FILE`` draws likeness against leak and time.

AUC: of a discriminator between holdout and synthetic rows, 0.5 is best. TSTR: train on synthetic, test on real, as a
share of training on real. share: synthetic rows nearer to a training row than to a holdout row, 0.5 is best. copies:
synthetic rows equal to a training row, and to a holdout row.
"""

import argparse
import datetime
import hashlib
import itertools
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

import matplotlib

matplotlib.use("Agg")
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from peers import environments, scores
from threadpoolctl import threadpool_limits

from genlab import files, surveys
from genlab.tables.synthesis.synthesizer import Synthesizer
from genlab.tables.types import Types

HERE = pathlib.Path(__file__).parent
STORE = HERE / "peers.json"
SPLITS = (100, 101, 102)
SMALL = (300, 1000, 5000)  # rows to learn from
TARGETS = {"fair": "affairs", "survey": "gender", "gss_wages": "gender"}
MODELS = {  # of genlab: what it is made with
    "trees": dict(method="trees"),
    "autoregressive": dict(method="autoregressive"),
    "vae": dict(method="vae"),
    "vae, aggregate": dict(method="vae", prior="aggregate"),
    "gan": dict(method="gan"),
}
WANTED = {  # the highest AUC and the lowest TSTR
    "trees": {"fair": (0.59, 0.95), "survey": (0.56, 0.98), "gss_wages": (0.54, 0.97)},
    "autoregressive": {"fair": (0.58, 0.965), "survey": (0.58, 0.965), "gss_wages": (0.55, 0.965)},
}
TSTR = {"vae": 0.85, "vae, aggregate": 0.85}  # on all tables
BETTER = 0.2  # AUC of a VAE below that of TVAE
SHARE = {"trees": 0.545, "autoregressive": 0.54, "vae": 0.54}  # at most; of the others it is shown
BELOW = 0.015  # of the network's pairs, below those of real rows, at most
SECONDS = 1.0  # of the trees
RIVALS = {  # of a network: at most this share of a peer's seconds
    "autoregressive": ("argn", 1 / 3),
    "vae": ("tvae", 1.0),
    "vae, aggregate": ("tvae", 1.0),
    "gan": ("ctgan", 1.0),
}
PEERS = {  # name in peers/run.py: environment, what it is
    "copula": ("classic", "Gaussian copula"),
    "arf": ("classic", "adversarial random forest"),
    "tvae": ("classic", "TVAE"),
    "ctgan": ("classic", "CTGAN"),
    "argn": ("argn", "TabularARGN"),
    "argn_open": ("argn", "TabularARGN, no protection"),
    "argn_discrete": ("argn", "TabularARGN open, discrete"),
}
NAMES = ("shapes", "pairs", "discriminator", "utility", "share", "copies", "copies of holdout", "fit", "sample", "wall")
HEAD = f"{'':<28}{'shapes':>7}{'pairs':>7}{'AUC':>7}{'TSTR':>7}{'share':>7}{'copies':>14}{'fit':>9}{'sample':>8}{'wall s':>9}"


def table(name, folder):
    """The rows of a table, or None where they are not at hand."""
    if name == "survey":
        return surveys.survey()
    path = folder / f"{name}.csv"
    if not path.exists():
        return None
    df = pd.read_csv(path, low_memory=False)
    if name == "gss_wages":  # occ10, a code of 500 occupations, looks like an amount: whoever guesses types is misled
        df = df.drop(columns="occ10").sample(40_000, random_state=0)
    return df


def declared(name):
    """The types that genlab is given: those that ship with the survey; elsewhere it guesses."""
    return Types.from_json(files.read("survey.types.json").read_text("utf-8")) if name == "survey" else None


def halves(df, seed):
    """Rows to learn from, and as many that nobody learns from."""
    order, half = np.random.default_rng(seed).permutation(len(df)), len(df) // 2
    return (df.iloc[rows].reset_index(drop=True) for rows in (order[:half], order[half : 2 * half]))


def shuffled(train, seed):
    """`train` with each column in an order of its own."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: train[name].array[rng.permutation(len(train))] for name in train})


def made(model, train, types, seed):
    """As many synthetic rows as `train` has, and what they cost."""
    marks = [(time.process_time(), time.monotonic())]
    model = Synthesizer(**MODELS[model], random_state=seed).fit(train, types=types)
    marks.append((time.process_time(), time.monotonic()))
    fake = model.sample(len(train), random_state=seed)
    marks.append((time.process_time(), time.monotonic()))
    fit, sample = (after[0] - before[0] for before, after in zip(marks, marks[1:], strict=False))
    return fake, {"fit": fit, "sample": sample, "wall": marks[2][1] - marks[0][1]}


def measure(name, train, holdout, seed, models=tuple(MODELS)):
    """Outcomes of the ceiling, the floor and genlab on one split, by what they are."""
    target = TARGETS[name]
    found = {
        "real rows": scores.score(train, holdout, train, target, seed),
        "columns drawn apart": scores.score(train, holdout, shuffled(train, seed), target, seed),
    }
    for model in models:
        fake, cost = made(model, train, declared(name), seed)
        found[f"genlab {model}"] = scores.score(train, holdout, fake, target, seed) | cost
    for leak in ("share", "copies", "copies of holdout"):  # of rows that are training rows: without meaning
        del found["real rows"][leak]
    return found


# -- peers --------------------------------------------------------------------------------------------------------------


def stored():
    return json.loads(STORE.read_text("utf-8"))["outcomes"] if STORE.exists() else []


def fingerprint(train):
    """16 digits that change with the rows of a split or with the scores, so that an old outcome is not taken for new."""
    code = (HERE / "peers" / "scores.py").read_bytes()
    return hashlib.sha256(train.to_csv(index=False).encode() + code).hexdigest()[:16]


def run_peer(peer, name, seed, folder):
    """Run one peer on one split in its environment, and keep what it made, and its cost, in `folder`."""
    train, _ = halves(table(name, folder), seed)
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")
    made = made_at(peer, name, seed, folder)
    made.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        learn = pathlib.Path(place) / "train.csv"
        train.to_csv(learn, index=False)
        python = environments.python(folder, PEERS[peer][0]).absolute()
        command = [python, HERE / "peers" / "run.py", peer, learn, made, str(seed)]
        done = subprocess.run(command, env=os.environ | single, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{peer} on {name}, split {seed}, failed:\n{done.stderr[-2000:]}")
    made.with_suffix(".json").write_text(done.stdout.splitlines()[-1], "utf-8")


def made_at(peer, name, seed, folder):
    return folder / "made" / f"{name}-{peer}-{seed}.csv"


def store(peer, name, seed, folder):
    """Score what a peer made on one split, and put its outcome in the store."""
    train, holdout = halves(table(name, folder), seed)
    made = made_at(peer, name, seed, folder)
    found = scores.score(train, holdout, pd.read_csv(made, low_memory=False), TARGETS[name], seed)
    cost = json.loads(made.with_suffix(".json").read_text("utf-8"))
    day = datetime.date.fromtimestamp(made.stat().st_mtime).isoformat()
    cell = {"table": name, "peer": peer, "split": seed}
    outcome = cell | found | cost | {"rows": fingerprint(train), "date": day}
    others = [other for other in stored() if not cell.items() <= other.items()]
    ordered = sorted([*others, outcome], key=lambda o: (list(TARGETS).index(o["table"]), o["peer"], o["split"]))
    about = f"{platform.machine()}, {os.cpu_count()} cores shared with other work, one thread a peer"
    lines = ",\n".join(json.dumps(one) for one in ordered)
    with files.whole(STORE) as part:
        part.write_text(f'{{"machine": {json.dumps(about)}, "outcomes": [\n{lines}\n]}}\n', "utf-8", newline="\n")
    print(f"{peer}, {name}, split {seed}: AUC {found['discriminator']:.3f}, {cost['fit']:.0f} s", flush=True)


# -- the table ----------------------------------------------------------------------------------------------------------


def line(name, outcomes, note=""):
    """One row: medians over splits."""
    value = {key: statistics.median(o[key] for o in outcomes) for key in NAMES if key in outcomes[0]}
    text = f"{name:<28}" + "".join(f"{value[key]:>7.3f}" if key in value else f"{'':>7}" for key in NAMES[:5])
    copies = f"{value['copies']:.4f}/{value['copies of holdout']:.4f}" if "copies" in value else ""
    cost = "".join(f"{value[key]:>{width}.2f}" if key in value else " " * width for key, width in COSTS.items())
    return f"{text}{copies:>14}{cost}  {note}".rstrip()


COSTS = {"fit": 9, "sample": 8, "wall": 9}


def medians(outcomes):
    """The middle of each score and cost over splits; nothing of no outcomes. "cost" is all processor seconds."""
    middle = {key: statistics.median(o[key] for o in outcomes) for key in NAMES if outcomes and key in outcomes[0]}
    return middle | ({"cost": statistics.median(o["fit"] + o["sample"] for o in outcomes)} if "fit" in middle else {})


def compare(name, folder, seeds, models):
    """Print the table of one data set; the medians by model, peers among them."""
    df = table(name, folder)
    if df is None:
        print(f"\n{name}: left out; python benchmarks/peers/environments.py fetches it")
        return {}
    print(
        f"\n{name}: {len(df):,} rows, {df.shape[1]} columns, target {TARGETS[name]}, splits {', '.join(map(str, seeds))}"
    )
    print(HEAD)
    splits, marks, found, rivals = {seed: tuple(halves(df, seed)) for seed in seeds}, {}, [], {}
    for seed, (train, holdout) in splits.items():
        marks[seed] = fingerprint(train)
        found.append(measure(name, train, holdout, seed, models))
    own = {model: [outcomes[model] for outcomes in found] for model in found[0]}
    for model, outcomes in own.items():
        print(line(model, outcomes))
    for peer, (_, words) in PEERS.items():
        cells = [o for o in stored() if (o["table"], o["peer"]) == (name, peer)]
        fresh = [o for o in cells if marks.get(o["split"]) == o["rows"]]
        rivals[peer] = medians(fresh)
        if fresh:
            versions = " ".join(f"{library} {version}" for library, version in fresh[0]["versions"].items())
            note = "" if len(fresh) == len(seeds) else f"{len(fresh)} split(s); "
            print(line(words, fresh, f"stored {max(o['date'] for o in fresh)}: {note}{versions}"))
        else:
            print(f"{words:<28}{'stored with other rows or scores: run it again' if cells else 'not run'}")
    for model in models:
        outcomes = own[f"genlab {model}"]
        print(f"  genlab {model}")
        for words, value, low, high in bars(name, model, medians(outcomes), medians(own["real rows"]), rivals):
            bound = f"at most {high:.3g}" if low == -math.inf else f"at least {low:.3g}"
            verdict = "no peer is stored" if math.isnan(low + high) else "yes" if low <= value <= high else "NO"
            print(f"    {words} {value:.3f}, wanted {bound}: {verdict}")
        print("    AUC by split: " + ", ".join(f"{o['discriminator']:.3f}" for o in outcomes))
    if "trees" in models:
        small(name, splits)
    named = {PEERS[peer][1]: middle for peer, middle in rivals.items() if middle}
    return {model: medians(outcomes) for model, outcomes in own.items()} | named


def bars(name, model, middle, real, rivals):
    """What is wanted of a model of genlab: words, the value, and the lowest and highest that are fine; NaN is unknown.

    Bars that hang on a peer are taken from what is stored of it.
    """
    peer, part = RIVALS.get(model, (None, math.nan))
    limit = part * rivals[peer].get("cost", math.nan) if peer else SECONDS
    found = [("fit and sample, processor s", middle["cost"], -math.inf, limit)]
    if model in WANTED:
        auc, utility = WANTED[model][name]
        found += [("AUC", middle["discriminator"], -math.inf, auc), ("TSTR", middle["utility"], utility, math.inf)]
    elif model in TSTR:
        auc = rivals[peer].get("discriminator", math.nan) - BETTER
        found += [("AUC", middle["discriminator"], -math.inf, auc), ("TSTR", middle["utility"], TSTR[model], math.inf)]
    if model in SHARE:
        found.append(("share", middle["share"], -math.inf, SHARE[model]))
    if model == "autoregressive":
        found.append(("pairs below real rows", real["pairs"] - middle["pairs"], -math.inf, BELOW))
    if model == "gan":
        found.append(("pairs", middle["pairs"], rivals[peer].get("pairs", math.nan), math.inf))
    return found


def draw(tables, path):
    """A panel a table: how well trees tell rows from real ones, against how close to training rows they are, and the time.

    Parameters
    ----------
    tables : dict of dict of dict
        Medians by table and model.
    path : Path
    """
    fig, panels = plt.subplots(1, len(tables), figsize=(6.4 * len(tables), 5.2), squeeze=False, layout="constrained")
    for ax, (name, models) in zip(panels[0], tables.items(), strict=True):
        place = -math.inf
        ax.axvspan(0.48, 0.52, color="0.93", zorder=0)
        ax.plot(0.5, 0.5, "*", color="tab:green", markersize=15, zorder=3)
        ax.annotate("real rows", (0.5, 0.5), (10, -4), textcoords="offset points", color="tab:green")
        ax.set(title=name, xlim=(0.47, 0.63), ylim=(1.06, 0.46))
        ax.set_xlabel("share of rows nearer to a training row than to a held-out one")
        for model, middle in sorted(models.items(), key=lambda item: item[1]["discriminator"]):
            if "share" not in middle:  # real rows
                continue
            x, y, seconds = middle["share"], middle["discriminator"], middle.get("cost", 0)
            colour, mark = ("tab:blue", "o") if model.startswith("genlab") else ("tab:orange", "o")
            colour, mark = (colour, mark) if seconds else ("0.2", "X")
            ax.scatter(
                x,
                y,
                s=40 + 110 * math.log10(1 + seconds),
                marker=mark,
                color=colour,
                alpha=0.7,
                zorder=2 if seconds else 3,
            )
            place = max(place + 0.032, y)  # of its name, below the last one
            words = model.removeprefix("genlab ") + (f", {seconds:.{1 if seconds < 10 else 0}f} s" if seconds else "")
            line = dict(arrowstyle="-", color="0.75", shrinkB=4, relpos=(0, 0.5))
            ax.annotate(words, (x, y), (0.634, place), va="center", fontsize=9, color=colour, arrowprops=line)
    panels[0, 0].set_ylabel("AUC of boosted trees that tell rows from real ones (up is better)")
    fig.suptitle(
        "Alike without copying: near the star is best. Larger dots took longer (processor seconds, one thread).\n"
        "Blue: genlab. Orange: peers, as stored. Cross: each column drawn by itself.",
        fontsize=11,
    )
    fig.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(fig)


def small(name, splits):
    """Print genlab beside real rows when there are few rows to learn from, as many are made, and all of the holdout."""
    for n in SMALL:
        if n > min(len(train) for train, _ in splits.values()):
            continue
        found = [measure(name, train.iloc[:n], holdout, seed, ["trees"]) for seed, (train, holdout) in splits.items()]
        for model in ("real rows", "genlab trees"):
            print(line(f"{model}, {n:,} rows", [outcomes[model] for outcomes in found]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tables", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="NAME")
    parser.add_argument(
        "--peers", nargs="*", choices=PEERS, metavar="PEER", help="run these again (all, if none is named)"
    )
    parser.add_argument("--splits", nargs="+", type=int, choices=SPLITS, default=SPLITS, help="that are run")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS), metavar="MODEL", help="of genlab")
    parser.add_argument(
        "--figure", type=pathlib.Path, metavar="FILE", help="draw the outcomes, stored peers among them"
    )
    parser.add_argument("--keep", action="store_true", help="run only those whose tables are not there; score all")
    parser.add_argument("--environments", type=pathlib.Path, default=environments.FOLDER, metavar="FOLDER")
    options = parser.parse_args()
    with threadpool_limits(1):
        if options.peers is None:
            found = {
                name: compare(name, options.environments, options.splits, options.models) for name in options.tables
            }
            if options.figure and any(found.values()):
                draw({name: models for name, models in found.items() if models}, options.figure)
            return
        for name, peer, seed in itertools.product(options.tables, options.peers or PEERS, options.splits):
            if not (options.keep and made_at(peer, name, seed, options.environments).with_suffix(".json").exists()):
                run_peer(peer, name, seed, options.environments)
            store(peer, name, seed, options.environments)


if __name__ == "__main__":
    main()
