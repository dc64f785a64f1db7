"""How well the digits' recipe learns, seed by seed, each model trained alone on one thread and on the training split.

``python benchmarks/digits_quality.py`` (a minute). All scores are taken on held-out rows, beside what real rows
score. The seeds and thresholds were fixed before the first run; the recipe was chosen on seeds 0 to 15. With more steps
the Frechet distance falls further, but samples come nearer to the training rows than to held-out ones.
"""

import statistics
import time

import torch

import genlab as gl

SEEDS, STEPS, SAMPLES = range(2000, 2008), 1500, 445  # as many samples as there are held-out rows
WANTED = dict(full=7, frechet=8, precision=0.75, recall=0.8, seconds=45)


def measure(seed, *, conditional=False):
    """Scores of one model by name, its CPU seconds, and how near it came to the training rows."""
    train, test, judge = gl.datasets.digits("train"), gl.datasets.digits("test"), gl.metrics.judge("digits")
    gan = gl.GAN(train, conditional=conditional, seed=seed, **gl.gan.RECIPES["digits"])
    start = time.process_time()
    gl.run(gan.steps(train), steps=STEPS, strict=True)
    seconds = time.process_time() - start
    x = gan.sample(SAMPLES, seed=seed)
    scores = dict(
        classes=gl.metrics.classes_covered(x, judge),
        frechet=gl.metrics.frechet(x, test, judge),
        precision=gl.metrics.precision(x, test, judge),
        recall=gl.metrics.recall(x, test, judge),
        sharpness=gl.metrics.sharpness(x, test),
    )
    if conditional:
        y = torch.arange(SAMPLES) % 10
        scores["control"] = gl.metrics.label_control(gan.sample(SAMPLES, y=y, seed=seed), y, judge)
    return scores, seconds, gl.metrics.nearest(x, train, test)


def report(conditional):
    rows = [measure(seed, conditional=conditional) for seed in SEEDS]
    names = list(rows[0][0])
    print(f"\n{'conditional' if conditional else 'unconditional'} GAN, {STEPS} steps")
    head = "".join(f"{name:>11}" for name in names)
    print(f"{'seed':>7}{head}{'cpu s':>8}   held-out - training distance (chance up to)")
    for seed, (scores, seconds, near) in zip(SEEDS, rows, strict=True):
        line = "".join(f"{scores[name]:11.3g}" for name in names)
        nearer = "nearer" if near.nearer else "within noise"
        print(f"{seed:>7}{line}{seconds:>8.1f}   {near.held_out - near.train:+.2f} ({near.high:+.2f}) {nearer}")
    median = {name: statistics.median(scores[name] for scores, _, _ in rows) for name in names}
    print(f"{'median':>7}" + "".join(f"{median[name]:11.3g}" for name in names))
    print(f"{'real':>7}" + "".join(f"{rows[0][0][name].floor:11.3g}" for name in names))
    full = sum(scores["classes"] == 10 for scores, _, _ in rows)
    print(
        f"all 10 classes in {full} of {len(rows)} seeds (wanted: {WANTED['full']}); median Frechet distance "
        f"{median['frechet']:.2f} (at most {WANTED['frechet']}), precision {median['precision']:.2f} (at least "
        f"{WANTED['precision']}), recall {median['recall']:.2f} (at least {WANTED['recall']}); no nearer to the training "
        f"rows in {sum(not near.nearer for _, _, near in rows)} of {len(rows)}; longest run "
        f"{max(seconds for _, seconds, _ in rows):.1f} s (at most {WANTED['seconds']})"
    )


def main():
    print(gl.metrics.judge("digits"))
    for conditional in (False, True):
        report(conditional)


if __name__ == "__main__":
    main()
